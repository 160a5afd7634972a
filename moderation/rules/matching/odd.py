"""The precheck: what looks odd in a folded text, on RE2.

Most comments have nothing odd. What is found is looked at again, one passage at a time.
"""

from __future__ import annotations

from typing import Any

import re2

_SIGNS = r"0-9@$!|+€¢£¥¡(#"
_ENDS = r"0-9@$€"
BREAKS = r".\-_*~,:;/|+^=%#•·"
_LETTERS = "abcdefghijklmnopqrstuvwxyzабвгдежзийклмнопрстуфхцчшщъыьэюя"
_TRIPLE = "|".join(letter * 3 for letter in _LETTERS)
_DOUBLES = "(?:" + "|".join(letter * 2 for letter in _LETTERS) + "){3}"
#: A letter, roughly: `\pL` makes a program a hundred times the size, and what is found
#: here is looked at again. The text is folded, so that there are no capitals.
_L = r"[a-z\x{80}-\x{10ffff}]"
_NOT_L = r"[^a-z\x{80}-\x{10ffff}]"
_NOT_LN = r"[^a-z0-9\x{80}-\x{10ffff}]"
VOWELS = "aeiouyаеёиоуыэюя"
#: A piece that is no word: a single letter, or letters without a vowel.
_SCRAP = rf"(?:{_L}|[b-df-hj-np-tv-xzбвгджзйклмнпрстфхцчшщ]{{2,5}})"
_ODD_PIECE = (
    rf"{_L}[{_SIGNS}]+{_L}|(?:^|{_NOT_LN})[0-9@$!+€]+{_L}|{_L}[{_SIGNS}]*[{_ENDS}]"
    rf"|{_L}[*#%•]+{_L}|(?:^|{_NOT_L}){_SCRAP}[{BREAKS}]+(?:{_L}|[0-9@$])"
    rf"|{_L}[{BREAKS}]+{_SCRAP}(?:$|{_NOT_L})|(?:^|{_NOT_L})ph[aeiou]|{_TRIPLE}|{_DOUBLES}"
)


def _chunks(odd: str) -> Any:
    """Passages without blanks that have something odd in them."""
    return re2.compile(rf'[^\s<>"]*(?:{odd})[^\s<>"]*')


CHUNK = _chunks(_ODD_PIECE)
CHUNK_STRICT = _chunks(rf"{_ODD_PIECE}|{_L}[{BREAKS}]+(?:{_L}|[0-9@$])")
_SINGLE = rf"(?:{_L}|[0-9@$!|#])"
_GAP = rf"(?:[\s{BREAKS}]|\s[{BREAKS}]\s)"
_BEGIN = r"(?:^|[^a-z0-9@$\x{80}-\x{10ffff}])"
SPACED = re2.compile(rf"{_BEGIN}{_SINGLE}(?:{_GAP}{{1,3}}{_SINGLE}){{2,}}")
#: The third one is not the first letter of a word, as in `it's a pity`, or is not the last.
ODD = re2.compile(
    rf"{_ODD_PIECE}|{_BEGIN}{_SINGLE}(?:{_GAP}{{1,3}}{_SINGLE}){{2}}"
    rf"(?:$|[^a-z0-9]|{_GAP}{{1,3}}{_SINGLE})"
)
