"""Mechanical repairs of rule files: the exact places only, everything else as it was.

Each repair is an edit of a few characters at the place of an error. Comments, layout and
line ends stay, and an edit that would not mend its error is not made.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from moderation.errors import ConflictError, InputError
from moderation.rules.authoring.drafts import put
from moderation.rules.compile import compile_sources
from moderation.rules.language.files import MAX_FILE_BYTES
from moderation.rules.language.source import parse_source
from moderation.rules.problems import Level, Problem

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_QUOTE_PAIRS = {
    "\u201c": "\u201d",
    "\u201e": "\u201c\u201d",
    "\u201d": "\u201d",
    "\u2018": "\u2019",
    "\u2019": "\u2019",
    "\u201a": "\u2018\u2019",
    "\u00ab": "\u00bb",
}
_TRUE = ("yes", "on", "y")
#: Keys whose value is true or false; anywhere else `no` is a word.
_YES_NO_KEY = re.compile(r"(?:\bis_\w+|case_sensitive|model\.unsupported)['\"]?\s*:\s*\Z")
#: Rounds of parsing that tabs may take: libyaml tells one at a time.
_MAX_ROUNDS = 300


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `new` where `old` stands, at this offset of the file's text."""

    start: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Fixed:
    """A file before and after its repairs; `count` is how many were made."""

    path: Path
    before: str
    after: str
    count: int
    raw: bytes = b""

    def diff(self) -> list[str]:
        """The change as a unified diff, without line ends."""
        return [
            line.rstrip("\r\n")
            for line in difflib.unified_diff(
                self.before.splitlines(keepends=True),
                self.after.splitlines(keepends=True),
                str(self.path),
                str(self.path),
                n=1,
            )
        ]


def fix_file(path: Path) -> Fixed:
    """Work out the repairs of a file; nothing is written.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"cannot read the rule file: {error.strerror or error}", where=str(path)
        ) from None
    if len(raw) > MAX_FILE_BYTES:
        return Fixed(path, "", "", 0, raw)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return Fixed(path, "", "", 0, raw)
    after, count = fix_text(text, str(path))
    return Fixed(path, text, after, count, raw)


def write_fixed(fixed: Fixed) -> None:
    """Put the repaired text in place of the old, all of it or nothing.

    Raises:
        ConflictError: the file is no longer what was repaired.
        OSError: it cannot be written.
    """
    try:
        put(fixed.path, fixed.after.encode(), was=fixed.raw)
    except ConflictError as error:
        error.hint = "save it in your editor, then run --fix again"
        raise


def fix_text(text: str, name: str = "rules.yaml") -> tuple[str, int]:
    """The repaired text and the number of repairs. Repairing it again changes nothing."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix(mark)
    body, count = _without_tabs(body, name)
    # One repair can bring the next to light: a file is checked against the schema only
    # when it can be read. An edit must lower the number of errors, so this ends.
    for _ in range(4):
        edits = _edits(body, name)
        if not edits:
            break
        better = _apply(body, edits)
        if _errors(better, name) >= _errors(body, name):
            break
        body, count = better, count + len(edits)
    return mark + body, count


def _errors(text: str, name: str) -> int:
    return sum(problem.level is Level.ERROR for problem in _problems(text, name))


def _problems(text: str, name: str) -> tuple[Problem, ...]:
    return compile_sources([parse_source(text, name)]).problems


def _apply(text: str, edits: list[Edit]) -> str:
    for edit in sorted(edits, key=lambda edit: -edit.start):
        assert text.startswith(edit.old, edit.start)
        text = text[: edit.start] + edit.new + text[edit.start + len(edit.old) :]
    return text


# ── Tabs ────────────────────────────────────────────────────────────────────────────


def _without_tabs(text: str, name: str) -> tuple[str, int]:
    """Tabs that YAML refuses become blanks, in the width that leaves the fewest errors."""
    readable: list[tuple[int, str, int]] = []
    for width in (2, 4, 8):
        mended, count = text, 0
        for _ in range(_MAX_ROUNDS):
            place = _refused_tab(mended, name)
            if place is None:
                break
            start, end = place
            mended = mended[:start] + mended[start:end].replace("\t", " " * width) + mended[end:]
            count += 1
        if not count:
            return text, 0
        if not any(p.code == "yaml-syntax" for p in parse_source(mended, name).problems):
            readable.append((_errors(mended, name), mended, count))
    _, best, repairs = min(readable, key=lambda each: each[0], default=(0, text, 0))
    return best, repairs


