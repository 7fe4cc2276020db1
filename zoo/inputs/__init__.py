"""Checks of inputs: arguments, arrays, tables, streams of batches, texts, and their numbers."""
