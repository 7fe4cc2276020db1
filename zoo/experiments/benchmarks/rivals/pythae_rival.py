"""The trainer of pythae, with the same net in its `AE` or `VAE`."""

import logging
import tempfile
from importlib.metadata import version

import torch
from pythae.data.datasets import BaseDataset
from pythae.models import AE, VAE, AEConfig, VAEConfig
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder
from pythae.trainers import BaseTrainer, BaseTrainerConfig
from pythae.trainers.training_callbacks import CallbackHandler, TrainingCallback

from zoo.experiments.benchmarks.rivals import torch_nets

VERSION = version("pythae")


def contender(variant, arguments, loss, learning_rate, images, batch, threads):
    """Returns a function that trains a net with pythae.

    An epoch is that of pythae's trainer, without its progress bar and without the copy of the best
    model that its `train` makes after each epoch.

    Args:
        variant: String. Name of the variant.
        arguments: Dict. Sizes of the net.
        loss: String. Name of the loss.
        learning_rate: Float. Learning rate of Adam.
        images: Array of shape `(rows, height, width, channels)`.
        batch: Integer. Number of images in a batch.
        threads: Integer. Number of threads to use.

    Returns:
        A function `train(epochs)` that continues where its last call ended.
    """
    logging.disable(logging.WARNING)
    torch.set_num_threads(threads)
    encoder, decoder = torch_nets.NETS[variant](images.shape[1:], **arguments)
    data = torch_nets.rows(variant, images)
    facts = {"input_dim": tuple(data.shape[1:]), "latent_dim": arguments["latent_dim"]}
    if variant == "vae":
        loss = "bce" if "crossentropy" in loss else "mse"
        config, kind = VAEConfig(reconstruction_loss=loss, **facts), VAE
    else:  # its loss is always the squared error
        config, kind = AEConfig(**facts), AE
    model = kind(config, encoder=Encoder(encoder), decoder=Decoder(decoder))
    folder = tempfile.TemporaryDirectory()
    training = BaseTrainerConfig(
        output_dir=folder.name,
        per_device_train_batch_size=batch,
        optimizer_cls="Adam",
        learning_rate=learning_rate,
        no_cuda=True,
    )
    trainer = BaseTrainer(model, BaseDataset(data, torch.ones(len(data))), training_config=training)
    trainer.prepare_training()
    trainer.callback_handler = CallbackHandler([TrainingCallback()], model)

    def train(epochs):
        for epoch in range(epochs):
            trainer.train_step(epoch)

    train.folder = folder  # so that the folder lives as long as the trainer
    return train


class Encoder(BaseEncoder):
    """Encoder of pythae that calls a net.

    Args:
        net: PyTorch module from rows to a code, or to its mean and log variance.
    """

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        """Returns the code of rows, and its log variance if the net computes one.

        Args:
            x: Tensor, a batch of rows.

        Returns:
            A `ModelOutput` with `embedding` and perhaps `log_covariance`.
        """
        code = self.net(x)
        if isinstance(code, torch.Tensor):
            return ModelOutput(embedding=code)
        return ModelOutput(embedding=code[0], log_covariance=code[1])


class Decoder(BaseDecoder):
    """Decoder of pythae that calls a net.

    Args:
        net: PyTorch module from codes to reconstructions.
    """

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, z):
        """Returns the reconstructions of codes.

        Args:
            z: Tensor of codes.

        Returns:
            A `ModelOutput` with `reconstruction`.
        """
        return ModelOutput(reconstruction=self.net(z))
