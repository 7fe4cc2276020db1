"""Files and folders appear whole or not at all, whenever a process is killed."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

import zoo
from zoo.errors import UsageError
from zoo.storage import exchange, temporaries
from zoo.storage.atomic import new_folder, replace_file

# Forks children, the n-th of which is killed at its n-th step that the interpreter audits: opening,
# renaming, removing, making. After each, `inspect` looks at what is left.
KILLED_AT_EVERY_STEP = """
import os, signal, sys
from pathlib import Path

def at_every_step(act, inspect):
    step = 0
    while True:
        step += 1
        child = os.fork()
        if not child:
            steps = iter(range(1, step))
            def audited(event, arguments):
                counts = event.split(".")[0] in ("open", "os", "shutil", "fcntl", "ctypes")
                if counts and event != "os.kill" and next(steps, None) is None:
                    os.kill(os.getpid(), signal.SIGKILL)
            sys.addaudithook(audited)
            act()
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert status in (0, -signal.SIGKILL), status
        inspect(step)
        if status == 0:
            print(step)
            return
"""


def run_python(code, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", KILLED_AT_EVERY_STEP + code, *map(str, arguments)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


EXPORTED = """
from zoo.storage.atomic import new_folder
target = Path(sys.argv[1])

def act():
    with new_folder(target, overwrite=True) as stage:
        for name in ("a", "manifest.json"):
            (stage / name).write_text("new")

def inspect(step):
    found = {(target / name).read_text() for name in ("a", "manifest.json")}
    assert len(found) == 1, found  # the old one or the new one
    seen.update(found)
    for name in ("a", "manifest.json"):
        (target / name).write_text("old")

seen = set()
target.mkdir()
for name in ("a", "manifest.json"):
    (target / name).write_text("old")
at_every_step(act, inspect)
assert seen == {"old", "new"}, seen
"""


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_killed_at_any_step_of_overwriting_a_whole_folder_is_in_sight(tmp_path):
    steps = run_python(EXPORTED, tmp_path / "bundle")
    assert int(steps) > 15
    assert names(tmp_path) == ["bundle"]  # the last child swept what the killed ones left


STARTED = """
from zoo import runs
folder, data = Path(sys.argv[1]), {"name": "x", "train_rows": 1}
config = {"variant": "a", "arguments": {}, "data": data, "seed": 0}

def act():
    runs.prepare(folder, config, resume=True)

def inspect(step):
    copy = folder.with_name(f"run-{step}")
    if folder.exists():
        folder.rename(copy)
    runs.prepare(copy, config, resume=True)
    with runs.claimed(copy):
        assert runs.read_config(copy)["variant"] == "a"
    assert {path.name for path in copy.iterdir()} == {"config.json", runs.LOCK}

