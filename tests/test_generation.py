"""Images from codes: which codes they are, of models and of exports, and what is refused."""

import json
import math
import re
import subprocess
import sys

import keras
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import zoo
from zoo import cli, generation
from zoo.errors import UsageError
from zoo.generation import mixture

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def few():
    return zoo.datasets.load("digits").train.images[:200]


@pytest.fixture(scope="module")
def vae(few):
    model = zoo.build("vae", input_shape=(8, 8, 1), widths=(32,), latent_dim=2)
    model.fit(few, epochs=5, verbose=0)
    return model


@pytest.fixture(scope="module")
def bundle(vae, tmp_path_factory):
    return zoo.export(vae, tmp_path_factory.mktemp("generation") / "vae")


@pytest.fixture(scope="module")
def plane():
    """Features that two numbers determine: encode(decode(z)) is z, so codes can be read back."""
    x = RNG.normal(size=(300, 2)) @ RNG.normal(size=(2, 5)) * 3 + 1
    x = x.astype("float32")
    return zoo.build("pca", input_shape=(5,), latent_dim=2, standardise=True).adapt(x), x


CALLS = {
    "normal": (lambda m, x: generation.sample(m, 7), 7),
    "mixture": (lambda m, x: generation.sample(m, 7, "mixture", m.encode(x), 3), 7),
    "grid": (lambda m, x: generation.grid(m, (3, 4), (-1, 1)), 12),
    "linear": (lambda m, x: generation.interpolate(m, x[0], x[1:2], 5), 5),
    "spherical": (lambda m, x: generation.interpolate(m, x[0], x[1], 5, path="spherical"), 5),
    "traverse": (lambda m, x: generation.traverse(m, x[0], [1, 0], (-1, 0.5, 2)), 6),
    "arithmetic": (lambda m, x: generation.arithmetic(m, x[:3], x[3:5], x[5:9]), 4),
    "arithmetic, one": (lambda m, x: generation.arithmetic(m, x[0], x[1], x[2]), 1),
}


@pytest.mark.parametrize("call", CALLS)
def test_a_model_and_its_export_make_the_same_images(vae, bundle, few, call):
    make, count = CALLS[call]
    images = make(vae, few)
    assert (images.shape, images.dtype) == ((count, 8, 8, 1), np.float32)
    assert images.std() > 0.01
    np.testing.assert_allclose(make(bundle, few), images, atol=1e-4)
    np.testing.assert_array_equal(make(vae, few), images)


