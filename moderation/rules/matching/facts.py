"""What rules can ask about one comment, worked out when first asked.

`None` always means that the source does not say: a condition on it is unknown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

import re2

from moderation.comments import MAX_TEXT, Comment, Scores
from moderation.disguise import Mapped
from moderation.errors import TooLongError
from moderation.rules.matching.patterns import found_in
from moderation.rules.matching.state import NOTHING_AROUND, Around, Rate, Similar
from moderation.text import View

# No counted repeats: RE2 would write each out, and a large program runs slowly.
_LINK = re2.compile(r"(?i)\b(?:https?://|www\.)([a-z0-9\p{L}][a-z0-9\p{L}.-]*)[^\s<>\"]*")
_MENTION = re.compile(r"(?:^|[^\w@/.])@\w+")
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_EMOJI = re.compile(
    "[\u203c\u2049\u231a\u231b\u2600-\u27bf\u2b50\u2b55\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff]"
)
_RUN = re.compile(r"(\S)\1+")
_UPPER = bytes(range(65, 91))
_LOWER = bytes(range(97, 123))


def links(text: str) -> list[tuple[int, int, str]]:
    """Start, end and domain (lower case, without `www.`) of each link in `text`.

    Lone surrogates are read as U+FFFD, one for one.
    """
    if "://" not in text and "www." not in text.lower():
        return []
    safe = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return [
        (found.start(), found.end(), found.group(1).lower().strip(".-").removeprefix("www."))
        for found in _LINK.finditer(safe)
    ]


#: Of ASCII, what joins a word taken out and what parts words made blank.
_JOINING = b"'-"
_PARTING = bytes(code if chr(code).isalnum() else 32 for code in range(128)) + bytes(128)


def _words(text: str) -> int:
    """Runs of letters and digits; an apostrophe or a hyphen inside does not part them."""
    if text.isascii():
        return len(text.encode().translate(_PARTING, _JOINING).split())
    return len(_WORD.findall(text))


def _mentions(text: str) -> int:
    return len(_MENTION.findall(text)) if "@" in text else 0


def _caps_ratio(text: str) -> float:
    """Share of upper-case among cased letters, 0 where there are none."""
    if text.isascii():
        raw = text.encode()
        upper = len(raw) - len(raw.translate(None, _UPPER))
        cased = upper + len(raw) - len(raw.translate(None, _LOWER))
    else:
        upper = sum(map(str.isupper, text))
        cased = upper + sum(map(str.islower, text))
    return upper / cased if cased else 0.0


def _repeats(text: str) -> int:
    """The longest run of one character other than blanks: 1 for `abc`, 4 for `soooo`."""
    longest = max((found.end() - found.start() for found in _RUN.finditer(text)), default=0)
    return longest or min(1, len(text.strip()))


_MEASURES: dict[str, Callable[[str], float]] = {
    "length": len,
    "words": _words,
    "mentions": _mentions,
    "emoji": lambda text: 0 if text.isascii() else len(_EMOJI.findall(text)),
    "caps_ratio": _caps_ratio,
    "repeats": _repeats,
}


class Facts:
    """One comment and its scores, as conditions see them. Not shared between threads."""

    __slots__ = (
        "_links",
        "_numbers",
        "_pattern",
        "_tested",
        "_unquoted",
        "_views",
        "around",
        "comment",
        "disguised",
        "scores",
        "sure",
        "unknown",
        "worth",
    )

    def __init__(
        self,
        comment: Comment,
        scores: Scores,
        pattern: Callable[[int], Any] | None = None,
        around: Around = NOTHING_AROUND,
    ) -> None:
        """`pattern` gives a text test's compiled pattern by its number.

        Raises:
            TooLongError: the comment's text, title or author's name is over `MAX_TEXT`.
        """
        _require_short("text", comment.text)
        if comment.thread:
            _require_short("title", comment.thread.title)
        if comment.author:
            _require_short("author", comment.author.name)
        self.comment = comment
        self.scores = scores
        self.around = around
        #: Numbers of the text tests that may hold, filled in by the matcher.
        self.worth: set[int] = set()
        #: Those among them that do hold.
        self.sure: set[int] = set()
        #: Readings besides the plain one in which a text test may hold.
        self.disguised: dict[int, list[Mapped]] = {}
        #: Numbers of the text tests on fields that the source lacks.
        self.unknown: set[int] = set()
        self._pattern = pattern
        self._tested: dict[int, bool] = {}
        self._views: dict[tuple[str, bool], View | None] = {}
        self._numbers: dict[str, float | None] = {}
        self._links: list[tuple[int, int, str]] | None = None
        self._unquoted: str | None = None

    def field(self, name: str) -> str | None:
        """The original text of a field. The field `link` is the domains, one a line,
        each with its parent domains, so that `equals: example.com` covers subdomains."""
        match name:
            case "text":
                return self.comment.text
            case "unquoted":
                return self._without_quotes()
            case "title":
                thread = self.comment.thread
                return thread.title if thread else None
            case "author":
                author = self.comment.author
                return author.name if author else None
            case "link":
                return "\n".join(
                    name for _, _, domain in self.links for name in _with_parents(domain)
                )
        raise AssertionError(name)

    def closed(self, gate: frozenset[int]) -> bool:
        """Whether all of these text tests are sure not to hold."""
        return self.worth.isdisjoint(gate) and self.unknown.isdisjoint(gate)

    def holds(self, number: int, name: str, keep_case: bool) -> bool:
        """Whether a text test's pattern is found; run once, and only where worth it."""
        if number not in self.worth:
            return False
        if number in self.sure:
            return True
        if number not in self._tested:
            view = self.view(name, keep_case)
            assert view is not None
            assert self._pattern is not None
            pattern = self._pattern(number)
            self._tested[number] = found_in(pattern, view.raw) or any(
                found_in(pattern, reading.raw) for reading in self.disguised.get(number, ())
            )
        return self._tested[number]

    @property
    def quotes(self) -> bool:
        """Whether the text quotes anything."""
        return self._without_quotes() is not self.comment.text

    def _without_quotes(self) -> str:
        if self._unquoted is None:
            self._unquoted = blank_quotes(self.comment.text)
        return self._unquoted

    def view(self, name: str, keep_case: bool) -> View | None:
        if name == "unquoted" and not self.quotes:
            name = "text"
        key = (name, keep_case)
        if key not in self._views:
            original = self.field(name)
            self._views[key] = None if original is None else View(original, keep_case=keep_case)
        return self._views[key]

    @property
    def links(self) -> list[tuple[int, int, str]]:
        if self._links is None:
            self._links = links(self.comment.text)
        return self._links

    def number(self, name: str) -> float | None:
        numbers = self._numbers
        if name not in numbers:
            value = self.scores.get(name[6:]) if name.startswith("score.") else self._work_out(name)
            numbers[name] = None if value is None else float(value)
        return numbers[name]

    def _work_out(self, name: str) -> float | None:
        if name in _MEASURES:
            return _MEASURES[name](self.comment.text)
        comment, author, record = self.comment, self.comment.author, self.around.record
        if name in self.around.given:
            return self.around.given[name]
        match name:
            case "links":
                return len(self.links)
            case "depth":
                return comment.depth
            case "reports":
                return comment.reports
            case "age":
                return _between(comment.created, self.around.now)
            case "author.age":
                return _between(
                    author.created if author else None, comment.created or self.around.now
                )
            case "author.comments":
                if record:
                    return record.comments
                return author.comments if author else None
            case "author.approved":
                return record.approved if record else None
            case "author.hidden":
                return record.hidden if record else None
        raise AssertionError(name)

    def yes_no(self, name: str) -> bool | None:
        """One of `fields.YES_NO`; an author is new who wrote no comment before this one."""
        if name == "is_reply":
            if self.comment.parent is not None:
                return True
            return None if self.comment.depth is None else self.comment.depth > 0
        if name == "is_edited":
            return self.comment.edited
        if name == "model.unsupported":
            said = self.around.unsupported
            # Scores whose model says nothing of languages are taken as they are.
            return False if said is None and self.scores else said
        before = self.number("author.comments")
        return None if before is None else before == 0

    def written_in(self, scripts: tuple[str, ...]) -> bool:
        """Whether at least half of the letters belong to these scripts."""
        text = self.comment.text
        counts = Counter(text)
        letters = _letters(counts, "L")
        return letters > 0 and 2 * sum(_letters(counts, name) for name in scripts) >= letters

    def seen(self, test: Rate | Similar) -> tuple[int, int] | None:
        """Comments and authors in the test's window, this comment among them."""
        given = self.around.given.get("rate" if isinstance(test, Rate) else "similar")
        if given is not None:
            return int(given), int(given)
        return self.around.seen.get(test)


