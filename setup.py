"""Writes the README for package indexes, where its relative links lead nowhere.

They become absolute by the repository's address; all else about the package is in pyproject.toml.
"""

import re
import tomllib
from pathlib import Path

from setuptools import setup

ROOT = Path(__file__).parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def absolute(match):
    target = match[2]
    if target is None or re.match(r"\w+:|#", target):  # a block of code, another host, an anchor
        return match[0]
    picture = target.endswith((".png", ".svg", ".jpg"))
    kind = "raw" if picture else "blob" if "." in target else "tree"
    return f"{match[1]}{PROJECT['urls']['Repository']}/{kind}/main/{target}"


setup(
    long_description=re.sub(
        r"```.*?```|(\]\()([^)\s]+)",
        absolute,
        (ROOT / "README.md").read_text(encoding="utf-8"),
        flags=re.DOTALL,
    ),
    long_description_content_type="text/markdown",
)
