"""Values that rule files write in a small notation of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


class Mistake(ValueError):
    """What is wrong with a value, and what to write instead."""

    def __init__(self, message: str, hint: str = "", code: str = "bad-value") -> None:
        super().__init__(message)
        self.hint = hint
        self.code = code


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


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_557_600}
_DURATION = re.compile(r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*([smhdwy])\s*\Z")


def parse_duration(value: Any) -> float:
    """`10m`, `1h`, `7d` in seconds; units s, m, h, d, w, y (365.25 days)."""
    found = _DURATION.match(value) if isinstance(value, str) else None
    if not found:
        raise Mistake("expected a duration such as 90s, 10m, 1h or 7d")
    seconds = float(found[1]) * _UNITS[found[2]]
    if not seconds:
        raise Mistake("a duration of nothing")
    return seconds


def parse_age(value: Any) -> Comparison:
    """A comparison of durations, in seconds: `'< 7d'`, `'> 1h'`, `'1d..7d'`."""
    if isinstance(value, str):
        if ".." in value:
            low, _, high = value.partition("..")
            first, last = parse_duration(low), parse_duration(high)
            if first > last:
                raise Mistake(f"the range {value} is empty", "the shorter time comes first")
            return Comparison(low=first, high=last)
        found = re.match(r"\s*(>=|<=|>|<)(.*)\Z", value)
        if found:
            return parse_comparison(f"{found[1]} {parse_duration(found[2]):.6f}")
    raise Mistake("expected a comparison with a duration such as '< 7d' or '> 1h'")


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
