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
zoo.plots.filters(machine.machine.kernel, (28, 28, 1))

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
# With labels, 100 of them here, the encoder becomes the start of a classifier.

# %%
from zoo import finetuning

few = finetuning.balanced(data.train, 100, seed=0)
classifier = zoo.classifier(network, classes=10)
classifier.fit(few.inputs, few.labels, batch_size=20, epochs=40, verbose=0)
error = finetuning.evaluate(classifier, data.test)["test_error"]

# %%
print(sse, f"{error:.1%} of the test digits misread")
assert error < 0.5
assert sse["machines"] < 0.8 * sse["random"]
