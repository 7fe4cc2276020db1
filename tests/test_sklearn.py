"""The estimators of scikit-learn: its own checks, and what users of scikit-learn do with them."""

import copy
import io
import pickle
import re
import subprocess
import sys

import joblib
import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.ensemble import IsolationForest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks

import zoo
from zoo.anomaly import Detector
from zoo.errors import UsageError
from zoo.sklearn import AutoEncoderDetector, AutoEncoderTransformer

WINE, KINDS_OF_WINE = load_wine(return_X_y=True)
CANCER, BENIGN = load_breast_cancer(return_X_y=True)
DIGITS = load_digits().data / 16
FRAME = load_wine(as_frame=True).data


# One epoch of a small net: the checks are of the estimators, and all take 90 s of processor time at
# most, most of it to trace the graphs of some 150 models.
SMALL = {"epochs": 1, "widths": (4,)}


@parametrize_with_checks([AutoEncoderTransformer(**SMALL), AutoEncoderDetector(**SMALL)])
def test_the_checks_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def transformer():
    return AutoEncoderTransformer("pca", latent_dim=3).fit(FRAME)


@pytest.fixture(scope="module")
def detector():
    return AutoEncoderDetector("pca", latent_dim=5, random_state=0).fit(CANCER[BENIGN == 1])


def test_codes_are_those_of_the_model_and_decode_to_rows(transformer):
    codes = transformer.transform(FRAME)
    np.testing.assert_allclose(codes, transformer.model_.encode(WINE), rtol=1e-4, atol=1e-4)
    rows = transformer.inverse_transform(codes)
    assert rows.shape == WINE.shape
    np.testing.assert_allclose(transformer.score(FRAME), -np.square(rows - WINE).mean(), rtol=1e-4)


def test_frames_keep_their_names(transformer):
    assert list(transformer.feature_names_in_) == list(FRAME.columns)
    assert transformer.n_features_in_ == 13
    names = [f"autoencodertransformer{number}" for number in range(3)]
    assert list(transformer.get_feature_names_out()) == names
    codes = copy.copy(transformer).set_output(transform="pandas").transform(FRAME)
    assert list(codes.columns) == names
    assert (codes.index == FRAME.index).all()
    assert transformer.model_.column_names == tuple(FRAME.columns)  # which an export has too
    with pytest.raises(ValueError, match="feature names should match"):
        transformer.transform(FRAME[FRAME.columns[::-1]])


def test_arguments_of_the_variant_are_parameters():
    estimator = AutoEncoderTransformer("deep_ae", latent_dim=2)
    assert estimator.get_params() == {
        **dict.fromkeys(("epochs", "batch_size", "learning_rate", "random_state")),
        "variant": "deep_ae", "latent_dim": 2,
    }  # fmt: skip
    copied = clone(estimator).set_params(latent_dim=3, widths=(4, 5), epochs=7)
    assert (copied.latent_dim, copied.widths, copied.epochs) == (3, (4, 5), 7)
    assert (estimator.latent_dim, estimator.epochs) == (2, None)
    with pytest.raises(AttributeError, match="widths"):
        _ = estimator.widths
    shallow = copy.copy(copied)
    shallow.latent_dim = 4
    assert (shallow.get_params()["latent_dim"], copied.latent_dim) == (4, 3)
    assert "latent_dim=3" in repr(copied)
    assert "latent_dim" in copied._repr_html_()


def test_a_search_goes_over_arguments_of_the_variant_and_of_the_training():
    grid = {"latent_dim": [2, 8], "epochs": [0, 10], "batch_size": [16]}
    estimator = AutoEncoderTransformer("linear_ae", latent_dim=3, random_state=0)
    search = GridSearchCV(estimator, grid, cv=2).fit(StandardScaler().fit_transform(WINE))
    assert search.best_params_ == {"latent_dim": 8, "epochs": 10, "batch_size": 16}
    assert search.best_estimator_.model_.code_shapes == [(8,)]
    assert len(set(search.cv_results_["mean_test_score"])) == 4


def test_a_search_goes_over_variants_within_a_pipeline():
    pipeline = make_pipeline(StandardScaler(), AutoEncoderTransformer(latent_dim=4, epochs=0))
    variants = {"autoencodertransformer__variant": ["linear_ae", "pca"]}
    search = GridSearchCV(pipeline, variants, cv=2).fit(WINE)
    assert list(search.best_params_.values()) == ["pca"]  # which learns without epochs


def test_a_detector_is_scored_by_scikit_learn():
    labels = np.where(BENIGN == 1, 1, -1)
    detector = AutoEncoderDetector("pca", latent_dim=2, random_state=0)
    assert cross_val_score(detector, CANCER, labels, scoring="roc_auc", cv=2).min() > 0.6


