"""The README's words on speed, from the newest measurements of `zoo bench`."""

from zoo import benchmarks


def speed() -> str:
    """How fast it is, from the newest measurements."""
    newest = benchmarks.newest().values()
    measured = {name: [x for x in newest if x["bench"] == name] for name in benchmarks.BENCHES}
    told = []
    if measured["overhead"]:
        worst = min(measured["overhead"], key=lambda line: line["value"])
        told.append(
            f"Of {len(measured['overhead'])} variants at their recipes' batches, the slowest "
            f"beside the same net in bare Keras is `{worst['variant']}`: "
            f"{worst['value']:.2f} times as fast, on {_processor(worst)}."
        )
    told += [
        f"A training step with a random Jacobian probe takes {line['value']:.2f} times one "
        f"without, on {_processor(line)}."
        for line in measured["contractive"]
    ]
    told += [
        f"Contrastive divergence of {line['units']} hidden units at batch {line['batch']}: "
        f"{line['value']:,} images a second, {line['times_as_fast_as']['sklearn']:.2f} times "
        f"scikit-learn's machine, {line['share_of_limit']:.0%} of the limit, on {_processor(line)}."
        for line in measured["boltzmann"]
    ]
    told += [_search(line) for line in measured["search"]]
    return "\n\n".join([_fit(measured["fit"]), _encode(measured["encode"]), " ".join(told)])


def _fit(lines):
    rows = [
        "| `fit` | images a second | bare Keras | PyTorch's loop | pythae's trainer | limit |",
        "|---|---|---|---|---|---|",
    ]
    for line in lines:
        if "share_of_limit" not in line:
            continue
        others = (line["times_as_fast_as"].get(name) for name in ("keras", "torch", "pythae"))
        told = " | ".join("–" if times is None else f"{times:.2f} times" for times in others)
        rows.append(
            f"| {_case(line)} | {line['value']:,} | {told} | {line['share_of_limit']:.0%} |"
        )
    return "\n".join(rows)


def _search(line):
    found = f"by a graph, {line['recall']:.1%} of them rightly,"
    way = "exactly" if line["variant"] == "exact" else found
    return (
        f"The {line['k']} nearest of {line['rows']:,} codes of {line['numbers']} numbers are found "
        f"{way} in {line['value']:.2f} ms, on {_processor(line)}."
    )


def _case(line):
    return f"`{line['variant']}`, batch {line['batch']}, {_processor(line)}"


def _processor(line):
    """Its name without marks, and how many cores."""
    machine = line["machine"]
    name = " ".join(machine["processor"].replace("(R)", "").split())
    return f"{name}, {machine['cores']} cores"


def _encode(lines):
    rows = ["| to encode, ms | onnxruntime | SavedModel | `predict` |", "|---|---|---|---|"]
    for line in lines:
        runtimes = (line.get(f"{key}_ms") for key in ("onnxruntime", "saved_model", "predict"))
        told = " | ".join("–" if ms is None else f"{ms:.3f}" for ms in runtimes)
        rows.append(f"| {_case(line)} | {told} |")
    return "\n".join(rows)
