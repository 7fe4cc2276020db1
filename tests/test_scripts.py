"""Words of real texts in thirteen languages: the same in Python, TensorFlow and exports."""

import re
import unicodedata

import numpy as np
import pytest
import tensorflow as tf

import zoo
from zoo.errors import CheckFailedError
from zoo.experiments import reproduce
from zoo.experiments.reproduce import languages
from zoo.inputs import unspaced
from zoo.inputs.vocabulary import Vocabulary
from zoo.inputs.words import words_of
from zoo.layers import bag_of_words
from zoo.storage import vocabulary_file

TRAPS = {  # a text, and its words
    "iPhone手机壳": "iphone 手机 机壳",
    "猫": "猫",
    "猫 と 犬": "猫 と 犬",
    "日本語のテキスト、漢字": "日本 本語 語の のテ テキ キス スト 漢字",
    "時々〆切〇年": "時々 々〆 〆切 切〇 〇年",
    "ＡＢＣ１２ ｱｲｳ": "ａｂｃ１２ ｱｲ ｲｳ",  # full and half width are not folded
    "か\u3099き": "か\u3099き",  # marks stay with their character
    "葛\U000e0100城市": "葛\U000e0100城 城市",
    "𠮷野家": "𠮷野 野家",  # beyond 16 bits
    "2025年12月": "2025 年 12 月",
    "ที่นี่": "ที่นี่",
    "ภาษาไทย ๒๕๖๓": "ภา าษ ษา าไ ไท ทย ๒๕๖๓",  # digits are a number
    "ພາສາ ភាសា မြန်မာ": "ພາ າສ ສາ ភាសា မြန် န်မာ",
    "\u0e48ก a\u0e48": "\u0e48 ก a\u0e48",  # a mark without a character
    "ΟΔΟΣ日本σ": "οδος 日本 σ",  # a sigma ends a word where the script changes
    "한국어 문장ABC": "한국어 문장abc",  # Korean has spaces
    "İstanbul ISPARTA ısparta": "i\u0307stanbul isparta ısparta",
    "مــحــمــد محمد": "مــحــمــد محمد",  # a tatweel is a letter
    "می\u200cروم क्\u200dष": "می روم क् ष",  # joiners are no letters, and separate
    "\u0378x\u0e5c漢\u2fffx": "x 漢 x",  # unassigned code points
    "👩\u200d👩\u200d👧 family 👍🏽漢👍": "family 漢",
    "㍿ ㊗ ①": "①",
}


@pytest.fixture(scope="module")
def messages():
    """The messages of Django by language."""
    return {locale: languages.messages(locale) for locale in languages.LOCALES}


@pytest.mark.parametrize(("text", "words"), TRAPS.items())
def test_words(text, words):
    assert words_of(text) == words.split()
    assert [word for part in words_of(text) for word in words_of(part)] == words_of(text)


def test_half_a_character_separates_words():
    assert words_of("漢\ud800字 \udc00a") == ["漢", "字", "a"]


def in_graph(texts):
    words = bag_of_words.words_of(
        tf.constant([text.encode() for text in texts], tf.string)
    ).to_list()
    return [[word.decode() for word in row] for row in words]


def test_a_graph_finds_the_words_of_each_message(messages):
    for locale, texts in {"traps": [*TRAPS], **messages}.items():
        assert len(texts) > 20, locale
        for text, found in zip(texts, in_graph(texts), strict=True):
            assert found == words_of(text), (locale, text)
    assert in_graph([]) == []
    assert in_graph(["", " "]) == [[], []]


def test_a_graph_finds_the_words_of_letters_drawn_at_random():
    letters = [chr(code) for blocks in unspaced.BLOCKS.values() for block in blocks
               for code in range(block[0], min(block[1], block[0] + 400) + 1)]  # fmt: skip
    random = np.random.default_rng(0)
    others = [*"aΣσ1 .İ한ñ", "\u0301", "\ufe0f", "\u200d"]
    texts = ["".join(random.choice([*random.choice(letters, 12), *others], 30)) for _ in range(500)]
    assert in_graph(texts) == [words_of(text) for text in texts]


def test_each_message_has_the_same_counts_in_numpy_saved_model_and_bundle(messages, tmp_path):
    texts = [text for found in messages.values() for text in found] + [*TRAPS]
    model = zoo.build("document_ae", input_shape=(1500,), widths=(64,), latent_dim=64)
    model.adapt(texts)
    scripts = {unicodedata.name(word[0]).split()[0] for word in model.vocabulary.words}
    assert {"CJK", "HIRAGANA", "KATAKANA", "THAI", "HANGUL", "BENGALI", "TAMIL", "ARABIC"} < scripts
    bundle = zoo.export(model, tmp_path / "export")
    np.testing.assert_array_equal(bundle.vocabulary.counts(texts), model.vocabulary.counts(texts))
    codes = model.encode(texts)
    served = tf.saved_model.load(tmp_path / "export" / "saved_model").signatures["encode"]
    np.testing.assert_allclose(served(text=tf.constant(texts))["latent"], codes, atol=1e-5)
    np.testing.assert_allclose(bundle.encode(texts), codes, atol=1e-5)
    known = model.vocabulary.counts(texts).any(axis=1)
    spread = np.linalg.norm(codes - codes.mean(axis=0), axis=1)
    assert spread[known].min() > 1e-3  # a word that is counted changes the code


def test_pairs_make_messages_known(messages):
    for locale in languages.UNSPACED:
        learn, test = messages[locale][::2], messages[locale][1::2]
        vocabulary = Vocabulary.learn(learn, 1000)
        assert vocabulary.weigh(test).any(axis=1).mean() > 0.75
        runs = {run for text in learn for run in re.findall(unspaced.borders()[0], text)}
        seen = [
            any(run in runs for run in re.findall(unspaced.borders()[0], text)) for text in test
        ]
        assert np.mean(seen) < 0.3  # if a whole run were a word


def test_one_character_may_be_a_word_of_the_vocabulary():
    vocabulary = Vocabulary.learn(["猫 x", "犬 a", "猫"], 3)
    assert vocabulary.words == ("猫", "犬", "")


def test_a_vocabulary_by_another_rule_is_refused():
    written = vocabulary_file.dump(Vocabulary(("日本語", "cat"), np.ones(2, np.float32)))
    with pytest.raises(CheckFailedError, match=r"export the model again\. Received: '日本語'"):
        vocabulary_file.parse(written)


def test_the_row_on_languages_is_measured_beside_lsa(tmp_path):
    data = languages.read("django").map(lambda split: split.take(slice(None, None, 8)))
    found = languages.languages(data, 0, tmp_path, epochs=4, widths=(40,))
    row = reproduce.ROWS["languages"]
    assert {"value", *row.beside} <= set(found)
    assert row.verdict([found]) in ("reached", "miss")
    assert found["value"] > 1.5 / len(languages.LOCALES)
    assert 0.5 < found["known_unspaced"] <= 1
    assert [path.name for path in tmp_path.iterdir()] == ["languages.png"]
