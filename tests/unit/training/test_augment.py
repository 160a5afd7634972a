"""Respelling: other signs, the same meaning, and no spelling that gives the label away."""

import re
from random import Random

import pytest

TEXT = "you people are such stupid idiots, please stop editing the article about music"


@pytest.fixture
def augment():
    from training import augment

    return augment


def test_the_same_seed_gives_the_same_spelling_and_another_seed_another(augment):
    respeller = augment.Respeller()
    made = {respeller.misspell(TEXT, Random(seed)) for seed in range(30)}
    assert len(made) > 25
    assert respeller.misspell(TEXT, Random(3)) == respeller.misspell(TEXT, Random(3))
    assert respeller.disguise(TEXT, Random(3)) == respeller.disguise(TEXT, Random(3))


def test_telling_words_are_respelt_first(augment):
    respeller = augment.Respeller(telling={"stupid", "idiots"})
    kept = [
        sum(word in respeller.disguise(TEXT, Random(seed)) for seed in range(300))
        for word in ("stupid", "idiots", "article")
    ]
    assert max(kept[:2]) < 100 < 200 < kept[2]


def test_no_word_becomes_another_known_word(augment):
    known = {"shot", "sit", "shut", "sht", "shyt", "shiit"}
    respeller = augment.Respeller(known=known, telling={"shit"})
    loose = augment.Respeller(telling={"shit"})

    def landed(one):
        return sum(
            bool(set(re.findall(r"\w+", one.misspell("oh shit again", Random(seed)))) & known)
            for seed in range(800)
        )

    assert landed(loose) > landed(respeller) == 0


@pytest.mark.parametrize("text", ["", " ", "1234 !!", "\u200b", "ok", "日本語", "a b c"])
def test_texts_without_words_survive(augment, text):
    respeller = augment.Respeller()
    for seed in range(20):
        assert isinstance(respeller.misspell(text, Random(seed)), str)
        assert isinstance(respeller.disguise(text, Random(seed)), str)


def test_telling_words_come_from_the_labels(augment):
    toxic = ["such a muppet"] * 8 + ["a nice day"] * 8
    harmless = ["what a nice day"] * 40
    found = augment.telling_words(toxic, harmless)
    assert "muppet" in found
    assert not found & {"nice", "day", "what"}
    assert augment.frequent_words(harmless, at_least=41) == frozenset()
    assert "nice" in augment.frequent_words(harmless, at_least=40)
