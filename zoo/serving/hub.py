"""Downloads exported models from the Hugging Face Hub."""

import re
from pathlib import Path

from zoo.errors import UsageError

SCHEME = "hf://"
_ADDRESS = re.compile(r"hf://([\w.-]+/[\w.-]+?)(?:@([^@\s]+))?")


def repository(address: str) -> tuple[str, str | None]:
    """Returns the repository and the revision of an address.

    Args:
        address: String, `"hf://owner/name"` or `"hf://owner/name@revision"`.

    Returns:
        A pair: `"owner/name"`, and the revision or None.

    Raises:
        UsageError: If it is no such address.

    Example:

    >>> repository("hf://someone/digits@v1.0")
    ('someone/digits', 'v1.0')
    """
    match = _ADDRESS.fullmatch(address)
    if not match:
        raise UsageError(
            f"An address must be hf://OWNER/NAME or hf://OWNER/NAME@REVISION. Received: {address}"
        )
    return match[1], match[2]


def download(address: str) -> Path:
    """Returns the folder of a repository of the Hugging Face Hub; downloads what is not cached.

    Args:
        address: String, `"hf://owner/name"` or `"hf://owner/name@revision"`. A revision is a
            branch, a tag or a commit; without one, the newest commit is used.

    Returns:
        `Path` in the cache of `huggingface_hub`.

    Raises:
        MissingExtraError: If `huggingface_hub` is not installed.
        UsageError: If there is no such repository or revision, or if the Hub cannot be reached and
            the cache does not have it.

    Example:

    >>> download("hf://someone/digits@v1.0")  # doctest: +SKIP
    """
    name, revision = repository(address)
    import huggingface_hub
    from huggingface_hub import errors

    try:
        return Path(huggingface_hub.snapshot_download(name, revision=revision))
    except errors.RevisionNotFoundError:
        raise UsageError(f"{name} on the Hub has no revision {revision}.") from None
    except (errors.RepositoryNotFoundError, errors.HFValidationError):
        raise UsageError(f"There is no repository {name} on the Hub, or it is private.") from None
    except Exception as error:  # the HTTP library of huggingface_hub has errors of its own
        raise UsageError(
            f"{address} is not in the cache of huggingface_hub, and cannot be downloaded: "
            f"{reason(error)}"
        ) from None


def reason(error: Exception) -> str:
    r"""Returns the first line of an error's message, or its type if it has none.

    Args:
        error: Exception.

    Example:

    >>> reason(OSError("No route to host\nTry again")), reason(TimeoutError())
    ('No route to host', 'TimeoutError')
    """
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
