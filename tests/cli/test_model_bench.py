"""`model bench` as its user runs it."""

import os
import sys
import time

import pexpect
import pytest


def test_a_table_of_models_side_by_side(run):
    done = run("model", "bench", "builtin", "none", "builtin", "--count", "12")
    assert done.code == 0, done.err
    assert done.err == ""
    said, machine, empty, head, *rows = done.out.splitlines()
    assert said.startswith("12 comments, ")
    assert "core" in machine
    assert empty == ""
    assert head.endswith(" batches of 12")
    assert [row.split()[-1] for row in rows] == ["builtin", "none", "builtin"]
    assert rows[0].count("1.00x") == 2
    # Names may be of any length; the numbers leave room for them.
    assert all(len(row) - len(row.split()[-1]) < 80 for row in rows)


def test_json_and_a_file_of_ones_own(run, here):
    (here / "mine.csv").write_text("comment\n" + "You silly goose\n" * 300)
    (here / "moderation.toml").write_text('model = "none"\n')
    done = run("model", "bench", "--file", "mine.csv", "--json")
    assert (done.code, done.err) == (0, "")
    report = done.json
    assert report["schema"] == "moderation-bench/1"
    assert report["comments"] == {"count": 256, "mean_characters": 15}
    assert report["batch"] == 256
    assert report["machine"]["cores"] >= 1
    [model] = report["models"]
    assert (model["model"], model["fingerprint"], model["mean_tokens"]) == ("none", "none", None)
    assert model["one_by_one"]["ratio"] == model["in_batches"]["ratio"] == 1
    assert model["load_seconds"] > 0


def test_a_bad_record_stops_nothing(run, here):
    (here / "some.jsonl").write_text('{"text": "hello"}\n{"txt": 1}\n')
    done = run("model", "bench", "none", "--file", "some.jsonl")
    assert done.code == 3
    assert done.out.startswith("1 comment, 5 characters")
    assert "some.jsonl:2: rejected" in done.err
    assert "--rejects" not in done.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["bultin"], 2, "did you mean 'builtin'"),
        (["none", "--count", "0"], 2, "--count"),
        (["none", "--file", "gone.txt"], 3, "no comment to score"),
        (["./gone"], 2, "no model is called"),
    ],
)
def test_errors(run, arguments, code, said):
    done = run("model", "bench", *arguments)
    assert (done.code, done.out) == (code, "")
    assert said in done.err


@pytest.fixture
def endless(here):
    """More than any model scores in the time of these tests."""
    (here / "endless.txt").write_text("a donkey and a goat, and a word or two more\n" * 400_000)
    return ("model", "bench", "builtin", "none", "--file", "endless.txt", "--count", "400000")


@pytest.mark.parametrize("step", ["loading builtin", "loading none", "round 1 of 5: builtin"])
def test_an_interrupt_ends_every_process(here, endless, step):
    child = pexpect.spawn(sys.executable, ["-m", "moderation", *endless], cwd=str(here), timeout=60)
    child.expect_exact(step)
    group = os.getpgid(child.pid)
    child.sendintr()
    rest = child.read()
    child.close()
    assert child.exitstatus == 130
    assert rest.endswith(b"\r\x1b[K\r\ninterrupted\r\n")
    assert b"Traceback" not in rest
    deadline = time.monotonic() + 10  # what cleans up after processes goes last
    with pytest.raises(ProcessLookupError):
        while time.monotonic() < deadline:
            os.killpg(group, 0)
            time.sleep(0.01)
