# %% [markdown]
# # 6. Similar images
#
# Nearest codes against nearest pixels. An encoder that had to mend shifted, noisy and partly hidden
# digits finds a digit's like even so.

# %%
import keras
import numpy as np

import zoo
from zoo.datasets.augmentation import corrupted
from zoo.evaluation import retrieval

keras.utils.set_random_seed(0)
data = zoo.datasets.load("mnist_5k")

# %%
model = zoo.build("conv_ae", filters=(16, 32), latent_dim=32)
random = np.random.default_rng(0)
for _ in range(8):  # corrupted anew each time; the target is the clean digit
    model.fit(corrupted(data.train.images, random), data.train.images, epochs=1, verbose=0)

# %%
index = zoo.search.Index.build(model, data.train.images)
queries = retrieval.queries(data.test.images[:4], seed=0)
shown = {kind: images[row] for row, (kind, images) in enumerate(queries.items())}
asked = np.stack(list(shown.values()))
ids, _ = index.query(asked, k=6)
labels = data.train.labels
zoo.plots.neighbours(
    shown, {"by code": (data.train.images[ids], labels[ids] == data.test.labels[:4, None])}
)

# %%
shifted = retrieval.queries(data.test.images, seed=0)["shifted"]
ways = {"code": model.encode, "pixels": lambda images: images}
found = {
    name: retrieval.precision(encode(data.train.images), labels, encode(shifted), data.test.labels)
    for name, encode in ways.items()
}

# %%
print(found)
assert found["code"]["p_at_10"] > found["pixels"]["p_at_10"] + 0.1
