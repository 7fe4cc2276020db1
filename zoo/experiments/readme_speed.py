"""Tables and sentences on speed for the documentation, from the results of `zoo bench`."""

from zoo.experiments import benchmarks, results
from zoo.experiments.benchmarks import fit

RIVALS = {
    "torch": "PyTorch",
    "torch_fused": "PyTorch, fused Adam",
    "torch_compile": "PyTorch, compiled, fused Adam",
    "pythae": "pythae",
    "jax": "JAX",
}


def speed() -> str:
    """Returns tables and sentences on speed, from the newest measurements.

    Returns:
        A string, Markdown.

    Example:

    >>> speed().startswith("| `fit` |")
    True
    """
    newest = benchmarks.newest().values()
    measured = {name: [x for x in newest if x["bench"] == name] for name in benchmarks.BENCHES}
    sentences = []
    if measured["overhead"]:
        worst = min(measured["overhead"], key=lambda line: line["value"])
        sentences.append(
            f"- `fit` compared with the same network in bare Keras, {len(measured['overhead'])} "
            f"variants at their recipes' batch sizes: the slowest in comparison is "
            f"`{worst['variant']}`, which is {worst['value']:.2f} times as fast as bare Keras "
            f"({_processor(worst)})."
        )
    sentences += [
        f"- A training step with a random Jacobian probe takes {line['value']:.2f} times as long "
        f"as one without ({_processor(line)})."
        for line in measured["contractive"]
    ]
    sentences += [
        f"- Contrastive divergence with {line['units']:,} hidden units and batch size "
        f"{line['batch']}: {line['value']:,} images per second, "
        f"{line['times_as_fast_as']['sklearn']:.2f} times as fast as scikit-learn's RBM, "
        f"{line['share_of_limit']:.0%} of the limit ({_processor(line)})."
        for line in measured["boltzmann"]
    ]
    sentences += [_search(line) for line in measured["search"]]
    sentences += [
        f"- The peak memory of `zoo.train` with `{line['variant']}` on {line['rows']:,} rows is "
        f"{line['value']:.2f} times the size of the array that it is given."
        for line in measured["memory"]
        if "file_gb" not in line
    ]
    sentences += [
        f"- Training, evaluating and encoding a file of {line['file_gb']:g} GB that stays on disk "
        f"adds {line['value']:,} MB of memory at the peak."
        for line in measured["memory"]
        if "file_gb" in line
    ]
    sentences += [
        f"- `fit` of `{line['variant']}` on {line['photos']:,} photos that stay on disk runs at "
        f"{line['value']:.2f} times the images per second of the same photos in memory; the files "
        f"are decoded once, {line['decoded_per_second']:,} per second ({_processor(line)})."
        for line in measured["photos"]
    ]
    sentences += [
        f"- Of {line['signals']} commands that got {line['variant']} at a random time, "
        f"{line['value']} ended with the documented exit code and the line that resumes, without a "
        f"traceback or a temporary file."
        for line in measured["interrupts"]
    ]
    tables = [_fit(), _encode(measured["encode"]), _unpooling(measured["unpooling"])]
    return "\n\n".join([*filter(None, tables), "\n".join(sentences)])


def fit_speed() -> str:
    """Returns a sentence on the speed of `fit`: share of the limit, strongest rival, machines.

    Returns:
        A string, Markdown.

    Example:

    >>> fit_speed().startswith("The speed of `fit`: ")
    True
    """
    cases = _cases()
    if not cases:
        return "The speed of `fit` beside all rivals is not measured yet: run `zoo bench fit`."
    found = []
    for (variant, batch), lines in cases.items():
        limit, times, names = _compared(lines)
        found.append(
            f"`{variant}`, batch {batch}: {limit} of the limit of the machine's matrix products, "
            f"{times} times as fast as the strongest rival ({names}), on {_machines(lines)}"
        )
    return f"The speed of `fit`: {'; '.join(found)}."


