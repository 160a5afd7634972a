"""Which of thousands of patterns are worth running on a text: one pass for all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import ahocorasick_rs

from moderation.rules.matching.atoms import Needs, atom, is_whole, squeezed

#: Text is searched in pieces of this many bytes, so that 10 MB of one letter cannot
#: make a list of 10 million places.
_PIECE = 1 << 16
_DIGITS = b"0123456789"
_OF_WORD = re.compile("[A-Za-z0-9_]")
#: Words and phrases that an atom tells of, with whether it needs no second look in an ASCII
#: text and who asks for them; patterns that it makes worth running; the same of those that
#: need digits and other atoms as well.
_Waiting = tuple[
    Sequence[tuple[str, bool, list[int]]],
    Sequence[int],
    Sequence[tuple[int, int, list[frozenset[int]]]],
]


class NeedsIndex:
    """Which patterns are worth running on a text, and which are sure to match it."""

    def __init__(self, patterns: Iterable[tuple[int, Needs]]) -> None:
        listed = list(patterns)
        #: Words and phrases by the atom that tells of them, and who asks for them.
        whole: dict[str, dict[str, list[int]]] = {}
        for number, needs in listed:
            for entry in needs.whole:
                whole.setdefault(atom(entry, whole=True), {}).setdefault(entry, []).append(number)
        rest = [(number, needs) for number, needs in listed if not needs.whole]
        #: Digits needed and number of the patterns without atoms.
        self._always = [(needs.digits, number) for number, needs in rest if not needs.groups]
        texts = {text for _, needs in rest for group in needs.groups for text in group}
        # Signs are looked for in the text itself, all else in the squeezed one.
        signs = sorted(text for text in texts | whole.keys() if _only_signs(text))
        words = sorted((texts | whole.keys()).difference(signs))
        ids = {text: index for index, text in enumerate((*words, *signs))}
        self._words, self._signs = _Finder(words), _Finder(signs, len(words))
        #: Whether anything can be in an ASCII text: not so for Russian words.
        self._ascii = bool(self._always) or any(map(str.isascii, ids))
        alone: dict[str, list[int]] = {}
        along: dict[str, list[tuple[int, int, list[frozenset[int]]]]] = {}
        for number, needs in rest:
            others = [frozenset(ids[text] for text in group) for group in needs.groups[1:]]
            for text in needs.groups[0] if needs.groups else ():
                if others or needs.digits:
                    along.setdefault(text, []).append((number, needs.digits, others))
                else:
                    alone.setdefault(text, []).append(number)
        #: By atom, who waits for it.
        self._waiting: list[_Waiting] = [
            (
                [
                    (entry, entry.isascii() and text == f" {entry} " and " " not in entry, numbers)
                    for entry, numbers in whole[text].items()
                ]
                if text in whole
                else (),
                alone.get(text, ()),
                along.get(text, ()),
            )
            for text in ids
        ]

    def search(self, text: str) -> tuple[set[int], set[int]]:
        """Numbers of the patterns that match `text` (a folded one) for sure, and of those
        that may."""
        sure: set[int] = set()
        worth: set[int] = set()
        if text.isascii() and not self._ascii:
            return sure, worth
        raw = text.encode("utf-8", "replace")
        seen = self._words.ids_in(squeezed(raw))
        if self._signs:
            seen |= self._signs.ids_in(raw)
        if not seen and not self._always:
            return sure, worth
        digits = len(raw) - len(raw.translate(None, _DIGITS))
        for needed, number in self._always:
            if digits >= needed:
                worth.add(number)
        ascii_only, single = raw.isascii(), ""
        for index in seen:
            whole, alone, along = self._waiting[index]
            for entry, plain, numbers in whole:
                found = (plain and ascii_only) or _stands(text, entry)
                if not found and " " in entry:
                    # Any blanks between two words count as one.
                    single = single or " ".join(text.split())
                    found = _stands(single, entry)
                if found:
                    sure.update(numbers)
            if alone:
                worth.update(alone)
            for number, needed, others in along:
                if digits >= needed and not any(map(seen.isdisjoint, others)):
                    worth.add(number)
        return sure, worth


class _Finder:
    """Which of a number of texts are in another; their ids begin at `first`."""

    def __init__(self, texts: Sequence[str], first: int = 0) -> None:
        encoded = [text.encode() for text in texts]
        self._first = first
        self._overlap = max(map(len, encoded), default=1) - 1
        # As fast as the larger DFA, which takes seven times as long to build.
        self._find = ahocorasick_rs.BytesAhoCorasick(
            encoded, implementation=ahocorasick_rs.Implementation.ContiguousNFA
        ).find_matches_as_indexes
        self._empty = not texts

    def __bool__(self) -> bool:
        return not self._empty

    def ids_in(self, raw: bytes) -> set[int]:
        first = self._first
        if len(raw) <= _PIECE:
            return {found[0] + first for found in self._find(raw, overlapping=True)}
        seen: set[int] = set()
        for start in range(0, len(raw), _PIECE):
            piece = raw[start : start + _PIECE + self._overlap]
            seen.update([found[0] + first for found in self._find(piece, overlapping=True)])
        return seen


def _only_signs(text: str) -> bool:
    return text.isascii() and _OF_WORD.search(text) is None


def _stands(text: str, entry: str) -> bool:
    """Whether a word or phrase stands in a text, no word going on across its ends."""
    start = text.find(entry)
    while start >= 0:
        if is_whole(text, start, start + len(entry)):
            return True
        start = text.find(entry, start + 1)
    return False
