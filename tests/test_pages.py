"""Every code block of README and docs/ is run, from top to bottom, in a folder of its page, and
the examples of a third of the pages that are made of the variants.

`.ci/run` runs this file from the built wheel, outside the checkout.
"""

import importlib
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import zoo
from zoo.experiments import results
from zoo.experiments.servers import pages as server_pages
from zoo.registry import table

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(.*)\n((?:.*\n)*?)```$", re.MULTILINE)
ELSEWHERE = "# Run "  # begins a `text` block that says where it was run
COMMAND = re.compile(r"(zoo|python -m zoo\.\S+) ")
# Of the pages of the variants a third is drawn: to run all takes minutes.
SEED = 8
VARIANTS = zoo.names()
DRAWN = sorted(random.Random(SEED).sample(VARIANTS, len(VARIANTS) // 3))
INSTALLS = ("pip install", "-m venv")  # of the README: `.ci/run` runs its commands as they stand


def blocks(page):
    """The language and the content of each code block of a page, and the text before it."""
    text = page.read_text(encoding="utf-8")
    return [(*match.groups(), text[: match.start()]) for match in BLOCK.finditer(text)]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """The folder that a page is read in, with images of the reader's."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    for number, image in enumerate(zoo.datasets.load("mnist_5k").test.images[:12, ..., 0]):
        path = tmp_path / "photos" / ("some.png" if number == 0 else f"{number}.png")
        Image.fromarray((255 * image).astype("uint8")).save(path)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    with monkeypatch.context() as patch:
        patch.setattr(table, "_folders", [*table._folders])
        yield tmp_path
    table._files.cache_clear()
    for name in {*table._entries} - {*zoo.names()}:  # of a variant that a page adds
        del table._entries[name]


def run_shell(text):
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], capture_output=True, text=True)
    assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
@pytest.mark.filterwarnings("ignore")  # a reader sees them, and the blocks run on
def test_the_blocks_run_and_print_what_is_shown(page, place):
    printed, shown = [], []
    names = {"print": lambda *values: printed.append(" ".join(map(str, values)) + "\n")}
    if page.name == "README.md":  # what its first commands export
        zoo.export(zoo.build("conv_ae"), "exports/first")
    for language, text, before in blocks(page):
        if language == "python":
            exec(compile(text, page.name, "exec"), names)
        elif language == "sh" and not any(word in text for word in INSTALLS):
            run_shell(text)
        elif language == "py":  # a file, whose path the sentence before it names
            path = place / re.findall(r"`([\w/]+\.py)`", before)[-1]
            path.parent.mkdir(parents=True)
            path.write_text(text, encoding="utf-8")
        elif language == "text" and not text.startswith(ELSEWHERE):
            shown.append(text)
    assert "".join(printed) == "".join(shown)


def test_the_examples_of_the_pages_of_variants_are_drawn(show):
    show(
        f"examples of the pages of variants: {len(DRAWN)} of {len(VARIANTS)}, drawn by the seed "
        f"{SEED}: {', '.join(DRAWN)}"
    )


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.filterwarnings("ignore")  # a page is run as users run it: warnings are no errors
def test_the_example_of_the_page_of_a_variant_runs(name, place, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "_extensions"))
    text = importlib.import_module("variant_pages").example(zoo.entry(name))
    names = {}
    exec(re.search(r"```python\n(.*?)```", text, re.DOTALL)[1], names)
    assert len(names["reconstructions"]) == len(names["data"].test)


def test_the_languages_of_the_blocks_are_known_and_few_run_elsewhere(show):
    found = [(page.name, *block) for page in PAGES for block in blocks(page)]
    assert {language for _, language, *_ in found} == {"python", "sh", "py", "text"}
    code = [text for _, language, text, _ in found if language != "text"]
    installs = [text for text in code if any(word in text for word in INSTALLS)]
    elsewhere = [(name, text) for name, _, text, _ in found if text.startswith(ELSEWHERE)]
    show(
        f"code blocks of README and docs: {len(code) - len(installs)} run here, {len(installs)} "
        f"install, {len(elsewhere)} run elsewhere ({', '.join(name for name, _ in elsewhere)})"
    )
    runs = [line for line in results.read("servers") if "page" in line]
    programs = [f" as {server_pages.FILES[line['package']]}, by: " for line in runs]
    for _, text in elsewhere:
        first, _, body = text.partition("\n")
        if not any(program in first for program in programs):  # which recorded runs have run
            assert all(map(COMMAND.match, body.splitlines())), first
