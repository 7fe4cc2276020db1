"""Parts of functional graphs that several variants are built from."""

from zoo.blocks.convolutional import (
    convolve_and_pool,
    convolve_with_stride,
    deconvolve_with_stride,
    unpool_and_deconvolve,
)
from zoo.blocks.dense import dense_decoder, dense_encoder, flat_input
from zoo.blocks.documents import document_input
from zoo.blocks.inputs import image_input, sequence_input, volume_input
from zoo.blocks.latent import latent_code
from zoo.blocks.missing import missing_cells
from zoo.blocks.pca_path import PcaPath

__all__ = [
    "PcaPath",
    "convolve_and_pool",
    "convolve_with_stride",
    "deconvolve_with_stride",
    "dense_decoder",
    "dense_encoder",
    "document_input",
    "flat_input",
    "image_input",
    "latent_code",
    "missing_cells",
    "sequence_input",
    "unpool_and_deconvolve",
    "volume_input",
]
