"""Texts: the same words in Python, TensorFlow and what is exported; their data, and bad ones."""

import inspect
import json
import os
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import onnxruntime
import pandas
import pytest
import tensorflow as tf
from scipy.sparse import csr_array
from sklearn import cluster, metrics
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

import zoo
from zoo import datasets
from zoo.errors import UsageError
from zoo.evaluation import retrieval
from zoo.experiments import reproduce
from zoo.experiments.reproduce import lsa, word_search
from zoo.experiments.reproduce import text as rows_on_text
from zoo.inputs.vocabulary import LONGEST, Vocabulary
from zoo.inputs.words import words_of
from zoo.layers import BagOfWords, BinaryCode, bag_of_words
from zoo.recipes import losses
from zoo.search.exact import normalised
from zoo.storage import vocabulary_file

TEXTS = [
    "The cat sat on the mat; the CAT slept.",
    "A dog barked at the cat!",
    "Dogs and mats: 2 dogs, 3 mats.",
    "Zürich's naïve café — e.g. ÉTÉ, x2",
]
ODD = ["", " \t\n", "unheard-of", "cat\0cat", "CAT  cat\u00a0cat \u2028 dog", "mat's", "😀 dog 😀"]
SCRIPTS = {  # a text, and its words
    "The cat's 2 mats": "the cat s 2 mats",
    "snake_case and CamelCase": "snake case and camelcase",
    "": "",
    "Zürich, ÉTÉ; Straße, STRASSE": "zürich été straße strasse",
    "\ufeffNaïve — “café”…don’t!": "naïve café don t",  # a byte order mark joins no word
    "ΟΔΟΣ οδός, ΣΟΦΟΣ. Σ": "οδος οδός σοφος σ",
    "İSTANBUL ıŞIK TITLE": "i\u0307stanbul ışik title",
    "Привет, МИР! Ёлка": "привет мир ёлка",
    "हिन्दी भाषा, क्षत्रिय।": "हिन्दी भाषा क्षत्रिय",  # vowel signs are marks, and part of words
    "தமிழ் மொழி; இலக்கியத்தில்": "தமிழ் மொழி இலக்கியத்தில்",
    "السَّلامُ عليكم، ١٢٣": "السَّلامُ عليكم ١٢٣",
    "cafe\u0301 CAFE\u0301": "cafe\u0301 cafe\u0301",
    "日本語のテキスト、漢字": "日本 本語 語の のテ テキ キス スト 漢字",
    "😀 dog👍🏽dog ½ Ⅷ x²": "dog dog ½ ⅷ x²",
    "𐕰𐕱 Ꟁ Ⱟ": "𐖗𐖘 ꟁ ⱟ",  # capitals that TensorFlow itself leaves as they are
    "\ud800cat": "cat",  # half a character, which no file in UTF-8 holds
}


@pytest.fixture(scope="module")
def corpus():
    """1,200 docstrings of five modules, as a dataset."""
    whole = datasets.load("docstrings")
    common = np.argsort(-np.bincount(whole.train.labels))[:5]

    def few(split):
        kept = np.flatnonzero(np.isin(split.labels, common))
        return split.take(kept)

    return whole.map(few)


@pytest.mark.parametrize(("text", "words"), SCRIPTS.items())
def test_words(text, words):
    assert words_of(text) == words.split()


def test_every_character_is_spelt_alike_by_python_and_a_graph():
    characters = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    parts = [characters[start : start + 512] for start in range(0, len(characters), 512)]
    texts = ["".join(part) for part in parts] + [" ".join(part) for part in parts]
    ours = [words_of(text) for text in texts]
    for words, part in zip(ours[len(parts) :], parts, strict=True):
        assert words == [each.lower() for each in part if unicodedata.category(each)[0] in "LMN"]
    theirs = bag_of_words.words_of(tf.constant([text.encode() for text in texts])).to_list()
    assert [[word.decode() for word in words] for words in theirs] == ours


