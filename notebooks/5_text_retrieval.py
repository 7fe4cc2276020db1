# %% [markdown]
# # 5. Text retrieval
#
# A text is a bag of words, weighed by TF-IDF; an auto-encoder makes ten numbers of it, and texts
# about one thing lie in one direction. It is compared with latent semantic analysis (LSA), the
# linear way to ten numbers, and with the words themselves.

# %%
import keras
import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.preprocessing import normalize

import zoo
from zoo.evaluation import retrieval

keras.utils.set_random_seed(0)
data = zoo.datasets.load("docstrings")  # what functions say of themselves; or "20newsgroups"
common = np.argsort(-np.bincount(data.train.labels))[:8]  # of the modules, the eight largest
data = data.map(lambda split: split.take(np.isin(split.labels, common)))
print(data.train.inputs[0][:200])

# %%
model = zoo.build("document_ae", input_shape=(1000,), widths=(250, 125), latent_dim=10)
model.fit(
    list(data.train.inputs), batch_size=32, epochs=40, verbose=0
)  # learns the vocabulary, too
print(model.vocabulary.words[:10])

# %% [markdown]
# Strings go in wherever documents do.

# %%
index = zoo.search.Index.build(model, list(data.train.inputs), metric="cosine")
ids, distances = index.query(["draw samples from a probability distribution"], k=3)
for row, distance in zip(ids[0], distances[0], strict=True):
    print(f"{distance:.3f}", data.train.inputs[row].splitlines()[0])

# %% [markdown]
# Does it find more than the linear way? All see the same words of a text, and all are compared by
# the cosine. LSA gets documents of unit length, as is usual, so that long and short texts count
# alike. A text that is found is right if it comes from the same module as the query.

# %%
documents = [model.vocabulary.weigh(split.inputs) for split in (data.train, data.test)]
unit = [normalize(rows) for rows in documents]
lsa = TruncatedSVD(10, random_state=0).fit(unit[0])
codes = {
    "document_ae, 10 numbers": [model.encode(rows) for rows in documents],
    "LSA, 10 numbers": [lsa.transform(rows) for rows in unit],
    "TF-IDF, 1,000 words": unit,
}
found = {
    name: retrieval.precision(known, data.train.labels, asked, data.test.labels, "cosine")
    for name, (known, asked) in codes.items()
}
chance = np.mean(data.train.labels[:, None] == data.test.labels)

# %%
for name, figures in found.items():
    print(f"{name:24}", *(f"{figure} {value:.3f}" for figure, value in figures.items()))
print(f"by chance: {chance:.3f}")
for figure in found["LSA, 10 numbers"]:
    print(f"best by {figure}: {max(found, key=lambda name: found[name][figure])}")

# %% [markdown]
# There is no single winner. `p_at_10` is the share of the ten nearest texts that are right, and
# `map` looks at the whole ranking: among the nearest few the auto-encoder finds more than LSA,
# while over the whole ranking LSA is better. Ten numbers are not meant to find more than a text's
# words do: they take less room.

# %%
neural, linear = found["document_ae, 10 numbers"], found["LSA, 10 numbers"]
assert min(neural["p_at_10"], linear["p_at_10"]) > 2 * chance
assert neural["p_at_10"] > linear["p_at_10"]
assert linear["map"] > neural["map"]
