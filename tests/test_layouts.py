"""Folders for other people's servers: what they hold computes what `zoo.load` computes."""

import json

import numpy as np
import onnxruntime
import pytest
import tensorflow as tf
import yaml
from google.protobuf import message_factory, text_format
from typer.testing import CliRunner

import zoo
from zoo.cli import app
from zoo.errors import UsageError
from zoo.exporting import write_layout
from zoo.exporting.layouts import LAYOUTS, tf_serving
from zoo.exporting.onnx_only import write_onnx_only
from zoo.serving import protos

DIGITS = zoo.datasets.load("mnist_5k").test.images[:5]
TEXTS = ["a function returns an array", "the file holds names", "an array of numbers"]
# Triton's own fields, as far as a configuration here has them.
TRITON = {
    "Tensor": "string name 1, string data_type 2, repeated int64 dims 3, Reshape reshape 5",
    "Reshape": "repeated int64 shape 1",
    "Batching": "",
    "ModelConfig": "string name 1, string backend 17, int32 max_batch_size 4, "
    "repeated Tensor input 5, repeated Tensor output 6, Batching dynamic_batching 11",
}


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    conv = zoo.build("conv_ae", filters=(2, 3), latent_dim=4, unpooling="argmax")
    zoo.export(conv, folder / "conv")
    linear = zoo.build("pca", latent_dim=3).adapt(DIGITS)
    zoo.export(zoo.anomaly.Detector.fit(linear, DIGITS), folder / "detector")
    zoo.export(zoo.classifier(linear.encoder, classes=10), folder / "classes")
    words = zoo.build("document_ae", input_shape=(8,), widths=(4,), latent_dim=2)
    zoo.export(words.adapt(TEXTS * 3), folder / "texts")
    return folder


def expected(bundle):
    """Returns the inputs and outputs of each endpoint, computed by `zoo.load`."""
    x = bundle.check(TEXTS if bundle.vocabulary else DIGITS)
    tensors = {bundle.named_input.name: x}
    for name, (inputs, outputs) in bundle.signatures.items():
        values = bundle.run(name, [tensors[each.name] for each in inputs], 64)
        tensors |= dict(zip([each.name for each in outputs], values, strict=True))
    return tensors


def require_equal(session, tensors):
    feeds = {each.name: tensors[each.name] for each in session.get_inputs()}
    names = [each.name for each in session.get_outputs()]
    for name, value in zip(names, session.run(names, feeds), strict=True):
        np.testing.assert_allclose(value, tensors[name], atol=1e-5)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "run"
    return zoo.train("pca", DIGITS, latent_dim=2, folder=folder).folder


@pytest.mark.parametrize("export", ["conv", "detector", "classes", "texts"])
@pytest.mark.parametrize("layout", ["triton", "kserve", "mlserver", "openvino"])
def test_every_model_of_a_layout_computes_its_endpoint(layout, export, exports, tmp_path):
    bundle = zoo.load(exports / export)
    written = write_layout(exports / export, tmp_path / "models", layout, name="m", version=3)
    models = json.loads((written / "layout.json").read_text())["models"]
    assert set(models.values()) == set(bundle.signatures)
    assert models["m"] in ("reconstruct", "classify")
    assert "m" in (written / "README.md").read_text()
    root = written / "repository" if layout == "kserve" else written
    tensors = expected(bundle)
    for name, signature in models.items():
        folder = root / name if layout == "mlserver" else root / name / "3"
        session = onnxruntime.InferenceSession(folder / "model.onnx")
        inputs, outputs = bundle.signatures[signature]
        assert [each.name for each in session.get_inputs()] == [each.name for each in inputs]
        require_equal(session, tensors)
        sides = [{each.name: each.shape[1:] for each in side} for side in (inputs, outputs)]
        if layout == "mlserver":
            settings = json.loads((folder / "model-settings.json").read_text())
            assert (settings["name"], settings["parameters"]["version"]) == (name, "3")
            assert sides == [
                {each["name"]: tuple(each["shape"][1:]) for each in settings[side]}
                for side in ("inputs", "outputs")
            ]
        elif layout == "openvino":
            listed = json.loads((root / "config.json").read_text())["model_config_list"]
            (config,) = (each["config"] for each in listed if each["config"]["name"] == name)
            assert (root / config["base_path"] / "3" / "model.onnx").is_file()
            assert config["plugin_config"] == {"INFERENCE_PRECISION_HINT": "f32"}
        else:
            config = parsed((root / name / "config.pbtxt").read_text())
            assert (config.name, config.max_batch_size) == (name, 64)
            assert sides == [
                {each.name: () if each.HasField("reshape") else tuple(each.dims) for each in side}
                for side in (config.input, config.output)
            ]


