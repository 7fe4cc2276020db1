"""Measures requests a second of `zoo serve` and other servers, beside onnxruntime alone.

The command

    python -m zoo.experiments.servers.load mlserver=ENVIRONMENT/bin/python kserve=...

sends digits to `encode` of the default `conv_ae` over 64 connections, by `wrk` (which must be
installed) and by grpc.aio. Every server is one process that computes by one thread. Contenders
take turns; a line with the medians is appended to `results/servers.jsonl`.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np

from zoo.experiments import results
from zoo.experiments.benchmarks import machine, timing
from zoo.experiments.servers import clients, contenders

CONNECTIONS, THREADS, ROUNDS = 64, 1, 5
SECONDS = 2  # of a contender in a round; wrk takes whole ones
ROWS = (1, 64)
TARGETS = {  # ratios that are at least so large; the last is at most so large
    "binary 64 / in process": 0.75,
    "binary 1 / in process": 0.30,
    "json 1 / others": 3.0,
    "json 64 / others": 2.0,
    "grpc 1 / others": 1.8,
    "grpc 64 / others": 1.0,
    "event loop µs": 100,
}


def measure(pythons: dict[str, str], folder=None, rounds=ROUNDS, seconds=SECONDS) -> dict:
    """Measures the servers in turns, and records the medians.

    Args:
        pythons: Dict. By name of a server, `"mlserver"` or `"kserve"`, the Python of its
            environment.
        folder: String or `Path`. The folder of `servers.jsonl`. Defaults to None, the package's.
        rounds: Integer. Number of rounds. Defaults to 5.
        seconds: Integer. Seconds of a contender in a round. Defaults to 2.

    Returns:
        The line of `servers.jsonl`: `requests_per_second` by contender, `figures` by the names of
        `TARGETS`, and the list `missed` of those that are not reached.

    Raises:
        RuntimeError: If a request fails, or an answer is not `zoo.load`'s.

    Example:

    >>> measure({"mlserver": "env/bin/python"})  # doctest: +SKIP
    """
    import zoo

    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        bundle = zoo.export(zoo.build("conv_ae"), work / "conv")
        images = zoo.datasets.load("mnist_5k").test.images[: max(ROWS)]
        requests = {rows: _requests(work, images[:rows]) for rows in ROWS}
        with contenders.all_running(work / "conv", work, pythons, THREADS) as servers:
            for server in servers.values():
                _require_right(server, requests, bundle, images)
            loop = []
            turns = _turns(servers, requests, loop, seconds)
            turns["in process 64"] = partial(_in_process, work / "conv", images, seconds)
            answers = timing.take_turns(turns, rounds, label="load")
    medians = {name: timing.median(answers, name) for name in turns}
    figures = _figures(medians, [name for name in servers if name != "zoo"])
    figures["event loop µs"] = round(1e6 * float(np.median(loop[1:])), 1)
    return results.append(
        "servers", folder, load="conv_ae encode", connections=CONNECTIONS, threads=THREADS,
        requests_per_second={name: round(value, 1) for name, value in medians.items()},
        figures=figures, missed=_missed(figures), value=len(figures) - len(_missed(figures)),
        rivals={name: clients.version(python, name) for name, python in pythons.items()},
        machine=machine.described(),
    )  # fmt: skip


def _turns(servers, requests, loop, seconds):
    """Returns a function without arguments a server, form and number of rows."""
    turns = {}
    for rows, sent in requests.items():
        times = loop if rows == 1 else []
        turns[f"zoo binary {rows}"] = partial(_wrk, servers["zoo"], *sent["binary"], seconds, times)
        for name, server in servers.items():
            turns[f"{name} json {rows}"] = partial(_wrk, server, *sent["json"], seconds, [])
            turns[f"{name} grpc {rows}"] = partial(_grpc, server, sent["grpc"], seconds)
    return turns


def _figures(medians, others):
    """Returns the ratios by the names of `TARGETS`; of the others, the fastest one counts."""
    rows = 64 * medians["in process 64"]
    figures = {
        "binary 64 / in process": 64 * medians["zoo binary 64"] / rows,
        "binary 1 / in process": medians["zoo binary 1"] / rows,
    }
    for form in ("json 1", "json 64", "grpc 1", "grpc 64") if others else ():
        strongest = max(medians[f"{name} {form}"] for name in others)
        figures[f"{form} / others"] = medians[f"zoo {form}"] / strongest
    return {name: round(value, 3) for name, value in figures.items()}


def _missed(figures):
    return [
        name
        for name, value in figures.items()
        if (value > TARGETS[name] if name.endswith("µs") else value < TARGETS[name])
    ]


def _requests(work, images):
    """Returns the files of a request in its forms, those over HTTP with the size of their JSON."""
    from zoo.server.messages import message

    facts = {"name": "image", "datatype": "FP32", "shape": list(images.shape)}
    as_json = json.dumps({"inputs": [facts | {"data": images.reshape(-1).tolist()}]}).encode()
    data = images.tobytes()
    entry = facts | {"parameters": {"binary_data_size": len(data)}}
    head = {"inputs": [entry], "parameters": {"binary_data_output": True}}
    head = json.dumps(head).encode()
    raw = message("ModelInferRequest")(
        model_name=contenders.MODEL, inputs=[facts], raw_input_contents=[data]
    )
    written = {"json": as_json, "binary": head + data, "grpc": raw.SerializeToString()}
    paths = {name: work / f"{name}-{len(images)}" for name in written}
    for name, path in paths.items():
        path.write_bytes(written[name])
    return {
        "json": (paths["json"], None),
        "binary": (paths["binary"], len(head)),
        "grpc": paths["grpc"],
    }


def _require_right(server, requests, bundle, images):
    """Raises an error if the answers of a server are not those of `zoo.load`."""
    import grpc
    import requests as http

    from zoo.server.messages import message

    for rows, sent in requests.items():
        expected = bundle.encode(images[:rows])
        body, headers = sent["json"][0].read_bytes(), {"Content-Type": "application/json"}
        answer = http.post(server.http, data=body, headers=headers, timeout=60)
        answer.raise_for_status()
        data = np.array(answer.json()["outputs"][0]["data"]).reshape(expected.shape)
        with grpc.insecure_channel(server.grpc) as channel:
            infer = channel.unary_unary("/inference.GRPCInferenceService/ModelInfer")
            answer = infer(sent["grpc"].read_bytes(), timeout=60)
        raw = message("ModelInferResponse").FromString(answer).raw_output_contents[0]
        raw = np.frombuffer(raw, np.float32).reshape(expected.shape)
        if max(np.abs(data - expected).max(), np.abs(raw - expected).max()) > 1e-5:
            raise RuntimeError(f"{server.http} does not answer as zoo.load does.")


def _in_process(export, images, seconds):
    """Returns the batches of 64 rows a second that onnxruntime computes in this process."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    path = str(export / "encoder.onnx")
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    count, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        session.run(["latent"], {"image": images})
        count += 1
    return count / (time.perf_counter() - started)


