"""The base of the zoo's Keras models: what is known of a model goes with every copy of it."""

import contextlib
import json
import random
import weakref

import keras

from zoo import records
from zoo.errors import UsageError

NOT_OURS = ("builtins", "keras", "tensorflow")


class VariantModel(keras.Model):
    """A functional Keras model that knows its variant, and whose copies know it too.

    `copy.deepcopy`, pickle, joblib and `.keras` files keep the variant, its arguments, the range
    of its input's values, the record of its training, weights, loss and optimizer.
    `keras.models.clone_model` keeps all but the weights, which it draws anew.

    Args:
        *args, **kwargs: as for `keras.Model`: the input tensors and the output tensors.
        variant: the variant's name.
        arguments: the arguments that the variant was built with, a dict.
        value_range: the smallest and largest value of its input, or None for any finite one.
        record: the record of its training, as `get_config` returns it.

    Raises:
        UsageError: if Keras computes in another precision than float32 or mixed precision.
    """

    def __init__(
        self, *args, variant="", arguments=None, value_range=(0.0, 1.0), record=None, **kwargs
    ):
        require_float32()
        super().__init__(*args, **kwargs)
        known = self._known(
            variant=variant, arguments=arguments, value_range=value_range, _record=record
        )
        self.variant = known["variant"]
        self.arguments = {key: _as_built(x) for key, x in (known["arguments"] or {}).items()}
        self.value_range = known["value_range"] and tuple(known["value_range"])
        self._record = tuple(known["_record"] or (None, None))

    record = property(records.get, records.put)

    @property
    def name(self) -> str:
        """The model's name."""
        return _Name(self._own_name, self)

    @name.setter
    def name(self, name):
        self._original = getattr(name, "model", None)
        self._own_name = str(name)

    def _known(self, **given) -> dict:
        """Returns `given`, or if this is a clone the original's attributes of the same names."""
        original = self._original and self._original()
        if original is None or type(original) is not type(self):
            return given
        names = [[layer.name for layer in model.layers] for model in (self, original)]
        return given if names[0] != names[1] else {key: getattr(original, key) for key in given}

    @property
    def identity(self) -> dict:
        """The variant, its arguments, and the range of its input's values."""
        return {
            "variant": self.variant,
            "arguments": dict(self.arguments),
            "value_range": self.value_range,
        }

    def get_config(self):
        return super().get_config() | self.identity | {"record": self._record}

    def compile_from_config(self, config):
        """Compiles the model; a clone knows the losses and metrics of its original."""
        original = self._original and self._original()
        with contextlib.ExitStack() as scope:
            if original is not None:
                scope.enter_context(keras.saving.custom_object_scope(_custom_objects(original)))
            super().compile_from_config(config)

    def save(self, filepath, *args, **kwargs):
        """Saves the model as Keras's `save` does, but not as HDF5.

        Raises:
            UsageError: if `filepath` ends in `.h5` or `.hdf5`.
        """
        if str(filepath).endswith((".h5", ".hdf5")):
            raise UsageError(
                "`filepath` must end in .keras: a whole model in an HDF5 file could not be loaded "
                f"again. Received: filepath={str(filepath)!r}."
            )
        return super().save(filepath, *args, **kwargs)

    def settle(self):
        """Renews what is derived from the weights; call it after setting weights by hand."""
        for layer in self.layers:
            if isinstance(layer, keras.layers.Normalization):
                layer.finalize_state()
        self.__dict__.pop("endpoints", None)  # compiled, with what was adapted as constants
        return self

    def __reduce__(self):
        config = json.dumps(keras.saving.serialize_keras_object(self))
        state = [keras.ops.convert_to_numpy(variable) for variable in _variables(self)]
        return _restored, (config, state, _custom_objects(self))


@keras.saving.register_keras_serializable(package="zoo")
class Encoder(VariantModel):
    """The part of an `AutoEncoder` from its input to its code."""


@keras.saving.register_keras_serializable(package="zoo")
class Decoder(VariantModel):
    """The part of an `AutoEncoder` from its code to its output."""


def require_float32() -> None:
    """Raises `UsageError` if Keras's settings ask for another precision than float32.

    Mixed precision, which keeps weights in float32, is accepted.
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


class _Name(str):
    """A model's name, and the model.

    To the constructor of a clone Keras passes only a graph and this: here the clone finds its
    original.
    """

    def __new__(cls, name, model):
        self = super().__new__(cls, name)
        self.model = weakref.ref(model)
        return self

    def __reduce__(self):
        return str, (str(self),)


def _restored(config: str, state: list, custom_objects: dict) -> VariantModel:
    """Returns the model that `VariantModel.__reduce__` took apart; draws no random numbers."""
    drawn = random.getstate()  # Keras draws the seeds of initializers from Python's generator
    model = keras.saving.deserialize_keras_object(
        json.loads(config), custom_objects, safe_mode=False
    )
    random.setstate(drawn)
    variables = _variables(model)[: len(state)]
    for variable, value in zip(variables, state, strict=True):
        variable.assign(value)
    return model.settle()


def _variables(model):
    """A model's weights and seed states, then its optimizer's, if those are there already."""
    optimizer = getattr(model, "optimizer", None)
    return [*model.variables, *(optimizer.variables if optimizer and optimizer.built else [])]


def _custom_objects(model) -> dict:
    """The classes and functions in a model's config that are not Keras's, by their names there."""
    compiled = getattr(getattr(model, "_compile_config", None), "config", {})  # private to Keras
    used = [model, *model.layers, *keras.tree.flatten(compiled)]
    used = [each if hasattr(each, "__name__") else type(each) for each in used]
    return {
        keras.saving.get_registered_name(each): each
        for each in used
        if each.__module__.partition(".")[0] not in NOT_OURS and each.__name__ != "<lambda>"
    }


def _as_built(value):
    """An argument as a builder takes it: JSON has lists for tuples."""
    return tuple(map(_as_built, value)) if isinstance(value, list) else value