def parsed(text):
    """Returns a configuration of Triton, whose names of types are read as strings."""
    pool = protos.pool("triton", TRITON)
    config = message_factory.GetMessageClass(pool.FindMessageTypeByName("triton.ModelConfig"))
    for kind in ("TYPE_FP32", "TYPE_INT32", "TYPE_INT64"):
        text = text.replace(kind, f'"{kind}"')
    return text_format.Parse(text, config())


@pytest.mark.parametrize("export", ["conv", "detector", "classes", "texts"])
def test_tensorflow_serving_gets_a_request_for_each_signature(export, exports, tmp_path):
    bundle = zoo.load(exports / export)
    written = write_layout(exports / export, tmp_path / "models", "tf-serving", name="m")
    saved = tf.saved_model.load(written / "m" / "1")
    records = list(tf.data.TFRecordDataset(str(written / "m" / "1" / tf_serving.WARMUP)))
    called = set()
    for record in records:
        request = tf_serving._message("PredictionLog").FromString(record.numpy())
        request = request.predict_log.request
        assert request.model_spec.name == "m"
        signature = saved.signatures[request.model_spec.signature_name]
        feeds = {
            key: tf.constant(tf.make_ndarray(tensor_of(value)))
            for key, value in request.inputs.items()
        }
        outputs = signature(**feeds)
        assert all(len(value) == 1 for value in outputs.values())
        called.add(request.model_spec.signature_name)
    assert called == set(bundle.signatures)


def tensor_of(message):
    """Returns the tensor in TensorFlow's own message, read from the bytes of ours."""
    from tensorflow.core.framework import tensor_pb2

    return tensor_pb2.TensorProto.FromString(message.SerializeToString())


def test_kserve_gets_a_service_whose_name_kubernetes_takes(exports, tmp_path):
    written = write_layout(exports / "conv", tmp_path / "models", "kserve", name="My_model.v2")
    service = yaml.safe_load((written / "inference-service.yaml").read_text())
    assert (service["kind"], service["metadata"]["name"]) == ("InferenceService", "my-model-v2")
    assert service["spec"]["predictor"]["model"]["protocolVersion"] == "v2"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"layout": "tritonn"}, "There is no layout 'tritonn'; did you mean triton?"),
        ({"name": "../up"}, "`name` must have letters, digits"),
        ({"name": ""}, "`name` must have letters, digits"),
        ({"version": 0}, "`version` must be a positive integer. Received: 0."),
        ({"version": True}, "`version` must be a positive integer. Received: True."),
        ({"source": "none"}, "is not an exported model"),
        ({"source": "small"}, "has no autoencoder.onnx, which this layout needs"),
        ({"source": "small", "layout": "tf-serving"}, "has no SavedModel"),
        ({"folder": "own"}, "holds no layout.json"),
    ],
)
def test_wrong_layouts_are_one_sentence(options, said, exports, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if options.get("source") == "small":
        write_onnx_only(exports / "conv", "small")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "README.md").write_text("Mine.")
    call = {"source": exports / "conv", "folder": "models", "layout": "triton", "overwrite": True}
    with pytest.raises(UsageError, match=said.replace(".", r"\.").replace("?", r"\?")):
        write_layout(**call | options)
    assert {path.name for path in tmp_path.iterdir()} - {"small"} == {"own"}
    assert (tmp_path / "own" / "README.md").read_text() == "Mine."


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_command_line_writes_layouts_of_runs_and_exports(layout, exports, run, tmp_path):
    for source in (run, exports / "conv"):
        command = ["export", source, tmp_path / "models", "--layout", layout, "--overwrite"]
        result = CliRunner().invoke(app, [*map(str, command), "--version", "2"])
        assert result.exit_code == 0, result.output
        facts = json.loads((tmp_path / "models" / "layout.json").read_text())
        assert (facts["layout"], facts["version"]) == (layout, 2)
        assert result.stdout.split()[-len(facts["models"]) :] == [*facts["models"]]


def test_options_of_layouts_need_a_layout(run, tmp_path):
    result = CliRunner().invoke(app, ["export", str(run), str(tmp_path / "new"), "--name", "m"])
    assert result.exit_code == 2
    assert "--name and --version belong to --layout" in result.stderr
