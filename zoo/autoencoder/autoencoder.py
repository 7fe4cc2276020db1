"""The Keras model that every variant builds: a functional graph, cut at its latent code."""

import functools
from collections.abc import Container
from typing import Protocol, runtime_checkable

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from numpy.typing import ArrayLike

from zoo.autoencoder import (
    divergence,
    fit_arguments,
    fit_inputs,
    fit_streams,
    imputation,
    latent,
    objective,
    pairs,
    provenance,
    signatures,
    texts,
)
from zoo.autoencoder.variant_model import Decoder, Encoder, VariantModel
from zoo.errors import UsageError
from zoo.inputs import containers, streams
from zoo.inputs.lazy import LazyRows, MappedRows
from zoo.layers import LossTerm, Noise, PairTerm, step
from zoo.serving.codec import Codec

if keras.backend.backend() != "tensorflow":
    raise ImportError(
        f"zoo needs Keras's TensorFlow backend. Received: {keras.backend.backend()}. "
        "Set KERAS_BACKEND=tensorflow before Python starts."
    )


@runtime_checkable
class Adaptable(Protocol):
    """Protocol of the layers that adapt to data, as Keras's preprocessing layers and `TiedDense`.

    Example:

    >>> isinstance(keras.layers.Normalization(), Adaptable)
    True
    """

    def adapt(self, data):
        """Learns from data.

        Args:
            data: Array, `(rows, ...)`.
        """
        ...