def test_codes_are_features_of_a_classifier_in_a_pipeline_of_columns():
    columns = list(FRAME.columns)
    parts = ColumnTransformer(
        [
            ("codes", AutoEncoderTransformer("pca", latent_dim=3), columns[:9]),
            ("scaled", StandardScaler(), columns[9:]),
        ]
    ).set_output(transform="pandas")
    assert list(parts.fit(FRAME).get_feature_names_out())[2:4] == [
        "codes__autoencodertransformer2",
        f"scaled__{columns[9]}",
    ]
    pipeline = make_pipeline(parts, StandardScaler(), LogisticRegression())
    assert cross_val_score(pipeline, FRAME, KINDS_OF_WINE, cv=3).mean() > 0.9


def test_rows_may_be_images():
    learn, other = train_test_split(DIGITS, random_state=0)
    shape = {"input_shape": (8, 8, 1), "filters": (4, 8)}
    convolutional = AutoEncoderTransformer("conv_ae", **shape, latent_dim=8, epochs=1)
    convolutional.fit(learn)
    codes = convolutional.transform(other)
    assert codes.shape == (450, 8)
    restored = convolutional.inverse_transform(codes)
    np.testing.assert_allclose(
        convolutional.score(other), -np.square(restored - other).mean(), rtol=1e-4
    )
    quantised = AutoEncoderTransformer("vq_vae", **shape, latent_dim=3, epochs=0).fit(learn[:100])
    codes = quantised.transform(other)
    assert codes.shape[1] == len(quantised.get_feature_names_out()) == 2 * 2 * 3
    assert quantised.inverse_transform(codes).shape == other.shape


def test_layers_that_are_not_set_shrink_with_the_number_of_columns():
    sizes = {13: ((67, 34, 17), 2), 5: ((26, 13, 7), 2), 1: ((6, 3, 2), 1), 800: (None, 30)}
    for columns, (widths, latent_dim) in sizes.items():
        chosen = zoo.sklearn.settings.of("deep_ae", {}, []).for_columns(columns).arguments
        assert chosen["widths"] == (widths or (1000, 500, 250))
        assert chosen["latent_dim"] == latent_dim
        assert chosen["input_shape"] == (columns,)
        assert chosen["standardise"]


def test_a_small_table_is_learned_as_well_as_by_pca(show):
    learn, other = train_test_split(StandardScaler().fit_transform(WINE), random_state=0)
    scores = {
        variant: AutoEncoderTransformer(variant, latent_dim=2, random_state=0)
        .fit(learn)
        .score(other)
        for variant in ("deep_ae", "pca")
    }
    show(f"wine, reconstruction of held-out rows from 2 numbers, -mse: {scores}")
    assert scores["deep_ae"] > 1.1 * scores["pca"]  # both are negative


def copies(estimator):
    file = io.BytesIO()
    joblib.dump(estimator, file)
    file.seek(0)
    return [pickle.loads(pickle.dumps(estimator)), joblib.load(file), copy.deepcopy(estimator)]


def test_copies_return_the_same_bits(transformer, detector):
    for copied in copies(transformer):
        np.testing.assert_array_equal(copied.transform(FRAME), transformer.transform(FRAME))
        assert copied.get_params() == transformer.get_params()
    for copied in copies(detector):
        np.testing.assert_array_equal(copied.score_samples(CANCER), detector.score_samples(CANCER))
        np.testing.assert_array_equal(copied.predict(CANCER), detector.predict(CANCER))


def test_the_random_state_decides_and_that_of_others_stays():
    def codes(seed, epochs=0):
        estimator = AutoEncoderTransformer(widths=(8,), epochs=epochs, random_state=seed)
        return estimator.fit(WINE).transform(WINE)

    np.random.seed(5)  # noqa: NPY002, because users have it
    expected = np.random.rand(2)  # noqa: NPY002, likewise
    np.random.seed(5)  # noqa: NPY002, likewise
    first = codes(0, epochs=2)
    assert np.random.rand() == expected[0]  # noqa: NPY002, likewise
    np.testing.assert_array_equal(codes(0, epochs=2), first)
    np.testing.assert_array_equal(codes(np.random.RandomState(3)), codes(np.random.RandomState(3)))
    assert not np.array_equal(codes(1), codes(0))
    assert not np.array_equal(codes(None), codes(None))


def test_signs_are_those_of_scikit_learn(detector):
    scores, decisions = detector.score_samples(CANCER), detector.decision_function(CANCER)
    predicted = detector.predict(CANCER)
    np.testing.assert_array_equal(decisions, scores - detector.offset_)
    np.testing.assert_array_equal(predicted, np.where(decisions < 0, -1, 1))
    assert scores[BENIGN == 0].mean() < scores[BENIGN == 1].mean()
    assert (predicted[BENIGN == 0] == -1).mean() > 0.3 > (predicted[BENIGN == 1] == -1).mean()
    np.testing.assert_allclose(scores, -detector.detector_.score(CANCER), rtol=1e-4, atol=1e-4)
    assert detector.threshold_ == -detector.offset_ == detector.detector_.threshold


