# %% [markdown]
# # 1. PCA and the deep auto-encoder
#
# This lesson compares the best linear code of a digit with the code of a deep network.
#
# ## The question
#
# A digit of 28 × 28 grey pixels is a list of 784 numbers. Most such lists are not digits, so fewer
# numbers should be enough to tell one digit from another. Principal component analysis (PCA) is the
# classic way to find fewer numbers: it projects all digits onto a few directions in which they
# differ most, and no other linear map loses less. A network with several layers can also compute
# non-linear functions. If both may keep only 30 numbers, how much closer to the digit does the
# network come?

# %% [markdown]
# ## The idea
#
# An auto-encoder has two halves. The encoder $f$ maps the input $x$ to a short latent code
# $z = f(x)$, and the decoder $g$ maps the code back to a reconstruction $\hat x = g(z)$. Both are
# trained together, so that $\hat x$ comes close to $x$. The target is the input itself, so no
# labels are needed.
#
# PCA is the smallest member of this family. With the mean digit $\mu$ and one kernel $W$ of
# 784 × 30 numbers,
#
# $$z = (x - \mu) W, \qquad \hat x = z W^\top + \mu .$$
#
# The decoder's kernel is the encoder's, transposed: the two are *tied*. In the drawing a dashed
# line joins them. The width of a bar is the logarithm of the number of values.

# %%
import keras

import zoo

keras.utils.set_random_seed(0)
data = zoo.datasets.load("mnist_5k")  # 4,000 training digits and 1,000 test digits

pca = zoo.build("pca", latent_dim=30)
zoo.plots.architecture(pca)

# %% [markdown]
# The deep auto-encoder also has a code of 30 numbers, but more layers on both sides, and a
# non-linear function (here SiLU) after each hidden layer. Its decoder has kernels of its own.

# %%
deep = zoo.build("deep_ae", widths=(500, 250), latent_dim=30)
zoo.plots.architecture(deep)

# %% [markdown]
# ## The smallest code
#
# For PCA the best $W$ is known in closed form: the eigenvectors of the covariance matrix with the
# largest eigenvalues. `adapt` computes them. The network has to be trained step by step with `fit`.
# `zoo.build` returns a Keras model that is already compiled, with an optimizer and a loss. The
# pixels lie between 0 and 1, and so do those of $\hat x$; `fit` minimises their binary
# cross-entropy, the mean over pixels and digits of
#
# $$-x_i \log \hat x_i - (1 - x_i) \log (1 - \hat x_i) .$$
#
# `reconstruct` is the encoder followed by the decoder. We compare both models by the squared
# difference, summed over the 784 pixels and averaged over the test digits, which PCA minimises on
# the training digits. For a scale, the same is measured for the mean of the training digits, drawn
# each time.

# %%
pca.adapt(data.train.images)
history = deep.fit(data.train.images, epochs=20, verbose=0)

digits = data.test.images
reconstructions = {"PCA": pca.reconstruct(digits), "deep": deep.reconstruct(digits)}
error = {name: zoo.evaluation.metrics.sse(digits, x) for name, x in reconstructions.items()}
mean_error = zoo.evaluation.metrics.sse(digits, data.train.images.mean(axis=0))
print(f"squared error per test digit: PCA {error['PCA']:.1f}, deep {error['deep']:.1f}")
print(f"squared error of the mean digit: {mean_error:.1f}")

# %% [markdown]
# ## The picture
#
# Ten test digits, which neither model has seen, and their reconstructions from 30 numbers. The
# error of each row is that of all 1,000 test digits.

# %%
rows = {"test digit": digits[:10]}
for name, x in reconstructions.items():
    rows[f"{name}, 30 numbers\nerror {error[name]:.1f}"] = x[:10]
zoo.plots.reconstructions(rows)

# %% [markdown]
# ## What to notice
#
# PCA leaves grey areas around the strokes. It can only add and subtract 30 fixed pictures, and
# where their grey tones do not cancel, a grey trace remains. The network draws clean strokes on a
# black ground. A likely reason is that the sigmoid of its last layer can set a pixel to nearly 0,
# and that the layers before it have learned which strokes go together.
#
# With two numbers instead of 30, the codes can be drawn as points. The labels only colour the
# points; training did not see them. A numbered disc stands where its class is densest and least
# mixed with others, which can be at the edge of the class. `latent_weight` adds a small penalty on
# long codes, so that the network keeps the plane compact.

