"""The card of a set of weights: what it is, how good, how fast, where it fails."""

from zoo.experiments import recipe_text
from zoo.exporting.model_card import METRICS, detection
from zoo.weights import sets

USES = {
    sets.CLASSIFIER: "probabilities = model.classify(x)",
    sets.DETECTOR: "anomalous = model.predict(x)",
}


def text(found: sets.WeightsSet, facts: dict) -> str:
    """Returns the card as Markdown.

    Args:
        found: `WeightsSet`, whose declaration has an `about` and `weaknesses`, and may have
            `published`.
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
        recipe_text.described(facts),
        _packages(facts["data"], facts.get("elsewhere", ())),
        _metrics(facts),
        detection(facts),
        _given("Published", found.declaration.get("published")),
        _size(facts),
        _worst(facts),
        _picture(found),
        _given("Known weaknesses", found.declaration["weaknesses"]),
        _use(found),
        _paper(facts),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def of_bundle(found: sets.WeightsSet, facts: dict) -> str:
    """Returns what the card of a set says and that of an export does not, for the set's bundle.

    Args:
        found: `WeightsSet`, as for `text`.
        facts: Dict of the facts.

    Returns:
        A string, Markdown.

    Example:

    >>> found = sets.find("pca", "mnist")
    >>> of_bundle(found, found.facts).splitlines()[0]
    'With TensorFlow, `zoo.build("pca", weights="mnist")` builds the same model.'
    """
    parts = [
        f"With TensorFlow, `{_call(found)}` builds the same model."
        if found.variant != sets.DETECTOR
        else "",
        _seeds(facts),
        recipe_text.described(facts),
        _packages(facts["data"], facts.get("elsewhere", ())),
        _given("Published", found.declaration.get("published")),
        _size(facts),
        _worst(facts),
        _given("Known weaknesses", found.declaration["weaknesses"]),
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
    data = facts["data"]
    return (
        f"Built with {arguments}. Trained on {data['name']} ({data['train_rows']} rows; licence of "
        f"the data: {data['licence']}). {_seeds(facts)}"
    )


def _seeds(facts):
    first, *others = facts["seeds"]
    beside = f", and with {', '.join(map(str, others))} to measure the spread" if others else ""
    return (
        f"The weights are those of seed {first}{beside}. They are under the Apache License 2.0 "
        "(Apache-2.0)."
    )


def _packages(data, elsewhere):
    if "versions" not in data:
        return ""
    listed = ", ".join(f"{package} {version}" for package, version in data["versions"].items())
    description = (
        f"The data are files of installed packages, and differ in other versions: {listed}."
    )
    return description + "".join(f" {_elsewhere(other)}" for other in elsewhere)


def _elsewhere(other):
    packages = ", ".join(f"{name} {version}" for name, version in other["data"]["versions"].items())
    sse = other["metrics"]["sse"]
    return f"The tolerances also cover a training under {packages}, whose `sse` was {sse:.4g}."


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
        f"and evaluation took {duration(facts)} for each seed."
    )


def duration(facts: dict) -> str:
    """Returns how long a set was trained and measured for each seed.

    Args:
        facts: Dict of the facts; older ones have no `wall_seconds`.

    Example:

    >>> duration({"processor_seconds": 90.0})
    '1.5 minutes of processor time'
    >>> duration({"processor_seconds": 90.0, "wall_seconds": 60.0, "machine": {"cores": 2}})
    '1.0 minutes on 2 cores, 1.5 minutes of processor time'
    """
    processor = f"{facts['processor_seconds'] / 60:.1f} minutes of processor time"
    if "wall_seconds" not in facts:
        return processor
    cores = facts["machine"]["cores"]
    cores = "1 core" if cores == 1 else f"{cores} cores"
    return f"{facts['wall_seconds'] / 60:.1f} minutes on {cores}, {processor}"


def _worst(facts):
    rows = ", ".join(f"{item['row']} ({item['error']:g})" for item in facts["worst_rows"])
    what = "score" if "detection" in facts else "error"
    return f"Test rows with the largest {what}, and the {what} of each: {rows}."


def _picture(found):
    if not found.path(".png").is_file():
        return ""
    beside = ", and their reconstructions" if found.variant != sets.CLASSIFIER else ""
    return f"![These test rows in the same order{beside}]({found.name}.png)"


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
