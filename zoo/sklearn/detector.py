"""`zoo.sklearn.AutoEncoderDetector`: rows that an auto-encoder finds unlike the training rows."""

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import OutlierMixin

from zoo.anomaly import Detector
from zoo.anomaly.score_settings import settings as score_settings
from zoo.datasets.dataset import Dataset
from zoo.datasets.split import Split
from zoo.errors import UsageError
from zoo.inputs.arguments import check_fraction
from zoo.sklearn.estimator import (
    VariantEstimator,
    checked,
    in_equal_batches,
    rows_for,
    trained,
)

HELD_OUT = 5  # one row in five is kept for the threshold


class AutoEncoderDetector(OutlierMixin, VariantEstimator):
    """Outlier detector of scikit-learn that scores rows by an auto-encoder, as `Detector` does.

    `fit` trains a variant, as for `AutoEncoderTransformer`, on four fifths of the rows, drawn by
    `random_state`. The other fifth sets the scale of the score, and the threshold of
    `contamination="auto"`.

    Signs are scikit-learn's: `predict` returns -1 for outliers and 1 for inliers,
    `decision_function` is negative for outliers, and `score_samples` is lower the more abnormal a
    row is.

    Args:
        variant: String. One of `zoo.names()` that takes tables or images. Defaults to `"deep_ae"`.
        contamination: Float in (0, 0.5], the fraction of outliers in the training rows, or
            `"auto"`, for training rows that are all normal: at most 1 % of the held-out rows score
            above the threshold. It may be changed after `fit`: `set_params(contamination=0.1)`
            moves the threshold (`offset_`, `threshold_`, `labels_`, `decision_function`,
            `predict`), and no training is needed. Defaults to `"auto"`.
        anomaly_score: String. `"reconstruction"`, `"latent"`, `"both"` or another `score` of
            `Detector.fit`. Defaults to None: `"both"` for tables, `"reconstruction"` for
            images.
        top_fraction: Float in (0, 1]. As for `Detector.fit`. Defaults to None.
        epochs: Integer. As for `AutoEncoderTransformer`. Defaults to None.
        batch_size: Integer. As for `AutoEncoderTransformer`. Defaults to None.
        learning_rate: Float. As for `AutoEncoderTransformer`. Defaults to None.
        random_state: Integer, `numpy.random.RandomState` or None. As for every estimator of
            scikit-learn. Defaults to None, for another result in every `fit`.
        **arguments: Arguments of the variant, as for `AutoEncoderTransformer`. With
            `missing="mask"` the score of a row is that of its observed cells.

    Attributes:
        detector_: The `zoo.anomaly.Detector`, for `zoo.export` and everything else.
        decision_scores_: Float array of the anomaly scores of the training rows; the higher, the
            more abnormal.
        n_features_in_: Number of columns in `fit`.
        feature_names_in_: Array of the names of the columns in `fit`, if they are strings.

    Example:

    >>> from sklearn.datasets import load_breast_cancer
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> detector = AutoEncoderDetector("pca", random_state=0).fit(X[y == 1])
    >>> detector.predict(X[y == 0]).mean() < detector.predict(X[y == 1]).mean()
    np.True_
    """

    def __init__(
        self,
        variant: str = "deep_ae",
        *,
        contamination: float | str = "auto",
        anomaly_score: str | None = None,
        top_fraction: float | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        random_state=None,
        **arguments,
    ):
        super().__init__(**arguments)
        self.variant = variant
        self.contamination = contamination
        self.anomaly_score = anomaly_score
        self.top_fraction = top_fraction
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.random_state = random_state

    def fit(self, X: ArrayLike, y=None) -> "AutoEncoderDetector":
        """Builds the variant for the columns of the rows, trains it, and scores the rows.

        Args:
            X: Array or frame, `(rows, columns)`, of at least three rows.
            y: Ignored; for scikit-learn. Defaults to None.

        Returns:
            The detector itself.

        Raises:
            UsageError: If a parameter or the rows are not accepted; it is a `ValueError`.
            DivergedError: If the loss becomes NaN or infinite.
        """
        _checked_contamination(self.contamination)
        rows, chosen, seed = checked(self, X, least=3)
        order = np.random.default_rng(seed).permutation(len(rows))
        count = max(1, len(rows) // HELD_OUT)
        held_out, learnt = np.sort(order[:count]), np.sort(order[count:])
        score = {"score": self.anomaly_score, "top_fraction": self.top_fraction}
        score_settings(chosen.tensor_name, **score)  # before training
        model = trained(self, rows[learnt], chosen, seed)
        names = model.column_names
        options = {"column_names": names, "missing": model.missing}
        splits = [Split(rows[each], **options) for each in (learnt, held_out)]
        data = Dataset("X", *splits)
        self.detector_ = Detector.fit(model, data, **score)
        self.decision_scores_ = self._scores(rows)
        return self

    @property
    def model_(self):
        """The trained model, which also has the endpoint `score`."""
        return self.detector_.model

    @property
    def offset_(self) -> float:
        """The value of `score_samples` below which a row is an outlier."""
        contamination = _checked_contamination(self.contamination)
        if contamination == "auto":
            return -self.detector_.threshold
        return float(np.percentile(-self.decision_scores_, 100 * contamination))

    @property
    def threshold_(self) -> float:
        """The anomaly score above which a row is an outlier: `-offset_`."""
        return -self.offset_

    @property
    def labels_(self) -> np.ndarray:
        """Integer array of the training rows: 1 for outliers, 0 for inliers."""
        return (self.decision_scores_ > self.threshold_).astype(int)

    def score_samples(self, X: ArrayLike) -> np.ndarray:
        """Returns the negative anomaly score of each row: the lower, the more abnormal.

        Args:
            X: Array or frame, `(rows, columns)`.

        Returns:
            Float array, `(rows,)`.

        Raises:
            UsageError: If the rows are not accepted.
        """
        return -self._scores(rows_for(self, X))

    def decision_function(self, X: ArrayLike) -> np.ndarray:
        """Returns `score_samples(X) - offset_`, which is negative for outliers.

        Args:
            X: Array or frame, `(rows, columns)`.

        Returns:
            Float array, `(rows,)`.

        Raises:
            UsageError: If the rows are not accepted, or `contamination` is not.
        """
        return self.score_samples(X) - self.offset_

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Returns -1 for outliers and 1 for inliers.

        Args:
            X: Array or frame, `(rows, columns)`.

        Returns:
            Integer array, `(rows,)`.

        Raises:
            UsageError: If the rows are not accepted, or `contamination` is not.
        """
        return np.where(self.decision_function(X) < 0, -1, 1)

    def _scores(self, rows):
        return in_equal_batches(self.detector_.score, rows).astype(np.float64)


def _checked_contamination(contamination):
    """Returns `contamination`, if it is accepted."""
    if isinstance(contamination, str):
        if contamination != "auto":
            raise UsageError(
                "`contamination` must be 'auto' or a number in (0, 0.5]. Received: "
                f"contamination={contamination!r}."
            )
        return contamination
    return check_fraction("contamination", contamination, 0.5)
