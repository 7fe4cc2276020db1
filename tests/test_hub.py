"""Models on the Hugging Face Hub: the repository's folder, its metadata, and opening an address."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

import zoo
from zoo.errors import MissingExtraError, UsageError
from zoo.exporting import hub
from zoo.serving.hub import repository

huggingface_hub = pytest.importorskip("huggingface_hub")
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports") / "pca"
    digits = zoo.datasets.load("mnist_5k")
    model = zoo.build("pca", latent_dim=4).adapt(digits)
    data = {"name": "mnist_5k", "fingerprint": "0" * 64, "licence": "none", "train_rows": 4000}
    model.record = {"data": data, "seed": 0, "metrics": zoo.evaluate(model, digits)}
    zoo.export(model, folder)
    return folder


@pytest.fixture(scope="module")
def written(exported):
    return hub.write_repository(exported, "someone/pca")


def test_a_repository_is_the_export_with_a_card_that_the_hub_reads(exported, written):
    assert written == exported.with_name("pca.hub")
    names = {path.name for path in exported.iterdir()}
    assert {path.name for path in written.iterdir()} == names | {"README.md"}
    card = huggingface_hub.ModelCard.load(written / "README.md")
    metrics = zoo.load(exported).manifest["metrics"]
    assert card.data.license == "apache-2.0"
    assert card.data.datasets == ["mnist_5k"]
    found = {result.metric_type: result.metric_value for result in card.data.eval_results}
    assert found["sse"] == metrics["sse"]
    assert 'zoo.load("hf://someone/pca")' in card.text
    assert (exported / "card.md").read_text() in card.text
    assert zoo.verify(written)["files"] == zoo.verify(exported)["files"]


def test_a_model_without_a_record_has_no_metrics(tmp_path):
    zoo.export(zoo.build("pca", input_shape=(4,), latent_dim=2).adapt(np.eye(4)), tmp_path / "a")
    card = huggingface_hub.ModelCard.load(hub.write_repository(tmp_path / "a", "x/y") / "README.md")
    assert card.data.eval_results is None


def test_the_command_writes_the_folder_again(exported):
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-m", "zoo", "push", exported, "someone/pca", "--dry-run"],
            capture_output=True, text=True,
        )  # fmt: skip
        assert (done.returncode, "pca.hub" in done.stdout) == (0, True), done.stderr


@pytest.fixture
def cached(written, tmp_path):
    """A cache of the Hub that was laid out by hand, and the environment to use it offline."""
    folder = tmp_path / "hub" / "models--someone--pca"
    shutil.copytree(written, folder / "snapshots" / COMMIT)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text(COMMIT)
    (folder / "refs" / "v1").write_text(COMMIT)
    return {**os.environ, "HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"}


def opened(address, environment):
    code = f"import zoo, numpy; print(zoo.load({address!r}).encode(numpy.zeros((1,28,28,1))).shape)"
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )


@pytest.mark.parametrize("address", ["hf://someone/pca", "hf://someone/pca@v1"])
def test_an_address_is_opened_from_the_cache(address, cached):
    done = opened(address, cached)
    assert done.stdout == "(1, 4)\n", done.stderr


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("hf://someone/pca@v2", "hf://someone/pca@v2 is not in the cache"),
        ("hf://someone/other", "hf://someone/other is not in the cache"),
        ("hf://someone", "must be hf://OWNER/NAME"),
        ("hf://someone/pca@", "must be hf://OWNER/NAME"),
    ],
)
def test_an_address_that_cannot_be_opened_is_told(address, told, cached):
    done = opened(address, cached)
    assert done.returncode == 1
    assert told in done.stderr.splitlines()[-1]
    assert "UsageError" in done.stderr.splitlines()[-1]


def test_the_extra_is_named_where_it_is_missing(uninstall):
    uninstall("huggingface_hub")
    with pytest.raises(MissingExtraError, match=r"pip install 'autoencoder-zoo\[hub\]'"):
        zoo.load("hf://someone/pca")


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda folder: hub.write_repository(folder, "someone/pca"), "is not an exported model"),
        (lambda folder: hub.write_repository(folder, "pca"), "must be hf://OWNER/NAME"),
        (lambda folder: zoo.load(folder / "nothing"), "There is no folder"),
    ],
)
def test_a_wrong_call_is_told(make, told, tmp_path):
    with pytest.raises(UsageError, match=told):
        make(tmp_path)


def test_an_address_is_split():
    assert repository("hf://a/b.c@refs/pr/1") == ("a/b.c", "refs/pr/1")
