"""Two models as one: who reads what, whose score counts, and what is said of it."""

import json

import numpy as np
import pytest

from moderation import models
from moderation.errors import ModelError
from moderation.models import cascade, grams
from moderation.models.linear import LinearModel
from moderation.models.onnx import folder
from moderation.models.onnx.engine import OnnxModel

LABELS = ("toxicity", "insult", "threat")
#: The gate fears a text by its share of these n-grams.
FEARED = "goose"
BLEND = [[0.5, 1.0, -0.25], [0.0, 1.0, 0.0], [1.0, 0.0, 0.5]]
PASSED = [[0.5, 0.0, -3.0], [0.25, 0.5, -4.0], [0.1, 1.0, -5.0]]
LIMIT = 0.5


def linear_file(path, *, gate=True):
    """Weights by chance; the gate is above the limit just where FEARED is in a text."""
    random = np.random.default_rng(3)
    size = 1 << grams.BITS
    feared = np.zeros(size, dtype=np.int8)
    with_it, without = next(grams.features([FEARED])), next(grams.features([""]))
    feared[np.setdiff1d(with_it, without)] = 1
    more = {"gate": feared, "gate_line": np.array([10.0, 0.0, 0.0])} if gate else {}
    np.savez_compressed(
        path,
        weights=random.integers(-127, 128, (len(LABELS), size)).astype(np.int8),
        scale=np.full(len(LABELS), 0.01),
        offset=np.zeros(len(LABELS)),
        damping=np.array(60.0),
        labels=np.array(LABELS),
        features=np.array(grams.VERSION),
        card=np.array("{}"),
        **more,
    )


@pytest.fixture
def make(make_folder):
    def made(*, gate=True, **changes):
        recipe = {
            "limit": LIMIT,
            "blend": dict(zip(LABELS, BLEND, strict=True)),
            "passed": dict(zip(LABELS, PASSED, strict=True)),
            **changes,
        }
        path = make_folder(cascade=recipe, languages=["en"])
        tokenizer = json.loads((path / folder.TOKENIZER).read_text())
        assert "goose" in tokenizer["model"]["vocab"]
        linear_file(path / cascade.LINEAR, gate=gate)
        return path

    return made


def odds(model, texts):
    chances = model.score(texts).astype(np.float64)
    return np.log(chances / (1 - chances))


def test_the_gate_decides_who_reads(make):
    path = make()
    model = models.load(str(path))
    assert isinstance(model, cascade.CascadeModel)
    first = LinearModel(path / cascade.LINEAR, name="x")
    second = OnnxModel(path, name="y")
    harmless, feared = "hello friend", "you silly goose"
    lines, blends = np.array(PASSED), np.array(BLEND)
    own, gate = first.read([harmless, feared])
    wanted = np.minimum(own[0] * lines[:, 0] + gate[0] * lines[:, 1] + lines[:, 2], 0)
    assert odds(model, [harmless])[0] == pytest.approx(wanted, abs=1e-4)
    assert model._transformer is None, "a harmless text must not load the transformer"
    seen = second.logits([feared])[0]
    wanted = own[1] * blends[:, 0] + seen * blends[:, 1] + blends[:, 2]
    assert odds(model, [feared])[0] == pytest.approx(wanted, abs=1e-4)
    assert model._transformer is not None


def test_exact_means_that_the_transformer_reads_everything(make):
    path = make()
    quick, exact = models.load(str(path)), models.load(str(path), exact=True)
    texts = ["hello friend", "you silly goose"]
    assert np.array_equal(quick.score(texts)[1], exact.score(texts)[1])
    assert not np.array_equal(quick.score(texts)[0], exact.score(texts)[0])
    assert exact.fingerprint == f"{quick.fingerprint}+exact"
    assert (quick.name, exact.name) == (str(path), f"{path}:exact")
    assert models.load(exact.name).fingerprint == exact.fingerprint


def test_what_is_passed_stays_below_half(make):
    path = make(passed={label: [5.0, 0.0, 40.0] for label in LABELS})
    scores = models.load(str(path)).score(["hello friend", "bread, bread"])
    assert (scores < 0.5).all()
    assert (scores > 0.4).all()


def test_a_text_scores_the_same_alone_in_company_and_twice(make):
    model = models.load(str(make()))
    texts = ["hello friend", "you silly goose", "", "hello friend", "the weather was fine " * 90]
    together = model.score(texts)
    assert np.array_equal(together[0], together[3])
    for text, row in zip(texts, together, strict=True):
        assert np.array_equal(model.score([text])[0], row)
    assert model.score([]).shape == (0, len(LABELS))


