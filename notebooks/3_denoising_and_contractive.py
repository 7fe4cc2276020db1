# %% [markdown]
# # 3. Denoising and contractive auto-encoders
#
# This lesson shows two ways to make a wide code learn something better than a copy of its input.
#
# ## The question
#
# The codes of the first lessons were short, and that forced them to leave things out. But a short
# code is not always wanted: a wide one can have many specialised units, such as one for each kind
# of stroke. Its danger is plain. If the code has as many numbers as the picture has pixels, the
# network can pass every pixel through unchanged. The reconstruction error is then small, and
# nothing was learned about digits. How can a code that is wider than its input be kept from
# copying it?

# %% [markdown]
# ## The idea
#
# The first way is to make a copy *wrong*. A denoising auto-encoder sees a corrupted digit
# $\tilde x = x + \epsilon$ and is compared with the clean one:
#
# $$L = \ell \left( x, \; g(f(\tilde x)) \right) .$$
#
# Here $\ell$ is the reconstruction loss, the binary cross-entropy of lesson 1, and $\tilde x$ is
# clipped to the range from 0 to 1. Copying the input would also copy the noise. To undo the noise,
# the network has to know what strokes look like. The noise is a layer of the network, in the first
# row of the drawing. It is active in training only.

# %%
import keras
import numpy as np

import zoo
from zoo.evaluation.metrics import psnr

keras.utils.set_random_seed(0)
data = zoo.datasets.load("mnist_5k")  # 4,000 training digits and 1,000 test digits
digits = data.test.images

denoiser = zoo.build("denoising_ae", widths=(800,), latent_dim=800, level=0.4)
zoo.plots.architecture(denoiser)

# %% [markdown]
# The second way is to make a copy *expensive*. A contractive auto-encoder adds a penalty to the
# loss: the sum of the squared derivatives of all numbers of the code with respect to all pixels,
#
# $$L = \ell \left( x, \; g(f(x)) \right)
# + \lambda \sum_{i,j} \left( \frac{\partial z_j}{\partial x_i} \right)^2 .$$
#
# Here $\ell$ is summed over the pixels, and $\lambda$ is 0.1. A code that copies follows every
# pixel, so its derivatives are large. The penalty allows the code to move only in the directions
# that the reconstruction needs. This network has one layer each way, with tied kernels (exercise 2
# says why), and the penalty is computed by the layer `JacobianPenalty`, which changes nothing on
# the way.

# %%
contractive = zoo.build("contractive_ae", latent_dim=1000, contraction_weight=0.1, tied=True)
zoo.plots.architecture(contractive)

# %% [markdown]
# ## The smallest code
#
# For each way two networks of the same shape. The first pair has a code of 800 numbers for 784
# pixels. The noise of the one has a standard deviation of 0.4, and that of the other has none: it
# is a plain auto-encoder. Then both get test digits with noise. The second pair has a code of 1,000
# numbers, with the penalty and without it.

# %%
plain = zoo.build("denoising_ae", widths=(800,), latent_dim=800, level=0.0)
for model in (plain, denoiser):
    history = model.fit(data.train.images, batch_size=128, epochs=12, verbose=0)

free = zoo.build("contractive_ae", latent_dim=1000, contraction_weight=0.0, tied=True)
for model in (free, contractive):
    history = model.fit(data.train.images, epochs=10, verbose=0)

noisy = zoo.layers.corrupt(digits, "gaussian", 0.4)
restored = {"plain": plain.reconstruct(noisy), "denoising": denoiser.reconstruct(noisy)}

# %% [markdown]
# ## The picture
#
# Ten test digits, the same with noise, and what the first pair of networks makes of the noisy ones.
# The number beside each row says how close these ten are to the clean digits, as peak
# signal-to-noise ratio: 10 dB more mean a tenth of the squared error.

# %%
zoo.plots.restorations(digits[:10], noisy[:10], {name: x[:10] for name, x in restored.items()})

# %% [markdown]
# ## What to notice
#
# The plain network removes a part of the noise (11.0 dB becomes 14.5 dB) and leaves bright spots.
# The denoising network reaches 17.9 dB, and the strokes it draws are smooth, although it has never
# seen these digits, neither with noise nor without.
#
# The contractive network can be looked at from inside. For one test digit, the derivatives of the
# code form a matrix, the Jacobian. Its singular values say how strongly the code reacts to a change
# of the picture, direction by direction, from the strongest of the 784 to the weakest. For one
# sigmoid layer, $z = \sigma(x W + b)$, the Jacobian is $W$ with each column multiplied by
# $z_j (1 - z_j)$.


# %%
def singular_values(model, images):
    """The singular values of the Jacobian of a code of one sigmoid layer, mean over images."""
    kernel = model.get_layer("encoder_1").kernel.numpy()
    slopes = [z * (1 - z) for z in model.encode(images)]
    return np.mean([np.linalg.svd(kernel * slope, compute_uv=False) for slope in slopes], axis=0)


values = {}
for name, model in {"no penalty": free, "contractive": contractive}.items():
    values[name] = singular_values(model, digits[:5])
    error = zoo.evaluation.metrics.sse(digits, model.reconstruct(digits))
    norm = np.sum(values[name] ** 2)
    print(f"{name}: squared norm of the Jacobian {norm:.0f}, error {error:.1f}")

