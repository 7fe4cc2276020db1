"""The command line: each command is a few lines over the function of the same name."""

import functools
import json
import os
import shlex
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from zoo.errors import CheckFailedError, DivergedError, MissingExtraError, UsageError

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # its notes on the machine are not ours

app = typer.Typer(
    name="zoo",
    help="Auto-encoders: build, train, evaluate, export, verify.",
    epilog="Example: zoo train conv_ae mnist_5k",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
data_app = typer.Typer(
    help="Data sets: list them, or fill the cache from files at hand.",
    epilog="Example: zoo data list",
    no_args_is_help=True,
)
app.add_typer(data_app, name="data")

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Data = Annotated[str, typer.Argument(help="A data set, folder, .npy or .npz; see zoo data list.")]
Model = Annotated[Path, typer.Argument(help="A run's folder, or an exported one.")]


def command(group, example, name=None):
    """Adds a command with an example in its help, and an exit code for each kind of error."""

    def add(function):
        @group.command(name=name, epilog=f"Example: {example}")
        @functools.wraps(function)
        def run(*args, **kwargs):
            try:
                function(*args, **kwargs)
            except (CheckFailedError, DivergedError) as error:
                _fail(error, 1)
            except MissingExtraError as error:
                _fail(error, 3)
            except UsageError as error:
                _fail(error, 2)
            except KeyboardInterrupt:
                _fail("interrupted.", 130)

        return run

    return add


@command(app, "zoo list '*vae*'", name="list")
def list_variants(
    pattern: Annotated[str, typer.Argument(help="Wildcards.")] = "*", json_: Json = False
):
    """The variants, by family."""
    from zoo import registry

    wanted = set(registry.names(pattern))
    table = {
        family: {name: summary for name, summary in rows if name in wanted}
        for family, rows in registry.families().items()
    }
    rows = [(name, family, said) for family, names in table.items() for name, said in names.items()]
    if not rows:
        raise UsageError(
            f"No variant's name matches {pattern}; there are {', '.join(registry.names())}."
        )
    _show([{"name": n, "family": f, "summary": s} for n, f, s in rows], json_, columns=True)


@command(app, "zoo show conv_ae")
def show(variant: str, json_: Json = False):
    """A variant's facts: what it is, its arguments, and how it is trained."""
    import dataclasses

    from zoo import registry

    _require_variant(variant)
    _start_tensorflow()
    entry = registry.entry(variant)
    facts = {
        "name": entry.name,
        "family": entry.family,
        "summary": entry.summary,
        "paper": entry.paper,
        "arguments": entry.arguments(),
        "value_range": entry.value_range,
        "monitor": entry.monitor,
        "recipe": dataclasses.asdict(entry.recipe),
    }
    _show(facts, json_)


@command(app, "zoo train conv_ae mnist_5k latent_dim=16 --epochs 5")
def train(
    variant: Annotated[str, typer.Argument(help="One of zoo list.")],
    data: Data = "mnist_5k",
    arguments: Annotated[
        list[str] | None, typer.Argument(help="The variant's arguments, name=value.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Instead of the recipe's.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Instead of the recipe's.")] = None,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    validation: Annotated[float, typer.Option(help="Share of the training images held out.")] = 0.1,
    folder: Annotated[Path | None, typer.Option(help="Of the run; by default a new one.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run in the folder.")
    ] = False,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Log for TensorBoard.")
    ] = False,
    json_: Json = False,
):
    """Train a variant by its recipe, evaluate it, and draw figures."""
    from zoo import datasets, runs
    from zoo.arguments import parse

    if "=" in data:  # the data set was left out
        arguments, data = [data, *(arguments or [])], "mnist_5k"
    _require_variant(variant)
    dataset = datasets.load(data)
    folder = folder or runs.new_folder(variant, data, seed)
    try:
        _start_tensorflow()

        from zoo import registry, training

        given = parse(registry.entry(variant).builder, variant, arguments or [])
        run = training.train(
            variant, dataset, seed=seed, epochs=epochs, batch_size=batch_size,
            validation=validation, folder=folder, resume=resume, tensorboard=tensorboard, **given,
        )  # fmt: skip
    except KeyboardInterrupt:
        again = [*sys.argv[1:], *([] if "--folder" in sys.argv else ["--folder", str(folder)])]
        again += [] if resume else ["--resume"]
        _fail(f"interrupted. To go on: zoo {shlex.join(again)}", 130)
    _show({"folder": str(run.folder), **run.metrics}, json_)


@command(app, "zoo evaluate runs/conv_ae-mnist_5k-seed0")
def evaluate(
    model: Model,
    data: Annotated[str | None, typer.Argument(help="By default what it was trained on.")] = None,
    json_: Json = False,
):
    """Measure a model on the test split, beside a PCA of the same size."""
    opened, trained_on = _open(model)

    from zoo import evaluation

    _show(evaluation.evaluate(opened, data or trained_on), json_)


