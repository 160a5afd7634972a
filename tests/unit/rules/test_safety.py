"""No text makes reading slow: the time a character takes does not grow with the length."""

import time

import pytest

from moderation.comments import Comment
from moderation.disguise import Refolded, before_folding, skeletons
from moderation.rules import RuleSet
from moderation.text import View, fold

HOSTILE = [
    "a", "aa ", "a@", "a.", "f*", "f u ", "1 ", "&amp;", "&", "&#1;", "\u202e", "\u202ea",
    "\u0336", "a\u0336", "ф", "aф", "\u200b", "🇫", "-", "fuc", "il1|!", "ph", "é", "<", "@", "ab\n",
    "k i l l ", "f.u.c.k ", "ｆ", "\ud800", "한", "e\u0301\u0300", "fu*",
]  # fmt: skip
RULES = r"""
version: 1
rules:
  - {id: words, action: flag, when: {text: [fuck, kill yourself, il]}}
  - {id: strict, action: flag, when: {text: {words: [fuck], evasion: strict}}}
  - {id: contains, action: flag, when: {text: {contains: [uckf, aa]}}}
  - {id: edges, action: flag, when: {text: {starts_with: [zz], ends_with: [zz]}}}
  - {id: regex, action: flag, when: {text: {regex: ['(a|aa)+b', '\bf\w*k\b', 'a.*b.*c']}}}
"""


def per_character(work, unit: str, size: int) -> float:
    text = (unit * (size // len(unit) + 1))[:size]
    best = float("inf")
    for _ in range(2):
        began = time.process_time()
        work(text)
        best = min(best, time.process_time() - began)
    return best / size


def read_all(text: str) -> None:
    under = before_folding(text)
    view = Refolded(under) if under else View(text)
    for reading in (view, *skeletons(view)):
        reading.span(0, max(1, len(reading.text)))


STEPS = {"fold": fold, "views": read_all}


@pytest.mark.parametrize("unit", HOSTILE)
@pytest.mark.parametrize("name", STEPS)
def test_normalisers_are_linear(name, unit):
    small = per_character(STEPS[name], unit, 10_000)
    assert per_character(STEPS[name], unit, 100_000) < 5 * small + 2e-6


@pytest.mark.parametrize("unit", HOSTILE)
def test_matching_is_linear(unit):
    rules = RuleSet.parse(RULES)

    def match(text: str) -> None:
        rules.match(Comment("1", text), {})

    match(unit)
    small = per_character(match, unit, 10_000)
    assert per_character(match, unit, 100_000) < 5 * small + 2e-6


@pytest.mark.parametrize("unit", ["a", "f u ", "aф", "\u200b"])
def test_a_million_characters_cost_ten_times_a_hundred_thousand(unit):
    rules = RuleSet.parse(RULES)

    def match(text: str) -> None:
        rules.match(Comment("1", text), {})

    match(unit)
    small = per_character(match, unit, 100_000)
    assert per_character(match, unit, 1_000_000) < 4 * small + 1e-6
