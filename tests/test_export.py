"""Exported folders: served where there is no zoo, refused when changed, never half there."""

import json
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import onnx
import onnxruntime
import pytest
import tensorflow as tf

import zoo
from zoo.errors import CheckFailedError, UsageError
from zoo.exporting import onnx_files
from zoo.registry import table
from zoo.storage import tensors
from zoo.storage.manifest import ONNX_FILES, Manifest

MODELS = {
    "fill": ("conv_ae", {"input_shape": (12, 12, 1), "filters": (4,), "latent_dim": 3}),
    "argmax": (
        "conv_ae",
        {"input_shape": (13, 12, 3), "filters": (4, 4), "latent_dim": 3, "unpooling": "argmax"},
    ),
    "pca": ("pca", {"input_shape": (12, 12, 1), "latent_dim": 3}),
    "vae": ("vae", {"input_shape": (12, 12, 1), "widths": (16,), "latent_dim": 3}),
}


@pytest.fixture(scope="module", params=MODELS)
def exported(request, tmp_path_factory):
    """A model and its bundle's folder, which no test changes."""
    name, arguments = MODELS[request.param]
    model = zoo.build(name, **arguments)
    folder = tmp_path_factory.mktemp(request.param) / "bundle"
    zoo.export(model, folder)
    return model, folder


def images(model, rows=5):
    return np.random.default_rng(1).random((rows, *model.input_shape[1:]), dtype="float32")


def run_python(code, *arguments, **options):
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *map(str, arguments)],
        capture_output=True, text=True, timeout=300, check=False, **options,
    )  # fmt: skip


SERVE = """
import sys
import warnings
sys.modules["zoo"] = None  # any import of it fails
import numpy as np
folder, x, runtime = sys.argv[1], np.load(sys.argv[2]), sys.argv[3]
if runtime == "tensorflow":
    import tensorflow as tf
    model = tf.saved_model.load(folder + "/saved_model")
    run = lambda name, file, feeds: {
        k: v.numpy() for k, v in
        model.signatures[name](**{k: tf.constant(v) for k, v in feeds.items()}).items()}
    assert set(model.signatures) == {"encode", "decode", "reconstruct", "serving_default"}
    same = run("serving_default", None, {"image": x})
else:
    import onnxruntime
    def run(name, file, feeds):
        session = onnxruntime.InferenceSession(f"{folder}/{file}.onnx")
        assert session.get_inputs()[0].shape[0] == "batch"
        names = [output.name for output in session.get_outputs()]
        return dict(zip(names, session.run(names, feeds)))
    assert "tensorflow" not in sys.modules
code = run("encode", "encoder", {"image": x})
decoded = run("decode", "decoder", code)
np.savez(sys.argv[4], **code, **decoded,
         whole=run("reconstruct", "autoencoder", {"image": x})["reconstruction"])
"""


@pytest.mark.parametrize("runtime", ["tensorflow", "onnxruntime"])
def test_served_where_there_is_no_zoo(exported, runtime, tmp_path):
    model, folder = exported
    x = images(model)
    np.save(tmp_path / "x.npy", x)
    done = run_python(SERVE, folder, tmp_path / "x.npy", runtime, tmp_path / "y.npz")
    assert done.returncode == 0, done.stderr
    z, switches = model.encode(x, switches=True)
    with np.load(tmp_path / "y.npz") as served:
        np.testing.assert_allclose(served["latent"], z, atol=1e-5)
        for number, each in enumerate(switches, start=1):
            np.testing.assert_array_equal(served[f"switches_{number}"], each)
        np.testing.assert_allclose(served["reconstruction"], model.reconstruct(x), atol=1e-5)
        np.testing.assert_allclose(served["whole"], model.reconstruct(x), atol=1e-5)


def test_load_and_encode_without_tensorflow(exported, tmp_path):
    model, folder = exported
    x = images(model)
    np.save(tmp_path / "x.npy", x)
    done = run_python(
        "import sys, numpy as np, zoo; b = zoo.load(sys.argv[1]); x = np.load(sys.argv[2])\n"
        "z, s = b.encode(x, switches=True); np.save(sys.argv[3], b.decode(z, s))\n"
        "assert 'tensorflow' not in sys.modules and 'keras' not in sys.modules",
        folder, tmp_path / "x.npy", tmp_path / "y.npy",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), model.reconstruct(x), atol=1e-5)


