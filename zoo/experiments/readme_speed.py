"""Tables and sentences on speed for the documentation, from the results of `zoo bench`."""

from zoo.experiments import benchmarks, results

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
    ]
    return "\n\n".join([_fit(_last_day("fit")), _encode(measured["encode"]), "\n".join(sentences)])


def _fit(lines):
    """Returns the table of `fit`: for each case the range over processors and their last day."""
    rows = [
        "| `fit` | share of the limit | relative to the strongest rival | relative to bare Keras "
        "| measured on |",
        "|---|---|---|---|---|",
    ]
    cases = {}
    for line in lines:
        cases.setdefault((line["variant"], line["batch"]), []).append(line)
    for (variant, batch), measured in cases.items():
        rivals = [_strongest(line) for line in measured]
        times = _range([times for times, _ in rivals], "{:.2f}")
        names = ", ".join(sorted({RIVALS[name] for _, name in rivals}))
        keras = _range([line["times_as_fast_as"]["keras"] for line in measured], "{:.2f}")
        limit = _range([line["share_of_limit"] for line in measured], "{:.0%}")
        machines = "; ".join(dict.fromkeys(_processor(line) for line in measured))
        rows.append(
            f"| `{variant}`, batch {batch} | {limit} | {times} ({names}) | {keras} | {machines} |"
        )
    return "\n".join(rows)


def _last_day(bench):
    """Returns a benchmark's lines from the last day on which each processor was measured."""
    lines = [line for line in results.read("bench") if line["bench"] == bench]
    days = {line["machine"]["processor"]: line["date"] for line in lines}
    return [line for line in lines if line["date"] == days[line["machine"]["processor"]]]


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
    rows = ["| ms to encode a batch | onnxruntime | SavedModel | `predict` |", "|---|---|---|---|"]
    for line in lines:
        runtimes = (line.get(f"{key}_ms") for key in ("onnxruntime", "saved_model", "predict"))
        cells = " | ".join("–" if ms is None else f"{ms:.3f}" for ms in runtimes)
        rows.append(f"| {_case(line)} | {cells} |")
    return "\n".join(rows)
