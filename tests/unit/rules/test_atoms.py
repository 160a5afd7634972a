"""Required substrings: they may let too much through, never too little."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.packs import packs_folder
from moderation.rules.compile import compile_paths
from moderation.rules.matching.atoms import Needs, atom, of_literals, of_regex, squeezed
from moderation.rules.matching.needs import NeedsIndex
from moderation.rules.matching.patterns import compile_pattern, literal_pattern, regex_pattern
from moderation.text import fold


def candidates(index, text):
    """The patterns that the index lets through, sure of them or not."""
    sure, worth = index.search(text)
    return sure | worth


@pytest.mark.parametrize(
    ("regex", "groups"),
    [
        ("foobar", [{"foobar"}]),
        ("foo.*quux", [{"quux"}, {"foo"}]),
        (r"\b(pear|plum)s?\b", [{" pear ", " plum ", " pears ", " plums "}]),
        (r"\b(pear|plum)\w*", [{" pear", " plum"}]),
        (r"^pear\W+plum$", [{" plum "}, {" pear "}]),
        (r"kill\s+(you|him)\b", [{"kill you ", "kill him "}]),
        ("pears?,? plum", [{"pear plum", "pears plum"}]),
        (r"\bé\b", [{"é"}]),  # to RE2 it is no letter: `xé` matches, and ` é` need not be there
        ("frog|fry", [{"frog", "fry"}]),
        ("frog.*|frisbee+", [{"frog", "frisbee"}]),
        ("(a|b)?xyz", [{"axyz", "bxyz", "xyz"}]),
        ("x{5}", [{"xxxxx"}]),
        ("(?:abc)*", []),
        ("(?:abc)+de", [{"abcde"}]),
        (r"([a-z]+ )+court\b", [{" court "}]),
        (r"(fox |dog )+ran", [{"fox ran", "dog ran"}]),
        ("[a-z]+", []),
        ("a|bcd", []),
        (r"\S+@\S+", [{"@"}]),
        ("(?i)ABC", [{"abc"}]),
        (r"\pL+zz", []),  # Python's parser does not know \pL: nothing is asked for
        ("[[:alpha:]]zebra", []),  # nor [:alpha:]
    ],
)
def test_groups(regex, groups):
    assert [set(group) for group in of_regex(regex, keep_case=False).groups] == groups


@pytest.mark.parametrize(
    ("regex", "digits"),
    [(r"\d{3}-\d{4}", 7), (r"(\d|ab)7", 1), (r"[0-9]{2,5}", 2), (r"\d*", 0), ("[5-7]a", 1)],
)
def test_digits(regex, digits):
    assert of_regex(regex, keep_case=False).digits == digits


def test_literals_are_asked_for_as_they_stand_in_squeezed_text():
    assert of_literals(["in the  tournament", "c++"]) == Needs(
        (frozenset({"in the tournament", "c "}),)
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("don't -- stop!", " don t stop "),
        ("aéb", " a é b "),
        ("", "  "),
        ("x_1.\n y", " x_1 y "),
    ],
)
def test_squeezed(text, expected):
    assert squeezed(text.encode()).decode() == expected


@given(
    st.text("ab_é ж1.'-\n", max_size=12),
    st.text("ab_é ж1.'-\n", min_size=1, max_size=6),
    st.text("ab_é ж1.'-\n", max_size=12),
)
def test_an_atom_is_in_every_text_that_has_its_passage(before, passage, after):
    text = before + passage + after
    found = atom(passage)
    assert found in squeezed(text.encode()).decode() or found in text


REGEXES = [
    r"\b(i|we)('ll| will) (kill|shoot) you\b",
    r"(^|[.!?]\s*)(go|get) (away|lost)",
    r"a{3}|b{3}",
    r"\b\d{2} ?(pears?|plums)\b",
    r"(pear|plum) (and|or) (pear|plum)",
    r"x(y|z)*w",
    r"ß|ü+",
    r"\bpear\W+(plum|\d+)",
    r"(pear |plum )+12\b",
    r"we'?ll[ -]get$",
    r"(kill|get)\b.{0,3}\blost",
]
WORDS = [
    *(
        "i we 'll  will kill shoot you go get away lost . ! aaa bb bbb 12 3 pear plums and or"
    ).split(),
    *(" ", "\n", "-", "é", "x", "y", "w", "ß", "SS", "Ü", "Kill", "ｐｅａｒ"),
]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(WORDS), max_size=14).map("".join))
def test_nothing_that_matches_is_left_out(text):
    text = fold(text)
    patterns = [regex_pattern(regex, False, lambda _: None) for regex in REGEXES]
    patterns += [
        literal_pattern("words", ["pear", "get lost", "i'll"], False),
        literal_pattern("contains", ["lum", "go away"], False),
    ]
    index = NeedsIndex((number, pattern.needs) for number, pattern in enumerate(patterns))
    matching = {
        number
        for number, pattern in enumerate(patterns)
        if compile_pattern(pattern).search(text) is not None
    }
    assert matching <= candidates(index, text)


def test_every_match_test_of_the_packs_is_let_through():
    compiled = compile_paths([packs_folder()])
    tests = [
        (n, p) for n, (field, p) in enumerate(compiled.tests) if field == "text" and not p.keep_case
    ]
    index = NeedsIndex((number, pattern.needs) for number, pattern in tests)
    for rule in compiled.rules:
        for case in (*rule.match_tests, *rule.pass_tests):
            text = fold(case.text)
            worth = candidates(index, text)
            for number, pattern in tests:
                if number not in worth:
                    assert compile_pattern(pattern).search(text) is None, (pattern.source, text)


def test_long_text_is_searched_in_pieces():
    index = NeedsIndex([(0, of_literals(["needle in hay"])), (1, of_literals(["aa"]))])
    text = "a" * 65_530 + " needle in hay " + "b" * 100_000
    assert candidates(index, text) == {0, 1}
    started = time.perf_counter()
    assert candidates(index, "a" * 2_000_000) == {1}
    assert time.perf_counter() - started < 10
