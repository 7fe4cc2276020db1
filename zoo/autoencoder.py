"""The model that every variant is: one flat functional graph, cut at its code in two parts."""

import functools
from typing import Protocol, runtime_checkable

import keras
import tensorflow as tf
from keras import ops
from numpy.typing import ArrayLike

from zoo import arrays, callbacks, code, codec, containers, documents, endpoints, feeds, streams
from zoo.layers import LossTerm, Noise, Standardisation, step
from zoo.variant_model import Decoder, Encoder, VariantModel

if keras.backend.backend() != "tensorflow":
    raise ImportError(
        f"zoo needs Keras's TensorFlow backend. Received: {keras.backend.backend()}. "
        "Set KERAS_BACKEND=tensorflow before Python starts."
    )


@runtime_checkable
class Adaptable(Protocol):
    """A layer that adapts to data, as Keras's preprocessing layers and `TiedDense` do."""

    def adapt(self, data): ...


@keras.saving.register_keras_serializable(package="zoo")
class AutoEncoder(VariantModel):
    """A functional Keras model whose target is its input.

    The graph has one input, one output, and a layer named `latent`, where `encoder` ends and
    `decoder` begins. Layers named `switches_1`, `switches_2`, ... are further outputs of the
    encoder and inputs of the decoder: the positions that argmax pooling remembers. The indices of
    a `Quantizer` are further outputs of the encoder only.

    Its arguments are those of `VariantModel`.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        noisy = any(isinstance(layer, Noise) for layer in self.layers)
        self.loss_without_noise = keras.metrics.Mean(name="loss_without_noise") if noisy else None

    @property
    def facts(self) -> dict:
        """What an export's manifest says of it."""
        return self.identity | {
            "column_names": self.column_names,
            "code_bits": self.code_bits,
            "switch_bits": self.switch_bits,
            "code_prior": self.code_prior,
        }

    @functools.cached_property
    def encoder(self) -> Encoder:
        """From the input to the code; with switches or indices, to a list that begins with it."""
        indices = [layer.output[1] for layer in code.quantizers(self)]
        outputs = [*_listed(self._code), *indices] if indices else self._code
        return Encoder(self.inputs[0], outputs, name="encoder", **self.identity)

    @functools.cached_property
    def decoder(self) -> Decoder:
        """From the code (with switches, a list: the code, `switches_1`, ...) to the output."""
        return Decoder(self._code, self.outputs[0], name="decoder", **self.identity)

    @property
    def signatures(self) -> dict[str, tuple[list, list]]:
        """Of `encode`, `decode`, `reconstruct`: the named inputs' and outputs' `tf.TensorSpec`s."""
        return endpoints.of_autoencoder(self)

    @functools.cached_property
    def endpoints(self) -> dict:
        """For each of `signatures` a compiled function at rest: tensors in, named tensors out."""
        parts = {"encode": self.encoder, "decode": self.decoder, "reconstruct": self}
        return endpoints.compiled(parts, self.signatures)

    @property
    def encoder_hash(self) -> str:
        """What tells this encoder's codes from another's, and from its own after training on."""
        from zoo import weights  # which takes what is defined here

        return weights.fingerprint(self.encoder)

    code_names, code_shapes = property(code.names), property(code.shapes)
    index_names, code_prior = property(code.index_names), property(code.prior)
    code_bits, switch_bits = property(code.bits), property(code.switch_bits)

    @property
    def standardisation(self) -> Standardisation | None:
        """The layer that brings features to one scale, where there is one."""
        return next((each for each in self.layers if isinstance(each, Standardisation)), None)

    @property
    def loss_terms(self) -> list[LossTerm]:
        """The layers that add a named, weighted term to the loss."""
        return [layer for layer in self.layers if isinstance(layer, LossTerm)]

    vocabulary, front = property(documents.vocabulary), property(documents.front)

    encode, decode = codec.encode, codec.decode
    prepared, _checked = codec.prepared, codec.checked
    reconstruct, indices = codec.reconstruct, codec.indices

    def adapt(self, x: ArrayLike) -> "AutoEncoder":
        """Runs every layer that adapts to data on what reaches it of `x`, first to last.

        From texts a model of texts learns its vocabulary first.
        """
        x = feeds.inputs_of(x)
        x = feeds.some(x) if isinstance(x, list) else x  # of none nobody knows what they are
        documents.learnt_if_texts(self, x)
        names = feeds.names_to_learn(x, self.column_names)
        x = feeds.some(self._checked(x))
        self.column_names = names
        for layer in self.layers:
            if isinstance(layer, Adaptable):
                layer.adapt(self._before(layer, x))
        return self.settle()

    def _before(self, layer, x):
        """Returns the rows of `x` as they reach a layer, without a copy of all of them."""
        before = keras.Model(self.inputs[0], layer.input)
        reshaping = (keras.layers.InputLayer, keras.layers.Reshape, keras.layers.Flatten)
        channels_last = keras.config.image_data_format() == "channels_last"  # else they move
        if channels_last and all(isinstance(each, reshaping) for each in before.layers):
            return x.reshape(len(x), *layer.input.shape[1:])
        return arrays.MappedRows(
            lambda rows: keras.ops.convert_to_numpy(before(rows, training=False)), x
        )

    def fit(self, x=None, y=None, batch_size=None, *args, **given):
        """Keras's `fit`; without `y`, the target is the input. Returns its `History`.

        A model that standardises features learns their scale first, and a model of texts its
        vocabulary, if it was not adapted.

        Args:
            x: rows: an array, a list, a tensor of any library, a frame, a scipy sparse matrix, a
                `Split` or a `Dataset`; or a stream of batches: a `tf.data.Dataset`, a
                `PyDataset`, a torch `DataLoader`, a generator or any other iterable. Rows are
                checked before training begins, batches as they pass.
            y: targets, for arrays alone.
            batch_size, *args, **given: as of `keras.Model.fit`.

        Raises:
            UsageError: for anything that the model does not take.
            DivergedError: when the loss or a weight becomes NaN or infinite.
        """
        given = feeds.named("fit", args, given)
        feeds.require_no_classes(given)
        documents.learnt_if_new(self, x)
        names, source = feeds.names_to_learn(x, self.column_names), x
        x, y, given = feeds.checked(x, y, given, self._part)
        self.column_names = names
        self._adapt_if_new(source if containers.is_stream(source) else x)
        x, y, given = feeds.streamed(x, y, batch_size, given)
        given["callbacks"] = callbacks.with_guard(given.get("callbacks"))
        with streams.sentences():
            return super().fit(x, y, batch_size, **given)

    def _adapt_if_new(self, x):
        """Adapts to rows, or to the first batches of a stream, what was not adapted before."""
        if self.standardisation and not self.standardisation.adapted:
            self.standardisation.adapt(self._checked(feeds.some_inputs(x)))
            self.settle()

    def evaluate(self, x=None, y=None, batch_size=None, *args, **given):
        """Keras's `evaluate`, with the input for target and the checks of `fit`."""
        given = feeds.named("evaluate", args, given)
        if given.get("_use_cached_eval_dataset"):  # `fit` asks, of what it has checked
            return super().evaluate(x, y, batch_size, **given)
        x, y, given = feeds.checked(x, y, given, self._part)
        x, y, given = feeds.in_order(x, y, batch_size, given)
        with streams.sentences():
            return super().evaluate(x, y, batch_size, **given)

    def predict(self, x, batch_size=None, *args, **given):
        """Keras's `predict`, with the checks of `reconstruct`; 0 rows are allowed."""
        given = feeds.named("predict", args, given)
        x = feeds.to_predict(x, self._part, given)
        if not containers.is_stream(x) and len(x) == 0:
            return x
        with streams.sentences():
            return super().predict(x, batch_size, **given)

    def train_step(self, data):
        """Takes Keras's step, with the loss terms."""
        with step.entered(self._step(data, training=True)):
            return super().train_step(data)

    def test_step(self, data):
        """Takes Keras's step, with the loss terms and fixed noise, and if it is noisy one without.

        The loss without noise is that of the reconstruction which `reconstruct` returns.
        """
        with step.entered(self._step(data, drawn=self._rows_seen())):
            logs = super().test_step(data)
        if self.loss_without_noise is None:
            return logs
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        with step.entered(self._step(data, reporting=False)) as current:
            loss = self.compute_loss(x, y, self(x, training=False), sample_weight, training=False)
        replicas = tf.distribute.get_strategy().num_replicas_in_sync  # each has its share of it
        self.loss_without_noise.update_state(loss * replicas, sample_weight=current.rows)
        return logs | {self.loss_without_noise.name: self.loss_without_noise.result()}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Returns Keras's loss, and in a step of `fit` or `evaluate` adds the loss terms."""
        y = x if y is None else y
        if sample_weight is not None and len(sample_weight.shape) == 1:  # one for each row
            sample_weight = ops.reshape(sample_weight, (-1, *[1] * (len(y.shape) - 2)))
        scale = self.standardisation
        compared = (scale(y), scale(y_pred)) if scale else (y, y_pred)
        loss = super().compute_loss(x, *compared, sample_weight, training)
        terms = step.current() and step.current().loss()
        return loss if terms is None else loss + self._aggregate_additional_loss(terms)

    def training_loss(self, x) -> float:
        """Returns the loss of rows with the noise and the loss terms of training."""
        with step.entered(self._step((x,), training=True, reporting=False)):
            return float(self.compute_loss(x, None, self(x, training=True)))

    def get_metrics_result(self):
        """Returns Keras's figures; that without noise only after a step of `evaluate`."""
        results, metric = super().get_metrics_result(), self.loss_without_noise
        counted = metric is not None and tf.executing_eagerly() and metric.count > 0
        if metric is not None and not counted:
            del results[metric.name]
        return results

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        return super().compute_metrics(x, x if y is None else y, y_pred, sample_weight)

    def _step(self, data, **given):
        x, _, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        return step.Step(keras.tree.flatten(x)[0], sample_weight, model=self, **given)

    def _rows_seen(self):
        """Returns what `evaluate` seeds a step's noise with: another number for each step."""
        seen = next(metric for metric in self.metrics if metric.name == "loss").count
        replica = tf.distribute.get_replica_context()
        replicas, number = replica.num_replicas_in_sync, replica.replica_id_in_sync_group
        return ops.cast(seen, "int32") * replicas + ops.cast(number, "int32")

    @functools.cached_property
    def latent_encoder(self) -> keras.Model:
        """The model from the input to the layer `latent` alone, without switches or indices."""
        return keras.Model(self.inputs[0], self.get_layer("latent").output, name="latent_encoder")

    @property
    def _code(self):
        tensors = [self.get_layer(name).output for name in self.code_names]
        return tensors if len(tensors) > 1 else tensors[0]

    @property
    def _part(self):
        """What a batch's inputs must be."""
        return feeds.Part(self._checked, self.input_shape[1:], value_range=self.value_range)

    def _run(self, endpoint, tensors, batch_size):
        return endpoints.run(self, endpoint, tensors, batch_size)

    @property
    def _given(self):
        return self.inputs[0]


def _listed(tensors):
    return tensors if isinstance(tensors, list) else [tensors]
