"""Exported models and their page in headless Chromium."""