def test_onnx_files_say_what_they_are(exported):
    model, folder = exported
    for file in ("encoder", "decoder", "autoencoder"):
        proto = onnx.load(folder / f"{file}.onnx")
        assert [o.version for o in proto.opset_import if not o.domain] == [18]
        props = {p.key: p.value for p in proto.metadata_props}
        assert set(props) == {"name", "version", "dataset", "licence"}
        assert props["name"] == model.variant
        for value in [*proto.graph.input, *proto.graph.output]:
            first, *rest = value.type.tensor_type.shape.dim
            assert first.dim_param == "batch"
            assert all(size.dim_value > 0 for size in rest)


def test_manifest_and_card_are_of_the_files(exported):
    _, folder = exported
    manifest = json.loads((folder / "manifest.json").read_text())
    there = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    } - {"manifest.json"}
    assert set(manifest["files"]) == there
    assert manifest["opset"] == 18
    assert (manifest["data"], manifest["metrics"], manifest["seed"]) == (None, None, None)
    assert (folder / "card.md").read_text().startswith(f"# {manifest['variant']}\n")
    assert set(zoo.verify(folder)) == {"files", "rows", "tensorflow", "onnxruntime", "weights"}


def test_argmax_on_real_digits_agrees_but_for_near_ties(digits, tmp_path):
    model = zoo.build("conv_ae", filters=(8, 8), unpooling="argmax")
    model.fit(digits.train.images[:1000], verbose=0)
    bundle = zoo.export(model, tmp_path / "bundle")
    x = digits.test.images[:200]
    z, switches = model.encode(x, switches=True)
    z_onnx, switches_onnx = bundle.encode(x, switches=True)
    np.testing.assert_allclose(z_onnx, z, atol=1e-5, rtol=1e-5)
    for one, other in zip(switches, switches_onnx, strict=True):
        assert np.mean(one != other) < 1e-2
    difference = np.abs(bundle.reconstruct(x) - model.reconstruct(x))
    assert np.quantile(difference, 0.99) < 1e-5
    np.testing.assert_allclose(bundle.decode(z, switches), model.decode(z, switches), atol=1e-5)


# Changed files -----------------------------------------------------------------------------------


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def truncate(path):
    path.write_bytes(path.read_bytes()[:-10])


FILES = ["encoder.onnx", "decoder.onnx", "autoencoder.onnx", "weights.safetensors",
         "test_vectors.safetensors", "card.md", "saved_model/saved_model.pb",
         "saved_model/variables/variables.data-00000-of-00001"]  # fmt: skip


@pytest.mark.parametrize(
    "damage", [flip, truncate, Path.unlink], ids=["flip", "truncate", "unlink"]
)
@pytest.mark.parametrize("file", FILES)
def test_a_changed_file_is_refused_before_it_is_read(exported, tmp_path, file, damage):
    folder = shutil.copytree(exported[1], tmp_path / "copy")
    damage(folder / file)
    told = "is missing" if damage is Path.unlink else "its sha256 differs"
    with pytest.raises(CheckFailedError, match=f"{file} {told}|{file} is not the file"):
        zoo.verify(folder)
    if file.endswith(".onnx"):
        with pytest.raises(CheckFailedError, match=file):
            zoo.load(folder)


@pytest.mark.parametrize("content", ["", "{", "[]", "3", '{"format": 1}', '{"digest": null}'])
def test_a_damaged_manifest_is_refused(exported, tmp_path, content):
    folder = shutil.copytree(exported[1], tmp_path / "copy")
    (folder / "manifest.json").write_text(content)
    for opened in (zoo.load, zoo.verify):
        with pytest.raises(CheckFailedError, match=r"manifest.json is damaged"):
            opened(folder)


def test_a_flipped_bit_of_the_manifest_is_refused(exported, tmp_path):
    folder = shutil.copytree(exported[1], tmp_path / "copy")
    path = folder / "manifest.json"
    whole = path.read_bytes()
    random = np.random.default_rng(0)
    for _ in range(100):
        data = bytearray(whole)
        data[random.integers(len(data))] ^= 1 << random.integers(7)
        if data.decode("utf-8", "replace").split() == whole.decode().split():
            continue  # white space alone
        path.write_bytes(data)
        with pytest.raises(CheckFailedError, match=r"manifest.json is damaged"):
            zoo.load(folder)


