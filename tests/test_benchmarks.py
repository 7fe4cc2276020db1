"""The benches in small: what they count, what they compare, and what they write."""

import json
import multiprocessing
import sys

import numpy as np
import pytest

import zoo
from zoo import registry
from zoo.experiments import benchmarks, results
from zoo.experiments.benchmarks import (
    bare,
    boltzmann,
    contractive,
    encode,
    fit,
    interrupts,
    matrix,
    memory,
    overhead,
    photos,
    recipe,
    search,
    timing,
    unpooling,
)
from zoo.experiments.benchmarks.rivals import worker
from zoo.experiments.benchmarks.rivals.worker import Worker
from zoo.experiments.servers import load

SMALL = {
    "deep_ae": {"input_shape": (28, 28, 1), "widths": (16, 8), "latent_dim": 3},
    "conv_ae": {"input_shape": (28, 28, 1), "filters": (2, 3), "latent_dim": 3},
    "vae": {"input_shape": (28, 28, 1), "widths": (16,), "latent_dim": 2},
}

MULTIPLIES = [
    ("deep_ae", {}, 2 * (784 * 1000 + 1000 * 500 + 500 * 250 + 250 * 30)),
    ("deep_ae", {"tied": True}, 2 * (784 * 1000 + 1000 * 500 + 500 * 250 + 250 * 30)),
    ("vae", {}, 784 * 512 + 512 * 2 * 16 + 16 * 512 + 512 * 784),
    (
        "conv_ae",
        {},
        28 * 28 * 9 * 32
        + 14 * 14 * 9 * 32 * 64  # back up by kernels of 4 × 4 on the small maps
        + 2 * 7 * 7 * 64 * 32
        + 7 * 7 * 16 * 64 * 32
        + 14 * 14 * 16 * 32,
    ),
]


@pytest.mark.parametrize(("variant", "arguments", "expected"), MULTIPLIES)
def test_multiplies_are_counted_as_by_hand(variant, arguments, expected):
    model = zoo.build(variant, **arguments)
    assert matrix.multiplies(model) == expected
    assert matrix.training_flops(model) == 6 * expected


def test_the_ratio_is_the_median_of_the_rounds_own():
    answers = iter([9.0, 9.0, 1.0, 2.0, 10.0, 30.0, 3.0, 3.0])
    turns = {"a": lambda: next(answers), "b": lambda: next(answers)}
    rounds = timing.take_turns(turns, 3)
    assert rounds == [{"a": 1.0, "b": 2.0}, {"a": 10.0, "b": 30.0}, {"a": 3.0, "b": 3.0}]
    assert timing.median_ratio(rounds, "b", "a") == 2.0
    assert timing.median(rounds, "b") == 3.0


