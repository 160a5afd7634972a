"""Hashed n-grams of many texts at once, with numpy alone.

The texts of a batch are laid end to end in one array of code points, so that hashing
costs a few vector operations for the whole batch instead of a dictionary look-up for
every n-gram. Training (`training/linear.py`) and the shipped model read their features
from here; a change here makes every trained file wrong and needs a new `VERSION`.

The features are the usual ones for this task: words and pairs of words, and runs of 3,
4 and 5 characters, hashed into one table (Weinberger et al. 2009, "Feature hashing for
large scale multitask learning"). A feature is present or absent: how often a word is
repeated does not count. The hash is a polynomial in the code points modulo 2**32 with
a multiplicative finish.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

#: Stored in a trained file; the model refuses a file of another version.
VERSION = 1
#: Features are hashed into 2**BITS rows.
BITS = 20
#: The longest text, in code points, that is read as one.
WINDOW = 4096

UInt32 = npt.NDArray[np.uint32]
Rows = npt.NDArray[np.intp]

# Around each text: a start mark and a blank before, a blank and an end mark after. The
# end mark is long enough that no 5-gram which begins in a text reaches the next one.
_FRAME = "\x01 %s \0\0\0\0"
_FRAME_SIZE = len(_FRAME) - len("%s")
_TAIL = 5  # code points at the end of a frame where no character n-gram begins

_SHIFT = np.uint32(32 - BITS)
_CHAR_BASE = np.uint32(0x01000193)
_WORD_BASE = 0x85EBCA6B
_PAIR_BASE = np.uint32(0xC2B2AE35)
_HALF = np.uint32(15)
# Each kind of n-gram ends in a multiplier of its own.
_CHAR_3, _CHAR_4, _CHAR_5, _WORD_1, _WORD_2 = (
    np.uint32(number) for number in (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1)
)

# Code points hashed in one go: enough to spread numpy's overhead, few enough that the
# intermediate arrays stay in the processor's cache.
_BATCH = 1 << 14
# A folded text is at most twice as long as the window (U+0130 becomes two).
_CAPACITY = _BATCH + 2 * WINDOW + _FRAME_SIZE


def _class_table() -> npt.NDArray[np.uint8]:
    """Blank 0, letter or digit 1, other sign 2, end mark 3, start mark 4.

    Every blank lies below U+3100; what lies above counts as a letter.
    """
    table = [
        0 if char.isspace() else 1 if char.isalnum() else 2 for char in map(chr, range(0x3100))
    ]
    table[0], table[1] = 3, 4
    return np.array([*table, 1], dtype=np.uint8)


def _powers(base: int) -> UInt32:
    return np.cumprod(np.full(_CAPACITY, base, dtype=np.uint32), dtype=np.uint32)


_CLASSES = _class_table()
_LAST_CLASS = np.uint32(len(_CLASSES) - 1)
# A word's hash must not depend on where in the batch it stands: each code point is
# multiplied by the power of its place, and the sum by the inverse power of the start.
_POWERS = _powers(_WORD_BASE)
_INVERSES = _powers(pow(_WORD_BASE, -1, 1 << 32))


def fold(text: str) -> str:
    """Lower case, runs of blanks as one plain space, none at the ends."""
    return " ".join(text.lower().split())


def windows(text: str) -> Iterator[str]:
    """The text itself, or overlapping pieces of it if it is longer than `WINDOW`.

    Pieces overlap by an eighth, so that a phrase across a cut is whole in one of them.
    """
    if len(text) <= WINDOW:
        yield text
        return
    step = WINDOW - WINDOW // 8
    for start in range(0, len(text) - WINDOW + step, step):
        yield text[start : start + WINDOW]


def features(texts: Iterable[str]) -> Iterator[Rows]:
    """For each text, in order, the rows of its distinct n-grams (at least one).

    A text must not be longer than `WINDOW`. The rows of a text never depend on the
    other texts; they come in ascending order.
    """
    batch: list[str] = []
    size = 0
    for text in texts:
        folded = fold(text)
        batch.append(folded)
        size += len(folded) + _FRAME_SIZE
        if size >= _BATCH:
            yield from _batch_features(batch)
            batch, size = [], 0
    if batch:
        yield from _batch_features(batch)


def _batch_features(folded: list[str]) -> Iterator[Rows]:
    sizes = np.array([len(text) + _FRAME_SIZE for text in folded])
    ends = np.cumsum(sizes)
    starts = ends - sizes
    framed = "".join([_FRAME % text for text in folded])
    codes = np.frombuffer(framed.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    kinds = [(hashes, starts, ends - _TAIL) for hashes in _characters(codes)]
    kinds += _words(codes, starts)
    bounds = [(hashes, first.tolist(), last.tolist()) for hashes, first, last in kinds]
    for index in range(len(folded)):
        rows = np.concatenate([h[first[index] : last[index]] for h, first, last in bounds])
        rows.sort()
        distinct = np.empty(len(rows), dtype=np.bool_)
        distinct[0] = True
        np.not_equal(rows[1:], rows[:-1], out=distinct[1:])
        yield rows[distinct].astype(np.intp)


def _characters(codes: UInt32) -> Iterator[UInt32]:
    """The rows of the 3-, 4- and 5-grams that begin at each code point."""
    hashes = codes[:-1] * _CHAR_BASE + codes[1:]
    for length, finish in ((3, _CHAR_3), (4, _CHAR_4), (5, _CHAR_5)):
        hashes = hashes[:-1] * _CHAR_BASE + codes[length - 1 :]
        yield (hashes * finish) >> _SHIFT


def _words(codes: UInt32, starts: Rows) -> list[tuple[UInt32, Rows, Rows]]:
    """The rows of the words and of the pairs of words, with each text's part of them.

    A word is a run of letters and digits or a run of other signs; the start and end
    marks are words too, so no text is without one.
    """
    classes = _CLASSES[np.minimum(codes, _LAST_CLASS)]
    runs = np.concatenate(([0], np.flatnonzero(classes[1:] != classes[:-1]) + 1))
    sums = np.add.reduceat(codes * _POWERS[: len(codes)], runs, dtype=np.uint32)
    words = sums * _INVERSES[runs]
    solid = classes[runs] != 0
    runs, words = runs[solid], words[solid]
    first = np.searchsorted(runs, starts)
    last = np.append(first[1:], len(runs))
    pairs = words[:-1] * _PAIR_BASE + words[1:]
    pairs = (pairs ^ (pairs >> _HALF)) * _WORD_2
    return [((words * _WORD_1) >> _SHIFT, first, last), (pairs >> _SHIFT, first, last - 1)]
