"""No public function changes its arguments: arrays, lists and dicts stay as they were."""

import copy
import importlib.util
import inspect
from types import SimpleNamespace

import keras
import numpy as np
import pytest

import zoo
from zoo import anomaly, datasets, evaluation, generation, layers, plots, search
from zoo.checks import checks
from zoo.recipes import losses
from zoo.storage import tensors

SHAPE = (6, 6, 1)
ROWS = 16

# Public functions that take no array, and no list or dict to be changed.
WITHOUT_ARRAYS = {
    *(f"checks.{check.__name__}" for check in [checks.check, *checks.CHECKS]),
    *(
        f"blocks.{name}"
        for name in [*zoo.blocks.__all__, "PcaPath.code", "PcaPath.linear", "PcaPath.output"]
    ),  # graphs
    *(
        "layers.ArgmaxPooling",
        "layers.GradientTerm",
        "layers.LossTerm",
        "layers.PairTerm",
        "layers.Quantizer",
    ),  # bases
    *("layers.Unpooling", "layers.JacobianPenalty.term"),
    *("layers.GradientTerm.term", "layers.Quantizer.term"),
    *("layers.Noise", "layers.Corruption.next_seed", "layers.HiddenCopies.masks"),
    *(
        f"layers.{name}.loss"
        for name in ("Attraction", "GradientTerm", "KLDivergence", "KLSparsity")
    ),  # of tensors
    *("layers.RestrictedBoltzmann.loss", "layers.ColumnLoss.loss"),
    *("layers.BagOfWords.weigher", "serving.Codec.table"),
    *(
        f"evaluation.likelihood.{name}"
        for name in ("annealed_log_partition", "exact_log_partition", "log_partition")
    ),  # of a model
    *("AutoEncoder", "AutoEncoder.refresh_endpoints", "AutoEncoder.save", "AutoEncoder.get_config"),
    "AutoEncoder.get_compile_config",
    *("AutoEncoder.compile_from_config", "AutoEncoder.compute_loss"),  # of tensors
    *("AutoEncoder.compute_metrics", "AutoEncoder.get_metrics_result", "AutoEncoder.train_step"),
    *("AutoEncoder.test_step", "AutoEncoder.training_loss", "Recipe.used_for"),
    "errors.PrecisionWarning",
    *("Bundle", "load", "load_model", "export", "verify", "search.Index.load", "search.Index.save"),
    *(
        "Entry",
        "Entry.recipe_for",
        "Entry.arguments_for",
        "Entry.learns_in",
        "Entry.missing",
        "Recipe",
        "Recipe.compile",
    ),
    *("Run", "Run.open", "add_models", "build", "classifier", "entry", "names", "register"),
    *(
        "registry.families",
        "registry.require",
        "registry.build",
        "registry.names",
        "recipes.steps_per_call",
    ),
    *("recipes.losses.get", "recipes.optimizers.get", "read_settings"),
    *("checks.Subject", "checks.Subject.monitor", "checks.Subject.train"),
    "datasets.Split.lies_within",
    *("anomaly.Detector", "anomaly.Detector.load", "anomaly.open_detector", "anomaly.rows_of_run"),
    *("datasets.import_sources", "datasets.Dataset", "datasets.Dataset.map"),
    *("serving.Codec", "serving.Codec.check", "serving.Codec.decode", "serving.Codec.encode"),
    *("serving.Codec.indices", "serving.Codec.prepared", "serving.Codec.reconstruct"),
    *("serving.Codec.run", "serving.Codec.impute"),
    *("serving.Codec.run", "serving.Codec.computed"),
    *("generation.code_shape", "generation.grid"),
    *("errors.CheckFailedError", "errors.DivergedError", "errors.MissingExtraError"),
    *("errors.UsageError", "errors.no_such", "errors.FolderWarning", "errors.ZooError"),
    "errors.ImputationWarning",
    *(
        "plots.architecture",
        "plots.first_kernel",
        "plots.last_kernel",
        "plots.panels",
        "plots.save",
        "plots.title",
    ),
    *("search.codes_of_folder", "search.query_texts", "search.index_path"),
    *("search.require", "search.require_free"),
    "datasets.Split.label_of",
}