at_every_step(act, inspect)
"""


def test_a_run_killed_at_any_step_of_its_start_resumes(tmp_path):
    assert int(run_python(STARTED, tmp_path / "run")) > 8


WRITER = """
import sys, time
from pathlib import Path
from zoo.storage.atomic import {how}
with {how}(Path(sys.argv[1])) as path:
    print(path, flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def writer(tmp_path):
    """A process that works on a temporary folder beside `tmp_path / "bundle"`."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER.format(how="new_folder"), str(tmp_path / "bundle")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    process.stage = process.stdout.readline().strip()
    yield process
    process.kill()
    process.communicate()


def test_what_a_dead_process_left_is_swept_and_a_living_ones_work_is_not(writer, tmp_path):
    (stage,) = names(tmp_path)
    replace_file(tmp_path / "some.index", b"1")
    with new_folder(tmp_path / "other"):
        assert stage in names(tmp_path)
    assert names(tmp_path) == [stage, "other", "some.index"]
    for number in range(100):
        (tmp_path / stage / f"{number}.png").write_bytes(b"")
    writer.kill()
    writer.wait()
    replace_file(tmp_path / "some.index", b"2")
    assert names(tmp_path) == ["other", "some.index"]


def test_only_our_own_temporaries_are_swept(tmp_path):
    kept = [".bundle.abc", ".some.index.tmp", "x.zoo-unfinished"]
    for name in kept:
        (tmp_path / name).write_text("mine")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / ".link.zoo-unfinished").symlink_to(elsewhere)
    os.mkfifo(tmp_path / ".fifo.zoo-unfinished")  # to open it would take a writer
    temporaries.sweep(tmp_path)
    assert names(tmp_path) == sorted([*kept, ".link.zoo-unfinished", "elsewhere"])


def test_a_scratch_folder_of_a_dead_process_is_swept(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with temporaries.scratch_folder() as folder:
        assert folder.parent == tmp_path
        left = shutil.copytree(folder, folder.with_name(folder.name.replace("scratch", "other")))
    assert names(tmp_path) == [left.name]
    with temporaries.scratch_folder() as folder:
        assert names(tmp_path) == [folder.name]
    assert names(tmp_path) == []


def test_an_error_leaves_neither_a_temporary_nor_a_change(tmp_path):
    replace_file(tmp_path / "kept", b"old")
    with pytest.raises(TypeError), new_folder(tmp_path / "bundle") as stage:
        (stage / "half").write_bytes("no bytes")
    with pytest.raises(TypeError):
        replace_file(tmp_path / "kept", "no bytes")
    assert names(tmp_path) == ["kept"]
    assert (tmp_path / "kept").read_bytes() == b"old"


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    """Two exports of the same shape with other weights."""
    folder = tmp_path_factory.mktemp("exports")
    for name in ("one", "other"):
        model = zoo.build("deep_ae", input_shape=(4, 4, 1), widths=(3,), latent_dim=2)
        zoo.export(model, folder / name)
    return folder


EXPORTS_AGAIN_AND_AGAIN = """
import itertools, shutil, sys
from zoo.storage.atomic import new_folder
print("ready", flush=True)
for made in itertools.cycle(sys.argv[2:]):
    with new_folder(sys.argv[1], overwrite=True) as stage:
        shutil.copytree(made, stage, dirs_exist_ok=True)
"""


def test_readers_find_a_whole_export_while_it_is_replaced(exports, tmp_path):
    """Real processes: one replaces the export for as long as another loads it."""
    target, made = tmp_path / "bundle", [exports / "one", exports / "other"]
    shutil.copytree(made[0], target)
    x = np.random.default_rng(0).random((3, 4, 4, 1), dtype="float32")
    expected = [zoo.load(folder).reconstruct(x) for folder in made]
    command = [sys.executable, "-c", EXPORTS_AGAIN_AND_AGAIN, target, *made]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        process.stdout.readline()
        counts = [0, 0]
        while sum(counts) < 300:
            result = zoo.load(target).reconstruct(x)
            found = [np.array_equal(result, values) for values in expected]
            assert sum(found) == 1
            counts[found.index(True)] += 1
    finally:
        process.kill()
        process.communicate()
    assert min(counts) > 10  # it was replaced all the while
    zoo.verify(target)


def test_damage_is_told_although_an_export_may_be_read_again(exports, tmp_path):
    target = shutil.copytree(exports / "one", tmp_path / "bundle")
    (target / "encoder.onnx").write_bytes(b"damaged")
    with pytest.raises(zoo.errors.CheckFailedError, match="its sha256 differs"):
        zoo.load(target)


@pytest.fixture
def without_exchange(monkeypatch):
    """A disk that cannot exchange two names; none is at hand."""
    monkeypatch.setattr(exchange, "exchange", lambda one, other: False)


def test_without_an_exchange_it_takes_two_steps(without_exchange, tmp_path):
    for content in ("old", "new"):
        with new_folder(tmp_path / "bundle", overwrite=True) as stage:
            (stage / "manifest.json").write_text(content)
    assert (tmp_path / "bundle" / "manifest.json").read_text() == "new"
    assert names(tmp_path) == ["bundle"]


@pytest.mark.parametrize(("there", "kept"), [(False, "old"), (True, "new")])
def test_what_a_kill_between_the_two_steps_left_aside_is_put_back(there, kept, tmp_path):
    for name in (".bundle.v2.abc.zoo-aside", *(["bundle.v2"] if there else [])):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("old" if name[0] == "." else "new")
    with pytest.raises(UsageError, match="exists already"), new_folder(tmp_path / "bundle.v2"):
        pass
    assert (tmp_path / "bundle.v2" / "manifest.json").read_text() == kept
    assert names(tmp_path) == ["bundle.v2"]


@pytest.mark.parametrize(
    ("make", "beside"), [("open", temporaries.file_beside), ("mkdir", temporaries.folder_beside)]
)
def test_an_exception_after_a_temporary_was_made_leaves_none(make, beside, tmp_path, monkeypatch):
    made = getattr(os, make)

    def make_and_interrupt(path, *rest, **options):
        result = made(path, *rest, **options)
        if str(path).endswith(temporaries.SUFFIX):
            raise KeyboardInterrupt
        return result

    # Ctrl-C at this very place, which no real signal hits each time.
    monkeypatch.setattr(os, make, make_and_interrupt)
    with pytest.raises(KeyboardInterrupt), beside(tmp_path / "target"):
        pass
    assert list(tmp_path.iterdir()) == []