def test_an_export_needs_no_tensorflow(bundle, tmp_path):
    code = f"""
import sys, numpy as np, zoo
bundle = zoo.load({str(bundle.folder)!r})
x = np.random.default_rng(0).random((40, 8, 8, 1), dtype="float32")
zoo.generation.sample(bundle, 3)
zoo.generation.sample(bundle, 3, "mixture", bundle.encode(x))
zoo.generation.grid(bundle, (2, 2))
zoo.generation.interpolate(bundle, x[0], x[1], 3)
zoo.generation.traverse(bundle, x[0], [0], [1.0])
zoo.generation.arithmetic(bundle, x[:2], x[2:4], x[4:])
from zoo import cli
cli.app(["sample", str(bundle.folder), "--to", {str(tmp_path / "s.png")!r}], standalone_mode=False)
assert not {{"tensorflow", "keras"}} & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "s.png").exists()


def test_the_normal_prior_is_the_standard_normal(plane, monkeypatch):
    model, _ = plane
    monkeypatch.setattr(type(model), "code_prior", "normal")
    z = model.encode(generation.sample(model, 4000, seed=1))
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=0.05)
    np.testing.assert_allclose(np.cov(z.T), np.eye(2), atol=0.08)
    other = model.encode(generation.sample(model, 4000, seed=2))
    assert np.abs(z - other).max() > 0.5


def test_what_draws_codes_to_a_prior_says_so(vae, bundle):
    assert vae.code_prior == bundle.code_prior == "normal"
    drawn_to_zero = zoo.build("deep_ae", input_shape=(4, 4, 1), widths=(4,), latent_weight=0.1)
    assert drawn_to_zero.code_prior is None


def test_a_mixture_has_the_moments_of_its_codes():
    where = np.arange(900) % 3
    codes = np.array([[0, 0], [8, 0], [0, 800]])[where] + RNG.normal(size=(900, 2)) * [1, 40]
    codes = np.concatenate([codes, np.full((900, 1), 7.0)], axis=1).astype("float32")
    drawn = mixture.draw(codes.reshape(900, 3, 1), 6000, components=3, seed=5)
    assert (drawn.shape, drawn.dtype) == ((6000, 3, 1), np.float32)
    drawn = drawn[..., 0]
    np.testing.assert_array_equal(drawn[:, 2], 7)  # a dead number stays dead
    unit = codes[:, :2].std(axis=0)
    np.testing.assert_allclose((drawn.mean(axis=0) - codes.mean(axis=0))[:2] / unit, 0, atol=0.05)
    np.testing.assert_allclose(drawn[:, :2].std(axis=0) / unit, 1, atol=0.05)
    for part in (drawn[:600], drawn[-600:]):  # not sorted by component
        assert np.mean(part[:, 1] > 400) == pytest.approx(1 / 3, abs=0.07)
    between = (np.abs(drawn[:, 0] - 4) < 1) & (drawn[:, 1] < 400)
    assert between.mean() < 0.01  # where one Gaussian would have put many


WIDE = {"full": (30, 400, 1), "diagonal: few": (30, 40, 1), "diagonal: wide": (200, 2500, 2)}


@pytest.mark.parametrize("case", WIDE)
def test_a_mixture_of_few_or_wide_codes_has_diagonal_covariances(case):
    numbers, rows, components = WIDE[case]
    shared = RNG.normal(size=(rows, 1))
    codes = (shared + 0.1 * RNG.normal(size=(rows, numbers))).astype("float32")
    components = 2 if case.startswith("diagonal: few") else components
    drawn = mixture.draw(codes, 500, components)
    assert np.isfinite(drawn).all()
    inside = np.mean([np.corrcoef(drawn[:, 0], drawn[:, k])[0, 1] for k in range(1, 9)])
    assert (inside > 0.95) == (case == "full")


def test_equal_codes_are_drawn_again():
    codes = np.full((30, 2), 3.0, "float32")
    np.testing.assert_array_equal(mixture.draw(codes, 4), codes[:4])


def test_the_grid_grows_to_the_right_and_upwards(plane):
    model, _ = plane
    z = model.encode(generation.grid(model, (2, 3), (-2, 2)))
    expected = [[-2, 2], [0, 2], [2, 2], [-2, -2], [0, -2], [2, -2]]
    np.testing.assert_allclose(z, expected, atol=1e-4)
    z = model.encode(generation.grid(model, (2, 2), ((-1, 2), (0, 1))))
    np.testing.assert_allclose(z, [[-1, 1], [2, 1], [-1, 0], [2, 0]], atol=1e-4)
    assert len(generation.grid(model)) == 400


def test_a_way_has_both_ends_and_even_steps(plane):
    model, x = plane
    a, b = model.encode(x[:2])
    z = model.encode(generation.interpolate(model, x[0], x[1], 5))
    np.testing.assert_allclose(z, a + np.linspace(0, 1, 5)[:, None] * (b - a), atol=1e-4)
    arc = model.encode(generation.interpolate(model, x[0], x[1], 5, path="spherical"))
    np.testing.assert_allclose(arc[[0, -1]], [a, b], atol=1e-4)
    same = generation.interpolate(model, x[0], x[0], 3, path="spherical")
    np.testing.assert_allclose(model.encode(same), [a, a, a], atol=1e-4)


def test_an_arc_keeps_the_length_and_turns_evenly(plane):
    model, _ = plane
    ends = model.decode(2 * np.array([[1, 0], [0, 1]], "float32"))
    z = model.encode(generation.interpolate(model, *ends, 4, path="spherical"))
    np.testing.assert_allclose(np.linalg.norm(z, axis=1), 2, atol=1e-4)
    turned = np.degrees(np.arctan2(z[:, 1], z[:, 0]))
    np.testing.assert_allclose(turned, [0, 30, 60, 90], atol=0.01)


def test_one_number_at_a_time_is_set(plane):
    model, x = plane
    a = model.encode(x[:1])[0]
    z = model.encode(generation.traverse(model, x[0], [1, 0], [-1, 4]))
    np.testing.assert_allclose(z, [[a[0], -1], [a[0], 4], [-1, a[1]], [4, a[1]]], atol=1e-4)


def test_arithmetic_is_of_mean_codes(plane):
    model, x = plane
    z = model.encode(x)
    made = model.encode(generation.arithmetic(model, x[:4], x[4:7], x[7:9]))
    np.testing.assert_allclose(made, z[7:9] + z[:4].mean(0) - z[4:7].mean(0), atol=1e-4)


def of_a_code(**changes):
    small = {"input_shape": (8, 8, 1), "filters": (2,), "latent_dim": 2}
    return zoo.build("conv_ae", **small | changes)


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """Models that cannot do some of it, and the exports of those that are to be refused too."""
    folder = tmp_path_factory.mktemp("others")
    models = {
        "plain": of_a_code(),
        "three": of_a_code(latent_dim=3),
        "switches": of_a_code(unpooling="argmax"),
        "quantised": zoo.build("vq_vae", input_shape=(8, 8, 1), filters=(4,), latent_dim=2),
    }
    models["classifier"] = zoo.classifier(models["plain"], 3)
    exported = {
        f"{name}, exported": zoo.export(models[name], folder / name)
        for name in ("switches", "quantised", "classifier")
    }
    return models | exported


IMAGES = RNG.random((12, 8, 8, 1), dtype="float32")
EVERY = {
    "sample": lambda m: generation.sample(m, 3),
    "mixture": lambda m: generation.sample(m, 3, "mixture", np.zeros((30, 2), "float32")),
    "grid": generation.grid,
    "interpolate": lambda m: generation.interpolate(m, IMAGES[0], IMAGES[1], 3),
    "traverse": lambda m: generation.traverse(m, IMAGES[0], [0], [1.0]),
    "arithmetic": lambda m: generation.arithmetic(m, IMAGES[:2], IMAGES[2:], IMAGES),
}
CANNOT = {
    "switches": r"pooling positions of an image \(switches\)",
    "switches, exported": r"pooling positions of an image \(switches\)",
    "quantised": "code is quantised: it consists of entries of a codebook",
    "quantised, exported": "code is quantised: it consists of entries of a codebook",
    "classifier": r"`model` must be an AutoEncoder or a Bundle\. Received: <Classifier",
    "classifier, exported": r"This model cannot decode, .* Its endpoints: classify",
}


@pytest.mark.parametrize("call", EVERY)
@pytest.mark.parametrize("name", CANNOT)
def test_what_a_variant_cannot_do_is_told(other, name, call):
    with pytest.raises(UsageError, match=CANNOT[name]):
        EVERY[call](other[name])


CODES = RNG.normal(size=(30, 2)).astype("float32")
NAN = np.where(np.arange(30)[:, None] == 4, np.float32(np.nan), CODES)
MIXED = {"prior": "mixture"}
BAD = [
    ("sample", (3,), {}, r"codes towards N\(0, 1\).* prior='mixture' and codes=model.encode\(x\)"),
    ("sample", (3, "gaussian"), {}, "no prior 'gaussian'"),
    ("sample", (0, "mixture", CODES), {}, "`n` must be a positive integer. Received: n=0"),
    ("sample", (2.5, "mixture", CODES), {}, "`n` must be a positive integer. Received: n=2.5"),
    ("sample", (3,), MIXED, r"pass codes=model.encode\(x\). Received: codes=None"),
    ("sample", (3,), MIXED | {"codes": CODES[:19]}, "needs 20 codes or more. Received: 19"),
    ("sample", (3,), MIXED | {"codes": CODES[:0]}, "needs 20 codes or more. Received: 0"),
    ("sample", (3,), MIXED | {"codes": CODES[:, :1]}, r"shape \(rows, 2\). Received: \(30, 1\)"),
    ("sample", (3,), MIXED | {"codes": NAN}, "finite numbers. Received: nan in row 4"),
    ("sample", (3,), MIXED | {"codes": CODES, "components": 0}, "`components` must be a pos"),
    ("sample", (3,), MIXED | {"codes": CODES, "seed": -1}, r"`seed` must be an integer in \[0"),
    ("grid", ((1, 3),), {}, r"of at least 2. Received: size=\(1, 3\)"),
    ("grid", (5,), {}, "`size` must be two integers, rows and columns, of at least 2"),
    ("grid", ((2, 2), (2, -2)), {}, r"the smaller first. Received: box=\(2, -2\)"),
    ("grid", ((2, 2), (0, math.inf)), {}, r"`box` must be two finite numbers"),
    ("grid", ((2, 2), 2), {}, r"`box` must be two finite numbers.* Received: box=2"),
    ("grid", ((2, 2), ((0, 1), (1, 0))), {}, r"the smaller first. Received: box=\(1, 0\)"),
    ("grid", ((2, 2), ((0, 1),)), {}, r"one interval, or 2 of them. Received: box=\(\(0, 1\),\)"),
    ("interpolate", (IMAGES[0], IMAGES[1], 1), {}, "`steps` must be at least 2, for both ends"),
    ("interpolate", (IMAGES[0], IMAGES[1], "5"), {}, "`steps` must be a positive integer"),
    ("interpolate", (IMAGES[:2], IMAGES[1]), {}, "`a` must be one input. Received: 2"),
    ("interpolate", (IMAGES[0], IMAGES[:0]), {}, "`b` must be one input. Received: 0"),
    ("interpolate", (IMAGES[0], IMAGES[1, :, :4]), {}, r"Received: \(8, 4, 1\)"),
    ("interpolate", (IMAGES[0], IMAGES[1] * 255), {}, "images must lie within"),
    ("interpolate", (IMAGES[0], IMAGES[1]), {"path": "sphere"}, "did you mean spherical"),
    ("traverse", (IMAGES[0], [2], [1.0]), {}, r"within \[0, 1\]: a code has 2 numbers"),
    ("traverse", (IMAGES[0], [-1], [1.0]), {}, r"Received: units=\[-1\]"),
    ("traverse", (IMAGES[0], [0.5], [1.0]), {}, "`units` must be one or more integers"),
    ("traverse", (IMAGES[0], [], [1.0]), {}, "`units` must be one or more integers"),
    ("traverse", (IMAGES[0], [0], []), {}, "`values` must be one or more finite numbers"),
    ("traverse", (IMAGES[0], [0], [np.nan]), {}, "`values` must be one or more finite numbers"),
    ("traverse", (IMAGES[0], [0], ["1"]), {}, "`values` must be one or more finite numbers"),
    ("traverse", (IMAGES[:2], [0], [1.0]), {}, "`x` must be one input. Received: 2"),
    ("arithmetic", (IMAGES[:0], IMAGES, IMAGES), {}, "`plus` must be one input or more"),
    ("arithmetic", (IMAGES, IMAGES[:0], IMAGES), {}, "`minus` must be one input or more"),
    ("arithmetic", (IMAGES, IMAGES, IMAGES[:0]), {}, "`to` must be one input or more"),
    ("arithmetic", (IMAGES, IMAGES[..., 0], IMAGES), {}, "Grey images need their channel axis"),
    ("traverse", (0.5, [0], [1.0]), {}, r"images must have the shape .* Received: \(\)"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "given", "named", "told"), BAD)
def test_a_wrong_call_is_told(other, function, given, named, told):
    with pytest.raises(UsageError, match=told):
        getattr(generation, function)(other["plain"], *given, **named)


def test_more_that_cannot_be(other, vae, plane, few):
    with pytest.raises(UsageError, match=r"code of 2 numbers: .* Received: a code of 3 numbers\."):
        generation.grid(other["three"])
    with pytest.raises(UsageError, match=r"`codes` are for prior='mixture'"):
        generation.sample(vae, 3, codes=vae.encode(few))
    model, _ = plane
    unmoved = zoo.build("deep_ae", input_shape=(8, 8, 1), widths=(4,), latent_dim=2)
    unmoved.set_weights([0 * each for each in unmoved.get_weights()])  # all codes are zero
    with pytest.raises(UsageError, match="codes that are not zero"):
        generation.interpolate(unmoved, few[0], few[1], path="spherical")
    opposite = model.decode(np.array([[1, 1], [-1, -1]], "float32"))
    with pytest.raises(UsageError, match="not defined for opposite codes"):
        generation.interpolate(model, *opposite, path="spherical")
    assert len(generation.interpolate(model, *opposite)) == 10
    broken = keras.models.clone_model(vae)
    broken.set_weights([w * np.nan for w in vae.get_weights()])
    with pytest.raises(UsageError, match=r"codes must be finite numbers\. Received: nan"):
        generation.interpolate(broken, few[0], few[1])


def command(*arguments):
    return CliRunner().invoke(cli.app, ["sample", *map(str, arguments)])


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A folder with a run, and exports: of one that records its data, and of some that do not."""
    folder = tmp_path_factory.mktemp("sampled")
    digits = zoo.datasets.load("digits")
    np.savez(folder / "few.npz", images=digits.train.images[:300])
    run = zoo.train(
        "pca", folder / "few.npz", latent_dim=2, folder=folder / "run", validation_split=0.0
    )
    zoo.export(run, folder / "bundle")
    zoo.export(zoo.build("pca", input_shape=(8, 8, 1), latent_dim=3), folder / "no_record")
    features = zoo.build("pca", input_shape=(5,), latent_dim=2, standardise=True)
    zoo.export(features, folder / "features")
    zoo.export(of_a_code(unpooling="argmax"), folder / "switches")
    return folder


