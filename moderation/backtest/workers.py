"""A replay spread over the cores of the machine.

Only where each comment can be judged by itself: not for rules that ask what came before.
The processes are forked, so they have the compiled rules without being sent them, and
each reads its own part of the store through a connection of its own. Where forking is
not safe (all but Linux), or the store is small, there is one process.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from array import array
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar, cast

Part = TypeVar("Part")

#: Fewer comments are done before the processes have started.
_WORTH_IT = 20_000
#: Comments handed out at a time.
_SHARE = 2_000
_MOST = 8

#: What a process is to do with its share; set before forking.
_work: Callable[[array[int]], object] | None = None


def count(comments: int) -> int:
    """How many processes are worth starting."""
    if sys.platform != "linux" or comments < _WORTH_IT:
        return 1
    return min(_MOST, len(os.sched_getaffinity(0)))


def spread(
    selected: array[int], processes: int, work: Callable[[array[int]], Part]
) -> Iterator[Part]:
    """The result of `work` for each share of the selection, in order."""
    global _work
    shares = [selected[start : start + _SHARE] for start in range(0, len(selected), _SHARE)]
    _work = work
    context = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_quiet)
    try:
        yield from cast(Iterator[Part], pool.map(_run, shares))
    finally:
        pool.shutdown(cancel_futures=True)
        _work = None


def _quiet() -> None:
    """An interrupt is the parent's to tell."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _run(share: array[int]) -> object:
    assert _work is not None
    return _work(share)
