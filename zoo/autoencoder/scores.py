"""The anomaly scores that a scorer can compute, each the sum of one or two parts."""

SCORES = {
    "reconstruction": ("reconstruction",),
    "latent": ("latent",),
    "both": ("reconstruction", "latent"),
}