COMMANDS = {
    "a mixture of its own data's codes": (["run"], 64, {"prior": "mixture"}),
    "of data named": (["no_record", "few.npz", "--n", 5], 5, {"prior": "mixture"}),
    "a grid": (["bundle", "--grid", "--n", 9], 9, {"grid": True}),
    "a way": (["bundle", "--between", 3, 0], 10, {"between": [3, 0], "path": "linear"}),
    "an arc": (
        ["bundle", "--between", 3, 0, "--spherical", "--n", 4], 4,
        {"between": [3, 0], "path": "spherical"},
    ),
    "number by number": (["bundle", "--traverse", 3, "--n", 5], 10, {"traverse": 3}),
    "a sum of codes": (["bundle", "--arithmetic", 3, 3, 0], 1, {"arithmetic": [3, 3, 0]}),
}  # fmt: skip


@pytest.mark.parametrize("case", COMMANDS)
def test_the_command_draws_and_keeps_numbers(runs, tmp_path, monkeypatch, case):
    monkeypatch.chdir(runs)
    arguments, count, how = COMMANDS[case]
    files = [str(tmp_path / name) for name in ("s.png", "s.npy")]
    done = command(*arguments, "--to", files[0], "--to", files[1], "--json")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout) == {"images": count, **how, "files": files}
    images = np.load(files[1])
    assert (images.shape, images.dtype) == ((count, 8, 8, 1), np.float32)
    with Image.open(files[0]) as picture:
        assert np.asarray(picture.convert("L")).std() > 5
    if "between" in how:
        ends = zoo.datasets.load("few.npz").test.images[[3, 0]]
        model = zoo.load("bundle")
        np.testing.assert_allclose(images[[0, -1]], model.reconstruct(ends), atol=1e-5)
    if "traverse" in how:
        model, x = zoo.load("bundle"), zoo.datasets.load("few.npz").test.images[3]
        expected = generation.traverse(model, x, (0, 1), np.linspace(-2, 2, 5))
        np.testing.assert_allclose(images, expected, atol=1e-5)
    if "arithmetic" in how:
        model, x = zoo.load("bundle"), zoo.datasets.load("few.npz").test.images[:1]
        np.testing.assert_allclose(images, model.reconstruct(x), atol=1e-5)


