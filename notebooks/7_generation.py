# %% [markdown]
# # 7. Generation
#
# This lesson draws new digits from latent codes, and finds out which codes can be drawn from.

# %% [markdown]
# ## The question
#
# The decoder of an auto-encoder turns a code into an image, and it does not ask where the code
# comes from. So it should be able to invent: choose any two numbers, decode them, and look at a
# digit that nobody wrote. But training only ever decoded the codes of training digits. Of all other
# codes the decoder has learned nothing. What must be true of codes before new digits can be drawn
# from them?

# %% [markdown]
# ## The idea
#
# Two things would help.
#
# First, we should know *where* the codes lie, so that we can choose one there. Nothing in the loss
# of a plain auto-encoder says where: the codes may be anywhere, and of any size. A penalty on the
# length of the code $z$, with a weight $\lambda$, draws them towards zero:
#
# $$L = \text{error}(x, \hat x) + \lambda \lVert z \rVert^2 ,$$
#
# where the error is the binary cross-entropy of lesson 1.
#
# Second, *between* the codes of two training digits there should be no hole. A variational
# auto-encoder (VAE) sees to this by noise. Its encoder returns a mean $\mu$ and a deviation
# $\sigma$ for each number, the code is drawn at random, $z = \mu + \sigma \epsilon$ with noise
# $\epsilon$ from $N(0,1)$, and the decoder must still draw the digit. So each digit has a small
# cloud of codes and not a point. A second term of the loss, the Kullback-Leibler divergence, keeps
# the clouds from shrinking to points and from drifting apart: it pulls them all towards the
# standard normal distribution $N(0, 1)$, from which we then know how to draw. With both terms in
# nats and of equal weight the loss is
#
# $$L = -\sum_i \left( x_i \log \hat x_i + (1 - x_i) \log(1 - \hat x_i) \right)
# + \frac{1}{2} \sum_j \left( \mu_j^2 + \sigma_j^2 - 1 - \log \sigma_j^2 \right) .$$
#
# In the drawing, mean and log variance are both computed from the 250 values. `encode` returns the
# mean.

# %%
import logging

import keras
import numpy as np

import zoo
from zoo import generation

logging.getLogger("tensorflow").setLevel(logging.ERROR)  # no advice on speed here
keras.utils.set_random_seed(0)
data = zoo.datasets.load("mnist_5k")
digits, labels = data.test.images, data.test.labels

models = {
    "no penalty": zoo.build("deep_ae", widths=(500, 250), latent_dim=2),
    "penalty": zoo.build("deep_ae", widths=(500, 250), latent_dim=2, latent_weight=1e-3),
    "VAE": zoo.build("vae", widths=(500, 250), latent_dim=2),
}
zoo.plots.architecture(models["VAE"])

# %% [markdown]
# ## The smallest code
#
# Three models with a code of two numbers and layers of the same widths, trained for ten epochs:
# without a penalty, with it, and a VAE. (The first two have SiLU and the VAE has ReLU as
# activation, and each has the learning rate of its own recipe.) Of the numbers drawn from
# $N(0, 1)$, 95 % lie between -2 and 2, so the square box from -2 to 2 is where one would look for
# codes. Two things are counted: how many codes of test digits lie in the box, and how much of the
# box is filled: cut into 10 × 10 cells, how many hold the code of a training digit.

# %%
codes, inside, filled = {}, {}, {}
for name, model in models.items():
    history = model.fit(data.train.images, batch_size=32, epochs=10, verbose=0)
    codes[name] = model.encode(digits)
    inside[name] = zoo.evaluation.metrics.box_fraction(codes[name], (-2, 2))
    cells = np.histogram2d(*model.encode(data.train.images).T, bins=10, range=[(-2, 2), (-2, 2)])[0]
    filled[name] = np.mean(cells > 0)
    error = zoo.evaluation.metrics.sse(digits, model.reconstruct(digits))
    print(f"{name:10}  {inside[name]:5.1%} of the codes in the box, {filled[name]:4.0%} of the box "
          f"filled, error {error:.1f}")  # fmt: skip

