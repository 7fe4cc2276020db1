# %% [markdown]
# # 7. Generation
#
# If codes are drawn towards zero in the loss, they fill a known place, and a code picked there
# decodes to something like the data: the plane of a code of two numbers, sampled on a grid.

# %%
import keras

import zoo
from zoo import generation
from zoo.evaluation.metrics import box_fraction

keras.utils.set_random_seed(0)
data = zoo.datasets.load("mnist_5k")
x = data.test.images

# %%
models, inside = {}, {}
for penalty in (0.0, 1e-3):
    model = zoo.build("deep_ae", latent_dim=2, widths=(500, 250), latent_weight=penalty)
    model.fit(data.train.images, batch_size=32, epochs=10, verbose=0)
    models[penalty], inside[penalty] = model, box_fraction(model.encode(x))

# %%
zoo.plots.scatter({f"penalty {p:g}": (m.encode(x), data.test.labels) for p, m in models.items()})

# %%
model = models[1e-3]
zoo.plots.code_plane(generation.grid(model, (12, 12)), (12, 12))

# %% [markdown]
# Between two digits; and of a variational auto-encoder, whose codes are drawn to N(0, 1), samples.

# %%
zoo.plots.interpolation(generation.interpolate(model, x[0], x[1], steps=10))

# %%
vae = zoo.build("vae", latent_dim=8)
vae.fit(data.train.images, batch_size=32, epochs=10, verbose=0)
zoo.plots.sheet(generation.sample(vae, 32))

# %%
print(f"share of test codes in the box [-2, 2]: {inside}")
assert inside[1e-3] >= 0.9 > inside[0.0]
