# %% [markdown]
# # 2. Learning layer by layer
#
# A deep net can be learnt one layer at a time: a layer is learnt from what the one below makes of
# the data, by itself, and is then fixed. The layers are restricted Boltzmann machines, or small
# auto-encoders; one that is wider than its input has to be regularised, or it would learn to copy.
# With a few labels, the whole is then fine-tuned to classify.

# %%
import keras

import zoo

keras.utils.set_random_seed(0)
data = zoo.datasets.load("mnist_5k")

# %% [markdown]
# A single machine: its filters are strokes, and it is a distribution that digits can be drawn from.
# For that it has to be learnt by its recipe, whose rate falls to zero.

# %%
machine = zoo.train("rbm", data, latent_dim=200, epochs=30).model
zoo.plots.filters(machine.boltzmann.kernel, (28, 28, 1))

# %%
zoo.plots.sheet(machine.sample(32, steps=200))

# %% [markdown]
# Machines on machines, unrolled into an auto-encoder: a deep belief network as its start. Beside it
# the same net of sigmoid layers from a random start, for as many epochs in all.

# %%
sse = {}
for start in ("random", "machines"):
    network = zoo.build("dbn", widths=(300, 150), latent_dim=20)
    epochs = 20
    if start == "machines":
        for stage in zoo.pretrain(network, data, method="rbm", epochs=5):
            errors = stage["history"]["reconstruction_error"]
            print(stage["units"], f"squared error {errors[0]:.1f}, then {errors[-1]:.1f}")
            epochs -= len(errors)
    network.fit(data.train.images, epochs=epochs, verbose=0)
    x = data.test.images
    sse[start] = zoo.evaluation.metrics.sse(x, network.reconstruct(x))

# %% [markdown]
# Such a start is better to rebuild digits by. Does it also help to tell them apart, with 100
# labels? Three contenders learn from the same 100: logistic regression on the pixels, a net from
# random weights, and the same net whose layers first learnt, without labels, to undo noise on all
# 4,000 digits. The layers are wide: a code of 20 numbers, made to be small, drops much of what
# tells classes apart. Which 100 digits have a label is drawn three times, the same for all.

# %%
import numpy as np
from sklearn.linear_model import LogisticRegression

from zoo.training import finetune

starts = {"net, random weights": [], "net, layers pre-trained": []}
for name in starts:
    keras.utils.set_random_seed(0)
    stacked = zoo.build("stacked_ae", widths=(500,), latent_dim=250)
    if "pre-trained" in name:
        zoo.pretrain(stacked, data, method="denoising", epochs=10)
    starts[name] = stacked.get_weights()

errors = {"logistic regression on pixels": [], **{name: [] for name in starts}}
for draw in range(3):
    few = finetune.balanced(data.train, 100, seed=draw)
    pixels, x = few.inputs.reshape(100, -1), data.test.images.reshape(len(data.test), -1)
    linear = LogisticRegression(max_iter=1000).fit(pixels, few.labels)
    errors["logistic regression on pixels"].append(1 - linear.score(x, data.test.labels))
    for name, weights in starts.items():
        stacked.set_weights(weights)
        keras.utils.set_random_seed(draw)
        classifier = zoo.classifier(stacked, classes=10)
        classifier.fit(few.inputs, few.labels, batch_size=20, epochs=40, verbose=0)
        errors[name].append(finetune.evaluate(classifier, data.test)["test_error"])

# %%
print(*(f"{start}: squared error {error:.1f}" for start, error in sse.items()), sep=", ")
for name, found in errors.items():
    draws = " ".join(f"{error:.1%}" for error in found)
    print(f"{name:30} {np.mean(found):.1%} of the test digits misread, in the draws {draws}")

# %% [markdown]
# The layers that learnt first lower the error, but by little: compare the gap with the differences
# between the draws. The net from random weights is about as good as logistic regression.
# `zoo reproduce labels` measures the same with 60,000 digits, by the number of labels.

# %%
mean = {name: np.mean(found) for name, found in errors.items()}
assert sse["machines"] < sse["random"]
assert mean["net, layers pre-trained"] == min(mean.values())
