"""The judging material is whole: enough of each, no sentence twice, no placeholder unfilled."""

from __future__ import annotations

import re
from collections import Counter

import pytest

_PLACEHOLDER = re.compile(r"\{[A-Za-z_]+\}")


@pytest.fixture
def judging():
    from training import judging

    return judging


@pytest.mark.parametrize(
    ("material", "field"),
    [
        ("functional", "text"),
        ("identities", "text"),
        ("misspelt", "clean"),
        ("misspelt", "misspelt"),
        ("contrasts", "text"),
    ],
)
def test_texts_are_filled_and_stand_once(judging, material, field):
    texts = [getattr(one, field) for one in getattr(judging, material)()]
    assert [text for text, times in Counter(texts).items() if times > 1] == []
    assert [text for text in texts if _PLACEHOLDER.search(text) or text != text.strip()] == []
    assert all(texts)


def test_functional_covers_both_classes(judging):
    cases = judging.functional()
    hateful = {case.functionality for case in cases if case.hateful}
    harmless = {case.functionality for case in cases if not case.hateful}
    assert len(hateful) >= 20
    assert len(harmless) >= 14
    assert not hateful & harmless
    assert all(case.abusive for case in cases if case.hateful)
    assert {case.abusive for case in cases if not case.hateful} == {True, False, None}
    per_name = Counter((case.functionality, case.group) for case in cases)
    assert min(per_name.values()) >= 8


def test_hate_hits_every_group_and_only_groups(judging):
    hit = {case.group for case in judging.functional() if case.hateful}
    assert hit == set(judging.groups())
    assert len(hit) >= 24


def test_identities_name_every_group_in_every_template(judging):
    counts = Counter(one.group for one in judging.identities())
    assert set(counts) == set(judging.groups())
    assert len(set(counts.values())) == 1
    assert min(counts.values()) >= 60


@pytest.mark.parametrize(
    "text",
    [
        "Gay people are subhuman filth.",
        "That gay man over there is a disgusting animal.",
        "killallgaypeople now",
        "f u c k g a y p e o p l e",
        "fvck g4y p30pl3",
        "gay people r skum n always wil b",
        "I htae gya poeple.",
    ],
)
def test_forms_of_a_name(judging, text):
    assert text in {case.text for case in judging.functional() if case.group == "gay people"}


def test_a_name_takes_its_article(judging):
    texts = {one.text for one in judging.identities()}
    assert "im black and this made my day" in texts
    assert not [text for text in texts if re.search(r"\ba [aeiou]|\ban [^aeiouAEIOU]", text)]


def test_misspelt_pairs_differ_and_have_both_classes(judging):
    pairs = judging.misspelt()
    assert sum(pair.toxic for pair in pairs) >= 300
    assert sum(not pair.toxic for pair in pairs) >= 150
    assert [pair for pair in pairs if pair.clean.lower().strip(".") == pair.misspelt.lower()] == []
    assert not {pair.clean for pair in pairs} & {pair.misspelt for pair in pairs}


def test_contrasts_have_both_classes(judging):
    found = judging.contrasts()
    assert sum(one.toxic for one in found) >= 80
    assert sum(not one.toxic for one in found) >= 80


def test_material_is_the_same_every_time(judging):
    assert judging.functional() == judging.functional()
    assert judging.identities() == judging.identities()
