"""What rules can ask about one comment, worked out when first asked.

`None` always means that the source does not say: a condition on it is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import re2

from moderation.comments import Comment, Scores
from moderation.text import View

# No counted repeats: RE2 would write each out, and a large program runs slowly.
_LINK = re2.compile(r"(?i)\b(?:https?://|www\.)([a-z0-9\p{L}][a-z0-9\p{L}.-]*)[^\s<>\"]*")
_MENTION = re2.compile(r"(?:^|[^\p{L}\p{N}_@/.])@[\p{L}\p{N}_]+")
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


def _mentions(text: str) -> int:
    if "@" not in text:
        return 0
    safe = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return sum(1 for _ in _MENTION.finditer(safe))


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
    "words": lambda text: len(_WORD.findall(text)),
    "links": lambda text: len(links(text)),
    "mentions": _mentions,
    "emoji": lambda text: sum(1 for _ in _EMOJI.finditer(text)),
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
        "_views",
        "comment",
        "scores",
        "unknown",
        "worth",
    )

    def __init__(
        self, comment: Comment, scores: Scores, pattern: Callable[[int], Any] | None = None
    ) -> None:
        """`pattern` gives a text test's compiled pattern by its number."""
        self.comment = comment
        self.scores = scores
        #: Numbers of the text tests that may hold, filled in by the matcher.
        self.worth: set[int] = set()
        #: Numbers of the text tests on fields that the source lacks.
        self.unknown: set[int] = set()
        self._pattern = pattern
        self._tested: dict[int, bool] = {}
        self._views: dict[tuple[str, bool], View | None] = {}
        self._numbers: dict[str, float | None] = {}
        self._links: list[tuple[int, int, str]] | None = None

    def field(self, name: str) -> str | None:
        """The original text of a field. The field `link` is the domains, one a line,
        each with its parent domains, so that `equals: example.com` covers subdomains."""
        match name:
            case "text":
                return self.comment.text
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
        if number not in self._tested:
            view = self.view(name, keep_case)
            assert view is not None
            assert self._pattern is not None
            self._tested[number] = self._pattern(number).search(view.text) is not None
        return self._tested[number]

    def view(self, name: str, keep_case: bool) -> View | None:
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
        if name.startswith("score."):
            return self.scores.get(name[6:])
        if name not in self._numbers:
            if name == "depth":
                depth = self.comment.depth
                self._numbers[name] = None if depth is None else float(depth)
            elif name == "links":
                self._numbers[name] = float(len(self.links))
            else:
                self._numbers[name] = float(_MEASURES[name](self.comment.text))
        return self._numbers[name]

    def is_reply(self) -> bool | None:
        if self.comment.parent is not None:
            return True
        return None if self.comment.depth is None else self.comment.depth > 0


def _with_parents(domain: str) -> list[str]:
    labels = domain.split(".")[-10:]
    return [".".join(labels[start:]) for start in range(max(1, len(labels) - 1))]
