"""Ids that one input gives twice: found in bounded memory, and told apart.

A store keeps one comment under one id. The same record twice is one comment; two texts
under one id are two, of which the second must not take the first one's place.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import blake2b
from typing import Final

from moderation.comments import Comment
from moderation.sources.files import Source

#: Ids remembered in one generation; the one before it is still known. 24 MiB for both.
GENERATION: Final = 690_000

_MASK: Final = 2**64 - 1
_HALF: Final = 2**32 - 1

#: What is counted of them.
REPEATED: Final = "records that repeat an earlier one, id and text"
SHARED: Final = "comments with the id of an earlier one but another text, kept as ID~DIGEST"


def distinct(comments: Iterable[Comment], source: Source) -> Iterator[Comment]:
    """The comments, the later of two texts with one id as `ID~DIGEST` of its text.

    Ids that were counted here cannot repeat. A repeat is noticed for certain where at most
    `GENERATION` other ids stand between the two.
    """
    seen = _Seen()
    for comment in comments:
        if not comment.origin:
            same = seen.add(comment.id, comment.text)
            if same:
                source.count(REPEATED, comment.line)
            elif same is not None:
                source.count(SHARED, comment.line)
                raw = comment.text.encode("utf-8", "surrogatepass")
                digest = blake2b(raw, digest_size=6).hexdigest()
                comment = replace(comment, id=f"{comment.id}~{digest}")
        yield comment


class _Seen:
    """The ids of two generations, each with its text, as hashes that differ in each run."""

    def __init__(self) -> None:
        self._new, self._old = _Table(), _Table()

    def add(self, ident: str, text: str) -> bool | None:
        """None for a new id, else whether it came with this text."""
        key, value = hash(ident) & _MASK or 1, hash(text) & _HALF
        for table in (self._new, self._old):
            if (found := table.get(key)) is not None:
                return found == value
        if self._new.size == GENERATION:
            self._new, self._old = _Table(), self._new
        self._new.put(key, value)
        return None


class _Table:
    """A map of 64-bit keys (never 0) to 32-bit values, in a quarter of what a dict takes."""

    def __init__(self, bits: int = 10) -> None:
        self._clear(bits)

    def _clear(self, bits: int) -> None:
        self.size = 0
        self._slots = 1 << bits
        self._keys = array("Q", bytes(8 << bits))
        self._values = array("I", bytes(4 << bits))

    def get(self, key: int) -> int | None:
        at = self._place(key)
        return self._values[at] if self._keys[at] else None

    def put(self, key: int, value: int) -> None:
        if 3 * self.size >= 2 * self._slots:
            self._grow()
        at = self._place(key)
        self._keys[at], self._values[at] = key, value
        self.size += 1

    def _place(self, key: int) -> int:
        """Where the key is, or where it would be put."""
        keys, last = self._keys, self._slots - 1
        at = key & last
        while (found := keys[at]) and found != key:
            at = (at + 1) & last
        return at

    def _grow(self) -> None:
        keys, values = self._keys, self._values
        self._clear(self._slots.bit_length())
        for key, value in zip(keys, values, strict=True):
            if key:
                self.put(key, value)