def test_a_manifest_of_another_format_is_refused(exported, tmp_path):
    folder = shutil.copytree(exported[1], tmp_path / "copy")
    content = Manifest.read(folder).content | {"format": 2}
    Manifest(content).write(folder)
    with pytest.raises(UsageError, match=r"must be of format 1. Received: 2"):
        zoo.load(folder)


def test_a_manifest_cannot_point_outside_its_folder(exported, tmp_path):
    folder = shutil.copytree(exported[1], tmp_path / "copy")
    (tmp_path / "secret").write_text("s")
    manifest = Manifest({"files": {"../secret": {"sha256": "0" * 64, "bytes": 1}}})
    with pytest.raises(CheckFailedError, match=r"\.\./secret must lie within .*copy"):
        manifest.verified(folder, "../secret")
    (folder / "encoder.onnx").unlink()
    (folder / "encoder.onnx").symlink_to(tmp_path / "secret")
    with pytest.raises(
        CheckFailedError, match=r"encoder.onnx must lie within .*copy; it leads out"
    ):
        Manifest.read(folder).verified(folder, "encoder.onnx")


def test_weights_of_another_model_are_refused(exported, tmp_path):
    model, folder = exported
    with pytest.raises(CheckFailedError, match=r"must hold this model's 3 tensors"):
        zoo.runs.rebuild.rebuild(
            {"variant": "pca", "arguments": {"latent_dim": 2}}, folder / "weights.safetensors"
        )
    (tmp_path / "w.safetensors").write_bytes(b"not a safetensors file")
    with pytest.raises(CheckFailedError, match=r"is not a whole safetensors file"):
        tensors.load(tmp_path / "w.safetensors", model.weights)


@pytest.mark.parametrize("opened", [zoo.load, zoo.verify])
def test_what_is_no_export_is_refused(opened, tmp_path):
    with pytest.raises(UsageError, match=r"has no manifest\.json"):
        opened(tmp_path)
    with pytest.raises(UsageError, match=r"has no manifest\.json|There is no folder .*nothing"):
        opened(tmp_path / "nothing")


# Never half there --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tiny():
    return zoo.build("pca", input_shape=(6, 6, 1), latent_dim=2)


def left_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_an_existing_folder_is_kept_unless_told(tiny, tmp_path):
    target = tmp_path / "bundle"
    target.mkdir()
    zoo.export(tiny, target)  # an empty one may be filled
    before = (target / "manifest.json").read_bytes()
    with pytest.raises(UsageError, match=r"exists already: name another folder, or pass overwrite"):
        zoo.export(tiny, target)
    assert (target / "manifest.json").read_bytes() == before
    (target / "stray").write_text("")
    with pytest.raises(CheckFailedError, match=r"holds stray, which its manifest does not list"):
        zoo.verify(target)
    zoo.export(tiny, target, overwrite=True)
    assert not (target / "stray").exists()
    zoo.verify(target)
    assert left_in(tmp_path) == ["bundle"]


def test_overwriting_spares_a_folder_of_other_things(tiny, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"holds no manifest.json: only a folder that was written"):
        zoo.export(tiny, tmp_path / "thesis", overwrite=True)
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "mine"


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_file_in_the_place_is_kept(tiny, tmp_path, overwrite):
    (tmp_path / "bundle").write_text("mine")
    with pytest.raises(UsageError, match=r"exists already, as a file: name a folder"):
        zoo.export(tiny, tmp_path / "bundle", overwrite=overwrite)
    assert (tmp_path / "bundle").read_text() == "mine"


@pytest.mark.parametrize("place", ["/proc/nowhere/bundle", "file/bundle"])
def test_a_place_that_cannot_be_written(tiny, tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"cannot be written"):
        zoo.export(tiny, place)


FULL = """
import resource, signal, sys
import zoo
model = zoo.build("pca", input_shape=(64, 64, 1), latent_dim=64)  # a megabyte of weights
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
try:
    zoo.export(model, sys.argv[1], overwrite=True)
except zoo.errors.UsageError as error:
    print(error)
"""


def test_a_disk_that_takes_no_more_leaves_the_old_bundle_whole(tiny, tmp_path):
    zoo.export(tiny, tmp_path / "bundle")
    done = run_python(FULL, tmp_path / "bundle")
    assert "bundle cannot be written" in done.stdout, done.stderr
    assert left_in(tmp_path) == ["bundle"]
    assert zoo.verify(tmp_path / "bundle")["rows"] == 7


