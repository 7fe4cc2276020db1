r"""Neighbour auto-encoder: codes of neighbouring rows lie together, and codes of others apart.

The similarity of two codes is $q(z, z') = 1 / (1 + \lVert z - z' \rVert^2)$. Each row $i$ of a
batch of $n$ has a partner, drawn from its nearest neighbours, with the code $p_i$. With the weights
$\alpha$, `attraction_weight`, and $\gamma$, `repulsion_weight`:

$$L_i = H(x_i, \hat x_i) - \alpha \log q(z_i, p_i) + \gamma \log \sum_{j=1}^{n} q(z_i, p_j)$$

$H$ is the cross-entropy, as the mean over the numbers of a row. With `standardise=True` the output
has no sigmoid, and $H$ is the mean of the squared error of the standardised numbers.
"""

from typing import Literal

import keras
import numpy as np

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.inputs.columns import Columns
from zoo.layers import Attraction, Repulsion
from zoo.registry import Recipe, register
from zoo.search import neighbour_graph


@register(
    # Five settings were tried on 5,000 to 10,000 digits and judged by held-out ones, without labels
    # (results/tuning.jsonl): of the 15 nearest rows .197 are nearest in the plane too, .171 by the
    # cross-entropy of UMAP with five random rows for each pair, .170 with its edge weights, and
    # .162 with one random row.
    recipe=Recipe(
        loss="binary_crossentropy",
        learning_rate=3e-3,
        schedule="cosine",
        batch_size=128,
        epochs=100,
        steps_per_execution=16,
    ),
    tiny={"input_shape": (6, 6, 1), "widths": (16, 8), "neighbours": 5},
    modes=({"standardise": True, "input_shape": (7,)},),
    feature_arguments={"standardise": True},
    paper="Damrich, Böhm, Hamprecht & Kobak, 2023; Sainburg, McInnes & Gentner, 2021",
)
def neighbour_ae(
    input_shape: tuple[int, ...] = (28, 28, 1),
    *,
    widths: tuple[int, ...] = (512, 512, 256),
    latent_dim: int = 2,
    activation: Literal["silu", "relu", "sigmoid", "tanh"] = "silu",
    neighbours: int = 15,
    attraction_weight: float = 1.0,
    repulsion_weight: float = 1.0,
    standardise: bool = False,
    missing: Literal["refuse", "mask"] = "refuse",
    hidden: float = 0.2,
    columns: Columns | None = None,
):
    """Builds a dense auto-encoder whose codes keep the neighbours of the input: parametric t-SNE.

    For rows i, a partner p(i) drawn from the nearest `neighbours` of i, codes z, and the similarity
    q(z, z') = 1 / (1 + ‖z - z'‖²), the loss of a row is

        reconstruction - attraction_weight · log q(zᵢ, z of p(i))
        + repulsion_weight · log of the sum over rows r of the batch of q(zᵢ, z of p(r)),

    with both weights 1 the InfoNCE loss of contrastive t-SNE (Damrich et al.), minimised by
    an encoder and a decoder (Sainburg et al., section 2.3). `fit` shows the two terms as
    `attraction` and `repulsion`. Larger batches hold more random rows.

    The neighbours are found once, before the first epoch, so `fit` needs all rows in memory; see
    `AutoEncoder.fit`. New rows are encoded without them. Validation and test rows have no partners:
    `evaluate` and `val_loss` show the reconstruction loss alone.

    Args:
        input_shape: Tuple of integers. Shape of one image, or of any other array of numbers in [0,
            1]. Defaults to `(28, 28, 1)`.
        widths: Tuple of integers. Sizes of the encoder's hidden layers; the decoder has them in
            reverse. Defaults to `(512, 512, 256)`.
        latent_dim: Integer. Size of the latent code. Defaults to 2.
        activation: String. Activation of the hidden layers: `"silu"`, `"relu"`, `"sigmoid"` or
            `"tanh"`. Defaults to `"silu"`.
        neighbours: Integer. Number of nearest rows that the partners of a row are drawn from, less
            than the number of rows. Defaults to 15.
        attraction_weight: Float. Weight in the loss of the attraction of neighbours; 0 for none.
            Defaults to 1.
        repulsion_weight: Float. Weight in the loss of the repulsion of random rows; 0 for none.
            More than `attraction_weight` lets the codes grow without bound. Defaults to 1.
        standardise: Boolean. Whether features of any range are first scaled to zero mean and unit
            deviation, as `adapt` finds them. Defaults to False.
        missing: String. `"mask"` takes missing cells, NaN, and `"refuse"` refuses them; see
            `zoo.blocks.flat_input`. Defaults to `"refuse"`.
        hidden: Float in [0, 1). Fraction of the observed cells that training hides; see
            `zoo.blocks.flat_input`. Defaults to 0.2.
        columns: `Columns` of a table with categories; see `zoo.blocks.flat_input`. Defaults to
            None.

    Returns:
        A `NeighbourAutoEncoder`.

    Example:

    >>> model = zoo.build("neighbour_ae", input_shape=(6, 6, 1), widths=(16, 8))
    >>> model.encode(np.zeros((4, 6, 6, 1), np.float32)).shape
    (4, 2)
    """
    inputs, x, restore = blocks.flat_input(
        input_shape, standardise, columns=columns, missing=missing, hidden=hidden
    )
    code, levels = blocks.dense_encoder(x, (*widths, latent_dim), activation)
    if attraction_weight:
        code = Attraction(attraction_weight, name="attraction")(code)
    if repulsion_weight:
        code = Repulsion(repulsion_weight, name="repulsion")(code)
    latent = blocks.latent_code(code)

    x = blocks.dense_decoder(latent, levels, activation)

    return NeighbourAutoEncoder(inputs, restore(x))


@keras.saving.register_keras_serializable(package="zoo")
class NeighbourAutoEncoder(AutoEncoder):
    """`AutoEncoder` that learns from pairs of neighbouring rows.

    `neighbour_ae` builds it. Its arguments are those of `AutoEncoder`.

    Example:

    >>> model = zoo.build("neighbour_ae", input_shape=(4,), neighbours=1)
    >>> model.partners(np.float32([[0, 0, 0, 0], [0, 0, 0, 1], [1, 1, 1, 1]])).tolist()
    [[1], [0], [1]]
    """

    def partners(self, x: np.ndarray) -> np.ndarray:
        """Returns the nearest `neighbours` of each row, among standardised features.

        A category counts as a number for each class, and a missing cell as the mean of its column.

        Args:
            x: Float32 array, `(rows, *input_shape)`.

        Returns:
            Integer array of row numbers, `(rows, neighbours)`.

        Raises:
            UsageError: If there are not more rows than `neighbours`.
        """
        if self.standardisation or self.missing_cells:
            flat = keras.Model(self.inputs[0], self.get_layer("flat").output)
            x = keras.ops.convert_to_numpy(flat(x))
        if self.missing_cells:
            x = np.where(np.isnan(x), self.missing_cells.mean, x)
        return neighbour_graph.neighbours(x, self.arguments["neighbours"])
