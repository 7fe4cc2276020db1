"""Sequences and volumes: how arrays and tables become them, how they are divided and drawn."""

import numpy as np
import pytest

import zoo
from zoo import datasets, layers, plots
from zoo.anomaly import score_settings
from zoo.datasets import Split
from zoo.datasets.sources import mni152
from zoo.errors import MissingExtraError, UsageError
from zoo.evaluation.units import unit_of
from zoo.experiments import readme_signals, reproduce, results, signal_scores
from zoo.experiments.reproduce import signal_sets, signals, volumes
from zoo.inputs import kinds

pandas = pytest.importorskip("pandas", reason="pip install 'autoencoder-zoo[tabular]'")

RNG = np.random.default_rng(0)
HOURS = pandas.date_range("2024-01-01", periods=30, freq="h")


# Arrays -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "kind", "expected"),
    [
        ((6, 9, 2), None, ("images", (9, 2, 1))),
        ((6, 9, 2), "sequences", ("sequences", (9, 2))),
        ((6, 9), "sequences", ("sequences", (9, 1))),
        ((6, 9), None, ("features", (9,))),
        ((6, 4, 4, 4, 1), None, ("volumes", (4, 4, 4, 1))),
        ((6, 4, 4, 4), "volumes", ("volumes", (4, 4, 4, 1))),
        ((6, 4, 4, 4), None, ("images", (4, 4, 4))),
        ((6, 4, 4, 4), "sequences", r"sequences must have the shape \(rows, steps, channels\)"),
        ((6, 4, 4), "volumes", r"volumes must have the shape \(rows, depth, height, width"),
        ((6, 4), "signals", "no kind of data 'signals'"),
        ((6, 4), "documents", ("documents", (4,))),
        ((6, 4, 4), "documents", r"documents must have the shape \(rows, words\)"),
        ((6,), None, r"\(rows, steps, channels\) or \(rows, depth, height, width, channels\)"),
    ],
)
def test_the_axes_or_the_kind_say_what_an_array_holds(shape, kind, expected, tmp_path):
    x = RNG.random(shape)
    np.save(tmp_path / "x.npy", x)
    address = f"{tmp_path / 'x.npy'}" + (f"?kind={kind}" if kind else "")
    sources = [(x, {"kind": kind}), ((x, np.arange(6)), {"kind": kind}), (address, {})]
    for source, options in sources:
        if isinstance(expected, str):
            with pytest.raises(UsageError, match=expected):
                datasets.load(source, **options)
        else:
            data = datasets.load(source, **options)
            assert (data.kind, data.input_shape) == expected
            assert datasets.rows(source, **options).kind == expected[0]
    if not isinstance(expected, str):
        assert datasets.load(address).name == address  # by which a run loads it again


@pytest.mark.parametrize(
    ("shape", "kind"), [((6, 9, 2), "sequences"), ((6, 4, 4, 4, 1), "volumes")]
)
def test_a_stream_gives_rows_or_batches(shape, kind):
    import tensorflow as tf

    x = RNG.random(shape, "float32")
    rows = tf.data.Dataset.from_tensor_slices((x, np.arange(6)))
    for stream in (rows, rows.batch(4)):
        whole = datasets.rows(stream, kind=kind)
        assert whole.kind == kind
        np.testing.assert_array_equal(whole.inputs, x)
        np.testing.assert_array_equal(whole.labels, np.arange(6))


@pytest.mark.parametrize("kind", ["images", "features", "sequences", "volumes"])
def test_an_npz_names_the_kind_of_its_array(kind, tmp_path):
    shape = (5, *(3, 4, 4, 2)[: len(kinds.KINDS[kind].axes)])
    np.savez(tmp_path / "x.npz", **{kind: RNG.random(shape), "labels": np.arange(5)})
    data = datasets.load(tmp_path / "x.npz")
    assert (data.kind, data.input_shape, len(data.test.labels)) == (kind, shape[1:], 1)


