"""Tables of the results of one variant, from the results files of the repository."""

from generated import table

from zoo.experiments import benchmarks, readme_results, reproduce, results


def numbers(name: str) -> str:
    """Returns the results of a variant, each under a heading; empty if nothing is measured."""
    parts = {
        "Published results and ours": published(name),
        "On real data, by the recipe": by_recipe(name),
        "Speed": speed(name),
        "Speed with other settings": other_settings(name),
        "How the recipe was chosen": chosen(name),
    }
    return "\n".join(f"### {title}\n\n{text}\n" for title, text in parts.items() if text)


def published(name: str) -> str:
    """Returns a list of the rows of the results that train the variant and are measured."""
    measured = {line["row"] for line in results.read("reproduce")}
    found = []
    for key, row in reproduce.ROWS.items():
        if name in row.variants and key in measured:
            theirs, ours, verdict = readme_results.compared(key)
            theirs = "nothing is published" if theirs == "–" else f"published: {theirs}"
            found.append(f"- {verdict}, row {key}: {row.title}. Ours: {ours}; {theirs}.")
    note = "[Results](../results.md) has the targets, and what the verdicts mean."
    return "\n".join([*found, "", note]) if found else ""


def by_recipe(name: str) -> str:
    """Returns the remaining error of every mode of the variant, from the row `modes`."""
    lines = reproduce.lines_of("modes")
    modes = lines[-1]["modes"] if lines else {}
    rows = []
    for title, mode in modes.items():
        variant, _, arguments = title.partition(", ")
        if variant == name:
            arguments = f"`{arguments}`" if arguments else "the defaults"
            errors = f"{mode['error']:.3f}", f"{mode['pca']:.3f}"
            rows.append((arguments, mode["data"], mode["epochs"], *errors))
    note = (
        "The error on test rows, as a fraction of the error of the mean training row, beside PCA "
        "whose code has the same number of bits (`zoo reproduce modes`).\n\n"
    )
    head = ("arguments", "data", "epochs", f"`{name}`", "PCA of equal size")
    return note + table(head, rows) if rows else ""


def speed(name: str) -> str:
    """Returns the newest measurements of `zoo bench` of the variant."""
    rows = []
    for (bench, variant, batch), line in benchmarks.newest().items():
        if variant == name:
            setting = f"`zoo bench {bench}`" + (f", batch {batch}" if batch else "")
            value = f"{line['value']:,} {line['unit'].replace(' a second', ' per second')}"
            machine = line["machine"]
            processor = " ".join(machine["processor"].replace("(R)", "").split())
            machine = f"{processor}, {machine['cores']} cores"
            rows.append((setting, value, machine, line["date"]))
    return table(("measurement", "value", "measured on", "date"), rows) if rows else ""


def other_settings(name: str) -> str:
    """Returns how the speed of `fit` changes with each setting of the recipe."""
    lines = [
        line
        for (bench, variant, _), line in benchmarks.newest().items()
        if (bench, variant) == ("recipe", name)
    ]
    rows = [row for line in lines for row in line["times_as_fast_as"].items()]
    if not rows:
        return ""
    rows = [(setting, f"{1 / times:.2f}") for setting, times in rows]
    note = "Images per second, as a multiple of those of the recipe (`zoo bench recipe`).\n\n"
    return note + table(("changed setting", "times as fast"), rows)


def chosen(name: str) -> str:
    """Returns the settings that were tried on held-out training rows, folded."""
    lines = [line for line in results.read("tuning") if line.get("variant") == name]
    shown = ("learning_rate", "batch_size", "epochs")
    rows = []
    for line in lines:
        recipe = line["recipe"]
        error = line["sse"]["validation"]
        settings = [recipe[key] for key in shown]
        rows.append((line["data"], recipe["loss"], *settings, f"{error:.4g}"))
    if not rows:
        return ""
    names = tuple(key.replace("_", " ") for key in shown)
    head = ("data", "loss", *names, "squared error of held-out training rows")
    listed = table(head, rows)
    return f":::{{dropdown}} {len(rows)} settings, tried by `zoo tune`\n{listed}:::\n"
