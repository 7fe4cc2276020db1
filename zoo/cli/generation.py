"""`zoo sample`: new images from a model's codes, as a picture or as numbers."""

import functools
import io
import math
from pathlib import Path
from typing import Annotated

import typer

from zoo import manifest, runs
from zoo.cli.console import Json, app, command, require_place, show_result, start_tensorflow
from zoo.errors import UsageError

SAMPLES, GRID, STEPS = 64, 400, 10  # images, where --n does not say
FARTHEST = 2.0  # to both sides of zero a number of the code is moved, as far as a grid goes


@command(app, "zoo sample exports/vae --n 100 --to samples.png --to samples.npy")
def sample(
    model: Annotated[Path, typer.Argument(help="A run's folder, or an exported one.")],
    data: Annotated[
        str | None,
        typer.Argument(help="For a mixture or the way between images; by default its own."),
    ] = None,
    n: Annotated[
        int | None,
        typer.Option("--n", help="Images: 64; 400 on a grid, 10 on a way or traversal."),
    ] = None,
    prior: Annotated[
        str | None,
        typer.Option(help="normal, or mixture, fitted on training codes; by default as trained."),
    ] = None,
    components: Annotated[int, typer.Option(help="Of the mixture.")] = 10,
    grid: Annotated[
        bool, typer.Option("--grid", help="Over [-2, 2] x [-2, 2], of a code of two numbers.")
    ] = False,
    between: Annotated[
        tuple[int, int] | None,
        typer.Option(metavar="A B", help="The way between two test rows, from 0."),
    ] = None,
    spherical: Annotated[
        bool, typer.Option("--spherical", help="That way on an arc about zero.")
    ] = False,
    traverse: Annotated[
        int | None,
        typer.Option(metavar="ROW", help="A test row, each number of its code from -2 to 2."),
    ] = None,
    arithmetic: Annotated[
        tuple[int, int, int] | None,
        typer.Option(metavar="A B C", help="Of test rows: the code of C, plus A's, less B's."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the draw.")] = 0,
    to: Annotated[
        list[Path] | None, typer.Option(help="A .png or .npy file; both by --to twice.")
    ] = None,
    json_: Json = False,
):
    """Make images of drawn codes, of a grid of them, or of codes made of those of test images."""
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
    generation.code_shape(opened)  # or it says why not, before all data are encoded
    if len(opened.input_shape) != 4 and any(path.suffix.lower() == ".png" for path in files):
        shape = opened.input_shape[1:]
        raise UsageError(f"A .png shows images, and this model's rows are {shape}: --to FILE.npy.")
    source = data or trained_on
    if n is None:
        n = GRID if grid else STEPS if between or traverse is not None else SAMPLES
    if grid:
        made, how = _over_the_plane(opened, n), {"grid": True}
    elif between:
        path = "spherical" if spherical else "linear"
        rows = _test_rows("--between", between, model, source)
        made = _on_the_way(opened, *rows, n, path)
        how = {"between": list(between), "path": path}
    elif traverse is not None:
        (row,) = _test_rows("--traverse", [traverse], model, source)
        made, how = _number_by_number(opened, row, n), {"traverse": traverse}
    elif arithmetic:
        rows = _test_rows("--arithmetic", arithmetic, model, source)
        made, how = _sum_of(opened, *rows), {"arithmetic": list(arithmetic)}
    else:
        prior = prior or opened.code_prior or "mixture"
        codes = None
        if prior == "mixture":
            codes = opened.encode(_inputs(model, source, "train"))
        made = _drawn(opened, n, prior, codes, seed, components)
        how = {"prior": prior}
    images, draw = made
    for path in files:
        _write(images, draw, path)
    told = [str(path) for path in files]
    show_result({"images": len(images), **how, "files": told if json_ else ", ".join(told)}, json_)


def _require_one_way(spherical, ways):
    chosen = [name for name, value in ways.items() if value is not None]
    if len(chosen) > 1:
        raise UsageError(f"Images are made in one way at a time. Received: {' and '.join(chosen)}.")
    if spherical and "--between" not in chosen:
        raise UsageError("--spherical is of --between A B. Received: no --between.")


def _require_places(files):
    for path in files:
        if path.suffix.lower() not in (".png", ".npy"):
            raise UsageError(f"--to must be a .png or .npy file. Received: {path}.")
        require_place(path)


def _inputs(model, source, split):
    from zoo import datasets

    if source is None:
        raise UsageError(f"{model} has no record of its data: name some after it.")
    return getattr(datasets.load(source), split).inputs


def _drawn(model, n, prior, codes, seed, components):
    from zoo import generation, plots

    images = generation.sample(model, n, prior, codes, seed, components=components)
    return images, plots.sheet


def _over_the_plane(model, n):
    from zoo import generation, plots

    side = math.isqrt(max(n, 0))
    if side < 2 or side**2 != n:
        raise UsageError(f"--n of a grid must be a square, such as 64 or 400. Received: {n}.")
    images = generation.grid(model, (side, side))
    return images, functools.partial(plots.code_plane, size=(side, side))


def _test_rows(option, rows, model, source):
    inputs = _inputs(model, source, "test")
    if not 0 <= min(rows) <= max(rows) < len(inputs):
        raise UsageError(
            f"{option} takes test rows, from 0 to {len(inputs) - 1}. "
            f"Received: {' and '.join(map(str, rows))}."
        )
    return [inputs[row] for row in rows]


def _on_the_way(model, a, b, steps, path):
    from zoo import generation, plots

    return generation.interpolate(model, a, b, steps, path=path), plots.interpolation


def _number_by_number(model, row, steps):
    import numpy as np

    from zoo import generation, plots
    from zoo.arguments import positive_integer

    values = np.linspace(-FARTHEST, FARTHEST, positive_integer("n", steps))
    numbers = range(math.prod(generation.code_shape(model)))
    images = generation.traverse(model, row, numbers, values)
    return images, functools.partial(plots.sheet, columns=steps)


def _sum_of(model, plus, minus, to):
    from zoo import generation, plots

    return generation.arithmetic(model, plus[None], minus[None], to[None]), plots.sheet


def _write(images, draw, path):
    import numpy as np

    from zoo import atomic, plots

    if path.suffix.lower() == ".png":
        plots.save(draw(images), path)
        return
    held = io.BytesIO()
    np.save(held, images)
    atomic.replace_file(path, held.getvalue())
