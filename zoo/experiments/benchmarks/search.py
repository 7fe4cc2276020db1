"""Milliseconds to find the ten nearest of a million codes, exactly and by a graph."""

import statistics
import sys
import time
from importlib.metadata import version

import numpy as np

from zoo import datasets, registry
from zoo.errors import MissingExtraError
from zoo.experiments.benchmarks.lines import record
from zoo.search.exact import Exact, nearest
from zoo.search.hnsw import Graph

JITTER = 0.25  # in units of each number's standard deviation


def measure(folder=None, *, data="mnist", rows=1_000_000, numbers=32, queries=200, k=10):
    """Measures the exact search, and the approximate one if faiss is installed.

    The codes are the principal components of all images of a dataset, repeated with jitter. The
    queries are further codes of that kind, one per call.

    Args:
        folder: String or `Path`. The folder of `bench.jsonl`. Defaults to None, the package's.
        data: String. Name of the dataset. Defaults to `"mnist"`.
        rows: Integer. Number of codes. Defaults to 1,000,000.
        numbers: Integer. Size of a code. Defaults to 32.
        queries: Integer. Number of queries that are timed. Defaults to 200.
        k: Integer. Number of neighbours to find. Defaults to 10.

    Returns:
        A list of the lines that were appended to `bench.jsonl`, each a dict.

    Example:

    >>> measure(folder=".")  # doctest: +SKIP
    """
    base, query_codes = _codes(data, rows, numbers, queries)
    truth, ms = _timed(Exact(base), base, query_codes, k)
    facts = {"rows": rows, "numbers": numbers, "k": k, "data": data, "jitter": JITTER}
    lines = [record(
        folder, bench="search", variant="exact", unit="ms a query", value=ms, recall=1.0, **facts
    )]  # fmt: skip
    started = time.perf_counter()
    try:
        graph = Graph(base)
    except MissingExtraError as error:
        print(f"left out: {error}", file=sys.stderr)
        return lines
    built = time.perf_counter() - started
    approximate, approximate_ms = _timed(graph, base, query_codes, k)
    same = [len(set(a) & set(b)) for a, b in zip(approximate.tolist(), truth.tolist(), strict=True)]
    return [*lines, record(
        folder, bench="search", variant="hnsw", unit="ms a query", value=approximate_ms,
        recall=round(sum(same) / (k * queries), 4), times_as_fast=round(ms / approximate_ms, 1),
        seconds_to_build=round(built, 1), faiss=version("faiss-cpu"), **facts,
    )]  # fmt: skip


def _codes(data, rows, numbers, queries):
    """Returns codes of real images, with jitter: those searched in, and the queries."""
    dataset = datasets.load(data)
    images = np.concatenate([dataset.train.inputs, dataset.test.inputs])
    codes = registry.build("pca", input_shape=images.shape[1:], latent_dim=numbers)
    codes = codes.adapt(images).encode(images)
    random, spread = np.random.default_rng(0), JITTER * codes.std(axis=0)
    query_codes = codes[random.integers(0, len(codes), queries)]
    return tuple(
        values + spread * random.standard_normal(values.shape, np.float32)
        for values in (np.resize(codes, (rows, numbers)), query_codes)
    )


def _timed(searcher, base, queries, k):
    """Returns the rows found and the median milliseconds of a query, after a tenth to warm up."""
    for query in queries[: max(1, len(queries) // 10)]:
        nearest(searcher, base, query[None], k)
    found, times = [], []
    for query in queries:
        started = time.perf_counter()
        rows, _ = nearest(searcher, base, query[None], k)
        times.append(time.perf_counter() - started)
        found.append(rows[0])
    return np.stack(found), round(1e3 * statistics.median(times), 3)
