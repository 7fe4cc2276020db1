"""The documentation site: built once, complete, and without anything from another host."""

import importlib
import inspect
import os
import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import filelock
import pytest

import zoo
from zoo.experiments import results
from zoo.experiments.reproduce import ROWS
from zoo.registry import table
from zoo.weights import sets

for extra in ("sphinx", "pydata_sphinx_theme", "myst_nb", "sphinx_design", "latex2mathml"):
    pytest.importorskip(extra, reason="pip install 'autoencoder-zoo[docs]'")

DOCS = Path(__file__).parent.parent / "docs"
SECONDS = 120  # of computing: other work on the machine does not count
ROOMS = [name for name in zoo.__all__ if inspect.ismodule(getattr(zoo, name))]


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the built site; workers that run beside each other build it once."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    built, log = shared / "site", shared / "site.log"
    with filelock.FileLock(shared / "site.lock"):
        if not log.exists():
            command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q"]
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            done = subprocess.run(
                [*command, "-d", str(shared / "doctrees"), str(DOCS), str(built)],
                capture_output=True,
                text=True,
                check=False,
                env=os.environ | {"https_proxy": "http://127.0.0.1:9"},  # where nobody answers
            )
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
            log.write_text(f"{done.returncode} {seconds}\n{done.stderr}", encoding="utf-8")
    first, _, errors = log.read_text(encoding="utf-8").partition("\n")
    code, seconds = first.split()
    assert code == "0", errors
    assert float(seconds) <= SECONDS
    return built


def pages(site):
    """The text of every page, by its path in the site."""
    return {
        path.relative_to(site).as_posix(): path.read_text(encoding="utf-8")
        for path in site.rglob("*.html")
    }


def have_results():
    """The names of the variants of which there is a line in the results files."""
    lines = [line for name in ("bench", "tuning") for line in results.read(name)]
    names = {line["variant"] for line in lines if "variant" in line}
    for line in results.read("reproduce"):
        names.update(ROWS[line["row"]].variants if line["row"] in ROWS else ())
        names.update(title.partition(",")[0] for title in line.get("modes", ()))
    return names


def test_every_variant_has_a_page(site):
    measured = have_results()
    for name in zoo.names():
        text = (site / "variants" / f"{name}.html").read_text(encoding="utf-8")
        for part in ("architecture", "example", "arguments", "recipe", "references"):
            assert f'<section id="{part}">' in text, (name, part)
        assert ('<section id="results">' in text) == (name in measured), name
        assert ('<section id="trained-weights">' in text) == bool(sets.of(name)), name
        for shipped in sets.of(name):
            assert f"/zoo/weights/{name}/{shipped}.md" in text
        assert f"zoo train {name} " in re.sub("<[^>]*>", "", text)
        assert "<svg" in text


def test_a_new_file_of_a_variant_has_a_page_at_once(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS / "_extensions"))
    variant_pages = importlib.import_module("variant_pages")
    source = Path(inspect.getsourcefile(zoo.entry("shallow_ae").builder)).read_text()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "new_ae.py").write_text(source.replace("def shallow_ae", "def new_ae"))
    names = zoo.names()
    try:
        with monkeypatch.context() as patch:
            patch.setattr(table, "_folders", [*table._folders])
            zoo.add_models(tmp_path)
            made = variant_pages.all_pages()
    finally:
        table._entries.pop("new_ae", None)
        table._files.cache_clear()
    assert set(made) == {f"{name}.md" for name in [*names, "new_ae"]}
    assert "$$z = f(x W + b)" in made["new_ae.md"]
    assert made["new_ae.md"].startswith("# new_ae\n\nShallow auto-encoder: one hidden layer")


def test_a_tenth_lesson_has_its_page_after_the_ninth(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS / "_extensions"))
    for name in ("10_last.ipynb", "9_before.ipynb", "1_first.ipynb", "10_last.py"):
        (tmp_path / name).touch()
    names = [path.stem for path in importlib.import_module("lessons").notebooks(tmp_path)]
    assert names == ["1_first", "9_before", "10_last"]


