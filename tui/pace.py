"""How long someone has been reading, how much, and when a break would do them good."""

from __future__ import annotations

import time
from collections.abc import Callable

#: Without a key for so long, a person was away: that was a break.
AWAY_SECONDS = 300.0


class Pace:
    """One session's clock. It is told of every key and of every comment shown."""

    def __init__(self, break_minutes: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`break_minutes` of reading without a break until one is due; 0: never."""
        self._clock = clock
        self._limit = break_minutes * 60
        self._started = self._rested = self._last = clock()
        self._reminded = 0
        self._seen: set[str] = set()

    def touch(self) -> None:
        """The person has done something."""
        now = self._clock()
        if now - self._last >= AWAY_SECONDS:
            self._rested, self._reminded = now, 0
        self._last = now

    def saw(self, key: str) -> None:
        """This comment was on the screen; again counts once."""
        self._seen.add(key)

    @property
    def seen(self) -> int:
        return len(self._seen)

    @property
    def minutes(self) -> int:
        """Since the session began."""
        return int(self._clock() - self._started) // 60

    @property
    def unbroken(self) -> int:
        """Minutes since the session began or the last break ended."""
        return int(self._clock() - self._rested) // 60

    @property
    def overdue(self) -> bool:
        """Whether a break is due, said or not."""
        return bool(self._limit) and self._clock() - self._rested >= self._limit

    def reminder_due(self) -> bool:
        """Whether to say so now: once each time that so much was read without a break,
        and never to someone who is away."""
        now = self._clock()
        if not self._limit or now - self._last >= AWAY_SECONDS:
            return False
        times = int((now - self._rested) // self._limit)
        due, self._reminded = times > self._reminded, max(times, self._reminded)
        return due


def clock_words(minutes: int) -> str:
    """`12 min`, `1 h 05`."""
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02}"
