"""What the system refuses: permission, closed or full streams, names in no encoding, long paths."""

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import zoo
from zoo import datasets, runs
from zoo.errors import UsageError

PR_CAPBSET_DROP, OVERRIDES = 24, (1, 2)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH


def without_privilege():
    """Takes from root what lets it read and write files without permission."""
    for capability in OVERRIDES:
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def python(code, *arguments, **environment):
    """A process that ends at a `ZooError` with its message."""
    code = f"""
import sys, zoo
from pathlib import Path
from zoo import datasets, runs, search
try:
    {code}
except zoo.errors.UsageError as error:
    print(error)
"""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *map(str, arguments)], text=True, timeout=120,
        capture_output=True, preexec_fn=without_privilege, env=os.environ | environment,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    for name in ("a/1.txt", "a/2.txt", "b/1.txt", "b/2.txt", "c/1.txt"):
        (tmp_path / "texts" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "texts" / name).write_text(name)
    np.save(tmp_path / "x.npy", np.eye(6, dtype="float32"))
    (tmp_path / "t.csv").write_text("a,b\n1,2\n3,4\n5,7\n")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.json").write_text("{}")
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "manifest.json").write_text("{}")
    return tmp_path


LOAD = "datasets.load(sys.argv[1])"
REFUSED = {
    "a folder": ("texts", LOAD, "texts"),
    "a file": ("x.npy", LOAD, "x.npy"),
    "a table": ("t.csv", LOAD, "t.csv"),
    "what lies in a closed folder": ("texts", LOAD, "texts/a/1.txt"),
    "a run": ("run", "runs.read_config(sys.argv[1])", "run"),
    "a run's file": ("run/config.json", "runs.read_config(sys.argv[1])", "run"),
    "a new run": ("texts", "runs.prepare(Path(sys.argv[1]), {}, False)", "texts/run"),
    "an export": ("export", "zoo.load(sys.argv[1])", "export"),
    "a manifest": ("export/manifest.json", "zoo.load(sys.argv[1])", "export"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_no_permission_is_told_with_the_path(case, folder):
    closed, code, path = REFUSED[case]
    (folder / closed).chmod(0)
    try:
        done = python(code, folder / path)
    finally:
        (folder / closed).chmod(0o755)
    assert done.stderr == ""
    assert "Permission denied" in done.stdout
    assert str(folder / closed) in done.stdout


def test_an_unreadable_folder_among_others_is_told(folder):
    (folder / "texts" / "a").chmod(0)
    try:
        done = python("print(len(datasets.rows(sys.argv[1])))", folder / "texts")
        shown = python(
            "import warnings; warnings.simplefilter('always');"
            "print(len(datasets.rows(sys.argv[1])))", folder / "texts",
        )  # fmt: skip
    finally:
        (folder / "texts" / "a").chmod(0o755)
    assert done.stdout == "3\n"
    assert "1 of 4 files of" in shown.stderr
    assert "texts/a cannot be read: Permission denied." in shown.stderr


@pytest.mark.parametrize("bundle", ["conv_ae", "document_ae"])
def test_an_index_tells_of_an_unreadable_folder(bundle, tmp_path):
    data = tmp_path / "data"
    for number in range(3):
        folder = data / "ab"[number // 2]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.txt").write_text("a word of the people")
        Image.fromarray(np.zeros((28, 28), "uint8")).save(folder / f"{number}.png")
    (data / "b").chmod(0)
    command = [sys.executable, "-m", "zoo", "search", "index", bundle, data, "--json"]
    try:
        done = subprocess.run(
            [*command, "--to", tmp_path / "some.index"], text=True, timeout=120,
            capture_output=True, preexec_fn=without_privilege,
        )  # fmt: skip
    finally:
        (data / "b").chmod(0o755)
    assert done.stderr == f"skipped: {data / 'b'} cannot be read: Permission denied.\n"
    found = json.loads(done.stdout)
    assert (found["rows"], found["skipped"]) == (2, 1)


LONG = {"a name": "x" * 300, "a path": "/".join(["y" * 200] * 30)}


@pytest.mark.parametrize("path", LONG.values(), ids=LONG)
def test_long_names_are_told(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for use in (datasets.load, datasets.rows, runs.read_config, zoo.load, zoo.runs.Run.open):
        with pytest.raises(UsageError, match=r"^.{1,260} cannot be used: File name too long\.$"):
            use(path)
    with pytest.raises(UsageError, match="File name too long"):
        runs.prepare(Path(path), {}, resume=False)


@pytest.mark.parametrize("name", [".lock", "figures"])
@pytest.mark.parametrize("target", ["../nowhere", "../file", "../folder"])
def test_links_where_a_run_writes_are_refused_before_it_trains(name, target, tmp_path):
    run = tmp_path / "run"
    config = {"variant": "pca", "arguments": {}, "data": {}, "seed": 0}
    runs.prepare(run, config, resume=False)
    (tmp_path / "file").write_text("precious")
    (tmp_path / "folder").mkdir()
    (run / name).unlink(missing_ok=True)
    (run / name).symlink_to(target)
    with (
        pytest.raises(UsageError, match=f"{name} must be a .* of the run's own"),
        runs.claimed(run),
    ):
        pass
    assert (tmp_path / "file").read_text() == "precious"
    assert not (tmp_path / "nowhere").exists()
    assert not [*(tmp_path / "folder").iterdir()]
    assert (run / "config.json").exists()


def shell(command, **environment):
    command = command.replace("zoo ", f"{sys.executable} -m zoo ", 1)
    return subprocess.run(
        ["bash", "-c", command], text=True, timeout=120, capture_output=True,
        env=os.environ | environment,
    )  # fmt: skip


STREAMS = {
    "stderr is full": ("zoo detect nowhere 2>/dev/full", 2, "", ""),
    "stderr is closed": ("zoo detect nowhere 2>&-", 2, "", ""),
    "stdout is closed": (
        "zoo list --json >&-", 1, "", "zoo: the result cannot be written: stdout is closed.\n",
    ),
    "all are closed": ("zoo list <&- >&- 2>&-", 1, "", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", STREAMS)
def test_streams_that_take_nothing(case):
    command, code, out, err = STREAMS[case]
    done = shell(command)
    assert (done.returncode, done.stdout, done.stderr) == (code, out, err)


def test_work_is_done_though_nothing_can_be_told(tmp_path):
    np.save(tmp_path / "x.npy", np.random.default_rng(0).random((30, 4), dtype="float32"))
    done = shell(
        f"cd {tmp_path}; zoo train deep_ae x.npy latent_dim=2 --epochs 1 --folder run 2>/dev/full"
    )
    assert done.returncode == 0
    assert (tmp_path / "run" / "metrics.json").is_file()


def test_characters_that_the_terminal_lacks():
    code = "from zoo.cli import standard_streams; standard_streams.secure(); print('5 – 7 é')"
    done = python(code, PYTHONIOENCODING="ascii", LC_ALL="C")
    assert (done.stderr, done.stdout) == ("", "5 \\u2013 7 \\xe9\n")


def test_names_in_no_encoding(tmp_path):
    name = os.fsdecode(b"caf\xe9")
    (tmp_path / name).mkdir()
    for number in range(10):
        (tmp_path / name / f"{number}{name}.txt").write_text("a word")
    rows = datasets.rows(tmp_path)
    assert rows.class_names == ("caf\\xe9",)
    assert rows.label_of(name) == rows.label_of("caf\\xe9") == 0
    model = zoo.build("pca", input_shape=(4,), latent_dim=2).adapt(np.eye(9, 4, dtype="float32"))
    with pytest.raises(UsageError, match=r"must be UTF-8. Received: .*caf\\xe9"):
        zoo.export(model, tmp_path / name)
    assert json.loads(json.dumps(rows.names)) == list(rows.names)
    done = shell(f"cd {tmp_path}; zoo detect '{name}'")
    assert done.returncode == 2
    assert "caf\\udce9" in done.stderr
