"""A text as a reader reads it: `sh1t`, `f u c k`, `id iot` and `phuck` as the words meant.

A model that knows words by their spelling misses what any reader sees. Here odd words are
replaced by the telling ones that they stand for (`telling.txt`), so that a model can score
the text once more. A word that is spelt as it should be is never replaced, and most texts
have no reading.

Passages between blanks are read by `oddwords`, each once thanks to a bounded memory; here
are words in pieces, and names. Time is linear in the length of a text, of which only the
beginning is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice

import ahocorasick_rs

from moderation.disguise import Edit, Edited, Mapped, Whole, before_folding
from moderation.models.oddwords import ADDRESS, Found, OddWords, Words

#: So many characters of a text are read.
_READ = 50_000
#: So many passages are remembered, none longer than this.
_REMEMBERED, _LONGEST = 1 << 15, 64
#: So many of the words replaced are named.
_NAMED = 20
#: So many characters, or pieces, beside a word say whether it is part of something else.
_AROUND = 40

#: Letters drawn alike: `kiII`.
_CAPITAL = re.compile("I(?<=[a-z]I)")
_WORD = re.compile("(?<![A-Za-z])[A-Za-z]{3,24}(?![A-Za-z])")
#: What words end in: without it fewer passages are different.
_ENDINGS = (". ", ".\n", "! ", "? ", ": ", "'s ")
_ENDS = ',;"()[]{}<>'
#: Signs that stand between pieces of a word, or between words.
_BREAKS = '.-_*~,:;/|+^=%#•·!?()[]{}<>"“”…'
_GAP = re.compile(r"[ \t]{1,3}|[.\-_*~,:;/|+^=%#•·]{1,3}| [.\-_*~/|+•·] ")
_PIECE = re.compile(rf"[^\s{re.escape(_BREAKS)}]+")
_CHUNK = re.compile(r"\S+")
_LETTERS = re.compile("[a-z]+")
_LONG_RUN = re.compile(r"(.)\1{3,}")
#: What a sentence begins after.
_OPENS = re.compile(r"(?:^|[.!?…:\"“*)\n])\W*$")


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it is read.

    Attributes:
        text: the whole text with the words replaced.
        words: what was replaced as it is written and as it is read, in the order of the
            text, each pair once, at most 20.
    """

    text: str
    words: tuple[tuple[str, str], ...]


