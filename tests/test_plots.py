"""Figures: what stands on them, and that a wrong call is told so."""

import keras
import matplotlib
import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from PIL import Image

import zoo
from zoo import datasets, plots
from zoo.errors import UsageError
from zoo.plots import latents
from zoo.training import figures

RNG = np.random.default_rng(0)


def images(count=3, height=8, width=8, channels=1):
    return RNG.random((count, height, width, channels), dtype="float32")


def axes():
    return Figure().add_subplot()


def dots(ax):
    return [each for each in ax.collections if isinstance(each, PathCollection)]


def offsets(ax):
    """The points of all of an axes' scatters, `(points, 2)`."""
    return np.concatenate([each.get_offsets() for each in dots(ax)])


def title(ax):
    return ax.get_title(loc="left")


DRAWN = {
    "reconstructions": (plots.reconstructions, {"rows": {"original": images()}}, 1),
    "restorations": (
        plots.restorations,
        {"original": images(), "corrupted": images(), "restored": {"ae": images()}},
        1,
    ),
    "sheet": (plots.sheet, {"images": images(5)}, 1),
    "code plane": (plots.code_plane, {"images": images(6), "size": (2, 3)}, 1),
    "interpolation": (plots.interpolation, {"images": images(4)}, 1),
    "anomalies": (
        plots.anomalies,
        {"images": images(), "reconstructions": images(), "scores": np.arange(3)},
        1,
    ),
    "errors by labels": (
        plots.errors_by_labels,
        {"table": {"none": {"10": {"mean": 9.0, "deviation": 1.0}}}},
        1,
    ),
    "precisions": (plots.precisions, {"curves": {"code": {1: 0.5, 10: 0.4}}}, 1),
    "by size": (
        plots.by_size,
        {
            "rows": [
                {"latent_dim": k, "sse": 9 / k, "pca_sse": 8 / k, "probe_accuracy": k / 10}
                for k in (2, 4, 8)
            ]
        },
        2,
    ),
    "architecture": (
        plots.architecture,
        {"model": zoo.build("pca", input_shape=(8,), latent_dim=2)},
        1,
    ),
    "layerwise": (plots.layerwise, {"units": (784, 300, 30), "notes": "abcd"}, 1),
    "deconvolution": (plots.deconvolution, {"values": [[1, 2]], "kernel": [[3], [4]]}, 1),
    "filters": (plots.filters, {"kernel": images(3, 3, 1, 4)}, 1),
    "switches": (
        plots.switches,
        {"image": images()[0], "switches": RNG.integers(0, 4, (4, 4, 5))},
        3,
    ),
    "sequences": (plots.sequences, {"rows": {"original": RNG.normal(size=(2, 9, 2))}}, 1),
    "sequence anomalies": (
        plots.sequence_anomalies,
        {
            "sequences": RNG.normal(size=(4, 9, 2)),
            "reconstructions": RNG.normal(size=(4, 9, 2)),
            "scores": np.arange(4.0),
        },
        1,
    ),
    "slices": (plots.slices, {"rows": {"original": RNG.random((2, 4, 4, 4, 1))}}, 1),
    "scatter": (plots.scatter, {"codes": {"ae": (RNG.random((9, 3)), np.arange(9) % 2)}}, 1),
    "activity": (plots.activity, {"codes": RNG.random((9, 3))}, 1),
    "curves": (plots.curves, {"history": {"loss": [2.0, 1.0], "kl": [1.0, 2.0]}}, 2),
    "neighbours": (
        plots.neighbours,
        {
            "queries": {"a": images()[0], "b": images()[1]},
            "found": {"by code": (images(6).reshape(2, 3, 8, 8, 1), np.ones((2, 3), bool))},
        },
        1,
    ),
}


@pytest.mark.parametrize("name", DRAWN)
def test_each_draws_on_a_new_figure_or_on_the_axes_it_is_given(name, tmp_path):
    function, given, panels = DRAWN[name]
    drawn = function(**given)
    assert len(drawn.axes) == panels
    with Image.open(plots.save(drawn, tmp_path / "figure.png")) as picture:
        assert np.asarray(picture.convert("L")).std() > 5
    ax = axes()
    assert function(**given, ax=ax) is ax.figure
    assert len(ax.figure.axes) == 1
    assert ax.has_data()


