"""Which comments of the store are meant: a value, and one line of text for it.

    rule:threat.personal author:"Ann B" script:cyrillic label:threat>=0.5 "free words"

Everything said must hold. A value that ends in `*` means all that begin with it, where the
field is a name (`rule`, `author`, `thread`, `source`, `by`) or a word of the text.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from moderation.comments import LABELS, Severity, Status, Verdict
from moderation.errors import UsageError

Sort = Literal["priority", "severity", "oldest", "newest", "rule", "author"]
SORTS: tuple[Sort, ...] = get_args(Sort)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which comments; the default is all that wait. An empty field asks for nothing.

    `status` None means every status but `clear`. `labels` are (label, least score); a
    score counts in thousandths. `author` is a name or a platform's id, `thread` an id, url
    or title. `severity` is the least. `script` is that of most of the letters. `text` are
    words that must stand in the text, in any case and without accents; one with blanks in
    it stands there as a phrase. `by` decided it last.
    """

    status: tuple[Status, ...] | None = (Status.PENDING,)
    rule: str = ""
    labels: tuple[tuple[str, float], ...] = ()
    author: str = ""
    thread: str = ""
    source: str = ""
    severity: Severity | None = None
    verdict: Verdict | None = None
    script: str = ""
    by: str = ""
    text: tuple[str, ...] = ()

    @classmethod
    def parse(cls, line: str) -> Filter:
        """The filter that a line of text means; a blank one is the default.

        Raises:
            UsageError: an unknown field or value, a field given twice, an open quote; says
                where in the line, and what would be right.
        """
        found = cls()
        seen: set[str] = set()
        for word in _words(line):
            if word.field is None:
                found = replace(found, text=(*found.text, word.value))
                continue
            name = _field(word)
            if name in seen and name not in ("label", "text"):
                raise _wrong(word, f"'{name}' is said twice", "say it once")
            seen.add(name)
            found = replace(found, **_FIELDS[name](found, word))
        return found

    def __str__(self) -> str:
        """The line of text that `parse` reads as this filter."""
        said: list[str] = []
        if self.status != (Status.PENDING,):
            said.append(f"status:{','.join(self.status) if self.status else 'all'}")
        for name in ("rule", "author", "thread", "source", "script", "by"):
            if value := getattr(self, name):
                said.append(f"{name}:{_quoted(value)}")
        said += [f"label:{label}>={least:.3g}" for label, least in self.labels]
        if self.severity:
            said.append(f"severity:{self.severity}")
        if self.verdict:
            said.append(f"verdict:{self.verdict}")
        said += [_quoted(word) for word in self.text]
        return " ".join(said)


@dataclass(frozen=True, slots=True)
class _Word:
    field: str | None
    value: str
    column: int


# A field's name may stand before a value; a value is bare or in quotes, in which a
# backslash takes the next character as it is.
_WORD = re.compile(
    r'\s*(?:(?P<field>[A-Za-z][\w-]*)(?P<sign>:|>=|=))?(?:"(?P<quoted>(?:[^"\\]|\\.)*)"(?=\s|$)|'
    r'(?P<bare>[^\s"]+)(?=\s|$))',
    re.DOTALL,
)
_EMPTY = re.compile(r"[A-Za-z][\w-]*(?::|>=|=)")
_BARE = re.compile(r"[^\W_][\w.@#/+-]*\*?")


def _words(line: str) -> list[_Word]:
    found: list[_Word] = []
    at = 0
    line = line.rstrip()
    while at < len(line):
        match = _WORD.match(line, at)
        if match is None:
            column = at + len(line[at:]) - len(line[at:].lstrip()) + 1
            raise UsageError(
                "a quote that does not fit",
                where=f"filter, column {column}",
                hint='put a value with blanks into quotes: author:"Ann B"',
            )
        quoted = match["quoted"]
        value = match["bare"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted, flags=re.S)
        start = match.start() + len(match[0]) - len(match[0].lstrip()) + 1
        word = _Word(match["field"], value, start)
        if word.field is None and _EMPTY.fullmatch(match["bare"] or ""):
            raise _wrong(word, f"a value is missing after '{value}'", "or put the word into quotes")
        found.append(word)
        at = match.end()
    return found


def _quoted(value: str) -> str:
    if _BARE.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _wrong(word: _Word, what: str, hint: str = "") -> UsageError:
    return UsageError(what, where=f"filter, column {word.column}", hint=hint)


def _closest(value: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(value.lower(), known, n=1)
    return f"did you mean '{near[0]}'?" if near else f"known: {', '.join(known)}"


def _field(word: _Word) -> str:
    name = (word.field or "").lower()
    if name not in _FIELDS:
        hint = f"{_closest(name, tuple(_FIELDS))}; put words to be found into quotes"
        raise _wrong(word, f"there is no field '{name}' to filter by", hint)
    return name


#: What one word changes in the filter so far, by the names of its fields.
_Reader = Callable[[Filter, _Word], dict[str, Any]]


def _name(field: str) -> _Reader:
    def read(found: Filter, word: _Word) -> dict[str, Any]:
        if not word.value:
            raise _wrong(word, f"'{field}' needs a value")
        return {field: word.value}

    return read


def _member(field: str, kind: type[Severity] | type[Verdict]) -> _Reader:
    def read(found: Filter, word: _Word) -> dict[str, Any]:
        known = tuple(kind.__members__[name].value for name in kind.__members__)
        if word.value.lower() not in known:
            raise _wrong(word, f"'{word.value}' is no {field}", _closest(word.value, known))
        return {field: kind(word.value.lower())}

    return read


def _status(found: Filter, word: _Word) -> dict[str, Any]:
    if word.value.lower() == "all":
        return {"status": None}
    known = (*(status.value for status in Status), "all")
    names = word.value.lower().split(",")
    for name in names:
        if name not in known[:-1]:
            raise _wrong(word, f"'{name}' is no status", _closest(name, known))
    return {"status": tuple(dict.fromkeys(Status(name) for name in names))}


def _label(found: Filter, word: _Word) -> dict[str, Any]:
    label, sign, least = word.value.partition(">=")
    if label not in LABELS:
        raise _wrong(word, f"'{label}' is no label", _closest(label, LABELS))
    try:
        score = float(least)
    except ValueError:
        score = -1.0
    if not sign or not 0 <= score <= 1:
        raise _wrong(
            word,
            f"'{word.value}' does not say a least score",
            f"for example label:{label}>=0.5",
        )
    return {"labels": (*found.labels, (label, round(score, 3)))}


def _script(found: Filter, word: _Word) -> dict[str, Any]:
    from moderation.rules.language.fields import SCRIPTS

    if word.value.lower() not in SCRIPTS:
        raise _wrong(word, f"'{word.value}' is no script", _closest(word.value, SCRIPTS))
    return {"script": word.value.lower()}


def _text(found: Filter, word: _Word) -> dict[str, Any]:
    return {"text": (*found.text, word.value)}


_FIELDS: Mapping[str, _Reader] = {
    "status": _status,
    **{name: _name(name) for name in ("rule", "author", "thread", "source", "by")},
    "label": _label,
    "severity": _member("severity", Severity),
    "verdict": _member("verdict", Verdict),
    "script": _script,
    "text": _text,
}
