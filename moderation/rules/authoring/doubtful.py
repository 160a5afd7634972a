"""Patterns that are valid and yet can hardly find what their author meant.

The shapes here were all written by people: a `\\b` after a full stop, which then asks for
a letter right behind it; a `$` in the middle; a `^` for the beginning of a line.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from moderation.rules.matching.patterns import PatternError, compile_pattern, regex_pattern

#: What is wrong, and what to write instead.
Doubt = tuple[str, str, str]

_LIST = re.compile(r"(?<!\\)@[A-Za-z_]\w*")
_ANCHORS_BEHIND = (ops.AT_END, ops.AT_END_STRING)
_ANCHORS_AHEAD = (ops.AT_BEGINNING, ops.AT_BEGINNING_STRING)
_REPEATS = (ops.MAX_REPEAT, ops.MIN_REPEAT)
_WORD_CATEGORIES = {
    ops.CATEGORY_WORD: True,
    ops.CATEGORY_DIGIT: True,
    ops.CATEGORY_SPACE: False,
    ops.CATEGORY_NOT_WORD: False,
}


def doubts(pattern: str, texts: Sequence[str] = ()) -> list[Doubt]:
    """(code, message, hint) of what looks wrong; `texts` are those of the rule's tests.

    What Python's parser cannot read is passed over: RE2 knows more than it does.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Whatever a list holds, it begins and ends with a word, as lists do.
            tree = _parser.parse(_LIST.sub("aa", pattern))
    except (re.error, OverflowError, RecursionError):
        return []
    multi_line = bool(tree.state.flags & re.MULTILINE)
    found = list(_boundaries(list(tree)))
    if not multi_line:
        found += _anchors(list(tree))
    if not multi_line and not found and (line := _line_wise(pattern, texts)):
        found.append(line)
    return list(dict.fromkeys(found))


# ── \b ──────────────────────────────────────────────────────────────────────────────


def _boundaries(items: list[Any], before: bool = False, after: bool = False) -> Iterator[Doubt]:
    """`\\b` next to what is no letter. `before` and `after` say whether the pattern has
    anything on that side of the items."""
    for index, (operator, argument) in enumerate(items):
        preceded, following = before or index > 0, after or index + 1 < len(items)
        if operator is ops.AT and argument is ops.AT_BOUNDARY:
            ahead = _sides(items[:index], last=True)
            behind = _sides(items[index + 1 :], last=False)
            if False in ahead and not following:
                yield (
                    "never-matches",
                    r"`\b` after a sign or a blank asks for a letter right behind it",
                    r"leave out the \b there, or put it inside: (word\b|[.!?])",
                )
            elif not preceded and behind == {False}:
                yield (
                    "never-matches",
                    r"`\b` before a sign or a blank asks for a letter right before it",
                    r"leave out the \b, or write (^|\s) for the beginning of a word",
                )
            elif None in ahead | behind and _ASCII_BOUNDARY:
                yield (
                    "ascii-boundary",
                    r"`\b` knows only the letters a to z, so beside others it hardly ever holds",
                    "use `words`, which knows every script",
                )
        for inner in _inside(operator, argument):
            yield from _boundaries(list(inner), preceded, following)


def _sides(items: list[Any], *, last: bool) -> set[bool | None]:
    """What the outermost character of the items can be: a word's (True), none (False),
    a letter beyond ASCII (None). Empty where that cannot be told."""
    if not items:
        return set()
    operator, argument = items[-1 if last else 0]
    if operator is ops.LITERAL:
        return {_is_word(argument)}
    if operator is ops.IN:
        kinds: set[bool | None] = set()
        for kind, value in argument:
            if kind is ops.LITERAL:
                kinds.add(_is_word(value))
            elif kind is ops.CATEGORY and value in _WORD_CATEGORIES:
                kinds.add(_WORD_CATEGORIES[value])
            elif kind is ops.RANGE:
                kinds |= {_is_word(value[0]), _is_word(value[1])}
            else:
                return set()
        # A class that may be either decides nothing: `[a-z.]\b` has its use.
        return kinds if len(kinds) == 1 else set()
    if operator is ops.SUBPATTERN:
        return _sides(list(argument[3]), last=last)
    if operator is ops.BRANCH:
        found: set[bool | None] = set()
        for branch in argument[1]:
            found |= _sides(list(branch), last=last)
        return found
    if operator in _REPEATS and argument[0] > 0:
        return _sides(list(argument[2]), last=last)
    return set()


