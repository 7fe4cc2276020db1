"""Text files and tables in encodings other than UTF-8: read by name, or refused in one sentence."""

import codecs
import json
import subprocess
import sys

import pandas
import pytest

import zoo
from zoo import datasets, search
from zoo.errors import UsageError

WORDS = {
    "latin-1": "café déjà été",
    "cp1251": "Привет мир ещё",
    "shift_jis": "日本語のテキスト",
    "utf-16": "café 漢字 мир",
    "utf-16-le": "café 漢字 мир",
    "utf-8": "café 漢字 мир",
}


def write(folder, content, count=5):
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"{number}.txt").write_bytes(content)
    return folder


@pytest.mark.parametrize(("encoding", "text"), WORDS.items())
def test_texts_are_read_in_the_encoding_that_is_named(encoding, text, tmp_path):
    folder = write(tmp_path / "letters", text.encode(encoding))
    by_argument = datasets.load(folder, encoding=encoding)
    assert set(by_argument.train.inputs) == {text}
    assert by_argument.name == f"{folder}?encoding={encoding}"
    again = datasets.load(by_argument.name)  # as a run loads it again
    assert again.fingerprint == by_argument.fingerprint
    paths = [str(path) for path in sorted(folder.iterdir())]
    assert set(datasets.rows(paths, encoding=encoding).inputs) == {text}
    assert set(datasets.rows(f"{folder}?encoding={encoding}").inputs) == {text}


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path):
    marked = codecs.BOM_UTF8 + "été".encode()
    for number, encoding in enumerate((None, "utf-8", "utf-8-sig")):
        folder = write(tmp_path / str(number), marked)
        assert datasets.load(folder, encoding=encoding).train.inputs[0] == "été"
    folder = write(tmp_path / "16", codecs.BOM_UTF16_BE + "été".encode("utf-16-be"))
    for encoding in ("utf-16", "utf-16-be"):
        assert datasets.load(folder, encoding=encoding).train.inputs[0] == "été"


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (
            "café".encode("latin-1"),
            {},
            r'0\.txt is not a text in UTF-8: name its encoding, such as encoding="latin-1" or '
            r'"FOLDER\?encoding=latin-1", .* Received: byte 0xe9 at position 3\.',
        ),
        ("café".encode("utf-16"), {}, r'encoding="utf-16".* Received: byte 0xff at position 0'),
        ("мир".encode("cp1251"), {"encoding": "shift_jis"}, r"is not a text in shift_jis"),
        (b"a", {"encoding": "latin-11"}, r"such as 'latin-1'.* Received: encoding='latin-11'"),
        (b"a", {"encoding": "base64"}, r"Received: encoding='base64'"),
        (b"a", {"encoding": "a\0"}, r"Received: encoding='a\\x00'"),
        (b"a", {"encoding": 8}, r"Received: encoding=8"),
        (b"a", {"image_size": 8}, r"`image_size` is for image files"),
    ],
)
def test_other_encodings_are_one_sentence(content, options, said, tmp_path):
    folder = write(tmp_path / "letters", content)
    with pytest.raises(UsageError, match=said):
        datasets.load(folder, **options)


@pytest.mark.parametrize(
    ("source", "options", "said"),
    [
        ("letters?encodng=latin-1", {}, "no option of text files 'encodng'|encodng"),
        ("letters?fit=crop", {}, "`fit` is for image files"),
        ("digits", {"encoding": "latin-1"}, r"`encoding` is for text files \(\.txt\), a folder"),
        (["one text", "another"], {"encoding": "latin-1"}, "`encoding` is for text files"),
        ("empty", {}, "must hold image files or texts .* with neither"),
    ],
)
def test_options_that_are_none(source, options, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "letters", b"a")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=said):
        datasets.load(source, **options)


