"""Damaged files and requests: the same numbers or an error of ours, and never anything else."""
