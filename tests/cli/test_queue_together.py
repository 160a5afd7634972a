"""`queue` for several people and many comments: filters, claims, redo, purge; `stats`."""

from __future__ import annotations

import json
import re

import pytest


@pytest.fixture
def queue(run, scan):
    """A queue with c4 (hide), c3 (hold) and c2 (flag)."""
    assert scan("comments.jsonl", "--db", "q.db").code == 1

    def queue(command, *args, **more):
        return run("queue", command, *args, "--db", "q.db", **more)

    return queue


def ids(ran):
    assert ran.code == 0, ran.err
    return [item["id"] for item in ran.json]


@pytest.mark.parametrize(
    ("args", "found"),
    [
        (("--filter", "rule:animals.donkey"), ["c3", "c2"]),
        (("--filter", "rule:food.* severity:critical"), ["c4"]),
        (("--filter", "author:Bob"), ["c2"]),
        (("--filter", "goat"), ["c3"]),
        (("--filter", "status:clear"), ["c1"]),
        (("--filter", "goat", "--status", "hidden"), []),
        (("--sort", "author"), ["c2", "c3", "c4"]),
        (("--sort", "rule", "--limit", "2"), ["c2", "c4"]),
    ],
)
def test_list(queue, args, found):
    assert ids(queue("list", "--json", *args)) == found


def test_a_filter_that_is_wrong(queue):
    ran = queue("list", "--filter", "goat auther:\x1b[2J")
    assert ran.code == 2
    assert "filter, column 6: error: there is no field 'auther'" in ran.err
    assert "did you mean 'author'?" in ran.err
    assert "\x1b" not in ran.err


def test_a_reason_that_is_not_in_the_list(queue, here):
    ran = queue("decide", "c2", "hide", "--reason", "\x1b[2Jrude")
    assert ran.code == 2
    assert "there is no reason" in ran.err
    assert "insult" in ran.err
    assert "\x1b" not in ran.err
    (here / "moderation.toml").write_text(
        '[review]\nreasons = [{code = "rude", label = "Rude", category = "violence"}]\n'
    )
    assert queue("decide", "c2", "hide", "--reason", "rude").code == 0
    assert queue("decide", "c3", "hide", "--reason", "insult").code == 2


def test_undo_and_redo(queue):
    queue("decide", "c3", "hide", "--as", "eve")
    assert queue("redo", "--as", "eve").err == "nothing to redo\n"
    queue("undo", "--as", "eve")
    (redone,) = queue("redo", "--as", "eve", "--json").json
    assert (redone["decision"], redone["redoes"]) == ("hide", 2)
    queue("undo", "--as", "eve")
    assert queue("redo", "--as", "eve").err.endswith(" c3 hidden by eve\n")
    assert queue("verify").code == 0


def test_claims(queue):
    ran = queue("claim", "--as", "eve", "--json")
    assert (ran.code, ran.json["id"]) == (0, "c4")
    assert queue("claim", "--as", "ann").out.startswith("c3 ")
    ran = queue("claim", "c4", "--as", "ann")
    assert ran.code == 3
    assert re.search(r"c4: error: eve has had it open since \d\d:\d\d\n", ran.err)
    assert queue("decide", "c4", "hide", "--as", "ann").code == 3
    assert queue("claim", "--as", "ann", "--filter", "rule:food.gravy").code == 1
    assert queue("decide", "c4", "hide", "--as", "eve").code == 0
    queue("claim", "c2", "--as", "ann", "--for", "1h")
    assert queue("release", "c2", "--as", "eve").err == "released 0 comments, 2 still taken\n"
    ran = queue("release", "--as", "ann", "--json")
    assert ran.json == {"released": 2, "claims": []}
    assert queue("claim", "c2", "--as", "eve", "--for", "soon").code == 2


class TestPurge:
    def test_needs_to_be_told_which_and_to_be_allowed(self, queue):
        assert queue("purge").code == 2
        ran = queue("purge", "--author", "Bob")
        assert ran.code == 2
        assert "--yes" in ran.err
        assert queue("purge", "--older-than", "99999999y", "--yes").code == 2
        assert queue("purge", "--older-than", "soon", "--yes").code == 2
        assert ids(queue("list", "--json", "--filter", "author:Bob")) == ["c2"]

    def test_dry_run(self, queue):
        ran = queue("purge", "--author", "Bob", "--dry-run")
        assert (ran.code, ran.err) == (0, "1 comment would be purged\n")
        assert ids(queue("list", "--json", "--filter", "author:Bob")) == ["c2"]

    def test_by_author(self, queue, here):
        queue("decide", "c2", "hide", "--note", "Bob, once more")
        ran = queue("purge", "--author", "Bob", "--yes", "--json")
        assert ran.json == {"comments": 1, "purged": True}
        assert b"donkey" not in (here / "q.db").read_bytes().replace(b"animals.donkey", b"")
        assert queue("verify").code == 0
        record = queue("show", "c2", "--json").json
        assert (record["text"], record["author"], record["status"]) == ("", None, "hidden")
        assert queue("purge", "--author", "Bob", "--yes").err == "0 comments purged\n"

    def test_by_age_what_waits_stays(self, queue):
        queue("decide", "c2", "hide")
        assert queue("purge", "--older-than", "1d", "--yes").err == "2 comments purged\n"
        assert ids(queue("list", "--json")) == ["c4", "c3"]
        assert queue("purge", "--older-than", "900y", "--dry-run", "--author", "Cyd").err == (
            "0 comments would be purged\n"
        )


class TestStats:
    def test_of_an_empty_queue(self, run, queue):
        ran = run("stats", "--db", "q.db")
        assert ran.code == 0
        assert ran.out.startswith("1 clear, 3 pending, 0 approved, 0 hidden, 0 escalated\n")
        assert "no decisions yet" in ran.out
        assert "no second opinions yet" in ran.out

    def test_for_people(self, run, queue):
        queue("decide", "c3", "hide", "--as", "eve\x1b[2J")
        queue("decide", "c2", "approve", "--as", "eve\x1b[2J")
        ran = run("stats", "--db", "q.db")
        assert "\x1b" not in ran.out
        lines = {line.split()[0]: line.split()[1:] for line in ran.out.splitlines() if line}
        assert lines["eve␛[2J"] == ["1", "1", "0", "0", "2", "2", "2"]
        assert lines["animals.donkey"] == ["2", "1", "1", "50%"]
        assert lines["food.gravy"] == ["1", "0", "0"]

    def test_json(self, run, queue):
        queue("decide", "c3", "hide", "--as", "eve")
        found = run("stats", "--db", "q.db", "--json").json
        assert found["counts"]["pending"] == 2
        (made,) = found["decisions"]
        assert (made["moderator"], made["decision"], made["count"]) == ("eve", "hide", 1)
        assert sum(each["queued"] for each in found["flow"]) == 3
        assert sum(each["settled"] for each in found["flow"]) == 1
        rules = {each["rule"]: each["precision"] for each in found["rules"]}
        assert rules["food.turnip"] == 1
        assert rules["food.gravy"] is None
        assert found["agreement"] == {"opinions": 0, "agreed": 0, "kappa": None, "pairs": []}
        assert json.dumps(found["scores"])

    def test_no_database(self, run, here):
        assert run("stats", "--db", "none.db").code == 3