def test_a_long_text_is_as_bad_as_its_worst_piece(make):
    model = models.load(str(make()))
    calm = "the weather was fine and the bread was good . " * 60
    long = f"{calm} you silly goose {calm}"
    parts = cascade.pieces(long)
    assert len(parts) > 5
    assert np.array_equal(model.score([long])[0], model.score(parts).max(axis=0))


def test_pieces_overlap_begin_between_words_and_lose_nothing():
    text = " ".join(f"word{number}" for number in range(700))
    parts = cascade.pieces(text)
    assert all(len(part) <= cascade.PIECE for part in parts)
    assert all(part.startswith("word") for part in parts)
    assert {word for part in parts for word in part.split()} >= set(text.split())
    assert cascade.pieces("x" * 5000)[-1] == "x" * (5000 - 7 * 600)
    assert cascade.pieces("") == [""]
    assert cascade.pieces("short") == ["short"]


def test_of_a_huge_text_the_pieces_feared_most_are_read(make, monkeypatch):
    monkeypatch.setattr(cascade, "MOST_PIECES", 3)
    model = models.load(str(make()))
    read = []
    second = model.transformer()
    real = second.logits
    monkeypatch.setattr(second, "logits", lambda texts: read.extend(texts) or real(texts))
    words = [f"{'goose ' * (number % 7)}word{number} " for number in range(2500)]
    model.score(["".join(words)])
    assert len(read) == 3
    assert all("goose" in part for part in read)


def test_disguised_words_are_read_plainly_and_named(make):
    # The linear model alone, and a reading that it cannot miss.
    model = models.load(str(make(blend={label: [0.0, 0.0, -4.0] for label in LABELS})))
    assert model.examine(["hello friend"]).readings == ("",)

    plain, odd = "you idiot, silly goose", "you 1d1ot, silly goose"
    real = model._odds
    model._odds = lambda texts: np.where(
        np.array([["idiot" in text] * len(LABELS) for text in texts]), 3.0, real(texts)
    )
    found = model.examine([odd, plain, "hello friend", odd])
    assert found.readings == ("1d1ot read as idiot", "", "", "1d1ot read as idiot")
    assert np.array_equal(found.scores[0], found.scores[1])
    assert np.array_equal(found.scores[0], found.scores[3])


def test_a_reading_that_raises_nothing_is_not_named(make):
    model = models.load(str(make(blend={label: [0.0, 0.0, -4.0] for label in LABELS})))
    assert model.examine(["you 1d1ot, silly goose"]).readings == ("",)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"limit": None}, "TypeError"),
        ({"limit": float("nan")}, "finite"),
        ({"blend": {}}, "KeyError"),
        ({"blend": {label: [1.0, 2.0] for label in LABELS}}, "three numbers"),
        ({"passed": {label: ["x", 1, 1] for label in LABELS}}, "ValueError"),
    ],
)
def test_a_recipe_that_is_none_is_an_error(make, changes, wrong):
    with pytest.raises(ModelError, match="does not describe a cascade") as caught:
        models.load(str(make(**changes)))
    assert wrong in str(caught.value)


def test_a_linear_model_without_a_gate_is_an_error(make):
    with pytest.raises(ModelError, match=r"linear\.npz does not fit"):
        models.load(str(make(gate=False)))


def test_a_missing_transformer_is_told_when_it_is_needed(make):
    path = make()
    (path / folder.GRAPH).unlink()
    model = models.load(str(path))
    assert model.score(["hello friend"]).shape == (1, 3)
    with pytest.raises(ModelError, match=r"model\.onnx cannot be read"):
        model.score(["you silly goose"])


def test_the_fingerprint_follows_every_part(make):
    path = make()
    before = models.load(str(path)).fingerprint
    meta = json.loads((path / folder.META).read_text())
    meta["cascade"]["limit"] = 0.75
    (path / folder.META).write_text(json.dumps(meta))
    changed = models.load(str(path)).fingerprint
    assert changed != before
    linear_file(path / cascade.LINEAR)
    with np.load(path / cascade.LINEAR) as file:
        parts = {name: file[name] for name in file.files}
    np.savez_compressed(path / cascade.LINEAR, **{**parts, "offset": parts["offset"] + 1})
    assert models.load(str(path)).fingerprint not in (before, changed)
