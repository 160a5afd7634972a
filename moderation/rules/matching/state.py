"""What came before a comment: how often its author, thread or text appeared lately, near
duplicates, and what is known of its author.

Near duplicates: texts that share two of their eight smallest shingle hashes (bottom-k
sketches, Broder 1997) are compared letter by letter. Memory is bounded: the oldest
threads, authors and texts are forgotten first.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right, insort
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain

from moderation.comments import AuthorRecord, Comment
from moderation.traits import SHORTEST, letters_of

_MAX_KEYS = 100_000
_MAX_TIMES = 2_000
_MAX_TEXTS = 50_000
_MAX_BUCKET = 64
_SHINGLE = 5
_SKETCH = 8
_SHARED = 2
#: Odd numbers without a pattern (as in splitmix64 and wyhash), one for
#: each place in a shingle, and one to mix them.
_FACTORS = (
    *(0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB),
    *(0xD6E8FEB86659FD93, 0xA0761D6478BD642F),
)
_MIX = 0xFF51AFD7ED558CCD
_HIGH = 32


@dataclass(frozen=True, slots=True)
class Rate:
    """At least `count` comments by the same `by` within `per` seconds."""

    by: str
    count: int
    per: float


@dataclass(frozen=True, slots=True)
class Similar:
    """At least `at_least` like texts by at least `authors` authors within `per` seconds;
    `likeness` from 0 to 1 is rapidfuzz's ratio."""

    at_least: int
    authors: int
    per: float
    likeness: float


@dataclass(frozen=True, slots=True)
class Around:
    """What is known of a comment besides itself. `given` are values of conditions by
    name that a rule's test states outright. `unsupported` is whether its language is one
    that the model does not know, None where nobody looked."""

    now: datetime | None = None
    seen: Mapping[Rate | Similar, tuple[int, int]] = field(default_factory=dict)
    record: AuthorRecord | None = None
    given: Mapping[str, float] = field(default_factory=dict)
    unsupported: bool | None = None


NOTHING_AROUND = Around()


class History:
    """The memory of one run. Not shared between threads.

    Comments may come out of order of time (a saved page goes by threads): what counts
    are those seen so far whose time lies in the window that ends with this comment.
    """

    def __init__(
        self,
        tests: Iterable[Rate | Similar] = (),
        *,
        authors: Callable[[Comment], AuthorRecord | None] | None = None,
        now: datetime | None = None,
    ) -> None:
        listed = list(tests)
        self.now = now or datetime.now(UTC)
        self._rates = {test: _Windows(test.per) for test in listed if isinstance(test, Rate)}
        self._similar = {test: _Texts(test) for test in listed if isinstance(test, Similar)}
        self._authors = authors

    def around(self, comment: Comment) -> Around:
        """Take the comment in, and tell what is known around it."""
        record = self._authors(comment) if comment.author and self._authors else None
        return Around(self.now, self._observe(comment), record)

    def _observe(self, comment: Comment) -> dict[Rate | Similar, tuple[int, int]]:
        """For each test that can be told, (comments, authors) of its window, this
        comment among them; tests that lack a field are left out."""
        seen: dict[Rate | Similar, tuple[int, int]] = {}
        if not (self._rates or self._similar) or comment.created is None:
            return seen
        # Only differences count, so a time without a zone does as well as one with.
        created = comment.created
        at = (created if created.tzinfo else created.replace(tzinfo=UTC)).timestamp()
        who = comment.author and (comment.author.id or comment.author.name)
        letters: str | None = None
        if self._similar or any(test.by == "text" for test in self._rates):
            letters = letters_of(comment.text)
        keys = {"author": who, "thread": comment.thread and comment.thread.id, "text": letters}
        for test, windows in self._rates.items():
            key = keys[test.by]
            if key:
                seen[test] = (windows.add(key, at), 0)
        for similar, texts in self._similar.items():
            if letters and who:
                seen[similar] = texts.add(letters, at, who)
        return seen


