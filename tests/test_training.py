"""Runs: what a folder holds, and that a kill costs an epoch and nothing else."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import keras
import numpy as np
import pytest
import safetensors.numpy
from PIL import Image

import zoo
from zoo import runs
from zoo.autoencoder import fit_streams
from zoo.errors import CheckFailedError, DivergedError, MissingExtraError, UsageError
from zoo.training import checkpoints, resumable_fit

SMALL = {"widths": (16,), "latent_dim": 3}


@pytest.fixture(scope="module")
def few(digits):
    """600 real digits, 480 of them to learn from."""
    return digits.train.images[:600]


@pytest.fixture(scope="module")
def run(few, tmp_path_factory):
    return zoo.train("vae", few, epochs=3, folder=tmp_path_factory.mktemp("runs") / "vae", **SMALL)


def test_a_run_folder_holds_everything(run, few):
    files = {p.relative_to(run.folder).as_posix() for p in run.folder.rglob("*") if p.is_file()}
    assert files == {".lock", "config.json", "history.json", "metrics.json", "weights.safetensors",
                     "figures/activity.png", "figures/codes.png", "figures/curves.png",
                     "figures/filters.png", "figures/reconstructions.png",
                     "figures/restorations.png"}  # fmt: skip
    config = json.loads((run.folder / "config.json").read_text())
    assert config["variant"] == "vae"
    assert config["arguments"]["latent_dim"] == 3
    assert config["versions"]["keras"] == keras.__version__
    assert config["data"]["train_rows"] == 480
    assert {len(values) for values in run.history.values()} == {3}
    figures = {"loss", "kl", "val_loss", "val_kl", "val_loss_without_noise"}
    assert set(run.history) == figures
    with Image.open(run.folder / "figures" / "reconstructions.png") as picture:
        assert picture.width > 600
        assert np.asarray(picture.convert("L")).std() > 20  # something is drawn


def test_an_opened_run_is_the_run(run, few):
    opened = zoo.Run.open(run.folder)
    np.testing.assert_array_equal(opened.model.encode(few), run.model.encode(few))
    assert opened.metrics == run.metrics
    assert opened.history == run.history


def test_metrics_are_of_the_test_split(run, few):
    test = zoo.datasets.load(few).test.images
    squared = np.square(test - run.model.reconstruct(test))
    assert run.metrics["mse"] == pytest.approx(squared.mean(), rel=1e-5)
    assert run.metrics["sse"] == pytest.approx(squared.sum(axis=(1, 2, 3)).mean(), rel=1e-5)
    assert run.metrics["psnr"] == pytest.approx(-10 * np.log10(squared.mean()), rel=1e-5)
    assert run.metrics["test_rows"] == 120
    assert run.metrics["code_size"] == 3


def test_evaluate_beside_pca_of_the_same_size(digits):
    from sklearn.decomposition import PCA
    from sklearn.neighbors import KNeighborsClassifier

    report = zoo.evaluate(zoo.build("deep_ae", widths=(16,), latent_dim=7), "mnist_5k")
    flat, held = (s.images.reshape(len(s), -1) for s in (digits.train, digits.test))
    judge = PCA(7, svd_solver="full").fit(flat)
    back = judge.inverse_transform(judge.transform(held))
    assert report["pca_sse"] == pytest.approx(np.square(held - back).sum(axis=1).mean(), rel=1e-4)
    nearest = KNeighborsClassifier(5).fit(judge.transform(flat), digits.train.labels)
    share = nearest.score(judge.transform(held), digits.test.labels)
    assert report["pca_knn_accuracy"] == pytest.approx(share, abs=2e-3)


def test_switches_are_counted(few):
    model = zoo.build("conv_ae", filters=(4,), unpooling="argmax")
    assert zoo.evaluate(model, few)["switch_bits"] == 14 * 14 * 4 * 2


def test_pca_larger_than_the_data_is_capped():
    x = np.random.default_rng(0).random((10, 4, 4, 1), dtype="float32")
    model = zoo.build("deep_ae", input_shape=(4, 4, 1), widths=(4,))  # a code of 30
    assert zoo.evaluate(model, x)["pca_code_size"] == 8  # training rows


def test_the_same_seed_is_the_same_run_and_another_is_not(run, few, tmp_path):
    same = zoo.train("vae", few, epochs=3, folder=tmp_path / "same", **SMALL)
    other = zoo.train("vae", few, epochs=3, seed=1, folder=tmp_path / "other", **SMALL)
    assert weights(same.folder) == weights(run.folder)
    assert weights(other.folder) != weights(run.folder)


def weights(folder):
    """Returns the bytes of a run's weights, without the run's id."""
    return safetensors.numpy.save(safetensors.numpy.load_file(folder / "weights.safetensors"))


class InterruptAt(keras.callbacks.Callback):
    """Ctrl-C, in the middle of an epoch."""

    def __init__(self, epoch, error=KeyboardInterrupt):
        super().__init__()
        self.at, self.error = epoch, error

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.epoch == self.at:
            raise self.error


@pytest.mark.parametrize("epoch", [0, 2])
def test_interrupted_and_resumed_it_is_the_same_run(run, few, tmp_path, epoch):
    folder = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        zoo.train("vae", few, epochs=3, folder=folder, callbacks=[InterruptAt(epoch)], **SMALL)
    with pytest.raises(UsageError, match=r"is not finished: continue it with --resume"):
        zoo.Run.open(folder)
    resumed = zoo.train("vae", few, epochs=3, folder=folder, resume=True, **SMALL)
    assert weights(folder) == weights(run.folder)
    assert resumed.history == run.history
    again = zoo.train("vae", few, epochs=3, folder=folder, resume=True, **SMALL)  # nothing to do
    assert again.metrics == run.metrics


def test_a_resumed_run_draws_the_same_pairs(few, tmp_path):
    given = {"epochs": 3, "widths": (16,), "batch_size": 50, "neighbours": 4}
    whole = zoo.train("neighbour_ae", few, folder=tmp_path / "whole", **given)
    assert set(whole.history) == {"loss", "attraction", "repulsion", "val_loss"}
    stopped = given | {"folder": tmp_path / "stopped"}
    with pytest.raises(KeyboardInterrupt):
        zoo.train("neighbour_ae", few, callbacks=[InterruptAt(2)], **stopped)
    resumed = zoo.train("neighbour_ae", few, resume=True, **stopped)
    assert weights(resumed.folder) == weights(whole.folder)
    for name, values in whole.history.items():  # a loss of three terms, added in any order
        assert resumed.history[name] == pytest.approx(values, rel=1e-6)
    other = zoo.train("neighbour_ae", few, folder=tmp_path / "other", seed=1, **given)
    assert weights(other.folder) != weights(whole.folder)


def test_resumed_without_a_folder_it_is_the_newest_run_of_its_name(few, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = {"epochs": 2, "resume": True} | SMALL
    assert zoo.train("vae", few, **given).folder.name == "vae-array-seed0"
    assert zoo.train("vae", few, **given | {"resume": False}).folder.name == "vae-array-seed0-2"
    (tmp_path / "runs/vae-array-seed0-2/metrics.json").unlink()  # as if it were not finished
    assert zoo.train("vae", few, **given).folder.name == "vae-array-seed0-2"
    assert len(list((tmp_path / "runs").iterdir())) == 2


def test_killed_in_the_middle_of_an_epoch_it_ends_with_the_same_weights(few, tmp_path):
    """Real processes, for a variant that draws noise."""
    np.save(tmp_path / "digits.npy", few)
    command = [sys.executable, "-m", "zoo", "train", "vae", "digits.npy", "widths=[16]",
               "--epochs", "20", "--batch-size", "2", "--resume", "--folder"]  # fmt: skip

    def start(folder):
        return subprocess.Popen(
            [*command, folder], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def finish(process):
        _, told = process.communicate(timeout=300)
        assert process.returncode == 0, told.decode()

    finish(start("whole"))
    process, checkpoint = start("killed"), tmp_path / "killed" / "checkpoint.safetensors"
    while not checkpoints.files(checkpoint):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    refused = pytest.raises(UsageError, match="Another process is training in")
    with refused, runs.claimed(tmp_path / "killed"):
        pass
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert not (tmp_path / "killed" / "weights.safetensors").exists()
    finish(start("killed"))
    assert weights(tmp_path / "killed") == weights(tmp_path / "whole")
    killed, whole = (
        json.loads((tmp_path / name / "history.json").read_text()) for name in ("killed", "whole")
    )
    assert killed.pop("run_id") != whole.pop("run_id")
    assert killed == whole


def test_another_run_in_the_folder_is_refused(run, few):
    calls = [
        ({"variant": "pca"}, "with variant='vae'. Received: variant='pca'"),
        ({"seed": 5}, "with seed=0. Received: seed=5"),
        ({"epochs": 4}, r"with recipe.epochs=3. Received: recipe.epochs=4"),
        ({"latent_dim": 2}, "with arguments.latent_dim=3. Received: arguments.latent_dim=2"),
        ({"data": few[:500]}, "with data.fingerprint="),
    ]
    for change, told in calls:
        given = {"variant": "vae", "data": few, "epochs": 3, **SMALL} | change
        if change.get("variant") == "pca":
            given = {"variant": "pca", "data": few}
        with pytest.raises(UsageError, match=told):
            zoo.train(**given, folder=run.folder, resume=True)
    with pytest.raises(UsageError, match=r"already holds this run: continue it with resume=True"):
        zoo.train("vae", few, epochs=3, folder=run.folder, **SMALL)


def test_a_folder_of_other_things_is_refused(few, tmp_path):
    (tmp_path / "mine").write_text("")
    with pytest.raises(UsageError, match=r"holds no run, but other files"):
        zoo.train("pca", few, folder=tmp_path)
    with pytest.raises(UsageError, match=r"cannot be written"):
        zoo.train("pca", few, folder=tmp_path / "mine" / "run")
    with pytest.raises(UsageError, match=r"mine must be a folder; it is a file"):
        zoo.train("pca", few, folder=tmp_path / "mine")


def damage(path):
    """A bit is flipped in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)


