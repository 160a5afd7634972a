r"""A saved article page as text: its site, title and body, then numbered, nested comments.

    Site
    Title
    the article, any lines
      1. Ann B-2
        Ann B-2 28 September 2015 06: 02
        The text, over one or more lines.
        1. Bob
          Bob 28 September 2015 06: 31
          A reply.
      2. Cid
        Cid 28 September 2015 06: 40

A comment at depth d (from 0) begins with a head of two lines: `N. AUTHOR` behind
2(d+1) blanks, and behind two more the same AUTHOR with the time. Its text is every line
until the next head. A commenter can write lines that look like a head, so one counts
only where all of this holds:

- both lines have the form, the same author, and a time that exists;
- the depth is at most one more than that of the comment before;
- N is the next number in its list, 1 in a new one;
- the time is not before that of the comment it answers.

Text stands as deep as a reply's head would, so a whole head pasted as the first reply,
with a later time, cannot be told from a reply. That is the one case left. Times of
siblings say nothing: pages sort by votes as well.

What has the form and stands less deep than text can, but fails by its number or its
time, is kept as text *and* rejected: it may be a comment whose forerunner was deleted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from moderation.comments import Author, Comment, Thread
from moderation.errors import InputError
from moderation.sources import times
from moderation.sources.base import RAW_LIMIT, Settings, slug, too_long
from moderation.sources.files import LINE_TOO_LONG, MAX_LINE, Input

#: The fields that this format can fill, in the names of `columns`.
FILLS: Final = frozenset(("text", "author", "created", "parent", "thread", "title", "depth"))

_STEP: Final = 2
_MOST_NAMED: Final = 20
_BLANKS: Final = " \t\u00a0"
# No name on a page is near this long; a longer line is text, and costs no search.
_LONGEST_HEAD: Final = 1_000
_NUMBERED: Final = re.compile(r"([1-9][0-9]{0,5})\.[ \u00a0]+(\S.*)")
_TIME: Final = re.compile(
    r"[ \u00a0]+([0-9]{1,2})[ \u00a0]([A-Za-z]{3,9})[ \u00a0]([0-9]{4})"
    r"[ \u00a0]([0-9]{1,2}):[ \u00a0]?([0-9]{2})"
)
#: Finds the two lines of any head in the beginning of a file, to recognise the format.
SIGN: Final = re.compile(
    r"^[ \t\u00a0]+1\.[ \u00a0]+(\S.{0,200}?)[ \u00a0]*\r?\n[ \t\u00a0]+\1[ \u00a0]+"
    r"[0-9]{1,2}[ \u00a0][A-Za-z]{3,9}[ \u00a0][0-9]{4}[ \u00a0][0-9]{1,2}:[ \u00a0]?[0-9]{2}"
    r"[ \u00a0]*\r?$",
    re.M,
)


def read(source: Input, settings: Settings) -> Iterator[Comment]:
    """The comments, in the order of the page; InputError when it has none."""
    return _Page(source, settings).read()


class _Line(NamedTuple):
    number: int
    text: str


class _Head(NamedTuple):
    depth: int
    number: int
    author: str
    time: datetime


@dataclass(slots=True)
class _Open:
    """The comment whose text is being read. `size` counts its characters."""

    head: _Head
    id: str
    parent: str | None
    line: int
    text: list[str] = field(default_factory=list)
    size: int = 0
    flaw: str | None = None


class _Page:
    def __init__(self, source: Input, settings: Settings) -> None:
        self._source = source
        self._settings = settings
        self._tab = 8
        #: The heads above and including the last one, one for each depth.
        self._path: list[_Head] = []
        self._titles: list[str] = []
        self._thread: Thread | None = None
        self._origin = source.origin
        #: Lines that are no UTF-8: how many, their first numbers, the first one escaped.
        self._bad = 0
        self._bad_lines: list[int] = []
        self._bad_raw = ""

    def read(self) -> Iterator[Comment]:
        current: _Open | None = None
        found = False
        before: _Line | None = None  # a line that is not yet known to begin a head
        for line in self._lines():
            if before is not None:
                head = self._head(before, line)
                if head is not None and self._fits(head, before, line):
                    if current is not None:
                        yield from self._finished(current)
                    current = self._begin(head, before)
                    found = True
                    before = None
                    continue
                self._text(current, before)
            before = line
        if before is not None:
            self._text(current, before)
        if current is not None:
            yield from self._finished(current)
        self._reject_bad_lines()
        if not found:
            raise InputError(
                "no numbered comments found",
                where=self._source.name,
                hint="name another format with --input-format",
            )

    def _lines(self) -> Iterator[_Line]:
        for number, data in self._source.lines():
            if len(data) > MAX_LINE:
                self._source.reject(number, LINE_TOO_LONG, data)
                # Its comment is over the limit as well, unless the limit is set higher.
                data = data[:MAX_LINE]
            try:
                text = data.decode()
            except UnicodeDecodeError:
                text = data.decode(errors="replace")
                self._bad += 1
                if self._bad == 1:
                    self._bad_raw = data[:RAW_LIMIT].decode(errors="backslashreplace")
                if self._bad <= _MOST_NAMED:
                    self._bad_lines.append(number)
            yield _Line(number, text.removesuffix("\r"))

    def _reject_bad_lines(self) -> None:
        """Their comments are read all the same, so one reject is enough for all."""
        if not self._bad:
            return
        lines = "lines " if self._bad > 1 else "line "
        lines += ", ".join(map(str, self._bad_lines))
        if self._bad > _MOST_NAMED:
            lines += f" and {self._bad - _MOST_NAMED:,} more"
        cause = f"not valid UTF-8 on {lines}: read with \ufffd in its place"
        self._source.reject(self._bad_lines[0], cause, self._bad_raw)

    def _head(self, first: _Line, second: _Line) -> _Head | None:
        """The head that these two lines are by their form."""
        if len(first.text) > _LONGEST_HEAD or len(second.text) > 2 * _LONGEST_HEAD:
            return None
        if not first.text.strip(_BLANKS)[:1].isdigit():
            return None
        tab = self._tab
        if not self._path and first.text.startswith("\t"):
            # An editor turned the steps into tabs; elsewhere tabs stop at each 8 columns.
            tab = _STEP
        indent, rest = _indented(first.text, tab)
        match = _NUMBERED.fullmatch(rest.rstrip(_BLANKS))
        if match is None or indent < _STEP or indent % _STEP:
            return None
        author = match[2]
        deeper, rest = _indented(second.text, tab)
        if deeper != indent + _STEP or not rest.startswith(author):
            return None
        time = _TIME.fullmatch(rest[len(author) :].rstrip(_BLANKS))
        if time is None:
            return None
        when = times.parse(
            f"{time[1]} {time[2]} {time[3]} {time[4]}:{time[5]}", self._settings.zone
        )
        if when is None:
            return None
        self._tab = tab
        return _Head(indent // _STEP - 1, int(match[1]), author, when)

    def _fits(self, head: _Head, first: _Line, second: _Line) -> bool:
        """Whether this head can stand here; where it should but cannot, it is rejected."""
        path = self._path
        if head.depth > len(path):
            return False
        expected = path[head.depth].number + 1 if head.depth < len(path) else 1
        above = path[head.depth - 1] if head.depth else None
        # A text stands deeper than this, so only the page itself can have written it.
        certain = head.depth < len(path) or not path
        cause: str | None = None
        if head.number > expected:
            cause = f"head {head.number}. {head.author} skips number {expected}: taken as text"
        elif head.number < expected:
            cause = (
                f"head {head.number}. {head.author} where number {expected} is due: taken as text"
            )
        elif above is not None and head.time.replace(tzinfo=None) < above.time.replace(tzinfo=None):
            cause = (
                f"head {head.number}. {head.author} is dated before the comment it answers: "
                "taken as text"
            )
        if cause is None:
            return True
        if certain:
            self._source.reject(first.number, cause, f"{first.text}\n{second.text}")
        return False

    def _begin(self, head: _Head, line: _Line) -> _Open:
        if not self._path:
            self._name_thread()
        del self._path[head.depth :]
        parent = ".".join(str(above.number) for above in self._path) or None
        self._path.append(head)
        own = f"{parent}.{head.number}" if parent else str(head.number)
        return _Open(head, own, parent, line.number)

    def _name_thread(self) -> None:
        site, title, *_ = (*self._titles, None, None)
        name = "/".join(filter(None, (slug(site or ""), slug(title or ""))))
        if title and name:
            self._origin = name
        self._thread = Thread(self._origin, title, None, site)

    def _text(self, current: _Open | None, line: _Line) -> None:
        """A line that is not part of a head: text, or before all comments the article."""
        if current is None:
            text = line.text.strip()
            if text and len(self._titles) < 2:
                self._titles.append(text[:_LONGEST_HEAD])
            return
        text = self._outdented(line.text, (current.head.depth + 2) * _STEP)
        current.size += len(text) + 1
        # One line too much is enough to know that the text is too long. Blank lines
        # count nothing in the end, yet millions of them must not be held.
        if current.size <= self._settings.max_text + _LONGEST_HEAD:
            current.text.append(text)
        elif text.strip(_BLANKS):
            current.flaw = "too long"

    def _finished(self, current: _Open) -> Iterator[Comment]:
        lines = current.text
        while lines and not lines[-1].strip(_BLANKS):
            lines.pop()
        text = "\n".join(lines)
        limit = self._settings.max_text
        if current.flaw is not None or len(text) > limit:
            size = current.size - 1 if current.flaw else len(text)
            self._source.reject(current.line, too_long(size, limit), text)
            return
        head = current.head
        yield Comment(
            current.id,
            text,
            Author(head.author),
            head.time,
            self._thread,
            current.parent,
            head.depth,
            self._origin,
            self._source.name,
            current.line,
        )

    def _outdented(self, text: str, width: int) -> str:
        """The line without its first `width` columns of blanks, deeper ones kept."""
        column = 0
        for index, char in enumerate(text):
            if column >= width or char not in _BLANKS:
                return " " * (column - width) + text[index:]
            column += self._tab - column % self._tab if char == "\t" else 1
        return " " * (column - width)


def _indented(text: str, tab: int) -> tuple[int, str]:
    """How many columns of blanks a line begins with, and what follows them."""
    rest = text.lstrip(_BLANKS)
    column = 0
    for char in text[: len(text) - len(rest)]:
        column += tab - column % tab if char == "\t" else 1
    return column, rest
