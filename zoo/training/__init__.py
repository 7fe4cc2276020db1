"""Training: by a recipe, layer by layer, with labels, in memory, with checkpoints."""
