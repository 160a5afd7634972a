"""Normalised views of a text, each with a way back to the original offsets.

A view costs one pass in C. The map back is built only when a match asks for it, from
break points between clusters, not per character.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate, pairwise

# Characters that are drawn as nothing. Stripping all format characters would break
# Arabic and Indic shaping for display, but a view is only ever matched against.
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff"
)
_SINGLE_QUOTES = (
    "\u0060\u00b4\u02b9\u02bb\u02bc\u02bd\u02c8\u2018\u2019\u201a"
    "\u201b\u2032\u2035\u275b\u275c\uff07"
)
_DOUBLE_QUOTES = "\u00ab\u00bb\u201c\u201d\u201e\u201f\u2033\u2036\u275d\u275e\u301d-\u301f\uff02"
_DASHES = "\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d"
_BLANKS = "\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\u0085"
_SURROGATES = "\ud800-\udfff"

_SPECIAL = re.compile(
    f"[{_INVISIBLE}{_SINGLE_QUOTES}{_DOUBLE_QUOTES}{_DASHES}{_BLANKS}{_SURROGATES}]"
)
_TYPOGRAPHY = re.compile(f"[{_SINGLE_QUOTES}{_DOUBLE_QUOTES}{_DASHES}{_BLANKS}]")
_GONE = re.compile(f"[{_INVISIBLE}]")
_REPLACEMENTS = (
    (_GONE, ""),
    (re.compile(f"[{_SINGLE_QUOTES}]"), "'"),
    (re.compile(f"[{_DOUBLE_QUOTES}]"), '"'),
    (re.compile(f"[{_DASHES}]"), "-"),
    (re.compile(f"[{_BLANKS}]"), " "),
    # RE2 reads UTF-8, which has no lone surrogates; one stand-in keeps offsets.
    (re.compile(f"[{_SURROGATES}]"), "\ufffd"),
)


@lru_cache(maxsize=8192)
def _unify_char(char: str) -> str:
    for pattern, replacement in _REPLACEMENTS:
        if pattern.match(char):
            return replacement
    return char


def _unify(text: str) -> str:
    return _SPECIAL.sub(lambda found: _unify_char(found[0]), text)


#: A longer text is folded block by block: putting a run of marks in order takes time
#: that grows with the square of its length (`unicodedata.normalize`).
_BLOCK = 256
#: A block ends this much later at the latest, in the middle of a cluster if need be.
_OVERLONG = 64


def fold(text: str, *, keep_case: bool = False) -> str:
    """`text` as rules read it: NFKC, case folded, invisibles gone, quotes, dashes and
    blanks unified. Idempotent for practical purposes; linear in the length.

    In a run of more than 256 marks on one letter their order may be left as it is.
    """
    if len(text) <= _BLOCK or text.isascii():
        return _fold_block(text, keep_case)
    return "".join(_fold_blocks(text, keep_case)[1])


def _fold_blocks(text: str, keep_case: bool) -> tuple[list[int], list[str]]:
    """Where the blocks of a text begin and, last, where it ends; and each block folded."""
    cuts = [*_cuts(text), len(text)]
    return cuts, [_fold_block(text[start:end], keep_case) for start, end in pairwise(cuts)]


def _fold_block(text: str, keep_case: bool) -> str:
    if text.isascii():
        if "`" in text:
            text = text.replace("`", "'")
        return text if keep_case else text.lower()
    text = _unify(text)
    if not unicodedata.is_normalized("NFKC", text):
        # NFKC can bring back a quote, a blank or a dash (`⁻`), never an invisible.
        text = unicodedata.normalize("NFKC", text)
        text = _TYPOGRAPHY.sub(lambda found: _unify_char(found[0]), text)
    return text if keep_case else text.casefold()


def _cuts(text: str) -> list[int]:
    """Where the blocks of a text begin: before a character that NFKC joins to nothing
    that stands before it."""
    cuts = [0]
    at = _BLOCK
    while at < len(text):
        latest = at + _OVERLONG
        while at < min(latest, len(text)) and (
            _continues(text[at]) or (text[at] > "\x7f" and _unify_char(text[at]) == "")
        ):
            at += 1
        if at < len(text):
            cuts.append(at)
        at += _BLOCK
    return cuts


class View:
    """One reading of an original text.

    `text` is what patterns are matched against. `span` turns offsets of `text` into
    offsets of the original, widened to whole clusters (a letter with its marks).
    """

    __slots__ = ("_blocks", "_here", "_keep_case", "_there", "name", "original", "raw", "text")

    def __init__(self, original: str, *, keep_case: bool = False) -> None:
        self.name = "cased" if keep_case else "fold"
        self.original = original
        self._keep_case = keep_case
        #: Where blocks begin and end, in the original and in the folded text.
        if len(original) <= _BLOCK or original.isascii():
            self.text = _fold_block(original, keep_case)
            self._there, self._here = [0, len(original)], [0, len(self.text)]
        else:
            self._there, pieces = _fold_blocks(original, keep_case)
            self._here = [0, *accumulate(map(len, pieces))]
            self.text = "".join(pieces)
        #: For RE2, which reads UTF-8: encoded once, not once a pattern.
        self.raw = self.text.encode()
        self._blocks: dict[int, _Block] = {}

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Original offsets of `text[start:end]`; an empty range stays empty."""
        if self.original.isascii():
            return start, end
        index = self._index(start)
        first = self._there[index] + self._block(index).begin(start - self._here[index])
        if end <= start:
            return first, first
        index = self._index(end - 1)
        return first, self._there[index] + self._block(index).end(end - self._here[index])

    def _index(self, offset: int) -> int:
        """The block of a folded character; of the last one where the text ends."""
        return min(bisect_right(self._here, offset), len(self._here) - 1) - 1

    def _block(self, index: int) -> _Block:
        """The way back through one block, worked out when first asked for."""
        block = self._blocks.get(index)
        if block is None:
            block = self._blocks[index] = _Block(
                self.original[self._there[index] : self._there[index + 1]],
                self.text[self._here[index] : self._here[index + 1]],
                self._keep_case,
            )
        return block


