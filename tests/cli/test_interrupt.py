"""Ctrl-C on a scan that waits for more: what was assessed is kept, nothing is half-written."""

from __future__ import annotations

import json
import signal
import threading

import pytest

SCAN = ("scan", "--rules", "rules.yaml", "--model", "none", "-", "--input-format", "lines")
#: Five batches and a bit, more than one transaction of the store.
COUNT = 1_300
ASSESSED = 1_280


@pytest.fixture
def waiting(spawn):
    """A scan that has assessed five batches of its standard input and waits for more."""

    def waiting(*args):
        scan = spawn(*SCAN, *args, "--format", "jsonl")
        scan.stdin.write(b"".join(b"a donkey, number %d\n" % n for n in range(1, COUNT + 1)))
        scan.stdin.flush()
        # The last of them may still be held back in the writer's buffer.
        for line in scan.stdout:
            if json.loads(line)["line"] == ASSESSED - 80:
                break
        return scan

    return waiting


def end(process):
    """The code and the talk of an interrupted process."""
    rest = threading.Thread(target=process.stdout.read, daemon=True)
    rest.start()
    process.send_signal(signal.SIGINT)
    code = process.wait(30)
    rest.join(30)
    return code, process.stderr.read().decode()


def test_exit_code_and_talk(waiting):
    code, err = end(waiting())
    assert code == 130
    assert err.strip() == "interrupted"


def test_what_was_assessed_before_is_in_the_database(waiting, run):
    scan = waiting("--db", "q.db")
    code, err = end(scan)
    assert (code, err.strip()) == (130, "interrupted")
    items = run("queue", "list", "--db", "q.db", "--json").json
    assert ASSESSED - 80 <= len(items) <= COUNT
    # Everything from the first one on, without a gap.
    assert sorted(item["line"] for item in items) == list(range(1, len(items) + 1))
    assert run("queue", "verify", "--db", "q.db").code == 0
    # The next run takes the rest.
    whole = b"".join(b"a donkey, number %d\n" % n for n in range(1, COUNT + 1))
    ran = run(*SCAN, "--db", "q.db", stdin=whole)
    assert f"{COUNT - len(items):,} new, 0 changed, {len(items):,} unchanged" in ran.err


def test_no_report_under_its_name(waiting, here):
    (here / "old.json").write_text("from yesterday")
    scan = waiting("--format", "text=new.txt", "--format", "json=old.json")
    assert not (here / "new.txt").exists()
    assert (here / "old.json").read_text() == "from yesterday"
    assert end(scan)[0] == 130
    assert not (here / "new.txt").exists()
    assert (here / "old.json").read_text() == "from yesterday"
    assert not list(here.glob(".*"))


def test_an_interrupt_at_a_question_of_the_plain_reviewer(scan, spawn, run):
    scan("comments.jsonl", "--db", "q.db")
    review = spawn("review", "--plain", "--db", "q.db", "--as", "eve")
    review.stdin.write(b"h\n")
    review.stdin.flush()
    for line in review.stdout:
        if b"Hidden: c4" in line:
            break
    assert end(review)[0] == 130
    assert [line["id"] for line in run("queue", "export", "--db", "q.db").lines] == ["c4"]
