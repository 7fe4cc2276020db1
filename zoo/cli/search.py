"""`zoo search`: images like an image, or texts like a text, by their codes."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from zoo.cli.console import Json, app, command, require_place, show_result
from zoo.errors import UsageError

SHOWN = 10  # of the reasons why something is skipped

search_app = typer.Typer(
    help="Similar images or texts: index their codes, and query the index.",
    epilog="Example: zoo search index exports/conv_ae photos",
    no_args_is_help=True,
)
app.add_typer(search_app, name="search")


@command(search_app, "zoo search index exports/conv_ae photos")
def index(
    bundle: Annotated[Path, typer.Argument(help="An exported model.")],
    data: Annotated[
        str,
        typer.Argument(
            help="A folder of images or texts, whose paths are the ids; or a data set or data "
            "file, of which the training split is indexed, by row numbers."
        ),
    ],
    to: Annotated[
        Path | None, typer.Option(help="The file; by default BUNDLE.index, beside the bundle.")
    ] = None,
    metric: Annotated[
        str | None, typer.Option(help="l2 or cosine; by default l2, of texts cosine.")
    ] = None,
    approximate: Annotated[
        bool, typer.Option("--approximate", help="By a graph of neighbours; needs faiss.")
    ] = False,
    json_: Json = False,
):
    """Encode images, or texts, and write an index of their codes."""
    import zoo
    from zoo import search

    model, skipped, to = zoo.load(bundle), [], to or search.index_path(bundle)
    metric = metric or ("l2" if model.vocabulary is None else "cosine")
    search.require(metric, approximate)
    require_place(to)
    search.require_free(to)
    if model.vocabulary is not None:
        codes, ids, skipped = search.codes_of_texts(model, data)
        made = search.Index(model, codes, ids, metric, approximate)
        split = "every text with a known word"
    elif Path(data).expanduser().is_dir():
        codes, ids, skipped = search.codes_of_folder(model, Path(data).expanduser())
        made = search.Index(model, codes, ids, metric, approximate)
        split = "every image"
    else:
        rows = zoo.datasets.load(data).train
        made = search.Index.build(model, rows, metric=metric, approximate=approximate)
        split = "train"
    for reason in skipped[:SHOWN]:
        print(f"skipped: {reason}", file=sys.stderr)
    if len(skipped) > SHOWN:
        print(f"skipped: {len(skipped) - SHOWN} more", file=sys.stderr)
    path = made.save(to)
    show_result(
        {"index": str(path), "rows": len(made), "split": split, "skipped": len(skipped)}, json_
    )


@command(search_app, "zoo search query exports/conv_ae photos/cat.png -k 5")
def query(
    where: Annotated[
        Path,
        typer.Argument(metavar="BUNDLE_OR_INDEX", help="The exported model, or its index's file."),
    ],
    like: Annotated[
        str,
        typer.Argument(
            metavar="IMAGE_OR_FILE_OR_TEXT",
            help="An image, or an .npy or .npz of images; of a model of texts, words or a .txt.",
        ),
    ],
    k: Annotated[
        int | None, typer.Option("-k", help="Neighbours; by default 10, or as many as there are.")
    ] = None,
    json_: Json = False,
):
    """Print the ids of the rows most like an image or a text, nearest first, with distances."""
    import zoo
    from zoo import search
    from zoo.datasets import files, images

    if where.is_dir():
        model, file = zoo.load(where), search.index_path(where)
        if not file.exists():
            raise UsageError(f"{where} has no index: make one by zoo search index {where} DATA.")
        made = search.Index.load(file, model)
    else:
        made = search.Index.load(where)
    path = Path(like)
    if made.model.vocabulary is not None:
        inputs, names = search.asked(made.model, like), [like]
    elif not path.is_file():
        raise UsageError(f"There is no file {like}.")
    elif path.suffix.lower() in images.SUFFIXES:
        image = images.read_image(path)
        inputs, names = search.fitted(image, made.model.input_shape[1:], path)[None], [like]
    else:
        inputs = files.read_rows(path)
        names = list(range(len(inputs)))
        if not names:
            raise UsageError(f"There must be an image to query by. Received: none in {like}.")
    ids, distances = made.query(inputs, min(10, max(1, len(made))) if k is None else k)
    found = [
        {"query": name, "id": each, "distance": distance}
        for name, *row in zip(names, ids.tolist(), distances.tolist(), strict=True)
        for each, distance in zip(*row, strict=True)
    ]
    show_result(found, json_, columns=True)