class _Block:
    """A folded text of a few hundred characters, and where its clusters stand in the original."""

    __slots__ = ("_breaks", "_original")

    def __init__(self, original: str, folded: str, keep_case: bool) -> None:
        self._original = original
        # Most folding changes characters, but neither their number nor their order.
        same = (
            len(folded) == len(original)
            and _GONE.search(original) is None
            and unicodedata.is_normalized("NFKC", _unify(original))
        )
        self._breaks = None if same else _align(original, folded, keep_case)

    def begin(self, offset: int) -> int:
        """Where the cluster of the folded character at `offset` begins."""
        if self._breaks is None:
            while (
                offset > 0 and offset < len(self._original) and _continues(self._original[offset])
            ):
                offset -= 1
            return offset
        here, there = self._breaks
        return there[max(0, bisect_right(here, offset) - 1)]

    def end(self, offset: int) -> int:
        """Where the cluster of the folded character before `offset` ends."""
        if self._breaks is None:
            while offset < len(self._original) and _continues(self._original[offset]):
                offset += 1
            return offset
        here, there = self._breaks
        # A cluster ends where the next one begins; the lists end with a sentinel.
        return there[min(bisect_right(here, offset - 1), len(there) - 1)]


def _clusters(text: str) -> list[tuple[int, int]]:
    """Start and end of each cluster: a base with all that NFKC could join to it."""
    clusters: list[tuple[int, int]] = []
    start = 0
    # Invisibles after a letter belong to no letter, unless a mark follows them.
    tail = 0
    for index, char in enumerate(text):
        if char > "\x7f" and _unify_char(char) == "":
            tail += 1
            continue
        if index and not _continues(char):
            if index - tail > start:
                clusters.append((start, index - tail))
            if tail:
                clusters.append((index - tail, index))
            start = index
        tail = 0
    size = len(text)
    if size - tail > start:
        clusters.append((start, size - tail))
    if tail:
        clusters.append((size - tail, size))
    return clusters


def _continues(char: str) -> bool:
    """Whether NFKC could compose `char` with what stands before it."""
    if char < "\u0300":
        return False
    code = ord(char)
    if 0x1161 <= code <= 0x11FF or 0xFF9E <= code <= 0xFF9F or 0xFFA0 <= code <= 0xFFDC:
        return True  # Hangul vowels and finals; half-width voicing marks and jamo
    if 0x3131 <= code <= 0x318E:
        return True  # compatibility jamo become conjoining ones
    if unicodedata.category(char)[0] == "M":
        return True
    decomposed = unicodedata.normalize("NFKD", char)
    return unicodedata.combining(decomposed[0]) != 0


_fold_short = lru_cache(maxsize=8192)(_fold_block)


def _fold_piece(piece: str, keep_case: bool) -> str:
    return (_fold_short if len(piece) <= 2 else _fold_block)(piece, keep_case)


def _align(original: str, folded: str, keep_case: bool) -> tuple[list[int], list[int]]:
    """Break points (offsets in `folded`, offsets in `original`), a sentinel at the end."""
    here: list[int] = []
    there: list[int] = []
    position = 0
    pending = -1
    for start, end in _clusters(original):
        begin = start if pending < 0 else pending
        piece = _fold_piece(original[begin:end], keep_case)
        if not folded.startswith(piece, position) and end - begin < 64:
            pending = begin  # NFKC joined across this cluster: take the next one along
            continue
        pending = -1
        if piece:
            here.append(position)
            there.append(begin)
            position += len(piece)
        else:
            here.append(position)
            there.append(begin)
    here.append(len(folded))
    there.append(len(original))
    return here, there
