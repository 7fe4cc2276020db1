"""The lessons: fresh, complete, executed, with outputs that teach and nothing of a machine."""

import ast
import importlib.util
import os
import re
import resource
import subprocess
import sys
import tomllib
import urllib.parse
from pathlib import Path
from types import SimpleNamespace

import pytest
from filelock import FileLock

FOLDER = Path(__file__).parent.parent / "notebooks"
NUMBERS = {path: int(path.name.partition("_")[0]) for path in FOLDER.glob("[0-9]*_*.py")}
SOURCES = sorted(NUMBERS, key=NUMBERS.get)
LEAST = 9  # lessons
PARTS = (
    "The question",
    "The idea",
    "The smallest code",
    "The picture",
    "What to notice",
    "What goes wrong",
    "Exercises",
    "References",
    "Conclusion",
)
WORDS = 600, 1500
MEGABYTES = 5  # of all lessons
SECONDS = 720  # of computing for all lessons together: six minutes of two cores
EACH = pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(NUMBERS[path]))


@pytest.fixture(scope="module")
def make():
    for package in ("jupytext", "nbclient", "PIL"):
        pytest.importorskip(package, reason="only who writes lessons needs it")
    spec = importlib.util.spec_from_file_location("make", FOLDER / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def notebook(source):
    nbformat = pytest.importorskip("nbformat", reason="only who writes lessons needs it")
    return nbformat.read(source.with_suffix(".ipynb"), as_version=4)


def parts(source):
    """The cells of each part, by its heading; what stands above the first heading is under ""."""
    found, heading = {"": []}, ""
    for cell in notebook(source).cells:
        if cell.cell_type != "markdown":
            found[heading].append(cell)
            continue
        for text in re.split(r"^(?=## )", cell.source, flags=re.MULTILINE):
            title = re.match(r"## (.+)", text)
            heading = title[1] if title else heading
            piece = SimpleNamespace(cell_type="markdown", source=text)
            found.setdefault(heading, []).append(piece)
    return found


def code(cells):
    return [cell for cell in cells if cell.cell_type == "code"]


def prose(cells):
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def printed(cells):
    return "".join(
        output.text for cell in code(cells) for output in cell.outputs if "text" in output
    )


def pictures(cells):
    outputs = [output for cell in code(cells) for output in cell.outputs]
    return [output for output in outputs if "image/png" in output.get("data", {})]


def shows(text):
    """Whether a cell prints, or ends in a value."""
    statements = ast.parse(text).body
    prints = any(
        isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
        for node in ast.walk(ast.Module(statements, []))
    )
    return prints or isinstance(statements[-1], ast.Expr)


def test_they_are_numbered_without_a_gap():
    assert [NUMBERS[source] for source in SOURCES] == [*range(1, len(SOURCES) + 1)]
    assert len(SOURCES) >= LEAST
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == {path.stem for path in SOURCES}


def test_a_tenth_lesson_is_made_after_the_ninth(make, tmp_path, monkeypatch):
    for name in ("10_last.py", "9_before.py", "1_first.py", "make.py"):
        (tmp_path / name).touch()
    monkeypatch.setattr(make, "FOLDER", tmp_path)
    assert [path.stem for path in make.sources()] == ["1_first", "9_before", "10_last"]
    assert [path.stem for path in make.sources("10")] == ["10_last"]
    assert [path.stem for path in make.sources("1")] == ["1_first"]


@EACH
def test_it_is_fresh(make, source):
    def content(found):
        return [(cell.id, cell.cell_type, cell.source, cell.metadata) for cell in found.cells]

    saved = notebook(source)
    again = f"python notebooks/make.py {NUMBERS[source]}"
    assert content(saved) == content(make.made(source)), again
    assert saved.metadata == make.made(source).metadata, again


@EACH
def test_it_has_its_parts_in_their_order(source):
    found = parts(source)
    assert tuple(found) == ("", *PARTS)
    for part in PARTS:
        assert prose(found[part]), part
    assert prose(found["The question"]).rstrip().endswith("?")
    assert any("plots.architecture(" in cell.source for cell in code(found["The idea"]))
    for part in ("The idea", "The picture"):
        assert pictures(found[part]), part
    assert code(found["The smallest code"])
    assert code(found["What goes wrong"])  # it is seen, not only told
    answers = prose(found["Exercises"])
    counted = {tag: answers.count(tag) for tag in ("<details>", "<summary>", "</details>")}
    assert set(counted.values()) == {2}, counted
    assert re.search(r"^- .*\b(19|20)\d\d\b", prose(found["References"]), re.MULTILINE)


@EACH
def test_its_conclusion_is_a_number_that_the_code_printed(source):
    claimed = re.findall(r"\*\*(.+?)\*\*", prose(parts(source)["Conclusion"]))
    numbers = [number for text in claimed for number in re.findall(r"\d(?:[\d.,]*\d)?", text)]
    assert numbers, "the number of the conclusion stands in bold"
    shown = printed(notebook(source).cells)
    assert not [each for each in numbers if not re.search(rf"(?<![\d.]){each}(?!\.?\d)", shown)]
    assert source.read_text(encoding="utf-8").splitlines()[-1].startswith("assert ")


@EACH
def test_its_length(source):
    text = re.sub(r"```.*?```", "", prose(notebook(source).cells[1:]), flags=re.DOTALL)
    words = len(re.findall(r"[^\W\d_]{2,}", re.sub(r"\]\([^)]*\)|<[^>]*>", "", text)))
    assert WORDS[0] <= words <= WORDS[1]


@EACH
def test_its_outputs_are_saved(source):
    cells = [cell for cell in code(notebook(source).cells) if not cell.source.startswith("%")]
    silent = [cell.source for cell in cells if shows(cell.source) and not cell.outputs]
    assert not silent
    kinds = {output.output_type for cell in cells for output in cell.outputs}
    assert kinds <= {"stream", "display_data", "execute_result"}  # and no error
    names = {output.name for cell in cells for output in cell.outputs if "name" in output}
    assert names <= {"stdout"}
    text = source.with_suffix(".ipynb").read_text(encoding="utf-8")
    own = {str(FOLDER.parent), str(Path.home())}
    assert not [path for path in own if f"{path}/" in text]
    assert not re.search(r"/(?:home|Users|tmp|work)/|C:\\|iopub|object at 0x|\x1b\[", text)


def test_they_are_small():
    size = sum(source.with_suffix(".ipynb").stat().st_size for source in SOURCES)
    assert size <= MEGABYTES * 1e6


def test_badges_lead_to_the_repository_of_pyproject():
    project = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text(encoding="utf-8"))
    address = urllib.parse.urlparse(project["project"]["urls"]["Repository"]).path
    for path in FOLDER.glob("*.ipynb"):
        badge = f"https://colab.research.google.com/github{address}/blob/main/notebooks/{path.name}"
        assert badge in path.read_text(encoding="utf-8"), path


@pytest.fixture
def spend(tmp_path_factory, testrun_uid):
    """Returns a function that adds seconds to those of all lessons, and returns the sum."""
    shared = tmp_path_factory.getbasetemp().parent / f"lessons-{testrun_uid}"  # by all workers

    def add(seconds):
        with FileLock(f"{shared}.lock"), shared.open("a+") as file:
            file.write(f"{seconds}\n")
            file.seek(0)
            return sum(map(float, file))

    return add


@EACH
def test_it_runs(source, tmp_path, spend):
    nobody = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9")
    nobody["no_proxy"] = "127.0.0.1"  # a lesson's own server
    path = os.pathsep.join([str(FOLDER.parent), os.environ.get("PYTHONPATH", "")])
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, str(source)],
        cwd=tmp_path,
        env=os.environ | nobody | {"PYTHONPATH": path},  # no network
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    assert done.stdout
    computing = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    assert spend(computing) <= SECONDS
