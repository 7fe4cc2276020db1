"""The protocol of the row `anomaly-tables`: the two halves of the tables, and the rows of each."""

import numpy as np

MOST_ROWS, MOST_ANOMALIES = 10_000, 2_000  # the largest numbers in a table
CHOOSING, JUDGING = "choosing", "judging"
CHOSEN_ON = (1, 6, 11, 16, 20, 24, 28, 32, 37, 41, 45)  # numbers that the names begin with
NEAR = 0.005  # an AUROC that is at most this much lower counts as near


def halves() -> list[str]:
    """Returns the names of the two halves of the tables.

    The net and the score are chosen on the first, and judged on the second.

    Example:

    >>> halves()
    ['choosing', 'judging']
    """
    return [CHOOSING, JUDGING]


def tables_of(tables: dict, half: str) -> dict:
    """Returns the tables of a half, sorted by number.

    Args:
        tables: Dict by the names of the tables, which begin with their numbers: `14_glass`.
        half: String. `"choosing"` or `"judging"`.

    Returns:
        A dict.

    Example:

    >>> tables_of({"2_b": "second", "1_a": "first"}, "judging")
    {'2_b': 'second'}
    """
    chosen = half == CHOOSING
    names = [name for name in tables if (number(name) in CHOSEN_ON) == chosen]
    return {name: tables[name] for name in sorted(names, key=number)}


def drawn(
    name: str, x: np.ndarray, anomalous: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the training rows of a table, its test rows, and which of these are anomalies.

    All anomalies are tested, at most 2,000. Normal rows are drawn until there are 10,000 rows, and
    half of them are for training.

    Args:
        name: String. Name of the table, which begins with its number.
        x: Array of shape `(rows, columns)`.
        anomalous: Array of booleans, `(rows,)`.
        seed: Integer. Seed of the draw.

    Returns:
        A triple: an array, `(training rows, columns)`, in the order of the draw; an array,
        `(test rows, columns)`; and booleans, `(test rows,)`.

    Example:

    >>> x, anomalous = np.arange(12).reshape(6, 2), np.arange(6) > 3
    >>> [len(part) for part in drawn("1_table", x, anomalous, seed=0)]
    [2, 4, 4]
    """
    random = np.random.default_rng((seed, number(name)))
    outliers = random.permutation(np.flatnonzero(anomalous))[:MOST_ANOMALIES]
    normal = random.permutation(np.flatnonzero(~anomalous))[: MOST_ROWS - len(outliers)]
    train, held_out = np.array_split(normal, 2)
    tested = np.concatenate([held_out, outliers])
    return x[train], x[tested], anomalous[tested]


def combine_halves(lines: list[dict], score: str) -> dict:
    """Returns what the results lines of both halves say together.

    Args:
        lines: List of dicts. The results lines of the halves, of one seed.
        score: String. The chosen score.

    Returns:
        A dict of the `seed`; the `value`, the mean AUROC of the chosen score over all tables; the
        means of all scores and detectors; `choosing` and `judging`, the chosen score's means in
        each half, and `choosing_knn` and `judging_knn`, those of the nearest neighbours;
        `above_knn`, the value minus their mean; `near_knn`, the number of tables in which our AUROC
        is at least theirs minus 0.005; and the tables of each of the `halves`.

    Example:

    >>> line = {"seed": 0, "part": "judging", "tables": {"14_glass": {"hidden": 0.5, "knn": 0.75}}}
    >>> found = combine_halves([line], "hidden")
    >>> found["value"], found["above_knn"], found["near_knn"]
    (0.5, -0.25, 0)
    """
    tables = {name: table for line in lines for name, table in line["tables"].items()}
    means, of_halves = means_of(tables), {}
    for line in lines:
        half = means_of(line["tables"])
        of_halves |= {line["part"]: half[score], f"{line['part']}_knn": half["knn"]}
    return {
        "seed": lines[0]["seed"],
        "value": means[score],
        **means,
        **of_halves,
        "above_knn": means[score] - means["knn"],
        "near_knn": sum(table[score] >= table["knn"] - NEAR for table in tables.values()),
        "halves": {line["part"]: line["tables"] for line in lines},
    }


def number(name: str) -> int:
    """Returns the number that the name of a table begins with.

    Args:
        name: String.

    Example:

    >>> number("14_glass")
    14
    """
    return int(name.partition("_")[0])


def means_of(tables: dict) -> dict[str, float]:
    """Returns the mean of each detector's AUROC over some tables.

    Args:
        tables: Dict from the name of a table to a dict from the name of a detector to its AUROC.

    Returns:
        A dict from the name of a detector to a float.

    Example:

    >>> means_of({"1_a": {"knn": 0.5}, "2_b": {"knn": 1.0}})
    {'knn': 0.75}
    """
    names = next(iter(tables.values()))
    return {name: float(np.mean([table[name] for table in tables.values()])) for name in names}
