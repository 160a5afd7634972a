"""Disks that are full, folders that cannot be written: on real file systems, of their own
for the process, so that it holds for root too."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from moderation.store import Store

Window = Any
Rows = Callable[[Path], list[tuple[str, str, str]]]


def _may_mount() -> bool:
    """Whether a process may have mounts of its own here."""
    try:
        command = ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"]
        return subprocess.run(command, capture_output=True, timeout=10).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


mounts = pytest.mark.skipif(not _may_mount(), reason="mounting is not permitted here")


def _in_own_mounts(script: str) -> tuple[str, ...]:
    return ("unshare", "-rm", "/bin/sh", "-ec", f'{script}; exec "$0" "$@"')


def _seen_by(terminal: Any, path: Path) -> Path:
    """A file as the process sees it, through its own mounts."""
    return Path(f"/proc/{terminal.pid}/root{path}")


def _copied(path: Path, place: Path) -> Path:
    """A database with its log: SQLite would resolve a path through /proc as its own."""
    for name in (path.name, path.name + "-wal"):
        shutil.copy(path.with_name(name), place / name)
    return place / path.name


@mounts
def test_a_full_disk(window: Window, db: Path, tmp_path: Path, rows: Rows) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    terminal = window(
        disk / "q.db",
        before=_in_own_mounts(f"mount -t tmpfs -o size=2m none '{disk}'; cp '{db}' '{disk}/q.db'"),
    )
    terminal.see("pending")
    path = _seen_by(terminal, disk / "q.db")
    terminal.send("a")
    terminal.until(lambda: len(rows(_copied(path, tmp_path))) == 1)
    filler = _seen_by(terminal, disk / "filler")
    with pytest.raises(OSError, match="space"), filler.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 512)
    # The log has room left within the pages that it has; it does not last.
    for _ in range(40):
        terminal.send("su")
        terminal.read(0.1)
        if b"disk is full" in terminal.data:
            break
    else:
        pytest.fail("the disk was never full")
    told = rows(_copied(path, tmp_path))
    terminal.send("a")
    terminal.read(0.5)
    copy = _copied(path, tmp_path)
    assert rows(copy) == told
    with Store.open(copy) as store:
        assert store.verify() == []
    filler.unlink()
    terminal.send("h")
    terminal.until(lambda: len(rows(_copied(path, tmp_path))) == len(told) + 1)
    with Store.open(_copied(path, tmp_path)) as store:
        assert store.verify() == []
    terminal.send("q")
    assert terminal.end() == 0
    terminal.check()


@mounts
def test_no_room_even_to_open(window: Window, db: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    pages = -(-db.stat().st_size // 4096)
    script = f"mount -t tmpfs -o size={pages * 4}k none '{disk}'; cp '{db}' '{disk}/q.db'"
    terminal = window(disk / "q.db", before=_in_own_mounts(script))
    terminal.see("cannot start")
    terminal.send("q")
    assert terminal.end() == 3
    terminal.check()


@mounts
def test_a_folder_that_cannot_be_written(window: Window, db: Path, tmp_path: Path) -> None:
    place = db.parent
    script = f"mount --bind '{place}' '{place}'; mount -o remount,ro,bind '{place}'"
    before = db.read_bytes()
    terminal = window(db, before=_in_own_mounts(script))
    terminal.see("cannot start")
    terminal.see("its folder")
    terminal.send("r")  # again, to no avail
    terminal.see("cannot start")
    terminal.send("q")
    assert terminal.end() == 3
    terminal.check()
    assert db.read_bytes() == before


@mounts
def test_a_file_that_cannot_be_written(window: Window, db: Path) -> None:
    script = f"mount --bind '{db}' '{db}'; mount -o remount,ro,bind '{db}'"
    before = db.read_bytes()
    terminal = window(db, before=_in_own_mounts(script))
    terminal.see("pending")  # it can still be read
    terminal.send("a")
    terminal.see("cannot be written")
    terminal.send("j")
    terminal.read(0.3)
    terminal.send("q")
    assert terminal.end() == 0
    terminal.check()
    assert db.read_bytes() == before


def test_a_limit_on_the_size_of_files(window: Window, db: Path, rows: Rows) -> None:
    """Where no mounts are permitted, this is a disk that takes no more."""
    kilobytes = db.stat().st_size // 1024
    terminal = window(db, before=("/bin/bash", "-c", f'ulimit -f {kilobytes}; exec "$0" "$@"'))
    terminal.see("pending")
    for _ in range(60):
        terminal.send("su")
        terminal.read(0.1)
        if b"could not be read" in terminal.data or b"disk is full" in terminal.data:
            break
    else:
        pytest.fail("the limit was never reached")
    told = rows(db)
    terminal.send("q")
    assert terminal.end() == 0
    terminal.check()
    assert rows(db) == told
    with Store.open(db) as store:
        assert store.verify() == []
