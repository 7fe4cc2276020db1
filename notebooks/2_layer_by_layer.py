# %% [markdown]
# # 2. Layer by layer
#
# This lesson trains a network one layer at a time without labels, and measures what that is good
# for when few labels are known.
#
# ## The question
#
# Pictures are cheap, labels are not: somebody has to look at each picture and say what it shows.
# Suppose there are 4,000 digits, but only 100 of them have a label. A classifier can learn from the
# 100 and forget the others. Or its layers first learn from all 4,000 what digits look like, and the
# labels are used only at the end. Does this pre-training lower the error on new digits, by more
# than the luck of which 100 digits were labelled?

# %% [markdown]
# ## The idea
#
# In layer-wise pre-training the first layer learns alone, as a small model of the pixels. Then it
# is fixed, and the second layer learns from the codes that the first one returns, and so on. Each
# small model is here a restricted Boltzmann machine (RBM). It joins a layer of visible units $v$ to
# a layer of hidden units $h$ by one kernel $W$, which is used in both directions:
#
# $$P(h_j = 1 \mid v) = \sigma(v W + b)_j, \qquad P(v_i = 1 \mid h) = \sigma(h W^\top + c)_i .$$
#
# Here $\sigma(a) = 1 / (1 + e^{-a})$ is the sigmoid, and $b$ and $c$ are biases. The rule by which
# it learns is *contrastive divergence*. A digit $v$ gives the probabilities $h$ of the hidden
# units. From hidden units that are drawn by these follows a reconstruction $v'$, which gives $h'$
# in turn. Then $W$ is changed in the direction of
#
# $$v^\top h - v'^\top h' ,$$
#
# so that the digit becomes more likely, and the reconstruction less. So the hidden units must
# describe what digits have in common. At the end the layers are unrolled into an auto-encoder,
# whose decoder starts with the transposed kernels, and all layers are trained together. The encoder
# alone is the start of a classifier.

# %%
import keras
import numpy as np
from sklearn.linear_model import LogisticRegression

import zoo
from zoo.training import finetune

keras.utils.set_random_seed(0)
data = zoo.datasets.load("mnist_5k")  # 4,000 training digits and 1,000 test digits
digits = data.test.images


def build():
    return zoo.build("stacked_ae", widths=(500,), latent_dim=250, activation="sigmoid")


network = build()
zoo.plots.architecture(network)

# %% [markdown]
# ## The smallest code
#
# `zoo.pretrain` learns the layers from the bottom up, in place. `fit` then trains all of them
# together. No labels are used. The error is the squared difference, summed over the pixels of a
# test digit.

# %%
random_weights = network.get_weights()
stages = zoo.pretrain(network, data, method="rbm", epochs=10, validation_split=0.0)
pretrained = network.get_weights()


def error(model):
    return zoo.evaluation.metrics.sse(digits, model.reconstruct(digits))


errors = {"unrolled": error(network)}
history = network.fit(data.train.images, epochs=10, verbose=0)
errors["fine-tuned"] = error(network)
reconstructing = network.get_weights()

other = build()
history = other.fit(data.train.images, epochs=20, verbose=0)
errors["random weights"] = error(other)
print(*(f"{name}: {value:.1f}" for name, value in errors.items()), sep=", ")

# %% [markdown]
# The four steps as a drawing, with the error after each. A layer that learns alone reconstructs
# what it sees: the first one pixels, the second one the 500 codes of the first. Both errors are
# those of training digits, the other two those of test digits. Unrolling changes no weight, it only
# puts the two layers behind each other. In step 4 the decoder's kernels start as the encoder's,
# transposed, and then become its own: $V_1$ and $V_2$.

# %%
notes = [f"training error {stage['history']['reconstruction_error'][-1]:.1f}" for stage in stages]
notes[1] += "\nof the codes"
notes += [f"test error {errors[name]:.1f}" for name in ("unrolled", "fine-tuned")]
zoo.plots.layerwise((784, 500, 250), notes)

# %% [markdown]
# ## The picture
#
# Now the labels. Five classifiers learn from the same labelled digits, 100 or 1,000 of them. Three
# never saw the other digits: logistic regression on the pixels; logistic regression on the codes of
# an encoder with random weights, which stay as they are; and that encoder with all its layers
# trained. Two start from the weights after step 3: all layers trained, or logistic regression on
# the codes, for which the layers stay as they are. Which digits have a label is drawn three times.
#
# The number of epochs of pre-training, 10 for each layer, was chosen among 5, 10 and 20 on 1,000
# training digits that were held out; the test digits had no part in it.
#
# In the picture orange is pre-trained and blue is not. Each dot is a draw, each stroke the mean of
# three, and further left is better. The two axes differ, and do not start at 0.


