"""The commands `zoo search index` and `zoo search query`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from zoo.cli import completions
from zoo.cli.console import app, command, require_place, show_result
from zoo.cli.options import Exported, Json
from zoo.errors import UsageError

SHOWN = 10  # the most reasons for skipped files or texts that are printed

search_app = typer.Typer(
    help="Search for similar images or texts by their latent codes.",
    epilog="Example: zoo search index exports/conv_ae photos",
    no_args_is_help=True,
)
app.add_typer(search_app, name="search")


@command(search_app, "zoo search index exports/conv_ae photos")
def index(
    bundle: Exported,
    data: Annotated[
        str,
        typer.Argument(
            help="What to index: a folder of images or texts, or a single one, with their paths as "
            "ids (images are prepared as those that the model was trained on), or the training "
            "split of a dataset or data file, with the row numbers as ids.",
            autocompletion=completions.datasets,
        ),
    ],
    to: Annotated[
        Path | None,
        typer.Option(help="Index file to write. Defaults to BUNDLE.index, beside the bundle."),
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(
            help="Distance between codes: l2 or cosine. Defaults to cosine for texts and to l2 "
            "otherwise."
        ),
    ] = None,
    approximate: Annotated[
        bool,
        typer.Option(
            "--approximate",
            help="Search approximately, by a graph of neighbours, which is faster for many codes. "
            "Needs faiss.",
        ),
    ] = False,
    json_: Json = False,
):
    """Encode images or texts, and write an index of their latent codes."""
    import zoo
    from zoo import search
    from zoo.datasets.readers import preparation
    from zoo.datasets.readers.addresses import address

    model, skipped, to = zoo.load(bundle), [], to or search.index_path(bundle)
    metric = metric or ("l2" if model.vocabulary is None else "cosine")
    search.require(metric, approximate)
    require_place(to)
    search.require_free(to)
    if model.vocabulary is not None:
        codes, ids, skipped = search.codes_of_texts(model, data)
        built = search.Index(model, codes, ids, metric, approximate)
        split = "every text with a known word"
    elif preparation.is_of_images(address(data)[0]):
        codes, ids, skipped = search.codes_of_folder(model, data)
        built = search.Index(model, codes, ids, metric, approximate)
        split = "every image"
    else:
        options = {"kind": model.kind_of_arrays, "missing": model.missing}
        rows = zoo.datasets.load(data, **options).train
        built = search.Index.build(model, rows, metric=metric, approximate=approximate)
        split = "train"
    for reason in skipped[:SHOWN]:
        print(f"skipped: {reason}", file=sys.stderr)
    if len(skipped) > SHOWN:
        print(f"skipped: {len(skipped) - SHOWN} more", file=sys.stderr)
    path = built.save(to)
    show_result(
        {"index": str(path), "rows": len(built), "split": split, "skipped": len(skipped)}, json_
    )


@command(search_app, "zoo search query exports/conv_ae photos/cat.png -k 5")
def query(
    where: Annotated[
        Path,
        typer.Argument(
            metavar="BUNDLE_OR_INDEX",
            help="Folder of an exported model, or the file of its index.",
            autocompletion=completions.exports,
        ),
    ],
    like: Annotated[
        str,
        typer.Argument(
            metavar="IMAGE_OR_FILE_OR_TEXT",
            help="What to search for: an image file, which is prepared as those that the model was "
            "trained on, or an .npy or .npz file of images; for a model of texts, a text or a .txt "
            "file.",
        ),
    ],
    k: Annotated[
        int | None,
        typer.Option(
            "-k", help="Number of neighbours. Defaults to 10, or to all rows if there are fewer."
        ),
    ] = None,
    json_: Json = False,
):
    """Print the nearest rows of an index, by their ids and distances, nearest first."""
    import zoo
    from zoo import search
    from zoo.datasets.readers import files, images
    from zoo.datasets.readers.addresses import address
    from zoo.search.sources import preparation_for

    if where.is_dir():
        model, file = zoo.load(where), search.index_path(where)
        if not file.exists():
            raise UsageError(f"{where} has no index: write one with zoo search index {where} DATA.")
        opened = search.Index.load(file, model)
    else:
        opened = search.Index.load(where)
    if opened.model.vocabulary is not None:
        inputs, names = search.query_texts(opened.model, like), [like]
    elif not (path := address(like)[0]).is_file():
        raise UsageError(f"There is no file {like}.")
    elif path.suffix.lower() in images.SUFFIXES:
        image = images.read_image(path, preparation_for(opened.model, like))
        inputs, names = search.fitted(image, opened.model.input_shape[1:], path)[None], [like]
    else:
        inputs = files.read_rows(path, opened.model.kind_of_arrays)
        names = list(range(len(inputs)))
        if not names:
            raise UsageError(f"The query must hold at least one image. Received: none in {like}.")
    ids, distances = opened.query(inputs, min(10, max(1, len(opened))) if k is None else k)
    matches = [
        {"query": name, "id": row_id, "distance": distance}
        for name, *row in zip(names, ids.tolist(), distances.tolist(), strict=True)
        for row_id, distance in zip(*row, strict=True)
    ]
    show_result(matches, json_, columns=True)
