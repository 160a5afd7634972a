"""The embedded model: shape, range, independence, speed, size, and a little sense."""

import functools
import hashlib
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation import models
from moderation.errors import ModelError
from moderation.models import grams, linear

# Any text at all: controls, lone surrogates, astral planes.
anything = st.text(st.characters(exclude_categories=()), max_size=60)


@functools.cache
def builtin():
    return models.load("builtin")


@pytest.fixture
def model():
    return builtin()


def test_no_texts_give_no_rows(model):
    assert model.score([]).shape == (0, 6)


@settings(deadline=None, max_examples=150)
@given(st.lists(anything, max_size=8))
def test_a_text_scores_the_same_alone_and_in_company(texts):
    model = builtin()  # hypothesis wants no fixtures that outlive an example
    together = model.score(texts)
    assert together.shape == (len(texts), 6)
    assert together.dtype == np.float32
    assert np.isfinite(together).all()
    assert ((together >= 0) & (together <= 1)).all()
    for text, row in zip(texts, together, strict=True):
        assert np.array_equal(model.score([text])[0], row)


def test_batches_of_many_sizes_change_nothing(model):
    rng = np.random.default_rng(0)
    words = np.array(["thanks", "you", "silly", "goose", "\n", "Über", "!!!", "\u200b", "猫"])
    texts = [" ".join(rng.choice(words, size)) for size in rng.integers(0, 900, 120)]
    together = model.score(texts)
    alone = np.concatenate([model.score([text]) for text in texts])
    assert np.array_equal(together, alone)
    assert np.array_equal(model.score(texts[::-1])[::-1], together)


@pytest.mark.parametrize(
    "text",
    [
        *[
            "",
            " ",
            "\0",
            "\x01",
            "\0\0\0\0\0\0",
            "\ud800",
            "\udfff\ud800",
            "\U0010ffff",
            "İ" * 9000,
        ],
        "\u3100",
        "\u30ff\u3100",
        "\n\t\r",
        "\x01 \0",
        "a" * 4096,
        "a" * 4097,
    ],
)
def test_odd_texts_are_scored(model, text):
    rows = model.score([text, "hello", text])
    assert np.isfinite(rows).all()
    assert np.array_equal(rows[0], rows[2])
    assert np.array_equal(rows[1], model.score(["hello"])[0])


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ("You are a stupid idiot", "You are welcome, thank you for the help"),
        ("shut up, moron", "thank you, friend"),
        ("what a pathetic loser you are", "what a lovely morning it is"),
        ("this is dumb crap and you are a liar", "this is a fine article, well sourced"),
        ("I hate you, you ugly fool", "I moved the section to the talk page"),
    ],
)
def test_an_insult_outranks_a_courtesy(model, worse, better):
    scores = model.score([worse, better])
    for label in ("toxicity", "insult"):
        column = model.labels.index(label)
        assert scores[0, column] > 2 * scores[1, column]
    assert scores[1, 0] < 0.2


def test_case_and_blanks_do_not_matter(model):
    rows = model.score(["You  are\n\ta FOOL ", "you are a fool"])
    assert np.array_equal(rows[0], rows[1])


def test_an_insult_at_the_end_of_a_long_text_is_seen(model):
    harmless = "The bridge was opened in the spring and repaired twice. " * 400
    plain, rude = model.score([harmless, harmless + "You are a stupid idiot, shut up."])[:, 0]
    assert rude > plain + 0.1


def test_five_megabytes_take_linear_time(model):
    def seconds(text):
        began = time.process_time()  # not the clock: other tests run beside this one
        assert np.isfinite(model.score([text])).all()
        return time.process_time() - began

    words = "the quick brown fox jumps over one lazy dog again " * 20_000
    model.score(["warm up"])
    one = seconds(words)
    five = seconds(words * 5)
    assert five < 10 * one + 0.5
    assert five < 10
    assert seconds("a" * 5_000_000) < 10


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("you are such an 1d1ot", "1d1ot read as idiot"),
        ("what a f.u.c.k.i.n.g mess you are", "f.u.c.k.i.n.g read as fucking"),
        ("you are a st\u200bup\u200bid fool", "st\u200bup\u200bid read as stupid"),
    ],
)
def test_disguised_words_count_and_are_named(model, written, read):
    found = model.examine([written, "what a lovely morning it is"])
    assert found.scores[0, 0] > 0.8
    assert found.scores[1, 0] < 0.2
    assert found.readings[1] == ""
    assert found.readings[0] in (read, "")  # unnamed where it was seen through as written


