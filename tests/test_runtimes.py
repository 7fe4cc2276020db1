"""Targets, formats, runtimes and precisions of an export: all of them give the model's numbers."""

import pickle
import subprocess
import sys
import warnings

import keras
import numpy as np
import onnx
import onnxruntime
import pytest
from typer.testing import CliRunner

import zoo
from zoo.cli import app
from zoo.errors import CheckFailedError, MissingExtraError, PrecisionWarning, UsageError
from zoo.exporting import onnx_files, parity, precision, unpooling
from zoo.layers.unpooling_forms import FORMS
from zoo.serving import runtimes

needs_litert = pytest.mark.skipif(
    not zoo.dependencies.installed("ai_edge_litert"), reason="LiteRT is not installed"
)
needs_openvino = pytest.mark.skipif(
    not zoo.dependencies.installed("openvino"), reason="OpenVINO is not installed"
)


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return zoo.build(
        "conv_ae", input_shape=(13, 10, 2), filters=(4, 5), latent_dim=3, unpooling="argmax"
    )


@pytest.fixture(scope="module")
def exports(model, tmp_path_factory):
    """Returns the folders of exports of the model, by what differs."""
    folder = tmp_path_factory.mktemp("exports")
    zoo.export(model, folder / "cpu", target="cpu", formats="onnx")
    if zoo.dependencies.installed("ai_edge_litert"):
        zoo.export(model, folder / "litert", target="litert", formats=["litert"])
    return folder


def images(rows=5):
    return np.random.default_rng(1).random((rows, 13, 10, 2), dtype="float32")


# Forms of unpooling ------------------------------------------------------------------------------

SHAPES = {
    "conv1d_ae": {"input_shape": (23, 2), "pca_path": False},
    "conv_ae": {"input_shape": (13, 10, 2)},
    "conv3d_ae": {"input_shape": (9, 8, 11, 2), "pca_path": False},
}
OPERATIONS = {"one-hot": "OneHot", "scatter": "ScatterElements", "native": "MaxUnpool"}


@pytest.mark.parametrize("variant", SHAPES)
def test_every_form_of_unpooling_computes_the_same(variant, tmp_path):
    model = zoo.build(variant, filters=(3, 4), latent_dim=3, unpooling="argmax", **SHAPES[variant])
    expected = parity.vectors(model, 4)
    for form in FORMS:
        (tmp_path / form).mkdir()
        onnx_files.write(model, tmp_path / form, {"name": variant}, form)
        parity.measure(tmp_path / form, model, expected, ["onnxruntime"])
        written = unpooling.form(model, form)
        assert written == ("one-hot" if variant == "conv3d_ae" else form)
        for file in ("decoder.onnx", "autoencoder.onnx"):
            kinds = {node.op_type for node in onnx.load(tmp_path / form / file).graph.node}
            assert OPERATIONS[written] in kinds
            assert ("ArgMax" in kinds) == (file == "autoencoder.onnx")
            if variant == "conv_ae":
                assert kinds & {*OPERATIONS.values()} == {OPERATIONS[written]}


@pytest.mark.parametrize(
    ("target", "form"),
    [
        ("browser", "native"),
        ("gpu", "one-hot"),
        pytest.param("openvino", "scatter", marks=needs_openvino),
    ],
)
def test_a_target_chooses_the_form_and_says_so(model, target, form, tmp_path):
    bundle = zoo.export(model, tmp_path / "bundle", target=target, formats="onnx")
    assert (bundle.manifest["target"], bundle.manifest["unpooling"]) == (target, form)
    assert ("openvino" in bundle.manifest["parity"]) == (target == "openvino")
    card = (bundle.folder / "card.md").read_text()
    words = {"native": "ONNX's MaxUnpool", "scatter": "a scatter", "one-hot": "one-hot products"}
    assert f"Exported for the target {target}.\nThe ONNX files unpool by {words[form]}." in card
    assert set(zoo.verify(bundle.folder)) == {"files", "rows", *bundle.manifest["parity"]}


