# %% [markdown]
# # 5. Text retrieval
#
# This lesson turns a text into ten numbers, and asks what a search loses and gains by it.
#
# ## The question
#
# A library has a few thousand functions, each with a text that describes it. You describe what you
# need in your own words, and want the texts that are about the same thing. A search by words
# compares hundreds of word counts for every text. Latent semantic analysis (LSA) has done it with
# a few numbers since 1990, and its map from words to numbers is linear. How much does an
# auto-encoder with ten numbers keep of what a text is about, compared with LSA and with all words?

# %% [markdown]
# ## The idea
#
# A *bag of words* forgets the order of the words and keeps how often each of them occurs. Not every
# word says equally much: a word that stands in every text says nothing. *TF-IDF* therefore weighs
# each count $c$ (term frequency) by the rarity of the word (inverse document frequency). A word that
# stands in $m$ of $n$ texts becomes
#
# $$x = (1 + \log c) \left( 1 + \log \frac{1 + n}{1 + m} \right) .$$
#
# The encoder maps these 1,000 numbers to ten. The decoder ends in a softmax: it predicts which
# words the text contains, as a probability for every word. To predict well from ten numbers, it
# has to use which words occur in the same texts.
#
# Two texts are compared by the cosine of the angle between their codes, so that the direction of a
# code counts and its length does not.

# %%
import keras
import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfTransformer, TfidfVectorizer
from sklearn.preprocessing import normalize

import zoo
from zoo.evaluation import retrieval

keras.utils.set_random_seed(0)
model = zoo.build("document_ae", input_shape=(1000,), widths=(250, 125), latent_dim=10)
zoo.plots.architecture(model)

# %% [markdown]
# ## The smallest code
#
# The texts are the docstrings of installed packages. The topic of a text is the module that it
# comes from; we take the eight modules with the most texts. Topics are used to measure and to
# colour, never to train. `fit` learns the vocabulary first, from the training texts alone.

# %%
data = zoo.datasets.load("docstrings")
largest = np.argsort(-np.bincount(data.train.labels))[:8]
data = data.map(lambda split: split.take(np.isin(split.labels, largest)))
texts, queries = list(data.train.inputs), list(data.test.inputs)
topics, asked = (np.array(data.train.class_names)[split.labels] for split in (data.train, data.test))
history = model.fit(texts, epochs=40, verbose=0)

index = zoo.search.Index.build(model, texts, metric="cosine")
ids, distances = index.query(["remove high frequencies from a noisy signal"], k=5)
for row, distance in zip(ids[0], distances[0], strict=True):
    print(f"{distance:.2f}  {topics[row]:16} {texts[row].splitlines()[0]}")

# %%
def counted(split):
    return model.vocabulary.counts(split)


counts, query_counts = counted(texts), counted(queries)
held_out = np.random.default_rng(0).permutation(len(texts)) < len(texts) // 8


def lsa(train, others, size, weighting):
    weigh = TfidfTransformer(**weighting).fit(train)
    analysis = TruncatedSVD(size, random_state=0).fit(weigh.transform(train))
    return [analysis.transform(weigh.transform(rows)) for rows in (train, others)]


weightings = [
    {"use_idf": idf, "sublinear_tf": logarithm, "norm": norm}
    for idf in (True, False)
    for logarithm in (True, False)
    for norm in ("l2", None)
]


def best_weighting(size):
    found = []
    for weighting in weightings:
        known, held = lsa(counts[~held_out], counts[held_out], size, weighting)
        figures = retrieval.precision(known, topics[~held_out], held, topics[held_out], "cosine")
        found.append(figures["p_at_10"])
    return weightings[int(np.argmax(found))]


chosen = {size: best_weighting(size) for size in (2, 10)}
print(chosen)

# %%
plane = zoo.build("document_ae", input_shape=(1000,), widths=(250, 125), latent_dim=2)
history = plane.fit(texts, epochs=40, verbose=0)
zoo.plots.scatter(
    {
        "document_ae, 2 numbers": (plane.encode(queries), asked),
        "LSA, 2 numbers": (lsa(counts, query_counts, 2, chosen[2])[1], asked),
    }
)

# %%
words = TfidfVectorizer(sublinear_tf=True, stop_words="english").fit(texts)
codes = {
    "document_ae, 10 numbers": [model.encode(split) for split in (texts, queries)],
    "LSA, 10 numbers": lsa(counts, query_counts, 10, chosen[10]),
    "TF-IDF, 1,000 words": [model.vocabulary.weigh(split) for split in (texts, queries)],
}
at = (1, 3, 10, 30, 100)
found = {
    name: retrieval.precision(known, topics, rows, asked, "cosine", at)
    for name, (known, rows) in codes.items()
}
every = [words.transform(split) for split in (texts, queries)]
found["TF-IDF, all words"]=retrieval.precision_by_scores([-(every[1] @ every[0].T).toarray()], topics, asked, at)
chance = np.mean(topics[:, None] == asked)
for name, figures in found.items():
    print(f"{name:24}", *(f"{figure} {value:.3f}" for figure, value in figures.items()))
print(f"by chance: {chance:.3f}")
zoo.plots.precisions({name: {k: figures[f"p_at_{k}"] for k in at} for name, figures in found.items()})
