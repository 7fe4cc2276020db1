"""What is known of a model's training, for as long as its weights are the ones that came of it."""


def get(self) -> dict | None:
    """Of its training the data, seed and metrics; None if its weights are not that training's."""
    record, of_weights = self._record
    return record if record and of_weights == _fingerprint(self) else None


def put(self, record: dict | None) -> None:
    """To be called when its weights are the ones that the record is of."""
    self._record = record, record and _fingerprint(self)


def _fingerprint(model):
    from zoo import weights  # which takes what the models define

    return weights.fingerprint(model)
