"""A replay spread over the cores of the machine.

Only where each comment can be judged by itself: not for rules that ask what came before.
Each process makes its own rule set and reads its own part of the store, through a
connection of its own. Where the store is small, there is one process.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
from array import array
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar, cast

from moderation.models import cores

Part = TypeVar("Part")

#: Fewer comments are done before the processes have started.
_WORTH_IT = 20_000
#: Comments handed out at a time: an interrupt waits for those in hand.
_SHARE = 1_000
_MOST = 8
#: Forking is the quicker start, and safe on Linux only.
_METHOD = "fork" if sys.platform == "linux" else "spawn"

#: What this process is to do with its shares.
_work: Callable[[array[int]], object] | None = None


def count(comments: int) -> int:
    """How many processes are worth starting."""
    if comments < _WORTH_IT:
        return 1
    return min(_MOST, cores.usable())


def spread(
    selected: array[int], processes: int, make: Callable[[], Callable[[array[int]], Part]]
) -> Iterator[Part]:
    """What the workers make of each share of the selection, in order. `make` is called
    once in each process for its worker, and so must be picklable."""
    shares = [selected[start : start + _SHARE] for start in range(0, len(selected), _SHARE)]
    context = multiprocessing.get_context(_METHOD)
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(make,))
    try:
        yield from cast(Iterator[Part], pool.map(_run, shares))
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(make: Callable[[], Callable[[array[int]], object]]) -> None:
    global _work
    # An interrupt is the parent's to tell.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _work = make()


def _run(share: array[int]) -> object:
    assert _work is not None
    return _work(share)
