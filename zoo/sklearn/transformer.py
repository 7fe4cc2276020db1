"""`zoo.sklearn.AutoEncoderTransformer`: latent codes as features, and rows from latent codes."""

import math

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_array, check_is_fitted

from zoo.errors import UsageError
from zoo.sklearn.estimator import (
    VariantEstimator,
    checked,
    in_equal_batches,
    rows_for,
    trained,
)


class AutoEncoderTransformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, VariantEstimator):
    """Transformer of scikit-learn whose features are the latent codes of an auto-encoder.

    `fit` builds a variant for the columns of a table and trains it by its recipe. Variants that
    have `standardise=True` get it, so that columns of any range are accepted; other variants take
    numbers in [0, 1], such as those of `sklearn.preprocessing.MinMaxScaler`. The sizes of layers
    that are not set are those of the variant's default, in proportion to the number of columns.

    Args:
        variant: String. One of `zoo.names()` that takes tables or images. Defaults to `"deep_ae"`.
        epochs: Integer. Number of epochs. Defaults to None, the recipe's number.
        batch_size: Integer. Number of rows in a batch. Defaults to None, the recipe's size.
        learning_rate: Float. Learning rate at the start. Defaults to None, the recipe's.
        random_state: Integer, `numpy.random.RandomState` or None. As for every estimator of
            scikit-learn. Defaults to None, for another result in every `fit`.
        **arguments: Arguments of the variant, such as `latent_dim`. They are parameters as the
            others: `get_params` returns those that are set, and `set_params` and a search set
            them. `input_shape=(28, 28, 1)` reshapes each row into an image, and `missing="mask"`
            takes missing cells, NaN, which `model_.impute` fills.

    Attributes:
        model_: The trained `AutoEncoder`, for `zoo.export` and everything else.
        n_features_in_: Number of columns in `fit`.
        feature_names_in_: Array of the names of the columns in `fit`, if they are strings.

    Example:

    >>> from sklearn.datasets import load_wine
    >>> X = load_wine().data
    >>> transformer = AutoEncoderTransformer("pca", latent_dim=2)
    >>> codes = transformer.fit_transform(X)
    >>> codes.shape, transformer.inverse_transform(codes).shape
    ((178, 2), (178, 13))
    """

    def __init__(
        self,
        variant: str = "deep_ae",
        *,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        random_state=None,
        **arguments,
    ):
        super().__init__(**arguments)
        self.variant = variant
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.random_state = random_state

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]  # in which the models compute
        return tags

    def fit(self, X: ArrayLike, y=None) -> "AutoEncoderTransformer":
        """Builds the variant for the columns of the rows, and trains it.

        Args:
            X: Array or frame, `(rows, columns)`, of at least two rows.
            y: Ignored; for scikit-learn. Defaults to None.

        Returns:
            The transformer itself.

        Raises:
            UsageError: If a parameter or the rows are not accepted; it is a `ValueError`.
            DivergedError: If the loss becomes NaN or infinite.
        """
        self.model_ = trained(self, *checked(self, X, least=2))
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Returns the latent codes of rows; a code of several axes is flattened.

        Args:
            X: Array or frame, `(rows, columns)`.

        Returns:
            Float32 array, `(rows, numbers of a code)`, or the frame that `set_output` asks for.

        Raises:
            UsageError: If the rows are not accepted.
        """
        rows = rows_for(self, X)
        codes = in_equal_batches(self.model_.encode, rows)
        return codes.reshape(len(codes), -1)

    def inverse_transform(self, X: ArrayLike) -> np.ndarray:
        """Returns the rows that the decoder makes of latent codes.

        Args:
            X: Array or frame of latent codes, `(rows, numbers of a code)`.

        Returns:
            Float32 array, `(rows, columns)`.

        Raises:
            UsageError: If the codes have another size, or cannot be decoded by themselves.
        """
        check_is_fitted(self)
        codes = check_array(X, dtype=np.float32)
        if codes.shape[1] != self._n_features_out:
            raise UsageError(
                f"X must have {self._n_features_out} columns, the numbers of a latent code. "
                f"Received: {codes.shape[1]}."
            )
        codes = codes.reshape(-1, *self.model_.code_shapes[0])
        rows = in_equal_batches(self.model_.decode, codes)
        return rows.reshape(len(rows), -1)

    def score(self, X: ArrayLike, y=None) -> float:
        """Returns the negative mean squared error of the reconstructions of rows.

        Missing cells do not count.

        It is in the squared units of the columns. Where these differ, put a
        `sklearn.preprocessing.StandardScaler` before the transformer, so that each column counts.

        Args:
            X: Array or frame, `(rows, columns)`.
            y: Ignored; for scikit-learn. Defaults to None.

        Returns:
            A float; the higher, the better.

        Raises:
            UsageError: If the rows are not accepted.
        """
        rows = rows_for(self, X)
        errors = np.float64(rows) - in_equal_batches(self.model_.reconstruct, rows)
        return -float(np.nanmean(np.square(errors)))

    @property
    def _n_features_out(self):
        """Number of columns that `transform` returns, for scikit-learn."""
        return math.prod(self.model_.code_shapes[0])
