"""Text operators as RE2 patterns.

Every operator becomes one linear-time pattern whose group 1 (or whole match, for a
regex) is the passage to mark.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2

from moderation.rules import atoms
from moderation.rules.atoms import Needs
from moderation.text import View, fold

# A word ends where no letter, mark, digit or underscore follows: Unicode's sense,
# which RE2's own `\b` (ASCII) does not have.
_WORDY = r"\p{L}\p{M}\p{N}_"
_BEFORE = rf"(?:^|[^{_WORDY}])"
_AFTER = rf"(?:$|[^{_WORDY}])"
_IS_WORDY = re.compile(r"\w", re.UNICODE)

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

    `needs` is what a text must hold to be worth running it on.
    """

    source: str
    keep_case: bool
    group: int
    needs: Needs = atoms.NOTHING


def literal_pattern(operator: str, entries: Sequence[str], keep_case: bool) -> Pattern:
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
        return Pattern("|".join(parts), keep_case, 1, atoms.of_literals(ordered, whole=True))
    alternatives = "|".join(map(_literal, ordered))
    shape = {
        "contains": "({})",
        "starts_with": r"\A\s*({})",
        "ends_with": r"({})\s*\z",
        "equals": r"\A\s*({})\s*\z",
    }[operator]
    return Pattern(shape.format(alternatives), keep_case, 1, atoms.of_literals(ordered))


def link_pattern(operator: str, entries: Sequence[str], keep_case: bool) -> Pattern:
    """Literals on the field `link`, which holds one domain a line."""
    pattern = literal_pattern(operator, entries, keep_case)
    if operator in ("words", "equals"):
        alternatives = "|".join(_literal(fold(entry.strip())) for entry in entries)
        source = rf"(?m)^({alternatives})$"
    else:
        source = "(?m)" + pattern.source.replace(r"\A\s*", "^").replace(r"\s*\z", "$")
    return Pattern(source, keep_case, 1, pattern.needs)


def _wordy(char: str) -> bool:
    return bool(_IS_WORDY.match(char))


def _literal(text: str) -> str:
    return r"\s+".join(re2.escape(word) for word in text.split(" "))


_LIST_NAME = re.compile(r"(\\.)|@([A-Za-z_][A-Za-z0-9_]*)", re.DOTALL)


def regex_pattern(
    source: str, keep_case: bool, lists: Callable[[str], Sequence[str] | None]
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
    pattern = Pattern(folded, keep_case, 0, atoms.of_regex(folded, keep_case=keep_case))
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


def places(compiled: Any, group: int, view: View) -> list[tuple[int, int]]:
    """Original offsets of up to `MAX_PLACES` matches."""
    found: list[tuple[int, int]] = []
    text = view.text
    position = 0
    while len(found) < MAX_PLACES and position <= len(text):
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
            found.append(view.span(start, end))
        # A word's closing boundary may be the next one's opening boundary.
        position = max(end, position + 1)
    return found
