"""No text and no pattern makes matching slow: the time a character takes does not grow.

Each step is fed with the texts that are worst for it, 10⁵ and 10⁶ characters long; the
pattern shapes with a third of that, since there are many of them and each runs the whole
matcher.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from moderation import errors
from moderation.comments import MAX_TEXT, Author, Comment, Thread
from moderation.disguise import Refolded, before_folding, skeletons
from moderation.rules import RuleSet, compile_paths, compile_text
from moderation.rules.language.schema import MAX_ENTRIES, MAX_LITERAL, MAX_PATTERN
from moderation.rules.language.source import MAX_FILE_BYTES
from moderation.rules.matching.facts import Facts, blank_quotes
from moderation.rules.matching.state import History, Similar
from moderation.text import View, fold

Work = Callable[[str], object]

#: A text of ever new words would be too regular from one unit.
NEW_WORDS = "new words"
LETTERS = "fuckshitaeiouрсх1@!.*-\u0301"


def hostile(unit: str, size: int) -> str:
    if unit != NEW_WORDS:
        return (unit * (size // len(unit) + 1))[:size]
    state, pieces = 1, []
    for _ in range(size // 5 + 1):
        state = state * 1103515245 + 12345 & 0x7FFFFFFF
        pieces += [LETTERS[(state >> shift) % len(LETTERS)] for shift in (8, 12, 16, 20)] + [" "]
    return "".join(pieces)[:size]


def per_character(work: Work, text: str) -> float:
    began = time.process_time()
    work(text)
    return (time.process_time() - began) / len(text)


def assert_linear(work: Work, unit: str, small: int = 100_000, large: int = 1_000_000) -> None:
    work(hostile(unit, 1_000))  # what is made when first asked for
    short, long = hostile(unit, small), hostile(unit, large)
    for last in (False, True):
        # A quadratic step takes ten times as long; the floor is for the clock's sake.
        bound = 4 * min(per_character(work, short) for _ in range(2)) + 3e-7
        taken = per_character(work, long)
        if taken <= bound:
            return
        assert not last, f"{taken * 1e6:.2f} µs a character, at most {bound * 1e6:.2f}"


def rules(when: str) -> RuleSet:
    return RuleSet.parse(
        "version: 1\nrules:\n"
        f"  - {{id: r, action: flag, reason: '{{match}} {{author}}', when: {when}}}\n"
    )


def matching(when: str) -> Work:
    ruleset = rules(when)
    return lambda text: ruleset.match(Comment("1", text), {})


def fact(name: str) -> Work:
    return lambda text: Facts(Comment("1", text), {}).number(name)


def cases(table: dict[str, tuple[Work, list[str]]]) -> list[object]:
    return [
        pytest.param(work, unit, id=f"{name}-{unit.encode('unicode_escape').decode()}")
        for name, (work, units) in table.items()
        for unit in units
    ]


def everywhere(view: View) -> None:
    for part in range(20):
        at = part * len(view.text) // 20
        view.span(at, min(len(view.text), at + 5))
    view.span(0, len(view.text))


def read_under(text: str) -> None:
    under = before_folding(text)
    if under is not None:
        everywhere(Refolded(under))


def read_skeletons(text: str) -> None:
    for reading in skeletons(View(text)):
        reading.span(0, max(1, len(reading.text)))
        reading.touches(0, max(1, len(reading.text)))


def remember(text: str) -> None:
    history = History([Similar(2, 1, 60.0, 0.8)])
    for number in range(2):
        created = datetime(2026, 1, 1, 0, 0, number, tzinfo=UTC)
        history.around(Comment("1", text, author=Author(str(number)), created=created))


SCRIPTS = ("cyrillic", "han", "latin")
NORMALISERS: dict[str, tuple[Work, list[str]]] = {
    "fold": (
        fold,
        ["a", "a\u0336", "\u0f71\u0f72", "\u0301\u0327", "\u200b", "a\u200b", "\ufdfa ", "학",
         "ᅡ", "👩\u200d", "\ud800", "ｶﾞ", "\u3099", "ﬃ", "İ"],
    ),
    "fold, cased": (lambda text: fold(text, keep_case=True), ["\u0f71\u0f72", "Ａ"]),
    "span": (
        lambda text: everywhere(View(text)),
        ["a", "é", "\u0336", "a\u0336", "\u0f71\u0f72", "\u200b", "👩\u200d", "학", "\ud800"],
    ),
    "entities": (read_under, ["&", "&amp;", "&amp;amp;", "&#102;", "&aaaaaaaaaaaaaaaaaaaaaaaaaaa"]),
    "overrides": (read_under, ["\u202e", "\u202ea", "\u202ekcuf\u202c ", "\u202e" + "a" * 9999]),
    "skeletons": (read_skeletons, ["aф", "aф ", "ф", "a\u0336", "\u0336", "é", "🇫", "ɑ"]),
    "links": (fact("links"), ["http://a.", "www.", "www.a.b ", "a@", "http://a.b/ "]),
    "mentions": (fact("mentions"), ["@", "a@", " @a", "@a@"]),
    "words": (fact("words"), ["a", "a'", "é-", "é "]),
    "emoji": (fact("emoji"), ["👩\u200d", "👍🏽"]),
    "caps": (fact("caps_ratio"), ["A", "É"]),
    "repeats": (fact("repeats"), ["a", "ab", "aab", "\n"]),
    "script": (
        lambda text: Facts(Comment("1", text), {}).written_in(SCRIPTS), ["a", "aф ", "한", "\ud800"]
    ),
    "quotes": (
        blank_quotes, [">", ">\n", " ", '"', '"a', "\u201c", "\u201ca", "\u201e", "«", '"a"', "\t>"]
    ),
    "similar": (remember, ["a", "\u0336", "é "]),
}  # fmt: skip


@pytest.mark.parametrize(("work", "unit"), cases(NORMALISERS))
def test_normalisers_are_linear(work, unit):
    assert_linear(work, unit)


PLAIN = "{text: {words: [fuck, shit, asshole, kill yourself, il], evasion: %s}}"
PARTS = "{text: {contains: [asshole, uckf], evasion: %s}}"
NORMAL, STRICT = matching(PLAIN % "normal"), matching(PLAIN % "strict")
#: The whole matcher, on what one step of reading disguises has most to do with.
DISGUISES: dict[str, tuple[Work, list[str]]] = {
    "spaced": (NORMAL, ["f u c k ", "f u "]),
    "chunks": (NORMAL, ["a5 ", "@name "]),
    "broken": (NORMAL, ["f.uck ", "f-u-"]),
    "masked": (NORMAL, ["f*ck ", "f*"]),
    "tokens": (NORMAL, ["sh1t ", "il1|!"]),
    "inside": (matching(PARTS % "normal"), ["xa55h0le "]),
    "strict": (STRICT, ["f*** ", "fvck "]),
    "many readings": (STRICT, ["f u c k aф é &amp; \u202e "]),
    "never the same": (NORMAL, [NEW_WORDS]),
    "other scripts": (NORMAL, ["fuсk "]),
    "marks": (NORMAL, ["f\u0336u\u0336"]),
    "expanded": (NORMAL, ["ﬃ"]),
    "invisible": (NORMAL, ["f\u200b"]),
    "decoded": (NORMAL, ["&#102;uck "]),
    "turned": (NORMAL, ["\u202ekcuf\u202c "]),
    "quoted": (matching("{text: {words: [fuck], quotes: ignore}}"), ['"fuck', "\u201e"]),
}


@pytest.mark.parametrize(("work", "unit"), cases(DISGUISES))
def test_matching_is_linear(work, unit):
    assert_linear(work, unit)


SHAPES: dict[str, tuple[str, list[str]]] = {
    "words": ("{text: [a, b c, kill yourself]}", ["a ", "a", "kill  ", "b " * 9]),
    "contains": ("{text: {contains: [aa, 'a b', \u0336]}}", ["a", "a ", "\u0336"]),
    "starts_with": ("{text: {starts_with: [a b, zz]}}", [" ", "a ", "z"]),
    "ends_with": ("{text: {ends_with: [a, 'a b']}}", ["a ", " ", "ab"]),
    "equals": ("{text: {equals: [a, 'a b']}}", ["a", " "]),
    "counted": (r"{text: {regex: ['(?:ab?){20,60}c', '[a-z]{50}x']}}", ["ab", "a"]),
    "alternatives": (r"{text: {regex: '(a|aa|aaa|a*)+b'}}", ["a", "ab"]),
    "dots": (r"{text: {regex: 'a.*b.*c.*d.*z'}}", ["abcd", "a\n"]),
    "dots, found": (r"{text: {regex: '(?s)a.*z|a'}}", ["a", "za"]),
    "empty": (r"{text: {regex: '\b(?:.*z|)'}}", ["a ", "é "]),
    "edges": (r"{text: {regex: '\bf\w*k\b|(?m)^>.*$'}}", ["f", "fk ", ">"]),
    "link": ("{link: [a.b, example.com]}", ["www.a.b ", "http://a.", "http://" + "a." * 500]),
    "cased": ("{text: {words: [A, É], case_sensitive: true}}", ["A ", "É", "e\u0301"]),
    "quotes": ("{text: {regex: 'a+', quotes: ignore}}", ['"a', "a\u201c", ">a\n"]),
    "strict": ("{text: {words: [fuck, ass], evasion: strict}}", ["fuuck ", "a$$ ", "v"]),
    "list": (f"{{text: [{', '.join(f'w{n} x' for n in range(500))}]}}", ["w1 ", "w1 x "]),
}


@pytest.mark.parametrize(
    ("work", "unit"),
    cases({name: (matching(when), units) for name, (when, units) in SHAPES.items()}),
)
def test_pattern_shapes_are_linear(work, unit):
    assert_linear(work, unit, 30_000, 300_000)


@pytest.fixture(scope="module")
def packs() -> RuleSet:
    return RuleSet.load([Path(__file__).parents[3] / "rules"])


@pytest.mark.parametrize("unit", ["f u c k ", "\u0f71\u0f72", NEW_WORDS, "\u201e"])
def test_a_million_characters_never_hold_up_the_queue(unit, packs):
    """About two seconds with the packs; the bound leaves room for a slow machine."""
    text = hostile(unit, MAX_TEXT)
    assert per_character(lambda text: packs.match(Comment("1", text), {}), text) < 1e-5


def test_what_is_read_as_written_has_no_limit():
    """Disguises are looked for up to a limit, plain words to the end."""
    text = hostile("f*ck ", MAX_TEXT - 20) + " shit " + "sh1t"
    [flag] = rules("{text: [shit]}").match(Comment("1", text), {})[0]
    assert [span.text for span in flag.spans] == ["shit"]


@pytest.mark.parametrize("field", ["text", "title", "author"])
def test_a_comment_has_a_largest_size(field):
    def comment(length: int) -> Comment:
        texts = {"text": "", "title": "", "author": ""} | {field: "a" * length}
        return Comment(
            "1",
            texts["text"],
            author=Author(texts["author"]),
            thread=Thread("t", title=texts["title"]),
        )

    anything = rules("{text: [shit]}")
    anything.match(comment(MAX_TEXT), {})
    for match in (anything.match, anything.assess):
        with pytest.raises(errors.TooLongError) as raised:
            match(comment(MAX_TEXT + 1), {})
        assert (raised.value.field, raised.value.length) == (field, MAX_TEXT + 1)
        assert f"{field} has 1,000,001 characters, over the limit of 1,000,000" in str(raised.value)
        assert raised.value.hint


def told(when: str, lists: str = "") -> tuple[str, str]:
    text = f"version: 1\n{lists}rules:\n  - {{id: r, action: flag, when: {when}}}\n"
    [problem] = compile_text(text).errors
    return problem.code, problem.message


@pytest.mark.parametrize(
    ("when", "code", "message"),
    [
        (f"{{text: {{regex: '{'a' * (MAX_PATTERN + 1)}'}}}}", "too-long", "1,000 characters"),
        (f"{{text: ['{'a' * (MAX_LITERAL + 1)}']}}", "too-long", "1,000 characters"),
        ("{text: {regex: '(?:\\pL{1,100}){1,10}'}}", "bad-pattern", "too large"),
        (f"{{text: [{'a, ' * (MAX_ENTRIES + 1)}]}}", "list-too-long", "more than 100,000 entries"),
    ],
    ids=["pattern", "literal", "program", "list"],
)
def test_what_a_rule_says_has_a_largest_size(when, code, message):
    found = told(when)
    assert found[0] == code
    assert message in found[1]


def test_files_have_a_largest_size(tmp_path):
    file = tmp_path / "rules.yaml"
    file.write_bytes(b"#" * (MAX_FILE_BYTES + 1))
    [problem] = compile_paths([file]).errors
    assert problem.code == "file-too-large"
    assert f"{MAX_FILE_BYTES:,} bytes" in problem.message
    rule = "rules:\n  - {id: r, action: flag, when: {text: ['@long']}}\n"
    file.write_text("version: 1\nlists: {long: {file: long.txt}}\n" + rule)
    for content, message in (
        ("a" * (MAX_FILE_BYTES + 1), f"larger than {MAX_FILE_BYTES:,} bytes"),
        ("a\n" * (MAX_ENTRIES + 1), f"more than {MAX_ENTRIES:,} entries"),
        ("a" * (MAX_LITERAL + 1), "longer than 1,000 characters"),
    ):
        (tmp_path / "long.txt").write_text(content)
        assert message in compile_paths([file]).errors[0].message