def test_tf_idf_is_scikit_learns():
    ours = Vocabulary.learn(TEXTS, 6)
    theirs = TfidfVectorizer(vocabulary=ours.words, sublinear_tf=True, norm="l1",
                             token_pattern=r"[^\W_]+")  # fmt: skip
    np.testing.assert_allclose(ours.weigh(TEXTS), theirs.fit_transform(TEXTS).toarray(), atol=1e-6)


def test_the_commonest_words_are_known_and_the_rest_of_the_places_unused():
    counted = Vocabulary.learn(TEXTS, 40, "counts")
    assert counted.words[:3] == ("cat", "dogs", "mats")
    assert counted.known == len(set(counted.words)) - 1 < 40
    assert not {"the", "on", "2", "x"} & set(counted.words)
    (row,) = counted.weigh(["cat cat dogs nothing"])
    assert row[:2] == pytest.approx([2 / 3, 1 / 3])
    assert counted.weigh(ODD)[:3].sum() == 0
    again = vocabulary_file.parse(vocabulary_file.dump(counted))
    assert (again.words, again.weighting) == (counted.words, "counts")
    np.testing.assert_array_equal(again.weigh(TEXTS), counted.weigh(TEXTS))


@pytest.mark.parametrize("weighting", ["tf-idf", "counts"])
def test_tensorflow_sees_the_same_words(weighting):
    bag = BagOfWords(weighting)
    bag.build((None, 30))
    bag.learn(TEXTS)
    texts = TEXTS + ODD
    given = tf.constant([text.encode() for text in texts])
    np.testing.assert_allclose(bag.weigher()(given), bag.vocabulary.weigh(texts), atol=1e-6)
    longest = Vocabulary.learn(["க" * 32 + " " + "க" * 33, "cat"], 5)
    assert set(longest.words) == {"க" * (LONGEST // 3), "cat", ""}  # 96 bytes, and no more


def test_a_run_takes_texts_and_its_export_strings_or_documents(corpus, tmp_path):
    run = zoo.train("document_ae", corpus, epochs=3, folder=tmp_path / "run", latent_dim=5,
                    widths=(50,), input_shape=(300,))  # fmt: skip
    assert run.model.vocabulary.known == 300
    assert run.history["val_loss"][-1] < run.history["val_loss"][0]
    texts = list(corpus.test.inputs[:20])
    codes = run.model.encode(texts)
    assert codes.shape == (20, 5)
    assert run.model.encode([]).shape == (0, 5)
    documents = run.model.vocabulary.weigh(texts)
    np.testing.assert_array_equal(codes, run.model.encode(documents))
    again = zoo.Run.open(run.folder).model
    assert again.vocabulary.words == run.model.vocabulary.words
    np.testing.assert_array_equal(again.encode(texts), codes)
    assert zoo.evaluate(again, corpus)["knn_accuracy"] == run.metrics["knn_accuracy"]
    pca = zoo.evaluation.pca_of_equal_size(again, corpus.map(again.prepared))
    spaces = {"": again.encode, "pca_": pca.encode, "raw_": lambda documents: documents}
    for name, encode in spaces.items():  # all by the cosine
        known, seen = (encode(again.vocabulary.weigh(split.inputs)) for split in
                       (corpus.train, corpus.test))  # fmt: skip
        neighbours = KNeighborsClassifier(metric="cosine").fit(known, corpus.train.labels)
        accuracy = neighbours.score(seen, corpus.test.labels)
        assert run.metrics[f"{name}knn_accuracy"] == pytest.approx(accuracy, abs=0.01)

    bundle = zoo.export(run, tmp_path / "export")
    np.testing.assert_allclose(bundle.encode(texts), codes, atol=1e-5)
    np.testing.assert_allclose(bundle.encode(documents), codes, atol=1e-5)
    np.testing.assert_allclose(bundle.reconstruct(texts).sum(axis=1), 1, atol=1e-4)
    assert zoo.verify(tmp_path / "export")["rows"] == 7
    served = bundle.manifest["saved_model_signatures"]
    assert served["encode"]["inputs"] == {"text": {"shape": [None], "dtype": "string"}}
    assert served["decode"] == bundle.manifest["signatures"]["decode"]
    card = (tmp_path / "export" / "card.md").read_text()
    assert f"({len(corpus.train)} training documents, licence" in card
    assert "| `encode` | `document` float32 (batch, 300) | `text` string (batch) |" in card
    assert 'model.signatures["encode"](text=x)' in card
    assert 'session.run(["latent"], {"document": x})' in card
    code = (
        "import sys, tensorflow as tf\n"
        f"served = tf.saved_model.load({str(tmp_path / 'export' / 'saved_model')!r}).signatures\n"
        f"print(served['encode'](text=tf.constant({texts[:2]!r}))['latent'].numpy().tolist())\n"
        "assert served['encode'](text=tf.zeros((0,), tf.string))['latent'].shape == (0, 5)\n"
        "assert 'zoo' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=tmp_path,
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(eval(done.stdout), codes[:2], atol=1e-5)

    session = onnxruntime.InferenceSession(tmp_path / "export" / "encoder.onnx")
    assert [each.name for each in session.get_inputs()] == ["document"]
    (served,) = session.run(None, {"document": documents})
    np.testing.assert_allclose(served, codes, atol=1e-5)


def test_every_script_has_the_same_counts_in_numpy_saved_model_and_bundle(tmp_path):
    texts = [text for text in SCRIPTS if "\ud800" not in text] + ["TITLE IN CAPITALS"] * 2
    model = zoo.build("document_ae", input_shape=(64,), widths=(64,), latent_dim=64)
    model.adapt(texts)
    learnt = set(model.vocabulary.words)
    assert {"été", "οδος", "ёлка", "क्षत्रिय", "இலக்கியத்தில்", "السَّلامُ", "capitals"} < learnt
    bundle = zoo.export(model, tmp_path / "export")
    np.testing.assert_array_equal(bundle.vocabulary.counts(texts), model.vocabulary.counts(texts))
    # A process in a Turkish locale, in which TensorFlow makes a dotless ı of a capital I.
    code = (
        "import json, sys, tensorflow as tf\n"
        "served = tf.saved_model.load('export/saved_model').signatures['encode']\n"
        f"texts = tf.constant(json.loads({json.dumps(json.dumps(texts))}))\n"
        "assert tf.strings.lower('I', encoding='utf-8').numpy().decode() == 'ı'\n"
        "print(json.dumps(served(text=texts)['latent'].numpy().tolist()))\n"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=tmp_path,
                          env=os.environ | {"LC_ALL": "tr_TR.UTF-8"},
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    codes = model.encode(texts)
    assert len(np.unique(codes.round(6), axis=0)) == len(set(texts))
    np.testing.assert_allclose(json.loads(done.stdout), codes, atol=1e-5)
    np.testing.assert_allclose(bundle.encode(texts), codes, atol=1e-5)


def test_codes_of_semantic_hashing_are_bits(corpus):
    model = zoo.build("semantic_hashing", input_shape=(300,), widths=(20,), latent_dim=16)
    model.adapt(corpus.train.inputs)
    codes = model.encode(corpus.test.inputs)
    assert set(np.unique(codes)) == {0.0, 1.0}
    assert model.code_bits == 16
    layer, x = BinaryCode(noise=2.0, seed=0), np.zeros((1000, 3), "float32")
    drawn = np.asarray(layer(x, training=True))
    assert 0 < drawn.min() < 0.1 < 0.9 < drawn.max() < 1
    assert not np.asarray(layer(x)).any()
    quiet = np.asarray(BinaryCode(noise=0.0)(x, training=True))
    np.testing.assert_allclose(quiet, 0.5)
    with pytest.raises(UsageError, match=r"`noise` must be at least 0. Received: noise=-1"):
        BinaryCode(noise=-1)


def test_no_texts_teach_nothing():
    model = zoo.build("document_ae", input_shape=(8,), widths=(4,), latent_dim=2)
    with pytest.raises(UsageError, match=r"at least one row to learn from. Received: 0."):
        model.adapt([])
    with pytest.raises(UsageError, match=r"no vocabulary yet: call model.adapt\(texts\)"):
        model.fit([])


def test_it_may_begin_as_machines(corpus, tmp_path):
    zoo.train("document_ae", corpus, epochs=1, pretrain="rbm", folder=tmp_path / "run",
              latent_dim=5, widths=(50,), input_shape=(300,))  # fmt: skip
    stages = json.loads((tmp_path / "run" / "stages.json").read_text())
    assert [stage["units"] for stage in stages] == [[300, 50], [50, 5]]
    assert {stage["method"] for stage in stages} == {"rbm"}


def test_fit_learns_the_vocabulary_once():
    model = zoo.build("document_ae", input_shape=(20,), widths=(10,), latent_dim=3)
    model.fit(TEXTS, verbose=0)
    words = model.vocabulary.words
    assert "cat" in words
    model.fit(["entirely other words here"], verbose=0)
    assert model.vocabulary.words == words
    classifier = zoo.classifier(model.encoder, 2)
    assert classifier.classify(TEXTS).shape == (4, 2)
    pretrained = zoo.pretrain(model, datasets.load(TEXTS), epochs=1, validation_split=0.0)
    assert [stage["units"] for stage in pretrained] == [(20, 10), (10, 3)]


def test_texts_from_folders_and_tables(tmp_path):
    for kind, text in {"a": "one two", "b": "three four"}.items():
        for number in range(4):
            path = tmp_path / "by_class" / kind / f"{number}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{text} {number}", encoding="utf-8")
    data = datasets.load(tmp_path / "by_class")
    assert (data.kind, len(data.train), len(data.test)) == ("documents", 7, 1)
    assert set(data.train.labels) == {0, 1}
    assert datasets.load(tmp_path / "by_class" / "a").train.labels is None
    frame = pandas.DataFrame({"said": TEXTS, "label": list("xyxy"), "other": [1, 2, 3, 4]})
    frame.to_csv(tmp_path / "said.csv", index=False)
    address = f"{tmp_path / 'said.csv'}?text=said"
    for source in (frame, tmp_path / "said.csv", address):
        data = datasets.load(source, **({} if source is address else {"text": "said"}))
        assert data.name == ("DataFrame" if source is frame else address)
        assert {*data.train.inputs, *data.test.inputs} == set(TEXTS)
        assert set(data.train.labels) <= {0, 1}
    assert datasets.load(TEXTS).fingerprint == datasets.load(list(TEXTS)).fingerprint
    assert datasets.load(TEXTS).fingerprint != datasets.load(TEXTS[::-1]).fingerprint


def test_a_column_of_a_table_is_named_on_the_command_line(tmp_path):
    frame = pandas.DataFrame({"the text": TEXTS * 5, "stars": [1, 2, 3, 4] * 5})
    frame.to_csv(tmp_path / "reviews.csv", index=False)
    data = "reviews.csv?text=the text&label=stars"
    arguments = ["document_ae", data, "input_shape=(8,)", "widths=(4,)", "latent_dim=2"]
    run = [sys.executable, "-m", "zoo", "train", *arguments, "--epochs", "1", "--json"]
    done = subprocess.run(run, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = Path(json.loads(done.stdout)["folder"])
    assert folder == Path("runs/document_ae-reviews-seed0")
    config = json.loads((tmp_path / folder / "config.json").read_text())
    again = datasets.load(str(tmp_path / config["data"]["name"]))
    assert set(again.train.labels) == {1, 2, 3, 4}
    run[5] = "reviews.csv?words=the text"
    done = subprocess.run(run, capture_output=True, text=True, cwd=tmp_path)
    assert "no option of a table 'words'" in done.stderr
    assert (done.returncode, "label, text" in done.stderr) == (2, True)


def test_docstrings_are_labelled_by_their_module(corpus):
    assert len(corpus.train) > 800
    assert len(np.unique(corpus.train.labels)) == 5
    assert all(len(text.split()) >= 20 for text in corpus.test.inputs)
    whole = datasets.load("docstrings")
    labels = {
        text: label
        for split in (whole.train, whole.test)
        for text, label in zip(split.inputs, split.labels, strict=True)
    }
    same = [metrics.f1_score, metrics.accuracy_score], [cluster.KMeans, cluster.DBSCAN]
    found = [{labels[inspect.getdoc(each)] for each in pair} for pair in same]
    assert [len(each) for each in found] == [1, 1]
    assert found[0] != found[1]


SMALL = {"input_shape": (20,), "widths": (10,), "latent_dim": 3}


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: zoo.build("document_ae", **SMALL).encode(TEXTS), "no vocabulary yet: call"),
        (lambda: zoo.build("document_ae", **SMALL).fit(["", "12 ?"]), "must hold words to learn"),
        (lambda: zoo.build("document_ae", **SMALL).encode("a text"), r"one text is \[text\]"),
        (lambda: zoo.build("document_ae", **SMALL).encode(["a", 1]), "Received: int in row 1"),
        (
            lambda: zoo.build("document_ae", **SMALL).adapt([b"a", "café".encode("latin-1")]),
            r"must be in UTF-8\. Received: b'caf\\xe9' in row 1\.",
        ),
        (lambda: zoo.build("deep_ae").encode(TEXTS), "takes images of numbers. Received: texts"),
        (lambda: zoo.train("conv_ae", TEXTS), r"conv_ae takes images\. Received: documents"),
        (lambda: zoo.train("document_ae", "digits"), "takes documents. Received: images"),
        (lambda: zoo.train("document_ae", "wine"), "takes documents. Received: features"),
        (lambda: datasets.load(TEXTS[:1]), "at least two rows to train on"),
        (lambda: datasets.load([]), "must hold at least two. Received: none."),
        (lambda: datasets.load("digits", text="said"), "`text` names a column of a table"),
        (lambda: datasets.load(pandas.DataFrame({"a": [1, 2, 3]}), text="a"), "must hold texts"),
        (lambda: datasets.load(pandas.DataFrame({"a": [1, 2, 3]}), text="b"), "no column 'b'"),
    ],
)
def test_bad_input(call, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=said):
        call()


def test_a_training_that_is_refused_leaves_no_folder(tmp_path):
    unknown = ["?!", "...", "--", "!"]
    for _ in range(2):
        with pytest.raises(UsageError, match="must hold"):
            zoo.train("document_ae", unknown, folder=tmp_path / "run")
        assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("café".encode("utf-8-sig"), None),
        ("café".encode("latin-1"), "byte 0xe9 at position 3"),
        ("café".encode("utf-16"), "byte 0xff at position 0"),
        (b"\xff\xfe\x00", "byte 0xff at position 0"),
    ],
)
def test_files_in_other_encodings(content, said, tmp_path):
    for name in ("a.txt", "b.txt", "c.txt"):
        (tmp_path / name).write_bytes(content)
    if said is None:
        assert datasets.load(tmp_path).train.inputs[0] == "café"
    else:
        with pytest.raises(UsageError, match=rf"a\.txt is not a text in UTF-8.*Received: {said}\."):
            datasets.load(tmp_path)