CALLS = {}


def of(*names):
    """Decorates a function of a `Given` that calls the public functions of those names."""

    def add(call):
        CALLS[names] = call
        return call

    return add


class Given:
    """Arguments to call functions with, of one kind, and what they were before.

    Args:
        kind: `"float32"`, `"float64"`, or `"list"` for nested lists.
        made: the models to call.
        folder: an empty folder to write to.
    """

    def __init__(self, kind, made, folder):
        self.kind, self.made, self.folder, self.before = kind, made, folder, []
        self.random = np.random.default_rng(0)

    def __getattr__(self, name):
        return getattr(self.made, name)

    def array(self, *shape, low=0.0, high=1.0):
        """Random numbers of the given shape."""
        return self.numbers(self.random.uniform(low, high, shape))

    def numbers(self, values):
        """Numbers of the kind."""
        if self.kind == "list":
            return self.watched(np.asarray(values).tolist())
        return self.watched(np.asarray(values, self.kind))

    def whole(self, values):
        """Integers, booleans or strings."""
        values = np.asarray(values)
        return self.watched(values.tolist() if self.kind == "list" else values)

    def watched(self, value):
        """`value`, whose arrays cannot be written to from here on."""
        for leaf in keras.tree.flatten(value):
            if isinstance(leaf, np.ndarray):
                leaf.flags.writeable = False
        self.before.append((value, keras.tree.map_structure(copy.copy, value)))
        return value

    def check(self):
        """Asserts that nothing has changed."""
        for now, before in self.before:
            keras.tree.assert_same_structure(now, before)
            for one, other in zip(keras.tree.flatten(now), keras.tree.flatten(before), strict=True):
                assert type(one) is type(other)
                if not isinstance(one, keras.callbacks.Callback):
                    np.testing.assert_array_equal(one, other, strict=True)

    @property
    def images(self):
        return self.array(ROWS, *SHAPE)

    @property
    def features(self):
        return self.array(ROWS, 5, low=-3, high=9)

    @property
    def labels(self):
        return self.whole(np.arange(ROWS) % 2)

    @property
    def texts(self):
        return self.watched(["the red cat", "a blue dog", "red dogs", "blue cats"] * 4)

    @property
    def calls(self):
        return self.watched([keras.callbacks.Callback()])


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Small models of every kind, and exports."""
    folder = tmp_path_factory.mktemp("made")
    images = np.random.default_rng(1).random((ROWS, *SHAPE), np.float32)
    made = SimpleNamespace(
        model=zoo.build("deep_ae", input_shape=SHAPE, widths=(8,), latent_dim=2),
        scaled=zoo.build("deep_ae", input_shape=(5,), widths=(4,), latent_dim=2, standardise=True),
        masked=zoo.build("pca", input_shape=(5,), latent_dim=2, missing="mask"),
        vae=zoo.build("vae", input_shape=SHAPE, widths=(8,), latent_dim=2),
        quantised=zoo.build("vq_vae", **zoo.entry("vq_vae").tiny | {"input_shape": SHAPE}),
        of_texts=zoo.build("document_ae", input_shape=(6,), widths=(8,), latent_dim=2),
    )
    for model in vars(made).values():
        model.run_eagerly = True  # which takes less time for a few rows than compiling
    made.of_texts.adapt(["red cat", "blue dog", "red dogs", "blue cats"])
    made.detector = anomaly.Detector.fit(made.quantised, images)
    made.classifier = zoo.classifier(made.model, 2)
    made.bundle = zoo.export(made.detector, folder / "detector")
    made.bundle_of_features = zoo.export(made.scaled, folder / "features")
    made.of_classes = zoo.export(made.classifier, folder / "classifier")
    return made


@of(
    "AutoEncoder.adapt",
    "layers.TiedDense.adapt",
    "layers.PrincipalComponents.adapt",
    "layers.Standardisation.adapt",
    "layers.ColumnStandardisation.adapt",
    "layers.MissingCells.adapt",
)
def adapts(given):
    zoo.build("pca", input_shape=SHAPE, latent_dim=2).adapt(given.images)
    given.scaled.adapt(given.features)
    given.of_texts.adapt(given.texts)
    layers.TiedDense(2).adapt(given.images)
    layers.TiedDense(2).adapt(given.array(3, 9))
    layers.PrincipalComponents(2).adapt(given.array(3, 9))
    layers.Standardisation().adapt(given.features)
    layers.MissingCells().adapt(given.features)
    layers.ColumnStandardisation((0, 0, 3, 0, 0)).adapt(given.features)


@of("layers.MahalanobisDistance.adapt", "layers.NeighbourDistance.adapt", "layers.BagOfWords.learn")
def layers_adapt(given):
    layers.MahalanobisDistance().adapt(given.features)
    layers.NeighbourDistance(8).adapt(given.features)
    bag = layers.BagOfWords()
    bag.build((None, 4))
    bag.learn(given.texts)


@of("AutoEncoder.fit", "AutoEncoder.evaluate", "AutoEncoder.predict")
def fits(given):
    weights = given.watched(np.linspace(0, 1, ROWS))
    pair = given.watched((given.images, given.images))
    given.model.fit(given.images, verbose=0, validation_data=pair, callbacks=given.calls)
    given.model.fit(given.images, given.images, verbose=0, validation_split=0.25,
                    sample_weight=weights)  # fmt: skip
    given.scaled.fit(given.features, verbose=0)
    given.of_texts.fit(given.texts, verbose=0)
    given.model.evaluate(given.images, given.images, sample_weight=weights, verbose=0)
    given.model.predict(given.images, verbose=0)


@of("AutoEncoder.encode", "AutoEncoder.decode", "AutoEncoder.reconstruct", "AutoEncoder.indices",
    "AutoEncoder.prepared", "AutoEncoder.check", "AutoEncoder.computed", "AutoEncoder.run",
    "AutoEncoder.table")  # fmt: skip
def runs(given):
    argmax = zoo.build("conv_ae", input_shape=SHAPE, filters=(2,), unpooling="argmax", latent_dim=2)
    codes, switches = argmax.encode(given.images, switches=True)
    argmax.decode(given.numbers(codes), given.watched(list(switches)))
    given.model.decode(given.array(3, 2))
    for model, x in ((given.model, given.images), (given.scaled, given.features)):
        model.reconstruct(x)
        model.prepared(datasets.Split(x))
        model.run("encode", [model.check(x)], 8)
        model.computed("encode", x, 8)
    given.scaled.table(given.features)
    given.of_texts.reconstruct(given.texts)
    given.quantised.indices(given.images)


@of("Bundle.encode", "Bundle.decode", "Bundle.reconstruct", "Bundle.indices", "Bundle.score",
    "Bundle.classify", "Bundle.prepared", "Bundle.check", "Bundle.computed", "Bundle.run",
    "Bundle.table")  # fmt: skip
def runs_exported(given):
    bundle = given.bundle
    bundle.decode(given.numbers(bundle.encode(given.images)))
    bundle.reconstruct(given.images), bundle.indices(given.images), bundle.score(given.images)
    bundle.prepared(datasets.Split(given.images))
    given.bundle_of_features.table(given.features)
    bundle.run("encode", [bundle.check(given.images)], 8)
    given.of_classes.classify(given.images)


@of("anomaly.Detector.fit", "anomaly.Detector.score", "anomaly.Detector.predict",
    "anomaly.Detector.map", "anomaly.Detector.explain", "anomaly.Detector.with_false_alarms",
    "anomaly.report", "anomaly.measure", "anomaly.one_class")  # fmt: skip
def detects(given):
    for score in ("reconstruction", "both"):
        anomaly.Detector.fit(given.model, given.images, score=score)
    anomaly.Detector.fit(given.scaled, given.features, score="both")
    detector = given.detector
    detector.score(given.images), detector.predict(given.images), detector.map(given.images)
    detector.explain(given.images), detector.with_false_alarms(given.images, 0.1)
    data = datasets.load((given.images, given.labels))
    anomaly.report(detector, data, normal=0, explain=True)
    anomaly.one_class(data, 0)
    anomaly.measure(given.array(ROWS), given.whole(np.arange(ROWS) % 2 == 0))


@of(*(f"sklearn.AutoEncoderTransformer{name}" for name in (
        "", ".fit", ".transform", ".inverse_transform", ".score", ".get_params", ".set_params")),
    *(f"sklearn.AutoEncoderDetector{name}" for name in (
        "", ".fit", ".score_samples", ".decision_function", ".predict", ".get_params",
        ".set_params")))  # fmt: skip
def estimates(given):
    features = given.features
    transformer = zoo.sklearn.AutoEncoderTransformer("pca", latent_dim=2).fit(features)
    transformer.inverse_transform(given.array(3, 2)), transformer.transform(features)
    transformer.score(features)
    widths = given.watched([4])
    transformer.set_params(variant="deep_ae", widths=widths, epochs=1).fit(features)
    assert transformer.get_params()["widths"] is widths
    detector = zoo.sklearn.AutoEncoderDetector("pca", latent_dim=2, contamination=0.1)
    detector.fit(features)
    detector.score_samples(features), detector.decision_function(features)
    detector.predict(features)
    detector.set_params(widths=widths).get_params()


@of("datasets.load", "datasets.rows", "datasets.Split", "datasets.Split.take",
    "datasets.Split.in_order", "datasets.Split.in_form", "datasets.Split.sample",
    "datasets.Dataset.hold_out",
    "datasets.Dataset.sample")  # fmt: skip
def loads(given):
    pairs = given.watched(((given.images, given.labels), (given.images, given.labels)))
    for source in (given.images, given.features, (given.images, given.labels), pairs, given.texts):
        datasets.load(source).sample(most=64).hold_out(0.2, seed=0)
        datasets.rows(source)
    datasets.Split(given.features).in_form(None, ())
    datasets.Split(given.images, given.labels).take(given.whole([2, 1])).sample(most=64)
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(np.asarray(given.features), columns=list("abcde"))
    frame["label"] = ["x", "y"] * (ROWS // 2)
    before = frame.copy()
    datasets.load(frame).train.in_order(list("edcba"))
    pandas.testing.assert_frame_equal(frame, before)


@of("AutoEncoder.impute", "Bundle.impute", "impute")
def imputes(given):
    gaps = given.numbers(np.where(np.eye(5), np.nan, given.array(5, 5)))
    given.masked.impute(gaps)
    zoo.impute(given.masked, gaps, given.folder / "filled.npy")
    with pytest.raises(ValueError, match="missing"):  # the same method as of the model
        given.bundle.impute(gaps)


@of("encode")
def encodes_to_a_file(given):
    zoo.encode(given.model, given.images, given.folder / "codes.npy")


@of("evaluation.pca_of_equal_size", "evaluate")
def evaluates(given):
    data = datasets.load((np.concatenate([given.images] * 4), np.arange(4 * ROWS) % 2))
    for split in (data.train, data.test):
        given.watched((split.inputs, split.labels))
    evaluation.pca_of_equal_size(given.model, given.images)
    zoo.evaluate(given.model, data)


METRICS = "active_units", "dead_units", "flat", "mse", "psnr", "sparsity", "sse", "ssim"


@of(*(f"evaluation.metrics.{name}" for name in METRICS), "evaluation.metrics.box_fraction",
    "evaluation.metrics.codebook_use", "evaluation.metrics.frechet_distance",
    "evaluation.likelihood.log_likelihood")  # fmt: skip
def measures(given):
    metrics = evaluation.metrics
    for metric in (metrics.mse, metrics.sse, metrics.psnr, metrics.ssim):
        metric(given.images, given.images)
    for metric in (metrics.active_units, metrics.dead_units, metrics.sparsity, metrics.flat):
        metric(given.array(ROWS, 3, 2))
    metrics.box_fraction(given.features, given.watched([-2, 2]))
    metrics.codebook_use(given.whole([0, 2, 2]), 4)
    metrics.frechet_distance(given.features, given.features)
    machine = zoo.build("rbm", input_shape=(5,), latent_dim=2)
    evaluation.likelihood.log_likelihood(machine, given.array(ROWS, 5), draw_seed=0)
    evaluation.likelihood.log_likelihood(machine, given.numbers(np.eye(5)))


@of("evaluation.probes.drawn", "evaluation.probes.knn_accuracy", "evaluation.probes.nmi",
    "evaluation.probes.probe_accuracy", *(f"evaluation.retrieval.{name}" for name in (
        "queries", "choose_distance", "Distance", "Distance.prepare", "precision",
        "precision_by_scores")),
    *(f"evaluation.robustness.{name}" for name in (
        "shift_distance", "noise_distance", "denoising_gain", "jacobian_norm")))  # fmt: skip
def compares_codes(given):
    probes, retrieval = evaluation.probes, evaluation.retrieval
    probes.drawn(ROWS, 4)
    for probe in (probes.knn_accuracy, probes.probe_accuracy):
        probe(given.features, given.labels, given.features, given.labels)
    probes.nmi(given.features, given.labels)
    retrieval.queries(given.array(2, 12, 12, 1), seed=0)
    distance, _ = retrieval.choose_distance(given.features, given.labels)
    for metric in (distance, *retrieval.DISTANCES):
        found = given.features, given.labels, given.features, given.labels
        retrieval.precision(*found, metric, at=given.watched([1, 3]))
    for name in retrieval.DISTANCES:
        retrieval.Distance(name, given.features).prepare(given.features)
    blocks = given.watched([given.array(ROWS, 4)])
    retrieval.precision_by_scores(blocks, given.whole([0, 1, 0, 1]), given.labels)
    robustness, images, codes = evaluation.robustness, given.images, given.array(ROWS, *SHAPE)
    robustness.shift_distance(lambda x: x, images, codes)
    robustness.noise_distance(lambda x: x, images, codes)
    robustness.denoising_gain(lambda x: x, images)
    robustness.jacobian_norm(given.model.encoder, images)


@of("train", "finetune", "pretrain")
def trains(given):
    data = datasets.load((given.images, given.labels))
    run = zoo.train("deep_ae", (given.images, given.labels), epochs=1, folder=given.folder / "run",
                    widths=given.watched([8]), latent_dim=2, callbacks=given.calls)  # fmt: skip
    zoo.finetune(run, (given.images, given.labels), epochs=1, folder=given.folder / "tuned",
                 callbacks=given.calls)  # fmt: skip
    zoo.pretrain(run.model, data, "autoencoder", epochs=1, callbacks=given.calls)


@of("tune")
def tunes(given):
    search = given.watched({"learning_rate": (1e-3, 1e-2), "batch_size": [8, 16]})
    data, small = (given.images, given.labels), {"epochs": 1, "folder": given.folder / "tuning"}
    zoo.tune("linear_ae", data, latent_dims=given.watched([1, 2]), **small)
    if importlib.util.find_spec("optuna"):  # an extra
        zoo.tune("linear_ae", data, search=search, trials=1, latent_dim=2, **small)


@of("generation.sample", "generation.interpolate", "generation.traverse", "generation.arithmetic")
def generates(given):
    generation.sample(given.vae, 2, "mixture", given.array(ROWS, 2), components=1)
    one, other = given.images, given.images
    generation.interpolate(given.vae, one[0], other[0], path="spherical")
    generation.traverse(given.vae, one[0], given.whole([0, 1]), given.array(3))
    generation.arithmetic(given.vae, given.images, given.images, given.images)


@of("search.codes_of_texts")
def codes_of_texts(given):
    search.codes_of_texts(given.of_texts, given.texts)


@of("search.Index", "search.Index.build", "search.Index.add", "search.Index.query",
    "search.Index.delete", "search.fitted")  # fmt: skip
def searches(given):
    for metric in ("l2", "cosine"):
        search.Index(given.model, given.array(ROWS, 2), given.whole(np.arange(ROWS)), metric=metric)
        names = given.whole([f"a{n}" for n in range(ROWS)])
        index = search.Index.build(given.model, given.images, names, metric=metric)
        index.query(given.images, 3)
        index.add(given.images, given.whole([f"b{n}" for n in range(ROWS)]))
        index.delete(given.whole(["a0", "b1"]))
        index.query(given.images, 3)
    search.fitted(np.asarray(given.array(*SHAPE)), (6, 6, 3), "image.png")


@of("layers.corrupt", *(f"recipes.losses.{name}" for name in (
    "summed_binary_crossentropy", "summed_squared_error",
    "document_crossentropy", "zero")))  # fmt: skip
def corrupts_and_loses(given):
    for kind in ("gaussian", "masking", "salt_and_pepper"):
        layers.corrupt(given.images, kind, 0.3)
    for loss in (losses.binary_crossentropy, losses.summed_binary_crossentropy,
                 losses.summed_squared_error, losses.document_crossentropy,
                 losses.zero):  # fmt: skip
        loss(np.asarray(given.array(ROWS, 6)), np.asarray(given.array(ROWS, 6, low=0.1, high=0.9)))


LAYERS = {
    "ArgmaxPooling1D": ({"pool_size": 2}, [(4, 6, 2)]),
    "ArgmaxPooling2D": ({"pool_size": 2}, [(4, 6, 6, 1)]),
    "ArgmaxPooling3D": ({"pool_size": 2}, [(4, 2, 2, 2, 1)]),
    "BagOfWords": ({}, [(4, 6)]),
    "BinaryCode": ({}, [(4, 6)]),
    "ColumnErrors": ({"classes": (0, 3)}, [[(4, 2), (4, 4)]]),
    "ColumnLoss": ({"classes": (0, 3)}, [(4, 4)]),
    "ColumnStandardisation": ({"classes": (0, 3)}, [(4, 2)]),
    "Corruption": ({}, [(4, 6)]),
    "FilledConv2DTranspose": ({"filters": 2, "kernel_size": 3}, [(4, 3, 3, 1)]),
    "HiddenCells": ({}, [(4, 6)]),
    "JacobianPenalty": ({}, [(4, 6)]),
    "KLDivergence": ({}, [[(4, 6), (4, 6)]]),
    "KLSparsity": ({}, [(4, 6)]),
    "KSparse": ({"k": 2, "boost": 1.0}, [(4, 6)]),
    "L1Penalty": ({}, [(4, 6)]),
    "L2Penalty": ({}, [(4, 6)]),
    "LearnedPositions": ({}, [(4, 6, 2)]),
    "LifetimeSparsity": ({}, [(4, 6)]),
    "OneHotColumns": ({"classes": (0, 3)}, [(4, 2)]),
    "MahalanobisDistance": ({}, [(4, 6)]),
    "HiddenCopies": ({}, [(4, 6)]),
    "NeighbourDistance": ({"known_rows": 5}, [(4, 6)]),
    "MissingCells": ({}, [(4, 6)]),
    "PrincipalComponents": ({"units": 3}, [(4, 6)]),
    "RestrictedBoltzmann": ({"units": 3, "chains": 4}, [(16, 6)]),
    "Sampling": ({}, [[(4, 6), (4, 6)]]),
    "SpatialSparsity": ({}, [(4, 6, 6, 2)]),
    "Standardisation": ({}, [(4, 6)]),
    "TiedDense": ({"units": 3}, [(4, 6)]),
    "TransposableDense": ({"units": 3}, [(4, 6)]),
    "Unpooling1D": ({"pool_size": 2, "mode": "fill"}, [(4, 3, 2)]),
    "Unpooling2D": ({"pool_size": 2, "mode": "fill"}, [(4, 3, 3, 1)]),
    "Unpooling3D": ({"pool_size": 2, "mode": "fill"}, [(4, 2, 2, 2, 1)]),
    "VectorQuantizer": ({"entries": 4}, [(4, 3, 3, 2)]),
}


@of(*(f"layers.{name}" for name in LAYERS),
    *(f"layers.{name}.term" for name in ("KLDivergence", "L1Penalty", "L2Penalty", "ColumnLoss")),
    *(f"layers.{name}{call}" for name in ("Attraction", "Repulsion") for call in ("", ".term")),
    "AutoEncoder.partners", "layers.OneHotColumns.missing",
    *(f"layers.RestrictedBoltzmann.{name}"
      for name in ("adapt", "field", "free_energy", "gibbs", "draw_hidden", "draw_visible",
                   "mean_hidden", "mean_visible")),
)  # fmt: skip
def computes(given):
    def array(shape):
        if isinstance(shape, list):
            return [array(each) for each in shape]
        return np.asarray(given.array(*shape))

    for name, (arguments, shapes) in LAYERS.items():
        layer = getattr(layers, name)(**arguments)
        takes = inspect.signature(layer.call).parameters
        for training in ({"training": True}, {}) if "training" in takes else ({},):
            layer(*(array(shape) for shape in shapes), **training)
    machine, visible = layers.RestrictedBoltzmann(3), given.watched(np.eye(6, dtype=np.float32))
    machine(visible)
    machine.free_energy(visible), machine.gibbs(visible, 2)
    machine.mean_visible(machine.mean_hidden(machine.field(visible)))
    machine.draw_hidden(given.watched(np.asarray(machine.field(visible))))
    machine.adapt(visible)
    machine.draw_visible(2)
    for penalty in (layers.L1Penalty(), layers.L2Penalty()):
        penalty.term(array((4, 6)))
    layers.KLDivergence().term([array((4, 6)), array((4, 6))])
    layers.ColumnLoss((0, 3)).term([array((4, 2)), array((4, 4))])
    layers.OneHotColumns((0, 3)).missing(array((4, 2)))
    for pair_term in (layers.Attraction(), layers.Repulsion()):
        pair_term(array((4, 6)))
        pair_term.term([array((4, 6)), array((4, 6)), array((4,))])
    zoo.build("neighbour_ae", input_shape=(6,), neighbours=3).partners(array((9, 6)))


@of("plots.activity", "plots.scatter", "plots.anomalies", "plots.code_plane", "plots.interpolation",
    "plots.filters", "plots.neighbours", "plots.reconstructions", "plots.restorations",
    "plots.sheet", "plots.switches", "plots.comparison", "plots.curves", "plots.precisions",
    "plots.errors_by_labels", "plots.deconvolution", "plots.layerwise", "plots.by_size",
    "plots.sequences", "plots.sequence_anomalies", "plots.slices")  # fmt: skip
def draws(given):
    images, codes = given.array(4, *SHAPE), given.array(ROWS, 4)
    plots.activity(codes), plots.scatter(given.watched({"model": (codes, given.labels)}))
    plots.anomalies(images, given.array(4, *SHAPE), given.array(4), count=2)
    plots.code_plane(images, (2, 2)), plots.interpolation(images), plots.sheet(images)
    plots.filters(given.array(3, 3, 1, 4)), plots.filters(given.array(36, 4), SHAPE)
    rows = given.watched({"one": images, "other": given.array(4, *SHAPE)})
    plots.reconstructions(rows, frames=given.whole([[1, 1, 2, 2]] * 4))
    plots.restorations(images, given.array(4, *SHAPE), rows)
    found = given.watched({"by code": (given.array(2, 3, *SHAPE), given.whole([[True] * 3] * 2))})
    queries = given.watched({"a": given.array(*SHAPE), "b": given.array(*SHAPE)})
    frames = given.watched({"a": [1, 1, 2, 2]})
    plots.neighbours(queries, found, originals=given.array(2, *SHAPE), frames=frames)
    plots.switches(given.array(*SHAPE), given.whole(np.zeros((3, 3, 2), int)))
    report = {f"{part}{name}": 0.5 for part in ("", "pca_") for name in ("ssim", "nmi", "psnr")}
    plots.comparison(given.watched(report))
    plots.deconvolution(given.array(2, 2), given.array(3, 3))
    signals = given.array(4, 9, 2)
    plots.sequences(given.watched({"one": signals, "other": given.array(4, 9, 2)}))
    plots.sequence_anomalies(signals, given.array(4, 9, 2), given.array(4))
    plots.slices(given.watched({"one": given.array(2, 4, 4, 4, 1)}))
    plots.layerwise(given.watched([784, 300, 30]), given.watched(list("abcd")))
    plots.curves(given.watched({"loss": [2.0, 1.0], "val_loss": [2.0, 1.5], "kl": [0.1, 0.2]}))
    plots.precisions(given.watched({"codes": {1: 0.5, 10: 0.4}}))
    figures = {
        "fine-tuned": {
            "10": {"mean": 0.5, "deviation": 0.1},
            "100": {"mean": 0.3, "deviation": 0.1},
        }
    }
    plots.errors_by_labels(given.watched(figures))
    plots.by_size(given.watched([{"latent_dim": 2, "sse": 3.0}, {"latent_dim": 1, "sse": 4.0}]))


@of("Entry.build", "Entry.arguments")
def builds(given):
    arguments = given.watched({"input_shape": [6, 6, 1], "widths": [4], "latent_dim": 2})
    entry = zoo.entry("deep_ae")
    entry.arguments(arguments)
    model = entry.build(**arguments)
    path = tensors.save(given.folder / "weights.safetensors", model.weights)
    zoo.runs.rebuild.rebuild(given.watched({"variant": "deep_ae", "arguments": arguments}), path)


TAKE_LISTS = (fits, runs, runs_exported, detects, loads, searches, generates, draws, builds, adapts,
              estimates)  # fmt: skip
AS_FLOAT32 = evaluates, trains, tunes  # their data become float32 at once: other kinds are copied
KINDS = [(call, "float32") for call in CALLS.values()]
KINDS += [(call, "float64") for call in CALLS.values() if call not in AS_FLOAT32]
KINDS += [(call, "list") for call in TAKE_LISTS]


@pytest.mark.parametrize(
    ("call", "kind"), KINDS, ids=[f"{call.__name__}-{kind}" for call, kind in KINDS]
)
def test_arguments_stay_as_they_were(call, kind, made, tmp_path):
    given = Given(kind, made, tmp_path)
    call(given)
    given.check()


def public_functions():
    """The names of all public functions, classes, and methods that are no Keras layer's own."""
    names, seen = set(), set()
    for room in zoo.__all__:
        thing = getattr(zoo, room)
        if not inspect.ismodule(thing):
            names |= with_methods(room, thing, seen)
            continue
        names |= of_module(room, thing, seen)
    return names


