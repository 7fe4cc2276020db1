"""The light installation: what runs with NumPy, onnxruntime and safetensors alone, and what says
which package it lacks."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

import zoo
from zoo import anomaly, dependencies, search

ROOT = Path(__file__).parent.parent
DOCUMENTED = ROOT / "docs" / "export_and_serving.md"
LARGEST = 200  # MB beside the weights
RNG = np.random.default_rng(0)
TEXTS = ["two cats purr", "three dogs bark", "four cats bark loudly", "dogs purr", ""]
ROWS = {
    "conv_ae": RNG.random((5, 16, 16, 1), "float32"),
    "vq_vae": RNG.random((5, 8, 8, 1), "float32"),
    "pca": RNG.normal(size=(60, 6)).astype("float32"),
}
# Everything that is promised, in one process, which writes its numbers to `found.npz`.
PROMISED = """
import json, pathlib, sys
import numpy as np
import zoo

rows, found, reports = np.load("rows.npz"), {}, {}
texts = json.loads(pathlib.Path("texts.json").read_text())
for name in ("conv_ae", "vq_vae", "pca", "document_ae", "detector", "images"):
    bundle = zoo.load(name)
    x = texts if name == "document_ae" else rows["conv_ae" if name == "images" else
                                                 "pca" if name == "detector" else name]
    codes = bundle.encode(x)
    found[f"{name}.encode"] = codes
    found[f"{name}.decode"] = bundle.decode(codes)
    found[f"{name}.reconstruct"] = bundle.reconstruct(x)
    if bundle.index_names:
        found[f"{name}.indices"] = bundle.indices(x)
    if bundle.detection:
        detector = zoo.anomaly.Detector.load(name)
        found[f"{name}.score"] = bundle.score(x)
        found[f"{name}.detector"] = detector.score(x)
        found[f"{name}.predict"] = detector.predict(x)
        found[f"{name}.threshold"] = np.array(detector.threshold)
found["images.map"] = detector.map(rows["conv_ae"])
found["classifier.classify"] = zoo.load("classifier").classify(rows["conv_ae"])

pca = zoo.load("pca")
index = zoo.search.Index.build(pca, rows["pca"][:50])
index.add(rows["pca"][50:])
index.delete([0, 7])
ids, found["index.distances"] = zoo.search.Index.load(index.save()).query(rows["pca"][:9], k=4)
found["index.ids"] = ids
ids, found["written.distances"] = zoo.search.Index.load("written.index").query(rows["pca"][:9], k=4)
found["written.ids"] = ids
of_texts = zoo.search.Index.build(zoo.load("document_ae"), texts[:4], list("abcd"), metric="cosine")
assert of_texts.query(["dogs purr"], k=1)[0].tolist() == [["d"]]

for name in sys.argv[1:]:
    reports[name] = zoo.verify(name)
