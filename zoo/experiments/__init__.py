"""The project's own measurements: benchmarks, reproduced results, and the README's tables."""