@command(app, "zoo export runs/conv_ae-mnist_5k-seed0 exports/conv_ae")
def export(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.")],
    folder: Annotated[Path, typer.Argument(help="Where to.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the folder.")] = False,
    json_: Json = False,
):
    """Write SavedModel, ONNX, weights, test vectors, manifest and card, proven equal."""
    from zoo import runs

    runs.read_config(run)
    _start_tensorflow()

    from zoo import exporting

    bundle = exporting.export(runs.Run.open(run), folder, overwrite=overwrite)
    parity = {name: max(worst.values()) for name, worst in bundle.manifest["parity"].items()}
    files = len(bundle.manifest["files"])
    _show({"folder": str(folder), "files": files, "largest_difference": parity}, json_)


@command(app, "zoo verify exports/conv_ae")
def verify(folder: Annotated[Path, typer.Argument(help="An exported model.")], json_: Json = False):
    """Check an exported model: every hash, and its test vectors in both runtimes."""
    from zoo.manifest import Manifest

    Manifest.read(folder)
    _start_tensorflow()

    from zoo import exporting

    _show(exporting.verify(folder), json_)


Results = Annotated[
    Path | None,
    typer.Option("--results", help="Folder of the results file; by default the package's."),
]


@command(app, "zoo bench fit")
def bench(
    name: Annotated[str, typer.Argument(help="fit, encode or main_job.")],
    results: Results = None,
    json_: Json = False,
):
    """Measure speed against doing without this library, and append it to the results."""
    from zoo import benchmarks

    if name in benchmarks.BENCHES:
        _start_tensorflow()
    lines = benchmarks.bench(name, results)
    keys = ("bench", "variant", "value", "unit")
    shown = lines if json_ else [{key: line.get(key, "") for key in keys} for line in lines]
    _show(shown, json_, columns=True)


@command(app, "zoo reproduce 1 --seed 0")
def reproduce(
    row: Annotated[str | None, typer.Argument(help="Of the table; without one, the table.")] = None,
    seed: Annotated[int, typer.Option(help="Of the training.")] = 0,
    results: Results = None,
    json_: Json = False,
):
    """Train what a published result takes, and append ours to the results."""
    from zoo import reproduce as module

    if row is None:
        table = [
            {"row": key, "title": r.title, "published": r.published, "target": r.target}
            for key, r in module.ROWS.items()
        ]
        _show(table, json_, columns=True)
        return
    if row in module.ROWS:
        _start_tensorflow()
    _show(module.reproduce(row, seed, results), json_)


@command(data_app, "zoo data list", name="list")
def list_data(json_: Json = False):
    """The data sets that have a name of their own."""
    from zoo.datasets.loading import FROM_TFDS

    embedded = {"name": "mnist_5k", "source": "in the package", "licence": FROM_TFDS["mnist"]}
    others = [
        {"name": name, "source": "tensorflow-datasets", "licence": licence}
        for name, licence in FROM_TFDS.items()
    ]
    _show([embedded, *others], json_, columns=True)


@command(data_app, "zoo data import mnist ~/Downloads", name="import")
def import_data(
    name: Annotated[str, typer.Argument(help="As tensorflow-datasets calls it.")],
    folder: Annotated[Path, typer.Argument(help="Where its source files lie.")],
    json_: Json = False,
):
    """Put source files you have into tensorflow-datasets' cache, checksums verified."""
    _start_tensorflow()

    from zoo import datasets

    _show({"written": [str(path) for path in datasets.import_sources(name, folder)]}, json_)


def main():
    """The console command `zoo`."""
    app()


def _require_variant(name):
    """Answers a wrong name before TensorFlow is imported."""
    from zoo import registry

    if name not in registry.names():
        registry.entry(name)


def _start_tensorflow():
    """Imports TensorFlow without its native start-up notes; if that fails, they are shown."""
    with tempfile.TemporaryFile() as held:
        stderr = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            import keras  # noqa: F401, with its backend
        except BaseException:
            held.seek(0)
            os.write(stderr, held.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


def _open(folder):
    """An exported model or a run's, and the data it was trained on; then TensorFlow is there."""
    from zoo import runs, serving

    if (folder / "manifest.json").exists():
        model = serving.load(folder)
        data = model.manifest["data"]
        trained_on = data["name"] if data else "mnist_5k"
    else:
        trained_on = runs.read_config(folder)["data"]["name"]
        _start_tensorflow()
        model = runs.Run.open(folder).model
    _start_tensorflow()
    return model, trained_on


def _show(result, as_json, columns=False):
    """On stdout: JSON, or aligned columns."""
    if as_json:
        print(json.dumps(result, indent=2))
        return
    rows = [list(row.values()) for row in result] if columns else _flat(result)
    told = [[_told(cell) for cell in row] for row in rows]
    widths = [max(len(row[n]) for row in told) for n in range(len(told[0]) - 1)]
    for row in told:
        print("  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[-1]]))


def _flat(result, prefix=""):
    for key, value in result.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield [prefix + key, value]


def _told(cell):
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)


def _fail(error, code):
    print(f"zoo: {error}", file=sys.stderr)
    raise typer.Exit(code)
