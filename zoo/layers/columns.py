"""Layers of tables with columns of categories: their inputs, their outputs and their loss."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from zoo.inputs.categories import OTHERS
from zoo.layers.loss_term import LossTerm
from zoo.layers.normalization import Standardisation

CLOSE = 1e-3  # the largest distance of a number from the code that it is


@keras.saving.register_keras_serializable(package="zoo")
class ColumnStandardisation(Standardisation):
    """`Standardisation` that leaves columns of categories as they are.

    Args:
        classes: Sequence of integers. Number of classes of each column; 0 for a column of numbers.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name`.

    Example:

    >>> layer = zoo.layers.ColumnStandardisation((0, 4))
    >>> layer.adapt(np.array([[1.0, 2.0], [3.0, 0.0]]))
    >>> layer(np.array([[1.0, 2.0]])).numpy()
    array([[-1.,  2.]], dtype=float32)
    """

    def __init__(self, classes, **kwargs):
        super().__init__(**kwargs)
        self.classes = tuple(classes)

    def call(self, inputs, inverse=False):
        # A division by a constant 1 may become a product with 0.99999994 in an exported graph.
        return ops.where(np.array(self.classes) > 0, inputs, super().call(inputs, inverse))

    def adapt(self, data):
        """Learns mean and standard deviation of each column of numbers.

        Args:
            data: Array or `LazyRows`, `(rows, columns)`, at least one row.

        Raises:
            UsageError: If there are no rows.
        """
        super().adapt(data)
        kept = np.array(self.classes) > 0
        for weight, value in ((self.mean, 0.0), (self.deviation, 1.0)):
            weight.assign(np.where(kept, value, ops.convert_to_numpy(weight)))

    def get_config(self):
        return super().get_config() | {"classes": self.classes}


class _Layout:
    """Places of columns in rows of numbers and classes: all numbers first, then all classes.

    A column of n classes has the codes 0 to n - 1, of which n - 2 stands for a missing value, and
    n - 1 for one that was never seen.

    Args:
        classes: Sequence of integers. Number of classes of each column; 0 for a column of numbers.
    """

    def __init__(self, classes):
        positions = np.arange(len(classes))
        of_categories = np.array(classes) > 0
        self.numbers, self.categories = positions[~of_categories], positions[of_categories]
        self.order = np.argsort(np.concatenate([self.numbers, self.categories]))
        self.counts = np.array(classes)[of_categories]
        place = np.arange(self.counts.max(initial=1))
        starts = len(self.numbers) + np.cumsum(self.counts) - self.counts
        self.real = place < self.counts[:, None]  # (columns, most classes)
        self.known = place < self.counts[:, None] - OTHERS
        self.places = np.where(self.real, starts[:, None] + place, 0)
        self.column = np.repeat(np.arange(len(self.counts)), self.counts)
        self.code = np.concatenate([np.arange(count) for count in self.counts])

    def codes(self, x):
        """Returns the codes of the columns of categories as they are, `(rows, columns)`, int32."""
        x = ops.cast(tf.gather(x, self.categories, axis=1), "float32")
        counts = self.counts.astype(np.float32)
        whole = tf.round(x)
        # A runtime's division by the deviation of 1 may leave 0.99999994.
        known = (whole >= 0) & (whole < counts) & (tf.abs(x - whole) < CLOSE)
        codes = tf.where(tf.math.is_nan(x), counts - OTHERS, tf.where(known, whole, counts - 1))
        return tf.cast(codes, tf.int32)

    def logits(self, x, only_categories=False):
        """Returns the logits of the classes, `(rows, columns, most classes)`."""
        logits = tf.gather(ops.cast(x, "float32"), self.places, axis=1)
        wanted = self.known if only_categories else self.real
        return tf.where(wanted, logits, -1e9)  # a class that a column does not have

    def errors(self, rows, output):
        """Returns the error of each column, as `ColumnErrors` describes it, `(rows, columns)`."""
        rows, output = (ops.cast(part, "float32") for part in (rows, output))
        numbers = tf.gather(rows, self.numbers, axis=1)
        guesses = output[:, : len(self.numbers)]
        # A missing number is its guess: NaN in the branch not taken would spoil the gradient.
        squared = tf.square(tf.where(tf.math.is_nan(numbers), guesses, numbers) - guesses)
        logs = tf.nn.log_softmax(self.logits(output))  # (rows, columns, classes)
        hot = tf.one_hot(self.codes(rows), logs.shape[-1])
        return self.joined(squared, -tf.reduce_sum(hot * logs, axis=-1))

    def joined(self, numbers, categories):
        """Returns numbers and codes, or their errors, in the order of the columns."""
        parts = [part for part in (numbers, categories) if part.shape[1]]
        both = tf.concat(parts, axis=1) if len(parts) > 1 else parts[0]
        return tf.gather(both, self.order, axis=1)


@keras.saving.register_keras_serializable(package="zoo")
class OneHotColumns(keras.layers.Layer):
    """Layer that replaces each code of a category by a number for each of its classes, and back.

    `y = layer(x)` maps `(rows, columns)` to `(rows, numbers + classes)`: the columns of numbers,
    and after them, for each column of n classes, n numbers, of which that at the code is 1 and the
    others are 0. A code of NaN is that of a missing value, n - 2, and a number that is no code that
    of a value that was never seen, n - 1. `x = layer(y, inverse=True)` takes the class with the
    largest number. The layer is always active and computes in float32 under any dtype policy.

    Args:
        classes: Sequence of integers. Number of classes of each column; 0 for a column of numbers.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name`.

    Call arguments:
        inputs: Tensor, `(rows, columns)`, or `(rows, numbers + classes)` with `inverse`.
        inverse: Boolean. Go back. Defaults to False.
        only_categories: Boolean. With `inverse`: leave out the two classes that stand for missing
            and for unknown values. Defaults to False.

    Example:

    >>> layer = zoo.layers.OneHotColumns((3, 0))
    >>> y = layer(np.array([[1.0, 0.5]]))
    >>> y.numpy()
    array([[0.5, 0. , 1. , 0. ]], dtype=float32)
    >>> layer(y, inverse=True).numpy()
    array([[1. , 0.5]], dtype=float32)
    """

    def __init__(self, classes, **kwargs):
        super().__init__(**{"dtype": "float32"} | kwargs)
        self.classes = tuple(classes)
        self._layout = _Layout(self.classes)

    def missing(self, x):
        """Returns which cells are missing: numbers that are NaN, and categories with that class.

        Args:
            x: Tensor, `(rows, columns)`, as for a call without `inverse`.

        Returns:
            A tensor of booleans in the shape of `x`.

        Example:

        >>> rows = np.array([[1.0, 0.5], [0.0, np.nan], [np.nan, 2.0]])
        >>> zoo.layers.OneHotColumns((3, 0)).missing(rows).numpy().tolist()
        [[True, False], [False, True], [True, False]]
        """
        classes = np.array(self.classes, np.float32)
        of_class = tf.abs(ops.cast(x, "float32") - (classes - OTHERS)) < CLOSE
        return tf.math.is_nan(x) | ((classes > 0) & of_class)

    def call(self, inputs, inverse=False, only_categories=False):
        layout = self._layout
        if inverse:
            logits = layout.logits(inputs, only_categories)
            codes = tf.argmax(logits, axis=-1, output_type=tf.int32)
            numbers = inputs[:, : len(layout.numbers)]
            return layout.joined(numbers, tf.cast(codes, numbers.dtype))
        codes = tf.gather(layout.codes(inputs), layout.column, axis=1)
        hot = tf.cast(tf.equal(codes, layout.code.astype(np.int32)), inputs.dtype)
        if not len(layout.numbers):
            return hot
        return tf.concat([tf.gather(inputs, layout.numbers, axis=1), hot], axis=1)

    def get_config(self):
        return super().get_config() | {"classes": self.classes}


@keras.saving.register_keras_serializable(package="zoo")
class ColumnErrors(keras.layers.Layer):
    """Layer that returns the error of each column of a reconstruction.

    The error of a number is squared, and that of a category is the cross-entropy of its classes in
    nats, whose probabilities are the softmax of their logits. The error of a missing number, NaN,
    is 0. The layer is called on the pair of the rows, `(rows, columns)`, whose numbers are
    standardised, and of the output of a decoder, `(rows, numbers + classes)`, as `OneHotColumns`
    orders it. It is always active and computes in float32 under any dtype policy.

    Args:
        classes: Sequence of integers. Number of classes of each column; 0 for a column of numbers.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name`.

    Example:

    >>> rows, output = np.array([[1.0, 0.5]]), np.array([[0.0, 1.0, 1.0, 1.0]])
    >>> zoo.layers.ColumnErrors((3, 0))([rows, output]).numpy().round(3)
    array([[1.099, 0.25 ]], dtype=float32)
    """

    def __init__(self, classes, **kwargs):
        super().__init__(**{"dtype": "float32"} | kwargs)
        self.classes = tuple(classes)
        self._layout = _Layout(self.classes)

    def call(self, inputs):
        rows, output = inputs
        return self._layout.errors(rows, output)

    def get_config(self):
        return super().get_config() | {"classes": self.classes}


@keras.saving.register_keras_serializable(package="zoo")
class ColumnLoss(LossTerm):
    """Loss term that is the mean of the `ColumnErrors`, in which each column counts once.

    It is called on the output of a decoder, `(rows, numbers + classes)`, and compares it with the
    target of the step. Missing numbers, NaN, do not count. It is active in `fit` and `evaluate`
    only.

    Args:
        classes: Sequence of integers. Number of classes of each column; 0 for a column of numbers.
        weight: Float. The term is multiplied by it in the loss. Defaults to 1.0.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name`.

    Example:

    >>> rows, output = np.array([[1.0, 0.5]]), np.array([[0.0, 1.0, 1.0, 1.0]])
    >>> zoo.layers.ColumnLoss((3, 0)).term([rows, output]).numpy().round(3)
    array([0.674], dtype=float32)
    """

    def __init__(self, classes, weight=1.0, **kwargs):
        super().__init__(weight, **kwargs)
        self.classes = tuple(classes)
        self._layout = _Layout(self.classes)

    def loss(self, inputs, current):
        """Returns the scalar that a step adds to its loss, and updates the term's metric.

        Args:
            inputs: Output of a decoder, `(rows, numbers + classes)`.
            current: `zoo.layers.step.Step`. The current step; its `model` must be set.

        Returns:
            A scalar: the mean of the term over the rows, times `weight`.
        """
        rows = current.x if current.y is None else current.y
        return super().loss([current.model.standardisation(rows), inputs], current)

    def term(self, inputs):
        """Returns the mean error of the columns of each row.

        Args:
            inputs: Pair of tensors: the rows, `(rows, columns)`, with standardised numbers, and
                the output of a decoder.

        Returns:
            A float32 tensor, `(rows,)`.
        """
        rows, output = inputs
        errors = self._layout.errors(rows, output)
        observed = ~tf.math.is_nan(tf.convert_to_tensor(rows)) | (np.array(self.classes) > 0)
        count = tf.reduce_sum(tf.cast(observed, errors.dtype), axis=-1)
        return tf.math.divide_no_nan(tf.reduce_sum(errors, axis=-1), count)

    def get_config(self):
        return super().get_config() | {"classes": self.classes}
