"""What a pattern cannot match without: literal texts, found for all patterns in one pass.

An *atom* is a text of which at least one must occur for a pattern to match. The idea is
that of code search engines and of semgrep and YARA: required substrings first, then
confirm. Atoms are kept *squeezed*, a form in which words stand between single blanks and
nothing else is left: there a blank on an atom's edge is the edge of a word, and `\\bass\\b`
is not looked for in every `class`.
"""

from __future__ import annotations

import math
import re
import unicodedata
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from moderation.text import fold

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
#: How rare a letter or sign is, roughly: -log2 of its share.
_BITS = {letter: 3 + index / 4 for index, letter in enumerate("etaoinshrdlucmfpgywbvkxjqz")}
_BITS |= {" ": 2.4} | dict.fromkeys(".,'\"-!?:;()", 5.0)
_OTHER_BITS = 7.5
_COMMON_BITS = 5.0
#: An atom less rare is in most comments: not worth asking for besides another one.
_TELLING_BITS = 9.0
#: One below this is not worth waiting for at all.
_LEAST_BITS = 6.0
#: So many spellings of a passage of a regex are written out, and so long a passage.
_MOST, _LONGEST = 128, 64
#: Where an anchor or `\b` stood.
_EDGE = "\0"
_WORDS = re.compile("[A-Za-z0-9_]+(?: [A-Za-z0-9_]+)*")
_EDGE_OF_WORD = re.compile(rf"(?<=[A-Za-z0-9_]){_EDGE}+|{_EDGE}+(?=[A-Za-z0-9_])")


