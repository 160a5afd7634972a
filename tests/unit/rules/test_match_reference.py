"""The matcher against plain `re` on a slow fold with its own map of offsets: the same rules
match, at the same places."""

import os
import re
import unicodedata
from dataclasses import dataclass
from itertools import islice

from hypothesis import example, given, settings
from hypothesis import strategies as st

from moderation import text as tables
from moderation.comments import Comment
from moderation.rules import RuleSet
from moderation.rules.matching.patterns import MAX_PLACES

#: Some thousands take minutes: MODERATION_EXAMPLES=20000 pytest …
EXAMPLES = int(os.environ.get("MODERATION_EXAMPLES", "250"))
slow_but_sure = settings(
    max_examples=EXAMPLES, deadline=None, derandomize="MODERATION_EXAMPLES" not in os.environ
)

# --- What a text is read as, one character at a time ---------------------------------

_GONE = re.compile(f"[{tables._INVISIBLE}]")
_SAME = [
    (re.compile(f"[{tables._SINGLE_QUOTES}]"), "'"),
    (re.compile(f"[{tables._DOUBLE_QUOTES}]"), '"'),
    (re.compile(f"[{tables._DASHES}]"), "-"),
    (re.compile(f"[{tables._BLANKS}]"), " "),
    (re.compile(f"[{tables._SURROGATES}]"), "\ufffd"),
]
#: Vowels and finals of Hangul, and half-width signs that change the letter before them.
_JOINING = re.compile("[\u1161-\u11ff\u3131-\u318e\uff9e\uff9f\uffa0-\uffdc]")


def unified(text: str) -> str:
    for pattern, read in _SAME:
        text = pattern.sub(read, text)
    return text


def folded(text: str, cased: bool) -> str:
    text = unified(unicodedata.normalize("NFKC", unified(_GONE.sub("", text))))
    return text if cased else text.casefold()


def is_mark(char: str) -> bool:
    return (
        unicodedata.category(char)[0] == "M"
        or bool(_JOINING.match(char))
        or unicodedata.combining(unicodedata.normalize("NFKD", char)[0]) != 0
    )


def places_to_part(text: str, cased: bool) -> list[tuple[int, int]]:
    """(offset, offset in the folded text) of each place that no letter with its marks
    stands across: both parts fold to what the whole folds to."""
    whole = folded(text, cased)
    found = []
    for at in range(len(text) + 1):
        rest = _GONE.sub("", text[at:])
        before = folded(text[:at], cased)
        if (at == 0 or not rest or not is_mark(rest[0])) and (
            before + folded(text[at:], cased) == whole
        ):
            found.append((at, len(before)))
        elif at == len(text):
            found.append((at, len(whole)))
    return found


def original(parts: list[tuple[int, int]], start: int, end: int) -> tuple[int, int]:
    return (
        max(at for at, there in parts if there <= start),
        min(at for at, there in parts if there >= end),
    )


# --- What a rule is, and what `re` makes of it ---------------------------------------


@dataclass(frozen=True)
class Test:
    __test__ = False

    operator: str
    entries: tuple[str, ...]
    cased: bool = False


def is_wordy(char: str) -> bool:
    return bool(re.match(r"\w", char)) or unicodedata.category(char)[0] == "M"


def pattern_of(test: Test, text: str) -> str:
    """A pattern for this folded text; its group is the passage to mark."""
    if test.operator == "regex":
        return f"(?a:({'|'.join(test.entries)}))"
    # `\w` lacks marks; a class of those of this text is enough.
    marks = "".join(re.escape(char) for char in set(text) if unicodedata.category(char)[0] == "M")
    wordy = rf"[\w{marks}]"
    literals = {" ".join(folded(entry, test.cased).split()) for entry in test.entries}
    parts = []
    for literal in sorted(literals, key=lambda one: (-len(one), one)):
        source = r"\s+".join(re.escape(word) for word in literal.split(" "))
        if test.operator == "words":
            if is_wordy(literal[0]):
                source = f"(?<!{wordy})" + source
            if is_wordy(literal[-1]):
                source += f"(?!{wordy})"
        parts.append(source)
    shape = {"starts_with": r"\A\s*({})", "ends_with": r"({})\s*\Z", "equals": r"\A\s*({})\s*\Z"}
    return shape.get(test.operator, "({})").format("|".join(parts))


def reference(test: Test, text: str) -> list[tuple[int, int]]:
    read = folded(text, test.cased)
    pattern = pattern_of(test, read)
    parts = places_to_part(text, test.cased)
    matches = islice(re.finditer(pattern, read), MAX_PLACES)
    return sorted({original(parts, *one.span(1)) for one in matches})


# --- Rules and texts at random -------------------------------------------------------