def test_a_model_without_switches_has_no_form(tmp_path):
    plain = zoo.build("linear_ae", input_shape=(4,), latent_dim=2)
    bundle = zoo.export(plain, tmp_path / "bundle", target="cpu", formats=("onnx",))
    assert bundle.manifest["unpooling"] is None
    assert "unpool" not in (bundle.folder / "card.md").read_text()


# Runtimes ----------------------------------------------------------------------------------------

OPENED = """
import sys
sys.modules["onnxruntime"] = None  # any import of it fails
import numpy as np, zoo
bundle = zoo.load(sys.argv[1])
z, switches = bundle.encode(np.load(sys.argv[2]), switches=True)
np.savez(sys.argv[3], z, bundle.decode(z, switches), bundle.encode(np.zeros((0, 13, 10, 2), "f4")))
assert not {"tensorflow", "keras", "onnx"} & {*sys.modules}
"""


@needs_litert
def test_litert_files_alone_are_opened_without_tensorflow_and_onnxruntime(model, exports, tmp_path):
    np.save(tmp_path / "x.npy", images())
    folder = exports / "litert"
    assert sorted(path.suffix for path in folder.iterdir()).count(".tflite") == 3
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", OPENED, folder, tmp_path / "x.npy",
         tmp_path / "y.npz"], capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with np.load(tmp_path / "y.npz") as computed:
        z, decoded, none = computed.values()
    np.testing.assert_allclose(z, model.encode(images()), atol=1e-5)
    np.testing.assert_allclose(decoded, model.reconstruct(images()), atol=1e-5)
    assert none.shape == (0, 3)
    report = zoo.verify(folder)
    assert set(report) == {"files", "rows", "litert"}
    assert 'Interpreter("encoder.tflite")' in (folder / "card.md").read_text()


@needs_litert
def test_a_bundle_of_another_runtime_is_copied_and_batched(model, exports):
    bundle = pickle.loads(pickle.dumps(zoo.load(exports / "litert", runtime="litert")))
    assert isinstance(bundle.runtime, runtimes.LiteRT)
    np.testing.assert_allclose(bundle.encode(images(), batch_size=2), model.encode(images()), 1e-5)
    assert zoo.search.Index.build(bundle, images()).query(images(2), k=1)[0].tolist() == [[0], [1]]


@needs_litert
def test_a_changed_litert_file_is_refused(exports, tmp_path):
    import shutil

    folder = shutil.copytree(exports / "litert", tmp_path / "copy")
    data = bytearray((folder / "decoder.tflite").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "decoder.tflite").write_bytes(data)
    for opened in (zoo.load, zoo.verify):
        with pytest.raises(CheckFailedError, match=r"decoder\.tflite is not the file"):
            opened(folder)


@needs_openvino
def test_openvino_computes_in_float32_with_the_threads_of_the_options(tmp_path):
    model = zoo.build("deep_ae", input_shape=(5, 5, 1), widths=(9,), latent_dim=2)
    zoo.export(model, tmp_path / "bundle", formats="onnx")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    bundle = zoo.load(tmp_path / "bundle", session_options=options, runtime="openvino")
    opened = bundle.runtime.models["encode"]
    assert opened.get_property("INFERENCE_NUM_THREADS") == 1
    assert opened.get_property("INFERENCE_PRECISION_HINT").get_type_name() == "f32"
    x = np.full((3, 5, 5, 1), 0.5, "float32")
    np.testing.assert_allclose(bundle.reconstruct(x), model.reconstruct(x), atol=1e-5)


@needs_litert
def test_long_recurrent_layers_are_refused_for_litert(tmp_path):
    model = zoo.build("lstm_ae", input_shape=(129, 1), units=2, latent_dim=2)
    with pytest.raises(
        CheckFailedError, match=r"^lstm_ae cannot .* at most 128 steps. Received: 1"
    ):
        zoo.export(model, tmp_path / "bundle", formats="litert")
    assert not list(tmp_path.iterdir())
    assert not any(layer.unroll for layer in model.layers if isinstance(layer, keras.layers.RNN))


