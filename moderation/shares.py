"""Shares of a sample, and how far they can be trusted."""

from __future__ import annotations

import math
from typing import NamedTuple

#: The quantile of the normal distribution for an interval of 95 %.
Z = 1.959964


class Share(NamedTuple):
    """`part` of `whole`, with what the sample says of the share behind it."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % score interval of E. B. Wilson (1927, "Probable inference, the law of
        succession, and statistical inference", JASA 22). Unlike the one from the normal
        curve it holds for few cases and near 0 and 1: 3 right of 3 is 44 to 100 %."""
        if not self.whole:
            return None
        n, p, square = self.whole, self.part / self.whole, Z * Z
        middle = p + square / (2 * n)
        reach = Z * math.sqrt(p * (1 - p) / n + square / (4 * n * n))
        scale = 1 + square / n
        return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)
