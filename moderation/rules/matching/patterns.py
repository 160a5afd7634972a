"""Text operators as RE2 patterns.

Every operator becomes one linear-time pattern whose group 1 is the passage to mark; of a
regex it is the group that its author named `match`, else the whole match.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from heapq import heapify, heappop, heappush
from typing import Any

import re2

from moderation.disguise import Edited, Mapped, Refolded
from moderation.rules.matching import atoms
from moderation.rules.matching.atoms import Needs
from moderation.text import fold

# A word ends where no letter, mark, digit or underscore follows: Unicode's sense,
# which RE2's own `\b` (ASCII) does not have.
_WORDY = r"\p{L}\p{M}\p{N}_"
_BEFORE = rf"(?:^|[^{_WORDY}])"
_AFTER = rf"(?:$|[^{_WORDY}])"
#: All that `str.split` takes for a blank and folding leaves.
_BLANKS = r"[\s\x0b\x1c-\x1f]+"
_IS_WORDY = re.compile(r"\w", re.UNICODE)

_ANYWHERE = re2._Anchor.UNANCHORED

#: Bytes for one pattern's program and automaton.
_PATTERN_MEMORY = 8 << 20
#: A larger program runs out of that memory and falls back to a hundredth of the speed.
_MAX_PROGRAM = 20_000
#: More places than this on one comment and test are not marked.
MAX_PLACES = 50
#: Nor are those after so many searches for the next place.
_MAX_SEARCHES = 4 * MAX_PLACES
#: Entries of a list times characters of a text, above which one regex for all is faster.
_MAX_LOOKS = 1_000_000_000


class PatternError(Exception):
    """A pattern that RE2 refuses; `hint` says what to write instead."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Pattern:
    """The source of a compiled test: `group` is the passage to mark.

    `needs` is what a text must hold to be worth running it on. `evasion` says through
    which views it also reads a text, `entries` the folded literals that it stands for.
    `spelt` are the words and the parts of words that a regex spells out, if worked out before.
    """

    source: str
    keep_case: bool
    group: int
    needs: Needs = atoms.NOTHING
    evasion: str = "normal"
    operator: str = "regex"
    entries: tuple[str, ...] = ()
    spelt: tuple[frozenset[str], frozenset[str]] | None = field(default=None, compare=False)


def literal_pattern(
    operator: str, entries: Sequence[str], keep_case: bool, *, evasion: str = "normal"
) -> Pattern:
    """`entries` (as written) under `words`, `contains`, `starts_with`, … as a pattern.

    Raises:
        PatternError: an entry that folds to nothing and would match everywhere.
    """
    folded: set[str] = set()
    for entry in entries:
        text = " ".join(fold(entry, keep_case=keep_case).split())
        if not text:
            raise PatternError(f"'{entry}' is empty once invisible characters are removed")
        folded.add(text)
    # Longest first: RE2 takes the first alternative that fits, and marks it.
    ordered = sorted(folded, key=lambda text: (-len(text), text))
    if operator == "words":
        # The boundary is asked for only where the entry has a word character: `c++`.
        alternatives = "|".join(
            _literal(text) for text in ordered if _wordy(text[0]) and _wordy(text[-1])
        )
        odd = [
            (_BEFORE if _wordy(text[0]) else "")
            + f"({_literal(text)})"
            + (_AFTER if _wordy(text[-1]) else "")
            for text in ordered
            if not (_wordy(text[0]) and _wordy(text[-1]))
        ]
        parts = ([f"{_BEFORE}({alternatives}){_AFTER}"] if alternatives else []) + odd
        needs = atoms.of_literals(ordered, whole=True)
        return Pattern("|".join(parts), keep_case, 1, needs, evasion, operator, tuple(ordered))
    alternatives = "|".join(map(_literal, ordered))
    shape = {
        "contains": "({})",
        "starts_with": r"\A\s*({})",
        "ends_with": r"({})\s*\z",
        "equals": r"\A\s*({})\s*\z",
    }[operator]
    needs = atoms.of_literals(ordered)
    source = shape.format(alternatives)
    return Pattern(source, keep_case, 1, needs, evasion, operator, tuple(ordered))


def link_pattern(
    operator: str, entries: Sequence[str], keep_case: bool, *, evasion: str = "normal"
) -> Pattern:
    """Literals on the field `link`, which holds one domain a line.

    A domain is read as written: its look-alikes are other domains.
    """
    pattern = literal_pattern(operator, entries, keep_case)
    if operator in ("words", "equals"):
        alternatives = "|".join(_literal(fold(entry.strip())) for entry in entries)
        source = rf"(?m)^({alternatives})$"
    else:
        source = "(?m)" + pattern.source.replace(r"\A\s*", "^").replace(r"\s*\z", "$")
    return Pattern(source, keep_case, 1, atoms.of_literals(pattern.entries), "off")


