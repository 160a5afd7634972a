"""A list of comments held in the store's order without reading all of it again."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Collection
from sqlite3 import Connection

from moderation.queue.items import Followed
from moderation.store import clock, finding, reading
from moderation.store.filters import Filter, Sort

#: How far on either side of where it was an item is looked for first.
_NEAR = 1000
#: As many are looked for one by one sooner than a million are gone through.
_FEW = 12


def follow(
    conn: Connection, listed: array[int], marker: int, wanted: Filter, sort: Sort, most: int
) -> Followed | None:
    """
    The list without what was written since the marker, but for what is meant now: that
    stands where the order has it. None when more than `most` were written.
    """
    changed = reading.changed_numbers(conn, marker, most + 1)
    if len(changed) > most:
        return None
    if not changed:
        return Followed(marker, listed)
    kept = without(listed, changed)
    at = 0
    for n in finding.among(conn, changed, wanted, sort):
        # They come in order themselves: each stands behind the one before it.
        at = bisect_left(kept, True, lo=at, key=lambda m, n=n: finding.before(conn, n, m, sort))  # type: ignore[misc]
        kept.insert(at, n)
    return Followed(clock.present(conn), kept, tuple(changed))


def without(listed: array[int], gone: Collection[int]) -> array[int]:
    """A copy without these numbers."""
    if len(gone) > _FEW:
        gone = set(gone)
        return array("q", (n for n in listed if n not in gone))
    found = (place(listed, n) for n in gone)
    kept = listed[:]
    for at in sorted((at for at in found if at is not None), reverse=True):
        del kept[at]
    return kept


def place(numbers: array[int], number: int, *, near: int = 0) -> int | None:
    """The index of a number that stands there at most once, most likely near this one."""
    try:
        return numbers.index(number, max(0, near - _NEAR), near + _NEAR)
    except ValueError:
        pass
    # Through the bytes: `index` makes an object of every number, ten times as slow.
    wanted, data = array("q", (number,)).tobytes(), numbers.tobytes()
    at = data.find(wanted)
    while at >= 0 and at % numbers.itemsize:
        at = data.find(wanted, at + 1)
    return None if at < 0 else at // numbers.itemsize
