"""The base class of the zoo's Keras models, whose copies keep the variant and its record."""

import json
import random

import keras

from zoo.autoencoder import provenance, signatures, texts
from zoo.errors import UsageError
from zoo.inputs import bounds
from zoo.inputs.columns import Columns
from zoo.inputs.kinds import IMAGES
from zoo.inputs.vocabulary import Vocabulary
from zoo.layers import ColumnLoss, MissingCells, Standardisation
from zoo.recipes.recipe import steps_per_call

NOT_OURS = ("builtins", "keras", "tensorflow")


class VariantModel(keras.Model):
    """Functional Keras model that knows its variant, and whose copies know it too.

    `copy.deepcopy`, pickle, joblib and `.keras` files keep the variant, its arguments, the range of
    its input's values, the names of its columns, the record of its training, weights, loss and
    optimizer. `keras.models.clone_model` keeps all but the weights, which it initialises anew. Of a
    model that has a loss (an `AutoEncoder` or a classifier) and is not compiled, it keeps the graph
    alone.

    Args:
        *args: The input tensors and the output tensors, as for `keras.Model`.
        variant: String. Name of the variant. Defaults to `""`.
        arguments: Dictionary of the arguments that the variant was built with. Defaults to None,
            for no arguments.
        value_range: Pair of floats, the smallest and the largest value of the input, or None for
            any finite value. Defaults to `(0.0, 1.0)`.
        column_names: Names of the columns of the table that it learned from, or None. The columns
            of a frame are put in this order. Defaults to None.
        record: Record of its training, as `get_config` returns it. Defaults to None.
        **kwargs: Further arguments of `keras.Model`, such as `name`.

    Raises:
        UsageError: If Keras computes in another precision than float32 or mixed precision, or if
            `value_range` is no range.

    Example:

    >>> import copy
    >>> model = zoo.build("pca", input_shape=(8,), latent_dim=2)
    >>> copy.deepcopy(model).variant
    'pca'
    """

    learns_from_pairs = False  # whether `fit` passes each row together with a partner
    has_loss = True  # whether it is made to be compiled with a loss and trained

    def __init__(
        self,
        *args,
        variant="",
        arguments=None,
        value_range=IMAGES.value_range,
        column_names=None,
        record=None,
        **kwargs,
    ):
        require_float32()
        super().__init__(*args, **kwargs)
        self.variant = variant
        self.arguments = {key: _as_built(value) for key, value in (arguments or {}).items()}
        self.value_range = bounds.as_range(value_range)
        self.column_names = column_names and tuple(column_names)
        self.record_and_fingerprint = tuple(record or (None, None))
        self.known_fingerprint = None
        if not self.has_loss:  # `keras.models.clone_model` passes the variant of compiled models
            self.compile(None)

    record = property(provenance.get_record, provenance.set_record)

    @property
    def identity(self) -> dict:
        """Dictionary of `variant`, `arguments`, and `value_range`."""
        return {
            "variant": self.variant,
            "arguments": dict(self.arguments),
            "value_range": self.value_range,
        }

    @property
    def standardisation(self) -> Standardisation | None:
        """The layer `standardisation`, by which features are standardised, or None."""
        layers = (layer for layer in self.layers if isinstance(layer, Standardisation))
        return next((layer for layer in layers if layer.name == "standardisation"), None)

    @property
    def missing_cells(self) -> MissingCells | None:
        """The layer that takes missing cells, NaN, or None if the model refuses them."""
        return next((layer for layer in self.layers if isinstance(layer, MissingCells)), None)

    @property
    def missing(self) -> str | None:
        """Treatment of missing cells, NaN: `"mask"`, or `"refuse"` if the model was built so.

        None if its variant takes them in no form.
        """
        return "mask" if self.missing_cells else self.arguments.get("missing")

    @property
    def columns(self) -> Columns:
        """The `Columns` by which a table becomes numbers; empty for numbers as they are."""
        return Columns(self.arguments.get("columns") or ())

    @property
    def column_loss(self) -> ColumnLoss | None:
        """The layer that compares columns of which some hold categories, or None if none do."""
        return next((layer for layer in self.layers if isinstance(layer, ColumnLoss)), None)

    @property
    def vocabulary(self) -> Vocabulary | None:
        """The words that a model of texts knows, in the order of a document's numbers, or None."""
        return texts.vocabulary(self)

    @property
    def text_frontend(self):
        """The string input of a SavedModel, and the function from strings to documents, or None."""
        return texts.text_frontend(self)

    @property
    def named_input(self):
        """The Keras tensor of the input."""
        return self.inputs[0]

    def run(self, endpoint: str, tensors: list, batch_size: int) -> list:
        """Returns the outputs of an endpoint, computed by TensorFlow, batch by batch.

        Args:
            endpoint: String. Name of the endpoint, such as `"encode"`.
            tensors: List of arrays, one for each input, with the same number of rows.
            batch_size: Positive integer. Number of rows that are computed at once.

        Returns:
            A list of arrays, one for each output, in the order of the signature.

        Raises:
            UsageError: If the model has no such endpoint.
        """
        return signatures.run(self, endpoint, tensors, batch_size)

    def get_config(self):
        facts = {"column_names": self.column_names, "record": self.record_and_fingerprint}
        return super().get_config() | self.identity | facts

    def get_compile_config(self):
        return _CompileConfig(super().get_compile_config(), self)

    def compile_from_config(self, config):
        """Compiles the model as its original was compiled.

        `keras.models.clone_model` passes a graph to the constructor, and the result of the
        original's `get_compile_config` to this method: the clone then takes over the identity, the
        record and the column names of its original. On several replicas each call takes one step.

        Args:
            config: Dictionary, as `get_compile_config` returned it.
        """
        original = getattr(config, "model", None)
        steps = steps_per_call(self, config.get("steps_per_execution", 1))
        config = dict(config) | {"steps_per_execution": steps}
        if original is None:
            self._compile(config)
            return
        if self._is_clone_of(original):
            self._take_over(original)
        with keras.saving.custom_object_scope(_custom_objects(original)):
            self._compile(config)

    def _compile(self, config):
        if config.get("optimizer") is None:  # which Keras would build
            self.compile(**keras.saving.deserialize_keras_object(config))
        else:
            super().compile_from_config(config)

    def _take_over(self, original):
        self.record_and_fingerprint = original.record_and_fingerprint
        self.column_names = original.column_names
        for name, value in original.identity.items():
            setattr(self, name, value)

    def _is_clone_of(self, original):
        names, others = ([layer.name for layer in model.layers] for model in (self, original))
        return not self.variant and type(self) is type(original) and names == others

    def save(self, filepath, *args, **kwargs):
        """Saves the model as Keras's `save` does, but not as HDF5.

        Args:
            filepath: String or path that ends in `.keras`.
            *args: Further arguments of `keras.Model.save`, in its order.
            **kwargs: Further arguments of `keras.Model.save`, such as `overwrite`.

        Raises:
            UsageError: If `filepath` ends in `.h5` or `.hdf5`.

        Example:

        >>> model = zoo.build("linear_ae", input_shape=(8,), latent_dim=2)
        >>> history = model.fit(np.zeros((4, 8)), verbose=0)
        >>> model.save("model.keras")
        >>> zoo.load_model("model.keras").variant
        'linear_ae'
        """
        if str(filepath).endswith((".h5", ".hdf5")):
            raise UsageError(
                "`filepath` must end in .keras: a whole model in an HDF5 file could not be loaded "
                f"again. Received: filepath={str(filepath)!r}."
            )
        return super().save(filepath, *args, **kwargs)

    def refresh_endpoints(self):
        """Recomputes what is derived from the weights; call it after setting weights by hand.

        Returns:
            The model itself.

        Example:

        >>> model = zoo.build("linear_ae", input_shape=(8,), latent_dim=2)
        >>> model.set_weights([0 * weight for weight in model.get_weights()])
        >>> model.refresh_endpoints().encode(np.ones((1, 8)))
        array([[0., 0.]], dtype=float32)
        """
        for layer in self.layers:
            if isinstance(layer, keras.layers.Normalization):
                layer.finalize_state()
        self.__dict__.pop("endpoints", None)  # these hold adapted values as constants
        return self

    def __reduce__(self):
        config = json.dumps(keras.saving.serialize_keras_object(self))
        state = [keras.ops.convert_to_numpy(variable) for variable in _variables(self)]
        return _restored, (config, state, _custom_objects(self))


