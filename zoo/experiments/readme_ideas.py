"""The table of ideas in docs/: where each is implemented, taught and measured."""

from pathlib import Path

from zoo.experiments import reproduce
from zoo.experiments.readme_results import ours

# For each idea: the variants or functions that implement it, the number of its notebook, and the
# row of results that measures it, or None.
IDEAS = {
    "encoder, decoder and a latent code, learned without labels": (
        "`shallow_ae`, `deep_ae`",
        1,
        "2",
    ),
    "PCA as a linear auto-encoder with tied weights": ("`pca`, `TiedDense`", 1, "1"),
    "a deep auto-encoder, pre-trained layer by layer as RBMs": ("`dbn`, `zoo.pretrain`", 2, "3"),
    "document retrieval by short codes, compared with latent semantic analysis": (
        "`document_ae`",
        5,
        "14",
    ),
    "image retrieval by latent codes, compared with pixels": ("`zoo.search`", 6, "17"),
    "unsupervised pre-training, then fine-tuning with labels": (
        "`stacked_ae`, `zoo.finetune`",
        2,
        "6",
    ),
    "denoising": ("`denoising_ae`", 3, "10"),
    "contraction": ("`contractive_ae`", 3, "7"),
    "restricted Boltzmann machines, deep belief networks": ("`rbm`, `dbn`", 2, "5"),
    "unpooling with remembered positions, deconvolution": (
        "`conv_ae`, `Unpooling2D`",
        4,
        "unpooling",
    ),
    "generation from regularised codes": ("`latent_weight`, `zoo sample`", 7, "generation"),
    "variational and quantised codes": ("`vae`, `vq_vae`", 7, "13"),
    "anomaly detection by reconstruction error": ("`zoo.anomaly`, `zoo detect`", 9, "anomaly"),
    "export and serving": ("`zoo.export`, `zoo.load`", 8, None),
}


NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def ideas() -> str:
    """Returns the table of ideas: the variant, the notebook, the result and its verdict.

    Returns:
        A string, Markdown.

    Example:

    >>> ideas().startswith("| idea | here |")
    True
    """
    rows = ["| idea | here | notebook | measured | verdict |", "|---|---|---|---|---|"]
    for idea, (here, number, row) in IDEAS.items():
        (path,) = NOTEBOOKS.glob(f"{number}_*.ipynb")
        link = f"[{number}](../notebooks/{path.name})"
        measured, verdict = "–", "–"
        if row:
            measured, verdict = ours(row), reproduce.ROWS[row].verdict(reproduce.lines_of(row))
        rows.append(f"| {idea} | {here} | {link} | {measured} | {verdict} |")
    return "\n".join(rows)