class Reader:
    """Reads texts; safe to share between threads."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        """
        Args:
            vocabulary: the tokens of the model's tokenizer. Those of letters alone count as
                words that are spelt as they should be.
        """
        self._words = Words(vocabulary)
        self._in_chunk = lru_cache(_REMEMBERED)(OddWords(self._words).read)
        self._pieces = list(dict.fromkeys(_in_pieces(self._words)))
        self._automaton = ahocorasick_rs.AhoCorasick(self._pieces, store_patterns=False)

    def read(self, text: str) -> Reading | None:
        """The text as it is read, or None where that is how it is written."""
        under: Mapped = Whole(text)
        if "&" in text or "\u202e" in text:
            under = before_folding(text) or under
        found = self._found(under)
        edits: list[Edit] = []
        for one in sorted(found, key=lambda one: (one.start, -one.end)):
            start, end = under.span(one.start, one.end)
            if not edits or start >= edits[-1][1]:
                edits.append((start, end, one.word))
        if not edits:
            return None
        words = dict.fromkeys((text[start:end], word) for start, end, word in edits)
        return Reading(Edited(Whole(text), edits).text, tuple(islice(words, _NAMED)))

    def _found(self, under: Mapped) -> list[Found]:
        text = under.text[:_READ]
        lower = _lower(text)
        found = [*self._odd(text, lower), *self._broken(text, lower)]
        if _CAPITAL.search(text):
            found += [
                Found(*word.span(), read)
                for word in _WORD.finditer(text)
                if _CAPITAL.search(word[0])
                and (read := word[0].replace("I", "l").lower()) in self._words.telling
                and word[0].lower() != read
            ]
        if isinstance(under, Edited):
            found += [
                Found(*word.span(), word[0])
                for word in _LETTERS.finditer(lower)
                if word[0] in self._words.telling and under.touches(*word.span())
            ]
        return found

    def _odd(self, text: str, lower: str) -> Iterator[Found]:
        """Words that are odd by themselves."""
        plain = _blanked(lower, _ENDS)
        for ending in _ENDINGS:
            plain = plain.replace(ending, " " * len(ending))
        odd = {
            chunk: found
            for chunk in set(plain.split()).difference(self._words.tokens)
            if (found := self._in_passage(chunk))
        }
        for chunk in _CHUNK.finditer(plain) if odd else ():
            for one in odd.get(chunk[0], ()):
                start, end = chunk.start() + one.start, chunk.start() + one.end
                if not _is_name(text, start, end):
                    yield Found(start, end, one.word)

    def _in_passage(self, chunk: str) -> tuple[Found, ...]:
        if len(chunk) <= _LONGEST:
            return self._in_chunk(chunk)
        short = _LONG_RUN.sub(r"\1\1\1", chunk)
        if len(short) > _LONGEST or not (found := self._in_chunk(short)):
            return ()
        return (Found(0, len(chunk), found[0].word),)

    def _broken(self, text: str, lower: str) -> Iterator[Found]:
        """Words in pieces: `f u c k`, `id iot`."""
        joined = f" {' '.join(_blanked(lower, _BREAKS).split())} "
        matches = self._automaton.find_matches_as_indexes(joined, overlapping=True)
        if not matches:
            return
        spans = [piece.span() for piece in _PIECE.finditer(lower)]
        first = seen = 0
        for index, start, _ in sorted(matches, key=lambda match: match[1]):
            first, seen = first + joined.count(" ", seen, start), start
            last = first + self._pieces[index].count(" ") - 1
            if self._is_whole(text, spans, first, last):
                word = self._pieces[index].replace(" ", "")
                yield Found(spans[first][0], spans[last - 1][1], word)

    def _is_whole(self, text: str, spans: list[tuple[int, int]], first: int, last: int) -> bool:
        """Whether the pieces from `first` to before `last` are one word and the whole of it."""
        gaps = {text[spans[at][1] : spans[at + 1][0]] for at in range(first, last - 1)}
        begin, end = spans[first][0], spans[last - 1][1]
        before = text[max(0, begin - _AROUND) : begin]
        if not all(map(_GAP.fullmatch, gaps)) or ADDRESS.search(
            re.split(r"\s", before)[-1] + text[begin : end + 1]
        ):
            return False
        if any(stop - start > 1 for start, stop in spans[first:last]):
            return True
        # Of a longer run of letters it is a word if the rest is one or two as well.
        left = "".join(_singles(text, reversed(spans[max(0, first - _AROUND) : first])))[::-1]
        right = "".join(_singles(text, spans[last : last + _AROUND]))
        if last - first == 3:
            # Capitals are initials.
            return not left and not right and len(gaps) == 1 and text[begin:end].islower()
        return all(not rest or rest in self._words.whole for rest in (left, right))


def _in_pieces(words: Words) -> Iterator[str]:
    """The telling words letter by letter, and in two pieces of which one is no word."""
    for word in words.telling:
        yield f" {' '.join(word)} "
        for at in range(1, len(word)) if len(word) > 3 else ():
            pieces = word[:at], word[at:]
            scraps = [one for one in pieces if len(one) > 1 and one not in words.whole]
            # Two letters with a vowel are an abbreviation, if what goes with them is a word.
            if len(scraps) == 2 or any(len(one) > 2 or words.is_stump(one) for one in scraps):
                yield f" {pieces[0]} {pieces[1]} "


def _singles(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[str]:
    """The single letters that come first."""
    for start, end in spans:
        if end - start > 1:
            return
        yield text[start]


def _is_name(text: str, start: int, end: int) -> bool:
    """Whether a word has capitals, and not because of where it stands."""
    word = text[start:end]
    if word.islower():
        return False
    before = text[max(0, start - _AROUND) : start]
    if word.istitle() and word.isalpha():
        return _OPENS.search(before) is None
    if len(word) > 3 or not word.isupper():
        return False
    # `FUC` in a text of small letters, `A55` in any.
    around = before + text[end : end + _AROUND]
    return not word.isalpha() or around != around.upper()


def _blanked(text: str, signs: str) -> str:
    """The text with a blank for each of the signs."""
    # Thirty passes in C take a tenth of the time that `translate` does, one of bytes less.
    if text.isascii():
        return text.encode().translate(_table(signs)).decode()
    for sign in signs:
        text = text.replace(sign, " ")
    return text


@cache
def _table(signs: str) -> bytes:
    found = "".join(filter(str.isascii, signs)).encode()
    return bytes.maketrans(found, b" " * len(found))


def _lower(text: str) -> str:
    """In lower case, each character in its place and none that is no text."""
    lower = text.lower()
    if lower.isascii():
        return lower
    if len(lower) != len(text):
        lower = "".join([char.lower()[:1] for char in text])
    return lower.encode("utf-8", "replace").decode()
