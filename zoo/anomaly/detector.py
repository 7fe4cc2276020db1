"""`zoo.anomaly.Detector`: an anomaly score for each row, and the threshold that marks anomalies."""

import copy
import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from zoo import datasets, serving
from zoo.anomaly import explanations
from zoo.autoencoder.scores import MOST_KNOWN, SCORES, require_finite
from zoo.datasets.readers import preparation
from zoo.errors import UsageError
from zoo.inputs.arguments import check_fraction
from zoo.serving import sources
from zoo.storage import file_errors

ROUNDING = 1e-5  # largest relative difference between the scores of two runtimes


@dataclasses.dataclass(frozen=True)
class Detector:
    """Detector of rows that are unlike the normal rows that an auto-encoder learned from.

    `Detector.fit` creates one from a trained model, `zoo.export` writes it, and `Detector.load`
    opens the export without TensorFlow.

    Attributes:
        model: The model that computes the score: a `Scorer`, or the `Bundle` of an export.

    Raises:
        UsageError: If `model` has no score and no threshold.

    Example:

    >>> rows = np.random.default_rng(0).normal(size=(500, 4)).astype("float32")
    >>> pca = zoo.build("pca", input_shape=(4,), latent_dim=2, standardise=True).adapt(rows)
    >>> detector = Detector.fit(pca, rows)
    >>> detector.predict(np.array([[0, 0, 0, 0], [9, -9, 9, -9]], "float32"))
    array([False,  True])
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
        """Returns a detector with a threshold found on normal rows the model did not learn from.

        Args:
            model: A trained `AutoEncoder`, or a `Run` of one. The detector holds a copy of it, so
                that further training does not change the detector's scores.
            normal: Anything that `zoo.datasets.load` accepts, of normal rows only. The Gaussian of
                the codes is fitted to the training rows, and the threshold to the test rows, which
                the model must not have learned from. An array gives a fifth of its rows to the test
                rows, the same rows that `zoo.train` leaves out. `one_class` and `rows_of_run`
                return such data too.
            score: String. `"reconstruction"` is the squared error, mean over the values of a row;
                for standardised features it is in units of their training variances. `"latent"` is
                the Mahalanobis distance of the code to the codes of the training rows. `"both"` is
                their sum, after each has been scaled to mean 0 and standard deviation 1 on the test
                rows. `"neighbours"` is the distance of code and residual, each scaled on the
                training rows, from those of the nearest training row, of which up to 5,000 are
                kept, in the export too; a training row is not its own neighbour. `"hidden"` is the
                squared error of cells that are hidden from the model, which guesses them from the
                others, scaled by column on the training rows; it needs a model with
                `missing="mask"`. `"combined"` is the sum of `"reconstruction"` and these two,
                scaled as for `"both"`. Defaults to `"both"` for features and to `"reconstruction"`
                for other data.
            top_fraction: Float in (0, 1]. The reconstruction error is the mean of this fraction of
                a row's errors, the largest ones. An image has one error for each pixel, a row of
                features one for each column, a sequence one for each step. 1.0 takes the mean of
                all errors; a small fraction finds small defects. Defaults to 0.05 for images, to
                0.01 for volumes, and to 1.0 for other data.
            false_alarms: Float in (0, 0.5]. The fraction of normal rows that may score above the
                threshold. At most this fraction of the test rows does. Defaults to 0.01.

        Returns:
            A `Detector`.

        Raises:
            UsageError: If an argument is not accepted, if the model does not take the rows, if the
                score uses the distance of codes and a code has at least as many numbers as there
                are training rows, or if it hides cells and the model does not take missing cells.
        """
        from zoo.anomaly.score_settings import settings
        from zoo.autoencoder import AutoEncoder, divergence
        from zoo.autoencoder.scorer import build_scorer
        from zoo.runs import Run

        model = model.model if isinstance(model, Run) else model
        if not isinstance(model, AutoEncoder):
            raise UsageError(
                f"`model` must be an AutoEncoder, or a Run of one. Received: {model!r}."
            )
        divergence.require_finite_weights(model)
        chosen = settings(model.inputs[0].name, score, top_fraction)
        check_fraction("false_alarms", false_alarms, 0.5)
        given = preparation.recorded(normal, model)
        given |= {"kind": model.kind_of_arrays, "missing": model.missing}
        normal = datasets.load(normal, **given)
        train, held_out = (model.check(split) for split in (normal.train, normal.test))
        if "neighbours" in SCORES[chosen["score"]]:
            chosen["known_rows"] = min(MOST_KNOWN, len(train))
        scorer = build_scorer(copy.deepcopy(model), **chosen).adapt(train, held_out)
        scorer.detection |= _threshold(scorer.score(held_out), false_alarms)
        scale = model.standardisation
        if scale is not None:
            deviation = np.asarray(scale.deviation).astype(float)
            scorer.detection["unit"] = deviation.reshape(-1).tolist()
        return cls(scorer)

    @classmethod
    def load(cls, folder: str | Path, providers: str | Sequence[str] = serving.CPU) -> "Detector":
        """Opens an exported detector, or one that ships; imports no TensorFlow.

        Args:
            folder: String or `Path`. The folder that `zoo.export` wrote, or the name of a detector
                that ships, such as `"mnist"`; or as for `zoo.load`.
            providers: String or sequence of strings. The execution providers of onnxruntime, as for
                `zoo.load`. Defaults to the CPU.

        Returns:
            A `Detector`.

        Raises:
            UsageError: If the folder holds no exported detector, or as for `zoo.load`.
            CheckFailedError: As for `zoo.load`.

        Example:

        >>> Detector.load("mnist").predict(np.ones((1, 28, 28, 1), "float32"))
        array([ True])
        """
        with file_errors.as_usage_errors():
            return cls(serving.Bundle(sources.find(folder, "detector"), providers))

    def __repr__(self):
        shown = {name: value for name, value in self.model.detection.items() if name != "unit"}
        description = ", ".join(f"{name}={value!r}" for name, value in shown.items())
        return f"<zoo.Detector {description}, over {self.model!r}>"

    @property
    def threshold(self) -> float:
        """The score above which a row is an anomaly."""
        return self.model.detection["threshold"]

    def with_false_alarms(self, normal, false_alarms: float) -> "Detector":
        """Returns a detector with the same scores, and a threshold found anew on normal rows.

        Args:
            normal: Array of shape `(rows, *input_shape)`, of normal rows that the model did not
                learn from.
            false_alarms: Float in (0, 0.5]. The fraction of these rows that may score above the
                threshold.

        Returns:
            A `Detector`; this one keeps its threshold.

        Raises:
            UsageError: If an argument is not accepted.
        """
        check_fraction("false_alarms", false_alarms, 0.5)
        scores = self.score(normal)
        if len(scores) == 0:
            raise UsageError("`normal` must have at least one row. Received: 0.")
        model = copy.copy(self.model)
        model.detection = self.model.detection | _threshold(scores, false_alarms)
        return type(self)(model)

    def score(self, x: ArrayLike, batch_size: int = 256) -> np.ndarray:
        """Returns the anomaly score of each row; the higher, the less normal.

        Args:
            x: Array of shape `(rows, *input_shape)`.
            batch_size: Integer. Number of rows that are scored at once. Defaults to 256.

        Returns:
            Float32 array of shape `(rows,)`.

        Raises:
            UsageError: If the model does not take the rows.
        """
        return self.model.score(x, batch_size)

    def predict(self, x: ArrayLike, batch_size: int = 256) -> np.ndarray:
        """Returns whether each row is an anomaly.

        Args:
            x: Array of shape `(rows, *input_shape)`.
            batch_size: Integer. Number of rows that are scored at once. Defaults to 256.

        Returns:
            Array of booleans, `(rows,)`.

        Raises:
            UsageError: If the model does not take the rows.
        """
        return self.score(x, batch_size) > self.threshold

    def map(self, x: ArrayLike, batch_size: int = 256) -> np.ndarray:
        """Returns the squared reconstruction error of each pixel or step, mean over channels.

        The errors of a model that standardises its input are in the variances of the training rows,
        as in the score.

        Args:
            x: Array of shape `(rows, height, width, channels)` for images, `(rows, steps,
                channels)` for sequences, `(rows, depth, height, width, channels)` for volumes.
            batch_size: Integer. Number of rows that are reconstructed at once. Defaults to 256.

        Returns:
            Float32 array of the shape of `x` without the channels; NaN where all channels are
            missing.

        Raises:
            UsageError: If the model takes rows without channels, or does not take these.
        """
        if len(self.model.input_shape) < 3:
            raise UsageError(
                "Only rows with channels have a map: images, sequences and volumes; "
                "Detector.explain takes any rows. Received: a model of rows of "
                f"{tuple(self.model.input_shape[1:])}."
            )
        errors = explanations.squared_errors(self.model, x, batch_size)
        counts = np.sum(~np.isnan(errors), axis=-1)  # of the channels that are not missing
        means = np.where(counts, np.nansum(errors, axis=-1) / np.maximum(counts, 1), np.nan)
        return means.astype(np.float32)

    def explain(self, x: ArrayLike, batch_size: int = 256) -> np.ndarray:
        """Returns the share of each number of a row in the row's squared reconstruction error.

        A large share marks the column, pixel or step that the other numbers of the row do not
        account for. The errors are in the units of the score, and the shares are the same for
        every `score`, also for one that is not computed from the reconstruction.

        Args:
            x: Rows, as for `score`: an array, a frame, or texts for a model of texts.
            batch_size: Integer. Number of rows that are reconstructed at once. Defaults to 256.

        Returns:
            Float32 array, `(rows, *input_shape)`. The shares of a row sum to 1; they are all 0 if
            it is reconstructed without an error.

        Raises:
            UsageError: If the model does not take the rows.

        Example:

        >>> x = np.random.default_rng(0).normal(size=(500, 1)) * np.ones(4, "float32")
        >>> pca = zoo.build("pca", input_shape=(4,), latent_dim=1, standardise=True).adapt(x)
        >>> Detector.fit(pca, x).explain([[1.0, 1.0, 9.0, 1.0]]).argmax()
        np.int64(2)
        """
        return explanations.shares(explanations.squared_errors(self.model, x, batch_size))

    @property
    def unit(self) -> np.ndarray:
        """Returns what errors are measured in: a number for each channel or number, or 1."""
        return explanations.unit_of(self.model)


def _threshold(scores, false_alarms):
    """Returns the threshold that at most a fraction of scores exceeds, and how it was found."""
    # Above the score of a row by more than the rounding of another runtime.
    highest = np.quantile(require_finite(scores), 1 - false_alarms, method="higher")
    threshold = highest * (1 + ROUNDING)
    return {
        "false_alarms": float(false_alarms),
        "threshold": float(threshold),
        "held_out_rows": len(scores),
    }
