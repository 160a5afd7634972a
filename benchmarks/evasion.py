"""How much disguised spelling the rules see through, and what that costs in false alarms.

    python -m benchmarks.evasion [--data FILE] [--show CLASS]

250 words that the shipped packs ask for, one rule a word, each word in every disguise and
in three sentences: recall a class. Then the real comments that people called clean: how
many more are flagged with the evasion views than without, by these 250 rules and by the
packs. Last, a list of passages that must stay clean. Exit code 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from moderation.comments import Comment
from moderation.packs import packs_folder
from moderation.rules.compile import compile_paths, compile_text
from moderation.rules.compiled import Compiled
from moderation.rules.match import RuleSet
from moderation.rules.matching.atoms import COMMON
from moderation.rules.matching.vocabulary import vocabulary

_DATA = Path("../shared/data/dev_jigsaw_natural.csv.gz")
WORDS = 250
#: At least this share of each class, but for those named.
TARGET = 0.99
TARGETS = {"spaced leet": 0.90}
#: At most this share of clean comments flagged because of the views alone.
MOST_EXTRA = 0.002
_SENTENCES = ("you are {} and so on", "{}", "Well, {}! That is what I say.")

_LEET = {"a": "4", "b": "8", "e": "3", "g": "9", "i": "1", "l": "1", "o": "0", "s": "5", "t": "7"}
_SYMBOLS = {"a": "@", "s": "$", "i": "!", "t": "+", "c": "(", "e": "€"}
_CYRILLIC = dict(zip("acehijkmopstxy", "асеһіјкморѕтху", strict=True))
_GREEK = dict(zip("aikoptvx", "αικορτνχ", strict=True))
_ARMENIAN = dict(zip("ugohnj", "սցօհոյ", strict=True))
_CAPITALS = dict(zip("abcehikmoptxy", "АВСЕНІКМОРТХУ", strict=True))
_SMALL = dict(zip("abcdefghijklmnoprtuvwyz", "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀᴛᴜᴠᴡʏᴢ", strict=True))
_ACCENTS = dict(zip("aeiouycnsz", "áèïöúýçńšž", strict=True))


def _shifted(first: int) -> Callable[[str], str]:
    return lambda word: "".join(chr(first + ord(letter) - 97) for letter in word)


def _between(sign: str) -> Callable[[str], str]:
    return sign.join


def _mapped(table: dict[str, str], most: int = 99) -> Callable[[str], str]:
    """Up to `most` letters as in the table, one letter left as it is."""

    def change(word: str) -> str:
        places = [index for index, letter in enumerate(word) if letter in table][:most]
        if len(places) == len(word):
            places = places[1:]
        return "".join(
            table[letter] if index in places else letter for index, letter in enumerate(word)
        )

    return change


def _middle(word: str) -> int:
    return len(word) // 2


def _stretched(word: str) -> str:
    at = _middle(word)
    return word[:at] + word[at] * 4 + word[at + 1 :]


def _zalgo(word: str) -> str:
    marks = "\u0300\u0317\u0334\u0353\u0361"
    return "".join(
        letter + marks[index % 5] + marks[(index * 3 + 1) % 5] for index, letter in enumerate(word)
    )


def _signs(word: str, most: int) -> str:
    """A bracket before a word is a bracket, and `!` and `+` after it are no letters."""
    last = _SYMBOLS[word[-1]] if word[-1] in "as" else word[-1]
    inner = _mapped(_SYMBOLS, most)("\0" + word[1:-1])[1:]
    return word[0] + inner + (last if inner == word[1:-1] or most > 1 else word[-1])


def _spaced_leet(word: str) -> str:
    return " ".join(_mapped(_LEET)(word))


DISGUISES: dict[str, Callable[[str], str]] = {
    "upper case": str.upper,
    "full width": _shifted(0xFF41),
    "mathematical bold": _shifted(0x1D41A),
    "mathematical script": _shifted(0x1D4EA),
    "mathematical sans": _shifted(0x1D5BA),
    "mathematical mono": _shifted(0x1D68A),
    "circled": _shifted(0x24D0),
    "negative circled": _shifted(0x1F150),
    "squared": _shifted(0x1F130),
    "negative squared": _shifted(0x1F170),
    "word joiner": lambda word: word[0] + "\u2060" + word[1:],
    "regional": _shifted(0x1F1E6),
    "small caps": _mapped(_SMALL),
    "zero width": _between("\u200b"),
    "soft hyphen": _between("\u00ad"),
    "Cyrillic, one": _mapped(_CYRILLIC, 1),
    "Cyrillic, most": _mapped(_CYRILLIC),
    "Cyrillic capitals": lambda word: _mapped(_CAPITALS)(word),
    "Greek": _mapped(_GREEK),
    "Armenian": _mapped(_ARMENIAN),
    "accents": _mapped(_ACCENTS),
    "Zalgo": _zalgo,
    "strike": lambda word: "".join(letter + "\u0336" for letter in word),
    "repeats, middle": _stretched,
    "repeats, every letter": lambda word: "".join(letter * 3 for letter in word),
    "repeats, end": lambda word: word + word[-1] * 5,
    "doubled": lambda word: "".join(letter * 2 for letter in word),
    "spaced": _between(" "),
    "wide spaced": _between("  "),
    "dotted": _between("."),
    "dashed": _between("-"),
    "underscored": _between("_"),
    "starred between": _between("*"),
    "slashed": _between("/"),
    "dots and blanks": _between(". "),
    "one dot": lambda word: word[:1] + "." + word[1:],
    "masked *": lambda word: word[:1] + "*" + word[2:],
    "masked #": lambda word: word[:1] + "#" + word[2:],
    "masked, all vowels": lambda word: (
        word[0] + "".join("*" if letter in "aeiouy" else letter for letter in word[1:-1]) + word[-1]
    ),
    "reversed": lambda word: "\u202e" + word[::-1] + "\u202c",
    "entities": lambda word: "".join(f"&#{ord(letter)};" for letter in word),
    "entities, one": lambda word: f"&#x{ord(word[0]):x};{word[1:]}",
    "one leet": _mapped(_LEET, 1),
    "one sign": lambda word: _signs(word, 1),
    "signs": lambda word: _signs(word, 99),
    "sign first": lambda word: {"a": "@", "s": "$", "t": "+"}.get(word[0], word[0]) + word[1:],
    "leet with repeats": lambda word: _mapped(_LEET)(_stretched(word)),
    "spaced leet": _spaced_leet,
    "dotted leet": lambda word: ".".join(_mapped(_LEET)(word)),
    "look-alikes with marks": lambda word: _zalgo(_mapped(_CYRILLIC, 1)(word)),
}

CLEAN = (
    "Scunthorpe", "Penistone and Cockermouth", "a s s ist", "as soon as I can", "as s", "class",
    "first class assassin", "a@ss.com", "mail class@ss.example", "pen.is on the table",
    "the pen is. On it", "grass, bass and glass", "e.g. this i.e. that", "the U.S.A. and the U.K.",
    "I have 455 of 5 5 5 and 1337", "Привет, как дела? Хорошо, спасибо за ответ",
    "сосед хочет рассказать о работе", "नमस्ते आप कैसे हैं", "안녕하세요 반갑습니다",
    "https://example.com/a-s-s?f=u*c*k", "see www.a.s.s.example", "a b c d e f g",
    "J. R. R. Tolkien", "x*y + a*b = c", "4 u 2 c", "the 1st, 2nd and 3rd", "I am sooooo tired",
    "Mmmmm, yessss", "half-hearted well-known co-op", "it's don't can't", "(rap song)",
    "año nuevo", "c++ and c#", "2x4 b2b p2p", "10:30-11:45", "shiitake mushrooms",
)  # fmt: skip


def pack_words(count: int = WORDS) -> list[str]:
    """Words of plain letters that the packs ask for, the same ones every time: those of
    their lists first, then those that their regexes spell out."""
    compiled = compile_paths([packs_folder()])
    patterns = [
        pattern for field, pattern in compiled.tests if field == "text" and not pattern.keep_case
    ]

    def usable(words: set[str]) -> list[str]:
        return sorted(
            word for word in words if word.isascii() and 3 <= len(word) <= 11 and word not in COMMON
        )

    listed = usable(vocabulary(p for p in patterns if p.operator == "words").words)
    spelt = usable(vocabulary(p for p in patterns if p.operator == "regex").words - set(listed))
    draw = random.Random(3)
    draw.shuffle(listed)
    draw.shuffle(spelt)
    return (listed + spelt)[:count]


def one_rule_a_word(words: Sequence[str], evasion: str = "normal") -> RuleSet:
    rules = "".join(
        f"  - id: w.{word}\n    action: flag\n"
        f"    when: {{text: {{words: ['{word}'], evasion: '{evasion}'}}}}\n"
        for word in words
    )
    return RuleSet(compile_text("version: 1\nrules:\n" + rules))


def missed(rules: RuleSet, words: Sequence[str], disguise: Callable[[str], str]) -> Iterator[str]:
    """The disguised sentences in which the word is not found."""
    for word in words:
        for sentence in _SENTENCES:
            text = sentence.format(disguise(word))
            flags, _ = rules.match(Comment("1", text), {})
            if f"w.{word}" not in {flag.rule for flag in flags}:
                yield text


def without_views(compiled: Compiled) -> RuleSet:
    tests = tuple((field, replace(pattern, evasion="off")) for field, pattern in compiled.tests)
    return RuleSet(replace(compiled, tests=tests))


def extra(wide: RuleSet, plain: RuleSet, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Comments with a flag that only the views raise, and how that was read."""
    for text in texts:
        flags, _ = wide.match(Comment("1", text), {})
        if flags:
            known = {flag.rule for flag in plain.match(Comment("1", text), {})[0]}
            new = [flag for flag in flags if flag.rule not in known]
            if new:
                yield text, "; ".join(f"{flag.rule}: {flag.reading}" for flag in new)


