"""How many cores this process may use."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")


def usable(cgroups: Path = _CGROUPS, own: Path = _OWN) -> int:
    """Cores that this process may run on, at least 1 and no more than its container's quota
    of processor time pays for, part of a core counted as one.

    Args:
        cgroups: where Linux shows its control groups.
        own: the list of those that this process is in.
    """
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return max(1, math.ceil(min([cores, *_quotas(cgroups, own)])))


def _quotas(cgroups: Path, own: Path) -> Iterator[float]:
    """In cores, the quotas of this process's control groups and of those around them."""
    lines = []
    with suppress(OSError):
        lines = own.read_text().splitlines()
    for line in lines:
        _, controllers, group = line.split(":", 2)
        # Version 2 has one tree and no name for it, version 1 one for each controller.
        if controllers and "cpu" not in controllers.split(","):
            continue
        top = cgroups / "cpu" if controllers else cgroups
        names = ("cpu.cfs_quota_us", "cpu.cfs_period_us") if controllers else ("cpu.max",)
        inner = top / group.strip("/")
        for folder in (inner, *inner.parents):
            # Where there is no quota it is -1, or `max`, which is no number.
            with suppress(OSError, ValueError, ZeroDivisionError):
                time, period = map(int, " ".join((folder / n).read_text() for n in names).split())
                if time > 0:
                    yield time / period
            if folder == top:
                break