@pytest.mark.parametrize(
    ("count", "height", "width", "channels"),
    [(1, 8, 8, 1), (10, 96, 96, 3), (4, 29, 31, 2), (3, 5, 40, 4)],
)
def test_images_stand_in_rows_with_their_labels(count, height, width, channels):
    x = images(count, height, width, channels)
    ax = plots.reconstructions({"original": x, "ae": 0.5 * x, "PCA-3": x * 0}).axes[0]
    sheet, gap = ax.images[0].get_array(), max(1, height // 14)
    assert sheet.shape == (3 * (height + gap), count * (width + gap), 3)
    shown = x[-1] if channels == 3 else x[-1].mean(axis=-1, keepdims=True)
    last = sheet[:height, -width - gap : -gap]
    np.testing.assert_allclose(last, np.broadcast_to(shown, last.shape), rtol=1e-6)
    assert [each.get_text() for each in ax.get_yticklabels()] == ["original", "ae", "PCA-3"]
    assert max(ax.figure.get_size_inches()) <= 8.01


def test_images_are_framed_where_it_is_told():
    x, frames = images(2, 14, 14), np.array([[3, 2, 4, 5], [0, 9, 2, 2]])
    ax = plots.reconstructions({"damaged": x, "ae": x}, frames=frames).axes[0]
    inside = []
    for patch in ax.patches:
        (left, top), (right, bottom) = patch.get_bbox().get_points()
        inside.append([int(top // 1 + 1), int(left // 1 + 1), bottom - top - 1, right - left - 1])
    assert inside == [[3, 2, 4, 5], [18, 2, 4, 5], [0, 24, 2, 2], [15, 24, 2, 2]]


def test_restorations_tell_decibels():
    x = np.full((2, 4, 4, 1), 0.5)
    ax = plots.restorations(x, x + 0.1, {"ae": x + 0.01, "PCA-3": x}).axes[0]
    told = [each.get_text() for each in ax.get_yticklabels()]
    assert told == ["original", "corrupted\n20.0 dB", "ae\n40.0 dB", "PCA-3"]


def test_the_least_and_the_most_anomalous_stand_apart_with_their_errors():
    x = images(7, 14, 14)
    scores, worst = np.array([3.0, 1, 7, 2, 6, 5, 4]), 2
    made = x.copy()
    made[worst, 4, 5] += 0.5  # one pixel alone is wrong
    ax = plots.anomalies(x, made, scores, count=2).axes[0]
    told = [each.get_text() for each in ax.texts]
    assert told == ["least anomalous", "1", "2", "most anomalous", "6", "7"]
    sheet = ax.images[0].get_array()  # tiles of 14 pixels and a gap of 1, three rows
    shown = {"first": (0, 1), "last": (-15, worst)}
    for column, row in shown.values():
        assert np.abs(sheet[:14, column:][:, :14, 0] - x[row, ..., 0]).max() < 1e-6
    errors = sheet[30:44, -15:-1]
    white = np.array(matplotlib.colormaps["Reds"](0.0)[:3])
    wrong = np.abs(errors - white).max(axis=-1) > 1e-3
    assert np.argwhere(wrong).tolist() == [[4, 5]]
    few = plots.anomalies(x[:3], made[:3], scores[:3]).axes[0]
    assert [each.get_text() for each in few.texts][1::2] == ["1", "7"]  # none twice
    names = ["x.png", *"bcdef", "a/long/path/of/a/photo.jpg"]
    named = plots.anomalies(x, made, scores, count=3, names=names).axes[0]
    told = [each.get_text() for each in named.texts]
    assert told == ["least anomalous", "1", "b", "2", "d", "3", "x.png", "most anomalous",
                    "5", "f", "6", "e", "7", "c"]  # fmt: skip
    ends = plots.anomalies(x[5:], made[5:], scores[5:], names=names[5:]).axes[0]
    assert ends.texts[2].get_text() == "…path/of/a/photo.jpg"


def test_layerwise_steps_say_which_kernel_learns():
    ax = plots.layerwise((784, 300, 30), ["one", "two", "three", "four"]).axes[0]
    texts = [text.get_text() for text in ax.texts if text.get_text()]
    titles = ["1. learn layer 1", "2. learn layer 2", "3. unroll", "4. fine-tune"]
    assert [text for text in texts if text in titles] == titles
    assert [text for text in texts if text in ("one", "two", "three", "four")]
    bold = [text.get_text() for text in ax.texts if text.get_fontweight() == "bold"]
    assert bold == ["W1", "W2", "W1", "W2", "V2", "V1"]
    tied = plots.layerwise((784, 300, 30), "abcd", tied=True).axes[0]
    assert [text.get_text() for text in tied.texts if "V" in text.get_text()] == []
    assert texts.count("784") == 6


@pytest.mark.parametrize(("units", "notes"), [((784,), "ab"), ((784, 30), "ab"), ((8, 4), "abcd")])
def test_layerwise_steps_have_one_note_each(units, notes):
    with pytest.raises(UsageError, match=r"two more than layers\. Received"):
        plots.layerwise(units, notes)


@pytest.mark.parametrize(
    ("count", "columns", "rows", "blanks"),
    [(5, 3, 2, 1), (64, 8, 8, 0), (1, 1, 1, 0), (3, 2, 2, 1)],
)
def test_a_sheet_is_square_and_its_rest_is_white(count, columns, rows, blanks):
    x = 0.5 * images(count)
    sheet = plots.sheet(x).axes[0].images[0].get_array()
    assert sheet.shape == (rows * 9, columns * 9, 3)
    tiles = sheet.reshape(rows, 9, columns, 9, 3)[:, :8, :, :8, 0].swapaxes(1, 2)
    tiles = tiles.reshape(-1, 8, 8)
    np.testing.assert_allclose(tiles[:count], x[..., 0], rtol=1e-6)
    assert (tiles[count:] == 1).all()
    assert len(tiles) - count == blanks


def test_on_the_plane_each_image_stands_at_its_code():
    x = images(6, 4, 5)
    ax = plots.code_plane(x, (2, 3), (-2, 2)).axes[0]
    shown = ax.images[0]
    assert shown.get_extent() == [-3, 3, -4, 4]  # half a place beyond the outermost codes
    sheet = shown.get_array()
    np.testing.assert_allclose(sheet[:4, 10:, 0], x[2, ..., 0], rtol=1e-6)  # of the code (2, 2)
    np.testing.assert_allclose(sheet[4:, :5, 0], x[3, ..., 0], rtol=1e-6)  # of (-2, -2)
    assert ax.get_aspect() == pytest.approx((6 / 15) / (8 / 8))  # a pixel is square


def test_on_the_plane_images_that_are_not_accepted_have_tinted_paper():
    x, accepted = np.zeros((4, 4, 4, 1), "float32"), np.array([True, False, True, True])
    x[:, 1, 1] = 1
    outlined = np.array([True, True, False, False])
    box = ((0, 1), (0, 3))
    ax = plots.code_plane(x, (2, 2), box, accepted=accepted, outlined=outlined).axes[0]
    assert ax.images[0].get_extent() == [-0.5, 1.5, -1.5, 4.5]
    sheet = np.asarray(ax.images[0].get_array())
    corners = sheet[[0, 0, 4, 4], [0, 4, 0, 4]]
    assert (corners[accepted] == 1).all()
    assert np.ptp(corners[1]) > 0.1  # of a colour
    np.testing.assert_allclose(sheet[[1, 5], [1, 5]], sheet[1, 5][None].repeat(2, 0))  # of ink
    (line,) = ax.collections
    drawn = {tuple(np.ravel(segment).tolist()) for segment in line.get_segments()}
    top = {(-0.5, 4.5, 0.5, 4.5), (0.5, 4.5, 1.5, 4.5)}
    below = {(-0.5, 1.5, 0.5, 1.5), (0.5, 1.5, 1.5, 1.5)}
    sides = {(-0.5, 4.5, -0.5, 1.5), (1.5, 4.5, 1.5, 1.5)}
    assert drawn == top | below | sides


@pytest.mark.parametrize(
    ("steps", "told"), [(2, ["0%", "100%"]), (5, ["0%", "25%", "50%", "75%", "100%"]),
                        (13, ["0%", "100%"])]
)  # fmt: skip
def test_an_interpolation_tells_the_share_of_the_way(steps, told):
    ax = plots.interpolation(images(steps)).axes[0]
    assert [each.get_text() for each in ax.get_xticklabels()] == told
    assert ax.images[0].get_array().shape == (9, 9 * steps, 3)
    assert ax.get_xticks()[[0, -1]].tolist() == [4, 9 * (steps - 1) + 4]


@pytest.mark.parametrize(
    ("kernel", "shape", "told"),
    [
        (RNG.normal(size=(48, 5)), (6, 8, 1), "5 filters"),
        (RNG.normal(size=(48, 1)), (4, 4, 3), "1 filter"),
        (RNG.normal(size=(3, 3, 2, 41)), None, "the first 40 of 41 filters"),
        (np.zeros((5, 5, 1, 3)), None, "3 filters"),
    ],
)
def test_filters_are_told_how_many_and_zero_is_in_the_middle(kernel, shape, told):
    ax = plots.filters(kernel, shape).axes[0]
    assert title(ax) == told
    sheet = ax.images[0].get_array()
    assert sheet.min() >= 0
    assert sheet.max() <= 1
    if not kernel.any():  # each weight in the colour of zero, and the lines between
        np.testing.assert_allclose(np.unique(sheet.reshape(-1, 3), axis=0)[0], 0.8)
        assert np.abs(sheet[3, 3] - 0.97).max() < 0.01


def test_a_filter_has_its_own_scale():
    kernel = np.zeros((4, 2))
    kernel[1, 0], kernel[2, 1] = 7, -0.1
    sheet = plots.filters(kernel, (2, 2, 1)).axes[0].images[0].get_array()
    ends = [np.array(matplotlib.colormaps["RdBu_r"](each)[:3]) for each in (1.0, 0.0)]
    for end in ends:
        assert (np.abs(sheet - end).max(axis=-1) < 1e-6).any()


@pytest.mark.parametrize(
    ("variant", "arguments", "first", "last"),
    [
        ("pca", {"input_shape": (4, 5, 1), "latent_dim": 3}, (20, 3), None),
        ("deep_ae", {"input_shape": (4, 5, 2), "widths": (7, 6)}, (40, 7), (40, 7)),
        ("deep_ae", {"input_shape": (40,), "widths": (7, 6)}, None, None),
        ("conv_ae", {"input_shape": (8, 8, 3), "filters": (4, 5)}, (3, 3, 3, 4), (3, 3, 3, 4)),
    ],
)
def test_the_kernels_next_to_the_images_are_found(variant, arguments, first, last):
    model = zoo.build(variant, **arguments)
    for found, expected in ((plots.first_kernel(model), first), (plots.last_kernel(model), last)):
        assert (found and found[0].shape) == expected
        if found:
            assert plots.filters(*found).axes


def test_switches_are_dots_where_the_maxima_stand():
    image = np.zeros((5, 6, 1), "float32")
    image[1, 4] = 1
    where = np.array([[[0], [1], [2]], [[3], [0], [0]]])
    ax = plots.switches(image, where).axes[0]
    expected = [(0, 0), (3, 0), (4, 1), (1, 3), (2, 2), (4, 2)]
    assert offsets(ax).tolist() == [list(each) for each in expected]
    faint = dots(ax)[0].get_alpha() < 1
    assert faint.tolist() == [True, True, False, True, True, True]  # where the image is flat


def test_of_many_switches_the_most_varied_and_of_large_images_the_middle():
    where = np.zeros((48, 48, 9), int)
    where[::2, :, 4] = 3
    drawn = plots.switches(images(1, 96, 96, 3)[0], where)
    assert title(drawn.axes[0]) == "channel 5 of 9, middle part"
    assert [len(offsets(ax)) for ax in drawn.axes] == [256] * 3
    assert drawn.axes[0].images[0].get_array().shape == (32, 32, 3)


def test_two_numbers_are_drawn_as_they_are():
    z, classes = RNG.normal(size=(60, 2)), np.arange(60) % 4
    drawn = plots.scatter({"ae": (z, classes), "PCA-2": (3 * z, classes)})
    for ax, scale in zip(drawn.axes, (1, 3), strict=True):
        np.testing.assert_allclose(offsets(ax), scale * z, rtol=1e-5)
        assert ax.get_aspect() == 1
        assert {each.get_text() for each in ax.texts} == {"0", "1", "2", "3"}
        assert ax.get_xlabel() == "latent 1"
    assert [title(ax) for ax in drawn.axes] == ["ae", "PCA-2"]


@pytest.mark.parametrize(("far", "told"), [(5.0, ""), (500.0, "a few outliers not shown")])
def test_outliers_do_not_squeeze_the_others(far, told):
    z = RNG.normal(size=(400, 2))
    z[0] = far
    ax = plots.scatter({"ae": (z, np.arange(400) % 3)}).axes[0]
    ax.figure.draw_without_rendering()
    assert np.ptp(ax.get_xlim()) < 40
    assert told in [each.get_text() for each in ax.texts] or not told


def test_axes_reach_from_quantile_to_quantile():
    z = RNG.normal(size=(400, 2)) * [1, 3]
    z[:3] = 1000.0
    ax = plots.scatter({"ae": (z, None)}, quantiles=(0.05, 0.95)).axes[0]
    low, high = np.quantile(z, (0.05, 0.95), axis=0)
    ax.figure.draw_without_rendering()
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    assert (bottom, top) == pytest.approx((low[1], high[1]), rel=1e-4)
    assert right - left == pytest.approx(top - bottom)  # equal units
    assert (left + right) / 2 == pytest.approx(low[0] / 2 + high[0] / 2, abs=1e-4)
    assert [each.get_text() for each in ax.texts] == [
        "axes span the 5% to 95% quantiles of the codes"
    ]


@pytest.mark.parametrize("shape", [(50, 3), (40, 4, 4, 5), (30_000, 40)])
def test_of_more_numbers_the_first_two_components_are_drawn_and_told(shape):
    z = RNG.normal(size=shape)
    z[..., 0] *= 50
    z[..., 1] *= 20
    ax = plots.scatter({"ae": (z, None)}).axes[0]
    flat = z.reshape(len(z), -1)
    left, scales, _ = np.linalg.svd(flat - flat.mean(axis=0), full_matrices=False)
    points = (left * scales)[:, :2]
    np.testing.assert_allclose(np.abs(offsets(ax)), np.abs(points), rtol=1e-2, atol=0.3)
    share = np.square(scales[0]) / np.square(scales).sum()
    assert ax.get_xlabel() == f"principal component 1 ({share:.0%} of variance)"
    assert ax.texts[0].get_text() == "first two principal components"


def test_long_names_stand_beside_their_points_on_lines_to_them():
    angles = np.repeat(np.arange(4), 50) * np.pi / 2 + RNG.normal(0, 0.2, 200)
    z = RNG.gamma(2, 3, 200)[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    names = np.repeat(["scipy.stats", "keras.ops", "numpy.polynomial", "numpy.lib"], 50)
    ax = plots.scatter({"ae": (z, names)}).axes[0]
    assert [each.get_text() for each in ax.texts] == sorted(set(names))
    for text, line in zip(ax.texts, ax.lines, strict=True):
        anchor, place = line.get_xydata()
        np.testing.assert_array_equal(place, text.xy)
        nearest = np.argmin(np.square(z - anchor).sum(axis=1))
        assert names[nearest] == text.get_text()
    ax.figure.draw_without_rendering()
    boxes = [each.get_window_extent() for each in ax.texts]
    assert not any(box.overlaps(other) for box in boxes for other in boxes if other is not box)
    within = ax.transData.transform(z)
    hidden = [np.mean([box.contains(*point) for point in within]) for box in boxes]
    assert max(hidden) < 0.03  # of the points


def test_one_number_is_drawn_class_by_class():
    z, classes = RNG.normal(size=(30, 1)), np.repeat([2, 5, 9], 10)
    ax = plots.scatter({"ae": (z, classes)}).axes[0]
    np.testing.assert_allclose(offsets(ax)[:, 0], z[:, 0], rtol=1e-6)
    assert np.round(offsets(ax)[:, 1]).tolist() == np.repeat([0, 1, 2], 10).tolist()
    assert [each.get_text() for each in ax.get_yticklabels()] == ["2", "5", "9"]


@pytest.mark.parametrize(
    ("numbers", "classes", "told"),
    [(2, np.arange(30) % 3, True), (2, None, False), (1, np.arange(30) % 3, False)],
)
def test_a_line_tells_where_names_of_classes_stand(numbers, classes, told):
    drawn = plots.scatter({"ae": (RNG.normal(size=(30, numbers)), classes)})
    assert (drawn.get_supxlabel() == latents.NAMED) == told


@pytest.mark.parametrize("classes", [1, 10, 20])
def test_every_class_has_a_name_of_its_own_place(classes):
    which = np.arange(20 * classes) % classes
    z = RNG.normal(size=(classes, 2))[which] + 0.2 * RNG.normal(size=(len(which), 2))
    ax = plots.scatter({"ae": (z, which)}).axes[0]
    assert [each.get_text() for each in ax.texts] == [str(n) for n in range(classes)]
    places = np.array([each.xy for each in ax.texts])
    apart = np.linalg.norm(places[:, None] - places, axis=-1) + np.eye(classes) * 9
    assert apart.min() > 0.05 * np.ptp(z, axis=0).max()
    looks = {
        (*colour, len(each.get_paths()[0].vertices))
        for each in dots(ax)
        for colour in each.get_facecolors()
    }
    assert len(looks) == classes  # a colour, and from the eleventh on another marker


def test_names_of_classes_do_not_cover_each_other_in_small_panels():
    which = np.arange(200) % 10
    z = 0.3 * RNG.normal(size=(10, 2))[which] + RNG.normal(size=(200, 2))
    figure, axes = plots.panels(6, height=2.9)
    ax = plots.scatter({"ae": (z, which)}, ax=axes[0]).axes[0]
    figure.draw_without_rendering()
    middles = np.array([each.get_window_extent().get_points().mean(axis=0) for each in ax.texts])
    apart = np.linalg.norm(middles[:, None] - middles, axis=-1) + np.eye(10) * 999
    assert apart.min() > 0.13 * figure.dpi  # a disc is as wide


def test_activity_is_sorted_and_the_dead_are_grey():
    z = RNG.choice([-1.0, 1.0], size=(400, 5)) * [1, 5, 0, 3, 0.02]
    ax = plots.activity(z).axes[0]
    np.testing.assert_allclose(offsets(ax)[:4, 1], [5, 3, 1, 0.02], rtol=0.02)
    active, dead = dots(ax)
    assert [len(active.get_offsets()), len(dead.get_offsets())] == [4, 1]
    assert dead.get_facecolor()[0].tolist() == [1, 1, 1, 1]
    assert title(ax) == "4 of 5 latent dimensions vary; grey: dead"
    assert ax.get_yscale() == "log"
    assert (
        title(plots.activity(np.ones((4, 3))).axes[0])
        == "0 of 3 latent dimensions vary; grey: dead"
    )
    assert plots.activity(RNG.normal(size=(50, 4))).axes[0].get_yscale() == "linear"


def test_curves_have_a_panel_for_each_term():
    history = {
        "loss": [3.0, 2.0, 1.0],
        "val_loss": [4.0, 3.0, 2.0],
        "latent_penalty": [100.0, 10.0, 1.0],
        "kl": [-1.0, 2.0, 90.0],
        "val_kl": [1.0, 1.0, 1.0],
    }
    drawn = plots.curves(history)
    assert [title(ax) for ax in drawn.axes] == ["loss", "latent penalty", "kl"]
    assert [len(ax.lines) for ax in drawn.axes] == [2, 1, 2]
    assert drawn.axes[0].lines[1].get_xydata().tolist() == [[1, 4], [2, 3], [3, 2]]
    assert [ax.get_yscale() for ax in drawn.axes] == ["linear", "log", "linear"]
    legend = drawn.axes[0].get_legend()
    assert [each.get_text() for each in legend.get_texts()] == ["training", "validation"]
    one = plots.curves({"loss": [1.0]}).axes[0]
    left, right = one.get_xlim()
    assert [tick for tick in one.get_xticks() if left <= tick <= right] == [1]  # no epoch 0.5


def test_precisions_have_a_line_for_each_way():
    ax = axes()
    plots.precisions({"code": {1: 0.5, 10: 0.4, 100: 0.1}, "LSA": {1: 0.3, 10: 0.2}}, ax=ax)
    drawn = {line.get_label(): line.get_xydata().tolist() for line in ax.lines}
    assert drawn == {"code": [[1, 0.5], [10, 0.4], [100, 0.1]], "LSA": [[1, 0.3], [10, 0.2]]}
    assert (ax.get_xscale(), ax.get_ylim()[0]) == ("log", 0)
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["1", "10", "100"]


def test_precisions_are_named_at_the_ends_of_their_lines():
    curves = {"a": {1: 0.8, 10: 0.7}, "b": {1: 0.9, 10: 0.71}, "$c$": {1: 0.9, 10: 0.69}}
    ax = plots.precisions(curves, bottom=0.6, rows="texts").axes[0]
    assert ax.get_ylim()[0] == 0.6
    assert ax.get_xlabel() == "number of nearest texts"
    assert [each.get_text() for each in ax.texts] == ["b", "a", "$c$"]
    assert [each.xy for each in ax.texts] == [(10, 0.71), (10, 0.7), (10, 0.69)]
    ax.figure.draw_without_rendering()
    boxes = [each.get_window_extent() for each in ax.texts]
    assert not any(box.overlaps(other) for box in boxes for other in boxes if other is not box)


def test_neighbours_stand_in_their_places_and_the_wrong_ones_are_framed_and_named():
    queries = {name: images(height=9, width=6)[0] for name in ("clean", "hidden")}
    near = images(8, 9, 6).reshape(2, 4, 9, 6, 1)
    right = np.array([[1, 1, 0, 1], [0, 1, 1, 1]], bool)
    names = np.array([["a", "a", "b", "a"], ["$c$", "b", "b", "b"]])
    found = {"by code": (near, right, names), "by pixels": (near[:, :3], right[:, :3])}
    ax = plots.neighbours(queries, found).axes[0]
    assert [each.get_text() for each in ax.get_yticklabels()] == ["clean", "hidden"]
    texts = [each.get_text() for each in ax.texts]
    assert texts[:3] == ["query", "by code", "by pixels"]
    assert texts[3:] == [*"✓✓", "✗ b", "✓", "✗ $c$", *"✓✓✓", *"✓✓✗", *"✗✓✓"]
    sheet = ax.images[0].get_array()
    shown = [*near.reshape(8, 9, 6, 1), *near[:, :3].reshape(6, 9, 6, 1)]
    colours = {}
    for patch, image, sign in zip(ax.patches, shown, ax.texts[3:], strict=True):
        left, top = (round(each + 0.5) for each in patch.get_xy())
        tile = sheet[top : top + 9, left : left + 6]
        np.testing.assert_allclose(tile, np.repeat(image, 3, axis=-1), rtol=1e-6)
        assert (left - 0.5, top - 0.5) <= sign.xy <= (left + 5.5, top + 8.5)
        looks = sign.get_color(), matplotlib.colors.to_hex(patch.get_edgecolor())
        colours.setdefault(sign.get_text()[0], set()).add((*looks, patch.get_linewidth()))
    assert len(colours["✓"]) == len(colours["✗"]) == 1  # one colour and one width for each
    assert not colours["✓"] & colours["✗"]


def test_originals_stand_before_the_queries_and_frames_on_them():
    queries, originals = {"clean": images()[0], "hidden": images()[1]}, images(2)
    found = {"by code": (images(6).reshape(2, 3, 8, 8, 1), np.ones((2, 3), bool))}
    frames = {"hidden": (2, 3, 4, 4)}
    ax = plots.neighbours(queries, found, originals=originals, frames=frames).axes[0]
    assert [each.get_text() for each in ax.texts][:3] == ["original", "query", "by code"]
    sheet, below = ax.images[0].get_array(), np.diff(ax.get_yticks())[0].astype(int)
    for row, shown in enumerate(zip(originals, queries.values(), strict=True)):
        for column, image in enumerate(shown):
            tile = sheet[row * below :][:8, column * (9 + 4) :][:, :8]
            np.testing.assert_allclose(tile, np.repeat(image, 3, axis=-1), rtol=1e-6)
    drawn = ax.patches[-1]
    assert drawn.get_xy() == (9 + 4 + 3 - 1, below + 2 - 1)
    assert (drawn.get_width(), drawn.get_height()) == (5, 5)


@pytest.mark.parametrize(
    ("values", "kernel"),
    [
        ([[1, 2, 3], [4, 5, 6]], [[1, 0, 2], [0, 3, 0], [4, 0, 5]]),
        ([[2, 0, -3]], [[1, -2]]),
        ([[7]], [[3]]),
    ],
)
def test_the_four_steps_of_a_deconvolution_end_in_what_keras_returns(values, kernel):
    values, kernel = np.array(values, "float32"), np.array(kernel, "float32")
    layer = keras.layers.Conv2DTranspose(1, kernel.shape, use_bias=False)
    layer.build((None, *values.shape, 1))
    layer.kernel.assign(kernel[..., None, None])
    output = np.asarray(layer(values[None, ..., None]))[0, ..., 0]
    ax = plots.deconvolution(values, kernel).axes[0]
    frame = [(size - 1, size - 1) for size in kernel.shape]
    steps = [values, np.pad(values, frame), kernel[::-1, ::-1], output, kernel]
    numbers = [number for step in steps for number in step.flat]
    told = [each.get_text().replace("−", "-") for each in ax.texts]
    assert [text for text in told if text.lstrip("-").isdigit()] == [f"{n:g}" for n in numbers]
    titles = [text.split("  ")[1] for text in told if text[1:3] == "  "]
    assert titles == ["input", "padded with zeros", "reversed kernel", "output"]
    framed = told[-1].removeprefix("framed:  ").replace("·", "*")
    products, total = framed.split(" = ")
    assert eval(products) == float(total) == output[tuple(size // 2 for size in output.shape)]


BAD = {
    "no queries": (plots.neighbours, {"queries": {}, "found": {}}, r"Received: \{\}\."),
    "neighbours of another size": (
        plots.neighbours,
        {
            "queries": {"a": images()[0]},
            "found": {"by code": (images(3, 9)[None], np.ones((1, 3), bool))},
        },
        r"for queries \(1, 8, 8, 1\)\. Received: \(1, 3, 9, 8, 1\) for by code\.",
    ),
    "neighbours not told right or wrong": (
        plots.neighbours,
        {"queries": {"a": images()[0]}, "found": {"by code": (images()[None], np.ones((1, 2)))}},
        r"one boolean for each image, \(1, 3\)\. Received: \(1, 2\) for by code\.",
    ),
    "neighbours with too few names": (
        plots.neighbours,
        {
            "queries": {"a": images()[0]},
            "found": {"by code": (images()[None], np.ones((1, 3)), [["a", "b"]])},
        },
        r"one name for each image, \(1, 3\)\. Received: \(1, 2\) for by code\.",
    ),
    "deconvolution of one row of numbers": (
        plots.deconvolution,
        {"values": [1, 2], "kernel": [[1]]},
        r"`values` must be finite numbers in rows and columns\. Received: the shape \(2,\)",
    ),
    "deconvolution by NaN": (
        plots.deconvolution,
        {"values": [[1]], "kernel": [[np.nan]]},
        r"`kernel` must be finite numbers",
    ),
    "deconvolution by words": (
        plots.deconvolution,
        {"values": [["a"]], "kernel": [[1]]},
        r"`values` must be finite numbers",
    ),
    "deconvolution of too many numbers": (
        plots.deconvolution,
        {"values": np.ones((4, 5)), "kernel": [[1]]},
        r"at most 4 rows and 4 columns.* Received: \(4, 5\)\.",
    ),
    "originals of other queries": (
        plots.neighbours,
        {"queries": {"a": images()[0]}, "found": {}, "originals": images(2)},
        r"`originals` must be an image for each query, \(1, 8, 8, 1\)\. Received: \(2, 8, 8, 1\)\.",
    ),
    "frames of other images": (
        plots.reconstructions,
        {"rows": {"original": images()}, "frames": np.ones((2, 4))},
        r"`frames` must hold .* for each image, \(3, 4\)\. Received: \(2, 4\)\.",
    ),
    "no rows": (plots.reconstructions, {"rows": {}}, r"`rows` must hold .* Received: \{\}\."),
    "rows of two sizes": (
        plots.reconstructions,
        {"rows": {"original": images(), "ae": images(2)}},
        r"Received: \{'original': \(3, 8, 8, 1\), 'ae': \(2, 8, 8, 1\)\}\.",
    ),
    "restored of another size": (
        plots.restorations,
        {"original": images(), "corrupted": images(), "restored": {"ae": images(2)}},
        r"Received: .*'ae': \(2, 8, 8, 1\)\}\.",
    ),
    "no image": (plots.sheet, {"images": images(0)}, r"one or more, .* Received: \(0, 8, 8, 1\)"),
    "images without channels": (
        plots.sheet,
        {"images": images()[..., 0]},
        r"channels\)\. Received: \(3, 8, 8\)\.",
    ),
    "no columns": (
        plots.sheet,
        {"images": images(), "columns": -1},
        "`columns` must be a positive",
    ),
    "images of another grid": (
        plots.code_plane,
        {"images": images(5), "size": (2, 3)},
        r"one image for each place of the grid, 2 × 3\. Received: 5\.",
    ),
    "answers of another grid": (
        plots.code_plane,
        {"images": images(6), "size": (2, 3), "accepted": np.ones(5, bool)},
        r"`accepted` must hold one boolean for each place of the grid, 2 × 3\. Received: 5\.",
    ),
    "quantiles in percent": (
        plots.scatter,
        {"codes": {"ae": (np.ones((3, 2)), None)}, "quantiles": (1, 99)},
        r"`quantiles` must lie in \[0, 1\]\. Received: quantiles=\(1, 99\)\.",
    ),
    "one end": (plots.interpolation, {"images": images(1)}, r"two or more: .* Received: 1\."),
    "scores of other images": (
        plots.anomalies,
        {"images": images(), "reconstructions": images(), "scores": np.ones(2)},
        r"same number of rows, two or more: .* Received: \(3, 8, 8, 1\), \(3, 8, 8, 1\), \(2,\)\.",
    ),
    "names of other images": (
        plots.anomalies,
        {"images": images(), "reconstructions": images(), "scores": np.ones(3), "names": ["a"]},
        r"`names` must hold a name for each of 3 images\. Received: 1\.",
    ),
    "one image": (
        plots.anomalies,
        {"images": images(1), "reconstructions": images(1), "scores": np.ones(1)},
        r"rows, two or more: .* Received: \(1, 8, 8, 1\)",
    ),
    "a kernel of another image": (
        plots.filters,
        {"kernel": images()[0, :, :, 0], "shape": (3, 3, 1)},
        r"`kernel` must be .* Received: \(8, 8\) and shape=\(3, 3, 1\)\.",
    ),
    "switches of another image": (
        plots.switches,
        {"image": images()[0], "switches": np.zeros((3, 4, 1), int)},
        r"`switches` must be .* Received: \(3, 4, 1\) and \(8, 8, 1\)\.",
    ),
    "switches outside their window": (
        plots.switches,
        {"image": images()[0], "switches": np.full((4, 4, 1), 4)},
        r"integers from 0 to 3\. Received: int64 from 4 to 4\.",
    ),
    "two kinds of codes on one axes": (
        plots.scatter,
        {"codes": {each: (np.ones((3, 2)), None) for each in "ab"}, "ax": axes()},
        r"one panel if `ax` is set, and one or more otherwise\. Received: 2\.",
    ),
    "classes of other rows": (
        plots.scatter,
        {"codes": {"ae": (np.ones((3, 2)), np.arange(4))}},
        r"one for each row of codes, \(3,\)\. Received: \(4,\) for ae\.",
    ),
    "codes that are no numbers": (
        plots.scatter,
        {"codes": {"ae": (np.full((3, 2), np.nan), None)}},
        r"Codes must be finite numbers, \(rows, \.\.\.\)\. Received: the shape \(3, 2\), with NaN",
    ),
    "one row": (plots.activity, {"codes": np.ones((1, 3))}, r"two rows or more\. Received: 1\."),
    "no size": (plots.by_size, {"rows": [{"latent_dim": 2, "sse": None}]}, "`rows` must hold one"),
    "no epoch": (plots.curves, {"history": {"loss": []}}, r"Received: \{'loss': 0\}\."),
}


@pytest.mark.parametrize("name", BAD)
def test_a_wrong_call_is_told(name):
    function, given, told = BAD[name]
    with pytest.raises(UsageError, match=told):
        function(**given)


ALWAYS = {"codes", "activity", "curves"}
PICTURES = ALWAYS | {"reconstructions", "restorations", "filters"}
RUNS = {
    "grey, labels": ("vae", (30, 8, 8, 1), 3, {}, PICTURES),
    "two channels, codes that are one number": (
        "deep_ae", (20, 8, 6, 2), 0, {"latent_dim": 1}, PICTURES,
    ),
    "large, colour, switches": (
        "conv_ae", (6, 96, 96, 3), 1, {"filters": (2, 2), "unpooling": "argmax"},
        PICTURES | {"switches"},
    ),
    "one test image": ("pca", (3, 8, 8, 4), 0, {"latent_dim": 2}, PICTURES - {"codes", "activity"}),
    "a machine": ("rbm", (30, 8, 8, 1), 3, {"latent_dim": 6}, PICTURES),
    "features": ("deep_ae", (30, 5), 20, {"standardise": True, "latent_dim": 2}, ALWAYS),
}  # fmt: skip


@pytest.mark.parametrize("name", RUNS)
def test_a_run_is_drawn_as_far_as_there_is_something_to_draw(name, tmp_path):
    variant, shape, classes, arguments, expected = RUNS[name]
    x = RNG.random(shape, dtype="float32")
    labels = np.arange(len(x)) % classes if classes else None
    data = datasets.Split(x, labels)
    dataset = datasets.Dataset("x", data, data.take(slice(0, max(1, len(x) // 3))))
    small = {"widths": (4,)} if variant in ("vae", "deep_ae") else {}
    model = zoo.build(variant, input_shape=shape[1:], **small, **arguments).adapt(x)
    pca = zoo.build("pca", input_shape=shape[1:], latent_dim=2).adapt(x)
    paths = figures.draw(model, dataset, pca, {"loss": [1.0]}, tmp_path / "figures")
    assert {each.stem for each in paths} == expected
    assert set(paths) == set((tmp_path / "figures").glob("*.png"))


NO_DICTS = [
    (lambda x: plots.curves(keras.callbacks.History()), "`history`.*History. Pass its history.his"),
    (lambda x: plots.curves([1.0]), "`history` must be a dict. Received: list.$"),
    (lambda x: plots.reconstructions(x, x), "`rows` .*Received: ndarray. Give images by their"),
    (lambda x: plots.restorations(x, x, x), "`restored` must be a dict. Received: ndarray"),
    (lambda x: plots.scatter(x), "`codes` must be a dict. Received: ndarray"),
    (lambda x: plots.neighbours(x, {}), "`queries` must be a dict. Received: ndarray"),
    (lambda x: plots.neighbours({}, x), "`found` must be a dict. Received: ndarray"),
    (lambda x: plots.precisions(x), "`curves` must be a dict. Received: ndarray"),
    (lambda x: plots.comparison(x), "`report` must be a dict. Received: ndarray"),
    (lambda x: plots.errors_by_labels(x), "`table` must be a dict. Received: ndarray"),
]


@pytest.mark.parametrize(("draw", "told"), NO_DICTS)
def test_what_is_drawn_by_name_comes_in_a_dict(draw, told):
    with pytest.raises(UsageError, match=told):
        draw(images(2))
