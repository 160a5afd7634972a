"""Whether a token is a disguise of a word: signs for letters, letters stretched.

A letter never disguises another one, and a stretched run has at least three of its letter.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

import re2

from moderation.lookalikes import CANON, LEET


def canon(token: str) -> str:
    """Classes of letters and signs, each run once."""
    classes = token.translate(CANON)
    return "".join(
        [sign for sign, before in zip(classes, "\0" + classes, strict=False) if sign != before]
    )


def is_stretched(token: str, word: str, strict: bool) -> bool:
    """What `pattern_of` says of letters alone: they stand for nothing but themselves."""
    runs = [(letter, len(list(run))) for letter, run in groupby(token)]
    asked = [(letter, len(list(run))) for letter, run in groupby(word)]
    if [letter for letter, _ in runs] != [letter for letter, _ in asked]:
        return False
    counts = [(count, least) for (_, count), (_, least) in zip(runs, asked, strict=True)]
    return all(count == 2 * least for count, least in counts) or all(
        count >= least and (strict or least > 1 or count != 2) for count, least in counts
    )


def pattern_of(word: str, *, strict: bool) -> Any:
    """A pattern for the word with leet signs and stretched runs, and nothing else."""
    runs = [(letter, len(list(run))) for letter, run in groupby(word)]
    single: list[str] = []
    double: list[str] = []
    for letter, count in runs:
        kind = "[" + re2.escape(letter + LEET.get(letter, "")) + "]"
        if count == 1 and not strict:
            single.append(f"(?:{kind}|{kind}{{3,}})")
        else:
            single.append(f"{kind}{{{count},}}")
        double.append(f"{kind}{{{2 * count}}}")
    return re2.compile(f"(?:{''.join(single)})|(?:{''.join(double)})")
