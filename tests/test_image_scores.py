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


def test_every_score_is_measured_and_the_last_line_of_a_task_is_shown(tmp_path, digits):
    cases = image_scores.patched(digits.train.images[:600])
    results.append("tuning", tmp_path, default_of="images", task="patches", value={})
    (line,) = image_scores.choose(tmp_path, {"patches": lambda: cases})
    assert results.read("tuning", tmp_path)[1] == json.loads(json.dumps(line))
    assert line["value"].keys() == image_scores.SETTINGS.keys()
    assert line["value"]["0.05"] > max(line["value"]["1"], 0.5)
    _, _, row, _ = image_scores.image_scores(tmp_path).splitlines()
    assert row.startswith(f"| patches | {line['value']['1']:.3f} |")


def keys(images):
    return {image.tobytes() for image in images}
