# %% [markdown]
# # 5. Text retrieval
#
# This lesson turns a text into ten numbers, and asks what a search loses and gains by it.

# %% [markdown]
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
# each count $c$ (term frequency) by the rarity of the word (inverse document frequency). For a word
# that stands in $m$ of $n$ texts, the count becomes
#
# $$x = (1 + \log c) \left( 1 + \log \frac{1 + n}{1 + m} \right) .$$
#
# For $c = 0$, $x = 0$. One such number for each of the 1,000 most frequent words is a document. The
# encoder maps it to ten numbers. The decoder ends in a softmax: it predicts which words the text
# contains, as a probability $q_w$ for every word $w$. With the fraction $p_w$ of the word in the
# document, and with $n$ different words in it, the loss is
#
# $$L = -\sqrt{n} \sum_w p_w \log q_w .$$
#
# To predict well from ten numbers, the network has to use which words occur in the same texts.
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
topics, asked = (
    np.array(data.train.class_names)[split.labels] for split in (data.train, data.test)
)
for topic in np.unique(topics):
    print(f"{topic:16} {np.sum(topics == topic):5} texts, {np.sum(asked == topic):4} queries")
history = model.fit(texts, epochs=20, verbose=0)

# %% [markdown]
# Now a search for a description in other words.

# %%
index = zoo.search.Index.build(model, texts, metric="cosine")
ids, distances = index.query(["remove high frequencies from a noisy signal"], k=5)
for row, distance in zip(ids[0], distances[0], strict=True):
    print(f"{distance:.2f}  {topics[row]:16} {texts[row].splitlines()[0]}")

# %% [markdown]
# The query was never a docstring, and "high frequencies" does not occur in the first lines that are
# found. Four of the five are about filters.
#
# LSA is the rival, and it deserves its best setting. It is a truncated singular value decomposition
# of the weighed counts, and how the counts are weighed matters. So we try eight weightings on a
# held-out eighth of the training texts. A found text is right if it has the topic of the query; the
# *precision at 10* is the fraction of right ones among the ten nearest.

# %%
documents = [model.vocabulary.weigh(split) for split in (texts, queries)]  # what the model reads
counts, query_counts = (model.vocabulary.counts(split) for split in (texts, queries))
held_out = np.random.default_rng(0).permutation(len(texts)) < len(texts) // 8


def lsa(known, others, size, weighting):
    """Returns the codes of known texts, which it is fitted to, and those of other texts."""
    weighed = TfidfTransformer(**weighting).fit(known)
    analysis = TruncatedSVD(size, random_state=0).fit(weighed.transform(known))
    return [analysis.transform(weighed.transform(rows)) for rows in (known, others)]


weightings = [
    {"use_idf": idf, "sublinear_tf": logarithm, "norm": norm}
    for idf in (True, False)
    for logarithm in (True, False)
    for norm in ("l2", None)
]
sizes, best = (2, 10, 50), {}
for weighting in weightings:
    known, held = lsa(counts[~held_out], counts[held_out], max(sizes), weighting)
    for size in sizes:
        rows = known[:, :size], topics[~held_out], held[:, :size], topics[held_out]
        value = retrieval.precision(*rows, "cosine", at=(10,))["p_at_10"]
        best[size] = max(best.get(size, (0, {})), (value, weighting), key=lambda pair: pair[0])
for size, (value, weighting) in best.items():
    print(f"LSA, {size:2} numbers: {value:.2f} on held-out texts with {weighting}")

# %% [markdown]
# ## The picture
#
# First with two numbers in place of ten, since these can be drawn. Under the cosine only the
# direction of a code counts, so the picture shows nothing else: the angle of each code in the
# plane. A point is a test document, which neither method has seen, in the row of its topic; within
# its row its height means nothing. Topics can be told apart where they share no angles; −180 and
# 180 degrees are the same direction.

# %%
plane = zoo.build("document_ae", input_shape=(1000,), widths=(250, 125), latent_dim=2)
history = plane.fit(documents[0], epochs=20, verbose=0)
planes = {
    "document_ae": [plane.encode(rows) for rows in documents],
    "LSA": lsa(counts, query_counts, 2, best[2][1]),
}
shown = {}
for name, (known, rows) in planes.items():
    value = retrieval.precision(known, topics, rows, asked, "cosine", at=(10,))["p_at_10"]
    angles = np.degrees(np.arctan2(rows[:, 1], rows[:, 0]))[:, None]
    shown[f"{name}: precision at 10 {value:.2f}"] = angles, asked
figure = zoo.plots.scatter(shown)
for ax in figure.axes:
    ax.set_xlim(-180, 180)
    ax.set_xticks(range(-180, 181, 90))
    ax.set_xlabel("direction of the code, in degrees")
    ax.set_ylabel("")
figure

# %% [markdown]
# The auto-encoder uses the whole circle of directions. All of LSA's first numbers are positive,
# since no word count is negative, so its topics share one half of the circle, and most of them
# overlap.
#
# Now with ten numbers, beside LSA with 50 numbers and two searches by words, with the 1,000 words
# that the networks read and with all. The y axis starts at 0.6.

