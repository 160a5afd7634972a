"""Readings of a text besides the one as written: what a reader sees, not what was typed.

Entities decoded, right-to-left overrides reversed, diacritics off, look-alikes of other
scripts read as the letters that they imitate. Each step is a list of edits, so the way
back to the original needs no array a character. Every step is linear in the length.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Protocol

from moderation.lookalikes import CYRILLIC, LATIN, OTHER, REGIONAL, SECOND
from moderation.text import View

#: Start, end and what is read there.
Edit = tuple[int, int, str]


class Mapped(Protocol):
    """A text with a way back to the original one."""

    text: str
    raw: bytes

    def span(self, start: int, end: int) -> tuple[int, int]: ...


class Edited:
    """A text with some passages read otherwise, laid over another view."""

    __slots__ = ("_at", "_below", "_edits", "raw", "text")

    def __init__(self, below: Mapped, edits: Iterable[Edit]) -> None:
        self._below = below
        self._edits = list(edits)
        pieces: list[str] = []
        #: Offset in the new text of each edit.
        self._at: list[int] = []
        position = length = 0
        for start, end, read in self._edits:
            pieces += (below.text[position:start], read)
            length += start - position
            self._at.append(length)
            length += len(read)
            position = end
        pieces.append(below.text[position:])
        self.text = "".join(pieces)
        self.raw = self.text.encode("utf-8", "replace")

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Original offsets of `text[start:end]`, an edit taken whole."""
        first = self._back(start, last=False)
        return self._below.span(first, max(first, self._back(end - 1, last=True)))

    def touches(self, start: int, end: int) -> bool:
        """Whether `text[start:end]` was read otherwise somewhere."""
        index = bisect_right(self._at, end - 1) - 1
        if index >= 0:
            # Edits to nothing lie between characters; those inside count.
            at, (_, _, read) = self._at[index], self._edits[index]
            if at + len(read) > start or (not read and at > start):
                return True
        return isinstance(self._below, Edited) and self._below.touches(
            self._back(start, last=False), self._back(end - 1, last=True)
        )

    def _back(self, offset: int, *, last: bool) -> int:
        """The offset below of a character, or of the end of that character."""
        index = bisect_right(self._at, offset) - 1
        if index < 0:
            return offset + last
        at, (start, end, read) = self._at[index], self._edits[index]
        if offset < at + len(read):
            return end if last else start
        return end + offset - at - len(read) + last


class Whole:
    """The original text itself, as the bottom of a pile of readings."""

    __slots__ = ("raw", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.raw = b""

    def span(self, start: int, end: int) -> tuple[int, int]:
        return start, end


_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_OVERRIDE = re.compile("\u202e([^\u202c\u2069\n\u202e]*)[\u202c\u2069]?")
#: Diacritics only: taking off all marks would break Devanagari and Arabic.
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_OTHERS = "".join(OTHER)
_LATIN = "".join(LATIN)
_REGIONAL = "\U0001f1e6-\U0001f1ff"
_LETTERS = f"[\u00c0-\u024f\u1e00-\u1eff{_LATIN}]|[{_REGIONAL}]{{3,}}"
_LATIN_LETTERS = re.compile(_LETTERS)
_MARKED = re.compile(f"[^{_MARKS}][{_MARKS}]+|{_LETTERS}")
_ANY_MARK = re.compile(f"[{_MARKS}]+")
_MIXED = re.compile(f"[a-z][^\\W\\d_a-z]|[^\\W\\d_a-z][a-z]|[{_OTHERS}][0-9@$]")
_TELLING = re.compile(f"[\u00c0-\u024f\u1e00-\u1eff{_LATIN}{_OTHERS}{_MARKS}{_REGIONAL}]")
_ASCII = frozenset(map(chr, range(128)))
_WORD = re.compile(r"[^\W_]+")
_ASCII_LETTER = re.compile("[a-z]")


def before_folding(text: str) -> Edited | None:
    """The text with entities and overrides resolved, None where there are none."""
    edits: list[Edit] = []
    below: Mapped = Whole(text)
    if "&" in text:
        edits = [
            (found.start(), found.end(), html.unescape(found[0]))
            for found in _ENTITY.finditer(text)
        ]
        edits = [edit for edit in edits if text[edit[0] : edit[1]] != edit[2]]
        if edits:
            below = Edited(below, edits)
    if "\u202e" in below.text:
        turned = [
            (found.start(), found.end(), found[1][::-1]) for found in _OVERRIDE.finditer(below.text)
        ]
        below = Edited(below, turned)
    return below if isinstance(below, Edited) else None


class Refolded(View):
    """The folded view of a text that was itself edited."""

    __slots__ = ("_under",)

    def __init__(self, under: Edited) -> None:
        super().__init__(under.text)
        self._under = under

    def span(self, start: int, end: int) -> tuple[int, int]:
        return self._under.span(*super().span(start, end))

    def touches(self, start: int, end: int) -> bool:
        return self._under.touches(*super().span(start, end))


@lru_cache(maxsize=8192)
def _bare(cluster: str) -> str:
    """A letter without its diacritics; a letter of its own (`ñ`, `й`) keeps them."""
    if cluster[0] in REGIONAL:
        return "".join(REGIONAL.get(char, "") for char in cluster)
    base = _ANY_MARK.sub("", cluster)
    if base == "ñ":
        return base
    if base in LATIN:
        return LATIN[base]
    first = unicodedata.normalize("NFD", base)
    if first[:1].isascii():
        bare = _ANY_MARK.sub("", first)
        return LATIN.get(bare, bare)
    return LATIN.get(first[:1], base)


def skeletons(view: Mapped) -> Iterator[Edited]:
    """What the folded text of `view` looks like in plain letters: none, one or two."""
    text = view.text
    if text.isascii():
        return
    # Most texts have a few other signs only, none of them a letter or a mark.
    strange = "".join(set(text) - _ASCII)
    if not _TELLING.search(strange):
        return
    marked = _MARKED if _ANY_MARK.search(strange) else _LATIN_LETTERS
    edits = [
        (found.start(), found.end(), bare)
        for found in marked.finditer(text)
        if (bare := _bare(found[0] if found.end() - found.start() < 64 else found[0][:64]))
        != found[0]
    ]
    plain = Edited(view, edits) if edits else None
    below: Mapped = plain or view
    if _MIXED.search(below.text):
        mixed = [
            (found.start(), word)
            for found in _WORD.finditer(below.text)
            if not (word := found[0]).isascii() and _ASCII_LETTER.search(word)
        ]
        first, second, third = _mixed(mixed, OTHER), _mixed(mixed, SECOND), _cyrillic(mixed)
        for index, found in enumerate((first, second, third)):
            if found and (index == 0 or found != first):
                yield Edited(below, found)
                plain = None
    if plain is not None:
        yield plain


def _mixed(words: Iterable[tuple[int, str]], table: dict[str, str]) -> list[Edit]:
    """Look-alikes in these words that also have Latin letters."""
    return [
        (at + index, at + index + 1, table[char])
        for at, word in words
        for index, char in enumerate(word)
        if char in table
    ]


def _cyrillic(words: Iterable[tuple[int, str]]) -> list[Edit]:
    """Latin look-alikes in those words that also have Cyrillic letters."""
    edits: list[Edit] = []
    for at, word in words:
        if not any("\u0430" <= char <= "\u045f" for char in word):
            continue
        latin = [index for index, char in enumerate(word) if "a" <= char <= "z"]
        if all(word[index] in CYRILLIC for index in latin):
            edits += [(at + index, at + index + 1, CYRILLIC[word[index]]) for index in latin]
    return edits
