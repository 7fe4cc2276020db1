"""What a card shows of a trained model: its speed, and the test rows with the largest error."""

import io
import statistics

import numpy as np

from zoo.inputs import kinds

REPEATS = 30  # measurements of a latency
LATENCY_ROWS = (1, 64)
ACROSS = 10  # images side by side in a picture
ENLARGED = 32  # pixels of a side up to which images are drawn at twice their size


def latency(model, data) -> dict[str, float]:
    """Returns the milliseconds that onnxruntime takes for 1 and for 64 rows, exported, on the CPU.

    Args:
        model: `AutoEncoder` or `Classifier`.
        data: `Dataset` whose test rows are used.

    Returns:
        Dict from `"1"` and `"64"` to the median of 30 calls of `reconstruct` or `classify`.

    Example:

    >>> data = zoo.datasets.load("mnist_5k")
    >>> list(latency(zoo.build("pca").adapt(data), data))
    ['1', '64']
    """
    from zoo.experiments.benchmarks.timing import seconds
    from zoo.exporting import export
    from zoo.storage.temporaries import scratch_folder

    with scratch_folder() as folder:
        bundle = export(model, folder / "model")
        call = getattr(bundle, next(reversed(model.signatures)))
        result = {}
        for count in LATENCY_ROWS:
            rows = model.prepared(data.test.take(slice(count))).inputs
            call(rows)
            result[str(count)] = 1e3 * statistics.median(
                seconds(lambda rows=rows: call(rows)) for _ in range(REPEATS)
            )
    return {rows: round(value, 3) for rows, value in result.items()}


def worst_rows(model, data, count: int) -> list[dict]:
    """Returns the test rows with the largest error, the worst first.

    Args:
        model: `AutoEncoder` or `Classifier`.
        data: `Dataset`.
        count: Integer. The largest number of rows.

    Returns:
        List of dicts: the `row` and its `error`, which is the mean squared error of the
        reconstruction; for a classifier, the cross-entropy of the label in nats; and for a
        detector, the score.

    Example:

    >>> data = zoo.datasets.load("mnist_5k")
    >>> len(worst_rows(zoo.build("pca").adapt(data), data, 3))
    3
    """
    rows = model.prepared(data.test).inputs
    if hasattr(model, "classify"):
        errors = -np.log(
            np.maximum(model.classify(rows)[np.arange(len(rows)), data.test.labels], 1e-7)
        )
    elif hasattr(model, "score"):
        errors = model.score(rows)
    else:
        errors = np.square(rows - model.reconstruct(rows)).reshape(len(rows), -1).mean(axis=1)
    worst = np.argsort(-errors, kind="stable")[:count]
    return [{"row": int(row), "error": round(float(errors[row]), 5)} for row in worst]


def picture(model, data, rows: list[dict]) -> bytes | None:
    """Returns the images of some test rows, each above its reconstruction, as a PNG file.

    Args:
        model: `AutoEncoder`, `Classifier` or `Scorer`. A classifier reconstructs nothing.
        data: `Dataset`.
        rows: List of dicts from `worst_rows`.

    Returns:
        Bytes; None if the data are no images.

    Example:

    >>> data = zoo.datasets.load("mnist_5k")
    >>> picture(zoo.build("pca").adapt(data), data, [{"row": 0}])[1:4]
    b'PNG'
    """
    from PIL import Image

    split = data.test.take([item["row"] for item in rows])
    if "reconstructions" not in kinds.KINDS[split.kind].figures:
        return None
    parts = [split.inputs]
    if hasattr(model, "reconstruct"):
        parts.append(np.clip(model.reconstruct(split.inputs), 0, 1))
    lines = [
        np.concatenate([*part[start : start + ACROSS]], axis=1)
        for start in range(0, len(rows), ACROSS)
        for part in parts
    ]
    lines = [
        np.pad(line, ((0, 0), (0, lines[0].shape[1] - line.shape[1]), (0, 0))) for line in lines
    ]
    pixels = (255 * np.concatenate(lines)).round().astype("uint8")
    grey, times = pixels.shape[-1] == 1, 2 if split.inputs.shape[1] <= ENLARGED else 1
    # A palette of 256 colours takes a third of the bytes.
    drawn = Image.fromarray(pixels[..., 0]) if grey else Image.fromarray(pixels).quantize(256)
    file = io.BytesIO()
    drawn.resize((times * drawn.width, times * drawn.height), Image.Resampling.NEAREST).save(
        file, "png", optimize=True
    )
    return file.getvalue()
