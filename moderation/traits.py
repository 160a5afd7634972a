"""What a text is like, as small values to search and compare by: its script, its letters,
and a sketch that like texts share.
"""

from __future__ import annotations

import zlib
from collections import Counter
from itertools import islice
from unicodedata import name

from moderation.text import fold

#: Shorter texts are duplicates only when equal: "thank you" is nobody's campaign.
SHORTEST = 24
#: Beyond this many letters the beginning of a text stands for it.
_LONGEST = 2_000

_SHINGLE = 5
_BANDS = 5
_BINS = 2 * _BANDS

#: Scripts whose characters bear another name in Unicode.
_NAMED = {"cjk": "han", "fullwidth": "latin", "halfwidth": "katakana", "mathematical": "latin"}


def letters_of(text: str) -> str:
    """What of a text is compared with others: its folded letters and digits."""
    return "".join(islice(filter(str.isalnum, fold(text)), _LONGEST))


def script_of(text: str) -> str | None:
    """The script of most of the letters, in lower case as rules name it (`latin`, `han`);
    None for a text without letters. Of a long text its beginning is looked at."""
    if text.isascii():
        return "latin" if any(map(str.isalpha, text)) else None
    # Most are short; to count all that is in them is quicker than to pick the letters first.
    short = len(text) <= _LONGEST
    letters = text if short else islice(filter(str.isalpha, text), _LONGEST)
    found: Counter[str] = Counter()
    for letter, count in Counter(letters).items():
        if not letter.isalpha():
            continue
        if letter.isascii():
            found["latin"] += count
            continue
        first = name(letter, "unknown").split(" ", 1)[0].split("-", 1)[0].lower()
        found[_NAMED.get(first, first)] += count
    return max(found, key=found.__getitem__) if found else None


def sketch(letters: str) -> tuple[int, ...]:
    """A few numbers below 2**32; texts that are much alike share at least one.

    One-permutation MinHash: the shingles' hashes fall into ten bins, and two neighbouring
    bins' smallest make one number. Of texts with four fifths of their shingles in common
    99 in 100 share one, with three fifths nine in ten. None for a short text.
    """
    if len(letters) < SHORTEST:
        return ()
    raw = letters.encode("utf-32-le", "surrogatepass")
    size = 4 * _SHINGLE
    values = [zlib.crc32(raw[at : at + size]) for at in range(0, len(raw) - size + 1, 4)]
    least = {value % _BINS: value for value in sorted(values, reverse=True)}
    pairs = ((band, least.get(2 * band), least.get(2 * band + 1)) for band in range(_BANDS))
    return tuple(
        zlib.crc32(repr(pair).encode("ascii"))
        for pair in pairs
        if pair[1] is not None or pair[2] is not None
    )