def of_module(room, thing, seen):
    """The names of a room's public functions and classes, and of those of its public modules."""
    names = set()
    own = [name for name, each in vars(thing).items() if inspect.getmodule(each) is thing]
    for name in getattr(thing, "__all__", own):
        inner = getattr(thing, name)
        if inspect.ismodule(inner):
            names |= of_module(f"{room}.{name}", inner, seen)
        elif not name.startswith("_"):
            names |= with_methods(f"{room}.{name}", inner, seen)
    return names


def with_methods(name, thing, seen):
    """The name of a function or class, unless it was seen, and those of the class's methods."""
    if id(thing) in seen or not (inspect.isclass(thing) or inspect.isfunction(thing)):
        return set()
    seen.add(id(thing))
    names = {name}
    for method in dir(thing) if inspect.isclass(thing) else ():
        function = inspect.getattr_static(thing, method)
        function = getattr(function, "__func__", function)  # of a class method
        if method.startswith("_") or not inspect.isfunction(function):
            continue
        if issubclass(thing, keras.layers.Layer) and not issubclass(thing, keras.Model):
            if hasattr(keras.layers.Layer, method) or id(function) in seen:
                continue
            seen.add(id(function))
        if function.__module__.startswith("zoo"):
            names.add(f"{name}.{method}")
    return names


def test_every_public_function_is_covered():
    called = {name for names in CALLS for name in names}
    assert not called & WITHOUT_ARRAYS
    assert public_functions() == called | WITHOUT_ARRAYS
