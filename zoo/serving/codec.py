"""Abstract base classes of the models that encode, decode and score rows."""

import abc
import math
import warnings

import numpy as np
from numpy.typing import ArrayLike

from zoo.errors import ImputationWarning, UsageError
from zoo.inputs import arrays, containers
from zoo.serving.array_model import ArrayModel


class Codec(ArrayModel):
    """Base class of the models that encode rows to latent codes, and decode latent codes.

    Example:

    >>> isinstance(zoo.build("linear_ae"), zoo.serving.Codec)
    True
    """

    @property
    @abc.abstractmethod
    def code_names(self) -> list[str]:
        """Names of the decoder's inputs: `latent`, then `switches_1`, `switches_2`, ..."""

    @property
    @abc.abstractmethod
    def code_shapes(self) -> list[tuple[int, ...]]:
        """Shapes of one row's code and switches, in the order of `code_names`."""

    @property
    @abc.abstractmethod
    def index_names(self) -> list[str]:
        """Names of the outputs that hold the indices of a quantised code: `indices`, or none."""

    def encode(
        self, x: ArrayLike, switches: bool = False, batch_size: int = 256
    ) -> np.ndarray | tuple[np.ndarray, list[np.ndarray]]:
        """Returns the latent codes of rows.

        Args:
            x: Rows, `(rows, *input_shape)`: an array, a list, a tensor of any library, a frame, a
                scipy sparse matrix, a `Split`, a list of texts for a model of texts, or a
                dictionary whose only value they are, under the name of the input. Or a stream of
                such batches that ends, whose targets and sample weights are left out.
            switches: Boolean. Also return the switches, which `decode` needs if the model unpools
                by them. Defaults to False.
            batch_size: Positive integer. Number of rows that are computed at once. Defaults to 256.

        Returns:
            Codes, float32 `(rows, *latent_shape)`; with `switches=True` a pair: the codes, and the
            list of the switches, int32 arrays.

        Raises:
            UsageError: If the rows have another shape, are not floats (features may be integers),
                or lie outside the range of values.

        Example:

        >>> model = zoo.build("linear_ae", latent_dim=10)
        >>> model.encode(np.zeros((3, 28, 28, 1), "float32")).shape
        (3, 10)
        """
        z, *others = self.computed("encode", x, batch_size)
        return (z, others[: len(self.code_names) - 1]) if switches else z

    def indices(self, x: ArrayLike, batch_size: int = 256) -> np.ndarray:
        """Returns the codes of rows as indices into a codebook; for models with quantised codes.

        Args:
            x: Rows, as for `encode`.
            batch_size: Positive integer. Number of rows that are computed at once. Defaults to 256.

        Returns:
            An int32 array, `(rows, ...)`.

        Raises:
            UsageError: If the codes of the model are not quantised, or if the model does not accept
                the rows.

        Example:

        >>> zoo.build("vq_vae").indices(np.zeros((3, 28, 28, 1), "float32")).shape
        (3, 7, 7)
        """
        arrays.require_quantised(self.index_names)
        return self.computed("encode", x, batch_size)[len(self.code_names)]

    def decode(self, z: ArrayLike, switches=None, batch_size: int = 256) -> np.ndarray:
        """Returns the reconstructions of latent codes.

        Args:
            z: Codes, `(rows, *latent_shape)`.
            switches: List of integer arrays that `encode(x, switches=True)` returned with the
                codes, for a model that unpools by them; None for any other model. Defaults to None.
            batch_size: Positive integer. Number of rows that are computed at once. Defaults to 256.

        Returns:
            A float32 array, `(rows, *input_shape)`.

        Raises:
            UsageError: If codes or switches have another shape or type, or if switches are missing.

        Example:

        >>> zoo.build("linear_ae", latent_dim=10).decode(np.zeros((3, 10), "float32")).shape
        (3, 28, 28, 1)
        """
        code = arrays.check_code(z, switches, self.code_shapes)
        return self.run("decode", code, batch_size)[0]

    def reconstruct(self, x: ArrayLike, batch_size: int = 256) -> np.ndarray:
        """Returns the reconstructions of rows, which are encoded and decoded.

        Args:
            x: Rows, as for `encode`.
            batch_size: Positive integer. Number of rows that are computed at once. Defaults to 256.

        Returns:
            A float32 array, `(rows, *input_shape)`.

        Raises:
            UsageError: If the model does not accept the rows.

        Example:

        >>> model = zoo.build("linear_ae", latent_dim=10)
        >>> model.reconstruct(np.zeros((3, 28, 28, 1), "float32")).shape
        (3, 28, 28, 1)
        """
        return self.computed("reconstruct", x, batch_size)[0]

    def impute(self, x: ArrayLike, batch_size: int = 256) -> np.ndarray:
        """Returns rows with their missing cells, NaN, filled by the reconstruction.

        Observed cells stay exactly as they are. A row without any is filled with the means of the
        training rows, which an `ImputationWarning` says. A missing category is filled with the most
        probable one; `table` names the categories of the result.

        Args:
            x: Rows, as for `encode`, in which NaN stands for a missing cell.
            batch_size: Positive integer. Number of rows that are computed at once. Defaults to 256.

        Returns:
            An array, `(rows, *input_shape)`: float64 if `x` is, else float32.

        Raises:
            UsageError: If the model was not built with `missing="mask"`, or does not accept the
                rows.

        Example:

        >>> x = np.array([[1.0, 2.0], [2.0, 4.0], [3.0, np.nan]])
        >>> options = {"standardise": True, "missing": "mask"}
        >>> model = zoo.build("pca", input_shape=(2,), latent_dim=1, **options).adapt(x)
        >>> model.impute(x)[:2]
        array([[1., 2.],
               [2., 4.]])
        """
        if self.missing != "mask":
            raise UsageError(
                'Only a model that was built with missing="mask" imputes cells. Received: '
                f"missing={self.missing!r}."
            )
        rows = self.check(x)
        filled = self.run("impute", [rows], batch_size)[0]
        if not self.columns:
            given = containers.as_array(x, "rows", self.column_names)
            given = arrays.regular(given, "rows")
            rows = given if given.dtype == np.float64 else rows
        rows = np.asarray(rows)
        missing = self.columns.missing(rows)
        empty = np.flatnonzero(missing.reshape(len(rows), math.prod(rows.shape[1:])).all(axis=1))
        if len(empty):
            warnings.warn(
                f"{len(empty)} rows have no observed cell, and get the means of the training rows; "
                f"the first is row {empty[0]}.",
                ImputationWarning,
                stacklevel=2,
            )
        return np.where(missing, filled, rows)


class ScoringCodec(Codec):
    """Base class of the codecs that also return anomaly scores: `score`.

    Example:

    >>> x = np.random.default_rng(0).random((80, 4), np.float32)
    >>> pca = zoo.build("pca", input_shape=(4,), latent_dim=2).adapt(x)
    >>> isinstance(zoo.anomaly.Detector.fit(pca, x).model, ScoringCodec)
    True
    """

    def score(self, x: ArrayLike, batch_size: int = 256) -> np.ndarray:
        """Returns the anomaly score of each row, which is higher the less it is like normal rows.

        Args:
            x: Rows, as for `encode`.
            batch_size: Positive integer. Number of rows that are computed at once. Defaults to 256.

        Returns:
            A float32 array, `(rows,)`.

        Raises:
            UsageError: If the model does not accept the rows.

        Example:

        >>> x = np.random.default_rng(0).random((80, 4), np.float32)
        >>> pca = zoo.build("pca", input_shape=(4,), latent_dim=2).adapt(x)
        >>> zoo.anomaly.Detector.fit(pca, x).model.score(x).shape
        (80,)
        """
        return self.computed("score", x, batch_size)[0]