# %%
words = TfidfVectorizer(sublinear_tf=True, stop_words="english").fit(texts)
every = [words.transform(split) for split in (texts, queries)]  # sparse, of unit length
codes = {
    "document_ae, 10 numbers": [model.encode(rows) for rows in documents],
    "LSA, 10 numbers": lsa(counts, query_counts, 10, best[10][1]),
    "LSA, 50 numbers": lsa(counts, query_counts, 50, best[50][1]),
    "TF-IDF, 1,000 words": documents,
}
at = (1, 3, 10, 30, 100)
found = {
    name: retrieval.precision(known, topics, rows, asked, "cosine", at)
    for name, (known, rows) in codes.items()
}
cosines = (every[1] @ every[0].T).toarray()
found["TF-IDF, all words"] = retrieval.precision_by_scores([-cosines], topics, asked, at)
for name, values in found.items():
    print(f"{name:24}", *(f"P@{k} {values[f'p_at_{k}']:.2f}  " for k in at))
print(f"by chance: {np.mean(topics[:, None] == asked):.2f}")
curves = {name: {k: values[f"p_at_{k}"] for k in at} for name, values in found.items()}
zoo.plots.precisions(curves, bottom=0.6, rows="texts")

# %% [markdown]
# ## What to notice
#
# **With the same ten numbers the auto-encoder finds more than LSA near the top of the list**, and
# about as much as a search by all words. Further down the list LSA is better: of the nearest
# hundred it has more right ones.
#
# **The code is shorter, not better.** LSA with 50 numbers finds more. And precision by topic is the
# measure on which short codes look best: all it asks for is a text of the right kind.
#
# What ten numbers do buy is room.

# %%
size = {"ten numbers": 10 * 4, "all words": 8 * every[0].nnz / len(texts)}  # bytes for a text
for name, value in size.items():
    print(f"{name}: {value:.0f} bytes for a text")
print(f"{size['all words'] / size['ten numbers']:.0f} times as many")

# %% [markdown]
# A word takes four bytes for its number in the vocabulary and four for its weight. The short code
# also has the same length for every text, so that a search is one product of two matrices.
# The page *Text* of the documentation has the times of searches among 11,000 texts.

# %% [markdown]
# ## What goes wrong
#
# Often one does not look for a topic, but for one text: the reader remembers its first line. We
# take the first line of each training text for a query. How often is the text itself among the ten
# nearest?

# %%
lines = [text.splitlines()[0] for text in texts]
similar = {
    "document_ae, 10 numbers": normalize(model.encode(lines))
    @ normalize(model.encode(documents[0])).T,
    "TF-IDF, 1,000 words": normalize(model.vocabulary.weigh(lines)) @ normalize(documents[0]).T,
    "TF-IDF, all words": (words.transform(lines) @ every[0].T).toarray(),
}
listed = {}
for name, cosines in similar.items():
    ranks = np.sum(cosines > np.diag(cosines)[:, None], axis=1)  # texts nearer than the right one
    listed[name] = np.mean(ranks < 10)
    print(f"{name}: the text is among the first ten for {listed[name]:.0%} of the first lines")

# %% [markdown]
# Ten numbers keep the topic and lose the rest. A first line is often told from others by one rare
# word, such as the name of a test or of a filter. Some of these words are not among the 1,000 that
# the network reads, but with the 1,000 words themselves 88 % are still found. So most is lost in
# the code. A likely reason: a rare word stands in few texts and adds little to the loss, while
# TF-IDF gives it a large weight. So use codes to gather texts of a kind, and words to find a text
# that you know.

# %% [markdown]
# ## Exercises
#
# 1. How many numbers does LSA need to find as much as the auto-encoder with ten? Add 20 to `sizes`,
#    and measure with
#
# ```python
# known, rows = lsa(counts, query_counts, 20, best[20][1])
# print(retrieval.precision(known, topics, rows, asked, "cosine", at=(10,)))
# ```
#
# <details>
# <summary>Answer</summary>
#
# Twenty are enough: LSA's precision at 10 is then 0.88 for the queries, and 0.91 on the held-out
# texts. It has no setting but the weighting, and always returns the same numbers. The auto-encoder
# is worth its training only where the code has to be very short.
#
# </details>
#
# 2. Search for `"my cat sleeps on the sofa"` and for `"quick brown fox"`. What do the two have in
#    common?
#
# <details>
# <summary>Answer</summary>
#
# Both find the same texts at the same distances. None of their words is among the 1,000 of the
# vocabulary, which leaves out words such as "my", "on" and "the", so both are an empty bag, and all
# empty bags have one code. The nearest text is still at a small distance, which looks like a good
# match. So check `model.vocabulary.counts(query)` for a known word before you trust a result.
#
# </details>

# %% [markdown]
# ## References
#
# - Deerwester, S., Dumais, S., Furnas, G., Landauer, T. and Harshman, R. (1990). *Indexing by
#   latent semantic analysis*. Journal of the American Society for Information Science.
# - Hinton, G. and Salakhutdinov, R. (2006). *Reducing the dimensionality of data with neural
#   networks*. Science.
# - Salakhutdinov, R. and Hinton, G. (2009). *Semantic hashing*. International Journal of
#   Approximate Reasoning.

# %% [markdown]
# ## Conclusion
#
# Ten numbers of an auto-encoder keep the topic of a text: of the ten nearest texts **0.85** have
# the topic of the query, against **0.82** with ten numbers of LSA, both compared by the cosine, and
# **0.85** with all words. They take **40** bytes in place of **562**. They do not keep the text
# itself: its first line finds it among the first ten in **44%** of the cases, by all words in
# **97%**. With 50 numbers LSA finds more than all of them, **0.88**.

# %%
neural, linear = (found[f"{name}, 10 numbers"]["p_at_10"] for name in ("document_ae", "LSA"))
print(f"precision at 10 with ten numbers: document_ae {neural:.2f}, LSA {linear:.2f}")
assert neural > linear