def test_contamination_may_change_after_fit(detector):
    rows = CANCER[BENIGN == 1]
    moved = copy.copy(detector)
    for contamination in (0.01, 0.1, 0.5):
        moved.set_params(contamination=contamination)
        marked = moved.predict(rows) == -1
        np.testing.assert_array_equal(moved.labels_, marked)
        assert abs(marked.mean() - contamination) < 2 / len(rows)
        assert moved.offset_ == np.percentile(moved.score_samples(rows), 100 * contamination)
    assert moved.set_params(contamination="auto").offset_ == detector.offset_
    np.testing.assert_array_equal(moved.decision_scores_, -detector.score_samples(rows))


def test_a_row_scores_the_same_whatever_it_comes_with(detector, transformer):
    rows = CANCER[:300]
    alone = np.concatenate([detector.score_samples(rows[n : n + 1]) for n in range(0, 300, 37)])
    np.testing.assert_array_equal(alone, detector.score_samples(rows)[::37])
    np.testing.assert_array_equal(
        transformer.transform(FRAME[:3]), transformer.transform(FRAME)[:3]
    )


def test_outliers_of_breast_cancer_beside_an_isolation_forest(show):
    learn, other = train_test_split(CANCER[BENIGN == 1], random_state=0)
    tested = np.concatenate([other, CANCER[BENIGN == 0]])
    normal = np.arange(len(tested)) < len(other)
    found = {
        type(estimator).__name__: roc_auc_score(
            normal, estimator.fit(learn).decision_function(tested)
        )
        for estimator in (AutoEncoderDetector(random_state=0), IsolationForest(random_state=0))
    }
    show(f"breast_cancer, benign rows are normal, AUROC with the defaults, seed 0: {found}")
    assert found["AutoEncoderDetector"] > 0.9


def with_gaps(x, fraction=0.1):
    x = x.copy()
    x[np.random.default_rng(0).random(x.shape) < fraction] = np.nan
    return x


def test_missing_cells_are_taken_where_the_variant_takes_them():
    estimator = AutoEncoderTransformer("pca", latent_dim=3)
    assert not get_tags(estimator).input_tags.allow_nan
    assert get_tags(clone(estimator).set_params(missing="mask")).input_tags.allow_nan
    frame = FRAME.mask(np.isnan(with_gaps(WINE)))
    fitted = AutoEncoderTransformer("pca", latent_dim=3, missing="mask").fit(frame)
    codes = fitted.transform(frame)
    assert np.isfinite(codes).all()
    observed = frame.notna().to_numpy()
    errors = np.square(fitted.inverse_transform(codes) - WINE)[observed]
    np.testing.assert_allclose(fitted.score(frame), -errors.mean(), rtol=1e-4)
    assert np.isfinite(fitted.model_.impute(frame)).all()
    np.testing.assert_array_equal(copies(fitted)[0].transform(frame), codes)
    infinite = FRAME.replace(FRAME.iloc[3, 3], np.inf)
    with pytest.raises(ValueError, match="contains infinity"):
        fitted.transform(infinite)
    with pytest.raises(ValueError, match="contains NaN"):
        estimator.fit(FRAME).transform(frame)


def test_a_search_and_a_pipeline_take_missing_cells():
    estimator = AutoEncoderTransformer("linear_ae", latent_dim=2, missing="mask", epochs=1)
    search = GridSearchCV(estimator, {"latent_dim": [1, 2]}, cv=2).fit(with_gaps(WINE))
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    pipeline = make_pipeline(AutoEncoderTransformer("pca", latent_dim=3, missing="mask"),
                             StandardScaler(), LogisticRegression())  # fmt: skip
    assert cross_val_score(pipeline, with_gaps(WINE), KINDS_OF_WINE, cv=3).mean() > 0.8


def test_a_detector_scores_the_observed_cells():
    rows = with_gaps(CANCER)
    options = {"latent_dim": 5, "missing": "mask", "anomaly_score": "reconstruction"}
    detector = AutoEncoderDetector("pca", **options, random_state=0).fit(rows[BENIGN == 1])
    scores = detector.score_samples(rows)
    assert roc_auc_score(BENIGN, scores) > 0.85
    model, unit = detector.model_, detector.detector_.unit
    errors = np.nanmean(np.square((rows - model.reconstruct(rows)) / unit), axis=1)
    np.testing.assert_allclose(np.argsort(errors)[-5:], np.argsort(-scores)[-5:])
    assert set(detector.predict(rows)) == {-1, 1}