def test_fit_beside_rivals(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(fit, "RIVALS", {"torch": (".torch_rival", {}), "nowhere": ("nowhere", {})})
    small = {"rows": 512, "rounds": 1, "least": 0.0}
    (line,) = fit.measure(tmp_path, variants=["vae"], **small)
    assert results.read("bench", tmp_path) == [json.loads(json.dumps(line))]
    assert line["share_of_limit"] > 0
    assert {"zoo", "keras"} <= set(line["images_per_second"]) <= {"zoo", "keras", "torch"}
    assert set(line["rival_versions"]) == set(line["images_per_second"]) - {"zoo", "keras"}
    assert {"processor", "cores", "system", "threads"} <= set(line["machine"])
    printed = capfd.readouterr().err
    assert "left out: nowhere" in printed
    assert "fit vae: warming up, zoo\n" in printed
    assert "fit vae: round 1 of 1, keras\n" in printed


def test_the_other_benches(tmp_path):
    (line,) = overhead.measure(tmp_path, names=["pca"], rows=64, rounds=1, least=0.0)
    assert line["images_per_second"] > 0
    (line,) = contractive.measure(tmp_path, widths=(8,), latent_dim=3, rows=64, rounds=1, least=0.0)
    assert line["probe_step_ms"] > 0
    (line,) = boltzmann.measure(tmp_path, units=5, batches=(32,), rows=64, rounds=1)
    assert line["times_as_fast_as"]["sklearn"] > 0
    assert line["flops_per_image"] == 10 * 784 * 5
    assert line["value"] > 0 < line["matrix_gflops"]
    (line,) = recipe.measure(
        tmp_path, names=["pca", "shallow_ae"], arguments={"latent_dim": 2}, rounds=1, least=0.0
    )
    assert line["value"] > 0 < min(line["times_as_fast_as"].values())
    small = {"widths": (4,), "neighbours": 2}
    (tmp_path / "pairs").mkdir()
    (line,) = recipe.measure(
        tmp_path / "pairs", names=["neighbour_ae"], arguments=small, rounds=1, least=0.0
    )
    assert "Keras's own feed" not in line["times_as_fast_as"]
    lines = encode.measure(tmp_path, names=["deep_ae"], batches=(1, 2), rounds=10)
    assert [line["batch"] for line in lines] == [1, 2]
    assert min(line["predict_ms"] for line in lines) > 0
    assert min(line["loader"] for line in lines) > 0.5
    (line,) = unpooling.measure(tmp_path, shapes=[(9, 8, 1)], filters=(2,), batches=(2,), rounds=1)
    assert line["value"] > 0 < line["scatter_ms"]
    assert line["difference"] < 1e-6
    assert [key[0] for key in benchmarks.newest(tmp_path)] == [
        "overhead", "contractive", "boltzmann", "recipe", "encode", "encode",
        "unpooling",
    ]  # fmt: skip


def test_commands_that_are_ended_are_counted(tmp_path):
    (first, second) = interrupts.measure(tmp_path, signals=1, commands=["verify bundle"])
    assert [(line["variant"], line["value"], line["wrong"]) for line in (first, second)] == [
        ("SIGINT", 1, []),
        ("SIGTERM", 1, []),
    ]


@pytest.mark.parametrize(
    ("code", "shown", "left", "proper"),
    [
        (130, "epoch 1\nzoo: interrupted. To resume: zoo verify bundle\n", [], True),
        (143, "zoo: interrupted. To resume: zoo verify bundle\n", [], False),
        (130, "zoo: interrupted. To resume: zoo verify bundle\n", [".stage"], False),
        (130, "Traceback\nzoo: interrupted. To resume: zoo verify bundle\n", [], False),
        (130, "zoo: interrupted. To resume: zoo train\n", [], False),
        (-2, "", [], False),
        (0, "zoo: interrupted. To resume: zoo verify bundle\n", [], False),  # a lost signal
    ],
)
def test_an_improper_end_is_recorded_with_what_it_showed(code, shown, left, proper):
    end = interrupts.judged("verify bundle", 1.0, "SIGINT", code, shown, left)
    assert (end["proper"], "shown" in end) == (proper, not proper)


def test_search_is_timed_with_and_without_faiss(tmp_path, uninstall, capfd):
    small = {"data": "digits", "rows": 5000, "numbers": 8, "queries": 20}
    exact, graph = search.measure(tmp_path, **small)
    assert (exact["variant"], exact["recall"], exact["rows"]) == ("exact", 1.0, 5000)
    assert graph["recall"] > 0.9
    assert graph["times_as_fast"] == pytest.approx(exact["value"] / graph["value"], abs=0.06)
    uninstall("faiss")
    (alone,) = search.measure(tmp_path, **small)
    assert alone["variant"] == "exact"
    assert "left out: faiss" in capfd.readouterr().err
    assert len(results.read("bench", tmp_path)) == 3


def test_photos_from_disk_are_timed_beside_photos_in_memory(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "own"))
    small = {"variant": "conv_ae", "photos": 40, "image_size": 16, "rounds": 1}
    (line,) = photos.measure(tmp_path, **small, filters=(2,), latent_dim=2)
    assert results.read("bench", tmp_path) == [json.loads(json.dumps(line))]
    speeds = line["images_per_second"]
    assert line["value"] == pytest.approx(speeds["disk"] / speeds["memory"], rel=0.1)
    assert line["decoded_per_second"] > 0
    assert not (tmp_path / "own").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the peak of a single call")
