"""Generates images from codes: samples, grids, paths, traversals and arithmetic.

A `model` is an `AutoEncoder`, or the `Bundle` that `zoo.load` returns, for which no TensorFlow is
imported. Every function returns `model.decode` of codes: a float32 array of shape `(images,
*input_shape)`.
"""

import itertools
import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from zoo.errors import UsageError, no_such
from zoo.generation import mixture, paths
from zoo.inputs import arrays
from zoo.inputs.arguments import check_seed, intervals, positive_integer, rows_and_columns
from zoo.serving import Codec

# An interval of both numbers of a code, or one of each.
Box = tuple[float, float] | tuple[tuple[float, float], tuple[float, float]]


def sample(
    model,
    n: int = 64,
    prior: Literal["normal", "mixture"] = "normal",
    codes: ArrayLike | None = None,
    seed: int = 0,
    *,
    components: int = 10,
) -> np.ndarray:
    """Returns images of codes that are drawn from a distribution.

    Args:
        model: `AutoEncoder` or `Bundle`.
        n: Integer. Number of images. Defaults to 64.
        prior: String. `"normal"` is N(0, 1), for a model whose loss draws codes towards it, such as
            a VAE. `"mixture"` is a Gaussian mixture fitted to `codes`, for any model. Defaults to
            `"normal"`.
        codes: Array of shape `(rows, *code_shape)`. Only for the mixture: `model.encode(x)` of many
            inputs, such as the training rows. Defaults to None.
        seed: Integer. Seed of the draw, and of the fit of the mixture. Defaults to 0.
        components: Integer. Number of Gaussians in the mixture; there must be at least two codes
            for each. Defaults to 10.

    Returns:
        Float32 array of shape `(n, *input_shape)`.

    Raises:
        UsageError: If the model's codes cannot be decoded alone (see `code_shape`), if the prior is
            unknown, if it is normal and the model's loss does not draw codes towards N(0, 1), or if
            there are too few codes.

    Example:

    >>> vae = zoo.build("vae", input_shape=(8, 8, 1), widths=(16,), latent_dim=2)
    >>> sample(vae, n=4).shape
    (4, 8, 8, 1)
    """
    shape, n = code_shape(model), positive_integer("n", n)
    if prior == "normal":
        if model.code_prior != "normal":
            raise UsageError(
                "prior='normal' needs a model whose loss draws codes towards N(0, 1); this model's "
                "does not. Pass prior='mixture' and codes=model.encode(x)."
            )
        if codes is not None:
            raise UsageError(
                "`codes` are for prior='mixture'. Received: codes with prior='normal'."
            )
        random = np.random.default_rng(check_seed(seed))
        return model.decode(random.standard_normal((n, *shape), dtype=np.float32))
    if prior != "mixture":
        raise no_such("prior", prior, ["normal", "mixture"])
    if codes is None:
        raise UsageError(
            "prior='mixture' needs codes: pass codes=model.encode(x). Received: codes=None."
        )
    codes = arrays.check(codes, shape, None, "codes")
    return model.decode(mixture.draw(codes, n, components, seed))


def grid(model, size: tuple[int, int] = (20, 20), box: Box = (-2.0, 2.0)) -> np.ndarray:
    """Returns images of a regular grid over the plane of a code of two numbers.

    Args:
        model: `AutoEncoder` or `Bundle`.
        size: Pair of integers. Rows and columns of the grid, at least 2 of each. Defaults to `(20,
            20)`.
        box: Pair of floats, the smallest and the largest value of both numbers, both included; or
            a pair of such pairs, one for each number. Defaults to `(-2.0, 2.0)`.

    Returns:
        Float32 array of shape `(rows · columns, *input_shape)`, row by row. The first number of the
        code grows from left to right, the second from the last row to the first.

    Raises:
        UsageError: If a code does not consist of two numbers, or cannot be decoded alone.

    Example:

    >>> vae = zoo.build("vae", input_shape=(8, 8, 1), widths=(16,), latent_dim=2)
    >>> grid(vae, size=(3, 5)).shape
    (15, 8, 8, 1)
    """
    shape = code_shape(model)
    if math.prod(shape) != 2:
        raise UsageError(
            "A grid needs a model with a code of 2 numbers: build it with latent_dim=2. "
            f"Received: a code of {math.prod(shape)} numbers."
        )
    (left, right), (low, high) = intervals("box", box, 2)
    rows, columns = rows_and_columns(size)
    ys, xs = np.linspace(high, low, rows), np.linspace(left, right, columns)
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
    """Returns images along a path from the code of one input to the code of another.

    Args:
        model: `AutoEncoder` or `Bundle`.
        a: Array of shape `input_shape` or `(1, *input_shape)`. The first input.
        b: Array of shape `input_shape` or `(1, *input_shape)`. The second input.
        steps: Integer. Number of images, both ends included; at least 2. Defaults to 10.
        path: String. `"linear"` is a straight line; `"spherical"` is an arc about zero, on which
            the length of a code drawn from N(0, 1) stays likely (White, 2016). Defaults to
            `"linear"`.

    Returns:
        Float32 array of shape `(steps, *input_shape)`.

    Raises:
        UsageError: If the codes cannot be decoded alone, if an argument is not accepted, or if
            there is no arc because a code is zero or one code is the opposite of the other.

    Example:

    >>> vae = zoo.build("vae", input_shape=(8, 8, 1), widths=(16,), latent_dim=2)
    >>> a, b = np.random.default_rng(0).random((2, 8, 8, 1), np.float32)
    >>> interpolate(vae, a, b, steps=5).shape
    (5, 8, 8, 1)
    """
    shape = code_shape(model)
    steps = positive_integer("steps", steps)
    if steps < 2:
        raise UsageError(f"`steps` must be at least 2, for both ends. Received: steps={steps}.")
    if path not in paths.PATHS:
        raise no_such("path", path, list(paths.PATHS))
    ends = (_codes(model, x, name, one=True).reshape(-1) for x, name in ((a, "a"), (b, "b")))
    z = paths.PATHS[path](*ends, np.linspace(0, 1, steps, dtype=np.float32)[:, None])
    return model.decode(z.reshape(-1, *shape))


