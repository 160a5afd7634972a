"""Whether a text is in a language that a model did not learn.

Its scores then mean nothing, and a low one would pass for harmlessness. Only a text that
is clearly in another language counts as such. What is undecided is taken as one that
the model knows: a few words, names, code, slang, a text that is partly English.

Letters of another script are counted here. Which of the languages with the same
letters it is says `eld` (Nito Efficient Language Detector, n-grams of 60 languages); it
is loaded when a text first needs it, which hardly any English one does.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from functools import lru_cache

#: The languages that can be told from each other, in the codes of ISO 639-1.
TOLD = frozenset(
    "am ar az be bg bn ca cs da de el en es et eu fa fi fr gu he hi hr hu hy is it ja ka kn ko ku"
    " lo lt lv ml mr ms nl no or pa pl pt ro ru sk sl sq sr sv ta te th tl tr uk ur vi yo"
    " zh".split()
)

#: Scripts, as the names of their letters begin, of the languages that are not in Latin letters.
_SCRIPTS: Mapping[str, tuple[str, ...]] = {
    "ETHIOPIC": ("am",),
    "ARABIC": ("ar", "fa", "ku", "ur"),
    "CYRILLIC": ("be", "bg", "ru", "sr", "uk"),
    "BENGALI": ("bn",),
    "GREEK": ("el",),
    "GUJARATI": ("gu",),
    "HEBREW": ("he",),
    "DEVANAGARI": ("hi", "mr"),
    "ARMENIAN": ("hy",),
    "CJK": ("ja", "ko", "zh"),
    "HIRAGANA": ("ja",),
    "KATAKANA": ("ja",),
    "GEORGIAN": ("ka",),
    "KANNADA": ("kn",),
    "HANGUL": ("ko",),
    "LAO": ("lo",),
    "MALAYALAM": ("ml",),
    "ORIYA": ("or",),
    "GURMUKHI": ("pa",),
    "TAMIL": ("ta",),
    "TELUGU": ("te",),
    "THAI": ("th",),
}
#: Scripts that one word may mix.
_EAST_ASIAN = frozenset(("CJK", "HIRAGANA", "KATAKANA", "HANGUL"))

#: Below so many letters of a script (without spaces between words a few say much), or so
#: many different words and letters of Latin ones, nothing is decided.
_LEAST_LETTERS = 4
_LEAST_WORDS, _LEAST_LATIN = 3, 12
#: Of the words so many must not be names: capitalised in a text that is not in capitals.
_LEAST_PLAIN = 2
#: By how much another language must be likelier than the likeliest one that the model
#: learned; the detector's scores go from 0 to about 1.
_MARGIN = 0.12
#: Characters that are looked at; of those the ones that the detector is given, and the ones
#: in which most English texts show what they are.
_READ, _ASKED, _GLANCE = 20_000, 1_000, 400

#: English as soon as one word in seven is one of these, or a few different ones of the second
#: list occur. In English prose it is every third.
_SHARE = 0.15
_COMMON = frozenset(
    "the and of you that this with have was your what they from which would there their about"
    " when been were will just because then than could should these those other people it's"
    " i'm you're that's don't can't dont u ur im thats who why how where does did not is are my"
    " he she it for his her him them our has had but if or be by we to"
    " lol lmao omg wtf idk gonna wanna gotta gimme lemme dunno cuz yall ain't plz thx wat".split()
)
_ENGLISH_ONLY = frozenset(
    "the and of you that this with have your what they from which would there their about been"
    " were because could should these those other people it's i'm you're that's don't can't who"
    " why how where does not his them our".split()
)
_FEW = 5

#: What addresses, markup and code have in them, and words do not.
_CODE = re.compile(r"[/\\_=<>{};@]\w|\w[(\[]|www\.")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")

_Detect = Callable[[str], Mapping[str, float]]


def is_unsupported(text: str, languages: tuple[str, ...]) -> bool:
    """Whether `text` is clearly in a language other than these (ISO 639-1 codes).

    Always False where nobody knows what the model learned (`languages` is empty), or where
    that cannot be told from other languages. Of a long text the first 20,000 characters
    count. Never depends on other texts; safe in threads.
    """
    if not languages or not TOLD.issuperset(languages):
        return False
    if "en" in languages and text.isascii() and _has_english(text[:_GLANCE].split()):
        return False
    text = unicodedata.normalize("NFKC", text[:_READ])[:_READ]
    if _CODE.search(text):
        text = " ".join(token for token in text.split() if not _CODE.search(token))
    words = _WORD.findall(text.replace("’", "'"))
    latin = [word for word in words if word.isascii()]
    scripts: Counter[str] = Counter()
    for word in words:
        if not word.isascii() and (script := _script(word)):
            if script == "LATIN":
                latin.append(word)
            else:
                scripts[script] += sum(map(str.isalpha, word))
    others = scripts.total()
    if others > sum(map(len, latin)):
        return others >= _LEAST_LETTERS and _is_foreign_script(text, scripts, languages)
    if "en" in languages and _has_english(latin):
        return False
    return _says_enough(latin) and _is_foreign(" ".join(words), languages)


def _script(word: str) -> str:
    """The script of a word's letters. Empty where it mixes them, as in a disguise or in a
    face made of signs: such a word says nothing of its language."""
    found = {_script_of(char) for char in word if char.isalpha()}
    if found <= _EAST_ASIAN:
        return max(found, default="")
    return found.pop() if len(found) == 1 else ""


@lru_cache(maxsize=4096)
def _script_of(char: str) -> str:
    return unicodedata.name(char, "").split(" ", 1)[0]


def _is_foreign_script(text: str, scripts: Counter[str], languages: tuple[str, ...]) -> bool:
    written = _SCRIPTS.get(max(scripts, key=lambda script: scripts[script]), ())
    return not set(written).intersection(languages) or _is_foreign(text, languages)


def _has_english(words: list[str]) -> bool:
    lower = [word.lower() for word in words]
    common = sum(map(_COMMON.__contains__, lower))
    return common > _SHARE * len(lower) or len(_ENGLISH_ONLY.intersection(lower)) >= _FEW


def _says_enough(words: list[str]) -> bool:
    different = {word.lower() for word in words}
    shouted = not any(char.islower() for word in words for char in word)
    plain = different if shouted else {word for word in words if word[0].islower()}
    return (
        len(different) >= _LEAST_WORDS
        and len(plain) >= _LEAST_PLAIN
        and sum(map(len, different)) >= _LEAST_LATIN
    )


def _is_foreign(text: str, languages: tuple[str, ...]) -> bool:
    """Whether the detector finds another language likelier, by `_MARGIN`."""
    scores = _detector()(text[:_ASKED])
    known = max(scores.get(language, 0.0) for language in languages)
    return max(scores.values(), default=0.0) > known + _MARGIN


@lru_cache(maxsize=1)
def _detector() -> _Detect:
    from eld import LanguageDetector

    detector = LanguageDetector()

    def detect(text: str) -> Mapping[str, float]:
        # A lone surrogate is no character, and cannot be encoded.
        scores: Mapping[str, float] = detector.detect(
            text.encode("utf-8", "replace").decode()
        ).scores()
        return scores

    return detect