@keras.saving.register_keras_serializable(package="zoo")
class Encoder(VariantModel):
    """The part of an `AutoEncoder` from its input to its code; see `AutoEncoder.encoder`.

    Example:

    >>> zoo.build("linear_ae", latent_dim=10).encoder.output_shape
    (None, 10)
    """

    has_loss = False


@keras.saving.register_keras_serializable(package="zoo")
class Decoder(VariantModel):
    """The part of an `AutoEncoder` from its code to its output; see `AutoEncoder.decoder`.

    Example:

    >>> zoo.build("linear_ae", latent_dim=10).decoder.input_shape
    (None, 10)
    """

    has_loss = False


def require_float32() -> None:
    """Raises an error if Keras's settings ask for another precision than float32.

    Mixed precision, which keeps the weights in float32, is accepted.

    Raises:
        UsageError: If the default float type or the variables of the global dtype policy are not
            float32.

    Example:

    >>> require_float32()
    """
    settings = {
        "floatx": keras.config.floatx(),
        "dtype_policy().variable_dtype": keras.config.dtype_policy().variable_dtype,
    }
    for setting, dtype in settings.items():
        if dtype != "float32":
            raise UsageError(
                f"The zoo's models need `keras.config.{setting}` to be 'float32'. "
                f"Received: {dtype!r}."
            )


class _CompileConfig(dict):
    """The configuration that a model was compiled with, together with the model."""

    def __init__(self, config, model):
        super().__init__(config)
        self.model = model


def _restored(config: str, state: list, custom_objects: dict) -> VariantModel:
    """Returns the model that `VariantModel.__reduce__` serialised, and draws no random numbers."""
    random_state = random.getstate()  # Keras draws initializers' seeds from it
    model = keras.saving.deserialize_keras_object(
        json.loads(config), custom_objects, safe_mode=False
    )
    random.setstate(random_state)
    variables = _variables(model)[: len(state)]
    for variable, value in zip(variables, state, strict=True):
        variable.assign(value)
    return model.refresh_endpoints()


def _variables(model):
    """Returns a model's weights and seed states, then its optimizer's if they exist already."""
    optimizer = getattr(model, "optimizer", None)
    return [*model.variables, *(optimizer.variables if optimizer and optimizer.built else [])]


def _custom_objects(model) -> dict:
    """Returns the classes and functions of a model's config that are not Keras's, by name."""
    compiled = getattr(getattr(model, "_compile_config", None), "config", {})  # private to Keras
    used = [model, *model.layers, *keras.tree.flatten(compiled)]
    used = [item if hasattr(item, "__name__") else type(item) for item in used]
    return {
        keras.saving.get_registered_name(item): item
        for item in used
        if item.__module__.partition(".")[0] not in NOT_OURS and item.__name__ != "<lambda>"
    }


def _as_built(value):
    """Returns an argument with tuples where JSON has lists, as the builder takes it."""
    return tuple(map(_as_built, value)) if isinstance(value, list) else value