# %%
def fine_tuned(weights, labelled):
    """Returns the test error, in percent, of an encoder that starts from some weights."""
    keras.utils.set_random_seed(0)
    network.set_weights(weights)
    classifier = zoo.classifier(network, classes=10)  # a copy of the encoder, and a softmax layer
    classifier.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    size = 20 if len(labelled) < 1000 else 50
    epochs = 200 * size // len(labelled)  # 200 steps
    classifier.fit(labelled.inputs, labelled.labels, batch_size=size, epochs=epochs, verbose=0)
    _, accuracy = classifier.evaluate(digits, data.test.labels, batch_size=1000, verbose=0)
    return 100 * (1 - accuracy)


def logistic(codes, labelled, test_codes):
    """Returns the test error, in percent, of logistic regression on codes."""
    model = LogisticRegression(max_iter=1000)
    model.fit(codes.reshape(len(codes), -1), labelled.labels)
    return 100 * (1 - model.score(test_codes.reshape(len(test_codes), -1), data.test.labels))


def logistic_on_codes(weights, labelled):
    """Returns the test error, in percent, of logistic regression on the codes of some weights."""
    network.set_weights(weights)
    return logistic(network.encode(labelled.inputs), labelled, network.encode(digits))


results = {}
for count in (100, 1000):
    for draw in range(3):
        labelled = finetune.balanced(data.train, count, seed=draw)
        found = {
            "pixels, logistic": logistic(labelled.inputs, labelled, digits),
            "random codes, logistic": logistic_on_codes(random_weights, labelled),
            "random weights, trained": fine_tuned(random_weights, labelled),
            "pre-trained, trained": fine_tuned(pretrained, labelled),
            "pre-trained codes, logistic": logistic_on_codes(pretrained, labelled),
        }
        for name, value in found.items():
            results.setdefault((count, name), []).append(value)
for (count, name), found in results.items():
    print(f"{count:5} labels, {name:27} {np.mean(found):4.1f} %  in the draws",
          *(f"{value:.1f}" for value in found))  # fmt: skip

# %%
figure, axes = zoo.plots.panels(2, height=2.8, columns=2)
for ax, count in zip(axes, (100, 1000), strict=True):
    names = [name for each, name in results if each == count]
    for row, name in enumerate(names):
        found = results[count, name]
        colour = "#d9622b" if name.startswith("pre-trained") else "#2f6fb3"
        ax.plot(found, [row] * 3, "o", color=colour, alpha=0.6)
        ax.plot([np.mean(found)], [row], "|", color=colour, markersize=24, markeredgewidth=2)
        ax.annotate(f"{np.mean(found):.1f}", (np.mean(found), row), (0, 13), color=colour,
                    textcoords="offset points", ha="center")  # fmt: skip
    ax.set_yticks(range(len(names)), names if count == 100 else [""] * len(names))
    ax.set_ylim(len(names) - 0.5, -0.8)
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_xlabel(f"test digits misread with {count:,} labels, %")
figure

# %% [markdown]
# ## What to notice
#
# The three draws of one method differ by 2 to 4 points, because 100 digits are few and some draws
# are luckier than others. Yet the worst draw of the pre-trained codes is better than the best draw
# of each of the methods that never saw the other 3,900 digits. With 1,000 labels all errors fall to
# half or less, and the order of the best three stays: 8.4 % for the pre-trained codes, 9.6 % with
# all layers trained after pre-training, 10.8 % from random weights.
#
# Compare like with like. If the layers stay as they are, pre-training lowers the error from 27.8 %
# to 21.5 %; the codes of random weights are worse than pixels. If all layers are trained, it lowers
# the error from 25.7 % to 23.9 %.
#
# Training all layers with the labels is here *worse* than leaving the pre-trained layers alone. A
# likely reason: the few labelled digits change half a million weights, and part of what the layers
# had learned is lost.
#
# Pre-training also helps to reconstruct. After 10 epochs for each layer and 10 for all layers the
# error is 5.7; from random weights it is 6.1 after 20 epochs for all.
#
# ## What goes wrong
#
# It is tempting to judge a code by the reconstruction error, since that needs no labels. Step 4
# made this error much smaller. Are its codes also better for the labels?

