"""The command `zoo sample`."""

import functools
import io
import math
from pathlib import Path
from typing import Annotated

import typer

from zoo import runs
from zoo.cli import completions
from zoo.cli.console import app, command, require_place, show_result, start_tensorflow
from zoo.cli.options import Json, Model, Seed
from zoo.errors import UsageError
from zoo.storage import manifest

SAMPLES, GRID, STEPS = 64, 400, 10  # default values of --n
FARTHEST = 2.0  # a traversal goes from -2 to 2, as a grid does


@command(app, "zoo sample exports/vae --n 100 --to samples.png --to samples.npy")
def sample(
    model: Model,
    data: Annotated[
        str | None,
        typer.Argument(
            help="Dataset name, folder or file to take training or test rows from. Defaults to "
            "the data that the model was trained on.",
            autocompletion=completions.datasets,
        ),
    ] = None,
    n: Annotated[
        int | None,
        typer.Option(
            "--n",
            help="Number of images. Defaults to 64; to 400 with --grid, where it must be a "
            "square; to 10 with --between, and with --traverse for each latent dimension.",
        ),
    ] = None,
    prior: Annotated[
        str | None,
        typer.Option(
            help="Distribution that codes are drawn from: normal, or mixture (a Gaussian mixture "
            "fitted to the codes of the training rows). Defaults to normal for a model that was "
            "trained towards it, such as a VAE, and to mixture otherwise."
        ),
    ] = None,
    components: Annotated[int, typer.Option(help="Number of Gaussians in the mixture.")] = 10,
    grid: Annotated[
        bool,
        typer.Option(
            "--grid",
            help="Decode a regular grid over [-2, 2] x [-2, 2]. Only for codes of two numbers.",
        ),
    ] = False,
    between: Annotated[
        tuple[int, int] | None,
        typer.Option(
            metavar="A B",
            help="Interpolate from the code of test row A to that of test row B. Rows count from "
            "0.",
        ),
    ] = None,
    spherical: Annotated[
        bool,
        typer.Option(
            "--spherical", help="With --between: interpolate along an arc, not a straight line."
        ),
    ] = False,
    traverse: Annotated[
        int | None,
        typer.Option(
            metavar="ROW",
            help="Vary each latent dimension of a test row's code in turn, from -2 to 2.",
        ),
    ] = None,
    arithmetic: Annotated[
        tuple[int, int, int] | None,
        typer.Option(
            metavar="A B C",
            help="Decode the sum of test rows' codes: that of C plus that of A minus that of B.",
        ),
    ] = None,
    seed: Seed = 0,
    to: Annotated[
        list[Path] | None,
        typer.Option(help="File to write, .png or .npy; may be repeated. Defaults to samples.png."),
    ] = None,
    json_: Json = False,
):
    """Generate images from latent codes, and write them to files.

    The codes are drawn at random, unless --grid, --between, --traverse or --arithmetic is given.
    """
    exported = manifest.is_export(model)
    if not exported:
        runs.read_config(model)
    files = to or [Path("samples.png")]
    ways = {"--prior": prior, "--grid": grid or None, "--between": between}
    ways |= {"--traverse": traverse, "--arithmetic": arithmetic}
    _require_one_way(spherical, ways)
    if arithmetic and n is not None:
        raise UsageError(f"--arithmetic makes one image. Received: --n {n}.")
    _require_places(files)
    if not exported:
        start_tensorflow()

    from zoo import generation

    opened, trained_on = runs.open_model(model)
    generation.code_shape(opened)  # raises an error now, rather than after all data are encoded
    if len(opened.input_shape) != 4 and any(path.suffix.lower() == ".png" for path in files):
        shape = opened.input_shape[1:]
        raise UsageError(
            f"A .png file holds images, but this model's rows have the shape {shape}: use "
            "--to FILE.npy."
        )
    source = data or trained_on
    if n is None:
        n = GRID if grid else STEPS if between or traverse is not None else SAMPLES
    if grid:
        generated, settings = _grid(opened, n), {"grid": True}
    elif between:
        path = "spherical" if spherical else "linear"
        rows = _test_rows("--between", between, model, source)
        generated = _interpolate(opened, *rows, n, path)
        settings = {"between": list(between), "path": path}
    elif traverse is not None:
        (row,) = _test_rows("--traverse", [traverse], model, source)
        generated, settings = _traverse(opened, row, n), {"traverse": traverse}
    elif arithmetic:
        rows = _test_rows("--arithmetic", arithmetic, model, source)
        generated, settings = _arithmetic(opened, *rows), {"arithmetic": list(arithmetic)}
    else:
        prior = prior or opened.code_prior or "mixture"
        codes = None
        if prior == "mixture":
            codes = opened.encode(_inputs(model, source, "train"))
        generated = _sample(opened, n, prior, codes, seed, components)
        settings = {"prior": prior}
    images, draw = generated
    for path in files:
        _write(images, draw, path)
    paths = [str(path) for path in files]
    show_result(
        {"images": len(images), **settings, "files": paths if json_ else ", ".join(paths)}, json_
    )


