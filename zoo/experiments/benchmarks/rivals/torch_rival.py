"""A training loop in PyTorch: data in memory, a new order each epoch, no waiting for the loss."""

import torch
import torch.nn.functional as F

from zoo.experiments.benchmarks.rivals import torch_nets

VERSION = torch.__version__


def contender(
    variant, arguments, loss, learning_rate, images, batch, threads, fused=False, compiled=False
):
    """Returns a function that trains a net in PyTorch.

    Args:
        variant: String. Name of the variant.
        arguments: Dict. Sizes of the net.
        loss: String. Name of the loss.
        learning_rate: Float. Learning rate of Adam.
        images: Array of shape `(rows, height, width, channels)`.
        batch: Integer. Number of images in a batch.
        threads: Integer. Number of threads to use.
        fused: Boolean. Whether to use PyTorch's fused Adam. Defaults to False.
        compiled: Boolean. Whether loss and gradient pass through `torch.compile`. Defaults to
            False.

    Returns:
        A function `train(epochs)` that continues where its last call ended.
    """
    torch.set_num_threads(threads)
    encoder, decoder = torch_nets.NETS[variant](images.shape[1:], **arguments)
    parameters = [*encoder.parameters(), *decoder.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=learning_rate, fused=fused)
    data = torch_nets.rows(variant, images)

    def loss_of(x):
        return objective(encoder, decoder, x, loss)

    if compiled:
        loss_of = torch.compile(loss_of)

    def train(epochs):
        for _ in range(epochs):
            for rows in torch.randperm(len(data)).split(batch):
                optimizer.zero_grad(set_to_none=True)
                loss_of(data.index_select(0, rows)).backward()
                optimizer.step()

    return train


def objective(encoder, decoder, x, loss):
    """Returns the reconstruction loss of a batch, plus the KL divergence of a VAE's code.

    Args:
        encoder: PyTorch module.
        decoder: PyTorch module.
        x: Tensor, a batch of rows.
        loss: String. A key of `LOSSES`.

    Returns:
        A scalar tensor.
    """
    code = encoder(x)
    if isinstance(code, torch.Tensor):
        return LOSSES[loss](decoder(code), x)
    mean, log_variance = code
    sample = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
    nats = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)
    return LOSSES[loss](decoder(sample), x) + nats.sum() / len(x)


LOSSES = {
    "mse": F.mse_loss,
    "binary_crossentropy": F.binary_cross_entropy,
    "summed_squared_error": lambda y, x: F.mse_loss(y, x, reduction="sum") / len(x),
    "summed_binary_crossentropy": lambda y, x: (
        F.binary_cross_entropy(y, x, reduction="sum") / len(x)
    ),
}
