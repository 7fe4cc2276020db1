"""The rows: what is held against whom, on MNIST's test set."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

from zoo.reproduce import measures


@dataclasses.dataclass(frozen=True)
class Row:
    """One result to reach.

    Attributes:
        title: what is measured, on what.
        unit: of the value.
        published: what others report.
        target: what ours is held against.
        measure: from a seed, and a folder for pictures, to a dict of the `value` and of what else
            belongs on record.
        beside: which of those are told beside the value.
    """

    title: str
    unit: str
    published: str
    target: str
    measure: Callable[[int, Path], dict]
    beside: tuple[str, ...] = ()


ROWS = {
    "1": Row(
        title="PCA with 30 components",
        unit="sse",
        published="13.87 (Hinton & Salakhutdinov, 2006)",
        target="13.866 ± 0.5 %, the closed form",
        measure=measures.pca,
    ),
    "2": Row(
        title="deep auto-encoder 784-1000-500-250-30, trained on jittered copies too",
        unit="sse",
        published="3.00, with RBMs (Hinton & Salakhutdinov, 2006)",
        target="≤ 2.65",
        measure=measures.deep,
        beside=("train_sse",),
    ),
    "8": Row(
        title="k-sparse auto-encoder, k = 25 of 1000 (150 at rest), logistic regression",
        unit="% error",
        published="reported as about 1.35 (Makhzani & Frey, 2014)",
        target="≤ 1.5",
        measure=measures.k_sparse,
    ),
    "10": Row(
        title="denoising convolutional auto-encoder, noise of deviation 0.4, clipped to [0, 1]",
        unit="binary cross-entropy",
        published="0.0839 (keras.io)",
        target="≤ 0.084",
        measure=measures.denoising,
        beside=("floor", "excess"),
    ),
    "11": Row(
        title="variational auto-encoder, code of 2 numbers, cross-entropy + KL",
        unit="nats",
        published="146.95, on training and test images (keras.io)",
        target="≤ 147 on test images",
        measure=measures.variational,
    ),
    "13": Row(
        title="vector-quantised auto-encoder, 7 × 7 codes, 128 entries of 16 numbers",
        unit="mse",
        published="about 0.0042, on training images (keras.io)",
        target="≤ 0.0042 on test images",
        measure=measures.quantised,
        beside=("codebook_use",),
    ),
    "2-D": Row(
        title="deep auto-encoder, code of 2 numbers: 5 nearest training codes",
        unit="accuracy",
        published="–",
        target="≥ 0.80",
        measure=measures.two_numbers,
        beside=("pca",),
    ),
    "unpooling": Row(
        title="convolutional auto-encoder, unpooling by remembered positions, 10,000 images",
        unit="sse",
        published="–",
        target="below filling, whose code has no positions beside it",
        measure=measures.unpooling,
        beside=("fill", "switch_bits"),
    ),
}