# Bad input ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"target": "gpus"}, "There is no target 'gpus'; did you mean gpu"),
        ({"target": 3}, "There is no target 3; there are cpu, browser"),
        ({"formats": "onnx,tflite"}, "There is no format 'tflite'; did you mean litert"),
        ({"formats": ["saved_model"]}, "must include onnx or litert.* Received: saved_model."),
        ({"formats": []}, "must include onnx or litert.* Received: none."),
        ({"formats": 3}, "`formats` must be a list of saved_model, onnx, litert. Received: 3."),
        ({"precision": "int4"}, "There is no precision 'int4'; did you mean int8"),
        ({"precision": "int8-static"}, "int8-static needs `calibration`"),
        ({"calibration": images()}, "`calibration` belongs to a precision of fewer bits"),
        ({"precision": "int8", "calibration": images()[..., :1]}, "calibration rows must have"),
        ({"precision": "int8", "formats": "litert"}, "Received: int8 without onnx among"),
    ],
)  # fmt: skip
def test_bad_arguments_of_an_export(model, arguments, message, tmp_path):
    if arguments.get("formats") == "litert" and not zoo.dependencies.installed("ai_edge_litert"):
        pytest.skip("LiteRT is not installed, which writes what this opens")
    with pytest.raises(UsageError, match=message):
        zoo.export(model, tmp_path / "bundle", **arguments)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("folder", "arguments", "message"),
    [
        ("cpu", {"runtime": "litrt"}, "There is no runtime 'litrt'; did you mean litert"),
        ("cpu", {"runtime": "litert"}, "LiteRT opens .tflite files, which this export does not"),
        ("cpu", {"runtime": "openvino"}, "OpenVINO has no MaxUnpool, .* target='openvino'"),
        ("litert", {"runtime": "onnxruntime"}, "onnxruntime opens .onnx files, which this export"),
        ("litert", {"providers": "CUDAExecutionProvider"}, "`providers` are onnxruntime's; LiteRT"),
        ("litert", {"session_options": 4}, "must be an onnxruntime.SessionOptions. Received: int"),
    ],
)
def test_bad_arguments_of_load(exports, folder, arguments, message):
    if not (exports / folder).exists():
        pytest.skip("LiteRT is not installed, which writes what this opens")
    with pytest.raises(UsageError, match=message):
        zoo.load(exports / folder, **arguments)


@pytest.mark.parametrize(
    ("package", "arguments", "extra"),
    [
        ("ai_edge_litert", {"formats": "litert"}, "litert"),
        ("ai_edge_litert", {"target": "litert"}, "litert"),
        ("openvino", {"target": "openvino"}, "openvino"),
    ],
)
def test_a_missing_extra_is_named(model, package, arguments, extra, uninstall, tmp_path):
    uninstall(package)
    command = rf"pip install 'autoencoder-zoo\[{extra}\]'"
    with pytest.raises(MissingExtraError, match=command):
        zoo.export(model, tmp_path / "bundle", **arguments)


@needs_litert
def test_verify_says_what_was_not_checked_without_litert(exports, uninstall):
    uninstall("ai_edge_litert")
    report = zoo.verify(exports / "cpu")
    assert "not_checked" not in report
    with pytest.raises(MissingExtraError, match=r"LiteRT, which runs \.tflite files, is not"):
        zoo.load(exports / "litert")


# Precision ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained(digits):
    keras.utils.set_random_seed(0)
    model = zoo.build("deep_ae", widths=(96,), latent_dim=8)
    model.fit(digits.train.images[:500], epochs=2, verbose=0)
    return model


