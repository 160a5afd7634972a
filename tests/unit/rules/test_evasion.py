"""Disguised spelling: read as what it stands for, said so, and nothing innocent with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.evasion import (
    CLEAN,
    DISGUISES,
    TARGET,
    TARGETS,
    missed,
    one_rule_a_word,
    pack_words,
)
from moderation.comments import Comment, Flag
from moderation.rules import RuleSet
from moderation.rules.matching.disguised import is_stretched, pattern_of
from moderation.rules.matching.vocabulary import regex_words


def flags(when: str, text: str) -> tuple[Flag, ...]:
    rules = RuleSet.parse(f"version: 1\nrules:\n  - id: r\n    action: flag\n    when: {when}\n")
    return rules.match(Comment("1", text), {})[0]


@pytest.fixture(scope="module")
def words() -> list[str]:
    return pack_words(60)


@pytest.fixture(scope="module")
def rules(words: list[str]) -> RuleSet:
    return one_rule_a_word(words)


@pytest.mark.parametrize("name", DISGUISES)
def test_recall(name, words, rules):
    lost = list(missed(rules, words, DISGUISES[name]))
    assert 1 - len(lost) / (3 * len(words)) >= TARGETS.get(name, TARGET), lost[:10]


@pytest.mark.parametrize("text", CLEAN)
def test_stays_clean(text, rules):
    wordlist = "{text: [ass, tit, cunt, penis, cock, hit, crap, fag, anal, сука, kill, suck]}"
    for found in (*rules.match(Comment("1", text), {})[0], *flags(wordlist, text)):
        assert not found.reading


@pytest.mark.parametrize(
    ("when", "text", "marked", "reading"),
    [
        ("{text: [fuck]}", "you FÜСК!", "FÜСК", "FÜСК read as fuck"),
        ("{text: [fuck]}", "phuck that", "phuck", "phuck read as fuck"),
        ("{text: [fuck]}", "x f.u.c.k y", "f.u.c.k", "f.u.c.k read as fuck"),
        ("{text: [fuck]}", "x f*ck y", "f*ck", "f*ck read as fuck"),
        ("{text: [fuck]}", "<b>f.uck</b>", "f.uck", "f.uck read as fuck"),
        ("{text: [fuck]}", "a &#102;uck b", "&#102;uck", "&#102;uck read as fuck"),
        ("{text: [ass]}", "an @ss", "@ss", "@ss read as ass"),
        ("{text: [kill yourself]}", "k1ll y0urself", "k1ll y0urself", None),
        (
            "{text: [kill yourself]}",
            "so k i l l y o u r s e l f",
            "k i l l y o u r s e l f",
            None,
        ),
        ("{text: {contains: [moron]}}", "you m0r0nic one", "m0r0nic", None),
        (r"{text: {regex: '\b(idiot|moron)s?\b'}}", "1d1ots!", "1d1ots", None),
        ("{text: [сука]}", "ты cукa", "cукa", None),
        ("{text: [сука]}", "ты с у к а", "с у к а", None),
        ("{text: [fuck]}", "plain Fuck", "Fuck", ""),
        ("{text: [don't]}", "I don’t", "don’t", ""),
    ],
)
def test_every_hit_says_how_it_was_read(when, text, marked, reading):
    (flag,) = flags(when, text)
    (span,) = flag.spans
    assert span.text == text[span.start : span.end] == marked
    if reading is not None:
        assert flag.reading == reading
    assert flag.reading in flag.reason
    assert bool(flag.reading) == flag.reason.endswith("(" + flag.reading + ")")


def test_off_reads_as_written_and_strict_reads_more():
    for text in ("f*ck", "f.u.c.k", "fuuuck", "fսck", "phuck"):
        assert not flags("{text: {words: [fuck], evasion: 'off'}}", text), text
        assert flags("{text: {words: [fuck], evasion: strict}}", text), text
    for text in ("fvck", "f***", "fuuck"):
        assert not flags("{text: [fuck]}", text), text
        assert flags("{text: {words: [fuck], evasion: strict}}", text), text


def test_a_word_that_could_be_several_is_each_of_them():
    for word in ("sick", "suck", "sock"):
        assert flags(f"{{text: [sick, suck, sock], all: [{{text: [{word}]}}]}}", "you s*ck")


def test_an_exception_sees_through_the_same_disguise():
    assert not flags("{text: [shit], not: {text: [holy shit]}}", "holy sh1t")


@pytest.mark.parametrize(
    ("regex", "words", "parts"),
    [
        (r"\b(idiot|moron)s?\b", {"idiot", "idiots", "moron", "morons"}, set()),
        (r"\bfuck\w*", {"fuck"}, {"fuck"}),
        (r"(very )*stupid", {"stupid", "very"}, set()),
        (r"wh[oe]re?s", {"whores", "wheres", "whors", "whers"}, set()),
        (r"[a-z]+xyz", set(), set()),
        (r"(", set(), set()),
    ],
)
def test_words_of_a_regex(regex, words, parts):
    assert regex_words(regex) == (words, parts)


@given(
    st.text("aabç", min_size=1, max_size=4),
    st.lists(st.sampled_from((1, 1, 2, 3)), min_size=4, max_size=4),
    st.booleans(),
)
def test_letters_alone_are_as_the_pattern_says(word, counts, strict):
    token = "".join(letter * count for letter, count in zip(word, counts, strict=False))
    found = pattern_of(word, strict=strict).fullmatch(token) is not None
    assert is_stretched(token, word, strict) == found
    assert not is_stretched(token + "x", word, strict)


@given(st.text("fuck fսc*k.@1!\u202e\u200b&#102;\u0336🇫🇺-ñéФ→•½ \n", max_size=40))
def test_spans_always_point_into_the_original(text):
    for flag in flags("{text: {words: [fuck, uc], contains: [uck]}}", text):
        for span in flag.spans:
            assert span.text == text[span.start : span.end] != ""