# %%
for name, weights in {"unrolled": pretrained, "fine-tuned to reconstruct": reconstructing}.items():
    draws = [finetune.balanced(data.train, 100, seed=draw) for draw in range(3)]
    found = [logistic_on_codes(weights, labelled) for labelled in draws]
    print(f"logistic regression on codes, {name:25} {np.mean(found):.1f} %")

# %% [markdown]
# They are worse, hardly better than pixels. A likely reason: to reconstruct well, a code must keep
# the position and thickness of each stroke, and fine-tuning makes room for such details, on which
# the class of a digit does not depend. A lower reconstruction error is not a better code: it
# depends on what the code is for.
#
# A second thing that fails: not every activation has an RBM. `zoo.pretrain` has RBMs for sigmoid,
# linear, ReLU and SiLU units, but none for tanh.

# %%
try:
    zoo.pretrain(zoo.build("stacked_ae", activation="tanh"), data, method="rbm")
except zoo.errors.UsageError as message:
    print(message)

# %% [markdown]
# ## Exercises
#
# 1. `zoo.pretrain` can also train each layer as a denoising auto-encoder (lesson 3), which suits
#    ReLU. Compare the two methods on 1,000 training digits that are held out:
#
# ```python
# learn, held_out = data.hold_out(0.25, seed=0)
# smaller = zoo.datasets.Dataset("digits", learn, held_out, data.licence)
# relu = zoo.build("stacked_ae", widths=(500,), latent_dim=250, activation="relu")
# models = {"rbm": build(), "denoising": relu}
# for method, model in models.items():
#     zoo.pretrain(model, smaller, method=method, epochs=10, validation_split=0.0)
# ```
#
# <details>
# <summary>Answer</summary>
#
# Draw the labels with `finetune.balanced(learn, 100, seed=draw)`, and measure on `held_out`. As the
# mean of three draws, logistic regression on the codes misread 18.4 % after RBMs and 18.0 % after
# denoising, and 24.1 % on pixels. With all layers trained we measured 21.1 % and 20.7 %, and from
# random weights 22.5 % (sigmoid) and 22.4 % (ReLU). Both methods help clearly. Which of them is
# better, these digits do not say: 0.4 points from three draws may be luck.
#
# </details>
#
# 2. How many weights does each of the five classifiers learn from the 100 labels? Why does that
#    help to understand the picture?
#
# <details>
# <summary>Answer</summary>
#
# Logistic regression on 784 pixels has 784 · 10 + 10 = 7,850 weights. The whole encoder with the
# last layer has 392,500 + 125,250 + 2,510 = 520,260, which is about 5,200 for each label. Logistic
# regression on codes of 250 numbers has 2,510. The other half a million weights were either random
# or learned from 4,000 pictures without labels, and pictures there are enough.
#
# </details>
#
# ## References
#
# - Hinton, G., Osindero, S. and Teh, Y.-W. (2006). *A fast learning algorithm for deep belief
#   nets*. Neural Computation.
# - Bengio, Y., Lamblin, P., Popovici, D. and Larochelle, H. (2007). *Greedy layer-wise training of
#   deep networks*. NeurIPS.
# - Erhan, D., Bengio, Y., Courville, A., Manzagol, P.-A., Vincent, P. and Bengio, S. (2010). *Why
#   does unsupervised pre-training help deep learning?* Journal of Machine Learning Research.
#
# ## Conclusion
#
# Yes. With 100 labels, the best method with pre-training misreads **21.5** % of the test digits,
# and the best one without it **25.7** %. The gain is **4.1** points, and in each of the three draws
# at least **3.8** (differences are taken before rounding). If all layers are trained in both cases,
# it is **1.7** points, from 25.7 % to **23.9** %. With 1,000 labels pre-training still helps:
# **8.4** % instead of **10.8** %.

# %%
codes = results[100, "pre-trained codes, logistic"]
start = results[100, "random weights, trained"]
gains = np.subtract(start, codes)
print(f"with 100 labels, pre-training lowers the error by {gains.mean():.1f} points,", end=" ")
print("in the draws by", ", ".join(f"{gain:.1f}" for gain in gains))
gain = np.mean(start) - np.mean(results[100, "pre-trained, trained"])
print(f"with all layers trained in both cases it is {gain:.1f} points")
assert gains.min() > 0
assert gains.mean() > gains.std(ddof=1)
