# %% [markdown]
# # 2. Layer by layer
#
# This lesson shows how a network learns one layer at a time without labels, and what that is good
# for when only few labels are known.
#
# ## The question
#
# Pictures are cheap, labels are not: somebody has to look at each picture and say what it shows.
# Suppose there are 4,000 digits, but only 100 of them have a label. A classifier can learn from the
# 100 and forget the others. Or its layers can first learn from all 4,000 what digits look like, and
# the labels are used only at the end. Does this pre-training lower the error on new digits, and is
# the gain larger than the luck of which 100 digits were labelled?

# %% [markdown]
# ## The idea
#
# A deep network is hard to train from random weights if its units are sigmoids: the error signal
# shrinks from layer to layer on its way down. Layer-wise pre-training avoids the long way. The
# first layer learns alone, as a small model of the pixels. Then it is fixed, and the second layer
# learns from the *codes* of the first, and so on. Each small model here is a restricted Boltzmann
# machine (RBM): a layer of visible units $v$ and a layer of hidden units $h$, joined by one kernel
# $W$ that is used in both directions,
#
# $$P(h_j = 1 \mid v) = \sigma(v W + b)_j, \qquad P(v_i = 1 \mid h) = \sigma(h W^\top + c)_i .$$
#
# It learns to make the training pictures likely. Stacked and unrolled, the RBMs become an
# auto-encoder, whose decoder starts with the transposed kernels.

# %%
import keras

import zoo

keras.utils.set_random_seed(0)
data = zoo.datasets.load("mnist_5k")  # 4,000 training digits and 1,000 test digits
digits = data.test.images

network = zoo.build("dbn", widths=(300,), latent_dim=30)
zoo.plots.architecture(network)

# %% [markdown]
# ## The smallest code
#
# `zoo.pretrain` learns the layers from the bottom up, in place, and `fit` then trains all of them
# together. The labels are not used in either. Beside it, the same network learns from random
# weights, for as many epochs in all.


# %%
def error(model):
    """The squared error of the test digits, summed over the pixels of a digit."""
    return zoo.evaluation.metrics.sse(digits, model.reconstruct(digits))


sse = {"random": error(network)}
stages = zoo.pretrain(network, data, method="rbm", epochs=10)
sse["unrolled"] = error(network)
history = network.fit(data.train.images, epochs=10, verbose=0)
sse["fine-tuned"] = error(network)

keras.utils.set_random_seed(0)
other = zoo.build("dbn", widths=(300,), latent_dim=30)
history = other.fit(data.train.images, epochs=30, verbose=0)
sse["never pre-trained"] = error(other)
print(*(f"{name}: {value:.1f}" for name, value in sse.items()), sep="\n")