def test_training_takes_little_memory_beside_its_data(tmp_path):
    small = {"widths": (8,), "latent_dim": 4}
    line, on_disk = memory.measure(tmp_path, rows=10_000, on_disk=(0.05,), **small)
    assert results.read("bench", tmp_path) == [json.loads(json.dumps(x)) for x in (line, on_disk)]
    assert 1 < on_disk["value"] < 1000
    assert line["array_mb"] == 31
    assert 1 < line["value"] < 3.1  # 2.7 as a rule; of larger arrays it is nearer to 2


def test_the_newest_line_counts(tmp_path):
    for value, batch in ((1, 1), (2, 64), (3, 1)):
        results.append("bench", tmp_path, bench="b", variant="v", batch=batch, value=value)
    newest = benchmarks.newest(tmp_path)
    assert {key: line["value"] for key, line in newest.items()} == {
        ("b", "v", 1): 3,
        ("b", "v", 64): 2,
    }


@pytest.mark.parametrize("variant", SMALL)
def test_the_rivals_net_is_ours(variant, digits):
    torch = pytest.importorskip("torch")
    from zoo.experiments.benchmarks.rivals import torch_nets, torch_rival

    model, images = zoo.build(variant, **SMALL[variant]), digits.train.images[:4]
    arguments = {key: model.arguments[key] for key in fit.VARIANTS[variant]}
    nets = torch_nets.NETS[variant](images.shape[1:], **arguments)
    parameters = [parameter for net in nets for parameter in net.parameters()]
    assert sum(each.numel() for each in parameters) == model.count_params()

    with torch.no_grad():
        for parameter, weight in zip(parameters, model.trainable_weights, strict=True):
            value = torch.as_tensor(_in_torchs_order(weight, variant))
            assert parameter.shape == value.shape
            parameter.copy_(value)
        if variant == "vae":  # with no noise to speak of, on both sides
            nets[0].log_variance.bias.fill_(-40.0)
            model.get_layer("latent_log_variance").bias.assign(np.full(2, -40.0))
        x = torch_nets.rows(variant, images)
        theirs = torch_rival.objective(*nets, x, registry.entry(variant).recipe.loss)
    ours = model.evaluate(images, verbose=0, return_dict=True)["loss"]
    assert float(theirs) == pytest.approx(ours, rel=1e-5)


@pytest.mark.parametrize("variant", sorted(set(SMALL) - fit.CONVOLUTIONAL))
def test_the_net_in_jax_is_ours(variant, digits):
    pytest.importorskip("optax", reason="JAX and optax are rivals, not dependencies")
    import jax

    from zoo.experiments.benchmarks.rivals import jax_nets, jax_rival

    model, images = zoo.build(variant, **SMALL[variant]), digits.train.images[:4]
    arguments = {key: model.arguments[key] for key in fit.VARIANTS[variant]}
    shapes, encode, decode = jax_nets.NETS[variant](images.shape[1:], **arguments)
    if variant == "vae":  # with no noise to speak of, on both sides
        model.get_layer("latent_log_variance").bias.assign(np.full(2, -40.0))
    weights = [np.asarray(weight) for weight in model.trainable_weights]
    parameters = list(zip(weights[::2], weights[1::2], strict=True))
    assert [kernel.shape for kernel, _ in parameters] == [tuple(shape) for shape in shapes]
    x, loss = images.reshape(len(images), -1), registry.entry(variant).recipe.loss
    theirs = jax_rival.objective(parameters, encode, decode, x, loss, jax.random.key(0))
    ours = model.evaluate(images, verbose=0, return_dict=True)["loss"]
    assert float(theirs) == pytest.approx(ours, rel=1e-5)


def _in_torchs_order(weight, variant):
    """A kernel's axes turned; of `conv_ae`, channels last turned to channels first too."""
    value = weight.numpy()
    if value.ndim == 4:
        return value.transpose(3, 2, 0, 1)
    flattened = 7 * 7 * 3
    if variant == "conv_ae" and value.shape == (flattened, 3):
        value = value.reshape(49, 3, 3).swapaxes(0, 1).reshape(value.shape)
    if variant == "conv_ae" and value.shape[-1] == flattened:
        value = value.reshape(-1, 49, 3).swapaxes(1, 2).reshape(value.shape)
    return value.T


