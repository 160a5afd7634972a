"""The words that rules look for: what a disguise is checked against.

Undoing disguises blindly makes words of anything (`4 u` is no `au`). So a passage is read
otherwise only where that gives a word that some rule asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from re import _constants as ops  # type: ignore[attr-defined]
from typing import Any

from moderation.rules.matching.atoms import parsed
from moderation.rules.matching.patterns import Pattern

#: More spellings of one regex are not written out.
_MOST = 400
#: Shorter words are too easily read into something.
SHORTEST = 3
#: A part of a word must be longer than a whole one.
SHORTEST_PART = 4
_LETTERS = re.compile(r"[^\W\d_]+")
_CUT = "\x00"


@dataclass(slots=True)
class Vocabulary:
    """Words that stand alone, parts of words, and phrases by their letters."""

    words: set[str] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)
    phrases: dict[str, str] = field(default_factory=dict)

    def add(self, pattern: Pattern) -> None:
        if pattern.operator == "regex":
            whole, parts = pattern.spelt or regex_words(pattern.source)
            self.words |= whole
            self.parts |= parts
            return
        for entry in pattern.entries:
            words = _LETTERS.findall(entry)
            usable = {word for word in words if len(word) >= SHORTEST}
            if pattern.operator == "words":
                self.words |= usable
            else:
                self.parts |= usable
            if len(words) > 1 and sum(map(len, words)) >= SHORTEST_PART:
                self.phrases.setdefault("".join(words), " ".join(words))


def vocabulary(patterns: Iterable[Pattern]) -> Vocabulary:
    found = Vocabulary()
    for pattern in patterns:
        found.add(pattern)
    return found


def spell_out(pattern: Pattern) -> Pattern:
    """The pattern with what it spells out worked out, where anyone may ask for it."""
    if pattern.operator != "regex" or pattern.keep_case or pattern.evasion == "off":
        return pattern
    whole, parts = regex_words(pattern.source)
    return replace(pattern, spelt=(frozenset(whole), frozenset(parts)))


def regex_words(source: str) -> tuple[set[str], set[str]]:
    """The words, and the beginnings and ends of words, that a regex spells out."""
    tree = parsed(source)
    if tree is None:
        return set(), set()
    speller = _Speller()
    speller.take(speller.spell(tree))
    return speller.words, speller.parts


class _Speller:
    def __init__(self) -> None:
        self.words: set[str] = set()
        self.parts: set[str] = set()

    def take(self, texts: Iterable[str]) -> None:
        """Keep the words of spelt-out texts; a cut means that more may follow there."""
        for text in texts:
            for found in _LETTERS.finditer(text):
                start, end = found.span()
                word = found[0].lower()
                cut = text[start - 1 : start] == _CUT or text[end : end + 1] == _CUT
                if cut and len(word) >= SHORTEST_PART:
                    self.parts.add(word)
                elif not cut and len(word) >= SHORTEST:
                    self.words.add(word)

    def spell(self, tree: Any) -> set[str]:
        texts = {""}
        for operator, argument in tree:
            more = self._spell_one(operator, argument)
            if len(texts) * len(more) > _MOST:
                self.take({text + _CUT for text in texts})
                texts = {_CUT}
                if len(more) > _MOST:
                    self.take({_CUT + text for text in more})
                    continue
            texts = {before + after for before in texts for after in more}
        return texts

    def _spell_one(self, operator: Any, argument: Any) -> set[str]:
        if operator is ops.LITERAL:
            return {chr(argument)}
        if operator is ops.AT:
            # A word boundary; anchors end a word as well.
            return {"\n"}
        if operator is ops.SUBPATTERN:
            return self.spell(argument[3])
        if operator is ops.BRANCH:
            return set().union(*(self.spell(branch) for branch in argument[1]))
        if operator is ops.IN and len(argument) <= 4:
            if all(part[0] is ops.LITERAL for part in argument):
                return {chr(part[1]) for part in argument}
        elif operator in (ops.MAX_REPEAT, ops.MIN_REPEAT):
            least, most, inner = argument
            texts = self.spell(inner)
            if most == 1:
                return texts | {""}
            if len(texts) <= 20 and least <= 1:
                # `(very )*`: none or one stands for all.
                ends_word = all(not text[-1:].isalpha() for text in texts)
                if ends_word:
                    return texts if least else texts | {""}
            self.take({_CUT + text + _CUT for text in texts})
        elif operator is ops.IN and all(
            part[0] is ops.LITERAL and not chr(part[1]).isalpha() for part in argument
        ):
            return {" "}
        return {_CUT}
