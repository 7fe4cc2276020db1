"""The card of a set of weights: what it is, how good, how fast, where it fails."""

import io
import statistics

import numpy as np

from zoo.exporting.model_card import METRICS, detection
from zoo.weights import sets

REPEATS = 30  # measurements of a latency
LATENCY_ROWS = (1, 64)
ACROSS = 10  # images side by side in a picture
USES = {
    sets.CLASSIFIER: "probabilities = model.classify(x)",
    sets.DETECTOR: "anomalous = model.predict(x)",
}


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
    if split.kind != "images":
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
    drawn = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    file = io.BytesIO()
    drawn.resize((2 * drawn.width, 2 * drawn.height), Image.Resampling.NEAREST).save(
        file, "png", optimize=True
    )
    return file.getvalue()


def text(found: sets.WeightsSet, facts: dict) -> str:
    """Returns the card as Markdown.

    Args:
        found: `WeightsSet`, whose declaration has an `about`, and may have `published` and
            `weaknesses`.
        facts: Dict of the facts.

    Example:

    >>> found = sets.find("pca", "mnist")
    >>> text(found, found.facts).splitlines()[0]
    '# pca/mnist'
    """
    parts = [
        f"# {found.key}",
        found.declaration["about"],
        _training(facts),
        _packages(facts["data"]),
        _metrics(facts),
        detection(facts),
        _given("Published", found.declaration.get("published")),
        _size(facts),
        _worst(found, facts),
        _given("Known weaknesses", found.declaration.get("weaknesses")),
        _use(found),
        _paper(facts),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def weights() -> str:
    """Returns the table of all weights that ship.

    Returns:
        A string, Markdown.

    Example:

    >>> weights().splitlines()[0]
    '| call | what it is | measured | bytes |'
    """
    rows = ["| call | what it is | measured | bytes |", "|---|---|---|---|"]
    for found in sets.every():
        metrics = found.facts["metrics"]
        name = next(name for name, _ in METRICS if name in metrics)
        rows.append(
            f"| `{_call(found)}` | {found.declaration['about']} | {name.replace('_', ' ')} "
            f"{metrics[name]:.4g} | {found.facts['bytes']:,} |"
        )
    return "\n".join(rows)


def _call(found):
    if found.variant == sets.CLASSIFIER:
        return f'zoo.classifier(weights="{found.name}")'
    if found.variant == sets.DETECTOR:
        return f'zoo.anomaly.Detector.load("{found.name}")'
    return f'zoo.build("{found.variant}", weights="{found.name}")'


def _given(head, sentence):
    return f"{head}: {sentence}" if sentence else ""


def _training(facts):
    arguments = ", ".join(f"{key}={value!r}" for key, value in facts["arguments"].items())
    data, recipe = facts["data"], facts["recipe"]
    seeds = ", ".join(map(str, facts["seeds"]))
    return (
        f"Built with {arguments}. Trained on {data['name']} ({data['train_rows']} rows; licence of "
        f"the data: {data['licence']}) by its recipe ({recipe['epochs']} epochs, SHA-256 "
        f"{facts['recipe_sha256'][:12]}), seeds {seeds}; the weights are those of seed "
        f"{facts['seeds'][0]}. The weights are under the Apache License 2.0."
    )


def _packages(data):
    if "versions" not in data:
        return ""
    listed = ", ".join(f"{package} {version}" for package, version in data["versions"].items())
    return f"The data are files of installed packages, and differ in other versions: {listed}."


def _metrics(facts):
    metrics, deviations = facts["metrics"], facts["deviations"]
    size = (
        f", {metrics['pca_components']:.0f} components"
        if "detection" in facts
        else " of equal size"
    )
    rows = [f"| metric | meaning | mean | PCA{size} | tolerance |", "|---|---|---|---|---|"]
    for name, meaning in METRICS:
        if name in metrics:
            spread = f" ± {deviations[name]:.2g}" if name in deviations else ""
            pca = f"{metrics[f'pca_{name}']:.4g}" if f"pca_{name}" in metrics else "–"
            tolerance = f"{facts['tolerances'][name]:.2g}"
            rows.append(
                f"| `{name}` | {meaning} | {metrics[name]:.4g}{spread} | {pca} | {tolerance} |"
            )
    return "\n".join(rows)


def _size(facts):
    times = " and ".join(f"{value:g} ms for {rows}" for rows, value in facts["latency_ms"].items())
    return (
        f"{facts['parameters']:,} numbers, stored as {facts['dtype']}: {facts['bytes']:,} bytes. "
        f"With onnxruntime on {facts['machine']['processor']} a call takes {times} rows. Training "
        f"and evaluation took {facts['processor_seconds'] / 60:.1f} minutes of processor time for "
        "each seed."
    )


def _worst(found, facts):
    rows = ", ".join(f"{item['row']} ({item['error']:g})" for item in facts["worst_rows"])
    what = "score" if "detection" in facts else "error"
    listed = f"Test rows with the largest {what}, and the {what} of each: {rows}."
    if found.path(".png").is_file():
        beside = ", and their reconstructions" if found.variant != sets.CLASSIFIER else ""
        listed += f"\n\n![These test rows in the same order{beside}]({found.name}.png)"
    return listed


def _use(found):
    use = USES.get(found.variant, "codes = model.encode(x)")
    data = found.declaration["data"]
    return "\n".join(
        [
            "```python",
            "import zoo",
            "",
            f'x = zoo.datasets.load("{data}").test.inputs[:5]',
            f"model = {_call(found)}",
            use,
            "```",
        ]
    )


def _paper(facts):
    from zoo import registry

    return f"Paper: {registry.entry(facts['variant']).paper}."