@dataclass(frozen=True, slots=True)
class Needs:
    """What must be in a text for a pattern to match it.

    One atom of each of the `groups`, the rarest group first, and at least so many ASCII
    `digits`; or one of the `whole` words and phrases (not squeezed), which is then enough.
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


#: To RE2 `[:alpha:]` is a class, and `{,2}` no count.
_READ_OTHERWISE = re.compile(r"\[:|\{,")


def of_regex(source: str, *, keep_case: bool) -> Needs:
    """What a regex in RE2's syntax needs, as far as it can be told.

    Python's own parser reads it; what only RE2 understands needs nothing and is merely
    slower, never wrong.
    """
    tree = parsed(source)
    if tree is None or tree.state.flags & re.VERBOSE or _READ_OTHERWISE.search(source):
        return NOTHING
    if keep_case and "(?" in source.replace("(?:", ""):
        return NOTHING  # a group may turn case folding on below a case-sensitive whole
    return Needs(_rarest(_required(tree, {""}), keep_case=keep_case), digits=_digits(tree))


def of_literals(entries: Iterable[str], *, whole: bool = False) -> Needs:
    """Of each phrase all its words; signs and blanks may differ between texts."""
    if whole:
        return Needs(whole=frozenset(entries))
    return Needs((frozenset(map(atom, entries)),))


#: ASCII without what parts words; all else keeps its place.
_PARTED = bytes(
    code if code >= 128 or chr(code).isalnum() or code == 95 else 32 for code in range(256)
)
_STRANGE = re.compile(rb"([\x80-\xff]+)")


def squeezed(raw: bytes) -> bytes:
    """UTF-8 with single blanks between its words and around them: runs of ASCII letters,
    digits and underscores, and runs of what is not ASCII."""
    words = raw.translate(_PARTED)
    if not raw.isascii():
        words = b" ".join(_STRANGE.split(words))
    return b" %b " % b" ".join(words.split())


def atom(text: str, *, whole: bool = False) -> str:
    """What a squeezed text that has `text` has as well; where `text` has no letters or
    digits, its longest piece without blanks, to be looked for as it stands.

    With `whole`, words go on across neither end.
    """
    if _WORDS.fullmatch(text):
        return f" {text} " if whole else text
    plain = _EDGE_OF_WORD.sub(" ", _EDGE + text + _EDGE if whole else text).replace(_EDGE, "")
    words = squeezed(plain.encode("utf-8", "replace")).decode()
    if words.isspace():
        return max(re.split(rf"[\s{_EDGE}]+", text), key=len)
    # A blank at an end holds where a sign or the edge of a word is there.
    begins, ends = _parts(ord(plain[0])), _parts(ord(plain[-1]))
    return words[0 if begins else 1 : len(words) if ends else -1]


def _parts(code: int) -> bool:
    """Whether a character of ASCII is no part of a word."""
    return code < 128 and _PARTED[code] == 32


def _required(tree: Any, before: set[str]) -> list[set[str]]:
    """Sets of passages; of each set one must occur. `before` is spelt right before them."""
    found: list[set[str]] = []
    found.append(_walk(tree, before, found))
    return found


def _walk(tree: Any, runs: set[str], found: list[set[str]]) -> set[str]:
    """Through a sequence: `runs` are the spellings of what stands right before it, the
    result those of what stands at its end. What came to an end between is in `found`."""
    for operator, argument in tree:
        texts = _spelt(operator, argument)
        if texts is not None:
            if len(texts) == 1 or len(runs) * len(texts) <= _MOST:
                runs = {run + text for run in runs for text in texts}
                if max(map(len, runs)) <= _LONGEST:
                    continue
            found.append(runs)
            if all(run[-1:] in (" ", _EDGE) for run in runs):
                texts = {_EDGE + text for text in texts}
            runs = texts
            continue
        if operator is ops.SUBPATTERN:
            runs = _walk(argument[3], runs, found)
        elif operator in (ops.MAX_REPEAT, ops.MIN_REPEAT) and argument[0] >= 1:
            # Once right after what stands before, once right before what follows.
            runs = _walk(argument[2], runs, found)
            found.append(runs)
            # Where not all of it is known, `runs` begin after what is not.
            runs = _spelt_through(argument[2]) or runs
        elif operator is ops.BRANCH:
            found.append(runs)
            branches = [_likeliest(_required(branch, runs)) for branch in argument[1]]
            if all(branches):
                found.append(set().union(*branches))
            runs = {""}
        else:
            edge = _cut(operator, argument)
            found.append({run + edge for run in runs})
            runs = {edge}
    return runs


def _likeliest(found: list[set[str]]) -> set[str]:
    """The set of passages that is the rarest, empty where none is worth asking for."""
    runs = max(found, key=lambda runs: _bits(map(atom, runs)))
    return runs if _bits(map(atom, runs)) > _LEAST_BITS else set()


def _spelt(operator: Any, argument: Any) -> set[str] | None:
    """All that a part of a regex can match, each sign that parts words written as a
    blank; None where that is too much or not known."""
    if operator is ops.LITERAL:
        return {chr(argument)}
    if operator is ops.AT:
        return {"" if argument is ops.AT_NON_BOUNDARY else _EDGE}
    if operator is ops.SUBPATTERN:
        return _spelt_through(argument[3])
    if operator is ops.IN:
        return _signs(argument)
    if operator is ops.BRANCH:
        texts: set[str] = set()
        for branch in argument[1]:
            more = _spelt_through(branch)
            if more is None:
                return None
            texts |= more
        return texts if len(texts) <= 8 * _MOST else None
    if operator in (ops.MAX_REPEAT, ops.MIN_REPEAT):
        least, most, inner = argument
        texts_or_none = _spelt_through(inner)
        if texts_or_none is None:
            return None
        if most == 1:
            return texts_or_none | {""}
        if texts_or_none == {" "}:
            return {" "} if least else {"", " "}
        if least == most and len(texts_or_none) == 1 and least <= 16:
            return {text * least for text in texts_or_none}
    return None


def _spelt_through(tree: Any) -> set[str] | None:
    """The same of a whole sequence."""
    texts = {""}
    for operator, argument in tree:
        more = _spelt(operator, argument)
        if more is None or (len(texts) > 1 and len(texts) * len(more) > _MOST):
            return None
        texts = {before + after for before in texts for after in more}
    return texts


def _signs(members: Any) -> set[str] | None:
    """The members of a short class of characters, ` ` for all that part words."""
    found: set[str] = set()
    for kind, value in members:
        if kind is ops.LITERAL:
            codes = range(value, value + 1)
        elif kind is ops.RANGE:
            codes = range(value[0], value[1] + 1)
        elif (kind, value) == (ops.CATEGORY, ops.CATEGORY_SPACE):
            codes = range(32, 33)
        else:
            return None
        if len(codes) > 128:
            return None
        found |= {" " if _parts(code) else chr(code) for code in codes}
    return found if len(found) <= 8 else None


def _cut(operator: Any, argument: Any) -> str:
    """What an unknown character says of what stands beside it: `\\W`, be it a sign or a
    letter like `é`, is no part of an ASCII word."""
    not_word = operator is ops.IN and argument == [(ops.CATEGORY, ops.CATEGORY_NOT_WORD)]
    return _EDGE if not_word else ""


def _rarest(found: list[set[str]], *, keep_case: bool) -> tuple[frozenset[str], ...]:
    """The groups worth asking for, the rarest first, as far as one can tell without a
    corpus: always one, and up to two more that are not in most texts anyway."""
    groups = {frozenset(atom(run if keep_case else fold(run)) for run in runs) for runs in found}
    usable = {group: _bits(group) for group in groups if all(group)}
    chosen: list[frozenset[str]] = []
    for group in sorted(usable, key=lambda group: (-usable[group], sorted(group))):
        least = _TELLING_BITS if chosen else _LEAST_BITS
        if (
            len(chosen) < 3
            and usable[group] > least
            and not any(
                # Wherever the one is, the other is as well.
                all(any(part in text for part in group) for text in other)
                for other in chosen
            )
        ):
            chosen.append(group)
    return tuple(chosen)


def _bits(group: Iterable[str]) -> float:
    """How rare it is that one of the atoms stands at some place: -log2 of its share."""
    share = sum(2 ** -_atom_bits(text) for text in group)
    return -math.log2(share) if share else math.inf


def _atom_bits(text: str) -> float:
    pieces = text.split(" ")
    return sum(map(_piece_bits, pieces)) + _BITS[" "] * (len(pieces) - 1)


@lru_cache(maxsize=20_000)
def _piece_bits(piece: str) -> float:
    bits = sum([_BITS.get(letter, _OTHER_BITS) for letter in piece])
    return min(bits, _COMMON_BITS) if piece in COMMON else bits


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


def is_whole(text: str, start: int, end: int) -> bool:
    """Whether no word goes on across either end; marks belong to their letter."""
    return not (
        (start > 0 and _wordy(text[start - 1]) and _wordy(text[start]))
        or (end < len(text) and _wordy(text[end]) and _wordy(text[end - 1]))
    )


def _wordy(char: str) -> bool:
    return char.isalnum() or char == "_" or (char > "\x7f" and unicodedata.category(char)[0] == "M")