def _wordy(char: str) -> bool:
    return bool(_IS_WORDY.match(char)) or unicodedata.category(char)[0] == "M"


def _literal(text: str) -> str:
    return _BLANKS.join(re2.escape(word) for word in text.split(" "))


_LIST_NAME = re.compile(r"(\\.)|@([A-Za-z_][A-Za-z0-9_]*)", re.DOTALL)


def regex_pattern(
    source: str,
    keep_case: bool,
    lists: Callable[[str], Sequence[str] | None],
    *,
    evasion: str = "normal",
) -> Pattern:
    """A rule author's regex, with `@name` replaced by the list's entries.

    Raises:
        PatternError: RE2 refuses it, a list is unknown, or it matches the empty text.
    """

    def expand(found: re.Match[str]) -> str:
        if found[1]:
            return found[0]
        entries = lists(found[2])
        if entries is None:
            before = source[: found.start()]
            # Elsewhere an @ is more likely an address: `\w+@example`.
            if not before or before[-1] in "(| ^b":
                raise PatternError(
                    f"there is no list '{found[2]}'",
                    f"declare it under `lists:`, or write \\@{found[2]}",
                )
            return found[0]
        folded = {" ".join(fold(entry, keep_case=keep_case).split()) for entry in entries}
        return "|".join(map(_literal, sorted(folded, key=lambda text: (-len(text), text))))

    expanded = _LIST_NAME.sub(expand, source)
    # The text is folded, so non-ASCII literals of the pattern must be, too.
    folded = "".join(
        char if char < "\x80" else _fold_in_pattern(char, keep_case) for char in expanded
    )
    needs = atoms.of_regex(folded, keep_case=keep_case)
    pattern = Pattern(folded, keep_case, 0, needs, evasion)
    compiled = compile_pattern(pattern)
    pattern = replace(pattern, group=compiled.groupindex.get("match", 0))
    size = compiled._regexp.ProgramSize()
    if size > _MAX_PROGRAM:
        raise PatternError(
            f"the pattern is too large ({size:,} instructions, at most {_MAX_PROGRAM:,})",
            "use smaller counts than {1,200}, above all on \\p{…} and (…|…)",
        )
    if compiled.match("") is not None:
        raise PatternError(
            "the pattern matches the empty text, so it would match every comment",
            "use + instead of *, or take a part out of its (…)?",
        )
    return pattern


def _fold_in_pattern(char: str, keep_case: bool) -> str:
    folded = fold(char, keep_case=keep_case)
    # A dash or a bracket that appears by folding must not become an operator.
    return "".join(
        re2.escape(c) if c < "\x80" and not c.isalnum() and c != " " else c for c in folded
    )


def _options(keep_case: bool, memory: int) -> Any:
    options = re2.Options()
    options.case_sensitive = keep_case
    options.max_mem = memory
    options.log_errors = False
    return options


@lru_cache(maxsize=100_000)
def compile_pattern(pattern: Pattern) -> Any:
    """The RE2 object of a pattern, compiled once.

    Raises:
        PatternError: with RE2's reason in plain words.
    """
    # A list of thousands of literals is large but harmless; an author's regex is not.
    memory = _PATTERN_MEMORY + 256 * len(pattern.source)
    try:
        return re2.compile(pattern.source, _options(pattern.keep_case, memory))
    except re2.error as error:
        detail = error.args[0] if error.args else error
        text = detail.decode("utf-8", "replace") if isinstance(detail, bytes) else str(detail)
        raise PatternError(*_explain(text)) from None


def _explain(text: str) -> tuple[str, str]:
    what, _, fragment = text.partition(": ")
    at = f": {fragment}" if fragment else ""
    if what == "invalid perl operator" and fragment in ("(?=", "(?!", "(?<=", "(?<!", "(?<"):
        return (
            f"look-around ({fragment}…) is not supported: it cannot run in linear time",
            "put what must not be there under `not: {text: …}`",
        )
    if what == "invalid escape sequence" and re.fullmatch(r"\\[1-9]", fragment):
        return (
            f"the back-reference {fragment} is not supported: it cannot run in linear time",
            "for repeated characters use `repeats: '> 4'`",
        )
    if "too large" in what or "too big" in what:
        return (
            "the pattern is too large",
            "use smaller counts than {1,1000}, or `words` with a list",
        )
    hints = {
        "missing )": "every ( needs a ); a literal one is \\(",
        "unexpected )": "a literal ) is \\)",
        "missing ]": "every [ needs a ]; a literal one is \\[",
        "no argument for repetition operator": "a literal * + ? is \\* \\+ \\?",
    }
    return f"not a valid regex: {what}{at}", hints.get(
        what, "see https://github.com/google/re2/wiki/Syntax"
    )


