"""The encoder whose codes an index holds: an exported model, or one in memory."""

from typing import Protocol, runtime_checkable

from zoo.errors import UsageError


@runtime_checkable
class Encoder(Protocol):
    """A model with a method `encode` and a hash of its own: a `Bundle` or an `AutoEncoder`.

    Attributes:
        encoder_hash: String. Hash that differs from every other encoder's.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> isinstance(model, Encoder)
    True
    """

    encoder_hash: str

    def encode(self, x):
        """Returns the latent codes of rows.

        Args:
            x: Array of shape `(rows, *input_shape)`.
        """
        ...


def required(model) -> Encoder:
    """Returns `model` if it is an encoder.

    Args:
        model: Any object.

    Returns:
        `model`, which has an `encoder_hash` and a method `encode`.

    Raises:
        UsageError: If it is not an encoder.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> required(model) is model
    True
    """
    if not isinstance(model, Encoder):
        raise UsageError(
            f"`model` must be a Bundle from zoo.load, or an AutoEncoder. Received: {model!r}."
        )
    return model
