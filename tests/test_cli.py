"""The command line as a user meets it: real processes, exit codes, what goes where."""

import contextlib
import json
import os
import pty
import re
import shlex
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest

import zoo
from zoo.experiments.reproduce import ROWS

ZOO = [sys.executable, "-m", "zoo"]
WITHOUT_TENSORFLOW = [
    "import zoo; zoo.names(); zoo.registry.families()",
    "import zoo; zoo.datasets.load('mnist_5k')",
    "import zoo; zoo.serving.Bundle",
    "import zoo; zoo.search.Index",
    "import zoo; zoo.generation.sample; zoo.plots.sheet",
    "import zoo; zoo.anomaly.Detector",
    "import zoo; zoo.verify",
    "from zoo import cli; cli.app(['--help'], standalone_mode=False)",
    "from zoo import cli; cli.app(['list'], standalone_mode=False)",
    "from zoo import cli; cli.app(['data', 'list'], standalone_mode=False)",
    "from zoo import cli; cli.app(['runs', '--folder', '.'], standalone_mode=False)",
    "from zoo.cli import completions; completions.rows(''); completions.datasets('')",
]


@pytest.mark.parametrize(("reader", "code"), [("| head -1", 0), ("> /dev/full", 1)])
def test_a_result_that_nobody_takes(reader, code):
    command = f"set -o pipefail; {' '.join(map(shlex.quote, ZOO))} list --json {reader}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60)
    assert done.returncode == code, done.stderr
    told = "zoo: the result cannot be written: No space left on device.\n"
    assert done.stderr == (told if code else "")


def zoo_run(*arguments, cwd=None, **environment):
    return subprocess.run(
        [*ZOO, *map(str, arguments)], capture_output=True, text=True, cwd=cwd, timeout=300,
        env=os.environ | environment, check=False,
    )  # fmt: skip


WITHOUT = """
import sys
from importlib.machinery import PathFinder

class Without(PathFinder):
    @classmethod
    def find_spec(cls, name, *rest):
        return None if name == {package!r} else super().find_spec(name, *rest)

sys.meta_path = [Without if finder is PathFinder else finder for finder in sys.meta_path]
"""


def without(package, folder):
    """The environment of a process that finds all but one package."""
    (folder / "sitecustomize.py").write_text(WITHOUT.format(package=package))
    paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(paths)}


