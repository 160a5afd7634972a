"""Views of a text and their way back."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.text import View, fold


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Hello", "hello"),
        ("ＨＥＬＬＯ", "hello"),
        ("don’t “say” ‑ that", 'don\'t "say" - that'),
        ("so\u200bft\u00ad hy\u2060phen", "soft hyphen"),
        ("Straße", "strasse"),
        ("no\u00a0break", "no break"),
        ("lone \ud800 one", "lone \ufffd one"),
        ("", ""),
    ],
)
def test_fold(written, read):
    assert fold(written) == read


def test_fold_can_keep_case():
    assert fold("ＯＫ Go", keep_case=True) == "OK Go"


@given(st.text(max_size=40), st.booleans())
def test_every_place_leads_back(text, keep_case):
    """Each character of the view maps into the text, in order, and folds to the view."""
    view = View(text, keep_case=keep_case)
    previous = 0
    for index in range(len(view.text)):
        start, end = view.span(index, index + 1)
        assert 0 <= start < end <= len(text)
        assert start >= previous
        assert view.text[index] in fold(text[start:end], keep_case=keep_case)
        previous = start


@given(st.text(max_size=40))
def test_spans_read_as_the_view_says(text):
    view = View(text)
    if view.text:
        start, end = view.span(0, len(view.text))
        assert fold(text[start:end]) == view.text


@pytest.mark.parametrize(
    ("text", "word", "marked"),
    [
        ("say f\u200boo now", "foo", "f\u200boo"),
        ("a Straße b", "strasse", "Straße"),
        ("x ﬁne y", "fine", "ﬁne"),
        ("foo\u200b bar", "foo", "foo"),
        ("cafe\u0301 au lait", "caf\u00e9", "cafe\u0301"),
    ],
)
def test_marks_are_whole_and_no_wider(text, word, marked):
    view = View(text)
    at = view.text.index(word)
    start, end = view.span(at, at + len(word))
    assert text[start:end] == marked


@pytest.mark.parametrize(
    "unit", ["\u200b", "e\u0301", "\u0301", "한", "a\u200b", "ﷺ", "\ud800", "İ"]
)
def test_time_grows_with_the_length_only(unit):
    def cost(size: int) -> float:
        text = unit * size
        started = time.perf_counter()
        view = View(text)
        view.span(0, max(1, len(view.text)))
        return time.perf_counter() - started

    cost(2_000)
    small = min(cost(10_000) for _ in range(3))
    assert cost(100_000) < 60 * small + 0.05