# %%
planes = {}
for name in ("pca", "deep_ae"):
    if name == "pca":
        model = zoo.build(name, latent_dim=2).adapt(data.train.images)
    else:
        model = zoo.build(name, widths=(500, 250), latent_dim=2, latent_weight=1e-3)
        history = model.fit(data.train.images, epochs=15, verbose=0)
    found = zoo.evaluation.metrics.sse(digits, model.reconstruct(digits))
    planes[f"{name}: error {found:.1f}"] = model.encode(digits), data.test.labels
zoo.plots.scatter(planes)

# %% [markdown]
# In the plane of PCA only 0 and 1 stand apart, and the other classes lie on top of each other. The
# network moves digits that look different away from each other, because they need different codes
# if they are to be drawn well. The 1 now stands alone. 4, 7 and 9 lie above the round digits, but
# the groups touch, and inside a group the classes still mix. Two numbers are not many, and the
# network does not know the classes.
#
# ## What goes wrong
#
# The network has about 1.1 million weights, PCA has 24,304. What happens if there are few digits to
# learn from?

# %%
few = data.train.images[:100]
small_pca = zoo.build("pca", latent_dim=30).adapt(few)
small_deep = zoo.build("deep_ae", widths=(500, 250), latent_dim=30)
history = small_deep.fit(few, batch_size=10, epochs=100, verbose=0)
for name, model in {"PCA": small_pca, "deep": small_deep}.items():
    seen = zoo.evaluation.metrics.sse(few, model.reconstruct(few))
    new = zoo.evaluation.metrics.sse(digits, model.reconstruct(digits))
    print(f"100 training digits, {name:4}: error {seen:5.1f} on these, {new:5.1f} on test digits")

# %% [markdown]
# On the 100 digits that it has seen, the network is almost perfect. On new digits it is much worse
# than PCA. It has about 10,000 weights for each training digit, so it can store the digits
# themselves instead of learning how digits vary: it overfits. PCA is linear and has few weights, so
# it cannot store much, and its two errors lie closer together. A deeper model is only better if
# there is enough to learn from, and only an error on new data tells.
#
# ## Exercises
#
# 1. `linear_ae` has one linear layer each way, with two separate kernels, and is trained by
#    gradient descent. Build it with `latent_dim=30` and train it for 20 epochs. Which test error do
#    you expect: that of PCA, that of the deep network, or something else?
#
# <details>
# <summary>Answer</summary>
#
# That of PCA, almost: we measured 15.0. Without a non-linear function the two layers are one linear
# map through 30 numbers, and on the training digits no such map has a smaller error than PCA (Baldi
# and Hornik, 1989). Gradient descent finds nearly the same 30-dimensional subspace, but the axes in
# it are arbitrary, while those of PCA are sorted by the variance that they explain.
#
# </details>
#
# 2. How many numbers does PCA need to be as good as the network with 30? Try `latent_dim` from 40
#    to 80.
#
# <details>
# <summary>Answer</summary>
#
# Its test error is 11.6 with 40 numbers, 9.6 with 50, 8.7 with 55 and 6.0 with 80. So PCA needs
# about 55 numbers, nearly twice as many. For search or storage the shorter code is the better one.
#
# </details>
#
# ## References
#
# - Pearson, K. (1901). *On lines and planes of closest fit to systems of points in space*.
#   Philosophical Magazine.
# - Baldi, P. and Hornik, K. (1989). *Neural networks and principal component analysis: learning
#   from examples without local minima*. Neural Networks.
# - Hinton, G. and Salakhutdinov, R. (2006). *Reducing the dimensionality of data with neural
#   networks*. Science.
#
# ## Conclusion
#
# With 30 numbers for a digit, the deep auto-encoder leaves a squared error of **8.7** on test
# digits and PCA one of **14.6**: the error of PCA is **1.7** times as large. Drawing the mean digit
# every time costs **54.2**. The non-linear layers are worth it, as long as there are enough digits
# to train them.

# %%
ratio = error["PCA"] / error["deep"]
print(f"the error of PCA is {ratio:.1f} times that of the deep auto-encoder")
assert ratio > 1.3