def test_texts_are_searched_by_words(corpus, tmp_path):
    run = zoo.train("document_ae", corpus, epochs=5, folder=tmp_path / "run", latent_dim=5,
                    widths=(50,), input_shape=(300,))  # fmt: skip
    zoo.export(run, tmp_path / "bundle")
    folder = tmp_path / "texts"
    folder.mkdir()
    for number, text in enumerate([*corpus.train.inputs[:40], "?!"]):
        (folder / f"{number:02d}.txt").write_text(text, encoding="utf-8")

    def zoo_search(*words):
        command = [sys.executable, "-m", "zoo", "search", *map(str, words), "--json"]
        return subprocess.run(command, capture_output=True, text=True)

    (folder / "binary.txt").write_bytes(b"\xff\xfe\x00")
    (folder / "link.txt").symlink_to(folder / "nowhere")
    (folder / "folder.txt").mkdir()  # a folder, whatever its name

    done = zoo_search("index", tmp_path / "bundle", folder)
    assert done.returncode == 0, done.stderr
    counted = json.loads(done.stdout)
    assert (counted["rows"], counted["skipped"]) == (40, 3)
    assert f"{folder / 'link.txt'} cannot be read: No such file" in done.stderr
    assert f"{folder / 'binary.txt'} is not a text in UTF-8" in done.stderr
    assert f"{folder / '40.txt'} has no known word." in done.stderr
    for asked in (folder / "07.txt", corpus.train.inputs[7]):
        done = zoo_search("query", tmp_path / "bundle", asked, "-k", 3)
        assert done.returncode == 0, done.stderr
        first, *_ = json.loads(done.stdout)
        assert (first["id"], len(json.loads(done.stdout))) == (str(folder / "07.txt"), 3)
        assert first["distance"] == pytest.approx(0, abs=1e-6)
    told = {
        ("zzzz",): "one of the 300 words that the model knows",
        ("",): "knows",
        ("absent.txt",): "There is no file absent.txt",
    }
    (tmp_path / "one").mkdir()
    shutil.copy(folder / "07.txt", tmp_path / "one")
    done = zoo_search("index", tmp_path / "bundle", tmp_path / "one", "--to", tmp_path / "1.index")
    assert '"rows": 1' in done.stdout
    found = json.loads(zoo_search("query", tmp_path / "1.index", folder / "08.txt").stdout)
    assert [each["id"] for each in found] == [str(tmp_path / "one" / "07.txt")]
    for words, said in told.items():
        done = zoo_search("query", tmp_path / "bundle", *words)
        assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    frame = pandas.DataFrame({"said": [*corpus.train.inputs[:10]] * 2})  # each text twice
    frame.to_csv(tmp_path / "said.csv", index=False)
    data = f"{tmp_path / 'said.csv'}?text=said"
    done = zoo_search("index", tmp_path / "bundle", data, "--to", tmp_path / "2.index")
    assert json.loads(done.stdout)["rows"] == 16  # a fifth is for testing
    (tmp_path / "unknown").mkdir()
    for number in range(3):
        (tmp_path / "unknown" / f"{number}.txt").write_text("zzzz")
    done = zoo_search("index", tmp_path / "bundle", tmp_path / "unknown")
    assert (done.returncode, "words that the model knows" in done.stderr) == (2, True)
    assert "0.txt has no known word." in done.stderr
    (tmp_path / "empty").mkdir()
    done = zoo_search("index", tmp_path / "bundle", tmp_path / "empty")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    done = zoo_search("index", tmp_path / "bundle", "digits")
    assert (done.returncode, "takes texts. Received: images" in done.stderr) == (2, True)