def _require_short(field: str, text: str | None) -> None:
    if text and len(text) > MAX_TEXT:
        raise TooLongError(field, len(text), MAX_TEXT)


def _between(start: datetime | None, end: datetime | None) -> float | None:
    """Seconds from one time to the other; None where a time or its zone is unknown."""
    if start is None or end is None or start.tzinfo is None or end.tzinfo is None:
        return None
    return (end - start).total_seconds()


@lru_cache(maxsize=64)
def _class(name: str) -> Any:
    return re2.compile(rf"\p{{{name.capitalize()}}}+")


def _letters(counts: Counter[str], name: str) -> int:
    """How many of these characters are of a script (or of the class `L`)."""
    # Sorted, those of a script are next to each other: few matches.
    different = "".join(sorted(counts)).encode("utf-8", "replace").decode()
    return sum(counts[char] for found in _class(name).finditer(different) for char in found[0])


_PASSAGES = (
    r"\"[^\"\n]{1,400}\"|\u201c[^\u201c\u201d\n]{1,400}\u201d"
    r"|\u00ab[^\u00ab\u00bb\n]{1,400}\u00bb|\u201e[^\u201e\u201c\n]{1,400}\u201c"
)
_QUOTE = re.compile(_PASSAGES)
_QUOTE_OR_LINE = re.compile(r"(?m)^[ \t]*>.*$|" + _PASSAGES)
_MAY_QUOTE = '">\u201c\u201e\u00ab'


def blank_quotes(text: str) -> str:
    """The text with what it quotes blanked out, every other character in its place:
    lines behind `>`, and passages of one line between double quotation marks. Without
    any, the very same text."""
    if not any(sign in text for sign in _MAY_QUOTE):
        return text
    quote = _QUOTE_OR_LINE if ">" in text else _QUOTE
    blanked = quote.sub(lambda found: " " * len(found[0]), text)
    return text if blanked == text else blanked


def _with_parents(domain: str) -> list[str]:
    labels = domain.split(".")[-10:]
    return [".".join(labels[start:]) for start in range(max(1, len(labels) - 1))]