TOGETHER = """
import sys, time
import zoo
model = zoo.build("pca", input_shape=(6, 6, 1), latent_dim=2)
print("ready", flush=True)
sys.stdin.readline()
try:
    zoo.export(model, sys.argv[1])
    print("exported")
except zoo.errors.UsageError as error:
    print(error)
"""


def test_of_two_exports_to_one_place_one_wins_whole(tmp_path):
    both = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", TOGETHER, str(tmp_path / "bundle")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    for process in both:
        assert process.stdout.readline() == "ready\n"
    for process in both:
        process.stdin.write("\n")
        process.stdin.flush()
    said = sorted(process.communicate(timeout=120)[0].strip() for process in both)
    assert said[1] == "exported"
    assert "exists already" in said[0]
    assert left_in(tmp_path) == ["bundle"]
    zoo.verify(tmp_path / "bundle")


def test_an_operation_without_an_onnx_form_fails_loudly_and_leaves_nothing(tmp_path, monkeypatch):

    monkeypatch.setattr(table, "_entries", {**table._entries})

    @zoo.register(paper="none")
    def odd_ae(input_shape: tuple[int, ...] = (4, 4, 1)):
        """With the exact gelu."""
        x = keras.Input(input_shape, name="image")
        latent = keras.layers.Lambda(lambda t: keras.ops.gelu(t, approximate=False), name="latent")
        return zoo.AutoEncoder(x, keras.layers.Conv2D(1, 1)(latent(x)))

    with pytest.raises(CheckFailedError, match=r"odd_ae cannot be exported: Erfc has no ONNX form"):
        zoo.export(zoo.build("odd_ae"), tmp_path / "bundle")
    assert left_in(tmp_path) == []


def test_what_a_run_recorded_is_exported_until_the_model_learns_on(digits, tmp_path):
    run = zoo.train("pca", digits, latent_dim=4, folder=tmp_path / "run")
    for number, model in enumerate((run, run.model, zoo.Run.open(run.folder).model)):
        bundle = zoo.export(model, tmp_path / str(number))
        assert bundle.manifest["data"]["name"] == "mnist_5k"
        assert bundle.manifest["metrics"] == run.metrics
        assert bundle.manifest["seed"] == 0
    card = (bundle.folder / "card.md").read_text()
    assert f"| {run.metrics['sse']:.4g} | {run.metrics['pca_sse']:.4g} |" in card
    assert "Trained on mnist_5k (4000 training images, licence: CC BY-SA 3.0" in card
    proto = onnx.load(bundle.folder / "encoder.onnx")
    props = {p.key: p.value for p in proto.metadata_props}
    assert props["dataset"] == "mnist_5k"
    assert "CC BY-SA" in props["licence"]
    x, labels = digits.train.images[:100], digits.train.labels[:100]
    zoo.classifier(run.model, 10).fit(x, labels, verbose=0)  # its encoder is a copy
    assert run.model.record["metrics"] == run.metrics
    learnt = run.model.get_weights()
    changes = {
        "trained on": lambda: run.model.fit(x, verbose=0),
        "set": lambda: run.model.set_weights([2 * each for each in learnt]),
        "adapted": lambda: run.model.adapt(x),
    }
    for name, change in changes.items():
        change()
        assert zoo.export(run.model, tmp_path / name).manifest["metrics"] is None
    run.model.set_weights(learnt)  # what was recorded is true again
    assert run.model.record["metrics"] == run.metrics


def test_argmax_exports_whatever_the_seed(tmp_path):
    for seed in range(3):
        keras.utils.set_random_seed(seed)
        model = zoo.build("conv_ae", input_shape=(96, 96, 3), unpooling="argmax")
        zoo.export(model, tmp_path / str(seed))
        zoo.verify(tmp_path / str(seed))


