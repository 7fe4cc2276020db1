"""Generating images from latent codes: samples, grids, paths, traversals and arithmetic."""

from zoo.generation.generate import (
    Codec,
    arithmetic,
    code_shape,
    grid,
    interpolate,
    sample,
    traverse,
)

__all__ = [
    "Codec",
    "arithmetic",
    "code_shape",
    "grid",
    "interpolate",
    "sample",
    "traverse",
]
