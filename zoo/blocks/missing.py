"""The part of a graph that takes missing cells."""

from zoo.inputs.arguments import fraction
from zoo.layers import MissingCells


def missing_cells(x, missing: str = "mask", hidden: float = 0.2):
    """Returns an input whose missing cells, NaN, are filled, for the layers of an encoder.

    Args:
        x: Keras tensor, `(rows, ..., columns)`, standardised if the model standardises.
        missing: String. `"mask"` for a `MissingCells` layer named `missing_cells`; `"refuse"` for
            none, since no cell of the input is missing. Defaults to `"mask"`.
        hidden: Float in [0, 1). Fraction of the observed cells that training hides. Defaults to
            0.2.

    Returns:
        A Keras tensor in the shape of `x`.

    Raises:
        UsageError: If `hidden` is not in [0, 1).

    Example:

    >>> missing_cells(keras.Input((30,))).shape
    (None, 30)
    """
    fraction("hidden", hidden)
    return MissingCells(hidden, name="missing_cells")(x) if missing == "mask" else x
