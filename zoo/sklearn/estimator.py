"""The base class of both estimators: their parameters, and the model that `fit` trains."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state, get_tags
from sklearn.utils.validation import check_is_fitted, validate_data

from zoo.sklearn import settings

FIXED = 256  # rows that are computed at once


class VariantEstimator(BaseEstimator):
    """Base class of the estimators, whose parameters include the arguments of a variant.

    scikit-learn reads the names of parameters from the signature of `__init__`, which cannot list
    the arguments of every variant. Those that are passed are kept together in `_arguments`, and
    `get_params`, `set_params` and attribute access treat them as any other parameter.

    An estimator with `missing="mask"` takes missing cells, NaN, and says so by its tag `allow_nan`.

    Args:
        **arguments: Arguments of the variant.

    Example:

    >>> zoo.sklearn.AutoEncoderTransformer("pca", latent_dim=3).get_params()["latent_dim"]
    3
    """

    def __init__(self, **arguments):
        self._arguments = arguments

    def __getattr__(self, name):
        if name in vars(self).get("_arguments", {}):
            return self._arguments[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __setattr__(self, name, value):
        if name in vars(self).get("_arguments", {}):
            name, value = "_arguments", self._arguments | {name: value}
        super().__setattr__(name, value)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self.get_params(deep=False).get("missing") == "mask"
        return tags

    def get_params(self, deep: bool = True) -> dict:
        """Returns the parameters, with the arguments of the variant that were passed.

        Args:
            deep: Boolean. For scikit-learn; there are no nested estimators. Defaults to True.

        Returns:
            A dictionary.
        """
        return super().get_params(deep) | self._arguments

    def set_params(self, **params):
        """Sets parameters and arguments of the variant; `fit` checks them.

        Args:
            **params: Parameters of the estimator, and arguments of the variant.

        Returns:
            The estimator itself.

        Raises:
            ValueError: If a name contains `__`, which is for nested estimators.
        """
        own = super().get_params(deep=False)
        new = {name: params[name] for name in params if name not in own and "__" not in name}
        self._arguments = self._arguments | new
        return super().set_params(**{name: params[name] for name in params if name not in new})


def checked(estimator: VariantEstimator, X, least: int) -> tuple:
    """Checks the parameters of an estimator, and the rows that it is to learn from.

    Args:
        estimator: Estimator that is being fitted.
        X: Array or frame, `(rows, columns)`.
        least: Integer. The smallest number of rows that is accepted.

    Returns:
        A triple: the rows, `(rows, *input_shape)`, the `Settings` to train with, and a seed.

    Raises:
        ValueError: If a parameter or the rows are not accepted.

    Example:

    >>> rows, chosen, seed = checked(zoo.sklearn.AutoEncoderTransformer("pca"), np.eye(9), least=2)
    >>> rows.shape, chosen.arguments["input_shape"]
    ((9, 9), (9,))
    """
    parameters = estimator.get_params(deep=False)
    own = [name for name in parameters if name not in estimator._arguments]
    chosen = settings.of(estimator.variant, parameters, own)
    X = validate_data(estimator, X, **_accepted(estimator), ensure_min_samples=least)
    chosen = chosen.for_columns(X.shape[1])
    seed = check_random_state(estimator.random_state).randint(2**31 - 1)
    return X.reshape(-1, *chosen.arguments["input_shape"]), chosen, int(seed)


def trained(estimator: VariantEstimator, rows: np.ndarray, chosen: settings.Settings, seed: int):
    """Returns a model that has learned from rows, and knows the names of their columns.

    Args:
        estimator: Estimator that is being fitted.
        rows: Array, `(rows, *input_shape)`.
        chosen: `Settings`.
        seed: Integer in [0, 2**31).

    Returns:
        An `AutoEncoder`.

    Raises:
        UsageError: If the model does not accept the rows.
        DivergedError: If the loss becomes NaN or infinite.

    Example:

    >>> estimator = zoo.sklearn.AutoEncoderTransformer("pca", latent_dim=2)
    >>> trained(estimator, *checked(estimator, np.eye(9), least=2)).output_shape
    (None, 9)
    """
    model = chosen.train(rows, seed)
    if rows.ndim == 2:  # the columns of a frame, not the pixels of an image
        model.column_names = tuple(getattr(estimator, "feature_names_in_", ())) or None
    return model


def rows_for(estimator: VariantEstimator, X) -> np.ndarray:
    """Returns rows as the trained model of an estimator takes them.

    Args:
        estimator: Fitted estimator.
        X: Array or frame, `(rows, columns)`.

    Returns:
        An array, `(rows, *input_shape)`.

    Raises:
        NotFittedError: If the estimator was not fitted.
        ValueError: If the rows are not accepted.

    Example:

    >>> estimator = zoo.sklearn.AutoEncoderTransformer("pca", latent_dim=2).fit(np.eye(9))
    >>> rows_for(estimator, np.ones((3, 9))).shape
    (3, 9)
    """
    check_is_fitted(estimator)
    X = validate_data(estimator, X, **_accepted(estimator), reset=False)
    return X.reshape(-1, *estimator.model_.input_shape[1:])


def _accepted(estimator):
    """Returns which numbers an estimator takes, as arguments of `validate_data`."""
    takes_nan = get_tags(estimator).input_tags.allow_nan
    finite = "allow-nan" if takes_nan else True
    return {"dtype": [np.float64, np.float32], "ensure_all_finite": finite}


def in_equal_batches(function, rows: np.ndarray) -> np.ndarray:
    """Returns what a function of rows returns, computed in batches that are all of one size.

    Matrix products of another number of rows are rounded in another way. In batches of one size
    the result of a row does not depend on how many others it comes with.

    Args:
        function: Function of an array and a `batch_size` that returns an array.
        rows: Array, at least one row.

    Returns:
        An array, one row for each.

    Example:

    >>> in_equal_batches(lambda x, batch_size: x.sum(axis=1), np.eye(3))
    array([1., 1., 1.])
    """
    missing = -len(rows) % FIXED
    filled = np.concatenate([rows, np.repeat(rows[-1:], missing, axis=0)]) if missing else rows
    return function(filled, batch_size=FIXED)[: len(rows)]