@pytest.mark.parametrize(
    ("package", "told"),
    [
        ("typer", "Typer, which the command line needs, is not installed: pip install typer"),
        ("keras", "Keras is not installed: pip install autoencoder-zoo"),
        ("tensorflow", "TensorFlow is not installed: pip install autoencoder-zoo"),
    ],
)
def test_what_is_not_installed_is_named_in_one_line(package, told, tmp_path):
    done = zoo_run("show", "conv_ae", **without(package, tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (3, "", f"zoo: {told}\n")


@pytest.mark.parametrize("code", WITHOUT_TENSORFLOW)
def test_no_tensorflow_is_imported(code):
    after = "import sys; assert not {'tensorflow', 'keras'} & set(sys.modules), 'imported'"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{after}"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


# Seconds of the processor, as what else the machine does would make those of the clock longer.


@pytest.mark.parametrize(("code", "limit"), [("import zoo", 0.3), ("import zoo; zoo.names()", 0.5)])
def test_import_is_quick(code, limit):
    timed = f"import time; t = time.process_time(); {code}; print(time.process_time() - t)"
    seconds = [float(subprocess.check_output([sys.executable, "-c", timed])) for _ in range(3)]
    assert min(seconds) < limit


@pytest.mark.parametrize("arguments", [["--help"], ["list"]])
def test_help_and_list_are_quick(arguments):
    def seconds():
        started = os.times()
        assert zoo_run(*arguments).returncode == 0
        ended = os.times()
        return sum(ended[2:4]) - sum(started[2:4])  # of child processes

    assert min(seconds() for _ in range(3)) < 0.5


def test_version():
    assert zoo_run("--version").stdout == f"{zoo.__version__}\n"


COMMANDS = ["list", "show", "train", "evaluate", "detect", "export", "explore", "verify", "sample",
            "bench", "reproduce", "runs", "runs compare", "tune", "search index", "search query",
            "data list", "data import"]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_has_an_example_and_json(command):
    done = zoo_run(*command.split(), "--help", NO_COLOR="1")
    assert f"Example: zoo {command}" in done.stdout
    assert "--json" in done.stdout
    assert "\x1b" not in done.stdout


COMPLETED = {
    "zoo tra": ["train"],
    "zoo train conv_": ["conv_ae"],
    "zoo train vae breast": ["breast_cancer"],
    "zoo train vae mine": [],  # the shell goes on to names of files
    "zoo reproduce anomaly": ["anomaly", "anomaly-tables"],
    "zoo bench mem": ["memory"],
    "zoo finetune ": ["runs/first"],
    "zoo export ": ["runs/first", "exports/conv_ae"],
    "zoo evaluate ": ["runs/first", "exports/conv_ae"],
    "zoo search index e": ["exports/conv_ae"],
    "zoo train vae --folder runs/f": ["runs/first"],
}


@pytest.mark.parametrize("line", COMPLETED)
def test_a_shell_completes_names_and_folders(line, tmp_path):
    for file in ("runs/first/config.json", "runs/other/notes.txt", "exports/conv_ae/manifest.json"):
        (tmp_path / file).parent.mkdir(parents=True)
        (tmp_path / file).touch()
    variables = {"_ZOO_COMPLETE": "complete_bash", "COMP_WORDS": line}
    done = zoo_run(cwd=tmp_path, COMP_CWORD=str(line.count(" ")), **variables)
    assert (done.stdout.split(), done.stderr) == (COMPLETED[line], "")


def test_a_description_is_one_line_for_the_shell():
    variables = {"_ZOO_COMPLETE": "complete_fish", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    done = zoo_run(_TYPER_COMPLETE_ARGS="zoo reproduce ", **variables)
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == list(ROWS)


@pytest.fixture(scope="module")
def work(tmp_path_factory, digits):
    """A folder with some digits, a finished run of them, and its export."""
    folder = tmp_path_factory.mktemp("work")
    np.save(folder / "few.npy", digits.train.images[:300])
    done = zoo_run("train", "pca", "few.npy", "latent_dim=4", "--folder", "run", cwd=folder)
    assert done.returncode == 0, done.stderr
    done = zoo_run("export", "run", "bundle", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["files"] == 10
    return folder


def test_from_training_to_verified_export(work):
    trained = zoo_run("train", "pca", "few.npy", "latent_dim=4", "--folder", "run", "--resume",
                      "--json", cwd=work)  # fmt: skip
    metrics = json.loads(trained.stdout)
    assert trained.stderr == ""
    for model in ("run", "bundle"):
        done = zoo_run("evaluate", model, "few.npy", "--json", cwd=work)
        assert json.loads(done.stdout)["sse"] == pytest.approx(metrics["sse"], rel=1e-4)
    verified = zoo_run("verify", "bundle", "--json", cwd=work)
    assert json.loads(verified.stdout)["rows"] == 7
    shown = zoo_run("verify", "bundle", cwd=work)
    assert re.search(r"^rows +7$", shown.stdout, re.MULTILINE)
    assert "\x1b" not in shown.stdout + shown.stderr


# Those left out run for minutes, on the same parts of the library.
AT_HOME = {
    "list": "list",
    "show": "show pca",
    "train": "train pca few.npy latent_dim=2 --folder again",
    "runs": "runs --folder .",
    "runs compare": "runs compare run again",
    "tune": "tune pca few.npy --latent-dim 2 --folder tuned",
    "evaluate": "evaluate bundle few.npy",
    "finetune": "finetune run mnist_5k --labels 100 --epochs 1 --folder fine",
    "detect": "detect run few.npy --export detector",
    "sample": "sample bundle mnist_5k --n 4 --to s.png",
    "export": "export run other",
    "verify": "verify other",
    "search index": "search index bundle few.npy",
    "search query": "search query bundle few.npy",
    "data list": "data list",
    "data import": "data import wine .",
}
RUN_ALL = """
import sys
from typer.testing import CliRunner
from zoo import cli
for line in sys.argv[1:]:
    result = CliRunner().invoke(cli.app, line.split())
    print(line, result.exit_code, result.stderr[-300:])
"""


def test_nothing_of_onnxruntime_is_written_to_the_home_folder(work, tmp_path):
    # Too slow for this, or, as `explore`, in need of files that npm has.
    assert set(COMMANDS) - set(AT_HOME) == {"bench", "reproduce", "explore"}
    shutil.copytree(work, tmp_path / "work")
    (tmp_path / "home").mkdir()
    unset = {"ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME"}
    environment = {key: value for key, value in os.environ.items() if key not in unset}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RUN_ALL, *AT_HOME.values()],
        capture_output=True, text=True, cwd=tmp_path / "work",
        env=environment | {"HOME": str(tmp_path / "home")}, check=False,
    )  # fmt: skip
    written = [path.relative_to(tmp_path / "home") for path in (tmp_path / "home").rglob("*")]
    assert not [path for path in written if re.search("(?i)onnx|microsoft", str(path))]
    assert done.returncode == 0, done.stderr
    for command, line in AT_HOME.items():
        assert f"{line} {2 if command == 'data import' else 0} " in done.stdout, done.stdout
    kept = "import os, zoo; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    for value in ("0", "1"):
        done = subprocess.run([sys.executable, "-c", kept], capture_output=True, text=True,
                              env=environment | {"ORT_DISABLE_TELEMETRY": value})  # fmt: skip
        assert done.stdout == f"{value}\n"


FAILURES = [
    (["train", "conv_a"], 2, "There is no variant 'conv_a'; did you mean conv_ae"),
    (["train", "pca", "latent_dim=0"], 2, "`latent_dim` must be a positive integer"),
    (["train", "pca", "few.npy", "latent_dim"], 2, "are written name=value. Received: latent_dim"),
    (["train", "pca", "nothing.npy"], 2, "no dataset, file or folder 'nothing.npy'"),
    (
        ["train", "pca", "few.npy", "--folder", "run"],
        2,
        "holds another run, with arguments.latent_dim=4",
    ),
    (["train", "vae", "few.npy", "--folder", "run", "--resume"], 2, "holds another run"),
    (["train"], 2, "Name the variant to train, or a file of settings by --config."),
    (["train", "pca", "few.npy", "--set", "epoch=3"], 2, "'epoch'; did you mean epochs"),
    (["train", "pca", "few.npy", "--set", "epochs"], 2, "--set is written KEY=VALUE"),
    (["train", "pca", "--set", "epochs=3", "--epochs", "2"], 2, "set once. Received: 2 and 3"),
    (["train", "pca", "--batch-size", "0"], 2, "`batch_size` must be a positive integer"),
    (["runs", "--folder", "nowhere"], 2, "There is no folder nowhere"),
    (["runs", "compare", "run", "bundle"], 2, "bundle holds no run"),
    (["tune", "pca", "few.npy", "--latent-dim", "2,x"], 2, "integers with commas between them"),
    (["tune", "pca", "few.npy", "--search", "epochs"], 2, "--search is written learning_rate="),
    (["show", "vea"], 2, "did you mean vae"),
    (["list", "x*"], 2, "No variant's name matches x*"),
    (["evaluate", "nowhere"], 2, "There is no folder nowhere"),
    (["evaluate", "run", "mnist_5k.npy"], 2, "no dataset, file or folder"),
    (["export", "nowhere", "e"], 2, "There is no folder nowhere"),
    (["export", "run", "bundle"], 2, "exists already"),
    (["verify", "run"], 2, "has no manifest.json"),
    (["detect", "nowhere"], 2, "There is no folder nowhere"),
    (["detect", "bundle"], 2, "must have a score and a threshold"),
    (["detect", "run", "--false-alarms", "0.7"], 2, "must be a number in (0, 0.5]"),
    (["detect", "run", "--normal", "3"], 2, "no labels to find class '3' by"),
    (["verify", "damaged"], 1, "its sha256 differs"),
    (["data", "import", "mnist", "."], 2, "must be in"),
    (["reproduce", "0"], 2, "There is no row '0'"),
    (["bench", "speed"], 2, "There is no bench 'speed'"),
    (["nonsense"], 2, "No such command"),
    (["train", "pca", "few.npy", "--epochs", "many"], 2, "Invalid value for '--epochs'"),
]


# A process for each command, that of a process which has imported TensorFlow already.
FORKED = """
import json, os, sys
import tensorflow
from zoo.cli import main

for number, arguments in enumerate(json.load(sys.stdin)):
    process = os.fork()
    if not process:
        for stream, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(f"../{number}.{name}", os.O_CREAT | os.O_WRONLY), stream)
        sys.argv = ["zoo", *arguments]
        main()
        sys.exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)
"""


@pytest.fixture(scope="module")
def failed(work, tmp_path_factory):
    """The exit code, the output and the messages of each failure."""
    folder = tmp_path_factory.mktemp("failures") / "work"
    shutil.copytree(work, folder)
    shutil.copytree(folder / "bundle", folder / "damaged")
    with open(folder / "damaged" / "encoder.onnx", "ab") as file:
        file.write(b"!")
    commands = [arguments for arguments, _, _ in FAILURES]
    done = subprocess.run(
        [sys.executable, "-c", FORKED], cwd=folder, input=json.dumps(commands),
        env=os.environ | {"TFDS_DATA_DIR": str(folder.parent / "tfds")},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [
        (int(code), *((folder.parent / f"{row}.{name}").read_text() for name in ("out", "err")))
        for row, code in enumerate(done.stdout.splitlines())
    ]


@pytest.mark.parametrize("row", range(len(FAILURES)), ids=[" ".join(f[0]) for f in FAILURES])
def test_failures_have_an_exit_code_and_one_sentence(failed, row):
    (_, code, expected), (ended, out, err) = FAILURES[row], failed[row]
    assert ended == code, err
    assert expected in err
    assert out == ""
    assert "Traceback" not in err
    if code == 1 or "zoo: " in err:
        assert len(err.strip().splitlines()) == 1


def test_tensorboard_and_its_absence(work, tmp_path):
    train = ["train", "vae", "few.npy", "widths=[8]", "--epochs", "1", "--tensorboard", "--folder"]
    done = zoo_run(*train, "tb", cwd=work)
    assert done.returncode == 0, done.stderr
    assert list((work / "tb" / "tensorboard").rglob("events*"))
    done = zoo_run(*train, "none", cwd=work, **without("tensorboard", tmp_path))
    assert (done.returncode, done.stdout) == (3, "")
    told = "zoo: TensorBoard is not installed: pip install 'autoencoder-zoo[tensorboard]'\n"
    assert done.stderr == told
    assert not (work / "none").exists()


def test_a_terminal_shows_a_bar_for_each_layer_and_gets_its_cursor_back(work):
    ours, theirs = pty.openpty()
    command = [*ZOO, "train", "dbn", "digits", "widths=[20]", "latent_dim=4", "--epochs", "1",
               "--pretrain-epochs", "2"]  # fmt: skip
    plain = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    environment = plain | {"TERM": "xterm-256color", "COLUMNS": "500"}  # as long as a line
    process = subprocess.Popen(
        command, cwd=work, stdout=subprocess.DEVNULL, stderr=theirs, env=environment
    )
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # Linux says so when the other end has been closed
        while read := os.read(ours, 65536):
            shown += read
    os.close(ours)
    assert process.wait() == 0, shown
    drawn = shown.decode()
    bars = [line for line in re.split(r"[\r\n]+", drawn) if "━" in line]
    for of in (r"layer 1 of 2, 64-20 \(rbm\)", r"layer 2 of 2, 20-4 \(rbm\)", "epoch 1/1 "):
        begins = rf"(\x1b\[2K)?{of}"
        assert any(re.match(begins, line) for line in bars), of
        assert re.search(rf"[\r\n]{begins}[^\r\n]* \d+\.\d s", drawn), of  # the line that stays
    hide, show = "\x1b[?25l", "\x1b[?25h"
    assert drawn.count(hide) == drawn.count(show) == 3
    assert drawn.rindex(show) > drawn.rindex(hide)


def test_ctrl_c_tells_the_line_that_resumes(work, interruptible):
    arguments = ["train", "vae", "few.npy", "widths=[8]", "--epochs", "400", "--batch-size", "2"]
    process = subprocess.Popen([*ZOO, *arguments], cwd=work, stderr=subprocess.PIPE, text=True)
    while "epoch 1/" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    stderr = process.communicate(timeout=60)[1]
    assert process.returncode == 130, stderr
    assert "Traceback" not in stderr
    line = re.search(r"To resume: zoo (.*)", stderr)[1]
    again = shlex.split(line)
    assert again == [*arguments, "--folder", "runs/vae-few-seed0", "--resume"]
    process = subprocess.Popen([*ZOO, *again], cwd=work, stderr=subprocess.PIPE, text=True)
    first = process.stderr.readline()
    process.kill()
    process.communicate()
    assert re.match(r"epoch \d+/400", first)
    assert not first.startswith("epoch 1/")
