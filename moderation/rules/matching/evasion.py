"""Disguised words read as what they stand for: `f*ck`, `fuuuck`, `sh1t`, `f u c k`.

The text is searched for odd passages (a precheck on RE2 that most comments do not pass).
Each is looked up among the words that the rules ask for, in a form where letters and the
signs used for them are one (*canon*) and runs are squeezed, on both sides, and then
verified: a letter never disguises another letter, a stretched run has at least three of
its letter, the passage holds a letter. What is found is a list of edits, so phrases and
regexes see the words as well.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

import ahocorasick_rs

from moderation.disguise import Edit, Edited, Mapped, Refolded, before_folding, skeletons
from moderation.rules.matching.atoms import COMMON
from moderation.rules.matching.disguised import canon, is_stretched, pattern_of
from moderation.rules.matching.odd import BREAKS, CHUNK, CHUNK_STRICT, ODD, SPACED, VOWELS
from moderation.rules.matching.patterns import found_in
from moderation.rules.matching.vocabulary import SHORTEST, Vocabulary
from moderation.text import View

#: A passage that has this many readings has the first ones only.
_READINGS = 8
#: No more characters than this are read again for one text, so that a long one has fewer
#: readings; what comes first is the plainest.
_READ_AGAIN = 4_000_000
#: So many odd passages of one reading are looked at, and so many different tokens of one
#: text: more than any person writes, and the next ones are read as written.
_PASSAGES = 10_000
_DIFFERENT = 5_000
#: So many passages are remembered from text to text.
_REMEMBERED = 20_000
#: A longer word is read only once its runs are shortened to three.
_LONG = 64
_LONG_CHUNK = 400
#: A run of more single letters is only read whole.
_LONG_RUN = 100

_UNBROKEN = re.compile(r'[^\s<>"]+')
_ADDRESS = re.compile(r"://|^www\.|\w@[\w-]+\.\w")
_TOKEN = re.compile(r"(?:[^\W_]|[@$!|+€¢£¥¡(#])+")
_EDGE = "\"'`()[]{}<>.,;:?!…“”*_~|-=/\\#"
_PIECES = re.compile(rf"[{BREAKS}]+")
_TRIM = "!|+(#$€@"
_MASK = "*#%_-.•·"
_MASKED = re.compile(rf"(?<![^\W\d_])[^\W\d_]+(?:[{re.escape(_MASK)}]+[^\W\d_]+)+")
_INITIALS = re.compile(r"\w(?:[.-]\w)+")
_STARRED = re.compile(r"(?<![^\W\d_])[^\W\d_]{1,40}[*#%•]{2,40}")
_WORD = re.compile(r"[^\W_]+")
_VOWEL = re.compile(f"[{VOWELS}]")
_LETTER = re.compile(r"[^\W\d_]")
#: A quantity or a part number, no disguise: `900k`, `F495`.
_CODE = re.compile(r"\d{3}[^\W\d_]|[^\W\d_]\d{3}")
#: What a word of letters alone must have to be a disguise.
_STRETCHED = re.compile(r"(.)\1\1|(.)\2(.)\3|^ph", re.DOTALL)
_RUN = re.compile(r"(.)\1{3,}", re.DOTALL)
#: Words that may stand beside a spelt-out one without being its other half (`a s s ist`).
_NEIGHBOURS = COMMON - {"for", "is", "ing", "ed", "er", "es", "ion", "ll", "re", "ve"}


#: Start, end and the words that may be meant.
_Edits = list[tuple[int, int, list[str]]]
#: What the readers of one text made of a passage, by the reader's name and the passage.
_Memory = dict[tuple[str, str], _Edits]


class Evasion:
    """Reads the disguised words of one vocabulary.

    Its tables are made when the first text asks for them: a short scan never does.
    """

    def __init__(self, vocabulary: Callable[[], Vocabulary], *, strict: bool = False) -> None:
        self.strict = strict
        self._vocabulary = vocabulary
        self._built = False
        self._short = lru_cache(_REMEMBERED)(lambda chunk: self._read_chunk(chunk, 0, {}))

    def _build(self) -> None:
        vocabulary, strict = self._vocabulary(), self.strict
        self._by_canon: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._by_shape: dict[tuple[str, str, int], list[str]] = defaultdict(list)
        self._verifiers: dict[str, Any] = {}
        self._parts = sorted(vocabulary.parts)
        for word in sorted(vocabulary.words | vocabulary.parts):
            for spelling in self._spellings(word):
                self._by_canon[canon(spelling)].append((spelling, word))
            self._by_shape[word[0], word[-1], len(word)].append(word)
            if strict:
                self._by_shape[word[0], "*", len(word)].append(word)
        for letters, phrase in sorted(vocabulary.phrases.items()):
            self._by_canon[canon(letters)].append((letters, phrase))
        #: How the looked-for words begin.
        self._starts = {form[:3] for form in self._by_canon}
        self._automaton = (
            ahocorasick_rs.AhoCorasick([canon(part) for part in self._parts], store_patterns=False)
            if self._parts
            else None
        )
        self._built = True

    def _spellings(self, word: str) -> list[str]:
        found = [word]
        if word[0] == "f" and len(word) >= 4:
            found.append("ph" + word[1:])
        if self.strict:
            if "u" in word:
                found.append(word.replace("u", "v"))
            if "ck" in word:
                found += [word.replace("ck", other) for other in ("k", "q", "x", "kk")]
        return [spelling for spelling in found if len(spelling) >= SHORTEST]

    def readings(self, view: View) -> list[Mapped]:
        """Other readings of the folded text of `view`, the plainest first."""
        found: list[Mapped] = []
        bases: list[Mapped] = [view]
        if "&" in view.original or "\u202e" in view.original:
            under = before_folding(view.original)
            if under is not None:
                bases = [Refolded(under)]
                found += bases
        if not bases[0].text.isascii():
            plain = list(skeletons(bases[0]))
            found += plain
            # A word that one skeleton spoils may be whole in the text below it.
            bases += plain
        left = _READ_AGAIN - sum(len(reading.text) for reading in found)
        known: _Memory = {}
        for base in bases:
            if left >= len(base.text) and (self.strict or found_in(ODD, base.raw)):
                revealed = self._revealed(base, left // (len(base.text) or 1), known)
                left -= sum(len(reading.text) for reading in revealed)
                found += revealed
        return found

    def _revealed(self, base: Mapped, most: int, known: _Memory) -> list[Mapped]:
        """The text with each disguised word written out, once for each way to read it, but
        `most` times at the most. `known` holds the tokens looked at before."""
        if not self._built:
            self._build()
        edits: _Edits = []
        text = base.text
        # In bytes RE2 need not count characters; in ASCII they are the same.
        searched = base.raw if text.isascii() else text
        for found in islice(SPACED.finditer(searched), _DIFFERENT):
            edits += self._spaced(text, *found.span())
        odd = (CHUNK_STRICT if self.strict else CHUNK).finditer(searched)
        for found in islice(odd, _PASSAGES):
            # The pattern may take a blank, and the word before it, as what no letter is.
            for piece in _UNBROKEN.finditer(text, *found.span()):
                if not piece[0].isalpha() or _STRETCHED.search(piece[0]):
                    edits += _recall(self._chunk, piece[0], piece.start(), known)
        if self.strict:
            edits += self._risky(text, known)
        if not edits:
            return []
        # Where two overlap, the longer one is the likelier word.
        chosen: _Edits = []
        for edit in sorted(edits, key=lambda edit: (edit[0], -edit[1])):
            if not chosen or edit[0] >= chosen[-1][1]:
                chosen.append(edit)
        del chosen[_PASSAGES:]
        count = min(_READINGS, most, max(len(words) for _, _, words in chosen))
        return [
            Edited(base, [_nth(start, end, words, index) for start, end, words in chosen])
            for index in range(count)
        ]

    def _lookup(self, token: str) -> list[str]:
        """The words that `token` is a disguise of, or is."""
        if len(token) > _LONG:
            token = _RUN.sub(r"\1\1\1", token)
            if len(token) > _LONG:
                return []
        listed = self._by_canon.get(canon(token))
        if not listed or not _LETTER.search(token):
            return []
        return list(
            dict.fromkeys(word for spelling, word in listed if self._is(token, spelling, True))
        )

    def _is(self, token: str, spelling: str, whole: bool) -> Any:
        if whole and token.isalpha():
            return is_stretched(token, spelling, self.strict)
        verifier = self._verifiers.get(spelling)
        if verifier is None:
            verifier = self._verifiers[spelling] = pattern_of(spelling, strict=self.strict)
        return verifier.fullmatch(token) if whole else verifier.search(token)

    def _spaced(self, text: str, start: int, end: int) -> _Edits:
        """A run of single letters with something between them."""
        if _in_address(text, start):
            return []
        places = [
            index for index in range(start, end) if text[index].isalnum() or text[index] in "@$!|€#"
        ]
        if not any(text[index].isalpha() for index in places):
            return []
        if start and places[0] == start and not _opens(text, start):
            places = places[1:]
        # The run may have taken the first letter of the word after it.
        if places and places[-1] == end - 1 and end < len(text) and text[end].isalnum():
            places.pop()
        for first in range(min(3, len(places))):
            if first and text[places[first - 1]] not in "aiuo":
                break
            for last in range(len(places), max(first + 2, len(places) - 3), -1):
                if last < len(places) and text[places[last]] not in "aiuo!":
                    break
                letters = "".join(text[index] for index in places[first:last])
                words = self._lookup(letters)
                stop = places[last - 1] + 1
                if words and (len(letters) > 3 or _alone(text, stop)):
                    return [(places[first], stop, words)]
        return self._spelt(text, places)

    def _spelt(self, text: str, places: list[int]) -> _Edits:
        """Longer words within a longer run of single letters."""
        edits: _Edits = []
        shown = sum(text[index].isalpha() for index in places)
        if len(places) > _LONG_RUN or shown < 4 or 2 * shown < len(places):
            return edits
        letters = "".join([text[index] for index in places])
        first = 0
        while first + 4 <= len(places):
            if canon(letters[first : first + 9])[:3] in self._starts:
                for last in range(min(len(places), first + 24), first + 3, -1):
                    words = self._lookup(letters[first:last])
                    if words:
                        edits.append((places[first], places[last - 1] + 1, words))
                        first = last - 1
                        break
            first += 1
        return edits

    def _chunk(self, chunk: str, at: int, known: _Memory) -> _Edits:
        """The disguised words of a passage without blanks; `1st` and `e.g.` are in many."""
        if at == 0 and len(chunk) <= _LONG:
            return self._short(chunk)
        return self._read_chunk(chunk, at, known)

    def _read_chunk(self, chunk: str, at: int, known: _Memory) -> _Edits:
        if _ADDRESS.search(chunk):
            return []
        edits: _Edits = []
        if len(chunk) <= _LONG_CHUNK:
            core = chunk.strip(_EDGE)
            begin = at + chunk.find(core)
            edits = self._broken(core, begin) or self._masked(chunk, at)
            if edits:
                return edits
        for found in islice(_TOKEN.finditer(chunk), _PASSAGES):
            if found[0].isdecimal() or (found[0].isalpha() and not _STRETCHED.search(found[0])):
                continue
            edits += _recall(self._token, found[0], at + found.start(), known)
        return edits

    def _broken(self, core: str, at: int) -> _Edits:
        """`f.uck`, `f-u-c-k`: one of the pieces has no vowel, so it is no word itself."""
        pieces = [piece for piece in _PIECES.split(core) if piece]
        if len(pieces) < 2 or len(core) > _LONG:
            return []
        if not self.strict and all(len(piece) > 1 and _VOWEL.search(piece) for piece in pieces):
            return []
        words = self._lookup("".join(pieces))
        if not words and (inner := self._inside("".join(pieces))):
            words = [inner]
        return [(at, at + len(core), words)] if words else []

    def _masked(self, chunk: str, at: int) -> _Edits:
        """`f*ck`: a sign for each letter left out, the first and the last one shown; `v.s`
        and `t.n.e` are abbreviations."""
        edits = []
        for found in _MASKED.finditer(chunk):
            token = found[0]
            shown = sum(map(str.isalpha, token))
            if shown < 2 or len(token) > _LONG or _INITIALS.fullmatch(token):
                continue
            words = self._fitting(token)
            if words:
                edits.append((at + found.start(), at + found.end(), words))
        return edits

    def _risky(self, text: str, known: _Memory) -> Iterator[tuple[int, int, list[str]]]:
        """What `strict` adds: `f***`, and words that have only letters (`fvck`, `fuuck`)."""
        for found in islice(_STARRED.finditer(text), _PASSAGES):
            if words := self._fitting(found[0]):
                yield (*found.span(), words)
        for found in _WORD.finditer(text):
            yield from _recall(self._respelt, found[0], found.start(), known)

    def _respelt(self, word: str, at: int, _: _Memory) -> _Edits:
        words = self._lookup(word)
        return [(at, at + len(word), words)] if words and words != [word] else []

    def _fitting(self, token: str) -> list[str]:
        last = token[-1] if token[-1].isalpha() else "*"
        return [
            word
            for word in self._by_shape.get((token[0], last, len(token)), ())
            if all(sign in (letter, *_MASK) for sign, letter in zip(token, word, strict=True))
        ]

    def _token(self, token: str, at: int, _: _Memory) -> _Edits:
        """Letters and signs in one piece."""
        if not self.strict and _CODE.fullmatch(token.strip(_TRIM)):
            return []
        left = token.lstrip("|+(#")
        for core in dict.fromkeys((token.rstrip("!|+(#"), left.rstrip("!|+(#"), left.strip(_TRIM))):
            words = self._lookup(core)
            if words and words != [core] and not core.startswith(("(", "|", "#")):
                begin = at + token.find(core)
                return [(begin, begin + len(core), words)]
        core = left.rstrip("!|+(#")
        at += token.find(core)
        if (inner := self._inside(core)) and inner != core:
            return [(at, at + len(core), [inner])]
        return []

    def _inside(self, token: str) -> str:
        """`token` with the parts of words that it hides written out, or nothing."""
        if self._automaton is None or not _LETTER.search(token):
            return ""
        if len(token) > _LONG:
            token = _RUN.sub(r"\1\1\1", token)
            if len(token) > _LONG:
                return ""
        read, hidden = token, False
        for index in {
            found[0]
            for found in self._automaton.find_matches_as_indexes(canon(token), overlapping=True)
        }:
            part = self._parts[index]
            if found := self._is(read, part, whole=False):
                read, hidden = read[: found.start()] + part + read[found.end() :], True
        return read if hidden else ""


def _recall(
    read: Callable[[str, int, _Memory], _Edits],
    passage: str,
    at: int,
    known: _Memory,
) -> _Edits:
    """What `read` makes of a passage at `at`, worked out once for each passage, and not at
    all for one more than the limit."""
    key = read.__name__, passage
    if key not in known:
        if len(known) >= _DIFFERENT:
            return []
        known[key] = read(passage, 0, known)
    return [(at + start, at + end, words) for start, end, words in known[key]]


def _nth(start: int, end: int, words: list[str], index: int) -> Edit:
    return start, end, words[index if index < len(words) else 0]


def _in_address(text: str, at: int) -> bool:
    """Whether what stands before, up to a blank, begins an address."""
    before = text[max(0, at - _LONG_CHUNK) : at].split(" ")[-1]
    return "://" in before or before.startswith("www.")


def _opens(text: str, index: int) -> bool:
    return index == 0 or not text[index - 1].isalnum()


def _alone(text: str, stop: int) -> bool:
    """Whether a spelt-out word of three letters ends at `stop`: what follows is no rest of
    a longer word."""
    rest = re.match(r"[\s.\-_*]{1,3}([^\W\d_]+)", text[stop : stop + 40])
    return rest is None or rest[1] in _NEIGHBOURS