def test_a_layer_adapted_by_keras_is_exported(tmp_path, monkeypatch):

    monkeypatch.setattr(table, "_entries", {**table._entries})

    @zoo.register(paper="none", value_range=None)
    def normal_ae(input_shape: tuple[int, ...] = (4, 4, 1)):
        """Normalised, then nothing."""
        x = keras.Input(input_shape, name="image")
        latent = keras.layers.Identity(name="latent")(keras.layers.Normalization()(x))
        return zoo.AutoEncoder(x, keras.layers.Dense(1)(latent))

    x = np.random.default_rng(0).normal(5, 3, (500, 4, 4, 1)).astype("float32")
    model = zoo.build("normal_ae")
    model.encode(x)  # compiled before it is adapted
    z = model.adapt(x).encode(x)
    assert z.mean() == pytest.approx(0, abs=1e-3)
    assert z.std() == pytest.approx(1, abs=1e-3)
    np.testing.assert_allclose(zoo.export(model, tmp_path / "b").encode(x), z, atol=1e-5)
    zoo.verify(tmp_path / "b")


@pytest.mark.parametrize("value", [np.nan, -np.inf])
def test_weights_that_are_not_finite_are_named(value, tmp_path):
    model = zoo.build("pca", input_shape=(4, 4, 1), latent_dim=2)
    kernel = next(weight for weight in model.weights if weight.shape == (16, 2))
    values = np.array(kernel)
    values[3] = value
    kernel.assign(values)
    named = rf"Received NaN or inf in: {kernel.path} \(2 of 32 numbers\)\.$"
    with pytest.raises(UsageError, match=f"`model` must have finite weights .* {named}"):
        zoo.export(model, tmp_path / "bundle")
    assert left_in(tmp_path) == []


def test_weights_of_an_export_that_are_not_finite_are_named(tiny, tmp_path):
    zoo.export(tiny, tmp_path / "bundle")
    content = Manifest.read(tmp_path / "bundle").content
    broken = keras.models.clone_model(tiny)
    for weight in broken.weights:
        weight.assign(np.full(weight.shape, np.nan))
    tensors.save(tmp_path / "bundle" / "weights.safetensors", broken.weights)
    Manifest(content).write(tmp_path / "bundle")
    with pytest.raises(CheckFailedError, match=r"must hold finite weights. Received NaN or inf in"):
        zoo.verify(tmp_path / "bundle")


def test_fewer_bits_than_float32_are_refused(tmp_path):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = zoo.build("vae", input_shape=(4, 4, 1), widths=(4,))
    finally:
        keras.config.set_dtype_policy("float32")
    x = np.full((2, 4, 4, 1), 0.5, "float32")
    assert model.encode(x).dtype == np.float32
    np.testing.assert_array_equal(model.decode(model.encode(x)).shape, x.shape)
    with pytest.raises(UsageError, match=r"must compute in float32 .* Received: bfloat16"):
        zoo.export(model, tmp_path / "bundle")


def test_a_convolutional_saved_model_runs_in_litert(tmp_path):
    import tensorflow as tf

    keras.utils.set_random_seed(0)
    shape = (13, 12, 1)
    model = zoo.build("conv_ae", input_shape=shape, filters=(4, 8))
    bundle = zoo.export(model, tmp_path / "bundle")
    converter = tf.lite.TFLiteConverter.from_saved_model(
        str(bundle.folder / "saved_model"), signature_keys=["encode", "decode", "reconstruct"]
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "(?s).*tf.lite.Interpreter is deprecated", UserWarning)
        lite = tf.lite.Interpreter(model_content=converter.convert())
    x = images(model, 1)
    code = lite.get_signature_runner("encode")(image=x)
    decoded = lite.get_signature_runner("decode")(**code)
    whole = lite.get_signature_runner("reconstruct")(image=x)
    np.testing.assert_allclose(code["latent"], model.encode(x), atol=1e-5)
    for served in (decoded, whole):
        np.testing.assert_allclose(served["reconstruction"], model.reconstruct(x), atol=1e-5)


def test_what_is_not_selected_is_not_seen(tmp_path):
    spec = tf.TensorSpec((None, 3), tf.float32, "x")

    @tf.function(input_signature=[spec])
    def endpoint(x):
        return {"y": keras.ops.where(keras.ops.less(x, 2.0), x, 0.5)}

    model = SimpleNamespace(
        variant="selection",
        signatures={"reconstruct": ([spec], [tf.TensorSpec((None, 3), name="y")])},
        endpoints={"reconstruct": endpoint},
    )
    onnx_files.write(model, tmp_path, {})
    session = onnxruntime.InferenceSession(tmp_path / ONNX_FILES["reconstruct"])
    (y,) = session.run(["y"], {"x": np.array([[1, np.nan, np.inf]], np.float32)})
    assert y.tolist() == [[1, 0.5, 0.5]]
