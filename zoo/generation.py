"""New images from codes: drawn, on a grid, between two inputs, along a number, by arithmetic.

A `model` is an `AutoEncoder`, or the `Bundle` that `zoo.load` gave, for which no TensorFlow is
imported. Every function returns what `model.decode` makes of codes: float32,
`(images, *shape of one)`.
"""

import itertools
import math
from collections.abc import Sequence
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from zoo import arrays, interpolation, mixtures
from zoo.arguments import check_seed, interval, positive_integer, rows_and_columns
from zoo.errors import UsageError, no_such


@runtime_checkable
class Codec(Protocol):
    """What can encode and decode: an `AutoEncoder`, a `Bundle`."""

    def encode(self, x): ...
    def decode(self, z): ...


def sample(
    model,
    n: int = 64,
    prior: Literal["normal", "mixture"] = "normal",
    codes: ArrayLike | None = None,
    seed: int = 0,
    *,
    components: int = 10,
) -> np.ndarray:
    """Images of codes that are drawn from a distribution.

    Args:
        model: an `AutoEncoder` or a `Bundle`.
        n: how many.
        prior: `"normal"`, N(0, 1), for a model whose loss draws codes to it, as a VAE's does; or
            `"mixture"`, a Gaussian mixture fitted on `codes`, for any.
        codes: for the mixture, `model.encode(x)` of many inputs, such as the training rows.
        seed: of the draw.
        components: of the mixture, for each of which there are two codes or more.

    Raises:
        UsageError: for a model of which no code can be decoded alone, a normal prior that its
            training did not ask for, or too few codes.
    """
    shape, n = code_shape(model), positive_integer("n", n)
    if prior == "normal":
        if model.code_prior != "normal":
            raise UsageError(
                "This model's codes are not drawn to N(0, 1) by its training: pass "
                "prior='mixture' and codes=model.encode(x)."
            )
        if codes is not None:
            raise UsageError("`codes` are for prior='mixture'. Received: some, and 'normal'.")
        random = np.random.default_rng(check_seed(seed))
        return model.decode(random.standard_normal((n, *shape), dtype=np.float32))
    if prior != "mixture":
        raise no_such("prior", prior, ["normal", "mixture"])
    if codes is None:
        raise UsageError("A mixture is fitted on codes: pass codes=model.encode(x). Received: None")
    codes = arrays.check(codes, shape, None, "codes")
    return model.decode(mixtures.draw(codes, n, components, seed))


def grid(
    model, size: tuple[int, int] = (20, 20), box: tuple[float, float] = (-2.0, 2.0)
) -> np.ndarray:
    """Images of a regular grid over the plane of a code of two numbers, edges included.

    Args:
        model: an `AutoEncoder` or a `Bundle`.
        size: the grid's rows and columns, at least 2 of each.
        box: the smallest and the largest value of both numbers.

    Returns:
        Row by row: the first number of the code grows from left to right, the second from the
        last row to the first.

    Raises:
        UsageError: for a code of more or fewer numbers.
    """
    shape = code_shape(model)
    if math.prod(shape) != 2:
        raise UsageError(
            f"A grid is drawn over a code of 2 numbers: build with latent_dim=2. This model's has "
            f"{math.prod(shape)}."
        )
    low, high = interval("box", box)
    rows, columns = rows_and_columns(size)
    ys, xs = np.linspace(high, low, rows), np.linspace(low, high, columns)
    plane = np.stack(np.meshgrid(xs, ys), axis=-1)  # (rows, columns, 2)
    return model.decode(plane.reshape(-1, *shape).astype(np.float32))


