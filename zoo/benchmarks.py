"""`zoo bench`: what using this library costs, measured against doing without it."""

import json
import os
import platform
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from zoo import results
from zoo.errors import UsageError, no_such

ROUNDS = 5


def fit(folder=None) -> list[dict]:
    """For each variant: images a second of `fit`, beside the same net as a bare Keras model.

    Same batch, loss, optimizer, precision and threads; the two take turns, and the median of
    five ratios is what counts.
    """
    import keras

    from zoo import datasets, registry

    images = datasets.load("mnist_5k").train.images
    lines = []
    for name in (name for name in registry.names() if not registry.entry(name).preset):
        recipe = registry.entry(name).recipe
        ours, drawn = registry.build(name), registry.build(name)
        bare = recipe.compile(keras.Model(drawn.inputs, drawn.outputs))
        calls = {
            "ours": lambda e, m=ours, b=recipe.batch_size: m.fit(
                images, batch_size=b, epochs=e, verbose=0),
            "bare": lambda e, m=bare, b=recipe.batch_size: m.fit(
                images, images, batch_size=b, epochs=e, verbose=0),
        }  # fmt: skip
        for call in calls.values():
            call(1)  # traces
        epochs = max(1, round(2.0 / _seconds(lambda c=calls["bare"]: c(1))))
        rounds = [
            {key: _seconds(lambda c=call, e=epochs: c(e)) for key, call in calls.items()}
            for _ in range(ROUNDS)
        ]
        speed = {
            key: epochs * len(images) / statistics.median(each[key] for each in rounds)
            for key in calls
        }
        lines.append(_record(
            folder, bench="fit", variant=name, unit="ratio to bare Keras",
            value=round(statistics.median(each["bare"] / each["ours"] for each in rounds), 3),
            images_per_second=round(speed["ours"]), bare_images_per_second=round(speed["bare"]),
        ))  # fmt: skip
    return lines


def encode(folder=None) -> list[dict]:
    """Encoding one image by `conv_ae`: onnxruntime's median time beside the SavedModel's."""
    import numpy as np
    import tensorflow as tf

    from zoo import datasets, exporting, registry
    from zoo.serving import sessions

    image = datasets.load("mnist_5k").test.images[:1]
    with tempfile.TemporaryDirectory() as work:
        bundle = exporting.export(registry.build("conv_ae"), Path(work) / "bundle")
        session = sessions.open_session((bundle.folder / "encoder.onnx").read_bytes())
        loaded = tf.saved_model.load(str(bundle.folder / "saved_model"))
        signature, tensor = loaded.signatures["encode"], tf.constant(image)
        calls = {
            "onnxruntime": lambda: session.run(["latent"], {"image": image}),
            "saved_model": lambda: signature(image=tensor)["latent"].numpy(),
        }
        times = {key: [] for key in calls}
        for number in range(600):
            for key, call in calls.items():
                seconds = _seconds(call)
                if number >= 100:  # warm
                    times[key].append(seconds)
    p50 = {key: float(np.median(each)) * 1e3 for key, each in times.items()}
    return [_record(
        folder, bench="encode", variant="conv_ae", unit="times as fast as the SavedModel",
        value=round(p50["saved_model"] / p50["onnxruntime"], 2), batch=1,
        onnxruntime_ms=round(p50["onnxruntime"], 3), saved_model_ms=round(p50["saved_model"], 3),
    )]  # fmt: skip


def main_job(folder=None) -> list[dict]:
    """Seconds of the README's first command, after installation, and what it gave.

    Its figures are kept beside the results, as `pictures`.
    """
    with tempfile.TemporaryDirectory() as work:
        started = time.perf_counter()
        for each in main_job_commands():
            subprocess.run([sys.executable, "-m", *shlex.split(each)], cwd=work, check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        seconds = time.perf_counter() - started
        (manifest,) = Path(work).glob("exports/*/manifest.json")
        content = json.loads(manifest.read_text())
        (figures,) = Path(work).glob("runs/*/figures")
        pictures = Path(folder or results.FOLDER) / "pictures"
        shutil.copytree(figures, pictures, dirs_exist_ok=True)
    parity = {name: max(worst.values()) for name, worst in content["parity"].items()}
    return [_record(
        folder, bench="main_job", variant=content["variant"], unit="seconds",
        value=round(seconds, 1), metrics=content["metrics"], parity=parity,
    )]  # fmt: skip


def main_job_commands() -> list[str]:
    """The `zoo` commands of the README's first code block."""
    readme = Path(__file__).parent.parent / "README.md"
    if not readme.exists():
        raise UsageError(f"The main job is the README's: run it from a checkout. Here: {readme}.")
    block = re.search(r"```sh\n(.*?)```", readme.read_text(encoding="utf-8"), re.DOTALL)[1]
    joined = block.replace("\\\n", " ")
    return [each.strip() for each in joined.split("&&") if each.strip().startswith("zoo ")]


BENCHES = {"fit": fit, "encode": encode, "main_job": main_job}


def bench(name: str, folder=None) -> list[dict]:
    """Runs one of `BENCHES` and appends its lines to `bench.jsonl`; returns them."""
    if name not in BENCHES:
        raise no_such("bench", name, list(BENCHES))
    results.require_writable("bench", folder)
    return BENCHES[name](folder)


def _seconds(call):
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _record(folder, **facts):
    machine = {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "system": platform.system(),
    }
    return results.append("bench", folder, **facts, machine=machine)


def _processor():
    path = Path("/proc/cpuinfo")
    if path.exists():
        found = re.search(r"model name\s*:\s*(.+)", path.read_text())
        if found:
            return found[1]
    return platform.processor() or platform.machine()