def test_sequences_keep_their_numbers_and_volumes_of_bytes_become_fractions():
    bytes_ = RNG.integers(2, 255, (4, 5, 2), "uint8")
    np.testing.assert_array_equal(datasets.rows(bytes_, kind="sequences").inputs, bytes_)
    bytes_ = RNG.integers(2, 255, (4, 3, 3, 3, 1), "uint8")
    np.testing.assert_allclose(datasets.rows(bytes_).inputs, bytes_ / 255, rtol=1e-6)
    with pytest.raises(UsageError, match="volumes must lie within"):
        datasets.rows(bytes_ / 2)
    with pytest.raises(UsageError, match=r"sequences must be finite.* nan in row 1"):
        datasets.rows(np.array([[0.0, 1.0], [np.nan, 1.0]]), kind="sequences")
    seconds = 1.7e9 + np.arange(40.0).reshape(4, 10)
    with pytest.raises(UsageError, match="Column 1 must be numbers that float32 can tell apart"):
        datasets.rows(np.stack([seconds * 0, seconds], axis=-1), kind="sequences")


def test_each_channel_has_a_unit_of_its_own():
    x = (RNG.normal(size=(40, 6, 2)) * [1, 100] + [0, 7]).astype("float32")
    data = datasets.load(x, kind="sequences")
    np.testing.assert_allclose(unit_of(data), data.train.inputs.std(axis=(0, 1)), rtol=1e-4)
    layer = layers.Standardisation(per_channel=True)
    layer.adapt(x)
    y = np.asarray(layer(x))
    np.testing.assert_allclose(y.mean(axis=(0, 1)), 0, atol=1e-5)
    np.testing.assert_allclose(y.std(axis=(0, 1)), 1, rtol=1e-4)
    np.testing.assert_allclose(layer(y, inverse=True), x, rtol=1e-4, atol=1e-4)
    assert zoo.entry("pca").arguments_for(data) == {"input_shape": (6, 2), "standardise": True}
    pca = zoo.build("pca", input_shape=(6, 2), latent_dim=2, standardise=True)
    assert pca.standardisation.mean.shape == (2,)


def test_the_digits_are_sequences_of_rows(digits):
    data = datasets.load("mnist_5k_rows")
    assert (data.kind, data.input_shape, len(data.train)) == ("sequences", (28, 28), 4000)
    np.testing.assert_array_equal(data.test.inputs[..., None], digits.test.images)
    np.testing.assert_array_equal(data.test.labels, digits.test.labels)
    with pytest.raises(UsageError, match=r"conv_ae takes images\. Received: sequences"):
        zoo.entry("conv_ae").arguments_for(data)


def test_channels_first_are_told_where_the_model_knows_its_shape():
    model = zoo.build("conv1d_ae", input_shape=(16, 2), filters=(2,), latent_dim=2)
    with pytest.raises(UsageError, match=r"channels are the last axis: numpy.moveaxis\(x, 1, -1\)"):
        model.encode(np.zeros((3, 2, 16), "float32"))
    with pytest.raises(UsageError, match=r"\(steps, channels\) of at least \(8, 1\)"):
        zoo.build("conv1d_ae", input_shape=(7, 2), filters=(2, 2, 2))
    with pytest.raises(UsageError, match=r"\(depth, .*, channels\) of at least \(4, 4, 4, 1\)"):
        zoo.build("conv3d_ae", input_shape=(8, 3, 8, 1))


def test_a_brain_is_divided_into_blocks_of_its_front_and_its_back():
    pytest.importorskip("nilearn", reason="pip install 'autoencoder-zoo[volumes]'")
    data = datasets.load("mni152")
    assert (data.kind, data.input_shape) == ("volumes", (16, 16, 16, 1))
    assert min(len(data.train), len(data.test)) > 200
    assert data.train.inputs.max() == 1.0


def test_blocks_that_are_nearly_all_background_are_left_out():
    volume = np.zeros((32, 33, 16))
    volume[16:, 16:32] = np.arange(1, 17)
    blocks = mni152.blocks_of(volume)
    assert blocks.shape == (1, 16, 16, 16, 1)
    np.testing.assert_array_equal(blocks[0, 3, 5, :, 0], np.arange(1, 17))


def test_a_missing_nilearn_is_told_with_the_command(uninstall):
    for package in ("nilearn", "nibabel"):
        uninstall(package)
    with pytest.raises(MissingExtraError, match=r"pip install 'autoencoder-zoo\[volumes\]'"):
        datasets.load("mni152")


# Tables -----------------------------------------------------------------------------------------


