"""Figures: each function draws on `ax`, or on a new figure, and returns the matplotlib figure."""

from zoo.plots.anomalies import anomalies
from zoo.plots.architecture import architecture
from zoo.plots.comparison import comparison
from zoo.plots.deconvolution import deconvolution
from zoo.plots.filters import filters, first_kernel, last_kernel
from zoo.plots.grids import code_plane, interpolation, sheet
from zoo.plots.history import curves
from zoo.plots.images import reconstructions, restorations
from zoo.plots.latents import activity, scatter
from zoo.plots.layerwise import layerwise
from zoo.plots.lines import errors_by_labels, precisions
from zoo.plots.neighbours import neighbours
from zoo.plots.sequence_anomalies import sequence_anomalies
from zoo.plots.sequences import sequences
from zoo.plots.sizes import by_size
from zoo.plots.slices import slices
from zoo.plots.style import panels, save, title
from zoo.plots.switches import switches

__all__ = [
    "activity",
    "anomalies",
    "architecture",
    "by_size",
    "code_plane",
    "comparison",
    "curves",
    "deconvolution",
    "errors_by_labels",
    "filters",
    "first_kernel",
    "interpolation",
    "last_kernel",
    "layerwise",
    "neighbours",
    "panels",
    "precisions",
    "reconstructions",
    "restorations",
    "save",
    "scatter",
    "sequence_anomalies",
    "sequences",
    "sheet",
    "slices",
    "switches",
    "title",
]
