"""Other spellings of a text that mean the same: slips, shorthand and disguises.

A row keeps its labels whatever its spelling, and harmless rows are misspelt as often as
toxic ones: otherwise the spelling itself would be learnt as the offence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from random import Random

_WORD = re.compile(r"[^\W\d_]{3,}")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_VOWELS = "aeiou"

#: Letters by the key beside them.
NEIGHBOURS = {
    sign: row[max(0, at - 1) : at] + row[at + 1 : at + 2]
    for row in _ROWS
    for at, sign in enumerate(row)
}
_LOOKALIKES = {
    "a": "@4",
    "b": "8",
    "e": "3",
    "g": "9",
    "i": "1!|",
    "l": "1|",
    "o": "0",
    "s": "$5z",
    "t": "7+",
    "u": "v",
}
_ALPHABETS = dict(
    zip("aceiopsxyk", "\u0430\u0441\u0435\u0456\u043e\u0440\u0455\u0445\u0443\u043a", strict=True)
)
_SOUNDS = (
    ("ck", "k"),
    ("ck", "kk"),
    ("ck", "q"),
    ("ph", "f"),
    ("f", "ph"),
    ("igh", "y"),
    ("ough", "uff"),
    ("ee", "ea"),
    ("ea", "ee"),
    ("ie", "ei"),
    ("ei", "ie"),
    ("tion", "shun"),
    ("c", "k"),
    ("k", "c"),
    ("s", "z"),
    ("x", "ks"),
    ("qu", "kw"),
    ("er", "a"),
    ("er", "ur"),
    ("ou", "u"),
    ("oo", "u"),
    ("u", "oo"),
    ("i", "y"),
    ("y", "i"),
    ("a", "u"),
    ("e", "i"),
    ("ing", "in"),
    ("th", "d"),
    ("wh", "w"),
    ("ll", "l"),
    ("tt", "t"),
    ("ss", "s"),
)
_CLIPPED = {
    "you": "u",
    "your": "ur",
    "are": "r",
    "people": "ppl",
    "because": "cuz",
    "please": "pls",
    "what": "wat",
    "with": "wit",
    "that": "dat",
    "the": "da",
    "them": "dem",
    "they": "dey",
    "going": "goin",
    "want": "wanna",
    "should": "shud",
    "would": "wud",
    "though": "tho",
    "through": "thru",
    "this": "dis",
    "before": "b4",
    "great": "gr8",
    "hate": "h8",
    "mate": "m8",
    "never": "neva",
    "really": "rly",
    "about": "abt",
}

Change = Callable[[str, Random], str]


def _drop(word: str, random: Random) -> str:
    at = random.randrange(1, len(word))
    return word[:at] + word[at + 1 :]


def _double(word: str, random: Random) -> str:
    at = random.randrange(len(word))
    return word[:at] + word[at] + word[at:]


def _swap(word: str, random: Random) -> str:
    at = random.randrange(len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _slip(word: str, random: Random) -> str:
    at = random.randrange(len(word))
    near = NEIGHBOURS.get(word[at].lower(), "")
    return word[:at] + random.choice(near) + word[at + 1 :] if near else _swap(word, random)


def _extra(word: str, random: Random) -> str:
    at = random.randrange(len(word))
    near = NEIGHBOURS.get(word[at].lower(), "")
    return word[: at + 1] + (random.choice(near) if near else word[at]) + word[at + 1 :]


def _sound(word: str, random: Random) -> str:
    found = [pair for pair in _SOUNDS if pair[0] in word.lower()]
    if not found:
        return _double(word, random)
    old, new = random.choice(found)
    at = word.lower().index(old)
    return word[:at] + new + word[at + len(old) :]


def _squeeze(word: str, random: Random) -> str:
    """Vowels dropped, all or one, but for a leading one: ppl, idt, fck."""
    inner = [at for at, sign in enumerate(word) if at and sign.lower() in _VOWELS]
    if not inner:
        return _drop(word, random)
    gone = set(inner if random.random() < 0.5 else [random.choice(inner)])
    return "".join(sign for at, sign in enumerate(word) if at not in gone)


def _stretch(word: str, random: Random) -> str:
    at = random.randrange(len(word))
    times = random.randint(2, 6)
    if random.random() < 0.15:
        return "".join(sign * random.randint(2, 3) for sign in word)
    return word[:at] + word[at] * times + word[at + 1 :]


def _leet(word: str, random: Random) -> str:
    share = random.choice((0.4, 0.7, 1.0))
    made = "".join(
        random.choice(_LOOKALIKES[sign.lower()])
        if sign.lower() in _LOOKALIKES and random.random() < share
        else sign
        for sign in word
    )
    return made if made != word else _stretch(word, random)


def _mask(word: str, random: Random) -> str:
    """Letters starred out, the first kept: sh*t, f***."""
    star = random.choice("****#-_@.")
    if len(word) > 3 and random.random() < 0.3:
        return word[0] + star * (len(word) - 2) + word[-1]
    at = random.randrange(1, len(word) - 1)
    return word[:at] + star * random.choice((1, 1, 1, 2)) + word[at + 1 :]


def _space(word: str, random: Random) -> str:
    at = random.randrange(1, len(word))
    return word[:at] + random.choice("  -. ") + word[at:]


def _spread(word: str, random: Random) -> str:
    return random.choice((" ", ".", "-", "*", "_", "..", " . ")).join(word)


def _foreign(word: str, random: Random) -> str:
    made = "".join(
        _ALPHABETS[sign] if sign in _ALPHABETS and random.random() < 0.6 else sign
        for sign in word.lower()
    )
    return made if made != word.lower() else _accent(word, random)


def _accent(word: str, random: Random) -> str:
    at = random.randrange(len(word))
    return word[: at + 1] + random.choice("\u0301\u0308\u0302\u0323") + word[at + 1 :]


def _invisible(word: str, random: Random) -> str:
    at = random.randrange(1, len(word))
    return word[:at] + random.choice("\u200b\u200d\u00ad\u2060") + word[at:]


#: What fingers and ears do, with how often.
SLIPS: tuple[tuple[Change, float], ...] = (
    (_drop, 1.5),
    (_double, 1.5),
    (_swap, 1.2),
    (_slip, 1.0),
    (_extra, 0.7),
    (_sound, 2.0),
    (_squeeze, 1.3),
    (_stretch, 1.5),
    (_space, 0.8),
    (_leet, 1.2),
    (_mask, 0.8),
)
#: What is done on purpose to get past a filter.
DISGUISES: tuple[tuple[Change, float], ...] = (
    (_leet, 3.0),
    (_mask, 2.0),
    (_spread, 2.0),
    (_stretch, 1.0),
    (_space, 1.0),
    (_foreign, 1.0),
    (_accent, 0.5),
    (_invisible, 0.7),
)


def frequent_words(texts: Iterable[str], *, at_least: int) -> frozenset[str]:
    """Lower-case words that occur in so many of the texts or more."""
    counts = Counter(word for text in texts for word in set(_WORD.findall(text.lower())))
    return frozenset(word for word, count in counts.items() if count >= at_least)


def telling_words(
    toxic: Iterable[str], harmless: Iterable[str], *, at_least: int = 5, ratio: float = 4.0
) -> frozenset[str]:
    """Lower-case words that occur `ratio` times as often in toxic texts as in harmless ones."""
    bad, good = (
        Counter(word for text in texts for word in set(_WORD.findall(text.lower())))
        for texts in (list(toxic), list(harmless))
    )
    # The shares of texts stand in for the sizes of the two sides.
    weight = max(1, sum(good.values())) / max(1, sum(bad.values()))
    return frozenset(
        word
        for word, count in bad.items()
        if count >= at_least and count * weight >= ratio * (good[word] + 1)
    )


class Respeller:
    """Respells words of a text; never into another well-known word.

    Args:
        known: words that no respelling may become, lower case.
        telling: words that are respelt first where they occur, lower case.
    """

    def __init__(self, known: Collection[str] = (), telling: Collection[str] = ()) -> None:
        self._known = frozenset(known)
        self._telling = frozenset(telling)

    def misspell(self, text: str, random: Random) -> str:
        """As a person in a hurry writes: one to a third of the words."""
        text = self._respell(text, random, SLIPS)
        if random.random() < 0.3:
            text = _WORD.sub(lambda found: _clip(found.group(), random), text)
        if random.random() < 0.15:
            text = _join(text, random)
        return text

    def disguise(self, text: str, random: Random) -> str:
        """As one who dodges a filter writes."""
        return self._respell(text, random, DISGUISES)

    def _respell(self, text: str, random: Random, changes: tuple[tuple[Change, float], ...]) -> str:
        words = list(_WORD.finditer(text))
        if not words:
            return text
        telling = [at for at, word in enumerate(words) if word.group().lower() in self._telling]
        chosen = {at for at in telling if random.random() < 0.8}
        share = random.choice((0.02, 0.1, 0.3, 0.6))
        chosen |= {at for at in range(len(words)) if random.random() < share}
        if not chosen:
            chosen = {random.choice(telling or range(len(words)))}
        kinds, weights = zip(*changes, strict=True)
        parts, end = [], 0
        for at in sorted(chosen):
            word = words[at]
            change: Change = random.choices(kinds, weights)[0]
            parts += [text[end : word.start()], self._changed(word.group(), change, random)]
            end = word.end()
        return "".join(parts) + text[end:]

    def _changed(self, word: str, change: Change, random: Random) -> str:
        for _ in range(4):
            made = change(word, random)
            if len(word) > 5 and random.random() < 0.2 and " " not in made:
                made = change(made, random)
            if made.lower() not in self._known:
                return made
        return word


def _clip(word: str, random: Random) -> str:
    short = _CLIPPED.get(word.lower())
    return short if short and random.random() < 0.6 else word


def _join(text: str, random: Random) -> str:
    """A space or two left out."""
    spaces = [found.start() for found in re.finditer(r"(?<=\w) (?=\w)", text)]
    gone = set(random.sample(spaces, min(len(spaces), random.randint(1, 2))))
    return "".join(sign for at, sign in enumerate(text) if at not in gone)
