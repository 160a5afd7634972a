"""`scan --resume`: killed at any moment, the results are those of a scan that was not."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMENTS = 2_000
#: Say when it was done, not what; and the secret of each database.
_TIMES = {"started", "finished", "seen", "first_seen", "born", "changed"}
_OWN = {"clock", "chain", "meta"}


@pytest.fixture
def comments(tmp_path: Path) -> Path:
    choice = random.Random(7)
    words = "the soup needs more salt you are an idiot thanks for this moron article".split()
    path = tmp_path / "comments.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(COMMENTS):
            text = " ".join(choice.choices(words, k=30)) + f" {number % (COMMENTS * 3 // 4)}"
            author = choice.choice(["Ann", "Bob", "Cleo"])
            file.write(json.dumps({"id": str(number), "text": text, "author": author}) + "\n")
        file.write("not JSON\n")
    return path


def scan(comments: Path, folder: Path, *more: str) -> subprocess.Popen[bytes]:
    folder.mkdir(exist_ok=True)
    outputs = [f"--format={name}={folder / name}" for name in ("jsonl", "json", "text")]
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "moderation", "scan", str(comments), *outputs, *more),
            *("--db", str(folder / "db"), "--rejects", str(folder / "rejects")),
        ],
        env={**os.environ, "MODERATION_CACHE": "on", "XDG_CACHE_HOME": str(folder / "cache")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def wait_for_scores(process: subprocess.Popen[bytes], folder: Path) -> Path:
    """The file of a scan's scores, as soon as there are some."""
    kept = folder / "cache" / "moderation" / "scans"
    while not (found := list(kept.glob("*.scores"))):
        assert process.poll() is None
        time.sleep(0.05)
    return found[0]


def rows(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    with sqlite3.connect(folder / "db") as conn:
        tables = [
            name
            for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not name.startswith(("sqlite_", "words", "_")) and name not in _OWN
        ]
        found = {}
        for table in tables:
            columns = [row[1] for row in conn.execute(f"PRAGMA table_info({table})")]
            kept = ", ".join(name for name in columns if name not in _TIMES)
            found[table] = sorted(conn.execute(f"SELECT {kept} FROM {table}"), key=repr)
    return found


def outputs(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in ("jsonl", "json", "rejects")}


@pytest.mark.parametrize("jobs", [(), ("--jobs", "2")])
def test_a_killed_scan_goes_on(comments: Path, tmp_path: Path, jobs: tuple[str, ...]) -> None:
    whole = scan(comments, tmp_path / "whole")
    assert whole.wait() == 3  # there is a reject
    moments = random.Random(len(jobs))
    folder = tmp_path / "killed"
    process = scan(comments, folder, *jobs)
    wait_for_scores(process, folder)
    time.sleep(moments.uniform(0, 1))
    process.kill()
    process.communicate()
    process = scan(comments, folder, *jobs, "--resume")
    time.sleep(moments.uniform(0, 3))
    process.kill()
    process.communicate()
    process = scan(comments, folder, *jobs, "--resume")
    _, said = process.communicate()
    assert process.returncode == 3, said
    assert outputs(folder) == outputs(tmp_path / "whole")
    assert rows(folder) == rows(tmp_path / "whole")
    assert not list((folder / "cache" / "moderation" / "scans").iterdir())
    assert not list(folder.glob(".*.partial")), "what the killed ones had written is gone"


def test_an_interrupt_says_how_to_go_on_and_nothing_is_scored_twice(
    comments: Path, tmp_path: Path
) -> None:
    with comments.open("a") as file:
        for number in range(20_000):
            file.write(json.dumps({"id": f"more{number}", "text": f"Number {number}, an idiot"}))
            file.write("\n")
    process = scan(comments, tmp_path / "stopped")
    kept = wait_for_scores(process, tmp_path / "stopped")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130, said
    assert b"--resume goes on from here" in said
    with sqlite3.connect(kept) as conn:
        (scored,) = conn.execute("SELECT count(*) FROM scores").fetchone()
    assert scored > 200


def test_without_anything_to_go_on_from_it_begins_anew(comments: Path, tmp_path: Path) -> None:
    process = scan(comments, tmp_path / "new", "--resume", "--model", "none")
    _, said = process.communicate()
    assert process.returncode == 3
    assert b"nothing to go on from" in said


def test_an_input_that_was_changed_gets_a_run_of_its_own(comments: Path, tmp_path: Path) -> None:
    folder = tmp_path / "changed"
    process = scan(comments, folder)
    wait_for_scores(process, folder)
    process.kill()
    process.communicate()
    lines = comments.read_text().splitlines()
    comments.write_text("\n".join(lines[1:]) + "\n")
    process = scan(comments, folder, "--resume")
    process.communicate()
    assert process.returncode == 3
    with sqlite3.connect(folder / "db") as conn:
        found = {row[0] for row in conn.execute("SELECT id FROM comments")}
    assert {str(number) for number in range(1, COMMENTS)} <= found