def test_a_document_counts_by_the_root_of_its_words():
    said = np.array([[0.5, 0.25, 0.25, 0.0], [0.0, 0.0, 0.0, 3.0], [0.0, 0.0, 0.0, 0.0]])
    thought = np.array([[0.25, 0.25, 0.25, 0.25], [0.2, 0.2, 0.2, 0.4], [0.25, 0.25, 0.25, 0.25]])
    found = losses.document_crossentropy(said, thought)
    np.testing.assert_allclose(found, [3**0.5 * np.log(4), -np.log(0.4), 0], rtol=1e-6)


def test_the_weighting_of_lsa_is_chosen_on_texts_held_out(corpus):
    bag = Vocabulary.learn(corpus.train.inputs, 300)
    counts, labels = bag.counts(corpus.train.inputs), corpus.train.labels
    chosen = lsa.choose(counts, labels, (2, 50), seed=0)
    assert set(chosen) == {2, 50}
    learnt, asked, groups, wanted = train_test_split(
        counts, labels, test_size=lsa.HELD_OUT, random_state=0
    )

    def p_at_10(weighting):
        indexed, queries = lsa.codes(learnt, asked, 50, weighting, 0)
        return retrieval.precision(indexed, groups, queries, wanted, "cosine", (10,))["p_at_10"]

    tried = {str(each): p_at_10(each) for each in lsa.WEIGHTINGS}
    best = max(tried.values())
    assert min(tried.values()) < best - 0.01 < tried[str(chosen[50])]