def test_a_damaged_checkpoint_costs_an_epoch_and_not_the_run(few, run, tmp_path, capsys):
    with pytest.raises(KeyboardInterrupt):
        zoo.train("vae", few, epochs=3, folder=tmp_path, callbacks=[InterruptAt(2)], **SMALL)
    path = tmp_path / "checkpoint.safetensors"
    assert [epochs for epochs, _ in checkpoints.files(path)] == [1, 2]
    shutil.copytree(tmp_path, tmp_path / "copy")
    damage(tmp_path / "checkpoint-2.safetensors")
    resumed = zoo.train("vae", few, epochs=3, folder=tmp_path, resume=True, **SMALL)
    told = capsys.readouterr().err
    assert "checkpoint-2.safetensors is damaged: its content is not what was written." in told
    assert "Training goes on from the end of epoch 1." in told
    assert weights(resumed.folder) == weights(run.folder)
    assert resumed.history == run.history
    assert checkpoints.files(path) == []
    damage(tmp_path / "copy" / "checkpoint-1.safetensors")
    (tmp_path / "copy" / "checkpoint-2.safetensors").write_bytes(b"x" * 100)
    with pytest.raises(CheckFailedError, match=r"-2\.safetensors is not a whole.*Delete it to"):
        zoo.train("vae", few, epochs=3, folder=tmp_path / "copy", resume=True, **SMALL)


