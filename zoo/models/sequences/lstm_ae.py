r"""Recurrent auto-encoder: an LSTM reads a sequence into a code, and another writes it again.

With the standardised channels $x_t$ at step $t$, the principal components of whole sequences $x$ as
the columns of $P$ and their mean $m$, and the state of each LSTM starting at zero:

$$(h_t, c_t) = \mathrm{LSTM}(x_t, h_{t-1}, c_{t-1}), \qquad
z = (x - m) P + (h_T U + a) W + b$$

The decoder reads what PCA makes of the code, $y = z P^\top + m$, and writes what is added to it:

$$(g_t, d_t) = \mathrm{LSTM}'(y_t, g_{t-1}, d_{t-1}), \qquad \hat x_t = y_t + g_t V + c$$

$W$ and $V$ start at zero, so that training starts with PCA. Without `pca_path` the decoder reads
the code at every step, $z = h_T W + b$ and $\hat x_t = g_t V + c$. The loss is the mean of
$(x_t - \hat x_t)^2$ over steps and channels.
"""

from typing import Literal

import keras

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.registry import Recipe, register


@register(
    recipe=Recipe(loss="mse", learning_rate=3e-3, schedule="cosine", batch_size=32),
    tiny={"input_shape": (9, 2), "units": 8, "latent_dim": 3},
    kinds=("sequences",),
    value_range=None,
    paper="Srivastava, Mansimov & Salakhutdinov, 2015",
)
def lstm_ae(
    input_shape: tuple[int, ...] = (28, 28),
    *,
    units: int = 128,
    latent_dim: int = 32,
    standardise: bool = True,
    pca_path: bool = True,
    latent_weight: float = 0.0,
    missing: Literal["refuse", "mask"] = "refuse",
    hidden: float = 0.2,
):
    """Builds a recurrent auto-encoder of sequences with a dense code.

    The decoder sees no step of the sequence, so that the whole sequence must pass through the code;
    Malhotra et al. (2016) find anomalies of sensors by its error.

    Args:
        input_shape: Tuple of integers. Steps and channels of a sequence. Defaults to `(28, 28)`.
        units: Integer. Size of the state of each LSTM. Defaults to 128.
        latent_dim: Integer. Size of the latent code. Defaults to 32.
        standardise: Boolean. Whether each channel is first scaled to zero mean and unit deviation,
            as `adapt` finds them. Defaults to True.
        pca_path: Boolean. Whether code and reconstruction are those of a PCA, as `adapt` finds it,
            plus what the network adds, which starts at zero; without it the network is alone.
            Defaults to True.
        latent_weight: Float. Weight in the loss of the squared length of the code, which draws
            codes towards zero. Defaults to 0, for none.
        missing: String. `"mask"` takes missing cells, NaN, in the input: the encoder sees which
            cells are missing, the loss counts the observed ones, and `impute` fills the others.
            `"refuse"` refuses them. Defaults to `"refuse"`.
        hidden: Float in [0, 1). Only for `missing="mask"`: the fraction of the observed cells that
            are hidden in each training step, and that the loss still counts. Defaults to 0.2.

    Returns:
        An `AutoEncoder`.

    Example:

    >>> model = zoo.build("lstm_ae", input_shape=(9, 2), units=8, latent_dim=3)
    >>> model.encode(np.zeros((4, 9, 2), np.float32)).shape
    (4, 3)
    """
    sequences, x, restore = blocks.sequence_input(
        input_shape, standardise, missing=missing, hidden=hidden
    )
    steps, channels = x.shape[1:]
    path = blocks.PcaPath(x, latent_dim, pca_path)
    last = keras.layers.LSTM(units, name="encoder")(x)
    latent = blocks.latent_code(path.code(last), latent_weight)

    x = path.linear(latent) if pca_path else keras.layers.RepeatVector(steps)(latent)
    x = keras.layers.LSTM(units, return_sequences=True, name="decoder")(x)
    x = keras.layers.Dense(  # of each step
        channels, kernel_initializer=path.last_initializer, name="decoded"
    )(x)

    return AutoEncoder(sequences, restore(path.output(latent, x)))