def _wrk(server, body, json_size, seconds, loop):
    """Returns requests a second, and adds the processor time a request of the event loop."""
    env = os.environ | {"LOAD_BODY": str(body)}
    if json_size is not None:
        env["LOAD_JSON_SIZE"] = str(json_size)
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s"]
    command += ["-s", str(clients.PROGRAMS / "load.lua"), server.http]
    before = _event_loop(server.process)
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    spent = _event_loop(server.process) - before
    words = next(line for line in done.stdout.splitlines() if line.startswith("answers")).split()
    answers, took, errors = int(words[1]), float(words[3]), int(words[5])
    if errors or not answers:
        raise RuntimeError(f"{server.http} failed {errors} of {answers} requests.")
    loop.append(spent / answers)
    return answers / took


def _event_loop(process):
    """Returns the seconds of processor time of the first thread of a process."""
    return int(Path(f"/proc/{process}/task/{process}/schedstat").read_text().split()[0]) / 1e9


def _grpc(server, body, seconds):
    program = clients.PROGRAMS / "grpc_load.py"
    command = [sys.executable, program, server.grpc, body, CONNECTIONS, seconds]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=True)
    answers, took = map(float, done.stdout.split())
    return answers / took


if __name__ == "__main__":
    print(measure(dict(argument.split("=", 1) for argument in sys.argv[1:])))