def rare_words(words: Sequence[str], texts: Sequence[str]) -> list[str]:
    """Those that are no everyday words: in less than one clean comment of 300."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(set(re.findall(r"[a-z]+", text.lower())))
    return [word for word in words if counts[word] * 300 < len(texts)]


def clean_comments(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file) if row["toxicity"] == "0"]


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=_DATA, help="csv.gz, columns text, toxicity")
    parser.add_argument("--show", metavar="CLASS", help="print what is missed, or 'extra'")
    args = parser.parse_args(argv)
    words = pack_words()
    rules = one_rule_a_word(words)
    failed = False
    print(f"{len(words)} words, {len(DISGUISES)} disguises, {len(_SENTENCES)} sentences each")
    total = len(words) * len(_SENTENCES)
    for name, disguise in DISGUISES.items():
        lost = list(missed(rules, words, disguise))
        recall = 1 - len(lost) / total
        low = recall < TARGETS.get(name, TARGET)
        failed |= low
        print(f"  {name:<26}{recall:8.1%}{'  below the target' if low else ''}")
        if args.show == name:
            print(*(f"    {text!r}" for text in lost), sep="\n")
    alarms = {
        text: readings
        for text in CLEAN
        if (readings := [flag.reading for flag in rules.match(Comment("1", text), {})[0]])
        and any(readings)
    }
    print(f"must stay clean: {len(CLEAN) - len(alarms)} of {len(CLEAN)}", alarms or "")
    failed |= bool(alarms)
    if args.data.is_file():
        texts = clean_comments(args.data)
        rare = rare_words(words, texts)
        packs = compile_paths([packs_folder()])
        for name, wide, plain in (
            (f"{len(rare)} words", one_rule_a_word(rare), one_rule_a_word(rare, "off")),
            ("the packs", RuleSet(packs), without_views(packs)),
        ):
            found = list(extra(wide, plain, texts))
            share = len(found) / len(texts)
            failed |= share > MOST_EXTRA
            print(f"clean comments with a flag by the views alone, {name}: {share:.2%}")
            if args.show == "extra":
                print(*(f"    {reading}" for _, reading in found), sep="\n")
    else:
        print(f"{args.data} is not there: no false alarms counted")
    sys.exit(failed)


if __name__ == "__main__":
    main()