LETTERS = "abkAB é1_-+'ж🙂한かßſ"
ODD = (
    "\u0301\u0327\u0336\u200b\u00ad\u200d\u202e\u2066\ufe0f\u3099\uff9e\u1161\u11a8\u1100"
    "\u0f71\u0f72\u093f\u0131\u0130\ufdfa\ufb03\u2034\u207b\u00a0\u3000\u2019\u201c\ud800\udc00"
    "\U0001d586\U000e0061\u212a\uff21\u1e9b\u0345\u03c2\n\t\x1c"
)
_ANY = st.characters(exclude_categories=["Cn"])
_CHARS = st.one_of(st.sampled_from(LETTERS), st.sampled_from(ODD), _ANY)
#: A rule file is UTF-8 and YAML, which some characters have no place in.
_WRITABLE = "abkAé1_+ж🙂한ßＡ𝖆\u0301\u0f71か\u3099ﬃ’"
_WORDS = st.text(_WRITABLE, min_size=1, max_size=4).filter(lambda text: folded(text, False).strip())
_PHRASES = st.lists(_WORDS, min_size=1, max_size=3).map(" ".join)
_PIECES = st.recursive(
    st.sampled_from(
        ["a", "b", "k", "é", "ж", "1", " ", "_", "-", "[ab]", "[^a ]", "🙂", r"\d", r"\+"]
    ),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        st.tuples(inner, st.sampled_from(["+", "{1,2}", "+?"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
        st.tuples(inner, st.sampled_from(["?", "*", ".?", r"\b"]), inner).map(
            lambda three: f"(?:{three[0]}){three[1]}{three[2]}"
        ),
    ),
    max_leaves=6,
)
_TESTS = st.one_of(
    st.builds(
        Test,
        st.sampled_from(["words", "words", "contains", "starts_with", "ends_with", "equals"]),
        st.lists(_PHRASES, min_size=1, max_size=4).map(tuple),
        st.booleans(),
    ),
    st.builds(
        Test,
        st.just("regex"),
        st.lists(_PIECES.filter(str.strip), min_size=1, max_size=2).map(tuple),
    ),
)


@st.composite
def cases(draw) -> tuple[list[Test], str]:
    tests = draw(st.lists(_TESTS, min_size=1, max_size=6))
    entries = [entry for test in tests if test.operator != "regex" for entry in test.entries]
    pieces = st.one_of(
        st.text(_CHARS, max_size=8), st.sampled_from(entries) if entries else st.nothing()
    )
    joints = st.sampled_from(["", " ", "  ", "-", "\u200b", "\u0301", "\n"])
    parts = draw(st.lists(st.tuples(pieces, joints), max_size=6))
    return tests, "".join(piece + joint for piece, joint in parts)


def quoted(entries) -> str:
    return "[" + ", ".join("'" + entry.replace("'", "''") + "'" for entry in entries) + "]"


def rules_of(tests: list[Test], evasion: str, lists: bool = False) -> RuleSet:
    head, body = "version: 1\n", ""
    for number, test in enumerate(tests):
        entries = quoted(test.entries)
        if lists and test.operator != "regex":
            head += ("lists:\n" if "lists:" not in head else "") + f"  l{number}: {entries}\n"
            entries = f"['@l{number}']"
        elif test.operator == "regex":
            entries = quoted(["|".join(test.entries)])
        body += (
            f"  - id: r{number}\n    action: flag\n    when: {{text: {{{test.operator}: {entries}, "
            f"evasion: '{evasion}', case_sensitive: {str(test.cased).lower()}}}}}\n"
        )
    return RuleSet.parse(head + "rules:\n" + body)


def found(rules: RuleSet, text: str) -> dict[str, list[tuple[int, int]]]:
    flags = rules.match(Comment("1", text), {})[0]
    for flag in flags:
        assert flag.spans == tuple(sorted(flag.spans))
        for span in flag.spans:
            assert 0 <= span.start < span.end <= len(text)
            assert text[span.start : span.end] == span.text
    return {flag.rule: [(span.start, span.end) for span in flag.spans] for flag in flags}


def expected(tests: list[Test], text: str) -> dict[str, list[tuple[int, int]]]:
    return {
        f"r{number}": places
        for number, test in enumerate(tests)
        if (places := reference(test, text))
    }


@slow_but_sure
@given(cases(), st.booleans())
@example(([Test("words", ("゙",))], "0゙"), False)  # a mark alone, after a word
@example(([Test("regex", ("-",))], "¸\ud800-"), False)
@example(([Test("contains", ("xa", "aba"))], "xababa"), False)  # what overlaps what counts
@example(([Test("words", ("a-b",))], "a⁻b"), True)
def test_ids_and_places_are_those_of_re(case, lists):
    tests, text = case
    assert found(rules_of(tests, "off", lists), text) == expected(tests, text)


@slow_but_sure
@given(cases(), st.sampled_from(["normal", "strict"]))
def test_other_readings_only_add_to_what_re_finds(case, evasion):
    tests, text = case
    there = found(rules_of(tests, evasion), text)
    for rule, places in expected(tests, text).items():
        assert set(places) <= set(there.get(rule, ()))
