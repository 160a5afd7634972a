"""Which telling words the odd ones of a passage stand for: `sh1t`, `f**k`, `stuuupid`.

A passage is what stands between two blanks. A sign stands only for the letters that it
looks like (`lookalikes`), and a stretched run has at least three of its letter; words that
are misspelt in letters alone are `misspelt`'s matter.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice, product
from pathlib import Path

from moderation.disguise import Edit, Mapped, skeletons
from moderation.lookalikes import LEET
from moderation.models.misspelt import Misspellings
from moderation.text import View

_TELLING = Path(__file__).with_name("telling.txt")

_LONGEST = 24
#: A word in signs that could be more words than this is only tried as the first ones.
_FORMS = 8

ADDRESS = re.compile(r"://|^www\.|\w@[\w-]+\.\w|\w[/\\]\w+[/\\.]")
_EDGE = "\"'`()[]{}<>.,;:?!…~|-=/\\_"
_TOKEN = re.compile(r"[a-z0-9@$!|+€£¢¡]+")
_LETTERS = re.compile("[a-z]+")
_LETTER = re.compile("[a-z]")
_VOWEL = re.compile("[aeiouy]")
_RUN = re.compile(r"(.)\1+")
_LONG_RUN = re.compile(r"(.)\1{3,}")
_TRIPLE = re.compile(r"([a-z])\1\1+")
#: A quantity, part of a number, or four hexadecimal digits of which two are no letters.
_CODE = re.compile(r"^\d\d|\d{3}|^(?=.*\d.*\d)[0-9a-f]{4,}$")
#: Signs that look little like their letters: three of them could be anything.
_UNLIKE = re.compile(r"[26789+]")
_MASK = "*#%•"
_MASKED = re.compile(r"(?<![a-z0-9*#%•])[a-z]{1,24}[*#%•]{1,24}[a-z*#%•]{0,24}(?![a-z0-9*#%•])")
_BROKEN = re.compile(r"[a-z]{1,24}(?:[-_.~*]{1,3}[a-z]{1,24}){1,8}")
_INFLECTED = (
    *((ending, "") for ending in ("s", "es", "ed", "d", "ing", "er", "ers", "ly", "y", "est")),
    *((ending, "y") for ending in ("ies", "ied", "ier", "iest", "ily")),
)
#: What `f***` and the like stand for, by their first letter and length.
_STARRED = {
    (word[0], len(word)): word
    for word in "fuck fucked fucking shit bitch cunt asshole nigger whore motherfucker".split()
}
#: What signs stand for in a word. `(` and `#` have too many other uses.
_SIGNS = {
    sign: "".join(letter for letter, signs in LEET.items() if sign in signs)
    for sign in set("".join(LEET.values())) - set("(#")
}


class Words:
    """What the reader knows of words: those of `telling.txt` and of a model's vocabulary."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        """
        Args:
            vocabulary: the tokens of a tokenizer, of which those of letters alone are words.
        """
        sections = _sections(_TELLING.read_text(encoding="utf-8"))
        #: Words that may be known by their sound.
        self.misspelt = sections["misspelt"]
        #: All words that others are read as.
        self.telling = dict.fromkeys([*self.misspelt, *sections["disguised"]])
        #: Passages that need not be looked at.
        self.tokens = frozenset(vocabulary).union(self.telling, sections["innocent"])
        #: Words that are spelt as they should be.
        self.known = frozenset(
            token for token in self.tokens if token.isascii() and token.isalpha()
        )
        #: Words that are no piece of another one: a tokenizer has pieces of few letters.
        self.whole = frozenset(
            {word for word in self.known if len(word) > 3}.union(self.telling, sections["short"])
        )

    def is_known(self, word: str) -> bool:
        """Whether a word is spelt as it should be, or is an inflection of one that is."""
        if word in self.known:
            return True
        for ending, instead in _INFLECTED:
            if word.endswith(ending):
                stem = word[: -len(ending)]
                if len(stem) > 2 and (
                    stem + instead in self.known
                    or (not instead and stem + "e" in self.known)
                    or (len(stem) > 3 and stem[-1] == stem[-2] and stem[:-1] in self.known)
                ):
                    return True
        return False

    def is_stump(self, piece: str) -> bool:
        """Whether some letters are no word for want of a vowel."""
        return len(piece) > 1 and piece not in self.whole and not _VOWEL.search(piece)


@dataclass(frozen=True, slots=True)
class Found:
    """A word in a text: where it is, and what it is read as."""

    start: int
    end: int
    word: str


class OddWords:
    """Reads the odd words of passages."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._misspellings = Misspellings(words.misspelt, words.known)
        self._by_letters: dict[str, list[str]] = defaultdict(list)
        self._by_shape: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in words.telling:
            self._by_letters[_RUN.sub(r"\1", word)].append(word)
            self._by_shape[word[0], len(word)].append(word)

    def read(self, chunk: str) -> tuple[Found, ...]:
        """The odd words of a passage without blanks or capitals, in no order."""
        core = chunk.strip(_EDGE)
        if core.isascii() and core.isalpha():
            word = self._spelt(core)
            at = chunk.find(core)
            return (Found(at, at + len(core), word),) if word else ()
        if chunk.isascii():
            if not _LETTER.search(core) or ADDRESS.search(chunk):
                return ()
            return tuple(Found(*edit) for edit in self._edits(chunk))
        view = View(chunk)
        layers: list[Mapped] = [view, *skeletons(view)]
        for layer in layers:
            found = [Found(*layer.span(*place), word) for *place, word in self._edits(layer.text)]
            for match in _LETTERS.finditer(layer.text):
                start, end = layer.span(*match.span())
                if match[0] in self._words.telling and chunk[start:end] != match[0]:
                    found.append(Found(start, end, match[0]))
            if found:
                return tuple(found)
        return ()

    def _edits(self, text: str) -> Iterator[Edit]:
        """The odd words of a passage in lower case."""
        core = text.strip(_EDGE)
        if _BROKEN.fullmatch(core) and (word := self._broken(core)):
            at = text.find(core)
            yield at, at + len(core), word
            return
        masked = [
            (*found.span(), word)
            for found in _MASKED.finditer(text)
            if (word := self._masked(found[0]))
        ]
        yield from masked
        for found in () if masked else _TOKEN.finditer(text):
            start, end = found.span()
            if text[start - 1 : start].isalnum() or text[end : end + 1].isalnum():
                continue  # the rest is of another alphabet
            token = found[0].rstrip("!|")
            if word := self._spelt(token) if token.isalpha() else self._signs(token):
                yield start, start + len(token), word

    def _spelt(self, token: str) -> str | None:
        """What a token of letters alone is read as."""
        if _TRIPLE.search(token):
            token = _LONG_RUN.sub(r"\1\1\1", token)
            if word := self._stretched(token):
                return word
            once, twice = _TRIPLE.sub(r"\1", token), _TRIPLE.sub(r"\1\1", token)
            if self._words.is_known(once):
                return None
            token = twice
        if not 3 <= len(token) <= _LONGEST or self._words.is_known(token):
            return None
        return self._misspellings.meant(token)

    def _stretched(self, token: str) -> str | None:
        """The word of which some letters are written more often: three times or more."""
        runs = [len(list(run)) for _, run in groupby(token)]
        for word in self._by_letters.get(_RUN.sub(r"\1", token), ()):
            asked = [len(list(run)) for _, run in groupby(word)]
            if all(count >= least for count, least in zip(runs, asked, strict=True)):
                return word
        return None

    def _signs(self, token: str) -> str | None:
        """What a token of letters and signs is read as: `sh1t`, `@ss`."""
        letters = len(_LETTER.findall(token))
        bare = token.rstrip("0123456789")
        if (
            not letters
            or not 3 <= len(token) <= _LONGEST
            or (len(bare) > 2 and bare in self._words.known)
            or _CODE.search(token)
            or (len(token) == 3 and _UNLIKE.search(token))
        ):
            return None
        forms = ["".join(form) for form in islice(_forms(token), _FORMS)]
        for form in forms:
            if form in self._words.telling:
                return form
            if self._words.is_known(form):
                return None
        for form in forms:
            if _TRIPLE.search(form) and (word := self._stretched(form)):
                return word
            most_letters = letters >= 2 * (len(token) - letters) and "+" not in token
            if most_letters and len(form) > 4 and (word := self._misspellings.meant(form)):
                return word
        return None

    def _masked(self, token: str) -> str | None:
        """`f**k`, `f***`: as long as the word, its first letter shown."""
        shown = _LETTER.findall(token)
        if len(token) < 4:
            return None
        if len(shown) == 1:
            return _STARRED.get((token[0], len(token)))
        # A word with the mark of a footnote is itself, and `foo*` is what begins with it.
        bare = token.rstrip(_MASK)
        if len(token) - len(bare) == 1 or (bare != token and self._words.is_known(bare)):
            return None
        return self._fitting(token, _MASK)

    def _broken(self, core: str) -> str | None:
        """`fa.gg.ot`, or `sh-t` with a letter left out: some piece is no word."""
        pieces = _LETTERS.findall(core)
        whole = "".join(pieces)
        if len(core) < 4 or self._words.whole.issuperset(pieces):
            return None
        if len(whole) > 3 and whole in self._words.telling and max(map(len, pieces)) > 1:
            return whole
        return self._fitting(core, "-_.") if any(map(self._words.is_stump, pieces)) else None

    def _fitting(self, token: str, mask: str) -> str | None:
        for word in self._by_shape.get((token[0], len(token)), ()):
            if all(
                sign == letter or sign in mask for sign, letter in zip(token, word, strict=True)
            ):
                return word
        return None


def _forms(token: str) -> Iterator[tuple[str, ...]]:
    return product(*(_SIGNS.get(sign, sign) for sign in token))


def _sections(text: str) -> dict[str, list[str]]:
    """The words under each heading in brackets; a line after # says why."""
    sections: dict[str, list[str]] = {}
    words: list[str] = []
    for line in text.splitlines():
        if line.startswith("["):
            words = sections.setdefault(line.strip("[]"), [])
        elif not line.startswith("#"):
            words += line.split()
    return sections