def test_retrieval_is_measured_beside_lsa_and_words(corpus, tmp_path):
    found = rows_on_text.documents(corpus, 0, tmp_path, epochs=10, widths=(60,))
    assert set(reproduce.ROWS["14"].beside) <= set(found)
    chance = 1 / 5
    for way in ("tf_idf_2000_words", "bm25_all_words", "lsa_50"):
        assert found[way] > 2 * chance
    assert found["value"] > found["lsa_2"] > chance
    assert found["bits"] > chance
    shares = [found["figures"]["lsa_10"][f"p_at_{k}"] for k in (1, 10, 100)]
    assert shares == sorted(shares, reverse=True)
    assert {path.name for path in tmp_path.iterdir()} == {
        "documents.png",
        "documents_precision.png",
    }
    size, milliseconds = found["bytes_a_document"], found["search_ms"]
    assert set(size) == set(milliseconds) == set(rows_on_text.WAYS) == set(found["figures"])
    assert (size["bits"], size["ae_10"], size["lsa_50"]) == (16, 40, 200)
    # All words are more words, and take more room, than the vocabulary.
    assert found["all_words"] > 5000
    for way in ("tf_idf", "bm25"):
        assert size[f"{way}_all_words"] > 1.1 * size[f"{way}_2000_words"] > 200
        assert found["figures"][f"{way}_all_words"] != found["figures"][f"{way}_2000_words"]
    assert min(milliseconds.values()) > 0


