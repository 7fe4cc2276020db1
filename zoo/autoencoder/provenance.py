"""The record of a model's training, which is valid only while its weights do not change."""


def get(self) -> dict | None:
    """Returns the data, seed and metrics of the training that the model's weights came from.

    Returns:
        Dict, or None if there is no record or the weights have changed since.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> model.record = {"seed": 3}
    >>> model.record
    {'seed': 3}
    >>> model.set_weights([weight + 1 for weight in model.get_weights()])
    >>> print(model.record)
    None
    """
    record, of_weights = self._record
    return record if record and of_weights == _fingerprint(self) else None


def put(self, record: dict | None) -> None:
    """Sets the record of the training that the model's current weights came from.

    Args:
        record: Dict of the data, seed and metrics, or None.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> model.record = {"seed": 3}
    >>> model.record
    {'seed': 3}
    """
    self._record = record, record and _fingerprint(self)


def _fingerprint(model):
    from zoo.runs import rebuild  # here, as `weights` imports the models' modules

    return rebuild.fingerprint(model)
