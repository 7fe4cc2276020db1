# %% [markdown]
# # 4. Convolution, unpooling, deconvolution
#
# Down by convolution and pooling, up by unpooling and deconvolution. Unpooling puts a value back
# where its maximum stood, zeros elsewhere; or, where the positions are not known, fills the window
# with it.

# %%
import keras
import numpy as np

import zoo

keras.utils.set_random_seed(0)
data = zoo.datasets.load("mnist_5k")
x = data.test.images

# %%
values = np.array([[1, 5, 2, 0], [3, 4, 8, 6]], "float32").reshape(1, 2, 4, 1)
pooled, switches = zoo.layers.ArgmaxPooling2D(2)(values)
print(pooled[0, ..., 0].numpy(), switches[0, ..., 0].numpy())
print(zoo.layers.Unpooling2D(2, mode="argmax")(pooled, switches)[0, ..., 0].numpy())
print(zoo.layers.Unpooling2D(2, mode="fill")(pooled)[0, ..., 0].numpy())

# %% [markdown]
# Deconvolution is padding, and convolution with the reversed kernel.

# %%
kernel = np.arange(9, dtype="float32").reshape(3, 3, 1, 1)
deconvolution = keras.layers.Conv2DTranspose(1, 3, use_bias=False)
deconvolution.build(values.shape)
deconvolution.kernel.assign(kernel)
padded = np.pad(values, ((0, 0), (2, 2), (2, 2), (0, 0)))
by_hand = keras.ops.conv(padded, kernel[::-1, ::-1])
difference = float(np.abs(deconvolution(values) - by_hand).max())

# %% [markdown]
# The same net, once for each way to unpool. The positions are told to the decoder beside the code:
# they weigh two bits for each pooled value, which the comparison must say.

# %%
sse, shown = {}, {"digits": x[:10]}
for unpooling in ("fill", "argmax"):
    model = zoo.build("conv_ae", unpooling=unpooling, filters=(8, 16), latent_dim=32)
    model.fit(data.train.images, epochs=5, verbose=0)
    sse[unpooling] = zoo.evaluation.metrics.sse(x, model.reconstruct(x))
    shown[unpooling] = model.reconstruct(x[:10])
    print(unpooling, sse[unpooling], f"and {model.switch_bits:.0f} bits of positions")
zoo.plots.reconstructions(shown)

# %%
_, switches = model.encode(x[:1], switches=True)
zoo.plots.switches(x[0], switches[0][0], pool_size=2)

# %%
print(sse, difference)
assert difference < 1e-5
assert sse["argmax"] < sse["fill"]