def _fit():
    """Returns the table of `fit`: for each case the range over processors and their last day."""
    rows = [
        "| `fit` | share of the limit | relative to the strongest rival | relative to bare Keras "
        "| measured on |",
        "|---|---|---|---|---|",
    ]
    cases = _cases()
    for (variant, batch), lines in cases.items():
        limit, times, names = _compared(lines)
        keras = _range([line["times_as_fast_as"]["keras"] for line in lines], "{:.2f}")
        rows.append(
            f"| `{variant}`, batch {batch} | {limit} | {times} ({names}) | {keras} "
            f"| {_machines(lines)} |"
        )
    measured = {variant for variant, _ in cases}
    absent = ", ".join(f"`{variant}`" for variant in fit.VARIANTS if variant not in measured)
    if absent:
        rows += ["", f"Not measured beside all rivals yet: {absent}."]
    return "\n".join(rows)


def _cases():
    """Returns the lines of `fit` beside all rivals, by variant and batch size.

    Of each processor, those of the last day on which the case was measured are taken.
    """
    cases = {}
    for line in results.read("bench"):
        if line["bench"] == "fit" and _rivals(line["variant"]) <= line["times_as_fast_as"].keys():
            cases.setdefault((line["variant"], line["batch"]), []).append(line)
    for key, lines in cases.items():
        days = {line["machine"]["processor"]: line["date"] for line in lines}
        cases[key] = [line for line in lines if line["date"] == days[line["machine"]["processor"]]]
    return cases


def _rivals(variant):
    """Returns the names of the rivals that a variant is measured beside."""
    return fit.RIVALS.keys() - (fit.DENSE_ONLY if variant in fit.CONVOLUTIONAL else set())


def _compared(lines):
    """Returns the share of the limit, the relative speed, and the names of the strongest rivals."""
    rivals = [_strongest(line) for line in lines]
    names = ", ".join(sorted({RIVALS[name] for _, name in rivals}))
    limit = _range([line["share_of_limit"] for line in lines], "{:.0%}")
    return limit, _range([times for times, _ in rivals], "{:.2f}"), names


def _machines(lines):
    return "; ".join(dict.fromkeys(_processor(line) for line in lines))


def _strongest(line):
    """Returns the speed of `fit` relative to its strongest rival, and the rival's name."""
    rivals = {key: times for key, times in line["times_as_fast_as"].items() if key != "keras"}
    name = min(rivals, key=rivals.get)
    return rivals[name], name


def _range(values, template):
    low, high = template.format(min(values)), template.format(max(values))
    return low if low == high else f"{low} to {high}"


def _search(line):
    method = "exact" if line["variant"] == "exact" else "approximate by a graph"
    return (
        f"- Search of the {line['k']} nearest of {line['rows']:,} codes of {line['numbers']} "
        f"numbers, {method}: {line['value']:.2f} ms per query, recall {line['recall']:.1%} "
        f"({_processor(line)})."
    )


def _case(line):
    return f"`{line['variant']}`, batch {line['batch']}, {_processor(line)}"


def _processor(line):
    """Returns the name of a line's processor, without marks, and its number of cores."""
    machine = line["machine"]
    name = " ".join(machine["processor"].replace("(R)", "").split())
    return f"{name}, {machine['cores']} cores"


def _encode(lines):
    heads = "| ms to encode a batch | onnxruntime | `zoo.load` | SavedModel | `predict` |"
    rows = [heads, "|---|---|---|---|---|"]
    for line in lines:
        names = ("onnxruntime", "zoo_load", "saved_model", "predict")
        rows.append(f"| {_case(line)} | {_milliseconds(line, names)} |")
    return "\n".join(rows)


def _unpooling(lines):
    """Returns the table of the forms of unpooling, or "" before they are measured."""
    heads = "MaxUnpool | scatter | one-hot | scatter, OpenVINO | one-hot, OpenVINO"
    rows = [f"| ms to reconstruct a batch | {heads} |", "|---|---|---|---|---|---|"]
    names = ("native", "scatter", "one-hot", "openvino_scatter", "openvino_one-hot")
    for line in lines:
        rows.append(f"| {_case(line)} | {_milliseconds(line, names)} |")
    return "\n".join(rows) if lines else ""


def _milliseconds(line, names):
    values = (line.get(f"{name}_ms") for name in names)
    return " | ".join("–" if value is None else f"{value:.3f}" for value in values)
