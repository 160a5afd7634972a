"""The memory of this process, in bytes; None where the system does not tell."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc/self")
_KIBIBYTE = 1024


def resident() -> int | None:
    """What it holds now; outside of Linux the most that it ever held."""
    return _status("VmRSS") or _most()


def peak() -> int | None:
    """The most that it held since `forget_peak`; outside of Linux since it began."""
    # Not from getrusage on Linux: what the parent held before it started this process
    # counts there as this process's own.
    return _status("VmHWM") or _most()


def forget_peak() -> None:
    with suppress(OSError):
        (_PROC / "clear_refs").write_text("5")


def _status(key: str) -> int | None:
    try:
        found = re.search(rf"^{key}:\s+(\d+) kB$", (_PROC / "status").read_text(), re.MULTILINE)
    except OSError:
        return None
    return int(found.group(1)) * _KIBIBYTE if found else None


def _most() -> int | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * _KIBIBYTE