def _refused_tab(text: str, name: str) -> tuple[int, int] | None:
    """Start and end of the blanks with the tab that stops the reader, if one does."""
    problem = next((p for p in parse_source(text, name).problems if p.code == "yaml-syntax"), None)
    if problem is None:
        return None
    lines = text.splitlines(keepends=True)
    if not 0 < problem.line <= len(lines):
        return None
    line = lines[problem.line - 1]
    begin = sum(map(len, lines[: problem.line - 1]))
    blanks = re.match(r"[ \t]*", line)
    assert blanks is not None
    if "\t" in blanks[0]:
        return begin, begin + blanks.end()
    around = re.compile(r"[ \t]+").match(line, problem.column - 1)
    if around and "\t" in around[0]:
        return begin + around.start(), begin + around.end()
    return None


# ── Scalars ─────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Scalar:
    start: int
    raw: str
    value: str


def _scalars(text: str) -> Iterator[tuple[tuple[int, int], _Scalar]]:
    """The scalars on one line, by their place."""
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            begin, stop = event.start_mark, event.end_mark
            if (
                isinstance(event, yaml.ScalarEvent)
                and begin is not None
                and stop is not None
                and begin.line == stop.line
            ):
                start, end = begin.index, stop.index
                place = (begin.line + 1, begin.column + 1)
                raw = text[start:end]
                if event.style is None and raw.rstrip() != event.value:
                    continue  # an anchor, a tag, or marks that do not mean what they seem
                yield place, _Scalar(start, raw.rstrip() if not event.style else raw, event.value)
    except yaml.YAMLError:
        return


def _edits(text: str, name: str) -> list[Edit]:
    problems = [problem for problem in _problems(text, name) if problem.level is Level.ERROR]
    if not any(problem.code in _REPAIRS for problem in problems):
        return []
    scalars = dict(_scalars(text))
    ids = {scalar.value for scalar in scalars.values()}
    edits: dict[int, Edit] = {}
    for problem in problems:
        scalar = scalars.get((problem.line, problem.column))
        if scalar is None or problem.code not in _REPAIRS:
            continue
        new = _REPAIRS[problem.code](scalar, problem, text, ids)
        if new is not None and new != scalar.raw:
            edits[scalar.start] = Edit(scalar.start, scalar.raw, new)
    return list(edits.values())


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _smart_quotes(scalar: _Scalar, problem: Problem, text: str, ids: set[str]) -> str | None:
    opening, value = scalar.raw[0], scalar.raw
    closing = _QUOTE_PAIRS.get(opening, "")
    inside = value[1:-1]
    if len(value) < 2 or value[-1] not in closing:
        return None
    # “one” and “two” is a sentence with quotes in it, not a quoted value.
    if any(sign in inside for sign in (opening, *closing)):
        return None
    if opening in "\u201c\u201d\u201e" and not re.search(r'["\\]', inside):
        return f'"{inside}"'
    return _quoted(inside)


def _boolean(scalar: _Scalar, problem: Problem, text: str, ids: set[str]) -> str | None:
    line_start = text.rfind("\n", 0, scalar.start) + 1
    if _YES_NO_KEY.search(text[line_start : scalar.start]):
        return "true" if scalar.value.lower() in _TRUE else "false"
    return _quoted(scalar.value)


def _octal(scalar: _Scalar, problem: Problem, text: str, ids: set[str]) -> str | None:
    return _quoted(scalar.value)


def _bad_value(scalar: _Scalar, problem: Problem, text: str, ids: set[str]) -> str | None:
    if problem.hint == "put it in quotes" and scalar.raw == scalar.value:
        return _quoted(scalar.value)
    if problem.message.startswith("an id is "):
        better = _better_id(scalar.value)
        if better and better not in ids:
            ids.add(better)
            return better
    return None


def _better_id(value: str) -> str | None:
    """The id in lower case with dashes for what it may not hold, if that makes it one."""
    words = [
        re.sub(r"[^a-z0-9_-]+", "-", word.strip().lower()).strip("-_") for word in value.split(".")
    ]
    better = ".".join(word for word in words if word)
    return better if better and len(better) <= 100 and value.isascii() else None


_REPAIRS = {
    "smart-quotes": _smart_quotes,
    "yaml-boolean": _boolean,
    "yaml-octal": _octal,
    "bad-value": _bad_value,
    "wrong-type": _bad_value,
}
