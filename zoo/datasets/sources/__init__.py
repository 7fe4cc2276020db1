"""Datasets that have a name: embedded, from libraries, from texts, and generated."""
