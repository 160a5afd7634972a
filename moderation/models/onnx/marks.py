"""The words of a text that made it toxic, by what the model says of each token.

A word is marked as a whole or not at all, by the mean of its tokens' log-odds: a reader
is shown words, and a tokenizer's parts of one are no reason of their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from moderation.comments import Span

Odds = npt.NDArray[np.float64]

#: The signs that stand for letters in "@ss" and "f**k" are letters here.
_WORD = re.compile(r"[\w*@$#]+(?:['’\-][\w*@$#]+)*")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model says of a text and of its tokens.

    Attributes:
        toxicity: the highest of the labels' log-odds, before any calibration.
        places: code points of the text at which each token starts and ends.
        odds: of each token, that it is part of what makes the text toxic; log-odds,
            shape (tokens,), NaN for a token that was not read.
    """

    toxicity: float
    places: Sequence[tuple[int, int]]
    odds: Odds


def log_odds(probability: float) -> float:
    """The logarithm of p / (1 - p), infinite for 0 and 1."""
    with np.errstate(divide="ignore"):
        return float(np.log(probability) - np.log1p(-probability))


def words(text: str, reading: Reading) -> tuple[list[tuple[int, int]], Odds]:
    """Where each word starts and ends, and the log-odds that it is a reason, shape (words,).

    A word that was not read gets minus infinity.
    """
    found = [match.span() for match in _WORD.finditer(text)]
    places = np.array(reading.places, dtype=np.intp).reshape(-1, 2)
    bounds = np.array(found, dtype=np.intp).reshape(-1, 2)
    # The first word that ends behind a token's start: the token's own, if it begins in time.
    owner = np.searchsorted(bounds[:, 1], places[:, 0], side="right")
    begins = np.append(bounds[:, 0], len(text) + 1)
    inside = (begins[owner] < places[:, 1]) & ~np.isnan(reading.odds)
    counts = np.bincount(owner[inside], minlength=len(found))
    sums = np.bincount(owner[inside], reading.odds[inside], minlength=len(found))
    return found, np.where(counts > 0, sums / np.maximum(counts, 1), -np.inf)


def spans(text: str, reading: Reading, *, least: float) -> tuple[Span, ...]:
    """The words with log-odds of `least` or more, neighbours with only blanks between joined."""
    found, odds = words(text, reading)
    joined: list[tuple[int, int]] = []
    for (start, end), chosen in zip(found, odds >= least, strict=True):
        if not chosen:
            continue
        if joined and text[joined[-1][1] : start].isspace():
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return tuple(Span(start, end, text[start:end]) for start, end in joined)