TABLE = "größe,art\n1.5,é\n2.5,ü\n3.5,é\n4.5,é\n"


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-16-le", "utf-8-sig"])
def test_tables_are_read_in_the_encoding_that_is_named(encoding, tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(TABLE.encode(encoding))
    data = datasets.load(path, encoding=encoding)
    assert data.name == f"{path}?encoding={encoding}"
    assert data.column_names == ("größe", "art")
    rows = datasets.rows(f"{path}?encoding={encoding}")
    assert rows.inputs.tolist() == [[1.5, 0], [2.5, 1], [3.5, 0], [4.5, 0]]
    assert list(rows.columns[1]) == ["é", "ü"]
    assert datasets.load(data.name).fingerprint == data.fingerprint
    path.write_bytes(TABLE.replace(",", ";").replace(".", ",").encode(encoding))
    assert datasets.rows(path, encoding=encoding).inputs[:, 0].tolist() == [1.5, 2.5, 3.5, 4.5]


def test_series_are_read_in_the_encoding_that_is_named(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes("größe,wert\na,1\na,2\nb,3\nb,4\nc,5\nc,6\n".encode("latin-1"))
    data = datasets.load(f"{path}?id=größe&encoding=latin-1")
    assert data.input_shape == (2, 1)
    assert "encoding=latin-1" in data.name
    assert datasets.load(data.name).fingerprint == data.fingerprint


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {},
            r'x\.csv is not a table in UTF-8: name its encoding, such as encoding="latin-1" or '
            r'"FILE\?encoding=latin-1", .* Received: byte 0xf6 at position 2\.',
        ),
        ({"encoding": "shift_jis"}, r"is not a table in shift_jis: name its encoding"),
        ({"encoding": "latin-11"}, r"such as 'latin-1'.* Received: encoding='latin-11'"),
    ],
)
def test_tables_in_another_encoding_are_one_sentence(options, said, tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(TABLE.encode("latin-1"))
    with pytest.raises(UsageError, match=said):
        datasets.load(path, **options)
    with pytest.raises(UsageError, match=said.split(" Received")[0]):
        datasets.load(f"{path}?id=größe", **options)


def test_a_far_byte_is_named_by_its_position(tmp_path):
    lines = b"a,b\n" + b"1,2\n" * 50_000
    path = tmp_path / "x.csv"
    path.write_bytes(lines + b"1,\xe9\n")
    with pytest.raises(UsageError, match=f"byte 0xe9 at position {len(lines) + 2}"):
        datasets.load(path)


def test_a_table_that_is_no_text_has_no_encoding(tmp_path):
    frame = pandas.DataFrame({"a": [1.0, 2.0, 3.0]})
    path = tmp_path / "x.parquet"
    frame.to_parquet(path)
    for source, options in [
        (path, {"encoding": "latin-1"}),
        (path, {"encoding": "latin-1", "in_memory": False}),
        (f"{path}?encoding=latin-1", {}),
    ]:
        with pytest.raises(UsageError, match=r"tables that are texts.* Received: .*x\.parquet"):
            datasets.load(source, **options)
    with pytest.raises(UsageError, match=r"Received: encoding='latin-1' for a DataFrame"):
        datasets.load(frame, encoding="latin-1")


def test_the_command_line_names_the_encoding_of_a_table(tmp_path):
    rows = "".join(f"{number},{number % 3}\n" for number in range(20))
    (tmp_path / "x.csv").write_bytes(("größe,b\n" + rows).encode("latin-1"))
    run = [sys.executable, "-m", "zoo", "train", "pca", "x.csv?encoding=latin-1", "latent_dim=1"]
    done = subprocess.run([*run, "--json"], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    run[5] = "x.csv"
    done = subprocess.run(run, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 2
    assert 'encoding="latin-1"' in done.stderr


def test_a_search_finds_texts_in_another_encoding(tmp_path):
    folder = tmp_path / "letters"
    folder.mkdir()
    texts = ["café été", "мир ещё", "été déjà", "cats purr"]
    for number, text in enumerate(texts):
        encoding = "cp1251" if number == 1 else "latin-1"
        (folder / f"{number}.txt").write_bytes(text.encode(encoding))
    model = zoo.build("document_ae", input_shape=(12,), widths=(8,), latent_dim=2).adapt(texts)
    codes, paths, skipped = search.codes_of_texts(model, f"{folder}?encoding=latin-1")
    assert paths == [str(folder / f"{number}.txt") for number in (0, 2, 3)]
    assert (len(codes), len(skipped)) == (3, 1)
    for source in (texts, datasets.rows(texts)):
        codes, rows, skipped = search.codes_of_texts(model, source)
        assert (codes.shape, rows, skipped) == ((4, 2), [0, 1, 2, 3], [])
    assert len(search.codes_of_texts(model, datasets.load(texts))[0]) == 3  # its training texts
    with pytest.raises(UsageError, match=r"takes texts\. Received: images from digits\."):
        search.codes_of_texts(model, datasets.load("digits"))
    with pytest.raises(UsageError, match="words that the model knows"):
        search.codes_of_texts(model, ["zzz", "?"])
    query = f"{folder / '0.txt'}?encoding=latin-1"
    assert search.query_texts(model, query) == ["café été"]
    assert search.query_texts(model, "été? encoding=latin-1") == ["été? encoding=latin-1"]


def test_the_command_line_names_the_encoding(tmp_path):
    write(tmp_path / "letters", "café été déjà".encode("latin-1"), 10)
    arguments = ["document_ae", "letters?encoding=latin-1", "input_shape=(8,)", "latent_dim=2"]
    run = [sys.executable, "-m", "zoo", "train", *arguments, "widths=(4,)", "--epochs=1", "--json"]
    done = subprocess.run(run, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / json.loads(done.stdout)["folder"]
    config = json.loads((folder / "config.json").read_text())
    assert config["data"]["name"] == "letters?encoding=latin-1"
