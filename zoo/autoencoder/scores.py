"""The anomaly scores that a scorer can compute, and the parts that each is the sum of."""

SCORES = {
    "reconstruction": ("reconstruction",),
    "latent": ("latent",),
    "both": ("reconstruction", "latent"),
}
