"""`zoo.anomaly.Detector`: a score for each row, and the threshold above which one is an anomaly."""

import copy
import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from zoo import datasets, serving
from zoo.arguments import check_fraction
from zoo.errors import UsageError


@dataclasses.dataclass(frozen=True)
class Detector:
    """Tells what is unlike the normal rows that an auto-encoder learnt from.

    `Detector.fit` makes one of a trained model, `zoo.export` writes it, and `Detector.load` opens
    what was written, without TensorFlow.

    Attributes:
        model: what answers: the model with its score, or a `Bundle` of them.
    """

    model: object

    def __post_init__(self):
        if not getattr(self.model, "detection", None):
            raise UsageError(
                "`model` must have a score and a threshold: Detector.fit makes them, and the "
                f"export of a detector has them. Received: {self.model!r}."
            )

    @classmethod
    def fit(
        cls,
        model,
        normal,
        *,
        score: str | None = None,
        top_fraction: float | None = None,
        false_alarms: float = 0.01,
    ) -> "Detector":
        """Finds the threshold, on normal rows that the model did not learn from.

        Args:
            model: a trained `AutoEncoder`, or a `Run` of one. The detector has a copy of it, so
                that training it on does not change the detector's scores.
            normal: whatever `zoo.datasets.load` accepts, of normal rows only. The codes' Gaussian
                is of the training rows, the threshold of the test rows, which the model must not
                have learnt from. An array gives a fifth of its rows to be these, the same that
                `zoo.train` leaves out; `one_class` and `rows_of_run` give such data, too.
            score: `"reconstruction"`, the squared error, mean over a row's values, of
                standardised features in their training variances; `"latent"`, the Mahalanobis
                distance of the code to the training rows' codes; or `"both"`, their sum, after
                each was brought to zero mean and unit deviation on the test rows. Defaults to
                what `zoo.anomaly.DEFAULTS` says for the model's kind of data.
            top_fraction: The fraction of a row's errors, the largest, of which the reconstruction
                error is the mean, in (0, 1]. An image has one error for each pixel, a row of
                features one for each column. 1.0 takes the mean of all; a small fraction finds
                small defects. Defaults to what `zoo.anomaly.DEFAULTS` says for the kind of data.
            false_alarms: The fraction of normal rows that may score above the threshold, in
                (0, 0.5]. At most this fraction of the test rows does. Defaults to 0.01.

        Raises:
            UsageError: for anything else; for rows the model does not take; and for a distance of
                codes that have as many numbers as there are training rows, or more.
        """
        from zoo.anomaly.defaults import settings
        from zoo.anomaly.scorer import build_scorer, require_finite
        from zoo.autoencoder import AutoEncoder
        from zoo.runs import Run

        model = model.model if isinstance(model, Run) else model
        if not isinstance(model, AutoEncoder):
            raise UsageError(
                f"`model` must be an AutoEncoder, or a Run of one. Received: {model!r}."
            )
        chosen = settings(model.inputs[0].name, score, top_fraction)
        check_fraction("false_alarms", false_alarms, 0.5)
        normal = datasets.load(normal)
        known, held_out = (model._checked(each) for each in (normal.train, normal.test))
        scorer = build_scorer(copy.deepcopy(model), **chosen).adapt(known, held_out)
        scores = require_finite(scorer.score(held_out))
        threshold = np.quantile(scores, 1 - false_alarms, method="higher")
        scorer.detection |= {
            "false_alarms": float(false_alarms),
            "threshold": float(threshold),
            "held_out_rows": len(held_out),
        }
        return cls(scorer)

    @classmethod
    def load(cls, folder: str | Path, providers: str | Sequence[str] = serving.CPU) -> "Detector":
        """Opens what `zoo.export` wrote of a detector; arguments and errors as of `zoo.load`."""
        return cls(serving.load(folder, providers))

    def __repr__(self):
        told = ", ".join(f"{name}={value!r}" for name, value in self.model.detection.items())
        return f"<zoo.Detector {told}, over {self.model!r}>"

    @property
    def threshold(self) -> float:
        """Above it, a score tells an anomaly."""
        return self.model.detection["threshold"]

    def score(self, x: ArrayLike, batch_size: int = 256) -> np.ndarray:
        """How unlike normal rows each of `x`, `(rows, *input_shape)`, is: float32 `(rows,)`."""
        return self.model.score(x, batch_size)

    def predict(self, x: ArrayLike, batch_size: int = 256) -> np.ndarray:
        """Whether each row of `x` is an anomaly: booleans `(rows,)`."""
        return self.score(x, batch_size) > self.threshold

    def map(self, x: ArrayLike, batch_size: int = 256) -> np.ndarray:
        """The squared error of each pixel of images, mean over channels: `(rows, height, width)`.

        Raises:
            UsageError: for a model of anything but images, too.
        """
        if len(self.model.input_shape) != 4:
            raise UsageError(
                "Only images have a map, (rows, height, width, channels). Received: a model of "
                f"rows of {tuple(self.model.input_shape[1:])}."
            )
        made = self.model.reconstruct(x, batch_size)
        return np.square(self.model._checked(x) - made).mean(axis=-1)
