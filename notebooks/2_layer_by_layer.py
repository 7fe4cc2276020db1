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
# It learns to make the training pictures likely, so its hidden units must describe what pictures
# have in common. At the end the layers are unrolled into an auto-encoder, whose decoder starts with
# the transposed kernels, and all layers are trained together. The encoder alone is the start of a
# classifier.

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
stages = zoo.pretrain(network, data, method="rbm", epochs=20)
pretrained = network.get_weights()


def error(model):
    return zoo.evaluation.metrics.sse(digits, model.reconstruct(digits))


errors = {"unrolled": error(network)}
history = network.fit(data.train.images, epochs=10, verbose=0)
errors["fine-tuned"] = error(network)
reconstructing = network.get_weights()

other = build()
history = other.fit(data.train.images, epochs=30, verbose=0)
errors["random weights"] = error(other)
print(*(f"{name}: {value:.1f}" for name, value in errors.items()), sep=", ")

# %% [markdown]
# The four steps as a drawing, with the error measured after each. A layer that learns alone
# reconstructs what it sees: the first one pixels, the second one the 500 codes of the first.

# %%
notes = [f"error {stage['history']['reconstruction_error'][-1]:.1f}" for stage in stages]
notes[1] += " (of codes)"
notes += [f"error {errors[name]:.1f}" for name in ("unrolled", "fine-tuned")]
zoo.plots.layerwise((784, 500, 250), notes)

# %% [markdown]
# ## The picture
#
# Now the labels. Three classifiers learn from the same labelled digits: logistic regression on the
# pixels, the encoder from random weights, and the encoder from the weights after step 3. Which
# digits have a label is drawn three times. The settings were chosen with 1,000 training digits held
# out, not with the test digits.


# %%
def fine_tuned(weights, labelled, epochs):
    """Returns the test error, in percent, of an encoder that starts from some weights."""
    keras.utils.set_random_seed(0)
    network.set_weights(weights)
    classifier = zoo.classifier(network, classes=10)  # the encoder and a softmax layer
    classifier.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    classifier.fit(labelled.inputs, labelled.labels, batch_size=20, epochs=epochs, verbose=0)
    _, accuracy = classifier.evaluate(digits, data.test.labels, batch_size=1000, verbose=0)
    return 100 * (1 - accuracy)


def logistic(codes, labelled, test_codes):
    """Returns the test error, in percent, of logistic regression on codes."""
    model = LogisticRegression(max_iter=1000)
    model.fit(codes.reshape(len(codes), -1), labelled.labels)
    return 100 * (1 - model.score(test_codes.reshape(len(test_codes), -1), data.test.labels))


names = ("logistic regression", "random weights", "pre-trained")
results = {}
for count, epochs in {100: 40, 1000: 10}.items():
    for draw in range(3):
        labelled = finetune.balanced(data.train, count, seed=draw)
        found = [logistic(labelled.inputs, labelled, digits)]
        found += [fine_tuned(each, labelled, epochs) for each in (random_weights, pretrained)]
        for name, value in zip(names, found, strict=True):
            results.setdefault((count, name), []).append(value)
for (count, name), found in results.items():
    print(f"{count:5} labels, {name:20} {np.mean(found):4.1f} %  in the draws",
          *(f"{value:.1f}" for value in found))  # fmt: skip

# %%
figure, axes = zoo.plots.panels(2, height=2.0, columns=2)
for ax, count in zip(axes, (100, 1000), strict=True):
    for row, name in enumerate(names):
        found = results[count, name]
        colour = "#d9622b" if name == "pre-trained" else "#2f6fb3"
        ax.plot(found, [row] * 3, "o", color=colour, alpha=0.6)
        ax.plot([np.mean(found)], [row], "|", color=colour, markersize=22)
    ax.set_yticks(range(3), names if count == 100 else [])
    ax.set_ylim(2.6, -0.6)
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_xlabel("test digits misread, %")
    zoo.plots.title(ax, f"{count:,} labels")
figure

# %% [markdown]
# ## What to notice
#
# TODO
#
# ## What goes wrong
#
# TODO

# %%
for name, weights in {"unrolled": pretrained, "fine-tuned to reconstruct": reconstructing}.items():
    network.set_weights(weights)
    found = []
    for draw in range(3):
        labelled = finetune.balanced(data.train, 100, seed=draw)
        found.append(logistic(network.encode(labelled.inputs), labelled, network.encode(digits)))
    print(f"logistic regression on codes, {name:25} {np.mean(found):.1f} %")

# %% [markdown]
# TODO

# %%
try:
    zoo.pretrain(zoo.build("stacked_ae", activation="tanh"), data, method="rbm")
except zoo.errors.UsageError as message:
    print(message)

# %% [markdown]
# ## Exercises
#
# 1. TODO
#
# <details>
# <summary>Answer</summary>
#
# TODO
#
# </details>
#
# 2. TODO
#
# <details>
# <summary>Answer</summary>
#
# TODO
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
# TODO

# %%
means = {name: np.mean(results[100, name]) for name in names}
gain = means["random weights"] - means["pre-trained"]
print(f"pre-training misreads {gain:.1f} % fewer")
assert gain > 1
