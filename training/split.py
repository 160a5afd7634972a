"""An honest split: near duplicates of a text stay on its side."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

_WORD = re.compile(r"\w+")
_BANDS, _ROWS = 5, 3
_PRIME = np.uint64((1 << 31) - 1)
_MIX = np.uint64(0x9E3779B97F4A7C15)


def clusters(texts: Sequence[str]) -> npt.NDArray[np.int64]:
    """A cluster number for each text, shape (n,): texts of nearly the same words share it.

    MinHash over sets of word pairs, five bands of three hashes: texts of ten words that
    differ in one of them meet with a chance of 0.78. Single words instead of pairs chain
    nearly all long texts together.
    """
    signatures = _signatures(texts)
    count = len(texts)
    left: list[npt.NDArray[np.int64]] = []
    for band in range(_BANDS):
        keys = np.zeros(count, dtype=np.uint64)
        for column in range(band * _ROWS, (band + 1) * _ROWS):
            keys = keys * _MIX + signatures[:, column]  # wraps around: a hash of the three
        _, first, member = np.unique(keys, return_index=True, return_inverse=True)
        left.append(first[member])
    ends = np.concatenate(left)
    starts = np.tile(np.arange(count), _BANDS)
    graph = coo_matrix((np.ones(ends.size, dtype=np.int8), (starts, ends)), shape=(count, count))
    _, found = connected_components(graph, directed=False)
    return np.asarray(found, dtype=np.int64)


def _signatures(texts: Sequence[str]) -> npt.NDArray[np.uint32]:
    random = np.random.default_rng(12)
    factors = random.integers(1, int(_PRIME), _BANDS * _ROWS, dtype=np.uint64)
    shifts = random.integers(0, int(_PRIME), _BANDS * _ROWS, dtype=np.uint64)
    result = np.empty((len(texts), _BANDS * _ROWS), dtype=np.uint32)
    for at, text in enumerate(texts):
        words = _WORD.findall(text.lower()) or [text]
        pairs = {f"{one} {two}" for one, two in pairwise(words)} or {words[0]}
        hashes = np.array([zlib.crc32(pair.encode()) & 0x7FFFFFFF for pair in pairs], np.uint64)
        mixed = (hashes[:, None] * factors + shifts) % _PRIME
        result[at] = mixed.min(axis=0)
    return result


def held_out(groups: npt.NDArray[np.int64], *, share: float, seed: int) -> npt.NDArray[np.bool_]:
    """Which texts are held out, shape (n,): whole clusters, about `share` of them all."""
    chosen = np.random.default_rng(seed).random(int(groups.max(initial=-1)) + 1) < share
    result: npt.NDArray[np.bool_] = chosen[groups]
    return result
