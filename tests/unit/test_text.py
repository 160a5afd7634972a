"""Views of a text and their way back."""

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
    "unit",
    ["é", "e\u0301", "각", "\u1100\u1161\u11a8", "ｶﾞ", "a\u200b\u0301", "ﬃ", "a\u0336\u0301 "],
)
@pytest.mark.parametrize("before", range(4))
def test_a_long_text_is_read_as_its_parts_are(unit, before):
    """Longer texts are folded in blocks: no letter is cut from its marks."""
    text = "x" * before + unit * 1_000
    view = View(text)
    read = fold(unit)
    assert view.text == fold(text) == "x" * before + read * 1_000
    for number in range(0, 1_000, 7):
        at, there = before + number * len(read), before + number * len(unit)
        assert view.span(at, at + len(read)) == (there, there + len(unit))


def test_long_runs_of_marks_are_folded_in_blocks():
    text = "a" + "\u0f71\u0f72" * 1_000
    view = View(text)
    assert sorted(view.text) == sorted(text)
    assert view.span(0, len(text)) == (0, len(text))


@pytest.mark.parametrize("sign", "⁻₋‴‷ｰ`")
def test_what_nfkc_makes_is_unified_as_well(sign):
    assert fold(fold(sign)) == fold(sign)
