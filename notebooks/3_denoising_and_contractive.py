# %% [markdown]
# # 3. Denoising and contractive auto-encoders
#
# A code wider than its input could copy it. Two ways to make it learn something instead: give it a
# corrupted input and ask for the clean one, or make the code change as little as possible when the
# input does.

# %%
import keras

import zoo

keras.utils.set_random_seed(0)
data = zoo.datasets.load("mnist_5k")
x = data.test.images

# %% [markdown]
# Denoising: the corruption is in the graph, and active in training only.

# %%
denoiser = zoo.build("denoising_ae", latent_dim=200, corruption="gaussian", level=0.4)
denoiser.fit(data.train.images, batch_size=32, epochs=10, verbose=0)
noisy = zoo.layers.corrupt(x, "gaussian", 0.4)
zoo.plots.restorations(x[:10], noisy[:10], {"denoising_ae": denoiser.reconstruct(noisy[:10])})

# %%
zoo.plots.filters(*zoo.plots.first_kernel(denoiser))

# %% [markdown]
# Contractive: the squared norm of the code's Jacobian is in the loss, exact for one sigmoid layer.
# Beside it the same net without the penalty.

# %%
norms = {}
for name, weight in {"contractive": 0.1, "plain": 0.0}.items():
    model = zoo.build("contractive_ae", latent_dim=200, contraction_weight=weight)
    model.fit(data.train.images, batch_size=32, epochs=10, verbose=0)
    norms[name] = zoo.evaluation.robustness.jacobian_norm(model.encoder, x[:16])

# %%
gain = zoo.evaluation.robustness.denoising_gain(denoiser.reconstruct, x)
print(f"{gain:.1f} dB nearer to the clean digits; Jacobian norms {norms}")
assert gain > 3
assert norms["contractive"] < norms["plain"] / 2