def table(series=6):
    """A long table: 30 hours of some patients, each of one class."""
    names = np.repeat([f"p{number}" for number in range(series)], len(HOURS))
    steps = np.arange(len(names))
    columns = {"patient": names, "when": np.tile(HOURS.astype(str), series)}
    columns |= {"pulse": 60 + np.sin(steps), "oxygen": steps % 7}
    return pandas.DataFrame(columns | {"label": np.where(steps // 30 % 2, "ill", "well")})


def ids(split):
    return {name.split()[0] for name in split.names}


def test_a_long_table_is_cut_into_windows_and_divided_by_series(tmp_path):
    table().to_csv(tmp_path / "p.csv", index=False)
    address = f"{tmp_path / 'p.csv'}?id=patient&time=when&window=10&stride=5"
    data = datasets.load(address)
    assert (data.name, data.kind, data.input_shape) == (address, "sequences", (10, 2))
    assert (data.column_names, data.class_names) == (("pulse", "oxygen"), ("ill", "well"))
    assert (len(data.train), len(data.test)) == (25, 5)
    assert not ids(data.train) & ids(data.test)
    learn, held_out = data.hold_out(0.4, seed=0)
    assert (len(learn), len(held_out)) == (15, 10)
    assert not ids(learn) & ids(held_out)
    assert [len(split) for split in data.hold_out(0.01, seed=0)] == [20, 5]
    assert [len(split) for split in data.hold_out(0, seed=0)] == [25, 0]
    row = data.train.names.index("p0 from 2024-01-01 05:00:00")
    np.testing.assert_allclose(data.train.inputs[row, :, 0], 60 + np.sin(np.arange(5, 15)), 1e-6)
    assert data.class_names[data.train.labels[row]] == "well"


def test_the_order_of_a_tables_rows_does_not_matter():
    options = {"id": "patient", "time": "when", "window": 10}
    whole = datasets.load(table(), **options)
    shuffled = datasets.load(table().sample(frac=1, random_state=0), **options)
    np.testing.assert_array_equal(shuffled.train.inputs, whole.train.inputs)
    np.testing.assert_array_equal(shuffled.test.labels, whole.test.labels)


@pytest.mark.parametrize("stride", [1, 3, 20, 25])
def test_a_single_series_is_divided_by_time_without_a_shared_step(stride):
    data = datasets.load(table()[["pulse", "oxygen"]], window=20, stride=stride)
    splits = [*data.hold_out(0.2, seed=0), data.test]
    seen = [
        {step for start in split.windows[:, 1] for step in range(start, start + 20)}
        for split in splits
    ]
    assert all(seen)
    assert max(seen[0]) < min(seen[1])
    assert max(seen[1]) < min(seen[2])


def test_a_wide_table_has_a_row_a_series(tmp_path):
    values = RNG.normal(size=(8, 12)).astype("float32")
    frame = pandas.DataFrame(values, columns=[f"s{step}" for step in range(12)])
    whole = datasets.rows(frame.assign(label=np.arange(8) % 2), steps="wide")
    np.testing.assert_array_equal(whole.inputs[..., 0], values)
    np.testing.assert_array_equal(whole.labels, np.arange(8) % 2)
    frame.to_csv(tmp_path / "wide.csv", index=False)
    windows = datasets.rows(f"{tmp_path / 'wide.csv'}?steps=wide&window=5")
    np.testing.assert_allclose(windows.inputs[1, :, 0], values[0, 5:10], rtol=1e-6)
    assert windows.windows[:3].tolist() == [[0, 0], [0, 5], [1, 0]]


def changed(column, rows, values):
    frame = table()
    frame[column] = frame[column].astype(object)
    frame.loc[rows, column] = values
    return frame


ZONES = [f"{hour}+0{1 + number % 2}:00" for number, hour in enumerate(table()["when"])]
CASES = [
    (table(), {"window": 31}, r"at least the 31 steps of a window. Received: 30 in series 'p0'"),
    (table().iloc[:-3], {}, "must have one length, or be cut into windows.* from 27 to 30 steps"),
    (
        changed("when", 3, "2024-01-01 02:00:00"),
        {},
        "2024-01-01 02:00:00 twice in series",
    ),
    (
        table().drop(index=7),
        {},
        "without a gap. Received: 2024-01-01 08:00:00 right after",
    ),
    (changed("pulse", 3, np.nan), {}, "'pulse' .* must hold a value .* none in row 3"),
    (
        changed("patient", 4, None),
        {},
        "'patient' .* must hold a value .* none in row 4",
    ),
    (table().assign(when=ZONES), {}, "times of one time zone. Received: several"),
    (changed("when", 0, "2024-01-01 00:00:00+01:00"), {}, "times of one time zone"),
    (table().assign(when="soon"), {}, "must hold times or numbers. Received: 'soon' in row 0"),
    (changed("label", 3, "ill"), {}, "one class for each series. Received: several in series 'p0'"),
    (changed("pulse", 3, "fast"), {}, "'pulse' .* must hold numbers. Received: 'fast' in row 3"),
    (table(), {"id": "patiend"}, "no column 'patiend'; did you mean patient?"),
    (table(), {"stride": 2}, "`stride` needs a `window`"),
    (table(), {"window": 0}, "`window` must be a positive integer"),
    (table(), {"steps": "wide"}, "so that no column holds ids or times"),
    (table(), {"steps": "tall"}, "no form of steps 'tall'"),
    (table()[["patient", "when"]], {}, "at least one column of values. Received: none"),
    (np.zeros((9, 4)), {}, "`id` names a column of a table"),
]


@pytest.mark.parametrize(("source", "options", "message"), CASES, ids=[c[2][:24] for c in CASES])
def test_bad_series_are_told_in_a_sentence(source, options, message):
    with pytest.raises(UsageError, match=message):
        datasets.load(source, **{"id": "patient", "time": "when"} | options)


def test_a_series_too_short_for_two_parts_and_an_unknown_option_are_told(tmp_path):
    with pytest.raises(UsageError, match="long enough for windows before and after a moment"):
        datasets.load(table()[["pulse"]].iloc[:25], window=20, stride=5)
    table().to_csv(tmp_path / "p.csv", index=False)
    for option, message in {
        "windw=10": "no option of a table 'windw'; did you mean window",
        "window=ten": "`window` must be a positive integer. Received: window='ten'",
    }.items():
        with pytest.raises(UsageError, match=message):
            datasets.load(f"{tmp_path / 'p.csv'}?id=patient&{option}")


# Layers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sizes", "pool"), [((4, 4, 4), 2), ((5, 4, 7), 2), ((3, 5, 4), (3, 1, 2)), ((2, 2, 3), 2)]
)
def test_pooling_and_unpooling_3d(sizes, pool):
    x = RNG.normal(size=(2, *sizes, 3)).astype("float32")
    values, switches = map(np.asarray, layers.ArgmaxPooling3D(pool)(x))
    window = (pool,) * 3 if isinstance(pool, int) else pool
    assert values.shape == (2, *(s // p for s, p in zip(sizes, window, strict=True)), 3)
    filled = np.asarray(layers.Unpooling3D(pool, mode="fill", output_size=sizes)(values))
    back = np.asarray(layers.Unpooling3D(pool, output_size=sizes)(values, switches))
    expected = np.zeros_like(x)
    for row, *place, channel in np.ndindex(values.shape):
        cut = tuple(slice(n * p, n * p + p) for n, p in zip(place, window, strict=True))
        inside = x[(row, *cut, channel)]
        where = (row, *place, channel)
        assert (values[where], switches[where]) == (inside.max(), inside.argmax())
        assert (filled[(row, *cut, channel)] == inside.max()).all()
        expected[(row, *cut, channel)] = np.where(inside == inside.max(), inside, 0)
    np.testing.assert_array_equal(back, expected)
    np.testing.assert_array_equal(filled[:, -1, -1, -1], values[:, -1, -1, -1])


def test_positions_are_told_apart():
    layer = layers.LearnedPositions()
    y = np.asarray(layer(np.zeros((2, 5, 8), "float32")))
    np.testing.assert_array_equal(y[0], layer.vectors)
    np.testing.assert_array_equal(y[0], y[1])
    assert len({tuple(row) for row in y[0].tolist()}) == 5


def test_an_lstm_is_one_node_of_each_onnx_file(tmp_path):
    import onnx

    model = zoo.build("lstm_ae", input_shape=(9, 2), units=8, latent_dim=3)
    zoo.export(model, tmp_path / "bundle")
    for name in ("encoder", "decoder"):
        nodes = onnx.load(tmp_path / "bundle" / f"{name}.onnx").graph.node
        assert [node.op_type for node in nodes].count("LSTM") == 1
        assert not any(node.op_type in ("Loop", "Scan") for node in nodes)


def test_jobs_read_arrays_as_the_kind_of_the_model(digits, tmp_path):
    x = digits.train.images[:120, ..., 0]
    model = zoo.build("conv1d_ae", input_shape=(28, 28), filters=(4,), latent_dim=3)
    model.fit(x, epochs=1, verbose=0)
    assert zoo.evaluate(model, x, baselines=False)["test_rows"] == 24
    detector = zoo.anomaly.Detector.fit(model, x)
    assert detector.map(x).shape == (120, 28)
    np.testing.assert_allclose(detector.map(x).mean(axis=1), detector.score(x), rtol=1e-3)
    zoo.export(detector, tmp_path / "detector")
    loaded = zoo.anomaly.Detector.load(tmp_path / "detector")
    np.testing.assert_allclose(loaded.map(x), detector.map(x), rtol=1e-2, atol=1e-3)


# The PCA that a network is added to ---------------------------------------------------------------


@pytest.mark.parametrize("name", ["conv1d_ae", "lstm_ae", "tcn_ae", "transformer_ae", "conv3d_ae"])
def test_a_network_starts_as_pca_of_equal_size_and_adds_to_it(name):
    tiny = zoo.entry(name).tiny
    latent = RNG.random((90, 5)) @ RNG.random((5, int(np.prod(tiny["input_shape"]))))
    x = np.square(latent / latent.max()).reshape(90, *tiny["input_shape"]).astype("float32")
    model = zoo.build(name, **tiny)
    standardised = {"standardise": True} if model.standardisation else {}
    pca = zoo.build("pca", input_shape=x.shape[1:], latent_dim=3, **standardised).adapt(x)
    expected, start = pca.reconstruct(x), model.adapt(x).reconstruct(x)
    np.testing.assert_allclose(start, expected, atol=1e-4)
    # A layer that starts at zero behind many features would learn few rows by heart.
    assert [layer.kernel.shape for layer in model.layers if layer.name == "code"] in ([(3, 3)], [])
    components = np.asarray(model.get_layer("pca").kernel)
    model.fit(x, epochs=24, verbose=0)
    unit = x.std(axis=(0, 1)) if model.standardisation else 1

    def error(y):
        return np.square((x - y) / unit).mean()

    assert error(model.reconstruct(x)) < error(start)
    np.testing.assert_array_equal(model.get_layer("pca").kernel, components)
    alone = zoo.build(name, **tiny, pca_path=False)
    assert "pca" not in [layer.name for layer in alone.layers]
    assert np.ptp(alone.reconstruct(x)) > 0


def test_fit_adapts_the_pca_to_fewer_rows_than_a_code_has_numbers():
    x = RNG.normal(size=(5, 12, 2)).astype("float32")
    model = zoo.build("conv1d_ae", input_shape=(12, 2), filters=(4,))
    model.fit(x, epochs=1, verbose=0)
    assert model.get_layer("pca").adapted
    kernel = np.asarray(model.get_layer("pca").kernel)
    assert kernel[:, :4].any(axis=0).all()
    assert not kernel[:, 4:].any()
    model.fit(x + 9, epochs=1, verbose=0)
    np.testing.assert_array_equal(model.get_layer("pca").kernel, kernel)  # learned once


# Results ----------------------------------------------------------------------------------------


def sets_of_signals(folder, digits):
    """Files as `make_signals.py` writes them, of digits: each number of a row is a step."""
    folder.mkdir()
    x, labels = digits.train.images[..., 0], digits.train.labels
    x, labels = x[labels < 2], labels[labels < 2]
    rows = {"train": x[:30], "train_labels": labels[:30]}
    rows |= {"test": x[30:60], "test_labels": labels[30:60]}
    for name in signal_sets.CLASSES:
        np.savez(folder / f"{name}.npz", **rows)
    series = np.sin(np.arange(700) / 5)[:, None]
    series[650:655] *= -1
    anomalous = (np.arange(400) >= 350) & (np.arange(400) < 355)
    np.savez(
        folder / f"{signal_sets.SERIES}.npz",
        train=series[:300],
        test=series[300:],
        test_anomalous=anomalous.astype(np.uint8),
    )


def test_the_row_on_signals_holds_each_set_against_pca_and_the_nearest_row(
    digits, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    sets_of_signals(tmp_path / "aeon_signals", digits)
    monkeypatch.setattr(signal_sets, "FEW", 0)  # one division
    monkeypatch.setattr(signal_sets, "STRIDE", 16)
    row = reproduce.ROWS["signals"]
    read = signal_sets.read("aeon_signals")
    parts = ("gunpoint", signal_sets.SERIES)
    lines = [
        {"part": part, "seed": 0} | signals.measure_signals(read, 0, tmp_path, part)
        for part in parts
    ]
    for line in lines:
        assert all(0.5 < line[name] <= 1 for name in ("auroc", "pca_auroc", "nearest_auroc"))
        # PCA is exact to rounding where the training rows are no more than its components.
        assert 0 < line["error"] < 2 * line["pca_error"] + 1e-3
        assert line["arguments"]["latent_dim"] == 8
    assert lines[1]["test_steps"] == 400
    found = row.combine(lines)
    assert found["value"] == pytest.approx(np.mean([line["auroc"] for line in lines]))
    assert set(row.beside) <= set(found)
    assert row.verdict([found]) in ("reached", "miss")
    assert (tmp_path / "sequence_anomalies.png").exists()


def test_few_rows_are_divided_several_times_and_no_row_to_choose_by_is_tested():
    x = np.arange(100, dtype=np.float32).reshape(100, 1, 1)
    arrays = {"train": x[:40], "test": x[40:]}
    arrays |= {"train_labels": np.arange(40) % 2, "test_labels": np.arange(40, 100) % 2}
    splits = signal_sets.splits_of(arrays, seed=0)
    assert len(splits) == 5
    assert splits[0][0].inputs.ravel().tolist() == [*range(40)]
    for learn, tested in splits:
        assert np.bincount(learn.labels).tolist() == [20, 20]
        assert not {*learn.inputs.ravel()} & {*tested.inputs.ravel()}
        assert tested.inputs.min() >= 40
    assert len({learn.inputs.tobytes() for learn, _ in splits}) == 5
    many = {name: np.repeat(values, 3, axis=0) for name, values in arrays.items()}
    assert len(signal_sets.splits_of(many, seed=0)) == 1


def test_a_folder_without_signals_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"make_signals.py writes. Received: .* without gunpoint"):
        signal_sets.read(str(tmp_path))
    np.savez(tmp_path / "gunpoint.npz", train=np.zeros((2, 3, 1)))
    with pytest.raises(UsageError, match=r"must hold train, train_labels, .* Received: train\."):
        signal_sets.read(str(tmp_path))


def test_scores_are_chosen_on_held_out_training_rows(digits, tmp_path, monkeypatch):
    sets_of_signals(tmp_path / "signals", digits)
    for number, case in enumerate(signal_scores.of_sequences(str(tmp_path / "signals"))):
        learned = {row.tobytes() for row in case.learn}
        tested = [case.normal, *case.anomalies.values()]
        assert not learned & {row.tobytes() for rows in tested for row in rows}
        with np.load(tmp_path / "signals" / f"{signal_sets.CLASSES[0]}.npz") as stored:
            known = {row.tobytes() for row in stored["train"]}
        if number < 2:
            assert learned | {row.tobytes() for row in case.normal} <= known
    assert len(case.learn) == 267  # the last is a class of mnist_5k_rows
    few = [signal_scores.Case("few", case.learn[:40], case.normal[:9], {"piece": tested[-1][:9]})]
    monkeypatch.setattr(signal_scores, "of_sequences", lambda _: few * 2)
    lines = signal_scores.choose("sequences", "", tmp_path)
    assert [line["options"] for line in lines] == [*signal_scores.SETTINGS["sequences"]]
    assert all(line["cases"] == {"few, piece": line["value"]} for line in lines)
    assert results.read("tuning", tmp_path) == lines


def test_a_piece_of_another_row_is_an_anomaly():
    rows, others = np.zeros((5, 16, 16, 16, 1)), np.arange(1.0, 4097).reshape(1, 16, 16, 16, 1)
    changed = signal_scores.with_piece(rows, others, 4)
    assert (np.count_nonzero(changed, axis=(1, 2, 3, 4)) == 64).all()
    assert len({row.tobytes() for row in changed}) == 5
    assert not rows.any()


@pytest.mark.parametrize("kind", ["sequences", "volumes"])
def test_the_default_score_is_the_best_that_was_tried(kind):
    lines = [line for line in results.read("tuning") if line.get("scores_of") == kind]
    best = max(lines, key=lambda line: line["value"])["options"]
    assert score_settings.settings(kinds.KINDS[kind].tensor_name) == best
    rows = readme_signals.scores_of_kind(kind).splitlines()[2:]
    assert len(rows) == len(lines) == len(signal_scores.SETTINGS[kind])
    assert [row.startswith("| **") for row in rows].count(True) == 1


def test_the_row_on_volumes_is_held_against_pca(tmp_path):
    x = np.clip(RNG.normal(0.5, 0.1, (60, 4)) @ RNG.random((4, 512)) / 2, 0, 1)
    data = datasets.load(x.reshape(60, 8, 8, 8, 1).astype("float32"))
    found = volumes.measure_volumes(data, 0, tmp_path)
    assert 0 < found["value"] < 0.5 * found["mean_row"]
    assert set(reproduce.ROWS["volumes"].beside) <= set(found)
    assert (tmp_path / "slices.png").exists()


# Figures ----------------------------------------------------------------------------------------


def test_lines_show_the_values_of_each_channel_in_its_band():
    x = RNG.normal(size=(3, 20, 2))
    ax = plots.sequences({"original": x, "ae": 0.5 * x}, channel_names=["pulse", "oxygen"]).axes[0]
    assert len(ax.lines) - 2 == 2 * 3 * 2  # without the lines between the sequences
    texts = [text.get_text() for text in ax.get_yticklabels()]
    low, high = x[..., 0].min(), x[..., 0].max()
    assert texts[0] == f"pulse\n{low:.3g} to {high:.3g}"
    first = np.asarray(ax.lines[0].get_ydata())
    np.testing.assert_allclose((first - 1) / 0.8, (x[0, :, 0] - low) / (high - low), atol=1e-6)
    assert ax.get_ylim()[0] < first.min() - 1 + 1e-9


def test_many_channels_are_thinned_to_some_that_vary():
    x = np.zeros((2, 5, 12))
    x[..., 3:9] = RNG.normal(size=(2, 5, 6))
    ax = plots.sequences({"original": x}).axes[0]
    shown = [text.get_text().split("\n")[0] for text in ax.get_yticklabels()]
    assert shown == ["channel 3", "channel 4", "channel 6", "channel 8"]
    assert plots.sequences({"original": x * 0}).axes[0].has_data()


def test_the_most_anomalous_sequences_stand_right_with_their_errors():
    x = RNG.normal(size=(7, 12, 2))
    made, scores = x.copy(), np.array([3.0, 1, 7, 2, 6, 5, 4])
    made[2, 4] += 5  # one step alone is wrong
    ax = plots.sequence_anomalies(x, made, scores, count=2).axes[0]
    strips = [np.asarray(image.get_array())[0] for image in ax.images]
    assert len(strips) == 4
    assert np.flatnonzero(strips[3]).tolist() == [4]
    assert not np.concatenate(strips[:3]).any()
    texts = [text.get_text() for text in ax.texts]
    assert texts == ["1", "2", "6", "7", "least anomalous", "most anomalous"]


def test_slices_are_those_half_way_along_each_axis():
    x = RNG.random((2, 4, 6, 8, 1), "float32")
    sheet = plots.slices({"original": x, "ae": x / 2}).axes[0].images[0].get_array()
    side = 8
    assert sheet.shape == (2 * (side + 1), 6 * (side + 1), 3)
    np.testing.assert_allclose(sheet[1:7, :8, 0], x[0, 2, ..., 0])
    np.testing.assert_allclose(sheet[2:6, 9:17, 0], x[0, :, 3, :, 0])
    np.testing.assert_allclose(sheet[2:6, 19:25, 0], x[0, :, :, 4, 0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plots.sequences({}), "`rows` must hold sequences"),
        (lambda: plots.sequences({"a": np.zeros((2, 3))}), "`rows` must hold sequences"),
        (lambda: plots.slices({"a": np.zeros((2, 3, 3, 1))}), "`rows` must hold volumes"),
        (
            lambda: plots.sequence_anomalies(np.zeros((1, 3, 1)), np.zeros((1, 3, 1)), [0.0]),
            "two or more",
        ),
    ],
)
def test_a_wrong_call_of_a_figure_is_told(call, message):
    with pytest.raises(UsageError, match=message):
        call()


def test_split_remembers_windows_when_rows_are_taken():
    rows = Split(np.zeros((3, 4, 1)), kind="sequences", windows=np.array([[0, 0], [0, 4], [1, 0]]))
    assert rows.take([2, 0]).windows.tolist() == [[1, 0], [0, 0]]
