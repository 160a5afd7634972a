"""What a pattern cannot match without: literal texts, found for all patterns in one pass.

An *atom* is a text of which at least one must occur for a pattern to match. One
Aho-Corasick automaton over the atoms of all patterns says which patterns are worth
running at all; on most comments that is none. The idea is that of code search engines
and of semgrep and YARA: required substrings first, then confirm.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import ahocorasick_rs
import re2

from moderation.text import fold

_DIGIT = re.compile("[0-9]")
_BLANKS = re.compile(r"\s\s|[^\S ]")
#: Text is searched in pieces of this many characters, so that 10 MB of one letter
#: cannot make a list of 10 million places.
_PIECE = 1 << 16
#: So frequent in English that waiting for them saves little.
COMMON = frozenset(
    (
        "the and you that was for are with his they this have from one had but not what all"
        " were when your can said there use each which she how their will other about out many"
        " then them these some her would make like him into has look more very could people"
        " than been who its now any is in it of to be at as we he do or by if my up an so no"
        " me us am ing ion ed er es ll re ve don"
    ).split()
)
#: Signs rare enough in prose to be worth waiting for, alone.
_RARE_SIGNS = frozenset("@+#$€£%&*<>=|~^/_{}[]")


@dataclass(frozen=True, slots=True)
class Needs:
    """What must be in a text for a pattern to match it.

    One atom of each of the `groups`, the rarest group first, and at least so many ASCII
    `digits`; or one of the `whole` words and phrases, which is then enough.
    """

    groups: tuple[frozenset[str], ...] = ()
    whole: frozenset[str] = frozenset()
    digits: int = 0


NOTHING = Needs()


@lru_cache(maxsize=20_000)
def parsed(source: str) -> Any:
    """The tree of a regex as Python's parser reads it, None where it does not.

    Several readers ask for the same one, and parsing is most of what loading rules costs.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _parser.parse(source.replace(r"\z", r"\Z"))
    except (re.error, OverflowError, RecursionError):
        return None


def of_regex(source: str, *, keep_case: bool) -> Needs:
    """What a regex in RE2's syntax needs, as far as it can be told.

    Python's own parser reads it; what only RE2 understands needs nothing and is merely
    slower, never wrong.
    """
    tree = parsed(source)
    if tree is None or tree.state.flags & re.VERBOSE:
        return NOTHING
    if keep_case and "(?" in source.replace("(?:", ""):
        return NOTHING  # a group may turn case folding on below a case-sensitive whole
    groups = _rarest(_required(tree))
    if not keep_case:
        groups = tuple(frozenset(fold(atom) for atom in group) for group in groups)
    return Needs(groups, digits=_digits(tree))


def of_literals(entries: Iterable[str], *, whole: bool = False) -> Needs:
    """Of each phrase its rarest word; blanks may differ between texts."""
    if whole:
        return Needs(whole=frozenset(entries))
    words = frozenset(max(entry.split(" "), key=lambda word: _rarity((word,))) for entry in entries)
    return Needs((words,))


def _required(tree: Any, before: str = "") -> list[frozenset[str]]:
    """Sets of atoms; of each set one must occur.

    `before` is the literal text right before the tree: the parser reads `fuck|fck` as
    `f(?:uck|ck)`, and the whole words are the rarer ones.
    """
    found: list[frozenset[str]] = []
    run = list(before)

    def close() -> None:
        found.extend(frozenset((word,)) for word in "".join(run).split())
        run.clear()

    for operator, argument in tree:
        if operator is ops.LITERAL:
            run.append(chr(argument))
        elif operator is ops.AT:
            pass  # an anchor takes no character
        elif operator in (ops.MAX_REPEAT, ops.MIN_REPEAT):
            least, most, inner = argument
            if len(inner) == 1 and inner[0][0] is ops.LITERAL:
                run += [chr(inner[0][1])] * min(least, 16)
                if least != most or least > 16:
                    close()
                continue
            close()
            if least >= 1:
                found += _required(inner)
        else:
            ahead = "".join(run)
            close()
            if operator is ops.SUBPATTERN:
                found += _required(argument[3], ahead)
            elif operator is ops.BRANCH:
                branches = [_rarest(_required(branch, ahead)) for branch in argument[1]]
                if all(branches):
                    found.append(frozenset().union(*(groups[0] for groups in branches)))
    close()
    return found


def _rarest(candidates: Sequence[frozenset[str]]) -> tuple[frozenset[str], ...]:
    """The groups worth asking for, the rarest first, as far as one can tell without a
    corpus: always one, and up to two more that are no everyday words."""
    usable = {
        atoms
        for atoms in candidates
        if atoms and all(len(atom) >= 2 or atom in _RARE_SIGNS for atom in atoms)
    }
    ordered = sorted(usable, key=lambda atoms: (-_rarity(atoms), len(atoms), sorted(atoms)))
    return tuple(ordered[:1] + [atoms for atoms in ordered[1:3] if _rarity(atoms) >= 3])


def _rarity(atoms: Iterable[str]) -> float:
    """The length of the shortest, less where it is a common word, more for signs."""
    return min(
        len(atom) - (2.5 if atom in COMMON else 0) + (2 if not atom.isalnum() else 0)
        for atom in atoms
    )


