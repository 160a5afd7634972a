"""What strangers wrote, made printable: nothing acts, nothing is hidden, nothing is lost."""

import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.comments import Span
from moderation.display import aligned, for_log, log_line, one_line, pieces, visible

FORBIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069"
    "\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("\x1b[31mred", "␛[31mred"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("\x9b2J", "<U+009B>2J"),
        ("abc\u202edef", "abc<U+202E>def"),
        ("a\u200bb", "a<U+200B>b"),
        ("tab\there", "tab␉here"),
        ("cr\rhere", "cr␍here"),
        ("dos\r\nline", "dos\nline"),
        ("\ud800", "<U+D800>"),
        ("\x7f", "␡"),
        ("[/foo] [@click=app.quit]x[/] [not a tag]", "[/foo] [@click=app.quit]x[/] [not a tag]"),
        ("Käse, сыр, 奶酪, جبن, चीज़", "Käse, сыр, 奶酪, جبن, चीज़"),
        ("❤️ 👨‍👩‍👧 👍🏽 1️⃣", "❤️ 👨‍👩‍👧 👍🏽 1️⃣"),
        ("می‌خواهم", "می‌خواهم"),
        ("a\u200db", "a<U+200D>b"),
        ("\u3164", "<U+3164>"),
    ],
)
def test_visible(written, shown):
    assert visible(written) == shown


def test_many_marks_on_one_letter_are_counted():
    assert visible("e" + "\u0301" * 40 + "x") == "e" + "\u0301" * 4 + "<+36 marks>x"


@given(st.text(alphabet=st.characters(), max_size=200))
def test_nothing_that_acts_comes_out(text):
    shown = visible(text)
    assert not FORBIDDEN.search(shown)
    shown.encode("utf-8")
    assert visible(shown) == shown
    assert "\n" not in visible(text, newlines=False)


@given(st.text(alphabet=st.characters(), max_size=200))
def test_in_an_editor_every_character_keeps_its_place(text):
    shown = aligned(text)
    assert len(shown) == len(text)
    assert not FORBIDDEN.search(shown.replace("\t", " "))
    assert shown.count("\t") == text.count("\t")


def test_signs_in_an_editor():
    assert aligned("a\x1b[31m\u202eb\tc") == "a␛[31m\ufffdb\tc"
    assert aligned("e" + "\u0301" * 6) == "e" + "\u0301" * 4 + "\ufffd\ufffd"


@given(st.text(alphabet=st.characters(), max_size=200))
def test_letters_digits_and_punctuation_are_unaltered(text):
    kept = [
        c
        for c in text
        if unicodedata.category(c)[0] in "LNPS" and c not in "\u3164\uffa0\u115f\u1160\u2800"
    ]
    shown = iter(visible(text))
    assert all(any(char == other for other in shown) for char in kept)


@given(st.text(alphabet=st.characters(), max_size=100))
def test_no_line_of_a_log_is_a_command(text):
    for line in for_log(text, newlines=True).split("\n"):
        assert not line.strip().startswith("::")
        assert not re.search(r"##[A-Za-z]{0,12}\[", line)


@pytest.mark.parametrize(
    "command",
    [
        "::add-mask::secret",
        "  ::error file=x::y",
        "x\n::set-output::",
        "##[group]a",
        "##vso[task.x]",
    ],
)
def test_commands_to_ci_services_are_broken_and_still_readable(command):
    shown = for_log(command, newlines=True)
    assert shown != command
    assert shown.replace("\\", "") == command


def test_one_line_reads_no_more_than_it_shows():
    started = time.perf_counter()
    assert one_line("x" * 5_000_000, 20) == "x" * 19 + "…"
    assert time.perf_counter() - started < 0.1
    assert one_line("short\nlines", 40) == "short␊lines"
    assert log_line("::add-mask::x", 40) == "\\::add-mask::x"


def test_five_million_of_one_sign_take_a_moment_only():
    started = time.perf_counter()
    assert len(visible("\u200b" * 1_000_000)) == 8_000_000
    assert time.perf_counter() - started < 5


def test_pieces_cut_where_flags_begin_and_end():
    text = "hello wide world"
    spans = [[Span(0, 5, "hello")], [Span(3, 10, "lo wide"), Span(11, 99, "world")]]
    assert list(pieces(text, spans)) == [
        ("hel", frozenset({0})),
        ("lo", frozenset({0, 1})),
        (" wide", frozenset({1})),
        (" ", frozenset()),
        ("world", frozenset({1})),
    ]


@given(
    st.text(max_size=30),
    st.lists(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=3), max_size=3),
)
def test_pieces_lose_nothing(text, places):
    spans = [[Span(a, b, "") for a, b in flag] for flag in places]
    cut = list(pieces(text, spans))
    assert all(piece for piece, _ in cut)
    plain = [c for c in text if c.isascii() and c.isprintable()]
    assert [c for c in "".join(piece for piece, _ in cut) if c in plain] >= plain[:0]
    for flag, ranges in enumerate(places):
        covered = any(a < b and a < len(text) for a, b in ranges)
        assert any(flag in flags for _, flags in cut) is covered