def traverse(model, x: ArrayLike, units: Sequence[int], values: Sequence[float]) -> np.ndarray:
    """Returns images of an input's code in which one number at a time takes other values.

    Args:
        model: `AutoEncoder` or `Bundle`.
        x: Array of shape `input_shape` or `(1, *input_shape)`. The input.
        units: Sequence of integers. Positions in the flattened code, from 0.
        values: Sequence of floats. The values that each of these numbers takes.

    Returns:
        Float32 array of shape `(units · values, *input_shape)`, unit by unit.

    Raises:
        UsageError: If the codes cannot be decoded alone, or if a unit or a value is not accepted.

    Example:

    >>> vae = zoo.build("vae", input_shape=(8, 8, 1), widths=(16,), latent_dim=2)
    >>> x = np.random.default_rng(0).random((8, 8, 1), np.float32)
    >>> traverse(vae, x, units=[0, 1], values=[-1, 0, 1]).shape
    (6, 8, 8, 1)
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
    """Returns images to which a property is added by arithmetic with mean codes.

    Each image is decoded from: code of `to` + mean code of `plus` - mean code of `minus`.

    Args:
        model: `AutoEncoder` or `Bundle`.
        plus: Array of shape `(rows, *input_shape)`. One or more inputs with the property.
        minus: Array of shape `(rows, *input_shape)`. One or more inputs without it.
        to: Array of shape `(images, *input_shape)`. The inputs to add the property to.

    Returns:
        Float32 array of shape `(images, *input_shape)`.

    Raises:
        UsageError: If the codes cannot be decoded alone, or if there are no inputs.

    Example:

    >>> vae = zoo.build("vae", input_shape=(8, 8, 1), widths=(16,), latent_dim=2)
    >>> x = np.random.default_rng(0).random((9, 8, 8, 1), np.float32)
    >>> arithmetic(vae, plus=x[:4], minus=x[4:8], to=x[8:]).shape
    (1, 8, 8, 1)
    """
    code_shape(model)
    plus_codes, minus_codes, codes = (
        _codes(model, x, name) for x, name in ((plus, "plus"), (minus, "minus"), (to, "to"))
    )
    return model.decode(codes + plus_codes.mean(axis=0) - minus_codes.mean(axis=0))


def code_shape(model) -> tuple[int, ...]:
    """Returns the shape of one code of a model whose codes can be decoded alone.

    Args:
        model: `AutoEncoder` or `Bundle`.

    Returns:
        A tuple of integers.

    Raises:
        UsageError: If `model` is of another type, if its decoder needs the pooling positions
            (switches) of an image, or if its code is quantised.

    Example:

    >>> code_shape(zoo.build("pca", input_shape=(4,), latent_dim=2))
    (2,)
    """
    if not isinstance(model, Codec):
        raise UsageError(f"`model` must be an AutoEncoder or a Bundle. Received: {model!r}.")
    if model.code_names[1:]:
        raise UsageError(
            "This model's decoder needs the pooling positions of an image (switches), which a "
            "generated code does not have: build the model with unpooling='fill'."
        )
    if model.index_names:
        raise UsageError(
            "This model's code is quantised: it consists of entries of a codebook, and its decoder "
            "cannot decode other codes."
        )
    return model.code_shapes[0]


def _codes(model, x, name, one=False):
    """Returns the codes of inputs, or of one input that may lack the axis of rows."""
    x = np.asarray(x)
    codes = model.encode(x[None] if x.shape == tuple(model.input_shape[1:]) else x)
    if not len(codes) or (one and len(codes) > 1):
        expected = "one input" if one else "one input or more"
        raise UsageError(f"`{name}` must be {expected}. Received: {len(codes)}.")
    return codes