def _is_word(code: int) -> bool | None:
    char = chr(code)
    if code < 128:
        return char.isalnum() or char == "_"
    return None if char.isalnum() else False


def _boundary_is_ascii() -> bool:
    try:
        return compile_pattern(regex_pattern(r"\bж", False, lambda _: None)).search("ж") is None
    except PatternError:
        return False


#: Asked of the engine: a pattern's `\b` may one day know all letters.
_ASCII_BOUNDARY = _boundary_is_ascii()


# ── ^ and $ ─────────────────────────────────────────────────────────────────────────

_HINT = "write (?m) at the beginning of the pattern to let ^ and $ stand for those of a line"


def _anchors(items: list[Any], before: bool = False, after: bool = False) -> Iterator[Doubt]:
    """`$` with something behind it, `^` with something before it: neither ever holds."""
    for index, (operator, argument) in enumerate(items):
        ahead = before or any(_takes(item) for item in items[:index])
        behind = after or any(_takes(item) for item in items[index + 1 :])
        if operator is ops.AT and argument in _ANCHORS_BEHIND and behind:
            yield (
                "never-matches",
                "`$` is the end of the whole comment, and the pattern goes on behind it",
                _HINT,
            )
        elif operator is ops.AT and argument in _ANCHORS_AHEAD and ahead:
            yield (
                "never-matches",
                "`^` is the beginning of the whole comment, and the pattern has more before it",
                _HINT,
            )
        for inner in _inside(operator, argument):
            yield from _anchors(list(inner), ahead, behind)


def _takes(item: Any) -> bool:
    """Whether an item takes at least one character, whatever it matches."""
    operator, argument = item
    if operator is ops.AT:
        return False
    if operator in _REPEATS:
        return argument[0] > 0 and any(map(_takes, argument[2]))
    if operator is ops.SUBPATTERN:
        return any(map(_takes, argument[3]))
    if operator is ops.BRANCH:
        return all(any(map(_takes, branch)) for branch in argument[1])
    return True


def _inside(operator: Any, argument: Any) -> list[Any]:
    if operator is ops.SUBPATTERN:
        return [argument[3]]
    if operator is ops.BRANCH:
        return list(argument[1])
    if operator in _REPEATS:
        return [argument[2]]
    return []


#: Signs that begin a line in plain text: a quotation, a list.
_LINE_SIGN = re.compile(r"\^(\\s\*|\[ \\t\]\*| \*)?(>|\\-|-|\\\*|\\#|#)")


def _line_wise(pattern: str, texts: Sequence[str]) -> Doubt | None:
    """`^` or `$` where lines were probably meant: by what it looks for, or by a test of
    several lines that only the multi-line reading finds."""
    told = "multi-line", "`^` and `$` are the ends of the whole comment, not of a line", _HINT
    if _LINE_SIGN.match(pattern):
        return told
    if not re.search(r"[\^$]", pattern):
        return None
    several = [text for text in texts if "\n" in text]
    if not several:
        return None
    try:
        whole = compile_pattern(regex_pattern(pattern, False, lambda _: None))
        lines = compile_pattern(regex_pattern(f"(?m){pattern}", False, lambda _: None))
    except PatternError:
        return None
    if any(lines.search(text.lower()) and not whole.search(text.lower()) for text in several):
        return told
    return None