@pytest.mark.parametrize(("bits", "size", "loss"), [
    ("float16", 0.6, 0.01), ("int8", 0.4, 0.1), ("int8-static", 0.4, 0.2),
])  # fmt: skip
def test_fewer_bits_are_smaller_and_their_loss_is_measured(
    trained, digits, bits, size, loss, tmp_path
):
    rows = digits.train.images[:64]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        bundle = zoo.export(
            trained, tmp_path / "bundle", formats="onnx", precision=bits, calibration=rows
        )
    reduced = bundle.manifest["reduced"]
    assert (reduced["precision"], reduced["measured_on"]) == (bits, "calibration rows")
    reconstruct = reduced["endpoints"]["reconstruct"]
    before, after = reconstruct["bytes"]
    assert after == (bundle.folder / "autoencoder.onnx").stat().st_size < size * before
    known = rows[:51]  # those of them that are training rows
    error = bundle.reconstruct(known) - trained.reconstruct(known)
    found = np.sqrt(np.mean(error**2)) / trained.reconstruct(known).std()
    assert 0 < found < loss
    np.testing.assert_allclose(reconstruct["loss"]["reconstruction"], found, rtol=0.2)
    slower = [
        s for facts in reduced["endpoints"].values() for s in facts["speed"].values() if s < 1
    ]
    said = [each for each in caught if issubclass(each.category, PrecisionWarning)]
    assert len(said) == bool(slower)
    assert (
        f"compute in {bits}, compared here with float32" in (bundle.folder / "card.md").read_text()
    )
    assert zoo.verify(bundle.folder)["rows"] == 7


def test_slower_files_are_a_warning_with_a_way_out():
    facts = {"encode": {"speed": {"1": 0.5, "64": 1.2}}, "decode": {"speed": {"1": 2.0, "64": 0.9}}}
    message = (
        r"not faster .* encode 0.5 times as fast for 1 row, decode 0.9 times as fast for 64 rows; "
        "for speed export it with precision='float32'"
    )
    with pytest.warns(PrecisionWarning, match=message):
        precision.warn({"precision": "int8", "endpoints": facts})
    precision.warn({"precision": "int8", "endpoints": {"encode": {"speed": {"1": 1.1}}}})


def test_other_numbers_in_fewer_bits_are_found():
    parity_at_export = {"onnxruntime": {"encode.latent": 0.1}}
    limit = precision.limits({"precision": "int8"}, parity_at_export)["onnxruntime"]
    assert parity.difference("x", np.array([1.2]), np.array([1.0]), limit("encode.latent")) > 0.19
    with pytest.raises(CheckFailedError, match=r"in so few bits it was at most 0\.21"):
        parity.difference("x", np.array([1.3]), np.array([1.0]), limit("encode.latent"))
    assert precision.limits(None, parity_at_export) == {}


def test_the_command_takes_targets_and_precisions(uninstall, tmp_path):
    rows = np.random.default_rng(0).random((60, 12))
    np.save(tmp_path / "rows.npy", rows)
    zoo.train("linear_ae", rows, latent_dim=3, epochs=1, folder=tmp_path / "run")
    options = [
        "--precision=float16",
        "--formats=onnx",
        f"--calibration={tmp_path}/rows.npy",
        "--json",
    ]
    export = ["export", str(tmp_path / "run"), str(tmp_path / "b")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PrecisionWarning)
        done = CliRunner().invoke(app, [*export, *options])
    assert done.exit_code == 0, done.output
    assert '"precision": "float16"' in done.output
    uninstall("openvino")
    done = CliRunner().invoke(app, [*export[:-1], str(tmp_path / "d"), "--target=openvino"])
    assert done.exit_code == 3
    assert not (tmp_path / "d").exists()
    again = ["export", str(tmp_path / "b"), str(tmp_path / "c"), "--layout=triton", "--target=cpu"]
    done = CliRunner().invoke(app, again)
    assert done.exit_code == 2
    assert "is exported already" in done.output