def test_the_cascade_and_the_transformer_alone_agree(model):
    exact = models.load("builtin:exact")
    assert exact.fingerprint == models.load("builtin", exact=True).fingerprint
    assert models.load(exact.name).fingerprint == exact.fingerprint
    texts = [
        "You are a stupid idiot",
        "thank you, friend",
        "I moved the section to the talk page",
        "go away and never come back, nobody wants you here",
        "The bridge was opened in the spring and repaired twice.",
        "what a fine photo of a bullfinch",
    ]
    quick, slow = model.score(texts), exact.score(texts)
    assert ((quick >= 0.5) == (slow >= 0.5)).all()
    assert np.abs(quick - slow).max() < 0.1


@pytest.mark.parametrize("being", ["gay", "Muslim", "Jewish", "Black", "blind", "transgender"])
@pytest.mark.parametrize(
    "sentence",
    [
        "I am {}.",
        "My neighbour is {} and bakes the best bread in town.",
        "Two {} students won the prize for mathematics.",
    ],
)
def test_to_name_a_group_is_no_offence(model, being, sentence):
    assert model.score([sentence.format(being)]).max() < 0.5


def test_loading_is_quick_and_the_file_small():
    assert linear.BUILTIN.stat().st_size < 8_000_000
    best = min(_timed_load() for _ in range(3))
    assert best < 0.5  # about 0.1 s on an idle machine


def _timed_load():
    began = time.process_time()
    models.load("builtin")
    return time.process_time() - began


def test_the_card_says_what_the_model_is_made_of(model):
    assert model.card["figures"]["mean_auc"] >= 0.982
    assert set(model.card["figures"]["auc"]) == set(model.labels)
    assert set(model.card["licences"]) == set(model.card["trained_on"])


def test_the_card_names_the_files_that_ship(model):
    for name, digest in model.card["files"].items():
        content = (linear.BUILTIN.parent / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
    assert set(model.card["files"]) == {"model.onnx", "tokenizer.json", "linear.npz"}
    assert model.meta.languages == ("en",)


def test_a_missing_file_says_how_to_get_it(tmp_path):
    with pytest.raises(ModelError) as caught:
        linear.LinearModel(tmp_path / "gone.npz", name="x")
    assert "gone.npz" in caught.value.where
    assert caught.value.hint


def test_a_damaged_file_is_refused(tmp_path):
    whole = linear.BUILTIN.read_bytes()
    middle = len(whole) // 2
    damages = {
        "empty": b"",
        "cut": whole[:middle],
        "text": b"hello",
        "flipped": whole[:middle]
        + bytes(byte ^ 0xFF for byte in whole[middle : middle + 64])
        + whole[middle + 64 :],
    }
    for name, content in damages.items():
        path = tmp_path / f"{name}.npz"
        path.write_bytes(content)
        with pytest.raises(ModelError, match="damaged"):
            linear.LinearModel(path, name="x")


def test_pickled_arrays_and_other_shapes_are_refused(tmp_path):
    with np.load(linear.BUILTIN) as file:
        parts = dict(file)
    changes = {
        "card": np.array([{"a": 1}], dtype=object),
        "features": np.array(grams.VERSION + 1),
        "weights": parts["weights"][:, :-1],
        "scale": parts["scale"][:-1],
    }
    for key, value in changes.items():
        path = tmp_path / f"{key}.npz"
        np.savez(path, **{**parts, key: value})
        with pytest.raises(ModelError):
            linear.LinearModel(path, name="x")


def test_the_fingerprint_follows_the_content(tmp_path):
    with np.load(linear.BUILTIN) as file:
        parts = dict(file)
    np.savez_compressed(tmp_path / "b.npz", **{**parts, "offset": parts["offset"] + 0.1})
    other = linear.LinearModel(tmp_path / "b.npz", name="linear")
    assert other.fingerprint != models.load("linear").fingerprint