def test_all_words_are_all_but_stop_words():
    texts = ["The cats’ CAT, the été 12 x", "a dog dog"]
    counts, asked = word_search.count_all(texts, ["the ÉTÉ the unknown"])
    assert counts.shape == (2, 4)  # cats, cat, été, dog
    assert sorted(counts.toarray()[1]) == [0, 0, 0, 2]
    assert sorted(asked.toarray()[0]) == [0, 0, 0, 1]


def test_tf_idf_of_all_words_weighs_as_the_vocabulary_does(corpus):
    texts, queries = corpus.train.inputs[:100], corpus.test.inputs[:20]
    vocabulary = Vocabulary.learn(texts, 300)
    pair = [csr_array(vocabulary.counts(part)) for part in (texts, queries)]
    for found, part in zip(word_search.tf_idf(*pair), (texts, queries), strict=True):
        np.testing.assert_allclose(found.toarray(), normalised(vocabulary.weigh(part)), atol=1e-5)


def test_bm25_is_the_formula_by_hand():
    random = np.random.default_rng(0)
    counts, asked = random.poisson(0.7, (30, 12)), random.poisson(0.7, (4, 12))
    having = (counts > 0).sum(axis=0)
    telling = np.log(1 + (30 - having + 0.5) / (having + 0.5))
    length = counts.sum(axis=1)
    indexed, queries = word_search.bm25(csr_array(counts), csr_array(asked))
    (found,) = word_search.score_blocks(indexed, queries)
    for query, row in zip(asked, found, strict=True):
        scores = [
            sum(
                times * telling[w] * d[w] * 2.2 / (d[w] + 1.2 * (0.25 + 0.75 * n / length.mean()))
                for w, times in enumerate(query)
            )
            for d, n in zip(counts, length, strict=True)
        ]
        np.testing.assert_allclose(-row, scores, rtol=1e-5)
