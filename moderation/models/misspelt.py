"""Which word of a list was meant by a misspelt one: `phuck`, `idoit`, `stoopid`, `btch`.

Slips of the fingers are looked up: letters that changed places, vowels left out. What was
written by ear is turned into what it sounds like, one sign a sound, and compared by an edit
distance in which what ears confuse costs little. The first sound must be the same. How far
apart the two may be grows with the number of sounds: most short strings are near some word.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from math import inf

from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import extract

#: Spellings of a sound; a letter that is not here is its own sound. `C`, `S` and `T` are
#: the sounds of `church`, `ship` and `think`.
_SPELT = {
    "sch": "S",
    "tch": "C",
    "eau": "o",
    "ough": "u",
    "igh": "i",
    **dict.fromkeys(("ck", "kk", "cc", "c", "q"), "k"),
    **dict.fromkeys(("ce", "sce"), "se"),
    **dict.fromkeys(("ci", "cy", "sci"), "si"),
    "cce": "kse",
    "cci": "ksi",
    "qu": "kw",
    "ssh": "sh",
    **dict.fromkeys(("gg", "gh", "qq"), "g"),
    **dict.fromkeys(("oo", "ou", "ew"), "u"),
    **dict.fromkeys(("ee", "ea", "ie", "ey", "y"), "i"),
    "oa": "o",
    "ir": "er",
    "ur": "er",
    "ch": "C",
    "sh": "S",
    "th": "T",
    "ph": "f",
    "wh": "w",
    "who": "ho",
    "dg": "j",
    "x": "ks",
    "z": "s",
}
_SOUND = re.compile("|".join(sorted(_SPELT, key=lambda spelling: -len(spelling))))
#: Endings that sound alike: `fucker` and `fucka`, `fucking` and `fuckin`, `dumb` and `dum`.
_ENDING = re.compile(r"(?<=..)(?:(er|or|ar|ur|uh|ah|a)(?=[sz]?$)|(ing)$|(m[bn])$)")
_ENDINGS = ("", "A", "in", "m")
#: Endings that many words share, in sounds: they make two words no more alike.
_COMMON = re.compile(r"(?<=..)(?:As?|ins?|id|is|s|i)$")
_RUN = re.compile(r"(.)\1+")
_VOWEL = re.compile("[aeiou]")
#: Two letters for one sound.
_DIGRAPH = re.compile("ck|sh|ch|gg")

_VOWELS = frozenset("aeiouA")
#: Sounds that ears confuse, as they are written and as they are meant.
_NEAR = frozenset(
    "ie ei ou uo Aa aA Ao oA Ae eA dt td gk kg bp pb fv vf mn nm gj jg"
    " sS Ss SC CS jC Cj tT Tt dT Td fT Tf".split()
)
#: How much may differ, by the sounds of the word meant without a common ending.
_ALLOWED = {2: 0.0, 3: 0.25, 4: 0.5, 5: 0.6, 6: 0.75, 7: 1.0}
_ALLOWED_LONG = 1.25
_SHORTEST, _LONGEST = 3, 24


class Misspellings:
    """Finds the word that was meant among those of a list."""

    def __init__(self, words: Iterable[str], known: frozenset[str]) -> None:
        """
        Args:
            words: lower-case letters; of two equally near ones the first is found.
            known: words that are spelt as they should be.
        """
        self._slips: dict[str, str] = {}
        self._by_sound: dict[str, list[str]] = defaultdict(list)
        self._by_first: dict[str, list[str]] = defaultdict(list)
        for word in words:
            for form in _slips(word):
                if form not in known:
                    self._slips.setdefault(form, word)
            sound = sounds(word)
            if sound not in self._by_sound:
                self._by_first[sound[0]].append(sound)
            self._by_sound[sound].append(word)

    def meant(self, written: str) -> str | None:
        """The word that these lower-case letters are a misspelling of, or None."""
        if not _SHORTEST <= len(written) <= _LONGEST:
            return None
        if written in self._slips:
            return self._slips[written]
        if not _VOWEL.search(written) and "y" not in written and "v" not in written:
            return None  # an abbreviation has no sound
        heard = sounds(written)
        best: tuple[float, int, str] | None = None
        for sound, _, _ in extract(
            heard,
            self._by_first.get(heard[0], ()),
            scorer=Levenshtein.distance,
            score_cutoff=1 if len(heard) < 6 else 2 if len(heard) < 9 else 3,
            limit=None,
        ):
            allowed = 0.0 if len(written) == _SHORTEST else _allowed(sound)
            far = distance(heard, sound, most=allowed)
            for word in self._by_sound[sound] if far <= allowed else ():
                rank = far, Levenshtein.distance(written, word), word
                if best is None or rank[:2] < best[:2]:
                    best = rank
        return best[2] if best else None


def _slips(word: str) -> Iterator[str]:
    """The word with two neighbours changed round, or with some of its vowels left out."""
    for at in range(1, len(word) - 1) if len(word) > _SHORTEST else ():
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    vowels = [found.start() for found in _VOWEL.finditer(word) if found.start()]
    # Three letters abbreviate everything, but few things with a `ck` or an `sh` in them.
    fewest = _SHORTEST if _DIGRAPH.search(word) else _SHORTEST + 1
    for count in range(1, len(vowels) + 1):
        for gone in combinations(vowels, count):
            form = "".join(letter for at, letter in enumerate(word) if at not in gone)
            if len(word) - len(vowels) >= fewest and len(form) * 2 > len(word):
                yield form
            if "ck" in form and len(form) > 4:
                yield form.replace("ck", "k")


def _allowed(sound: str) -> float:
    allowed = _ALLOWED.get(len(_COMMON.sub("", sound)), _ALLOWED_LONG)
    return max(allowed, 0.5) if len(sound) > 3 else allowed


def sounds(word: str) -> str:
    """What a word of lower-case letters sounds like, one character a sound."""
    word = _ENDING.sub(lambda found: _ENDINGS[found.lastindex or 0], word)
    return _RUN.sub(r"\1", _SOUND.sub(lambda found: _SPELT[found[0]], word))


def distance(heard: str, meant: str, *, most: float = inf) -> float:
    """How far apart two words sound, given as `sounds` gives them; inf if more than `most`."""
    before = [0.0]
    for place in range(len(meant)):
        before.append(before[-1] + _left_out(meant, place))
    for at, sound in enumerate(heard):
        row = [before[0] + _put_in(heard, at, last=False)]
        for place in range(len(meant)):
            row.append(
                min(
                    before[place] + _instead(sound, meant, place),
                    before[place + 1] + _put_in(heard, at, last=place + 1 == len(meant)),
                    row[place] + _left_out(meant, place),
                )
            )
        if min(row) > most:
            return inf
        before = row
    return before[-1] if before[-1] <= most else inf


def _left_out(meant: str, place: int) -> float:
    """The cost of a sound that was not written."""
    if meant[place] in _VOWELS:
        return 0.6 if place in (1, len(meant) - 1) else 0.5
    return 0.6 if meant[place] in "hr" and place and meant[place - 1] in _VOWELS else 1.0


def _put_in(heard: str, at: int, *, last: bool) -> float:
    """The cost of a sound too many."""
    if heard[at] in _VOWELS:
        if any(other in _VOWELS for other in heard[max(0, at - 1) : at + 2 : 2]):
            return 0.25
        return 0.6 if last else 0.75
    return 0.4 if heard[at] == "h" and at else 1.0


def _instead(sound: str, meant: str, place: int) -> float:
    """The cost of one sound for another one."""
    wanted = meant[place]
    if sound == wanted:
        return 0.0
    if sound + wanted == "vu":
        return 0.25  # by eye: `fvck`
    long = len(meant) > 4
    if sound in _VOWELS and wanted in _VOWELS:
        # An unstressed vowel could be any: `faget`.
        unstressed = long and any(before in _VOWELS for before in meant[:place])
        return 0.5 if unstressed or sound + wanted in _NEAR else 1.0
    if sound + wanted in _NEAR:
        # In short words no other sounds are confused: `dig` is not `dick`.
        return 0.5 if long else 0.75
    return 1.25
