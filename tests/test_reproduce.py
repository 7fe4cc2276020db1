"""How results are measured and kept; not what they are, which takes long training."""

import dataclasses
import json

import numpy as np
import pytest

import zoo
from zoo import registry
from zoo.autoencoder import classifier
from zoo.datasets.augmentation import corrupted, with_jittered_copies
from zoo.errors import DivergedError, UsageError
from zoo.evaluation.retrieval import DISTANCES
from zoo.experiments import reproduce, results, trial
from zoo.experiments.reproduce import (
    generation,
    layerwise,
    model_errors,
    modes,
    neighbours,
    plane,
    retrieval,
)
from zoo.training import finetune, in_memory


def test_a_row_is_appended_once_for_each_seed(tmp_path, monkeypatch):
    calls = []

    def measure(data, seed, pictures):
        (pictures / "drawn.png").write_bytes(b"a picture")
        calls.append((seed, len(data.train), len(data.test)))
        return {"value": 1.5 + seed, "recipe": {"epochs": 3}, "floor": 0.5}

    row = reproduce.Row("a test", "sse", "1", (), measure, data="digits")
    monkeypatch.setitem(reproduce.ROWS, "t", row)
    first = reproduce.reproduce("t", 0, tmp_path)
    assert reproduce.reproduce("t", 0, tmp_path) == first
    reproduce.reproduce("t", 1, tmp_path)
    lines = results.read("reproduce", tmp_path)
    assert [(line["row"], line["seed"], line["value"]) for line in lines] == [
        ("t", 0, 1.5),
        ("t", 1, 2.5),
    ]
    assert {"unit", "recipe", "floor", "seconds", "versions", "date"} <= set(first)
    assert (tmp_path / "pictures" / "drawn.png").exists()
    whole = 1438
    assert calls == [(0, whole, 359), (1, whole, 359)]
    (tmp_path / "pictures" / "drawn.png").unlink()
    held = reproduce.reproduce("t", 0, tmp_path, held_out=True)
    assert results.read("tuning", tmp_path) == [held]
    assert len(results.read("reproduce", tmp_path)) == 2
    assert calls[2:] == [(0, whole - whole // 12, whole // 12)]  # of training rows alone
    assert not (tmp_path / "pictures" / "drawn.png").exists()
    other = reproduce.reproduce("t", 0, tmp_path, held_out=True, data="mnist_5k")
    assert (held["data"], other["data"]) == ("digits", "mnist_5k")
    assert calls[3:] == [(0, 4000 - 333, 333)]
    with pytest.raises(
        UsageError, match=r"only accepted with held_out=True\. Received: data=digits"
    ):
        reproduce.reproduce("t", 0, tmp_path, data="digits")
    with pytest.raises(UsageError, match="cannot be written"):
        reproduce.reproduce("t", 2, "/proc/nowhere")


def test_no_recorded_result_stands_twice():
    """As a line does that a merge of two branches brings back, and that then counts twice."""
    found = [(line["row"], line.get("part"), line["seed"]) for line in results.read("reproduce")]
    assert len(found) == len(set(found))


def test_tuning_measures_on_held_out_training_images_and_keeps_its_lines(tmp_path, digits):
    path = tmp_path / "some.npz"
    np.savez(path, images=digits.train.images[:600])
    given = {"epochs": 1, "learning_rate": 0.01, "latent_dim": 4}
    line = trial.trial("linear_ae", str(path), tmp_path, **given)
    assert (line["recipe"]["epochs"], line["recipe"]["learning_rate"]) == (1, 0.01)
    assert line["arguments"]["latent_dim"] == 4
    assert 0 < line["sse"]["validation"] < 784
    assert 0 <= line["box_fraction"]["validation"] <= 1
    again = trial.trial("linear_ae", str(path), tmp_path, **given)
    assert again == line
    assert results.read("tuning", tmp_path) == [line]
    line = trial.trial("neighbour_ae", str(path), tmp_path, rows=100, epochs=1, widths=(8,))
    assert line["train_rows"] == 100
    assert 0.05 < line["neighbour_recall"] < 1  # .15 by chance


def test_an_experiment_is_the_recipe_with_changes(digits):
    x = digits.train.images[:100]
    model, trained_by = in_memory.train("shallow_ae", x, 3, epochs=1, latent_dim=5, loss="mae")
    recipe = registry.entry("shallow_ae").recipe
    assert trained_by["recipe"]["loss"] == "mae"
    assert trained_by["recipe"]["learning_rate"] == recipe.learning_rate
    assert trained_by["arguments"]["latent_dim"] == model.code_shapes[0][0] == 5
    with pytest.raises(DivergedError, match="is not finite"):
        in_memory.train("linear_ae", x, 3, epochs=2, learning_rate=1e30)
    again, _ = in_memory.train("shallow_ae", x, 3, epochs=1, latent_dim=5, loss="mae")
    np.testing.assert_array_equal(model.encode(x), again.encode(x))


# Of a row: how the model was pre-trained whose value it is, its activation, and its picture.
SMALL = {
    "3": ("rbm", "sigmoid", None),
    "4": ("none", "silu", None),
    "5": ("rbm", "sigmoid", None),
    "6": ("denoising", "relu", None),
    "7": ("none", None, None),
    "10": ("none", None, "denoising.png"),
    "unpooling": ("none", None, "switches.png"),
}


@pytest.mark.parametrize("key", SMALL)
def test_rows_record_what_they_tell(key, digits, tmp_path, monkeypatch):
    monkeypatch.setattr(finetune, "LEAST_STEPS", 200)
    train, steps = in_memory.train, set()

    def counted(*args, **changes):
        model, trained_by = train(*args, **changes)
        recipe, layers = trained_by["recipe"], 4 if trained_by["recipe"]["pretrain"] == "rbm" else 0
        assert registry.entry("rbm").recipe.batch_size == recipe["batch_size"] or not layers
        steps.add(recipe["epochs"] + layers * (recipe["pretrain_epochs"] or 0))
        return model, trained_by

    rows = 640 if key == "unpooling" else 120  # as many as PCA of as many bits has components
    few = dataclasses.replace(
        digits, train=digits.train.take(slice(rows)), test=digits.test.take(slice(60))
    )
    if key == "3":
        monkeypatch.setattr(in_memory, "train", counted)
    row, (pretrain, activation, picture) = reproduce.ROWS[key], SMALL[key]
    found = row.measure(few, 0, tmp_path)
    assert np.isfinite([found["value"], *(found[name] for name in row.beside)]).all()
    assert found["recipe"]["pretrain"] == pretrain
    assert found["arguments"].get("activation") == activation
    assert picture is None or (tmp_path / picture).exists()
    assert len(steps) == (key == "3")  # each start has as many epochs, its machines' counted


def test_modes_are_measured_beside_pca_of_equal_size(tmp_path):
    found = modes.combine_modes([{"seed": 0, **modes.measure_modes(None, 0, tmp_path, "pca")}])
    assert found["count"] == len(found["modes"]) == 2
    digits, table = found["modes"].values()
    assert (digits["data"], table["data"]) == ("mnist_5k", "breast_cancer")
    assert digits["error"] == pytest.approx(0.27, abs=0.01)  # of the variance of MNIST
    assert (digits["error"], table["error"]) == (digits["pca"], table["pca"])
    assert found["value"] == digits["error"]
    assert reproduce.ROWS["modes"].verdict([found]) == "reached"


def test_a_part_that_is_added_to_a_row_is_measured_alone(tmp_path, monkeypatch):
    measured, parts = [], ["pca"]

    def measure(data, seed, pictures, part):
        measured.append(part)
        return {"modes": {part: {"error": len(measured) / 10, "pca": 0.15}}}

    row = dataclasses.replace(reproduce.ROWS["modes"], parts=lambda: parts, measure=measure)
    monkeypatch.setitem(reproduce.ROWS, "modes", row)
    assert reproduce.reproduce("modes", folder=tmp_path)["count"] == 1
    parts.append("deep_ae")
    found = reproduce.reproduce("modes", folder=tmp_path)
    assert measured == ["pca", "deep_ae"]
    assert (found["value"], found["count"], found["below_pca"]) == (0.2, 2, 1)
    assert reproduce.lines_of("modes", tmp_path) == [found]
    lines = results.read("reproduce", tmp_path)
    assert [(line["part"], line["seed"]) for line in lines] == [("pca", 0), ("deep_ae", 0)]
    with pytest.raises(UsageError, match="has no training rows with labels to hold out"):
        reproduce.reproduce("modes", folder=tmp_path, held_out=True)


def test_labels_are_compared_over_starts_counts_and_draws(tmp_path, monkeypatch):
    monkeypatch.setattr(layerwise, "NET", {"widths": (12,), "latent_dim": 8})
    monkeypatch.setattr(finetune, "LEAST_STEPS", 600)
    few = dataclasses.replace(classifier.RECIPE, epochs=3)
    monkeypatch.setattr(classifier, "RECIPE", few)
    data = zoo.datasets.load("digits")
    found = layerwise._by_labels(data, 0, tmp_path, ("none", "denoising"), (20, 1000), draws=3)
    assert set(found["errors"]) == {"none", "denoising"}
    for start, errors in found["errors"].items():
        assert 0 < errors["1000"]["mean"] < errors["20"]["mean"] < 100
        assert errors["20"]["deviation"] > 0
        name = "random" if start == "none" else "pretrained"
        assert found[f"{name}_at_1000"] == errors["1000"]["mean"]
    assert found["value"] == found["errors"]["denoising"]["20"]["mean"]
    assert found["random"] == found["errors"]["none"]["20"]["mean"]
    assert found["recipe"]["pretrain"] == "denoising"
    assert (tmp_path / "labels_2.png").exists()


def test_similar_images_are_measured_by_code_pca_and_pixels(tmp_path, digits):
    few = dataclasses.replace(
        digits,
        train=digits.train.take(slice(800)),
        test=digits.test.take(slice(250)),
    )
    found = retrieval.similar_images(few, 0, tmp_path, epochs=1, filters=(2, 3), latent_dim=8)
    assert set(retrieval.BESIDE) <= set(found)
    assert (found["queries"], found["indexed"]) == (250, 800)
    assert set(found["figures"]) == set(found["distances"]) == {"code", "pca", "pixels"}
    for way, chosen in found["distances"].items():
        tried = found["distances_chosen_on"][way]
        assert set(tried) == set(DISTANCES)
        assert tried[chosen] == max(tried.values()) > 0.2  # chance: 0.1
    of = found["figures"]["pixels"]
    assert found["pixels_shifted"] == of["shifted"]["p_at_10"] < of["clean"]["p_at_10"] - 0.2
    assert found["value"] == found["figures"]["code"]["clean"]["p_at_10"]
    assert (tmp_path / f"neighbours_{few.name}.png").exists()
    assert found["arguments"]["latent_dim"] == 8


def test_corrupted_inputs_are_mended_towards_the_clean_ones(digits):
    """Of inputs that tell nothing, the best an auto-encoder can give is the clean images' mean."""
    x, seen = digits.train.images[:300], []

    def corrupted(images, random):
        seen.append(random.random())
        return np.zeros_like(images)

    model, _ = in_memory.train("linear_ae", x, 0, corrupted, epochs=30, latent_dim=2)
    assert len(set(seen)) == 30  # anew each epoch
    guess = model.reconstruct(np.zeros_like(x[:1]))[0]
    assert np.square(guess - x.mean(axis=0)).mean() < 0.1 * np.square(x.mean(axis=0)).mean()


def test_clean_images_are_met_too(digits):
    x = digits.train.images
    made = corrupted(x, np.random.default_rng(0))
    untouched = (made == x).all(axis=(1, 2, 3)).mean()
    assert untouched == pytest.approx(1 / 16, abs=0.02)
    assert (x == digits.train.images).all()


@pytest.fixture
def quick(monkeypatch, digits):
    """A few digits, and as little training as tells one thing from another."""
    monkeypatch.setattr(generation, "NET", {"latent_dim": 2, "epochs": 40, "widths": (64,)})
    monkeypatch.setattr(generation, "EQUAL", {"latent_dim": 4, "epochs": 20, "widths": (64,)})
    monkeypatch.setattr(generation, "PENALTY", 0.03)
    monkeypatch.setattr(finetune, "LEAST_STEPS", 100)
    train, test = digits.train.take(slice(0, 600)), digits.test.take(slice(0, 200))
    return zoo.datasets.Dataset("few", train, test)


def test_the_plane_of_codes_is_measured_with_the_penalty_and_without(tmp_path, quick):
    found = generation.code_plane(quick, 0, tmp_path)
    json.dumps(found, allow_nan=False)
    assert found["arguments"]["latent_weight"] == 0.03
    assert found["value"] > found["box_fraction_without"]
    assert found["value"] > 0.9
    assert found["sse_ratio"] == found["sse"] / found["sse_without"]
    assert 20 < found["sse_without"] < 60
    assert 0 < found["judge_error"] < 0.4
    assert 0 < found["judge_threshold"] < 1
    for name in ("grid", "mixture"):
        assert found[f"{name}_distance"] > 0
        assert found[f"{name}_distance_without"] > 0
    assert 0 <= found["grid_accepted"] <= 1
    assert found["noise_accepted"] < 0.1 < 0.8 < found["real_accepted"] <= 1
    assert [path.name for path in tmp_path.iterdir()] == ["code_plane.png"]
    assert set(reproduce.ROWS["generation"].beside) <= set(found)


def test_a_mixture_is_held_against_a_vae(tmp_path, quick):
    found = generation.mixture_against_vae(quick, 0, tmp_path)
    json.dumps(found, allow_nan=False)
    assert 0 < found["floor"] < min(found[name] for name in ("value", "vae", "vae_mixture"))
    assert found["value"] < 0.5 * found["vae"]
    assert 0 < found["judge_threshold"] < 1
    assert all(0 <= found[f"{name}accepted"] <= 1 for name in ("", "vae_", "vae_mixture_"))
    assert found["noise_accepted"] < 0.1 < 0.8 < found["real_accepted"] <= 1
    assert found["parameters"] == found["vae_parameters"] - (64 * 4 + 4)  # the variances' head
    assert {path.stem for path in tmp_path.iterdir()} == {"samples_ae_mixture", "samples_vae"}
    assert set(reproduce.ROWS["15"].beside) <= set(found)


def test_codes_of_neighbours_are_measured_beside_others(tmp_path, digits, monkeypatch):
    train, steps = in_memory.train, {"epochs": 10, "batch_size": 50, "widths": (64,)}
    monkeypatch.setattr(
        in_memory, "train", lambda name, x, seed, **changes: train(name, x, seed, **changes | steps)
    )
    few = dataclasses.replace(
        digits, train=digits.train.take(slice(500)), test=digits.test.take(slice(200))
    )
    found = neighbours.two_numbers(few, 0, tmp_path)
    json.dumps(found, allow_nan=False)
    row = reproduce.ROWS["neighbours"]
    assert set(row.beside) <= set(found)
    assert all(0.1 < found[name] < 1 for name in ("value", "deep_ae", "vae", "pca"))
    assert found["train_rows"] == 500
    assert found["arguments"]["latent_dim"] == 2
    assert (tmp_path / "neighbours_two_numbers.png").exists()


def test_the_cells_of_a_plane_hold_the_codes_that_its_grid_is_decoded_from():
    codes = np.random.default_rng(0).normal(size=(5000, 2)) * [1, 4] + [0, 10]
    measured = plane.Plane(codes, side=4)
    (left, right), (low, high) = measured.box
    inside = np.mean((codes > [left, low]) & (codes < [right, high]), axis=0)
    np.testing.assert_allclose(inside, 0.98, atol=1e-3)
    (x, _), (_, y) = measured.centres  # of the first cell, left and top
    cell = np.abs(codes - [x, y]) <= [(right - left) / 8, (high - low) / 8]
    assert measured.counts[0, 0] == cell.all(axis=1).sum() > 0
    assert measured.counts.sum() == pytest.approx(0.96 * 5000, rel=0.01)


def test_the_plane_of_a_model_is_judged(tmp_path, digits, monkeypatch):
    monkeypatch.setattr(plane, "SIDE", 10)
    judged = []

    class Judge:
        def accepts(self, images):
            judged.append(images)
            return images.mean(axis=(1, 2, 3)) > 0.1

        def accepted_fraction(self, images):
            return float(self.accepts(images).mean())

    model = zoo.build("vae", weights="mnist_2d")
    few = dataclasses.replace(digits, test=digits.test.take(slice(50)))
    found = plane.measure(model, few, Judge(), tmp_path / "plane.png")
    assert judged[0].shape == (100, 28, 28, 1)
    accepted = judged[0].mean(axis=(1, 2, 3)) > 0.1
    held = plane.Plane(model.encode(digits.train.inputs), 10).counts.ravel() >= 5
    assert found["box"] == accepted.mean()
    assert found["held"] == accepted[held].mean()
    assert found["held_cells"] == held.mean()
    assert found["reconstructions"] == (judged[1].mean(axis=(1, 2, 3)) > 0.1).mean()
    assert (tmp_path / "plane.png").exists()


def test_the_bound_of_a_vae_is_what_it_is_trained_by(digits):
    x = digits.test.images[:200]
    model = zoo.build("vae", latent_dim=3, widths=(32,))
    model.fit(digits.train.images[:500], epochs=3, verbose=0)
    ours = model_errors.negative_elbo(model, x, seed=0, draws=20)
    drawn = [model.training_loss(x) for _ in range(20)]
    assert ours == pytest.approx(np.mean(drawn), rel=5e-3)
    figures = model.evaluate(x, verbose=0, return_dict=True)
    assert figures["loss"] == pytest.approx(ours, rel=0.02)  # one draw of each code
    assert ours > figures["loss_without_noise"]  # the mean code alone flatters it


def test_crossentropy_has_a_floor():
    truth = np.array([[0.0, 1.0, 0.5]])
    assert model_errors.crossentropy(truth, truth) == pytest.approx(np.log(2) / 3, abs=1e-6)
    assert model_errors.crossentropy(truth, np.full((1, 3), 0.5)) == pytest.approx(
        np.log(2), abs=1e-6
    )


def test_jittered_copies_are_beside_the_originals_and_near_them(digits):
    x = digits.train.images[:50]
    made = with_jittered_copies(x, copies=2, seed=0)
    assert (made.shape, made.dtype) == ((150, 28, 28, 1), np.float32)
    np.testing.assert_array_equal(made[:50], x)
    np.testing.assert_array_equal(made, with_jittered_copies(x, copies=2, seed=0))
    for copy in (made[50:100], made[100:]):
        own = np.square(copy - x).sum(axis=(1, 2, 3))
        others = np.square(copy - np.roll(x, 1, axis=0)).sum(axis=(1, 2, 3))
        assert own.mean() > 0.5
        assert own.mean() < 0.25 * others.mean()
    np.testing.assert_allclose(with_jittered_copies(x, 1, 0, deviation=0.0)[50:], x, atol=1e-5)


def test_jitter_is_about_the_centre():
    ring = np.zeros((200, 21, 31, 1), "float32")
    ring[:, 10, 15] = 1.0  # the middle pixel: only the shift can move it
    moved = with_jittered_copies(ring, 1, 0)[200:, ..., 0]
    centre = np.array([(m[:, :, None] * np.stack(np.mgrid[:21, :31], -1)).sum((0, 1)) / m.sum()
                       for m in moved])  # fmt: skip
    assert np.abs(centre.mean(axis=0) - [10, 15]).max() < 0.1
    assert centre.std(axis=0) == pytest.approx([0.3, 0.45], rel=0.25)
