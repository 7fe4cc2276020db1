"""The table × the checks: every variant keeps every promise."""

import functools

import pytest

import zoo
from zoo import registry
from zoo.checks import checks
from zoo.errors import MissingExtraError
from zoo.registry import table

ROWS = [(name, mode) for name in registry.names() for mode in ({}, *registry.entry(name).modes)]


def needed():
    """Each check of each mode, but the jobs once for each kind of data that a variant takes."""
    done = set()
    for row, (name, mode) in enumerate(ROWS):
        taken = name, checks.Subject(name, ".", **mode).arguments.get("input_shape")
        for check in checks.CHECKS:
            if check is not checks.jobs_take_its_data or taken not in done:
                yield pytest.param(
                    row, check, id="-".join([name, *map(str, mode.values()), check.__name__])
                )
        done.add(taken)


@pytest.fixture(scope="module")
def subject_of(tmp_path_factory):
    """Returns a function that makes the subject of a row, once for all checks that follow."""

    @functools.lru_cache(maxsize=1)
    def make(row):
        name, mode = ROWS[row]
        return checks.Subject(name, tmp_path_factory.mktemp(name), **mode)

    return make


@pytest.mark.parametrize(("row", "check"), list(needed()))
def test_variant(subject_of, row, check):
    try:
        check(subject_of(row))
    except MissingExtraError as missing:  # real volumes come in a package of their own
        pytest.skip(str(missing))


VARIANT = '''
"""A line through the origin, learnt by gradient."""

import keras

from zoo.autoencoder import AutoEncoder
from zoo.registry import Recipe, register


@register(
    recipe=Recipe(learning_rate=1e-2),
    tiny={"input_shape": (4, 4, 1), "latent_dim": 2},
    presets={"wide_line_ae": {"latent_dim": 8}},
    paper="nobody, never",
)
def line_ae(input_shape: tuple[int, ...] = (4, 4, 1), *, latent_dim: int = 2):
    """Two dense layers.

    Args:
        input_shape: of one image.
        latent_dim: the size of the code.
    """
    images = keras.Input(input_shape, name="image")
    x = keras.layers.Flatten()(images)
    latent = keras.layers.Dense(latent_dim, name="latent")(x)
    x = keras.layers.Dense(input_shape[0] * input_shape[1] * input_shape[2])(latent)
    return AutoEncoder(images, keras.layers.Reshape(input_shape)(x))
'''


def test_a_file_is_a_variant(tmp_path, monkeypatch):
    monkeypatch.setattr(table, "_folders", [*table._folders])
    monkeypatch.setattr(table, "_entries", {**table._entries})
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines" / "line_ae.py").write_text(VARIANT)
    zoo.add_models(tmp_path)
    try:
        assert zoo.names("*line_ae") == ["line_ae", "wide_line_ae"]
        assert ("line_ae", "A line through the origin, learnt by gradient.") in registry.families()[
            "lines"
        ]
        subject = checks.Subject("wide_line_ae", tmp_path)
        assert subject.entry.family == "lines"
        assert subject.entry.arguments()["latent_dim"] == 8
        for check in checks.CHECKS:
            check(subject)
    finally:
        table._files.cache_clear()
