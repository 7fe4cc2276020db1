"""Settings of a training: fields of the recipe, files of settings, and weights to start from."""

import dataclasses
import json
import re
import sys

import keras
import numpy as np
import pytest
import safetensors.numpy
from typer.testing import CliRunner

import zoo
from zoo import cli
from zoo.errors import UsageError
from zoo.recipes import fields
from zoo.training import warm_start

# A value that each field accepts, as what it is kept, a value that is refused, and the sentence.
FIELDS = {
    "loss": ("mae", "mae", 3, "`loss` must be a name, a string. Received: loss=3."),
    "optimizer": ("sgd", "sgd", "", "`optimizer` must be a name, a string. Received: optimizer=''"),
    "learning_rate": (1, 1.0, 0.0, "`learning_rate` must be a finite number > 0. Received: "),
    "momentum": (None, None, 1.0, "`momentum` must be in [0, 1). Received: momentum=1.0."),
    "schedule": ("cosine", "cosine", "step", "`schedule` must be 'constant' or 'cosine'. Received"),
    "batch_size": (np.int64(8), 8, True, "`batch_size` must be a positive integer. Received: "),
    "epochs": (0, 0, 1.5, "`epochs` must be an integer of at least 0. Received: epochs=1.5."),
    "steps_per_execution": (4, 4, 0, "`steps_per_execution` must be a positive integer. Received"),
    "metrics": (["mae"], ("mae",), "mae", "`metrics` must be a list of names, strings. Received"),
    "pretrain": ("rbm", "rbm", "rmb", "no method of pre-training 'rmb'; did you mean rbm"),
    "pretrain_epochs": (None, None, 0, "`pretrain_epochs` must be a positive integer. Received"),
}


@pytest.mark.parametrize("key", [field.name for field in dataclasses.fields(zoo.Recipe)])
def test_every_field_of_a_recipe_is_checked(key):
    good, kept, bad, message = FIELDS[key]
    assert getattr(zoo.Recipe(**{key: good}), key) == kept
    assert fields.checked(key, good) == kept
    with pytest.raises(UsageError, match=re.escape(message)):
        zoo.Recipe(**{key: bad})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"loss": "huber", "optimizer": "sgd", "momentum": 0.9, "metrics": ["mae"]}, None),
        ({"loss": "summed_squared_error", "optimizer": "rmsprop", "momentum": 0.5}, None),
        ({"loss": "binary_crosentropy"}, "no loss 'binary_crosentropy'; did you mean binary_cross"),
        ({"loss": "sparse_categorical_crossentropy"}, None),  # of classifiers
        ({"optimizer": "adm"}, "There is no optimizer 'adm'; did you mean adam"),
        ({"optimizer": "optimizer"}, "There is no optimizer 'optimizer'"),
        ({"momentum": 0.9}, "`momentum` must be None for adam, which has none. Received: momentum"),
        ({"metrics": ["mean_squared_eror"]}, "no metric 'mean_squared_eror'; did you mean mean_"),
    ],
)
def test_names_of_keras_are_checked_when_a_model_is_compiled(changes, message):
    model = zoo.build("pca", input_shape=(4,), latent_dim=2)
    recipe = zoo.Recipe(**changes)
    if message is None:
        assert recipe.compile(model) is model
        return
    with pytest.raises(UsageError, match=message):
        recipe.compile(model)


def command(*words, code=0):
    """Runs a command in this process; returns what it prints on stdout and on stderr."""
    result = CliRunner().invoke(cli.app, list(map(str, words)))
    assert result.exit_code == code, result.stderr
    return result.stdout, result.stderr