def test_two_checkpoints_are_kept(tmp_path):
    model = zoo.build("pca", input_shape=(4,), latent_dim=2)
    state, path = checkpoints.Checkpoint(tmp_path / "a.safetensors"), tmp_path / "a.safetensors"
    state.set_model(model)
    (tmp_path / "a-x.safetensors").write_text("another's")
    for epochs in (8, 9, 10, 11):
        state.keep(epochs)
    assert [number for number, _ in checkpoints.files(path)] == [10, 11]
    assert checkpoints.Checkpoint(path).restore(model) == 11
    checkpoints.delete(path)
    assert [each.name for each in tmp_path.iterdir()] == ["a-x.safetensors"]
    assert checkpoints.Checkpoint(path).restore(model) == 0


def test_a_loss_that_diverges_stops_with_a_sentence(few, tmp_path):
    class Break(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                last = self.model.trainable_weights[-1]  # no ReLU after it to swallow the NaN
                last.assign(last * np.nan)

    with pytest.raises(
        DivergedError, match=r"The loss in step \d+ of epoch 2 is not finite: lower"
    ):
        zoo.train("vae", few, epochs=3, folder=tmp_path, callbacks=[Break()], batch_size=20,
                  **SMALL)  # fmt: skip
    assert len(checkpoints.files(tmp_path / "checkpoint.safetensors")) == 1


@pytest.mark.parametrize("kind", ["array", "stream"])
def test_plain_fit_stops_when_it_diverges(few, kind):
    class Break(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            last = self.model.trainable_weights[-1]
            last.assign(last * np.nan)

    model, labels = zoo.build("shallow_ae", latent_dim=3), np.arange(len(few)) % 2
    for each, rows in ((model, (few,)), (zoo.classifier(model, 2), (few, labels))):
        if kind == "stream":
            rows = (fit_streams.batches(rows if len(rows) > 1 else few, 32),)
        with pytest.raises(DivergedError, match=r"epoch 1 is not finite.*The model's weights are"):
            each.fit(*rows, epochs=2, verbose=0, callbacks=Break())


def test_the_order_of_the_images_is_a_function_of_seed_and_epoch():
    import tensorflow as tf

    images = np.arange(10, dtype="float32").reshape(10, 1, 1, 1)
    epoch = tf.Variable(0, dtype=tf.int64)
    batches = fit_streams.batches(images, 4, resumable_fit._keys(7, epoch))
    orders = []
    for number in (0, 1, 0):
        epoch.assign(number)
        parts = [np.ravel(b) for b in batches]
        assert [len(p) for p in parts] == [4, 4, 2]
        orders.append(np.concatenate(parts).tolist())
    assert orders[0] == orders[2] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(10))


def test_steps_are_counted_to_the_end_of_the_data(few, tmp_path):
    run = zoo.train("vae", few, epochs=2, batch_size=25, validation_split=0.0, folder=tmp_path,
                    **SMALL)  # fmt: skip
    assert int(run.model.optimizer.iterations) == 2 * 20  # 480 rows, also where 16 steps are one
    assert set(run.history) == {"loss", "kl"}


def test_what_is_done_after_the_last_epoch_is_shown(tmp_path, capfd):
    rows = np.random.default_rng(0).random((60, 6), np.float32)
    zoo.train("linear_ae", rows, epochs=1, folder=tmp_path, latent_dim=2)
    last_epoch, *shown = capfd.readouterr().err.splitlines()[-4:]
    assert last_epoch.startswith("epoch 1/1")
    assert shown == [
        "fitting a PCA of the same size to 48 training rows",
        "evaluating on 12 test rows",
        "drawing figures",
    ]


def test_pca_is_adapted_and_needs_no_epochs(few, tmp_path):
    run = zoo.train("pca", few, latent_dim=5, validation_split=0.0, folder=tmp_path)
    assert run.history == {}
    assert run.metrics["sse"] == pytest.approx(run.metrics["pca_sse"], rel=1e-5)


def test_default_folders_are_new_ones(few, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folders = [str(zoo.train("pca", few, latent_dim=2).folder) for _ in range(2)]
    assert folders == [os.path.join("runs", f"pca-array-seed0{end}") for end in ("", "-2")]


def test_tensorboard_is_an_extra(few, tmp_path, uninstall):
    uninstall("tensorboard")
    with pytest.raises(MissingExtraError, match=r"pip install 'autoencoder-zoo\[tensorboard\]'"):
        zoo.train("vae", few, epochs=1, folder=tmp_path / "run", tensorboard=True, **SMALL)
    assert not (tmp_path / "run").exists()


def test_weights_that_end_as_nan_stop_the_run(few, tmp_path):
    class Break(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            last = self.model.trainable_weights[-1]
            last.assign(last * np.nan)

    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise AssertionError("the epoch's end was told before it was looked at")

    with pytest.raises(
        DivergedError, match=r"of epoch 1 is not finite: .* There is no checkpoint yet"
    ):
        zoo.train("vae", few, epochs=1, folder=tmp_path, callbacks=[Break(), Stop()],
                  batch_size=1000, validation_split=0.0, **SMALL)  # fmt: skip
    assert not checkpoints.files(tmp_path / "checkpoint.safetensors")


def test_damaged_weights_and_configuration_are_refused(run, tmp_path):
    folder = shutil.copytree(run.folder, tmp_path / "copy")
    data = bytearray((folder / "weights.safetensors").read_bytes())
    data[-3] ^= 4
    (folder / "weights.safetensors").write_bytes(data)
    with pytest.raises(CheckFailedError, match=r"weights.safetensors is damaged"):
        zoo.Run.open(folder)
    for content in ("{}", "[]"):
        (folder / "metrics.json").write_text(content)
        with pytest.raises(
            UsageError, match=r"metrics.json is damaged: .* zoo.train did not write it"
        ):
            zoo.Run.open(folder)
    (folder / "metrics.json").write_text("{")
    with pytest.raises(UsageError, match=r"metrics.json is damaged: train the run again"):
        zoo.Run.open(folder)
    (folder / "config.json").write_text("{}")
    with pytest.raises(UsageError, match=r"config.json is damaged"):
        zoo.Run.open(folder)


@pytest.mark.parametrize("channels", [2, 3, 4])
def test_any_channels_train_to_the_end(channels, tmp_path):
    x = np.random.default_rng(0).random((20, 8, 8, channels), dtype="float32")
    run = zoo.train("conv_ae", x, epochs=1, filters=(2,), latent_dim=2, folder=tmp_path)
    assert (run.folder / "figures" / "reconstructions.png").exists()
    assert zoo.evaluate(run, x) == zoo.evaluate(run.folder, x) == run.metrics


FULL = """
import resource, signal, sys
import numpy as np, zoo
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    zoo.train("vae", np.load(sys.argv[1]), epochs=1, folder="run")
except zoo.errors.UsageError as error:
    print(error)
"""


def test_a_disk_that_takes_no_more_is_told_and_the_run_can_go_on(few, tmp_path):
    np.save(tmp_path / "few.npy", few)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FULL, "few.npy"], cwd=tmp_path,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "checkpoint-1.safetensors cannot be written: File too large." in done.stdout, done.stderr
    assert not (tmp_path / "run").exists()  # nothing was learnt
    assert zoo.train("vae", few, epochs=1, folder=tmp_path / "run", resume=True).metrics