# %% [markdown]
# ## The picture
#
# Above, the codes of the test digits, coloured by their label, and the box in black. A numbered
# disc stands where its class is densest and least mixed with others. The axes of the three panels
# differ. Below, what is in the box: 12 × 12 codes on a regular grid, decoded.

# %%
BOX = np.array([(-2, -2), (2, -2), (2, 2), (-2, 2), (-2, -2)])

figure, axes = zoo.plots.panels(6, height=2.9)
for (name, model), above, below in zip(models.items(), axes[:3], axes[3:], strict=True):
    zoo.plots.scatter({name: (codes[name], labels)}, ax=above)
    numbers = f"{inside[name]:.1%} in the box, {filled[name]:.0%} of it filled"
    zoo.plots.title(above, name, numbers)
    above.plot(*BOX.T, color="black", linewidth=1.5)
    zoo.plots.code_plane(generation.grid(model, (12, 12)), (12, 12), ax=below)
figure

# %% [markdown]
# ## What to notice
#
# Without a penalty hardly any code lies in the box. The cloud of codes is about twenty times as
# wide and lies beside the box, which is the small square; nothing in the loss decides where. The
# decoder answers all the same: with the 1 whose codes are nearest, with a 1 in black on white, and
# with grey noise.
#
# The penalty does what it says: nearly all codes are in the box. But a part of the images is junk
# as before. The codes were drawn *towards* zero, and nothing asked them to lie on all sides of it.
# Where there are no codes, the decoder has learned nothing.
#
# The VAE keeps fewer codes in the box than the penalty does, because its outer classes reach beyond
# it. Of pairs of numbers from $N(0, 1)$, 91 % would lie in the box (0.954 · 0.954), so its codes
# are only roughly distributed like $N(0, 1)$. But they lie on all sides, without large gaps, and
# most images are digits; in the middle some are blurred. A likely reason is the noise: a digit
# which is decoded from a cloud of codes leaves no room for junk in its neighbourhood.
#
# The fixed box is unfair to the model without a penalty in one way: its codes lie somewhere else,
# and that place can be measured. So take for each model the box that fits it, from the 1 % to the
# 99 % quantile of its training codes, and decode that.

# %%
figure, axes = zoo.plots.panels(2, height=4.2)
for name, ax in zip(("no penalty", "VAE"), axes, strict=True):
    box = tuple(np.quantile(models[name].encode(data.train.images), (0.01, 0.99)).round(1))
    zoo.plots.code_plane(generation.grid(models[name], (14, 14), box), (14, 14), box, ax=ax)
    zoo.plots.title(ax, f"{name}: box from {box[0]:.1f} to {box[1]:.1f}")
figure

# %% [markdown]
# The plain model shows more classes now. But a cloud of codes is no square, and where the square
# has no codes, the image is a white sheet. So a box alone, even a fitted one, is no place to draw
# from. The VAE's box is a little larger than the first one, and still most images could be digits.
#
# The same is seen on the way from one digit to another. The mean of two images shows both at once.
# The codes between two codes should show something between the two digits. The two ends are digits
# that the VAE draws well.

# %%
errors = np.square(digits - models["VAE"].reconstruct(digits)).sum(axis=(1, 2, 3))
ends = [digits[labels == label][errors[labels == label].argmin()] for label in (7, 0)]
steps = np.linspace(0, 1, 9, dtype="float32")[:, None, None, None]
rows = {"mix of pixels": (1 - steps) * ends[0] + steps * ends[1]}
for name in ("no penalty", "VAE"):
    rows[f"codes, {name}"] = generation.interpolate(models[name], *ends, steps=9)
zoo.plots.reconstructions(rows)

# %% [markdown]
# In both models the way leads over other digits, and not over double pictures. The plain model does
# this no worse: between two codes of its cloud there are further codes. In the middle of the VAE's
# plane many classes meet, and the decoder hedges between them, which is the grey blur. To
# interpolate, one starts from codes that exist. To draw, one has to know where they are.

# %% [markdown]
# ## What goes wrong
#
# A popular mistake is to draw codes of a plain auto-encoder from $N(0, 1)$, as one does with a VAE.
# The zoo refuses:

# %%
plain = models["no penalty"]
try:
    generation.sample(plain, 1000)