pathlib.Path("reports.json").write_text(json.dumps(reports))
np.savez("found.npz", **found)
"""


def models():
    """Models of every kind, in the full environment."""
    tiny = {name: zoo.build(name, **zoo.entry(name).tiny) for name in ("conv_ae", "vq_vae")}
    tiny["pca"] = zoo.build("pca", input_shape=(6,), latent_dim=3, standardise=True)
    tiny["pca"].adapt(ROWS["pca"])
    tiny["document_ae"] = zoo.build("document_ae", **zoo.entry("document_ae").tiny).adapt(TEXTS[:4])
    many = np.concatenate([ROWS["conv_ae"]] * 4)
    return tiny | {
        "detector": anomaly.Detector.fit(tiny["pca"], ROWS["pca"], score="both"),
        "images": anomaly.Detector.fit(tiny["conv_ae"], many),
        "classifier": zoo.classifier(tiny["conv_ae"], classes=3),
    }


def numbers(models):
    """What the light installation must compute, as Keras computes it."""
    expected = {}
    for name in ("conv_ae", "vq_vae", "pca", "document_ae", "detector", "images"):
        data = {"document_ae": TEXTS, "detector": ROWS["pca"], "images": ROWS["conv_ae"]}
        x = data[name] if name in data else ROWS[name]
        model = getattr(models[name], "model", models[name])
        expected[f"{name}.encode"] = model.encode(x)
        expected[f"{name}.decode"] = model.decode(expected[f"{name}.encode"])
        expected[f"{name}.reconstruct"] = model.reconstruct(x)
        if name in ("detector", "images"):
            expected[f"{name}.score"] = expected[f"{name}.detector"] = models[name].score(x)
            expected[f"{name}.predict"] = models[name].predict(x)
            expected[f"{name}.threshold"] = np.array(models[name].threshold)
    expected["vq_vae.indices"] = models["vq_vae"].indices(ROWS["vq_vae"])
    expected["images.map"] = models["images"].map(ROWS["conv_ae"])
    expected["classifier.classify"] = models["classifier"].classify(ROWS["conv_ae"])
    index = search.Index.build(models["pca"], ROWS["pca"])
    expected["written.ids"], expected["written.distances"] = index.query(ROWS["pca"][:9], k=4)
    index.delete([0, 7])
    expected["index.ids"], expected["index.distances"] = index.query(ROWS["pca"][:9], k=4)
    return expected


def checked(*command, **kwargs):
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, **kwargs)
    assert done.returncode == 0, done.stderr
    return done.stdout


def documented():
    """The commands that install the light environment, as the documentation has them."""
    section = DOCUMENTED.read_text(encoding="utf-8").partition("## Without TensorFlow")[2]
    block = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    return block[1].splitlines()


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """The interpreter of an environment with the wheel and the documented packages alone."""
    folder = tmp_path_factory.mktemp("light")
    source = folder / "source"  # a copy, because building writes to it
    shutil.copytree(ROOT / "zoo", source / "zoo", ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "setup.cfg", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, source)
    checked(sys.executable, "-m", "build", "--wheel", "--outdir", folder, source)
    (wheel,) = folder.glob("*.whl")
    checked(sys.executable, "-m", "venv", "--without-pip", folder / "venv")
    light = folder / "venv" / "bin" / "python"
    for line in documented():
        pip, install, *arguments = line.split()
        assert (pip, install) == ("pip", "install"), line
        arguments = [wheel if argument == "." else argument for argument in arguments]
        checked(sys.executable, "-m", "pip", "--python", light, "install", "-q", *arguments)
    return light


@pytest.fixture(scope="module")
def light(python):
    """A function that runs the interpreter; it knows nothing of this checkout."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}

    def run(*arguments, cwd=python.parent, **environment):
        return subprocess.run(
            [str(python), "-X", "utf8", *map(str, arguments)], cwd=cwd, env=plain | environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """Exports, an index, rows and texts, and the numbers and reports of the full environment."""
    folder = tmp_path_factory.mktemp("work")
    made = models()
    for name, model in made.items():
        zoo.export(model, folder / name)
    np.savez(folder / "rows.npz", **ROWS)
    (folder / "texts.json").write_text(json.dumps(TEXTS))
    search.Index.build(zoo.load(folder / "pca"), ROWS["pca"]).save(folder / "written.index")
    reports = {name: zoo.verify(folder / name) for name in made}
    return folder, numbers(made), reports


def megabytes(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def test_the_environment_is_small_and_holds_what_is_documented(python):
    listed = checked(sys.executable, "-m", "pip", "--python", python, "list", "--format", "json")
    names = {package["name"] for package in json.loads(listed)}
    assert {"autoencoder-zoo", "numpy", "onnxruntime", "safetensors"} <= names
    assert not names & {"keras", "tensorflow", "typer", "rich", "pillow", "scipy", "filelock"}
    (packages,) = python.parent.parent.glob("lib/python*/site-packages")
    whole, weights, bundles = map(
        megabytes,
        (packages, packages / "zoo" / "weights", packages / "zoo" / "serving" / "bundles"),
    )
    print(f"the light environment: {whole:.0f} MB, {weights + bundles:.0f} of them weights")
    assert weights > 1
    assert bundles > 1
    assert whole - weights - bundles <= LARGEST


def test_what_is_promised_gives_the_numbers_of_the_full_environment(light, work):
    folder, expected, reports = work
    done = light("-W", "error", "-c", PROMISED, *reports, cwd=folder)
    assert done.returncode == 0, done.stderr
    found = np.load(folder / "found.npz")
    assert set(found) == set(expected)
    for name, numbers in expected.items():
        np.testing.assert_allclose(found[name], numbers, rtol=1e-5, atol=1e-5, err_msg=name)
    for name, report in json.loads((folder / "reports.json").read_text()).items():
        absent = "TensorFlow is not installed: pip install autoencoder-zoo"
        assert report["not_checked"] == {"tensorflow": absent, "weights": absent}
        assert set(report) == {"files", "rows", "onnxruntime", "not_checked"}
        assert (report["files"], report["rows"]) == (reports[name]["files"], reports[name]["rows"])
        assert report["onnxruntime"] == pytest.approx(reports[name]["onnxruntime"], abs=1e-5)


def test_a_changed_file_is_found_without_tensorflow(light, work):
    folder, *_ = work
    for file in ("encoder.onnx", "saved_model/saved_model.pb", "weights.safetensors"):
        shutil.copytree(folder / "pca", folder / "changed")
        data = bytearray((folder / "changed" / file).read_bytes())
        data[len(data) // 2] ^= 1
        (folder / "changed" / file).write_bytes(data)
        done = light("-c", "import zoo; zoo.verify('changed')", cwd=folder)
        assert re.search(rf"CheckFailedError: changed/{file} .*sha256", done.stderr), done.stderr
        shutil.rmtree(folder / "changed")


WHOLE = "is not installed: pip install autoencoder-zoo"
LACKING = {
    "zoo.build('pca')": f"Keras {WHOLE}",
    "zoo.train('pca')": f"Keras {WHOLE}",
    "zoo.AutoEncoder": f"Keras {WHOLE}",
    "zoo.layers.Noise": f"Keras {WHOLE}",
    "zoo.blocks.flat_input": f"Keras {WHOLE}",
    "zoo.load_model('model.keras')": f"Keras {WHOLE}",
    "zoo.evaluate": f"SciPy {WHOLE}",
    "zoo.anomaly.measure([0.1, 0.9], np.array([False, True]))": "scikit-learn is not installed: "
    "pip install scikit-learn",
    "zoo.export(None, 'folder')": f"Keras {WHOLE}",
    "zoo.anomaly.Detector.fit(None, [[1.0]])": f"Keras {WHOLE}",
    "zoo.datasets.load('tfds:mnist')": f"tensorflow-datasets {WHOLE}",
    "zoo.datasets.load('wine')": "scikit-learn is not installed: pip install scikit-learn",
    "zoo.datasets.load('pictures')": "Pillow, which reads images, is not installed: "
    "pip install pillow",
    "zoo.datasets.load('table.csv')": "pandas is not installed: pip install pandas",
    "zoo.search.Index.build(zoo.load('pca'), np.zeros((3, 6)), approximate=True)": "faiss, which "
    "searches approximately, is not installed: pip install faiss-cpu",
    "zoo.plots.curves({'loss': [2.0, 1.0]})": "Matplotlib, which draws, is not installed: "
    "pip install matplotlib",
}


@pytest.mark.parametrize("code", LACKING)
def test_what_is_lacking_is_named_in_one_sentence(code, light, work):
    folder, *_ = work
    (folder / "pictures").mkdir(exist_ok=True)
    (folder / "pictures" / "one.png").write_bytes(b"")
    (folder / "table.csv").write_text("width,height\n1,2\n3,4\n")
    done = light("-c", f"import numpy as np\nimport zoo\n{code}", cwd=folder)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last == f"zoo.errors.MissingExtraError: {LACKING[code]}"


def test_other_libraries_find_what_they_find_without_the_zoo(light):
    code = """
import importlib.util
import zoo
assert importlib.util.find_spec("pandas") is None
try:
    import keras
except ModuleNotFoundError as error:
    assert type(error) is ModuleNotFoundError, type(error)
"""
    done = light("-c", code)
    assert done.returncode == 0, done.stderr


def test_the_readme_of_the_package_leads_to_the_repository(light):
    """A package index shows it, where relative links and pictures lead nowhere."""
    code = "import importlib.metadata as of; print(of.metadata('autoencoder-zoo').get_payload())"
    text = light("-c", code).stdout
    own = (ROOT / "README.md").read_text(encoding="utf-8")
    address = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]["Repository"]
    code = re.compile(r"```.*?```", re.DOTALL)
    assert code.findall(text) == code.findall(own)
    links, given = (
        re.findall(r"(!?)\[[^]]*\]\(([^)\s]+)", code.sub("", each)) for each in (text, own)
    )
    assert len(links) == len(given) > 20
    for (picture, link), (_, target) in zip(links, given, strict=True):
        path = ROOT / target.partition("#")[0]
        kind = "raw" if picture else "tree" if path.is_dir() else "blob"
        assert link in (target, f"{address}/{kind}/main/{target}")
        assert link.startswith("https:")


def test_the_detector_that_ships_runs(light):
    code = """
import numpy as np
import zoo
detector = zoo.anomaly.Detector.load("mnist")
digits = zoo.datasets.load("mnist_5k").test.images
print(detector.predict(digits).mean() < 0.05, detector.predict(1 - digits).mean() == 1)
"""
    done = light("-c", code)
    assert done.stdout == "True True\n", done.stderr


def test_the_data_of_the_package_are_there(light):
    done = light("-c", "import zoo; print(zoo.datasets.load('mnist_5k').input_shape, zoo.names())")
    assert done.stdout == f"(28, 28, 1) {zoo.names()}\n", done.stderr


@pytest.mark.parametrize("arguments", [["list"], ["--help"], ["verify", "pca"]])
def test_the_command_line_names_typer(arguments, light, work):
    done = light("-m", "zoo", *arguments, cwd=work[0])
    told = "zoo: Typer, which the command line needs, is not installed: pip install typer\n"
    assert (done.returncode, done.stdout, done.stderr) == (3, "", told)


def test_the_command_line_with_typer(light, work, python, tmp_path):
    folder, *_ = work
    command = [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--target"]
    checked(*command, tmp_path, "typer")
    run = ["-m", "zoo"]
    done = light(*run, "verify", "pca", cwd=folder, PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stderr
    shown = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert shown["not_checked.tensorflow"] == f"TensorFlow {WHOLE}"
    assert float(shown["onnxruntime.encode.latent"]) < 1e-5
    for arguments, told in [
        (["show", "pca"], f"Keras {WHOLE}"),
        (["train", "pca"], f"Keras {WHOLE}"),
        (["list"], None),
    ]:
        done = light(*run, *arguments, cwd=folder, PYTHONPATH=str(tmp_path))
        assert done.returncode == (3 if told else 0), done.stderr
        assert done.stderr == (f"zoo: {told}\n" if told else "")


ALONE = ("make_signals.py", "make_tables.py", "onnx_model.py")


def test_every_package_that_is_imported_is_known():
    own = {*sys.stdlib_module_names, "zoo"}
    for path in Path(zoo.__file__).parent.rglob("*.py"):
        # Rivals are left out where they are not installed; others have environments of their own.
        if path.parent.name in ("rivals", "programs") or path.name in ALONE:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            packages = {name.partition(".")[0] for name in names} - own
            assert packages <= {*dependencies.PACKAGES, *dependencies.EXTRAS}, path
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {re.match(r"[\w-]+", requirement)[0] for requirement in project["dependencies"]}
    assert {what for _, what in dependencies.PACKAGES.values()} <= {*names, project["name"]}
    extras = project["optional-dependencies"]
    for what, package, extra in dependencies.EXTRAS.values():
        for name in package.split():
            assert any(re.match(rf"{name}\b", each) for each in extras[extra]), what