def interpolate(
    model,
    a: ArrayLike,
    b: ArrayLike,
    steps: int = 10,
    *,
    path: Literal["linear", "spherical"] = "linear",
) -> np.ndarray:
    """Images on the way from one input's code to another's, both ends included.

    Args:
        model: an `AutoEncoder` or a `Bundle`.
        a, b: one input each, with or without the axis of rows.
        steps: images, at least 2.
        path: a straight line; or an arc about zero, on which the length of a code drawn from
            N(0, 1) stays likely (White, 2016).

    Raises:
        UsageError: for an arc where a code is zero, or one is the other's opposite.
    """
    shape = code_shape(model)
    steps = positive_integer("steps", steps)
    if steps < 2:
        raise UsageError(f"`steps` must be at least 2: both ends. Received: steps={steps}.")
    if path not in interpolation.PATHS:
        raise no_such("path", path, list(interpolation.PATHS))
    ends = (_codes(model, x, name, one=True).reshape(-1) for x, name in ((a, "a"), (b, "b")))
    z = interpolation.PATHS[path](*ends, np.linspace(0, 1, steps, dtype=np.float32)[:, None])
    return model.decode(z.reshape(-1, *shape))


def traverse(model, x: ArrayLike, units: Sequence[int], values: Sequence[float]) -> np.ndarray:
    """Images of an input's code in which one number at a time takes other values.

    Args:
        model: an `AutoEncoder` or a `Bundle`.
        x: one input, with or without the axis of rows.
        units: which numbers of the code, flattened, from 0.
        values: which each of them takes.

    Returns:
        Unit by unit: `(units · values, *shape of one)`.
    """
    shape = code_shape(model)
    size = math.prod(shape)
    units = np.atleast_1d(np.asarray(units))
    if units.ndim != 1 or units.dtype.kind not in "iu" or not len(units):
        raise UsageError(f"`units` must be one or more integers. Received: units={units.tolist()}.")
    if units.min() < 0 or units.max() >= size:
        raise UsageError(
            f"`units` must lie within [0, {size - 1}]: a code has {size} numbers. "
            f"Received: units={units.tolist()}."
        )
    values = np.atleast_1d(np.asarray(values))
    finite = values.dtype.kind in "iuf" and np.isfinite(values).all()
    if values.ndim != 1 or not len(values) or not finite:
        raise UsageError(
            f"`values` must be one or more finite numbers. Received: values={values.tolist()}."
        )
    code = _codes(model, x, "x", one=True).reshape(1, size)
    z = np.repeat(code, len(units) * len(values), axis=0)
    for row, (unit, value) in enumerate(itertools.product(units, values)):
        z[row, unit] = value
    return model.decode(z.reshape(-1, *shape))


def arithmetic(model, plus: ArrayLike, minus: ArrayLike, to: ArrayLike) -> np.ndarray:
    """Images of: the code of `to` + the mean code of `plus` - the mean code of `minus`.

    Args:
        model: an `AutoEncoder` or a `Bundle`.
        plus: inputs that have something, with the axis of rows; one or more.
        minus: inputs that have it not.
        to: inputs that it is given to; one image for each.
    """
    code_shape(model)
    more, less, code = (
        _codes(model, x, name) for x, name in ((plus, "plus"), (minus, "minus"), (to, "to"))
    )
    return model.decode(code + more.mean(axis=0) - less.mean(axis=0))


def code_shape(model) -> tuple[int, ...]:
    """The shape of one code; raises `UsageError` for a model whose codes cannot be made up."""
    if not isinstance(model, Codec):
        raise UsageError(f"`model` must be an AutoEncoder or a Bundle. Received: {model!r}.")
    if model.code_names[1:]:
        raise UsageError(
            "This model unpools by the positions that an image's maxima had (switches), and a code "
            "that comes from no image has none: build with unpooling='fill'."
        )
    if model.index_names:
        raise UsageError(
            "This model's code is quantised: it consists of entries of a codebook, and a code made "
            "of other numbers means nothing to its decoder."
        )
    return model.code_shapes[0]


def _codes(model, x, name, one=False):
    """The codes of inputs, or of one input that may lack the axis of rows."""
    x = np.asarray(x)
    codes = model.encode(x[None] if x.shape == tuple(model.input_shape[1:]) else x)
    if not len(codes) or (one and len(codes) > 1):
        told = "one input" if one else "one input or more"
        raise UsageError(f"`{name}` must be {told}. Received: {len(codes)}.")
    return codes
