"""Tables on servers for the documentation, from the recorded runs in `results/servers.jsonl`."""

from zoo.experiments import results
from zoo.experiments.servers import load

NAMES = {"zoo": "`zoo serve`", "mlserver": "MLServer", "kserve": "KServe's SDK"}
FORMS = ("binary 1", "binary 64", "json 1", "json 64", "grpc 1", "grpc 64")


def server_load() -> str:
    """Returns the requests a second of the newest load run, and which targets were reached.

    Returns:
        A string, Markdown; empty if there was no run.

    Example:

    >>> server_load()[:10]  # doctest: +SKIP
    '| requests'
    """
    lines = [line for line in results.read("servers") if "load" in line]
    if not lines:
        return ""
    line = lines[-1]
    found = line["requests_per_second"]
    servers = [name for name in NAMES if f"{name} json 1" in found]
    rows = [
        "| requests a second | " + " | ".join(NAMES[name] for name in servers) + " |",
        "|---|" + "---|" * len(servers),
    ]
    for form in FORMS:
        kind, number = form.split()
        cells = [f"{found[f'{name} {form}']:,.0f}" for name in servers if f"{name} {form}" in found]
        cells += [""] * (len(servers) - len(cells))
        title = (
            f"{ {'binary': 'binary', 'json': 'JSON', 'grpc': 'gRPC'}[kind] }, rows of a request:"
        )
        rows.append(f"| {title} {number} | " + " | ".join(cells) + " |")
    figures = [
        f"- {name}: {value:g} (target: at {'most' if name.endswith('µs') else 'least'} "
        f"{load.TARGETS[name]:g}){' **miss**' if name in line['missed'] else ''}"
        for name, value in line["figures"].items()
    ]
    machine, rivals = line["machine"], line["rivals"]
    versions = ", ".join(f"{NAMES[name]} {version}" for name, version in rivals.items())
    return "\n".join([
        *rows, "",
        f"`encode` of `conv_ae`, {line['connections']} connections, one thread that computes in "
        f"each server, medians of five rounds in turns; {found['in process 64']:,.0f} batches of "
        f"64 rows a second in one process ({machine['processor']}, {machine['cores']} cores, which "
        f"the clients share; {versions}).", "",
        *figures,
    ])  # fmt: skip


def mutations() -> str:
    """Returns a sentence on the newest run of changed files and requests.

    Returns:
        A string, Markdown; empty if there was no run.

    Example:

    >>> mutations()[:2]  # doctest: +SKIP
    'Of'
    """
    lines = results.read("mutations")
    if not lines:
        return ""
    counts = {}
    for outcomes in lines[-1]["outcomes"].values():
        for outcome, count in outcomes.items():
            counts[outcome] = counts.get(outcome, 0) + count
    return (
        f"Of {lines[-1]['changes']:,} files and requests that were changed at random "
        f"(`python -m zoo.experiments.mutations`), {counts.get('refused', 0):,} were refused, "
        f"{counts.get('same', 0):,} gave the same numbers, {counts.get('other', 0):,} hold other "
        "content, as what has no checksum or new hashes may, "
        f"{counts.get('closed', 0):,} were no whole request and had no answer, and "
        f"{counts.get('fault', 0):,} were faults."
    )
