"""The scores of anomalies are tried on training rows, and recorded."""

import json

import numpy as np

from zoo.experiments import image_scores, results


def test_scores_of_images_are_tried_on_training_rows_alone(tmp_path, digits):
    assert "have not been measured" in image_scores.image_scores(tmp_path)
    ours = keys(digits.train.images)
    for case in image_scores.other_classes("mnist_5k"):
        learned, held_out = keys(case.normal.train.images), keys(case.normal.test.images)
        anomalies = keys(case.anomalies)
        assert learned | held_out | anomalies <= ours
        assert not learned & held_out
        assert not anomalies & (learned | held_out)


def test_anomalies_are_held_out_rows_with_a_square_of_another_row(digits):
    (case,) = image_scores.patched(digits.train.images[:150])
    rows = case.normal.test.images
    differ = (case.anomalies != rows).any(axis=-1)
    assert 0 < differ.sum(axis=(1, 2)).max() <= image_scores.PATCH**2
    assert not keys(rows) & keys(case.normal.train.images)
    for axis in (1, 2):
        where = [np.flatnonzero(image.any(axis=2 - axis)) for image in differ if image.any()]
        assert max(np.ptp(places) for places in where) < image_scores.PATCH


def test_every_score_is_measured_and_the_last_line_is_shown(tmp_path, digits, monkeypatch):
    monkeypatch.setattr(image_scores, "SEEDS", (3, 4))
    cases = image_scores.patched(digits.train.images[:600])
    empty = {name: [0.0] for name in image_scores.SETTINGS}
    results.append("tuning", tmp_path, default_of="images", task="patches", seeds=[0], value=empty)
    (line,) = image_scores.choose(tmp_path, {"patches": lambda: cases})
    assert results.read("tuning", tmp_path)[1] == json.loads(json.dumps(line))
    results.append("tuning", tmp_path, **{**line, "task": "others"})
    found = image_scores.means(tmp_path)
    assert list(found) == ["patches", "others", "mean"]
    for name in image_scores.SETTINGS:
        one, other = line["value"][name]
        assert one != other
        assert all(seeds[name].tolist() == [one, other] for seeds in found.values())
    assert min(line["value"]["0.05"]) > max(*line["value"]["1"], 0.5)
    _, _, row, _, mean, spread = image_scores.image_scores(tmp_path).splitlines()
    assert row.startswith(f"| patches | {np.mean(line['value']['1']):.3f} |")
    assert mean.startswith(f"| mean | {np.mean(line['value']['1']):.3f} |")
    assert f" {np.std(line['value']['1'], ddof=1):.3f} | " in spread


def keys(images):
    return {image.tobytes() for image in images}