class _Windows:
    """Times by key, the least recently used key forgotten first."""

    def __init__(self, per: float) -> None:
        self._per = per
        self._times: OrderedDict[str, array[float]] = OrderedDict()

    def add(self, key: str, at: float) -> int:
        """How many lie in the window that ends at this time, which is added."""
        # Eight bytes for each: a comment among millions is to weigh little.
        times = self._times.setdefault(key, array("d"))
        self._times.move_to_end(key)
        insort(times, at)
        if len(times) > _MAX_TIMES:
            del times[: len(times) - _MAX_TIMES]
        if len(self._times) > _MAX_KEYS:
            self._times.popitem(last=False)
        return bisect_right(times, at) - bisect_left(times, at - self._per)


@dataclass(slots=True, eq=False)
class _Text:
    letters: str
    sketch: tuple[int, ...]
    #: Of each comment with this text, its time, and its author as a hash.
    times: array[float] = field(default_factory=lambda: array("d"))
    authors: array[int] = field(default_factory=lambda: array("q"))

    def add(self, at: float, author: str) -> None:
        self.times.append(at)
        self.authors.append(hash(author))
        if len(self.times) > _MAX_TIMES:
            del self.times[0], self.authors[0]


class _Texts:
    """Texts and their near duplicates, the oldest forgotten first."""

    def __init__(self, test: Similar) -> None:
        self._test = test
        self._texts: OrderedDict[str, _Text] = OrderedDict()
        self._buckets: dict[int, list[_Text]] = {}

    def add(self, letters: str, at: float, author: str) -> tuple[int, int]:
        """(comments, authors) of this text and those like it, within the window."""
        own = self._texts.get(letters)
        if own is None:
            own = _Text(letters, _sketch(letters))
            self._texts[letters] = own
            for value in own.sketch:
                bucket = self._buckets.setdefault(value, [])
                if len(bucket) < _MAX_BUCKET:
                    bucket.append(own)
            if len(self._texts) > _MAX_TEXTS:
                self._forget(self._texts.popitem(last=False)[1])
        else:
            self._texts.move_to_end(letters)
        own.add(at, author)
        found = [
            who
            for text in (own, *self._like(own))
            for when, who in zip(text.times, text.authors, strict=True)
            if at - self._test.per <= when <= at
        ]
        return len(found), len(set(found))

    def _like(self, own: _Text) -> list[_Text]:
        # Not at the top: it is slow to import, and most runs have no texts to compare.
        from rapidfuzz import fuzz

        buckets = (self._buckets.get(value, ()) for value in own.sketch)
        shared = Counter(chain.from_iterable(buckets))
        least = self._test.likeness * 100
        return [
            text
            for text, count in shared.items()
            if count >= _SHARED
            and text is not own
            and fuzz.ratio(own.letters, text.letters, score_cutoff=least) >= least
        ]

    def _forget(self, text: _Text) -> None:
        for value in text.sketch:
            bucket = self._buckets.get(value)
            if bucket and text in bucket:
                bucket.remove(text)
                if not bucket:
                    del self._buckets[value]


def _sketch(letters: str) -> tuple[int, ...]:
    """The smallest hashes of the text's shingles; none for a short text."""
    if len(letters) < SHORTEST:
        return ()
    # Not at the top, as above.
    import numpy as np

    codes = np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    shingles = np.zeros(len(codes) - _SHINGLE + 1, dtype=np.uint64)
    for place, factor in enumerate(_FACTORS):
        shingles += codes[place : place + shingles.size] * np.uint64(factor)
    # The high bits of a product depend on all the factors' bits, the low ones on few.
    hashes = np.unique(((shingles ^ (shingles >> np.uint64(31))) * np.uint64(_MIX)) >> _HIGH)
    return tuple(hashes[:_SKETCH].tolist())