@keras.saving.register_keras_serializable(package="zoo")
class AutoEncoder(VariantModel, Codec):
    """Functional Keras model whose target is its input.

    The graph has one input, one output, and a layer named `latent`, where `encoder` ends and
    `decoder` begins. Layers named `switches_1`, `switches_2`, ... are further outputs of the
    encoder and inputs of the decoder: the positions of the maxima that argmax pooling returns. The
    indices of a `Quantizer` are further outputs of the encoder only.

    Args:
        *args: The input tensor and the output tensor, as for `keras.Model`.
        **kwargs: Further arguments of `VariantModel`, such as `value_range`.

    Attributes:
        loss_without_noise: Metric that `evaluate` shows for a model with `Noise` layers, or None:
            the loss of the reconstruction that `reconstruct` returns.

    Example:

    >>> x = keras.Input((4,), name="features")
    >>> code = keras.layers.Dense(2, name="latent")(x)
    >>> model = AutoEncoder(x, keras.layers.Dense(4)(code))
    >>> model.encode(np.zeros((3, 4), "float32")).shape
    (3, 2)
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        noisy = any(isinstance(layer, Noise) for layer in self.layers)
        self.loss_without_noise = keras.metrics.Mean(name="loss_without_noise") if noisy else None

    @property
    def facts(self) -> dict:
        """Dictionary of the facts about the model that the manifest of an export records.

        It holds the `identity`, and `column_names`, `code_bits`, `switch_bits` and `code_prior`.
        """
        return self.identity | {
            "column_names": self.column_names,
            "code_bits": self.code_bits,
            "switch_bits": self.switch_bits,
            "code_prior": self.code_prior,
        }

    @functools.cached_property
    def encoder(self) -> Encoder:
        """Keras model from the input to the latent code, an `Encoder` with the same weights.

        With switches or indices its output is a list that begins with the code.
        """
        indices = [layer.output[1] for layer in latent.quantizers(self)]
        outputs = [*_listed(self._code), *indices] if indices else self._code
        return Encoder(self.inputs[0], outputs, name="encoder", **self.identity)

    @functools.cached_property
    def decoder(self) -> Decoder:
        """Keras model from the latent code to the output, a `Decoder` with the same weights.

        With switches its input is a list: the code, `switches_1`, `switches_2`, ...
        """
        return Decoder(self._code, self.outputs[0], name="decoder", **self.identity)

    @property
    def signatures(self) -> dict[str, tuple[list, list]]:
        """Named inputs and outputs of `encode`, `decode`, `reconstruct` and perhaps `impute`.

        A dictionary from the method's name to a pair of lists of `tf.TensorSpec`.
        """
        return signatures.of_autoencoder(self)

    @functools.cached_property
    def endpoints(self) -> dict:
        """Compiled inference functions of `signatures`, from tensors to named tensors."""
        parts = {"encode": self.encoder, "decode": self.decoder, "reconstruct": self}
        parts["impute"] = functools.partial(imputation.imputed, self)
        return signatures.compiled(parts, self.signatures)

    @property
    def encoder_hash(self) -> str:
        """Hash of the encoder: two encoders with the same hash return the same codes.

        It is computed from variant, arguments and weights, and so changes when training goes on.
        """
        return provenance.fingerprint(self.encoder)

    code_names, code_shapes = property(latent.names), property(latent.shapes)
    index_names, code_prior = property(latent.index_names), property(latent.prior)
    code_bits, switch_bits = property(latent.bits), property(latent.switch_bits)

    @property
    def loss_terms(self) -> list[LossTerm]:
        """List of the layers that add a named, weighted term to the loss."""
        return [layer for layer in self.layers if isinstance(layer, LossTerm)]

    @property
    def learns_from_pairs(self) -> bool:
        """Whether `fit` draws a partner for each row, for the `PairTerm` layers of the graph."""
        return any(isinstance(layer, PairTerm) for layer in self.layers)

    def partners(self, x: np.ndarray) -> np.ndarray:
        """Returns candidate partners of each row, for a model that learns from pairs.

        A subclass defines it, if its graph has `PairTerm` layers. `fit` calls it once, before the
        first epoch, and draws one of the candidates for each row in every epoch.

        Args:
            x: Float32 array, `(rows, *input_shape)`. All rows to learn from.

        Returns:
            Integer array of row numbers, `(rows, k)`.

        Example:

        >>> x = np.random.default_rng(0).random((20, 8), np.float32)
        >>> zoo.build("neighbour_ae", input_shape=(8,), neighbours=3).partners(x).shape
        (20, 3)
        """
        raise NotImplementedError(f"{type(self).__name__} must define partners(x)")

    def adapt(self, x: ArrayLike, keep: Container[str] = ()) -> "AutoEncoder":
        """Adapts every layer that adapts to data, in the order of the graph, and returns the model.

        Each layer adapts to the output of the layers before it for `x`. A model of texts first
        learns its vocabulary, if `x` holds texts. The model also remembers the column names of a
        frame.

        Args:
            x: Rows to learn from, as in `fit`, such as an array, a frame, a `Split`, a `Dataset`
                (its training split is used), or a list of texts for a model of texts. A stream of
                batches must have an end, and is read into memory.
            keep: Container of strings. Names of layers that do not adapt, such as those whose
                weights came from another model. Defaults to `()`.

        Returns:
            The model itself.

        Raises:
            UsageError: If there are no rows, or if the model does not accept them.

        Example:

        >>> x = np.random.default_rng(0).random((50, 8))
        >>> model = zoo.build("pca", input_shape=(8,), latent_dim=2).adapt(x)
        >>> model.encode(x).shape
        (50, 2)
        """
        x = containers.by_name(fit_inputs.inputs_of(x), self.named_input.name)
        x = texts.sparse_documents(self, x)
        if isinstance(x, list):  # an empty list has no type to check
            fit_inputs.require_nonempty(x)
        bag = texts.bag(self)
        x = fit_inputs.to_adapt(x, self.input_part, of_texts=bag is not None)
        if bag is not None and bag.name not in keep:
            texts.learn_vocabulary(self, x)
        names = fit_inputs.names_to_learn(x, self.column_names, self.columns)
        x = fit_inputs.require_nonempty(self.check(x))
        self.column_names = names
        for layer in self.layers:
            if isinstance(layer, Adaptable) and layer.name not in keep:
                layer.adapt(self._before(layer, x))
        return self.refresh_endpoints()

    def _before(self, layer, x):
        """Returns the input of a layer for the rows of `x`, without copying all of them."""
        preceding = keras.Model(self.inputs[0], layer.input)
        reshaping = (keras.layers.InputLayer, keras.layers.Reshape, keras.layers.Flatten)
        channels_last = (
            keras.config.image_data_format() == "channels_last"
        )  # else Flatten moves values
        if channels_last and all(isinstance(part, reshaping) for part in preceding.layers):
            shape = layer.input.shape[1:]
            if isinstance(x, LazyRows):
                return MappedRows(lambda rows: rows.reshape(-1, *shape), x)
            return x.reshape(len(x), *shape)
        return MappedRows(
            lambda rows: keras.ops.convert_to_numpy(preceding(rows, training=False)), x
        )

    def fit(self, x=None, y=None, batch_size=None, *args, **kwargs):
        """Trains the model as Keras's `fit` does; without `y`, the target is the input.

        If the model was not adapted before, a model that standardises features first learns their
        scale, one that starts as PCA the principal components, and a model of texts its vocabulary.

        A model that learns from pairs draws a partner for each row in every epoch, from the
        `partners` of all rows, which are computed before the first epoch. So it needs the rows in
        memory: of a stream it takes only a `tf.data.Dataset` that draws the pairs itself, whose
        batches begin with the pair (rows, partners) in place of the rows. Validation data have no
        partners: their loss is without the terms of pairs.

        Args:
            x: Rows: an array, a list, a tensor of any library, a frame, a scipy sparse matrix
                (whose rows are made dense batch by batch), a `Split` or a `Dataset`. Or a stream of
                batches: a `tf.data.Dataset`, a `PyDataset`, a torch `DataLoader`, a generator or
                any other iterable. Rows, and the inputs of a batch, may be the only value of a
                dictionary, under the name of the input, such as `"image"`. Rows are checked before
                training begins, and batches when they are drawn. The training split of a `Dataset`
                is used.
            y: Targets, if `x` is rows and they differ from the input. Defaults to None.
            batch_size: Integer. Number of rows in a batch; None for 32. Defaults to None.
            *args: Further arguments of `keras.Model.fit`, in its order.
            **kwargs: Further arguments of `keras.Model.fit`, such as `epochs`, and `sample_weight`,
                finite numbers `(rows,)`, `(rows, 1)` or, for each position of a row,
                `(rows, *input_shape[:-1])`.

        Returns:
            A `keras.callbacks.History`.

        Raises:
            UsageError: If the model does not accept the rows or an argument.
            DivergedError: If the loss or a weight becomes NaN or infinite.

        Example:

        >>> x = np.random.default_rng(0).random((64, 8))
        >>> model = zoo.build("linear_ae", input_shape=(8,), latent_dim=2)
        >>> history = model.fit(x, epochs=2, verbose=0)
        >>> len(history.history["loss"])
        2
        """
        kwargs = fit_arguments.named("fit", args, kwargs)
        fit_arguments.require_no_classes(kwargs)
        x = texts.sparse_documents(self, containers.by_name(x, self.named_input.name))
        texts.adapt_vocabulary(self, x)
        names, source = fit_inputs.names_to_learn(x, self.column_names, self.columns), x
        x, y, kwargs = fit_inputs.checked(
            x, y, kwargs, self.input_part, pairs=self.learns_from_pairs
        )
        self.column_names = names
        self._adapt_if_new(source if containers.is_stream(source) else x)
        partners = None if containers.is_stream(x) else pairs.to_draw_from(self, x, kwargs)
        x, y, kwargs = fit_streams.streamed(x, y, batch_size, kwargs, partners)
        kwargs["callbacks"] = divergence.with_guard(kwargs.get("callbacks"))
        with streams.sentences():
            return super().fit(x, y, batch_size, **kwargs)

    def _adapt_if_new(self, x):
        """Adapts the layers not adapted yet, to rows or to the first batches of a stream."""
        new = [layer for layer in self.layers if not getattr(layer, "adapted", True)]
        if new:
            rows = fit_inputs.some_inputs(x, self.input_part)
            for layer in new:
                layer.adapt(self._before(layer, rows))
            self.refresh_endpoints()

    def evaluate(self, x=None, y=None, batch_size=None, *args, **kwargs):
        """Returns the loss and the metrics of rows, as Keras's `evaluate` does.

        Without `y`, the target is the input.

        Noise is added as in training, but it is the same in every evaluation; for a model with
        noise, `loss_without_noise` is shown too.

        Args:
            x: Rows or a stream of batches, as in `fit`; the test split of a `Dataset` is used.
            y: Targets, if `x` is rows and they differ from the input. Defaults to None.
            batch_size: Integer. Number of rows in a batch; None for 32. Defaults to None.
            *args: Further arguments of `keras.Model.evaluate`, in its order.
            **kwargs: Further arguments of `keras.Model.evaluate`, such as `return_dict`.

        Returns:
            A float, a list of floats, or a dictionary with `return_dict=True`, as in Keras.

        Raises:
            UsageError: If the model does not accept the rows or an argument.

        Example:

        >>> model = zoo.build("linear_ae", input_shape=(8,), latent_dim=2)
        >>> sorted(model.evaluate(np.zeros((4, 8)), verbose=0, return_dict=True))
        ['loss']
        """
        kwargs = fit_arguments.named("evaluate", args, kwargs)
        if kwargs.get("_use_cached_eval_dataset"):  # `fit` calls this after its own checks
            return super().evaluate(x, y, batch_size, **kwargs)
        x = fit_inputs.test_inputs_of(x)
        x, y, kwargs = fit_inputs.checked(x, y, kwargs, self.input_part)
        x, y, kwargs = fit_streams.in_order(x, y, batch_size, kwargs)
        with streams.sentences():
            return super().evaluate(x, y, batch_size, **kwargs)

    def predict(self, x, batch_size=None, *args, **kwargs):
        """Returns the reconstructions as Keras's `predict` does, with the checks of `reconstruct`.

        Args:
            x: Rows or a stream of batches, as in `fit`; 0 rows are accepted. Of a `Dataset` pass
                one of its splits, `data.test`.
            batch_size: Integer. Number of rows in a batch; None for 32. Defaults to None.
            *args: Further arguments of `keras.Model.predict`, in its order.
            **kwargs: Further arguments of `keras.Model.predict`, such as `verbose`.

        Returns:
            An array, `(rows, *input_shape)`.

        Raises:
            UsageError: If the model does not accept the rows.

        Example:

        >>> model = zoo.build("linear_ae", input_shape=(8,), latent_dim=2)
        >>> model.predict(np.zeros((3, 8)), verbose=0).shape
        (3, 8)
        """
        kwargs = fit_arguments.named("predict", args, kwargs)
        x = fit_inputs.to_predict(x, self.input_part, kwargs)
        if not containers.is_stream(x) and len(x) == 0:
            return np.asarray(x)
        x = fit_streams.lazy_as_stream(x, batch_size)
        with streams.sentences():
            return super().predict(x, batch_size, **kwargs)

    def train_step(self, data):
        """Runs Keras's training step, with the loss terms added to the loss.

        Args:
            data: Batch, as Keras passes it. Of a model that learns from pairs, its inputs are the
                pair of the rows and their partners.

        Returns:
            A dictionary from the names of the metrics to their values.

        Raises:
            UsageError: If a model that learns from pairs gets rows without partners.
        """
        data, partners = pairs.separated(data)
        if self.learns_from_pairs and partners is None:
            raise UsageError(
                "A batch of a model that learns from pairs must begin with (rows, partners), as "
                "`fit` draws them from rows in memory. Received: rows without partners."
            )
        with step.entered(self._step(data, training=True, partners=partners)):
            return super().train_step(data)

    def test_step(self, data):
        """Runs Keras's evaluation step, with the loss terms and fixed noise.

        For a model with noise it runs a second step without noise, for the loss of the
        reconstruction that `reconstruct` returns.

        Args:
            data: Batch, as Keras passes it.

        Returns:
            A dictionary from the names of the metrics to their values.
        """
        with step.entered(self._step(data, drawn=self._rows_seen())):
            logs = super().test_step(data)
        if self.loss_without_noise is None:
            return logs
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        with step.entered(self._step(data, reporting=False)) as current:
            loss = self.compute_loss(x, y, self(x, training=False), sample_weight, training=False)
        # Keras divides the loss by the number of replicas.
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        self.loss_without_noise.update_state(loss * replicas, sample_weight=current.rows)
        return logs | {self.loss_without_noise.name: self.loss_without_noise.result()}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Returns Keras's loss plus, in a step of `fit` or `evaluate`, the loss terms.

        The loss of a model that standardises features compares standardised features; that of a
        model with missing cells counts those cells alone that are observed in the target; that of
        a model of columns with categories is a loss term, `ColumnLoss`.

        Args:
            x: Input tensor, `(rows, *input_shape)`. Defaults to None.
            y: Target tensor; None for the input. Defaults to None.
            y_pred: Reconstruction. Defaults to None.
            sample_weight: One weight for each row, or for each position of a row, or None. Defaults
                to None.
            training: Boolean. True in a training step. Defaults to True.

        Returns:
            A scalar tensor.
        """
        y = x if y is None else y
        sample_weight = objective.of_observed(self, sample_weight, y)
        sample_weight = objective.per_position(sample_weight, y)
        pair = objective.compared(self, y, y_pred)
        return super().compute_loss(x, *pair, sample_weight, training) + objective.terms()

    def training_loss(self, x) -> float:
        """Returns the loss of rows with the noise and the loss terms of training, without training.

        Args:
            x: Tensor or array, `(rows, *input_shape)`, as one batch.

        Returns:
            A float.

        Example:

        >>> model = zoo.build("linear_ae", input_shape=(8,), latent_dim=2)
        >>> model.training_loss(np.zeros((3, 8), "float32"))
        0.0
        """
        with step.entered(self._step((x,), training=True, reporting=False)):
            return float(self.compute_loss(x, None, self(x, training=True)))

    def get_metrics_result(self):
        """Returns Keras's metrics, and of those that only some steps update, those updated.

        `loss_without_noise` is of steps of `evaluate`, the terms of pairs are of steps of `fit`.
        """
        results, current = super().get_metrics_result(), step.current()
        of_pairs = [layer.tracker for layer in self.layers if isinstance(layer, PairTerm)]
        in_pairs = current is not None and current.partners is not None
        shown = dict.fromkeys(of_pairs, in_pairs)
        if self.loss_without_noise is not None:
            shown[self.loss_without_noise] = False
        for metric, in_graph in shown.items():
            if not (metric.count > 0 if tf.executing_eagerly() else in_graph):
                del results[metric.name]
        return results

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        """Returns Keras's metrics, with the input as the target if `y` is None.

        They take a missing cell as one that was reconstructed without an error.

        Args:
            x: Input tensor, `(rows, *input_shape)`.
            y: Target tensor, or None.
            y_pred: Reconstruction.
            sample_weight: One weight for each row, or None. Defaults to None.

        Returns:
            A dictionary from the names of the metrics to their values.
        """
        y = x if y is None else y
        if self.missing == "mask":
            y, y_pred = objective.observed(y, y_pred)
        return super().compute_metrics(x, y, y_pred, sample_weight)

    def _step(self, data, **kwargs):
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        return step.Step(keras.tree.flatten(x)[0], sample_weight, model=self, y=y, **kwargs)

    def _symbolic_build(self, iterator=None, data_batch=None):
        """Builds losses and metrics as Keras does before `fit` on replicas, without partners."""
        data_batch = None if data_batch is None else pairs.separated(data_batch)[0]
        super()._symbolic_build(iterator, data_batch)

    def _rows_seen(self):
        """Returns the seed of the noise in an `evaluate` step, a different one for each step."""
        count = next(metric for metric in self.metrics if metric.name == "loss").count
        replica = tf.distribute.get_replica_context()
        replicas, number = replica.num_replicas_in_sync, replica.replica_id_in_sync_group
        return ops.cast(count, "int32") * replicas + ops.cast(number, "int32")

    @functools.cached_property
    def latent_encoder(self) -> keras.Model:
        """Keras model from the input to the layer `latent` alone, without switches or indices."""
        return keras.Model(self.inputs[0], self.get_layer("latent").output, name="latent_encoder")

    @property
    def _code(self):
        tensors = [self.get_layer(name).output for name in self.code_names]
        return tensors if len(tensors) > 1 else tensors[0]


def _listed(tensors):
    return tensors if isinstance(tensors, list) else [tensors]