def test_the_threshold_of_a_detector_may_be_found_anew(tmp_path):
    rows = CANCER[BENIGN == 1].astype("float32")
    model = zoo.build("pca", input_shape=(30,), latent_dim=5, standardise=True).adapt(rows[:300])
    detector = Detector.fit(model, rows[:300])
    zoo.export(detector, tmp_path / "first")
    for each in (detector, Detector.load(tmp_path / "first")):
        moved = each.with_false_alarms(rows[300:], 0.2)
        assert moved.threshold < each.threshold == pytest.approx(detector.threshold)
        assert 0.15 < moved.predict(rows[300:]).mean() <= 0.2
        np.testing.assert_array_equal(moved.score(rows), each.score(rows))
        assert pickle.loads(pickle.dumps(moved)).threshold == moved.threshold
        for wrong in ((rows, 0.6), (rows[:0], 0.1)):
            with pytest.raises(UsageError):
                each.with_false_alarms(*wrong)
        assert moved.model.detection["held_out_rows"] == len(rows) - 300


def fit(estimator=AutoEncoderTransformer, variant="pca", X=WINE, **params):
    return lambda: estimator(variant, **params).fit(X)


WRONG = {
    "There is no variant 'deep_aee'; did you mean deep_ae": fit(variant="deep_aee"),
    "no argument 'latentdim' of pca; did you mean latent_dim": fit(latentdim=3),
    "no argument 'epoch' of pca; did you mean epochs": fit(epoch=3),
    "no argument 'contamination' of pca": fit(contamination=0.1),
    "`latent_dim` must be a positive integer. Received: latent_dim=0": fit(latent_dim=0),
    "`variant` must take tables or images": fit(variant="document_ae", X=["a text", "another"]),
    "conv_ae takes images: `input_shape` must be": fit(variant="conv_ae"),
    "as many numbers as X has columns, 13": fit(variant="conv_ae", input_shape=(4, 4, 1)),
    "Scale them, or use a variant that does": fit(variant="vae"),
    "`epochs` must be an integer of at least 0. Received: epochs=-1": fit(epochs=-1),
    "`batch_size` must be a positive integer. Received: batch_size=1.5": fit(batch_size=1.5),
    "`learning_rate` must be a positive number": fit(learning_rate=0),
    "minimum of 2 is required": fit(X=WINE[:1]),
    "minimum of 3 is required": fit(AutoEncoderDetector, X=WINE[:2]),
    "contains NaN": fit(X=np.full((5, 3), np.nan)),
    "float32": fit(X=WINE + 1e9),
    "in (0, 0.5]. Received: contamination=0.6": fit(AutoEncoderDetector, contamination=0.6),
    "'auto' or a number": fit(AutoEncoderDetector, contamination="often"),
    "There is no score 'most'": fit(AutoEncoderDetector, anomaly_score="most"),
    "`top_fraction` must be a number in (0, 1]": fit(AutoEncoderDetector, top_fraction=2),
    "Invalid parameter 'a'": lambda: AutoEncoderTransformer().set_params(a__b=1),
    "X must have 2 columns": lambda: fit(latent_dim=2)().inverse_transform(np.zeros((3, 4))),
    "is expecting 13 features as input": lambda: fit(latent_dim=2)().transform(WINE[:, :5]),
    "with the switches": lambda: fit(
        variant="conv_ae", X=DIGITS[:20], input_shape=(8, 8, 1), filters=(2,), latent_dim=2,
        unpooling="argmax", epochs=0,
    )().inverse_transform(np.zeros((3, 2))),
}  # fmt: skip


@pytest.mark.parametrize("message", WRONG)
def test_wrong_calls_say_so_in_a_sentence(message):
    with pytest.raises(ValueError, match=re.escape(message)):
        WRONG[message]()


@pytest.mark.parametrize(
    "use", ["transform", "inverse_transform", "score", "predict", "score_samples"]
)
def test_nothing_is_computed_before_fit(use):
    kind = AutoEncoderDetector if use.startswith(("pred", "score_")) else AutoEncoderTransformer
    with pytest.raises(NotFittedError):
        getattr(kind("pca"), use)(WINE)


def test_the_room_is_lazy_and_scikit_learn_stays_itself():
    assert "site-packages" in sklearn.__file__ or "dist-packages" in sklearn.__file__
    code = """
import sys, zoo
assert not {"sklearn", "tensorflow"} & {*sys.modules}
assert "zoo" not in zoo.sklearn.transformer.TransformerMixin.__module__
assert "tensorflow" not in sys.modules
zoo.sklearn.AutoEncoderTransformer("deep_ae", latent_dim=10)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
