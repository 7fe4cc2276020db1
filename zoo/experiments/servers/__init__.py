"""Recorded runs of other people's clients and servers beside `zoo serve`."""