def found_in(compiled: Any, raw: bytes) -> bool:
    """Whether a pattern is found in UTF-8; `search` would work out where, in characters."""
    return bool(compiled._regexp.Match(_ANYWHERE, raw, 0, len(raw))[0][0] >= 0)


def places(
    pattern: Pattern, view: Mapped, compiled: Callable[[], Any]
) -> list[tuple[int, int, str]]:
    """Up to `MAX_PLACES` matches: original offsets, and the text as it was read. In a
    disguised text only what is read otherwise than it is written.
    `compiled` is asked for where the pattern is no plain literal."""
    found = (
        ((place, place) for place in _find_literals(pattern, view.text))
        if pattern.operator in ("words", "contains")
        and len(pattern.entries) * len(view.text) < _MAX_LOOKS
        else _find(compiled(), pattern, view)
    )
    return [
        (*view.span(start, end), view.text[start:end])
        for (start, end), whole in found
        if not isinstance(view, (Edited, Refolded)) or view.touches(*whole)
    ][:MAX_PLACES]


def _find(
    compiled: Any, pattern: Pattern, view: Mapped
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """The passage to mark and the whole match of each place."""
    raw, regex = view.raw, pattern.operator == "regex"
    #: In bytes where the next search begins, and how many characters stand before it.
    position = before = count = 0
    # A regex may match an empty passage between any two characters.
    for _ in range(_MAX_SEARCHES):
        spans = compiled._regexp.Match(_ANYWHERE, raw, position, len(raw))
        start, end = whole = spans[0]
        if start < 0:
            break
        if spans[pattern.group][0] >= 0:
            start, end = spans[pattern.group]
        elif not regex:
            # Alternatives with their own boundary have their own group; of a regex it is
            # another alternative than the one with the named group.
            start, end = next(span for span in spans[1:] if span[0] >= 0)
        if end > start:
            count += 1
            yield (
                (before + _length(raw[position:start]), before + _length(raw[position:end])),
                (
                    before + _length(raw[position : whole[0]]),
                    before + _length(raw[position : whole[1]]),
                ),
            )
        # A word's closing boundary may be the next one's opening boundary.
        following = whole[1] if regex else end
        if following <= position:
            following = position + 1
            while following < len(raw) and raw[following] & 0xC0 == 0x80:
                following += 1
        if count == MAX_PLACES or following > len(raw):
            break
        position, before = following, before + _length(raw[position:following])


def _length(raw: bytes) -> int:
    """How many characters of UTF-8; `\\C` may have cut one."""
    return len(raw) if raw.isascii() else len(raw.decode("utf-8", "ignore"))


def _find_literals(pattern: Pattern, text: str) -> Iterator[tuple[int, int]]:
    """Without a regex: building one takes far longer than finding a few words. Where two
    overlap, the first counts, and of two there the longer one."""
    whole = pattern.operator == "words"
    reached = count = 0
    if len(pattern.entries) == 1:
        words = pattern.entries[0].split(" ")
        while count < _MAX_SEARCHES and (places := _next_place(text, words, reached, whole)):
            start, reached = places[0][0], -places[0][1]
            count += 1
            yield start, reached
        return
    #: Start, minus the end, and the words, of the next place of each entry.
    following = []
    for entry in pattern.entries:
        words = entry.split(" ")
        if words[0] in text and words[-1] in text:
            following += _next_place(text, words, 0, whole)
    heapify(following)
    while following and count < _MAX_SEARCHES:
        start, end, words = heappop(following)
        if start >= reached:
            reached = -end
            count += 1
            yield start, reached
        for place in _next_place(text, words, reached, whole):
            heappush(following, place)


def _next_place(
    text: str, words: list[str], position: int, whole: bool
) -> list[tuple[int, int, list[str]]]:
    while (start := text.find(words[0], position)) >= 0:
        end = _end_of_phrase(text, start, words)
        if end and (not whole or atoms.is_whole(text, start, end)):
            return [(start, -end, words)]
        position = start + 1
    return []


def _end_of_phrase(text: str, start: int, words: Sequence[str]) -> int:
    """Where the words end that stand at `start` with blanks between them, or 0."""
    end = start + len(words[0])
    for word in words[1:]:
        begin = end
        while begin < len(text) and text[begin].isspace():
            begin += 1
        if begin == end or not text.startswith(word, begin):
            return 0
        end = begin + len(word)
    return end