@pytest.mark.parametrize("home", ["zoo", *(f"zoo.{name}" for name in ROOMS)])
def test_every_public_name_is_in_the_api_pages(site, home):
    module = importlib.import_module(home)
    text = (site / "api" / f"{home}.html").read_text(encoding="utf-8")
    anchors = set(re.findall(r'id="(zoo[\w.]*)"', "".join(pages(site / "api").values())))
    for name in getattr(module, "__all__", [each for each in vars(module) if each[0] != "_"]):
        value = getattr(module, name)
        if inspect.ismodule(value):
            assert not value.__name__.startswith("zoo") or f"{home}.{name}.html" in text
        else:
            link = re.search(rf'href="([\w.]*)#(zoo[\w.]*\.{name})"', text)
            assert link, name
            assert link[2] in anchors


def test_nothing_is_loaded_from_another_host(site):
    pattern = re.compile(
        r"""<(?!a\b)[^>]*\b(?:src|href|data|srcset)=["']?((?:https?:)?//[^"'>\s]*)"""
        r"""|url\(\s*["']?((?:https?:)?//[^)"']*)|@import\s+["']((?:https?:)?//[^"']*)"""
    )
    for path in [*site.rglob("*.html"), *site.rglob("*.css")]:
        found = [next(filter(None, each)) for each in pattern.findall(path.read_text("utf-8"))]
        assert not found, path


def test_llms_txt_lists_pages_that_are_there(site):
    lines = (site / "llms.txt").read_text(encoding="utf-8").splitlines()
    entries = [
        re.fullmatch(r"- \[(.+?)\]\((.+?)\): (.+)", line) for line in lines if line[:2] == "- "
    ]
    assert all(entries)
    listed = {entry[2] for entry in entries}
    assert all((site / name).is_file() for name in listed)
    own = {name for name in pages(site) if name[0] != "_"}
    assert own - listed == {"index.html", "genindex.html", "search.html"}  # these are Sphinx's


def test_equations_are_mathml(site):
    texts, found = pages(site), 0
    for name in zoo.names():
        equations = inspect.getmodule(zoo.entry(name).builder).__doc__.count("$$") // 2
        text = texts[f"variants/{name}.html"]
        assert text.count('<div class="equation"><math') == equations, name
        assert "$" not in re.sub("<[^>]*>", "", text), name
        found += equations
    assert found >= 18
    assert not [name for name, text in texts.items() if "MathJax" in text]


SEEN = ("index", "variants/vae", "api/zoo.layers", "lessons/2_layer_by_layer", "results")


def chromium(*arguments):
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("chromium is not installed")
    command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    done = subprocess.run([*command, *arguments], capture_output=True, check=True, timeout=120)
    return done.stdout.decode()


@pytest.mark.parametrize("name", SEEN)
@pytest.mark.parametrize("width", [1200, 390])
def test_a_page_is_drawn_and_does_not_scroll_sideways(site, name, width, tmp_path):
    from PIL import Image

    picture, address = tmp_path / "page.png", (site / f"{name}.html").as_uri()
    chromium(f"--window-size={width},900", f"--screenshot={picture}", address)
    with Image.open(picture) as image:
        assert image.width == width
        assert len(image.convert("L").getcolors()) > 32  # not blank
    # A frame as wide as the window: a window of its own is at least 500 pixels wide.
    frame = tmp_path / "frame.html"
    frame.write_text(
        f'<iframe src="{address}" width="{width}" height="900"></iframe><p></p><script>'
        "onload = () => { const page = document.querySelector('iframe').contentDocument;"
        "document.querySelector('p').textContent ="
        " `${page.documentElement.scrollWidth} of ${page.documentElement.clientWidth}`; };</script>"
    )
    dom = chromium("--allow-file-access-from-files", "--dump-dom", frame.as_uri())
    wide, room = map(int, re.search(r"<p>(\d+) of (\d+)</p>", dom).groups())
    assert 0 < wide <= room <= width