def test_the_bare_model_has_the_same_loss(digits):
    model = zoo.build("vae", **SMALL["vae"])
    plain = bare.bare(model)
    plain.compile("adam", model.loss)
    images = digits.test.images[:64]
    ours = model.evaluate(images, verbose=0, return_dict=True)["loss_without_noise"]
    assert plain.evaluate(images, images, verbose=0) == pytest.approx(ours, rel=1e-5)
    assert bare.expressible(model)
    assert not bare.expressible(zoo.build("contractive_ae"))


def test_pythae_trains_in_a_process_of_its_own(digits):
    pytest.importorskip("pythae")
    model, variant = zoo.build("vae", **SMALL["vae"]), "vae"
    facts = {
        "variant": variant,
        "arguments": {key: model.arguments[key] for key in fit.VARIANTS[variant]},
        "loss": registry.entry(variant).recipe.loss,
        "learning_rate": 1e-3,
        "images": digits.train.images[:64],
        "batch": 32,
        "threads": 1,
    }
    with Worker(".pythae_rival", facts, "pythae") as rival:
        assert rival.takes_part
        assert rival.train(2) > 0


TINY = """
import os, time
VERSION = "1.2"
def contender(command="pass"):
    def train(epochs):
        exec(command)
    return train
"""


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """Modules of rivals, and one named TensorFlow, that processes of this one can import."""
    (tmp_path / "tiny.py").write_text(TINY)
    (tmp_path / "tiny_with_tensorflow.py").write_text("import tensorflow" + TINY)
    (tmp_path / "tensorflow.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    before = set(multiprocessing.active_children())
    yield "tiny"
    for process in set(multiprocessing.active_children()) - before:
        process.join(10)
        assert process.exitcode is not None


def test_a_rival_trains_in_a_process_without_tensorflow(tiny):
    with Worker(tiny, {}) as rival:
        assert (rival.takes_part, rival.version) == (True, "1.2")
        assert 0 <= rival.train(2) < 1
    with pytest.raises(RuntimeError, match="must not load TensorFlow, but it did"):
        Worker("tiny_with_tensorflow", {})


FAILURES = {
    "raise ValueError('all is lost')": "tiny failed:\n(.*\n)*ValueError: all is lost",
    "os._exit(3)": r"The process of tiny ended on its own\.",
    "time.sleep(20)": r"tiny gave no answer within 0\.5 seconds\.",
}


@pytest.mark.parametrize("command", FAILURES)
def test_a_rival_that_fails_or_starves_ends_aloud(command, tiny, monkeypatch):
    with Worker(tiny, {"command": command}) as rival:
        if "sleep" in command:
            monkeypatch.setattr(worker, "LIMIT", 0.5)
        with pytest.raises(RuntimeError, match=FAILURES[command]):
            rival.train(1)


def test_the_load_of_servers_is_held_against_the_strongest_rival():
    others = {
        "mlserver json 1": 10,
        "kserve json 1": 20,
        "mlserver json 64": 4,
        "kserve json 64": 2,
    }
    others |= {key.replace("json", "grpc"): value for key, value in others.items()}
    own = {"zoo binary 1": 40, "zoo binary 64": 1.5, "zoo json 1": 60, "zoo json 64": 4}
    own |= {"zoo grpc 1": 30, "zoo grpc 64": 4}
    figures = load._figures({"in process 64": 2} | own | others, ["mlserver", "kserve"])
    assert figures == {
        "binary 64 / in process": 0.75,
        "binary 1 / in process": 0.312,
        "json 1 / others": 3.0,
        "json 64 / others": 1.0,
        "grpc 1 / others": 1.5,
        "grpc 64 / others": 1.0,
    }
    missed = load._missed(figures | {"event loop µs": 101})
    assert missed == ["json 64 / others", "grpc 1 / others", "event loop µs"]
