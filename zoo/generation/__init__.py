"""Generating images from latent codes: samples, grids, paths, traversals and arithmetic."""

from zoo.generation.generate import (
    arithmetic,
    code_shape,
    grid,
    interpolate,
    sample,
    traverse,
)

__all__ = [
    "arithmetic",
    "code_shape",
    "grid",
    "interpolate",
    "sample",
    "traverse",
]