except zoo.errors.UsageError as error:
    print(error)

# %% [markdown]
# What would have come out? And is a mixture of ten Gaussians, fitted to the codes of the training
# digits, a better place to draw from? To measure it, look for the training digit that is nearest to
# each of 1,000 drawn images: how far away is it, and how many classes do these nearest digits have?

# %%
from sklearn.neighbors import NearestNeighbors

known = NearestNeighbors(n_neighbors=1).fit(data.train.images.reshape(-1, 784))
train_codes = plain.encode(data.train.images)
draws = {
    "no penalty,\nN(0, 1)": plain.decode(np.random.default_rng(0).normal(size=(1000, 2))),
    "no penalty,\nmixture": generation.sample(plain, 1000, prior="mixture", codes=train_codes),
    "VAE,\nN(0, 1)": generation.sample(models["VAE"], 1000),
    "real digits": digits,
}
for name, images in draws.items():
    distances, nearest = known.kneighbors(images.reshape(-1, 784))
    classes = np.bincount(data.train.labels[nearest[:, 0]], minlength=10)
    print(f"{' '.join(name.split()):20} squared distance {np.square(distances).mean():5.1f}, "
          f"nearest to a digit 0, 1, ... 9: {classes}")  # fmt: skip

zoo.plots.reconstructions({name: images[:10] for name, images in draws.items()})

# %% [markdown]
# The codes drawn for the plain model land beside its cloud. The images are four times as far from
# any training digit as a real test digit is, and for 856 of 1,000 the nearest training digit is a 0
# or a 1. The mixture knows where the codes are: all ten classes come out, and so they do from the
# VAE, which needs no codes to draw from but only random numbers. (Drawn images can be nearer to a
# training digit than a real one is. They are blurred, and what is blurred is not far from
# anything.)

# %% [markdown]
# ## Exercises
#
# 1. Train the model with `latent_weight` 1e-1 instead of 1e-3. How many codes lie in the box, and
#    what does the box look like? What became worse?
#
# <details>
# <summary>Answer</summary>
#
# All of them, 100 %, and the box looks worse: most of it is junk. The codes have a standard
# deviation of 0.09 and fill a dot in the middle of the box. Two numbers this small are hard to tell
# apart for the decoder, so the error rises to about 43. (Drawing the mean digit each time costs
# 54.) The fraction of codes in the box says little if the box is not filled.
#
# </details>
#
# 2. `generation.sample(models["penalty"], 10)` is refused too, although nearly all of its codes lie
#    in the box. Is the message right?
#
# <details>
# <summary>Answer</summary>
#
# Yes. The penalty says that codes should be short, not that they should be distributed like
# $N(0, 1)$. They fill only a part of the box, and a code drawn from $N(0, 1)$ would often fall into
# the rest. With `prior="mixture"` and the codes of the training digits, this model can be sampled
# as well.
#
# </details>

# %% [markdown]
# ## References
#
# - Kingma, D. P. and Welling, M. (2014). *Auto-encoding variational Bayes*. International
#   Conference on Learning Representations.
# - Rezende, D. J., Mohamed, S. and Wierstra, D. (2014). *Stochastic backpropagation and approximate
#   inference in deep generative models*. International Conference on Machine Learning.
# - Ghosh, P., Sajjadi, M. S. M., Vergari, A., Black, M. and Schölkopf, B. (2020). *From variational
#   to deterministic autoencoders*. International Conference on Learning Representations.

# %% [markdown]
# ## Conclusion
#
# Codes must come from a distribution that we know. A VAE gives one by training; for a plain model a
# mixture can be fitted afterwards. Images drawn in these two ways are equally near to training
# digits, at a squared distance of **22.8** and **22.5**. A box alone does not do: without a penalty
# **0.2%** of the codes of test digits lie in the box from -2 to 2. With a penalty it is **96.0%**,
# but the codes fill only **68%** of the box. The codes of the VAE fill **99%** of it.

# %%
for name in models:
    print(f"{name:10}  {inside[name]:5.1%} in the box, {filled[name]:4.0%} of it filled")
assert filled["penalty"] < filled["VAE"]
assert inside["no penalty"] < 0.2 < 0.8 < inside["penalty"]
