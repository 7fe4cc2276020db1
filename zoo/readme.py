"""The README's tables, from the registry and the results; `python -m zoo.readme` writes them."""

import re
from pathlib import Path

from zoo import registry, reproduce, results

README = Path(__file__).parent.parent / "README.md"


def variants() -> str:
    """The table of variants, from the registry's files."""
    rows = ["| variant | family | what it is |", "|---|---|---|"]
    for family, entries in registry.families().items():
        rows += [f"| `{name}` | {family} | {summary} |" for name, summary in entries]
    return "\n".join(rows)


def main_job() -> str:
    """What the first command gives, from its last measurement."""
    line = _last("main_job")
    metrics, parity = line["metrics"], max(line["parity"].values())
    shown = {"sse": ".2f", "mse": ".4f", "psnr": ".1f", "knn_accuracy": ".3f"}
    told = {
        "sse": "squared error summed over an image",
        "mse": "squared error of a pixel",
        "psnr": "peak signal-to-noise ratio, dB",
        "knn_accuracy": "accuracy of 5 nearest neighbours by code",
    }
    size = metrics["code_size"]
    rows = [
        f"| {metrics['test_rows']} test digits, codes of {size} numbers | `{line['variant']}` "
        f"| PCA-{size} |",
        "|---|---|---|",
        *(
            f"| {told[key]} | {metrics[key]:{form}} | {metrics['pca_' + key]:{form}} |"
            for key, form in shown.items()
        ),
        "",
        f"It took {line['value']:.0f} seconds on {line['machine']['cores']} cores; the exported "
        f"forms differ from the trained model by at most {parity:.0e}.",
    ]
    return "\n".join(rows)


def reproduced() -> str:
    """The results we hold against published ones."""
    rows = ["| row | what | published | target | ours |", "|---|---|---|---|---|"]
    for key, row in reproduce.ROWS.items():
        values = [line["value"] for line in results.read("reproduce") if line["row"] == key]
        ours = "–"
        if values:
            ours = f"{sum(values) / len(values):.4g} {row.unit}, seeds: {len(values)}"
        rows.append(f"| {key} | {row.title} | {row.published} | {row.target} | {ours} |")
    return "\n".join(rows)


def speed() -> str:
    """What using the zoo costs, from the last measurements."""
    rows = ["| measured | value |", "|---|---|"]
    lines = {line["variant"]: line for line in results.read("bench") if line["bench"] == "fit"}
    for name, line in lines.items():
        rows.append(
            f"| `{name}`: `fit`, as fast as the same net in bare Keras | "
            f"{line['value']:.2f} times, {line['images_per_second']:,} images a second |"
        )
    line = _last("encode")
    rows.append(
        f"| `{line['variant']}`: encoding one image, onnxruntime / SavedModel signature | "
        f"{line['onnxruntime_ms']:.3f} / {line['saved_model_ms']:.3f} ms "
        f"({line['value']} times as fast) |"
    )
    machine = line["machine"]
    return "\n".join([*rows, "", f"On {machine['processor']}, {machine['cores']} cores."])


TABLES = {table.__name__: table for table in (variants, main_job, reproduced, speed)}


def written(text: str) -> str:
    """The README's text with each part between `<!-- NAME -->` and `<!-- end -->` made again."""
    return re.sub(
        r"<!-- (\w+) -->\n.*?<!-- end -->",
        lambda match: f"<!-- {match[1]} -->\n{TABLES[match[1]]()}\n<!-- end -->",
        text,
        flags=re.DOTALL,
    )


def _last(bench):
    return [line for line in results.read("bench") if line["bench"] == bench][-1]


if __name__ == "__main__":
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