figure, (ax,) = zoo.plots.panels(1, height=3.2, width=5.6)
for name, colour in {"no penalty": "#2f6fb3", "contractive": "#d9622b"}.items():
    ax.plot(np.arange(1, 785), values[name], color=colour)
    ax.annotate(name, (400, values[name][400]), (0, 6), textcoords="offset points", color=colour)
ax.set_yscale("log")
ax.spines[["top", "right"]].set_visible(False)
ax.set_ylim(1e-4)
ax.set_xlabel("direction, from the strongest to the weakest")
ax.set_ylabel("singular value")
zoo.plots.title(ax, "How strongly the code reacts to a change")
figure

# %% [markdown]
# Without the penalty the code reacts to a change in nearly every direction: it follows the pixels.
# The contractive code still reacts to its strongest directions, and about ten times less to those
# in the middle of the list. The two curves are not parallel, so the penalty did not just shrink the
# kernel, and the reconstructions stay good: the error rises from 1.6 to 3.9, where drawing the mean
# digit costs 54 (lesson 1). Both ways are meant to make the code react less to changes that are not
# typical of digits. Measured here is only the contractive one.
#
# ## What goes wrong
#
# A denoising auto-encoder learns to remove the noise that it was shown. What does it do with
# another damage, and with digits that are not damaged at all? Here the same network gets digits
# with a grey square on them, and clean digits.

# %%
square = digits.copy()
square[:, 10:18, 10:18] = 0.5
print(f"grey square: {psnr(digits, square):.1f} dB before,", end=" ")
print(f"{psnr(digits, denoiser.reconstruct(square)):.1f} dB after")
for name, model in {"plain": plain, "denoising": denoiser}.items():
    print(f"clean digits through {name}: {psnr(digits, model.reconstruct(digits)):.1f} dB")

# %%
rows = {"grey square": square[:10], "the same,\ndenoised": denoiser.reconstruct(square[:10])}
rows |= {"clean digit": digits[:10], "clean digit,\ndenoised": denoiser.reconstruct(digits[:10])}
zoo.plots.reconstructions(rows)

# %% [markdown]
# The square is not removed. It is smeared into the digit, and the result is farther from the clean
# digit than the damaged one was. Even clean digits come out worse than from the plain network: the
# strokes are too thick. A likely reason is in the training data. Noise that is clipped to the range
# from 0 to 1 can make a white pixel only darker, so the network may have learned that strokes are
# brighter and wider than they look. It never saw a digit that needed no correction. A denoising
# auto-encoder undoes the damage that it was trained on. If other damage is expected, it must be
# part of the training.
#
# ## Exercises
#
# 1. `zoo.layers.corrupt(digits, "salt_and_pepper", 0.2)` sets a fifth of the pixels to black or
#    white, and `"masking"` with 0.4 sets 40 % of them to black. The denoising network has seen
#    neither. For which of the two does it help more? Measure with `psnr`, before and after.
#
# <details>
# <summary>Answer</summary>
#
# For salt and pepper: from 10.2 dB before to 17.7 dB after, nearly as good as for the noise it was
# trained on. Single wrong pixels, black or white, look much like strong normal noise. With masking
# it goes from 13.4 dB to 16.2 dB. Missing pixels make strokes darker, which this network knows from
# clipped noise, but never so dark.
#
# </details>
#
# 2. For a code of one sigmoid layer, write the sum of the squared derivatives in terms of $W$ and
#    $z$. The network could make it as small as it likes by shrinking $W$. Why did we build the
#    contractive network with `tied=True`?
#
# <details>
# <summary>Answer</summary>
#
# The derivative of $z_j$ with respect to $x_i$ is $z_j (1 - z_j) W_{ij}$, so the sum is
# $\sum_j (z_j (1 - z_j))^2 \sum_i W_{ij}^2$. It becomes small if $W$ is small, or if a unit is
# close to 0 or 1. A decoder with a kernel of its own could enlarge again what the encoder shrank,
# and the penalty would cost nothing. If the decoder uses $W^\top$, a small $W$ also draws pale
# digits, so the network can only afford the penalty by choosing its directions well.
#
# </details>
#
# ## References
#
# - Vincent, P., Larochelle, H., Lajoie, I., Bengio, Y. and Manzagol, P.-A. (2010). *Stacked
#   denoising autoencoders: learning useful representations in a deep network with a local denoising
#   criterion*. Journal of Machine Learning Research.
# - Rifai, S., Vincent, P., Muller, X., Glorot, X. and Bengio, Y. (2011). *Contractive
#   auto-encoders: explicit invariance during feature extraction*. ICML.
# - Alain, G. and Bengio, Y. (2014). *What regularized auto-encoders learn from the data-generating
#   distribution*. Journal of Machine Learning Research.
#
# ## Conclusion
#
# A code wider than its input can be kept from copying by making a copy wrong or expensive. On all
# 1,000 noisy test digits the denoising network comes **3.2** dB closer to the clean digits than a
# plain one of the same shape. The contraction penalty lowers the squared norm of the Jacobian from
# **507** to **93**, and the reconstruction error rises from **1.6** to **3.9**.

# %%
gain = psnr(digits, restored["denoising"]) - psnr(digits, restored["plain"])
print(f"on noisy digits the denoising network is {gain:.1f} dB closer to the clean ones")
assert gain > 2.5
