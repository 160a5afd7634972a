"""Text operators as RE2 patterns.

Every operator becomes one linear-time pattern whose group 1 (or whole match, for a
regex) is the passage to mark.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2

from moderation.disguise import Edited, Mapped, Refolded
from moderation.rules import atoms
from moderation.rules.atoms import Needs
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
    """

    source: str
    keep_case: bool
    group: int
    needs: Needs = atoms.NOTHING
    evasion: str = "normal"
    operator: str = "regex"
    entries: tuple[str, ...] = ()


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
    return bool(_IS_WORDY.match(char))


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
        _find_literals(pattern, view.text)
        if pattern.operator in ("words", "contains")
        else _find(compiled(), pattern.group, view.text)
    )
    return [
        (*view.span(start, end), view.text[start:end])
        for start, end in found
        if not isinstance(view, (Edited, Refolded)) or view.touches(start, end)
    ][:MAX_PLACES]


def _find(compiled: Any, group: int, text: str) -> Iterator[tuple[int, int]]:
    position = count = 0
    while count < MAX_PLACES and position <= len(text):
        match = compiled.search(text, position)
        if match is None:
            break
        # Alternatives with their own boundary have their own group.
        start, end = match.span(group)
        if start < 0:
            start, end = next(
                match.span(index)
                for index in range(1, compiled.groups + 1)
                if match.span(index)[0] >= 0
            )
        if end > start:
            count += 1
            yield start, end
        # A word's closing boundary may be the next one's opening boundary.
        position = max(end, position + 1)


def _find_literals(pattern: Pattern, text: str) -> Iterator[tuple[int, int]]:
    """Without a regex: building one takes far longer than finding a few words."""
    found: list[tuple[int, int]] = []
    for entry in pattern.entries:
        words = entry.split(" ")
        if words[0] not in text or words[-1] not in text:
            continue
        count = position = 0
        while count < MAX_PLACES and (start := text.find(words[0], position)) >= 0:
            end = _end_of_phrase(text, start, words)
            position = start + 1
            if end and (pattern.operator == "contains" or atoms.is_whole(text, start, end)):
                found.append((start, end))
                count, position = count + 1, end
    # Where two overlap, the first counts, and of two there the longer one.
    reached = 0
    for start, end in sorted(found, key=lambda place: (place[0], -place[1])):
        if start >= reached:
            reached = end
            yield start, end


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