def weights(folder):
    """Returns the bytes of a run's weights, without the run's id."""
    return safetensors.numpy.save(safetensors.numpy.load_file(folder / "weights.safetensors"))


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["zoo"])
    return tmp_path


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of the command line in which every field of the recipe that can be is another one."""
    folder = tmp_path_factory.mktemp("runs") / "first"
    stdout, _ = command(
        *("train", "linear_ae", "breast_cancer", "latent_dim=3", "--learning-rate", "0.02"),
        *("--optimizer", "sgd", "--loss", "huber", "--batch-size", 64, "--epochs", 2),
        *("--set", "momentum=0.5", "--set", "schedule=constant", "--set", "metrics=['mae']"),
        *("--set", "steps_per_execution=2", "--seed", 3, "--validation-split", 0.2),
        *("--folder", folder, "--json"),
    )
    assert json.loads(stdout)["folder"] == str(folder)
    return folder


def test_every_field_can_be_set_and_is_recorded(run):
    config = json.loads((run / "config.json").read_text())
    assert config["recipe"] == {
        "loss": "huber", "optimizer": "sgd", "learning_rate": 0.02, "momentum": 0.5,
        "schedule": "constant", "batch_size": 64, "epochs": 2, "steps_per_execution": 2,
        "metrics": ["mae"], "pretrain": "none", "pretrain_epochs": None,
    }  # fmt: skip
    assert {"loss", "mae", "val_mae"} <= set(zoo.Run.open(run).history)
    words = [str(run / "config.json"), "--folder", run]
    _, stderr = command("train", "--config", *words, "--epochs", 3, "--resume", code=2)
    assert "holds another run, with recipe.epochs=2. Received: recipe.epochs=3" in stderr
    _, stderr = command("train", "--config", *words, "latent_dim=2", "--resume", code=2)
    assert "with arguments.latent_dim=3. Received: arguments.latent_dim=2" in stderr
    assert str(run) in command("train", "--config", *words, "--resume")[0]  # it is finished


def test_a_run_trains_itself_again_to_the_bit(run, here):
    command("train", "--config", run / "config.json", "--folder", "again")
    assert weights(here / "again") == weights(run)
    first, again = (json.loads((f / "config.json").read_text()) for f in (run, here / "again"))
    assert {key for key in first if first[key] != again[key]} <= {"run_id", "date"}


PCA = "variant = 'pca'\n"
GOOD = """
variant = "deep_ae"
data = "breast_cancer"
seed = 5
validation_split = 0.2
from = "weights:deep_ae/mnist"
folder = "runs/mine"
[arguments]
widths = [16, 8]
[recipe]
epochs = 2
learning_rate = 1
"""


def test_a_file_holds_all_that_the_command_line_can_set(here):
    (here / "run.toml").write_text(GOOD)
    expected = {
        "variant": "deep_ae", "data": "breast_cancer", "seed": 5, "validation_split": 0.2,
        "start_from": "weights:deep_ae/mnist", "folder": "runs/mine", "widths": [16, 8],
        "epochs": 2, "learning_rate": 1,
    }  # fmt: skip
    assert zoo.read_settings("run.toml") == expected
    changes = {"seed": 6, "epochs": 7, "data": "wine"}
    assert zoo.read_settings("run.toml", **changes) == expected | changes


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("run.toml", "data = 'wine'", "must have the key `variant`.* Received: data."),
        ("run.toml", "variant = 'deep_a'", "run.toml: There is no variant 'deep_a'; did you mean"),
        ("run.toml", "variant = 3", "run.toml: `variant` must be a string. Received: variant=3."),
        ("run.toml", f"{PCA}sed = 3", "run.toml: There is no key 'sed'; did you mean"),
        ("run.toml", f"{PCA}seed = '3'", "`seed` must be an integer. Received: seed='3'"),
        ("run.toml", f"{PCA}seed = true", "`seed` must be an integer. Received: seed=True"),
        ("run.toml", f"{PCA}recipe = 3", "`recipe` must be a table of fields of the recipe"),
        ("run.toml", f"{PCA}recipe.epoch = 3", "no field of the recipe 'epoch'; did you mean"),
        ("run.toml", f"{PCA}recipe.epochs = -1", "run.toml: `epochs` must be an integer"),
        ("run.toml", f"{PCA}arguments.epochs = 3", "`epochs` is a field of the recipe:"),
        ("run.toml", f"{PCA}arguments.latent = 3", "run.toml: .* did you mean latent_dim"),
        ("run.toml", f"{PCA}arguments.latent_dim = 0", "run.toml: `latent_dim` must be"),
        ("run.toml", f"{PCA}arguments.variant = 1", "run.toml: There is no argument 'variant'"),
        ("run.toml", f"{PCA}data.path = 'x'", "run.toml: `data` must have a `name`, a string"),
        ("run.toml", "variant = ", "run.toml must be a TOML file: Invalid value"),
        ("run.json", '{"variant": NaN}', "run.json must be a JSON file: .*NaN"),
        ("run.json", "[]", r"run.json must hold keys and values. Received: \[\]"),
        ("run.json", '{"variant": "pca", "classes": 3}', "run.json is of a run of zoo.finetune"),
        ("run.yaml", "variant: pca", "must be a .toml or .json file. Received: run.yaml"),
        ("run.json", None, "run.json cannot be read: No such file"),
    ],
)
def test_what_a_file_must_not_hold(name, content, message, here):
    if content is not None:
        (here / name).write_text(content)
    with pytest.raises(UsageError, match=message):
        zoo.read_settings(name)


def test_a_run_of_other_data_is_not_taken_for_the_same(here):
    rows = zoo.datasets.load("breast_cancer").train.inputs
    np.save("rows.npy", rows[:40])
    fingerprint = zoo.datasets.load("rows.npy").fingerprint
    config = {"variant": "pca", "data": {"name": "rows.npy", "fingerprint": fingerprint}}
    (here / "config.json").write_text(json.dumps(config))
    assert len(zoo.read_settings("config.json")["data"].train) == 32
    np.save("rows.npy", rows[40:80])
    with pytest.raises(UsageError, match=r"config.json is of other data: the training rows of"):
        zoo.read_settings("config.json")
    assert zoo.read_settings("config.json", data="rows.npy")["data"] == "rows.npy"
    config["from"] = {"source": "weights:pca/mnist", "fingerprint": "0"}
    (here / "config.json").write_text(json.dumps(config))
    with pytest.raises(UsageError, match="those of weights:pca/mnist have changed since"):
        zoo.read_settings("config.json", data="rows.npy")


def test_weights_are_taken_by_name_and_shape():
    start = warm_start.opened("weights:conv_ae/mnist")
    zoo.build("vae", input_shape=(8, 8, 1))  # Keras numbers the layers of the models that follow
    model = zoo.build("conv_ae", latent_dim=8)
    own = {key: np.array(variable) for key, variable in warm_start.named(model).items()}
    record = start.give(model)
    assert record["new"] == ["code/kernel", "code/bias", "dense/kernel"]
    theirs = warm_start.named(start.model)
    for key, variable in warm_start.named(model).items():
        expected = own[key] if key in record["new"] else theirs[key]
        np.testing.assert_array_equal(variable, expected)
    data = zoo.datasets.load("mnist_5k")
    assert start.settings("vae", data, {})["pretrain"] == "none"
    assert start.settings("conv_ae", data, {})["filters"] == (32, 64)
    assert start.settings("conv_ae", data, {"filters": (4,)})["filters"] == (4,)
    whole = start.give(zoo.build("conv_ae"))
    assert (len(whole["taken"]), whole["new"]) == (len(model.weights), [])


@pytest.mark.parametrize(
    "name", ["resnet_ae", "rbm", "vq_vae", "document_ae", "winner_take_all_ae"]
)
def test_every_weight_has_a_name(name):
    model = zoo.build(name, **zoo.entry(name).tiny)
    assert len(warm_start.named(model)) == len(model.weights)


TEXTS = ["cats purr softly", "dogs bark loudly", "cats sleep softly"]
OTHER = ["birds sing early", "birds fly south", "early birds sing"]


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize(
    ("name", "arguments", "rows"),
    [
        ("document_ae", {"input_shape": (4,), "widths": (3,), "latent_dim": 2}, (TEXTS, OTHER)),
        ("pca", {"latent_dim": 2, "standardise": True}, None),
        ("deep_ae", {"widths": (3,), "latent_dim": 2, "standardise": True}, None),
    ],
)
def test_what_layers_learned_of_their_data_is_kept(name, arguments, rows, kept):
    if rows is None:
        table = zoo.datasets.load("breast_cancer").train.inputs
        arguments, rows = arguments | {"input_shape": (30,)}, (table[:50], table[50:90])
    source = zoo.build(name, **arguments).adapt(rows[0])
    model = zoo.build(name, **arguments)
    taken = warm_start.Start("a run", source).give(model)["taken"]
    model.adapt(rows[1], keep=warm_start.kept_layers(model, taken) if kept else ())
    same = [np.array_equal(*pair) for pair in zip(source.weights, model.weights, strict=True)]
    assert all(same) == kept
    if name == "document_ae":
        assert (model.vocabulary.words == source.vocabulary.words) == kept


def test_columns_are_put_in_the_order_of_the_weights():
    model = zoo.build("pca", input_shape=(2,), latent_dim=1)
    model.column_names = ("height", "width")
    start = warm_start.Start("a run", model)

    def named(*names):
        rows = [zoo.datasets.Split(np.array([[1.0, 2.0]] * 3), column_names=names)] * 2
        return zoo.datasets.Dataset("rows", *rows)

    data = start.ordered(named("width", "height"))
    assert data.column_names == ("height", "width")
    assert data.test.inputs[0].tolist() == [2.0, 1.0]
    with pytest.raises(UsageError, match="depth"):
        start.ordered(named("width", "depth"))


class Interrupt(keras.callbacks.Callback):
    """Ctrl-C in the second epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt


def test_a_run_starts_from_another_one_and_resumes(run, here):
    np.save("rows.npy", zoo.datasets.load("breast_cancer").train.inputs[:60])
    words = ["rows.npy", "latent_dim=2", "--from", run, "--epochs", 2, "--folder", "whole"]
    _, stderr = command("train", "linear_ae", *words)
    assert stderr.count(f"zoo: {run} has no weights of the name and shape of encoder_1/kernel") == 1
    whole, source = zoo.Run.open("whole"), zoo.Run.open(run)
    assert whole.config["from"]["source"] == str(run)
    assert "encoder_1/kernel" in whole.config["from"]["new"]
    assert zoo.read_settings("whole/config.json")["start_from"] == str(run)
    assert whole.config["recipe"]["optimizer"] == "adam"  # the recipe is the variant's own
    for name in ("mean", "deviation"):
        kept, theirs = (getattr(each.model.standardisation, name) for each in (whole, source))
        np.testing.assert_array_equal(kept, theirs)
    given = {"variant": "linear_ae", "data": "rows.npy", "latent_dim": 2, "epochs": 2}
    from_run = given | {"start_from": str(run), "folder": "stopped"}
    with pytest.raises(KeyboardInterrupt):
        zoo.train(**from_run, callbacks=[Interrupt()])
    resumed = zoo.train(**from_run, resume=True)
    assert weights(resumed.folder) == weights(whole.folder)
    with pytest.raises(UsageError, match="holds another run, with from="):
        zoo.train(**given, folder="whole", resume=True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"variant": "vae"}, "No weight of weights:pca/mnist has the name and the shape of one of"),
        ({"variant": "pca"}, "of at least one epoch; pca is solved in closed form. Received"),
        ({"variant": "dbn", "pretrain": "rbm"}, "`start_from` and `pretrain` exclude each other"),
        ({"variant": "vae", "start_from": "weights:pca"}, "are named weights:VARIANT/NAME"),
        ({"variant": "vae", "start_from": "weights:pca/mnst"}, "'mnst'; did you mean mnist"),
        ({"variant": "vae", "start_from": "nowhere"}, "There is no folder nowhere"),
        ({"variant": "vae", "lerning_rate": 0.1}, "'lerning_rate' of vae; did you mean learning_r"),
        ({"variant": "vae", "loss": "ctc"}, "`loss` must compare inputs with reconstructions"),
        (
            {"variant": "deep_ae", "data": "wine", "loss": "binary_crossentropy"},
            "probabilities: use",
        ),
    ],
)
def test_what_a_training_must_not_start_from(changes, message, here):
    given = {"data": "mnist_5k", "start_from": "weights:pca/mnist"} | changes
    if "loss" in changes or "lerning_rate" in changes:
        del given["start_from"]
    with pytest.raises(UsageError, match=message):
        zoo.train(**given)
    assert not list(here.iterdir())