def _digits(tree: Any) -> int:
    """The least number of ASCII digits in any match."""
    count = 0
    for operator, argument in tree:
        if operator is ops.LITERAL:
            count += 48 <= argument <= 57
        elif operator is ops.IN:
            count += all(
                part == (ops.CATEGORY, ops.CATEGORY_DIGIT)
                or (part[0] is ops.LITERAL and 48 <= part[1] <= 57)
                or (part[0] is ops.RANGE and 48 <= part[1][0] <= part[1][1] <= 57)
                for part in argument
            )
        elif operator in (ops.MAX_REPEAT, ops.MIN_REPEAT):
            count += argument[0] * _digits(argument[2])
        elif operator is ops.SUBPATTERN:
            count += _digits(argument[3])
        elif operator is ops.BRANCH:
            count += min(map(_digits, argument[1]), default=0)
    return count


#: What is no word character of ASCII, blanked out.
_BLANKED = bytes(
    code if chr(code).isalnum() or chr(code) == "_" else 32 for code in range(128)
) + bytes([32] * 128)
_MARK = re2.compile(r"\pM")
_RUN_OF_WORDY = re2.compile(r"[\pL\pM\pN_]+")
_TOKEN = re.compile(r"\w+")


def tokens(text: str) -> set[str]:
    """The words of a text: runs of letters, marks, digits and underscores."""
    if text.isascii():
        return set(text.encode().translate(_BLANKED).decode().split())
    if _MARK.search(text.encode("utf-8", "replace")) is None:
        return set(_TOKEN.findall(text))
    return set(_RUN_OF_WORDY.findall(text.encode("utf-8", "replace").decode()))


class NeedsIndex:
    """Which patterns are worth running on a text, and which are sure to match it."""

    def __init__(self, patterns: Iterable[tuple[int, Needs]]) -> None:
        listed = list(patterns)
        #: Words that hold where they are among the words of a text, and phrases.
        self._single: dict[str, list[int]] = {}
        phrases: dict[str, list[int]] = {}
        for number, needs in listed:
            for entry in needs.whole:
                single = tokens(entry) == {entry}
                (self._single if single else phrases).setdefault(entry, []).append(number)
        self._keys = frozenset(self._single)
        rest = [(number, needs) for number, needs in listed if not needs.whole]
        self._texts = sorted(
            {atom for _, needs in rest for group in needs.groups for atom in group} | set(phrases)
        )
        ids = {text: index for index, text in enumerate(self._texts)}
        #: Digits needed and number of the patterns without atoms.
        self._always = [(needs.digits, number) for number, needs in rest if not needs.groups]
        #: What a pattern needs besides an atom of its first group: digits, other groups.
        self._more = {
            number: (
                needs.digits,
                [frozenset(ids[atom] for atom in group) for group in needs.groups[1:]],
            )
            for number, needs in rest
        }
        #: The patterns that an atom makes worth running, alone or if `_more` is there.
        self._within: list[list[int]] = [[] for _ in self._texts]
        self._conditional: dict[int, list[int]] = {}
        for number, needs in rest:
            for atom in needs.groups[0] if needs.groups else ():
                if needs.digits or len(needs.groups) > 1:
                    self._conditional.setdefault(ids[atom], []).append(number)
                else:
                    self._within[ids[atom]].append(number)
        #: The patterns that an atom standing on its own makes sure of.
        self._phrases = {ids[entry]: numbers for entry, numbers in phrases.items()}
        self._longest = max(map(len, self._texts), default=0)
        self._automaton = (
            ahocorasick_rs.AhoCorasick(self._texts, store_patterns=False) if self._texts else None
        )

    def search(self, text: str) -> tuple[set[int], set[int]]:
        """Numbers of the patterns that match `text` (a folded one) for sure, and of those
        that may."""
        sure: set[int] = set()
        if self._keys:
            for word in self._keys.intersection(tokens(text)):
                sure.update(self._single[word])
        worth: set[int] = set()
        if not self._always and self._automaton is None:
            return sure, worth
        digits = sum(map(text.count, "0123456789")) if _DIGIT.search(text) else 0
        worth.update([number for needed, number in self._always if digits >= needed])
        seen = self._seen(text, sure)
        for index in seen:
            if simple := self._within[index]:
                worth.update(simple)
            for number in self._conditional.get(index, ()):
                if number not in worth:
                    needed, others = self._more[number]
                    if digits >= needed and not any(map(seen.isdisjoint, others)):
                        worth.add(number)
        return sure, worth

    def _seen(self, text: str, sure: set[int]) -> set[int]:
        """The ids of the atoms in `text`; `sure` gets the numbers of the phrases there."""
        seen: set[int] = set()
        if self._automaton is None:
            return seen
        if self._phrases and _BLANKS.search(text):
            # Atoms hold no blanks, phrases single ones.
            text = " ".join(text.split())
        for start in range(0, len(text) or 1, _PIECE):
            piece = text if len(text) <= _PIECE else text[start : start + _PIECE + self._longest]
            matches = self._automaton.find_matches_as_indexes(piece, overlapping=True)
            new = {match[0] for match in matches}
            seen |= new
            if not self._phrases.keys().isdisjoint(new):
                for index, begin, end in matches:
                    numbers = self._phrases.get(index)
                    if numbers and is_whole(text, start + begin, start + end):
                        sure.update(numbers)
        return seen


def is_whole(text: str, start: int, end: int) -> bool:
    """Whether no word goes on across either end; marks belong to their letter."""
    return not (
        (start > 0 and _wordy(text[start - 1]) and _wordy(text[start]))
        or (end < len(text) and _wordy(text[end]) and _wordy(text[end - 1]))
    )


def _wordy(char: str) -> bool:
    return char.isalnum() or char == "_" or unicodedata.category(char)[0] == "M"