def test_the_command_says_what_it_did(vae, bundle, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = command(bundle.folder, "--n", 3, "--seed", 4)
    assert done.exit_code == 0, done.stderr
    assert re.search(r"^prior +normal\nfiles +samples\.png$", done.stdout, re.M)
    assert command(bundle.folder, "--n", 3, "--seed", 4, "--to", "s.npy").exit_code == 0
    np.testing.assert_array_equal(np.load("s.npy"), generation.sample(bundle, 3, seed=4))


FAILURES = [
    (["nowhere"], "There is no folder nowhere"),
    (["run", "--grid", "--prior", "normal"], "at a time. Received: --prior and --grid."),
    (["run", "--spherical"], "--spherical needs --between A B. Received: no --between."),
    (["run", "--grid", "--n", "10"], "must be a square, such as 64 or 400. Received: 10."),
    (["run", "--grid", "--n", "-4"], "must be a square, such as 64 or 400. Received: -4."),
    (["run", "--n", "0"], "`n` must be a positive integer"),
    (["run", "--prior", "normal"], "draws codes towards N(0, 1)"),
    (["run", "--prior", "gauss"], "There is no prior 'gauss'"),
    (["run", "--components", "500"], "needs 1000 codes or more. Received: 240."),
    (["run", "--between", "0", "60"], "test rows, from 0 to 59. Received: 0 and 60."),
    (["run", "--between", "-1", "2"], "test rows, from 0 to 59. Received: -1 and 2."),
    (["run", "--traverse", "60"], "test rows, from 0 to 59. Received: 60."),
    (["run", "--traverse", "0", "--n", "0"], "`n` must be a positive integer"),
    (["run", "--traverse", "0", "--grid"], "at a time. Received: --grid and --traverse."),
    (["run", "--arithmetic", "1", "2", "60"], "Received: 1 and 2 and 60."),
    (["run", "--arithmetic", "1", "2", "3", "--n", "2"], "makes one image. Received: --n 2."),
    (["run", "--to", "s.jpg"], "--to must be a .png or .npy file. Received: s.jpg."),
    (["run", "--to", "nowhere/s.png"], "cannot be written: there is no folder nowhere."),
    (["run", "digits64"], "There is no dataset, file or folder 'digits64'"),
    (["run", "mnist_5k"], "(rows, 8, 8, 1). Received: (4000, 28, 28, 1)"),
    (["no_record"], "has no record of its training data: name a dataset"),
    (["no_record", "few.npz", "--grid"], "Received: a code of 3 numbers."),
    (["features", "few.npz"], "this model's rows have the shape (5,): use --to FILE.npy."),
    (["switches", "few.npz"], "pooling positions of an image (switches)"),
]


@pytest.mark.parametrize(("arguments", "told"), FAILURES, ids=[" ".join(f[0]) for f in FAILURES])
def test_the_command_fails_in_one_sentence(runs, monkeypatch, arguments, told):
    monkeypatch.chdir(runs)
    before = sorted(runs.iterdir())
    done = command(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert sorted(runs.iterdir()) == before
