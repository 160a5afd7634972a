"""The exit codes that scripts rely on, each from a real process: 0, 1, 2, 3, 130, and a shell's
141 for a reader that went away."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

SCAN = ("scan", "--rules", "rules.yaml", "--model", "none")
WORK = pytest.mark.parametrize("jobs", [(), ("--jobs", "2")], ids=["one process", "jobs"])
#: Lines of a report that are awaited, in the first of its batches.
REPORTED = 200
WARNED = """\
version: 1
rules:
  - id: food.soup
    action: flag
    when: {text: {words: [soup]}}
"""


def group(process) -> set[int]:
    """The processes of the group that this one leads, itself left out."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[2]) == process.pid and fields[0] != "Z":
                found.add(int(folder.name))
    return found - {process.pid}


def assert_gone(process) -> None:
    """Nothing that it started is left."""
    end = time.monotonic() + 10
    while group(process) and time.monotonic() < end:
        time.sleep(0.05)
    assert group(process) == set()


def waiting(spawn, *args):
    """A scan of its own group that has reported something, and waits for more to read."""
    scan = spawn(
        *(*SCAN, "-", "--input-format", "lines", "--format", "jsonl", *args),
        start_new_session=True,
    )
    scan.stdin.write(b"".join(b"a donkey, number %d\n" % n for n in range(1, 2_001)))
    scan.stdin.flush()
    for _ in range(REPORTED):
        assert scan.stdout.readline().startswith(b'{"schema"')
    return scan


class TestScan:
    @WORK
    @pytest.mark.parametrize(
        ("args", "code"),
        [
            (("comments.jsonl", "--fail-on", "never"), 0),
            (("comments.jsonl",), 1),
            (("comments.jsonl", "-"), 3),
        ],
    )
    def test_as_it_comes_out(self, process, jobs, args, code):
        ran = process(*SCAN, *jobs, *args, "--input-format", "jsonl", stdin="not JSON\n")
        assert ran.code == code, ran.err
        assert "4 comments: 1 hide, 1 hold" in ran.out

    @pytest.mark.parametrize(
        "args",
        [
            ("scan",),
            ("scan", "comments.jsonl", "--no-such-option"),
            ("--config", "absent.toml", *SCAN, "comments.jsonl"),
            ("--config", "rules.yaml", *SCAN, "comments.jsonl"),
            (*SCAN, "comments.jsonl", "--baseline", "rules.yaml"),
            (*SCAN, "comments.jsonl", "--jobs", "0"),
        ],
        ids=" ".join,
    )
    def test_wrong_usage_and_configuration(self, process, args):
        ran = process(*args)
        assert (ran.code, ran.out) == (2, ""), ran.err

    def test_rules_with_errors(self, process, here):
        (here / "bad.yaml").write_text(WARNED.replace("flag", "flog"))
        ran = process("scan", "comments.jsonl", "--model", "none", "--rules", "bad.yaml")
        assert (ran.code, ran.out) == (2, "")

    def test_a_model_that_cannot_be_read(self, process, here):
        (here / "model").mkdir()
        (here / "model" / "meta.json").write_text("{}")
        ran = process("scan", "comments.jsonl", "--rules", "rules.yaml", "--model", "./model")
        assert (ran.code, ran.out) == (3, ""), ran.err
        assert "Traceback" not in ran.err

    def test_a_process_of_it_dies(self, spawn):
        scan = waiting(spawn, "--jobs", "2")
        # One of them keeps track of shared resources.
        for worker in group(scan):
            command = Path(f"/proc/{worker}/cmdline").read_bytes()
            if b"spawn_main" in command:
                os.kill(worker, signal.SIGKILL)
        _, err = scan.communicate(b"a goat\n" * 1_000, timeout=60)
        assert scan.returncode == 3, err
        assert b"error: a process of the scan died" in err
        assert b"Traceback" not in err
        assert_gone(scan)


@WORK
class TestStopped:
    def test_by_the_user(self, spawn, run, jobs):
        scan = waiting(spawn, *jobs, "--db", "q.db", "--format", "text=report.txt")
        os.killpg(scan.pid, signal.SIGINT)  # as a terminal's Ctrl-C
        _, err = scan.communicate(timeout=60)
        assert (scan.returncode, err.decode().strip()) == (130, "interrupted")
        assert_gone(scan)
        assert not Path("report.txt").exists()
        items = run("queue", "list", "--db", "q.db", "--json").json
        assert sorted(item["line"] for item in items) == list(range(1, len(items) + 1))
        assert len(items) >= REPORTED

    def test_by_its_reader(self, spawn, jobs):
        scan = waiting(spawn, *jobs)
        scan.stdout.close()
        with suppress(BrokenPipeError):
            scan.stdin.write(b"a goat\n" * 5_000)
            scan.stdin.close()
        assert scan.wait(60) == 141
        assert scan.stderr.read() == b""
        assert_gone(scan)


@pytest.mark.parametrize(
    ("rules", "args", "code"),
    [
        (WARNED, ("check",), 0),
        (WARNED, ("check", "--strict"), 1),
        (WARNED.replace("flag", "flog"), ("check",), 2),
        (WARNED, ("test",), 0),
        (WARNED + "    tests: {match: [stew]}\n", ("test",), 1),
        (WARNED.replace("flag", "flog"), ("test",), 2),
    ],
)
def test_rules(process, here, rules, args, code):
    (here / "mine.yaml").write_text(rules)
    ran = process("rules", *args, "mine.yaml")
    assert ran.code == code, ran.out + ran.err


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("show", "c4"), 0),
        (("show", "nobody"), 2),
        (("decide", "c4", "burn"), 2),
        (("verify",), 0),
    ],
)
def test_the_queue(process, scan, args, code):
    scan("comments.jsonl", "--db", "q.db")
    ran = process("queue", *args, "--db", "q.db")
    assert ran.code == code, ran.err


def test_a_database_that_is_none(process):
    assert process("queue", "list", "--db", "comments.jsonl").code == 3
