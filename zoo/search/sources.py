"""Encodes the images of a folder, or texts, for an index."""

import os.path
from pathlib import Path

import numpy as np

from zoo import datasets
from zoo.datasets.readers import folder_data, folders, memory, preparation, texts
from zoo.datasets.readers.addresses import address
from zoo.datasets.readers.images import SUFFIXES, decoded, read_image
from zoo.errors import UsageError
from zoo.inputs import kinds

BATCH = 256


def codes_of_folder(model, folder: str | Path) -> tuple[np.ndarray, list[str], list[str]]:
    """Encodes every image file below a folder, in the order of the paths.

    Args:
        model: `Bundle` or `AutoEncoder` of a model that takes images.
        folder: String or path of a folder of image files, or of one image file. Grey images are
            also accepted by a model that takes three channels. The images are prepared as those
            that the model was trained on, or as an address says:
            `"FOLDER?image_size=64x64&fit=crop&color=rgb"`. A few images are in memory at a time.

    Returns:
        A tuple of three: the latent codes, `(rows, ...)`; the list of the paths of their files; and
        a list with a sentence for each file or folder that was left out, because it cannot be read
        or the image has another size than the model takes.

    Raises:
        UsageError: If there are no images, or more than half of them are left out.

    Example:

    >>> from PIL import Image
    >>> Path("pictures").mkdir()
    >>> Image.new("L", (4, 4)).save("pictures/black.png")
    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> codes, paths, skipped = codes_of_folder(model, "pictures")
    >>> codes.shape, len(paths), skipped
    ((1, 2), 1, [])
    """
    prepared = preparation_for(model, folder)
    folder, _ = address(folder)
    files = folders.find(folder, SUFFIXES)
    codes, kept, skipped, batch = [], [], files.unread, []
    total = len(files.paths) + len(skipped)
    found = decoded(files.paths, prepared, read_image)
    for path, image in zip(files.paths, found, strict=True):
        try:
            if isinstance(image, UsageError):
                raise image
            batch.append(fitted(image, model.input_shape[1:], path))
        except UsageError as error:
            skipped.append(str(error))
            continue
        kept.append(str(path))
        if len(batch) == BATCH:
            codes.append(model.encode(np.stack(batch)))
            batch = []
    folder_data.require_half(folder, total, skipped)
    if not kept:
        raise UsageError(
            f"A folder must hold image files ({', '.join(sorted(SUFFIXES))}). Received: {folder}, "
            "without any."
        )
    if batch:
        codes.append(model.encode(np.stack(batch)))
    return np.concatenate(codes), kept, skipped


def preparation_for(model, source: str | Path) -> preparation.Preparation:
    """Returns the preparation of images for a model.

    Args:
        model: `Bundle` or `AutoEncoder` of a model that takes images.
        source: String or path of an image file or a folder, or its address with options.

    Returns:
        The `Preparation` that the address names, or else that of the images the model was trained
        on.

    Raises:
        UsageError: If an option of the address is not accepted.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> preparation_for(model, "photos?image_size=4x4")
    Preparation(image_size=(4, 4), fit='crop', color=None)
    """
    _, options = address(source)
    options.pop(memory.OPTION, None)  # a few images at a time are in memory in any case
    return preparation.given(options) if options else preparation.of_record(model)


def fitted(image: np.ndarray, shape: tuple, path) -> np.ndarray:
    """Returns an image in the shape that a model takes.

    A grey image is repeated three times for a model that takes three channels.

    Args:
        image: Array of shape `(height, width, channels)`.
        shape: Tuple. The shape of one image that the model takes.
        path: String or path of the image, for the message.

    Returns:
        Array of shape `shape`.

    Raises:
        UsageError: If the image has another shape.

    Example:

    >>> fitted(np.zeros((4, 4, 1)), (4, 4, 3), "grey.png").shape
    (4, 4, 3)
    """
    if image.shape[-1] == 1 and shape[-1] == 3:
        image = np.repeat(image, 3, axis=-1)
    if image.shape != tuple(shape):
        raise UsageError(
            f"images must have the shape {tuple(shape)}, which this model takes. "
            f"Received: {image.shape} in {path}."
        )
    return image


