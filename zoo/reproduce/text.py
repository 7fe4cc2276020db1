"""Text retrieval: whether the documents nearest to one by their codes are of its group."""

import numpy as np

from zoo import experiment
from zoo.reproduce import lsa
from zoo.vocabulary import Vocabulary

LSA = (2, 10, 50, 128)  # components
SHOWN = 2000  # test documents in the plot of two numbers
AT = (1, 3, 10, 30, 100, 300, 1000)  # nearest documents
CURVES = {  # the ways that are drawn
    "ae_10": "document_ae, 10 numbers",
    "bits": "semantic_hashing, 128 bits",
    "lsa_10": "LSA, 10 numbers",
    "lsa_50": "LSA, 50 numbers",
    "tf_idf": "TF-IDF, all words",
    "bm25": "BM25, all words",
}
K1, B = 1.2, 0.75  # of BM25, as is usual (Robertson & Zaragoza, 2009)


def documents(data, seed, pictures, **changes):
    """Row 14: the vocabulary, and all that is fitted, are of the training texts alone."""
    from zoo import plots

    vocabulary = Vocabulary.learn(data.train.inputs)
    splits = [_known(vocabulary, split) for split in (data.train, data.test)]
    (x, labels, counts), (asked, wanted, asked_counts) = splits

    ways, trained = {}, {}
    for size in (10, 2):
        model, trained[size] = experiment.train("document_ae", x, seed, latent_dim=size, **changes)
        ways[f"ae_{size}"] = model.encode(x), model.encode(asked)
    hashing, _ = experiment.train("semantic_hashing", x, seed, **changes)
    # Of bits as -1 and 1, the nearest by the cosine are those that differ in the fewest.
    ways["bits"] = tuple(2 * hashing.encode(each) - 1 for each in (x, asked))
    ways["tf_idf"] = x, asked
    weightings = lsa.choose(counts, labels, LSA, seed)
    for size, weighting in weightings.items():
        ways[f"lsa_{size}"] = lsa.codes(counts, asked_counts, size, weighting, seed)
    figures = {name: _precision(codes, labels, wanted) for name, codes in ways.items()}
    figures["bm25"] = _precision(_bm25(counts, asked_counts), labels, wanted, metric="l2")

    shown = {
        f"{name}, P@10 {figures[key]['p_at_10']:.3f}": (ways[key][1][:SHOWN], wanted[:SHOWN])
        for name, key in {"document_ae": "ae_2", "LSA": "lsa_2"}.items()
    }
    plots.save(plots.scatter(shown), pictures / "documents.png")
    curves = {told: _curve(figures[key]) for key, told in CURVES.items()}
    plots.save(plots.precisions(curves), pictures / "documents_precision.png")
    p_at_10 = {name: each["p_at_10"] for name, each in figures.items()}
    value = p_at_10.pop("ae_10")
    told = {"figures": figures, "queries": len(asked), "indexed": len(x)}
    told |= {"bits_a_document": hashing.code_bits, "lsa_weightings": weightings}
    return {"value": value} | p_at_10 | told | trained[10]


def _known(vocabulary, split):
    """Of the texts with a known word: documents, labels, and counts."""
    weighed = vocabulary.weigh(split.inputs)
    rows = weighed.any(axis=1)
    return weighed[rows], split.labels[rows], vocabulary.counts(split.inputs[rows])


def _precision(codes, labels, wanted, metric="cosine"):
    from zoo.evaluation import retrieval

    return retrieval.precision(codes[0], labels, codes[1], wanted, metric, AT)


def _curve(figures):
    return {k: figures[f"p_at_{k}"] for k in AT if f"p_at_{k}" in figures}


def _bm25(counts, asked):
    """Documents and queries whose distances rank as BM25's scores do, inner products.

    A further number makes all documents as long, and is 0 of queries.
    """
    length = counts.sum(axis=1, keepdims=True)
    having = (counts > 0).sum(axis=0)
    telling = np.log1p((len(counts) - having + 0.5) / (having + 0.5))
    scored = telling * counts * (K1 + 1) / (counts + K1 * (1 - B + B * length / length.mean()))
    squared = np.square(scored).sum(axis=1)
    rest = np.sqrt(squared.max() - squared)
    return np.column_stack([scored, rest]), np.column_stack([asked, np.zeros(len(asked))])
