# %% [markdown]
# # 5. Text retrieval
#
# A text is a bag of words, weighed by TF-IDF; an auto-encoder makes ten numbers of it, and texts
# about one thing lie in one direction. Latent semantic analysis, the linear way, stands beside it.

# %%
import keras
import numpy as np
from sklearn.decomposition import TruncatedSVD

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

# %%
documents = [model.vocabulary.weigh(split.inputs) for split in (data.train, data.test)]
lsa = TruncatedSVD(10, random_state=0).fit(documents[0])
codes = {
    "document_ae": [model.encode(each) for each in documents],
    "LSA": [lsa.transform(each) for each in documents],
}
found = {
    name: retrieval.precision(known, data.train.labels, asked, data.test.labels, "cosine")
    for name, (known, asked) in codes.items()
}

# %%
print(found)
assert found["document_ae"]["p_at_10"] > 3 / len(common)  # three times what chance gives