def codes_of_texts(model, source) -> tuple[np.ndarray, list, list[str]]:
    """Encodes the `.txt` files of a folder, the training texts of a dataset, or texts themselves.

    Args:
        model: `Bundle` or `AutoEncoder` of a model that takes texts.
        source: String or path of a folder or a `.txt` file, or `"FOLDER?encoding=latin-1"`; a name
            or file that `zoo.datasets.load` accepts; a `Dataset`; or all texts: a list of strings
            or of paths of `.txt` files, or a `Split`.

    Returns:
        A tuple of three: the latent codes, `(rows, ...)`; the list of the files' paths, or of the
        row numbers; and a list with a sentence for each text that was left out, because it cannot
        be read or has no known word.

    Raises:
        UsageError: If the data are not texts, or no text has a known word.

    Example:

    >>> Path("animals").mkdir()
    >>> _ = Path("animals", "cats.txt").write_text("Cats purr.")
    >>> model = zoo.build("document_ae", input_shape=(8,), widths=(6,), latent_dim=2)
    >>> model = model.adapt(["cats purr loudly", "dogs bark loudly"])
    >>> codes, paths, skipped = codes_of_texts(model, "animals")
    >>> codes.shape, len(paths), skipped
    ((1, 2), 1, [])
    >>> codes_of_texts(model, ["Cats bark.", "Cows moo."])[1:]
    ([0], ['1 has no known word.'])
    """
    ids, contents, skipped = _read(source)
    known = model.vocabulary.weigh(contents).any(axis=1)
    skipped += [
        f"{name} has no known word." for name, kept in zip(ids, known, strict=True) if not kept
    ]
    if not known.any():
        raise UsageError(
            "The texts must hold words that the model knows. Received: "
            f"{source if isinstance(source, (str, Path)) else 'texts'}: {''.join(skipped[:1])}"
        )
    kept = [row for row, is_known in enumerate(known) if is_known]
    return model.encode([contents[row] for row in kept]), [ids[row] for row in kept], skipped


def _read(source):
    """Returns the paths or the row numbers of texts, the texts, and sentences on those left out."""
    if isinstance(source, (str, Path)):
        folder, options = address(source)
        if os.path.exists(folder) and folders.holds(folder, texts.SUFFIXES):
            files, encoding = folders.find(folder, texts.ALL_SUFFIXES), texts.encoding_in(options)
            contents, kept, skipped = texts.read_all(files.paths, encoding)
            skipped = files.unread + skipped
            folder_data.require_half(folder, len(files.paths) + len(files.unread), skipped)
            return [str(files.paths[row]) for row in kept], contents, skipped
        source = datasets.load(source)
    rows = source.train if isinstance(source, datasets.Dataset) else datasets.rows(source)
    if rows.kind != kinds.DOCUMENTS.name or rows.inputs.ndim > 1:
        origin = f" from {source.name}" if isinstance(source, datasets.Dataset) else ""
        raise UsageError(f"This model takes texts. Received: {rows.kind}{origin}.")
    names = isinstance(source, list) and rows.names  # those of a folder's dataset are no paths
    return list(names or range(len(rows))), list(rows.inputs), []


def query_texts(model, text: str) -> list[str]:
    """Returns the text of a query, or of the `.txt` file that it names.

    Args:
        model: `Bundle` or `AutoEncoder` of a model that takes texts.
        text: String. The text, or the path of a file that ends in `.txt`, which may be followed by
            `?encoding=latin-1`.

    Returns:
        List with the one text.

    Raises:
        UsageError: If the file does not exist or cannot be read, or the model knows no word of
            the text.

    Example:

    >>> model = zoo.build("document_ae", input_shape=(8,), widths=(6,), latent_dim=2)
    >>> model = model.adapt(["cats purr loudly", "dogs bark loudly"])
    >>> query_texts(model, "Do cats bark?")
    ['Do cats bark?']
    """
    path, options = address(text)
    if path.suffix == ".txt" and set(options) <= {"encoding"}:
        if not path.is_file():
            raise UsageError(f"There is no file {path}.")
        text = texts.read(path, texts.encoding_in(options))
    if not model.vocabulary.weigh([text]).any():
        raise UsageError(
            f"The query must have one of the {model.vocabulary.known} words that the model knows. "
            f"Received: {text!r:.80}."
        )
    return [text]
