# %% [markdown]
# # 2. Learning layer by layer
#
# A deep net can be learnt one layer at a time: a layer is learnt from what the one below makes of
# the data, by itself, and is then fixed. The layers are restricted Boltzmann machines, or small
# auto-encoders; one that is wider than its input has to be regularised, or it would learn to copy.
# With a few labels, the whole is then fine-tuned to classify.

# %%
import zoo

data = zoo.datasets.load("mnist_5k")

# %% [markdown]
# A single machine: its filters are strokes, and it is a distribution that digits can be drawn from.

# %%
machine = zoo.build("rbm", latent_dim=200)
machine.fit(data.train.images, epochs=20, verbose=0)
zoo.plots.filters(machine.machine.kernel, (28, 28, 1))

# %%
zoo.plots.sheet(machine.sample(32, steps=200))

# %% [markdown]
# Machines on machines, unrolled into an auto-encoder: a deep belief network as its start.

# %%
network = zoo.build("dbn", widths=(300, 150), latent_dim=20)
before = network.evaluate(data.test.images, verbose=0, return_dict=True)["loss"]
for stage in zoo.pretrain(network, data, method="rbm", epochs=5):
    print(stage["units"], stage["history"]["reconstruction_error"][-1])
after = network.evaluate(data.test.images, verbose=0, return_dict=True)["loss"]
network.fit(data.train.images, epochs=5, verbose=0)
print(before, after, network.evaluate(data.test.images, verbose=0, return_dict=True)["loss"])

# %% [markdown]
# What it buys where labels are few: 100 of them, from a random start, and from layers that were
# learnt as denoising auto-encoders from digits without labels.

# %%
from zoo import finetuning

few = finetuning.balanced(data.train, 100, seed=0)
errors = {}
for start in ("random", "denoising"):
    model = zoo.build("stacked_ae", widths=(500,), latent_dim=200)
    if start == "denoising":
        zoo.pretrain(model, data, method="denoising", epochs=10)
    classifier = zoo.classifier(model, classes=10)
    classifier.fit(few.inputs, few.labels, batch_size=20, epochs=40, verbose=0)
    errors[start] = finetuning.evaluate(classifier, data.test)["test_error"]

# %%
print(errors)
assert errors["denoising"] < errors["random"]
