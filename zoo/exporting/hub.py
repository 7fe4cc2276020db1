"""Prepares an exported model for the Hugging Face Hub, and uploads it."""

import json
from pathlib import Path

from zoo.errors import UsageError
from zoo.serving.hub import SCHEME, reason, repository
from zoo.storage.atomic import new_folder
from zoo.storage.manifest import Manifest

SHOWN = ("sse", "mse", "psnr", "ssim", "knn_accuracy", "probe_accuracy", "test_error")


def write_repository(bundle: str | Path, name: str, folder: str | Path | None = None) -> Path:
    """Writes the folder of a repository: the exported model, and its card as README.md.

    The card begins with the metadata that the Hub reads: licence, library, tags, dataset, and the
    metrics as a `model-index`.

    Args:
        bundle: String or path. The folder that `zoo.export` wrote.
        name: String. Name of the repository, `"owner/name"`.
        folder: String or path. The folder to write; one that was written before is replaced.
            Defaults to None, for `BUNDLE.hub` beside the exported model.

    Returns:
        `Path` of the folder.

    Raises:
        UsageError: If there is no exported model, if the name is not accepted, or if the folder
            cannot be written.
        CheckFailedError: If a file is not the one that was exported.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> _ = zoo.export(model, "linear")
    >>> sorted(path.name for path in write_repository("linear", "someone/linear").iterdir())[:3]
    ['README.md', 'autoencoder.onnx', 'card.md']
    """
    name, _ = repository(f"{SCHEME}{name}")
    manifest = Manifest.read(bundle)
    folder = Path(folder or f"{Path(bundle).absolute()}.hub")
    with new_folder(folder, overwrite=True) as stage:
        manifest.copy(bundle, stage)
        card = (stage / "card.md").read_text(encoding="utf-8")
        head = json.dumps(metadata(manifest.content, name), indent=2)  # JSON is YAML too
        use = f'```python\nimport zoo\n\nmodel = zoo.load("{SCHEME}{name}")\n```'
        (stage / "README.md").write_text(f"---\n{head}\n---\n\n{card}\n{use}\n", encoding="utf-8")
    return folder


def metadata(content: dict, name: str) -> dict:
    """Returns the metadata of a card on the Hub.

    Args:
        content: Dict. The content of the manifest.
        name: String. Name of the repository, `"owner/name"`.

    Returns:
        Dict: `license`, `library_name`, `tags`, and for a model with a record of its training
        `datasets` and `model-index`.

    Example:

    >>> content = {"variant": "pca", "data": None, "metrics": None}
    >>> metadata(content, "someone/pca")["tags"]
    ['autoencoder', 'onnx', 'pca']
    """
    facts = {
        "license": "apache-2.0",
        "library_name": "autoencoder-zoo",
        "tags": ["autoencoder", "onnx", content["variant"]],
    }
    if not content["data"] or not content["metrics"]:
        return facts
    data, metrics = content["data"]["name"], content["metrics"]
    result = {
        "task": {"type": "feature-extraction"},
        "dataset": {"type": data, "name": data, "split": "test"},
        "metrics": [{"type": key, "value": metrics[key]} for key in SHOWN if key in metrics],
    }
    index = [{"name": name.split("/")[1], "results": [result]}]
    return facts | {"datasets": [data], "model-index": index}


def push(bundle: str | Path, name: str) -> str:
    """Uploads an exported model to the Hugging Face Hub, by the account that is logged in there.

    Args:
        bundle: String or path. The folder that `zoo.export` wrote.
        name: String. Name of the repository, `"owner/name"`, which exists.

    Returns:
        The address of the commit.

    Raises:
        MissingExtraError: If `huggingface_hub` is not installed.
        UsageError: As for `write_repository`, or if the Hub refuses the upload or does not answer.

    Example:

    >>> push("exports/conv_ae", "someone/conv_ae")  # doctest: +SKIP
    """
    from huggingface_hub import HfApi, errors

    from zoo.storage.temporaries import scratch_folder

    with scratch_folder() as scratch:
        folder = write_repository(bundle, name, scratch / "repository")
        try:
            commit = HfApi().upload_folder(repo_id=name, folder_path=folder)
        except errors.RepositoryNotFoundError:
            raise UsageError(
                f"There is no repository {name} on the Hub that this account may write to."
            ) from None
        except Exception as error:  # the HTTP library of huggingface_hub has errors of its own
            raise UsageError(f"{name} cannot be uploaded to the Hub: {reason(error)}") from None
    return str(commit.commit_url)