def _require_one_way(spherical, ways):
    chosen = [name for name, value in ways.items() if value is not None]
    if len(chosen) > 1:
        raise UsageError(
            f"Only one of {', '.join(ways)} is accepted at a time. "
            f"Received: {' and '.join(chosen)}."
        )
    if spherical and "--between" not in chosen:
        raise UsageError("--spherical needs --between A B. Received: no --between.")


def _require_places(files):
    for path in files:
        if path.suffix.lower() not in (".png", ".npy"):
            raise UsageError(f"--to must be a .png or .npy file. Received: {path}.")
        require_place(path)


def _inputs(model, source, split):
    from zoo import datasets

    if source is None:
        raise UsageError(
            f"{model} has no record of its training data: name a dataset, folder or file after it."
        )
    return getattr(datasets.load(source), split).inputs


def _sample(model, n, prior, codes, seed, components):
    from zoo import generation, plots

    images = generation.sample(model, n, prior, codes, seed, components=components)
    return images, plots.sheet


def _grid(model, n):
    from zoo import generation, plots

    side = math.isqrt(max(n, 0))
    if side < 2 or side**2 != n:
        raise UsageError(f"With --grid, --n must be a square, such as 64 or 400. Received: {n}.")
    images = generation.grid(model, (side, side))
    return images, functools.partial(plots.code_plane, size=(side, side))


def _test_rows(option, rows, model, source):
    inputs = _inputs(model, source, "test")
    if not 0 <= min(rows) <= max(rows) < len(inputs):
        raise UsageError(
            f"{option} takes numbers of test rows, from 0 to {len(inputs) - 1}. "
            f"Received: {' and '.join(map(str, rows))}."
        )
    return [inputs[row] for row in rows]


def _interpolate(model, a, b, steps, path):
    from zoo import generation, plots

    return generation.interpolate(model, a, b, steps, path=path), plots.interpolation


def _traverse(model, row, steps):
    import numpy as np

    from zoo import generation, plots
    from zoo.inputs.arguments import positive_integer

    values = np.linspace(-FARTHEST, FARTHEST, positive_integer("n", steps))
    numbers = range(math.prod(generation.code_shape(model)))
    images = generation.traverse(model, row, numbers, values)
    return images, functools.partial(plots.sheet, columns=steps)


def _arithmetic(model, plus, minus, to):
    from zoo import generation, plots

    return generation.arithmetic(model, plus[None], minus[None], to[None]), plots.sheet


def _write(images, draw, path):
    import numpy as np

    from zoo import plots
    from zoo.storage import atomic

    if path.suffix.lower() == ".png":
        plots.save(draw(images), path)
        return
    buffer = io.BytesIO()
    np.save(buffer, images)
    atomic.replace_file(path, buffer.getvalue())
