# %% [markdown]
# # 1. PCA and the deep auto-encoder
#
# An encoder makes a short code of an image, a decoder makes the image of the code, and both learn
# by comparing what comes out with what went in: no labels are needed. With one linear layer each
# way, of one kernel W and its transpose, the best auto-encoder is principal component analysis.
# Deeper ones do better.

# %%
import keras

import zoo

keras.utils.set_random_seed(0)
data = zoo.datasets.load("mnist_5k")  # 5,000 real digits; "mnist" has all 70,000
x = data.test.images

# %% [markdown]
# PCA as a model: `adapt` finds the closed form, and the decoder's kernel is the encoder's,
# transposed.

# %%
pca = zoo.build("pca", latent_dim=30).adapt(data.train.images)
pca.summary()

# %% [markdown]
# A deep auto-encoder, 784-500-250-30 and back.

# %%
deep = zoo.build("deep_ae", widths=(500, 250), latent_dim=30)
history = deep.fit(
    data.train.images, validation_data=x, batch_size=32, epochs=20, verbose=0
).history
zoo.plots.curves(history)

# %%
made = {"digits": x[:10], "deep_ae": deep.reconstruct(x[:10]), "PCA": pca.reconstruct(x[:10])}
zoo.plots.reconstructions(made)

# %% [markdown]
# Two numbers a digit, so that codes can be seen.

# %%
shown = {}
for name in ("deep_ae", "pca"):
    model = zoo.build(name, latent_dim=2).adapt(data.train.images)
    if name == "deep_ae":
        model.fit(data.train.images, batch_size=32, epochs=8, verbose=0)
    shown[name] = model.encode(x), data.test.labels
zoo.plots.scatter(shown)

# %% [markdown]
# The squared error, summed over a digit's pixels.

# %%
sse = {
    name: zoo.evaluation.metrics.sse(x, model.reconstruct(x))
    for name, model in {"deep_ae": deep, "PCA": pca}.items()
}
print(sse)
assert sse["deep_ae"] < 0.9 * sse["PCA"]
