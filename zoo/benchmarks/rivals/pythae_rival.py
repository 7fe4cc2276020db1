"""pythae's own trainer, with the net given to its `AE` or `VAE`."""

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

from zoo.benchmarks.rivals import torch_nets

VERSION = version("pythae")


def contender(variant, arguments, loss, learning_rate, images, batch, threads):
    """A function `train(epochs)` that goes on where it ended.

    An epoch is the trainer's own; its progress bar, and the best model's copy that `train` keeps
    after each, are spared.
    """
    logging.disable(logging.WARNING)
    torch.set_num_threads(threads)
    encoder, decoder = torch_nets.NETS[variant](images.shape[1:], **arguments)
    data = torch_nets.rows(variant, images)
    facts = {"input_dim": tuple(data.shape[1:]), "latent_dim": arguments["latent_dim"]}
    if variant == "vae":
        loss = "bce" if "crossentropy" in loss else "mse"
        config, kind = VAEConfig(reconstruction_loss=loss, **facts), VAE
    else:  # always the squared error
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

    train.folder = folder  # lives as long as the trainer
    return train


class Encoder(BaseEncoder):
    """A net as pythae's encoder."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        code = self.net(x)
        if isinstance(code, torch.Tensor):
            return ModelOutput(embedding=code)
        return ModelOutput(embedding=code[0], log_covariance=code[1])


class Decoder(BaseDecoder):
    """A net as pythae's decoder."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, z):
        return ModelOutput(reconstruction=self.net(z))
