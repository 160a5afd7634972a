"""Values that rule files write in a small notation of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


class Mistake(ValueError):
    """What is wrong with a value, and what to write instead."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Comparison:
    """A closed or open interval: `low <= x`, `x <= high`, with either end left out.

    `negated` is for `!=`.
    """

    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False
    negated: bool = False

    def holds(self, value: float) -> bool:
        inside = True
        if self.low is not None:
            inside = value > self.low if self.low_open else value >= self.low
        if inside and self.high is not None:
            inside = value < self.high if self.high_open else value <= self.high
        return inside is not self.negated


_NUMBER = r"(-?\d{1,12}(?:\.\d{1,12})?)"
_COMPARE = re.compile(rf"\s*(>=|<=|==|=|!=|>|<)\s*{_NUMBER}\s*\Z")
_RANGE = re.compile(rf"\s*{_NUMBER}\s*\.\.\s*{_NUMBER}\s*\Z")


def parse_comparison(value: Any) -> Comparison:
    """`'> 3'`, `'0.4..0.8'` or a bare number; ValueError says what to write."""
    if isinstance(value, bool):
        raise Mistake("expected a number or a comparison such as '>= 0.8'")
    if isinstance(value, (int, float)):
        return Comparison(low=float(value), high=float(value))
    if isinstance(value, str):
        if found := _RANGE.match(value):
            low, high = float(found[1]), float(found[2])
            if low > high:
                raise Mistake(f"the range {value} is empty", "the smaller number comes first")
            return Comparison(low=low, high=high)
        if found := _COMPARE.match(value):
            number = float(found[2])
            match found[1]:
                case ">":
                    return Comparison(low=number, low_open=True)
                case ">=":
                    return Comparison(low=number)
                case "<":
                    return Comparison(high=number, high_open=True)
                case "<=":
                    return Comparison(high=number)
                case "!=":
                    return Comparison(low=number, high=number, negated=True)
                case _:
                    return Comparison(low=number, high=number)
    raise Mistake("expected a comparison such as '> 3', '>= 0.8', '< 7' or '0.4..0.8'")


def probability(value: Comparison) -> Comparison:
    """The comparison, if a number between 0 and 1 can decide it."""
    for end in (value.low, value.high):
        if end is not None and not 0 <= end <= 1:
            raise Mistake(f"a score lies between 0 and 1, so {end:g} can never decide anything")
    return value


def kind_of(value: Any) -> str:
    """A value in words: `a list`, `the number 3`, `the text 'x'`."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case int() | float():
            return f"the number {value}"
        case _:
            return f"the text '{value}'"
