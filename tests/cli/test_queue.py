"""`moderation queue` and `moderation review`, as scripts and people run them."""

from __future__ import annotations

import getpass
import sqlite3

import pytest

KEYS = [
    *("schema", "id", "line", "verdict", "severity", "priority", "scores", "flags", "undecided"),
    *("unsupported", "reading"),
    *("model", "policy", "status", "decided_by", "author", "created", "thread", "parent", "text"),
]
DECISION_KEYS = [
    *("seq", "key", "decision", "moderator", "at", "before", "after", "reason", "note", "undoes"),
    *("bulk", "redoes"),
]


@pytest.fixture
def db(scan) -> str:
    """A queue with c4 (hide), c3 (hold) and c2 (flag)."""
    assert scan("comments.jsonl", "--db", "q.db").code == 1
    return "q.db"


@pytest.fixture
def queue(run, db):
    def queue(command, *args, **more):
        return run("queue", command, *args, "--db", db, **more)

    return queue


def ids(ran):
    assert ran.code == 0
    return [item["id"] for item in ran.json]


class TestList:
    def test_for_people(self, queue):
        ran = queue("list")
        assert ran.code == 0
        assert ran.out == (
            "c4       hide  critical Dee                gravy for all\n"
            "c3       hold  medium   Cyd                A turnip, a goat\n"
            "c2       flag  low      Bob                You donkey\n"
        )
        assert ran.err == "3 pending, 0 approved, 0 hidden, 0 escalated\n"

    def test_json(self, queue):
        ran = queue("list", "--json")
        assert (ran.code, ran.err) == (0, "")
        assert ids(ran) == ["c4", "c3", "c2"]
        for item in ran.json:
            assert list(item) == KEYS
        first = ran.json[0]
        assert first["text"] == "gravy for all"
        assert first["author"] == "Dee"
        assert first["status"] == "pending"
        assert first["created"] == "2026-03-01T08:15:00+00:00"
        assert first["flags"][0]["spans"] == [{"start": 0, "end": 5, "text": "gravy"}]

    def test_keys_are_those_of_a_scan_and_a_few_more(self, queue, scan):
        scanned = scan("comments.jsonl", "--format", "jsonl").lines[3]
        listed = queue("list", "--json").json[0]
        assert {key: listed[key] for key in scanned} == scanned

    @pytest.mark.parametrize(
        ("sort", "order"),
        [
            ("priority", ["c4", "c3", "c2"]),
            ("severity", ["c4", "c3", "c2"]),
            ("oldest", ["c2", "c3", "c4"]),
            ("newest", ["c4", "c3", "c2"]),
        ],
    )
    def test_sort(self, queue, sort, order):
        assert ids(queue("list", "--json", "--sort", sort)) == order

    @pytest.mark.parametrize(("limit", "count"), [(0, 0), (1, 1), (2, 2), (99, 3)])
    def test_limit(self, queue, limit, count):
        assert len(ids(queue("list", "--json", "--limit", limit))) == count
        assert len(queue("list", "--limit", limit).out.splitlines()) == count

    def test_status(self, queue):
        queue("decide", "c2", "approve", "--as", "eve")
        queue("decide", "c3", "hide", "--as", "eve")
        queue("decide", "c4", "escalate", "--as", "eve")
        for status, wanted in {
            "pending": [],
            "approved": ["c2"],
            "hidden": ["c3"],
            "escalated": ["c4"],
            "clear": ["c1"],
            "all": ["c4", "c3", "c2"],
        }.items():
            assert ids(queue("list", "--json", "--status", status)) == wanted, status
        assert queue("list", "--status", "hidden").out.endswith("A turnip, a goat  [hidden]\n")
        assert queue("list").err == "0 pending, 1 approved, 1 hidden, 1 escalated\n"

    def test_nothing_waits(self, queue):
        for id in ("c2", "c3", "c4"):
            queue("decide", id, "hide")
        assert queue("list").out == ""
        assert queue("list", "--json").json == []

    def test_reads_no_more_than_it_says(self, queue, here):
        before = (here / "q.db").read_bytes()
        queue("list")
        queue("show", "c2")
        queue("verify")
        queue("export")
        assert (here / "q.db").read_bytes() == before


class TestDatabases:
    @pytest.mark.parametrize("command", ["list", "verify", "export", "undo"])
    def test_none(self, run, here, command):
        ran = run("queue", command)
        assert (ran.code, ran.out) == (3, "")
        assert "moderation.db: error: there is no database here" in ran.err
        assert "hint: `moderation scan INPUT --db moderation.db` makes one" in ran.err
        assert not (here / "moderation.db").exists()

    def test_not_one(self, run):
        ran = run("queue", "list", "--db", "comments.jsonl")
        assert (ran.code, ran.out) == (3, "")
        assert "comments.jsonl: error: " in ran.err

    def test_from_the_config(self, run, scan, here):
        scan("comments.jsonl", "--db", "other.db")
        (here / "moderation.toml").write_text('db = "other.db"\nmoderator = "ada"\n')
        assert ids(run("queue", "list", "--json")) == ["c4", "c3", "c2"]
        run("queue", "decide", "c2", "hide")
        run("queue", "decide", "c3", "hide", "--as", "eve")
        lines = run("queue", "export").lines
        assert [line["moderator"] for line in lines] == ["ada", "eve"]


class TestShow:
    def test_for_people(self, queue):
        queue("decide", "c3", "hide", "--as", "eve", "--reason", "insult", "--note", "see c2")
        ran = queue("show", "c3")
        assert ran.code == 0
        lines = ran.out.splitlines()
        assert lines[:4] == [
            "c3: hidden (hold, medium)",
            "  by Cyd, 2026-03-01 08:10",
            "  │ A turnip, a goat",
            "  hold    medium   food.turnip: Turnip, says Cyd",
        ]
        assert lines[-1].endswith(" c3 hidden by eve: insult see c2")

    def test_json(self, queue):
        queue("decide", "c3", "hide", "--as", "eve", "--reason", "insult")
        record = queue("show", "c3", "--json").json
        assert list(record) == [*KEYS, "history", "parents", "replies"]
        assert record["decided_by"] == "eve"
        (decision,) = record["history"]
        assert list(decision) == DECISION_KEYS
        assert decision["reason"] == "insult"
        assert (decision["before"], decision["after"]) == ("pending", "hidden")

    def test_thread(self, scan, run, jsonl):
        thread = {"title": "A page", "url": "https://example.org/p"}
        scan(
            jsonl(
                "t.jsonl",
                {"id": "1", "text": "hello", **thread},
                {"id": "2", "text": "a donkey", "parent": "1", **thread},
                {"id": "3", "text": "why", "parent": "2", **thread},
            ),
            *("--db", "t.db"),
        )
        record = run("queue", "show", "2", "--db", "t.db", "--json").json
        assert record["thread"] == {
            "id": "https://example.org/p",
            "title": "A page",
            "url": "https://example.org/p",
        }
        assert (record["parents"], record["replies"]) == (["1"], ["3"])
        assert "under A page" in run("queue", "show", "2", "--db", "t.db").out

    def test_an_unknown_id(self, queue):
        ran = queue("show", "c9")
        assert (ran.code, ran.out) == (2, "")
        assert "no comment 'c9' is stored" in ran.err
        assert "hint: `moderation queue list` shows their ids" in ran.err

    def test_a_clear_comment_can_be_shown(self, queue):
        ran = queue("show", "c1")
        assert ran.code == 0
        assert "A fine morning" in ran.out


class TestDecide:
    def test_by_the_ids_of_the_list(self, queue):
        choices = {"c4": "approve", "c3": "hide", "c2": "escalate"}
        for item in queue("list", "--json").json:
            assert queue("decide", item["id"], choices[item["id"]], "--as", "eve").code == 0
        status = {i["id"]: i["status"] for i in queue("list", "--json", "--status", "all").json}
        assert status == {"c4": "approved", "c3": "hidden", "c2": "escalated"}

    def test_says_what_was_done_as_talk(self, queue):
        ran = queue("decide", "c2", "hide", "--as", "eve", "--note", "no")
        assert (ran.code, ran.out) == (0, "")
        assert ran.err.endswith(" c2 hidden by eve: no\n")

    def test_json(self, queue):
        ran = queue("decide", "c2", "hide", "--as", "eve", "--json")
        assert (ran.code, ran.err) == (0, "")
        assert list(ran.json) == DECISION_KEYS
        assert (ran.json["seq"], ran.json["decision"], ran.json["moderator"]) == (1, "hide", "eve")

    def test_skip_puts_it_behind_the_others(self, queue):
        assert queue("decide", "c4", "skip").code == 0
        assert ids(queue("list", "--json")) == ["c3", "c2", "c4"]

    def test_the_moderator_is_the_system_user_by_default(self, queue):
        ran = queue("decide", "c2", "hide", "--json")
        assert ran.json["moderator"] == getpass.getuser()

    def test_a_moderator_without_a_name(self, queue):
        ran = queue("decide", "c2", "hide", "--as", "  ")
        assert ran.code == 2
        assert "--as NAME" in ran.err

    def test_an_unknown_id(self, queue):
        ran = queue("decide", "c9", "hide", "--json")
        assert (ran.code, ran.out) == (2, "")

    def test_two_pages_which_both_have_a_comment_1(self, scan, run, here):
        for name in ("one.txt", "two.txt"):
            (here / name).write_text(f"a donkey in {name}\n")
        scan("one.txt", "two.txt", "--db", "two.db")
        ran = run("queue", "decide", "1", "hide", "--db", "two.db")
        assert (ran.code, ran.out) == (2, "")
        assert "several comments have the id '1'" in ran.err
        assert "hint: use one of: one#1, two#1" in ran.err
        assert run("queue", "decide", "two#1", "hide", "--db", "two.db").code == 0
        (left,) = run("queue", "list", "--db", "two.db", "--json").json
        assert (left["id"], left["text"]) == ("one#1", "a donkey in one.txt")

    @pytest.mark.parametrize("id", ["-1", "--json", "a b", "ä 😀", "x#y", "\u202eevil", "[/foo]"])
    def test_odd_ids(self, scan, run, jsonl, id):
        scan(jsonl("odd.jsonl", {"id": id, "text": "a donkey"}), "--db", "odd.db")
        (item,) = run("queue", "list", "--db", "odd.db", "--json").json
        assert item["id"] == id
        ran = run("queue", "decide", "--db", "odd.db", "--", item["id"], "hide")
        assert ran.code == 0


class TestUndo:
    def test_takes_back_the_last(self, queue):
        queue("decide", "c2", "hide", "--as", "eve")
        queue("decide", "c3", "hide", "--as", "eve")
        ran = queue("undo", "--as", "eve")
        assert (ran.code, ran.out) == (0, "")
        assert ran.err.endswith(" decision 2 taken back on c3 by eve\n")
        assert ids(queue("list", "--json")) == ["c4", "c3"]

    def test_several_at_once(self, queue):
        for id in ("c2", "c3", "c4"):
            queue("decide", id, "hide", "--as", "eve")
        ran = queue("undo", "2", "--as", "eve", "--json")
        assert [undone["undoes"] for undone in ran.json] == [3, 2]
        assert ids(queue("list", "--json")) == ["c4", "c3"]

    def test_only_ones_own(self, queue):
        queue("decide", "c2", "hide", "--as", "eve")
        ran = queue("undo", "--as", "ada")
        assert (ran.code, ran.err) == (0, "nothing to undo\n")
        assert queue("undo", "--as", "ada", "--json").json == []

    def test_more_than_there_are(self, queue):
        queue("decide", "c2", "hide", "--as", "eve")
        assert len(queue("undo", "99", "--as", "eve", "--json").json) == 1

    def test_what_another_decided_since_is_a_conflict(self, queue):
        queue("decide", "c2", "hide", "--as", "eve")
        queue("decide", "c2", "approve", "--as", "ada")
        ran = queue("undo", "--as", "eve")
        assert (ran.code, ran.out) == (3, "")
        assert "ada" in ran.err


class TestVerifyAndExport:
    def test_sound(self, queue):
        queue("decide", "c2", "hide", "--as", "eve")
        ran = queue("verify")
        assert ran.code == 0
        assert ran.out.startswith("sound: 1 decision, head ")
        record = queue("verify", "--json").json
        assert list(record) == ["sound", "decisions", "head", "problems"]
        assert record["sound"] is True
        assert queue("export").lines[-1]["hash"] == record["head"]

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE decisions SET moderator = 'mallory' WHERE seq = 1",
            "UPDATE decisions SET after = 'approved' WHERE seq = 2",
            "DELETE FROM decisions WHERE seq = 1",
            "DELETE FROM decisions WHERE seq = 2",
            "UPDATE decision_texts SET text = 'other words' WHERE seq = 1",
        ],
    )
    def test_tampered(self, queue, here, change):
        queue("decide", "c2", "hide", "--as", "eve")
        queue("decide", "c3", "hide", "--as", "eve")
        conn = sqlite3.connect(here / "q.db")
        triggers = conn.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            conn.execute(f'DROP TRIGGER "{name}"')
        assert conn.execute(change).rowcount == 1
        conn.commit()
        conn.close()
        ran = queue("verify")
        assert ran.code == 1
        assert ran.out
        assert "sound" not in ran.out
        ran = queue("verify", "--json")
        assert ran.code == 1
        assert ran.json["sound"] is False
        assert ran.json["problems"]

    def test_export(self, queue):
        queue("decide", "c2", "hide", "--as", "eve", "--note", "\x1b[31m")
        queue("undo", "--as", "eve")
        ran = queue("export")
        assert ran.out.isascii()
        decided, undone = ran.lines
        assert (decided["decision"], decided["text"], decided["note"]) == (
            *("hide", "You donkey"),
            "\x1b[31m",
        )
        assert decided["rules"][0]["id"] == "animals.donkey"
        assert (undone["decision"], undone["undoes"], undone["text"]) == ("undo", 1, None)
        assert queue("export", "--json").json == ran.lines

    def test_export_since(self, queue):
        queue("decide", "c2", "hide")
        assert len(queue("export", "--since", "2020-01-01").lines) == 1
        assert queue("export", "--since", "2999-01-01T00:00:00+00:00").out == ""
        assert queue("export", "--since", "2999-01-01", "--json").json == []
        ran = queue("export", "--since", "soon")
        assert (ran.code, ran.out) == (2, "")
        assert "not an ISO time" in ran.err

    def test_export_of_nothing(self, queue):
        assert queue("export").out == ""
        assert queue("export", "--json").json == []


class TestReview:
    def test_needs_a_terminal(self, run, db):
        ran = run("review", "--db", db)
        assert (ran.code, ran.out) == (2, "")
        assert "the review app needs a terminal" in ran.err
        assert "hint: use `moderation review --plain`" in ran.err

    def test_plain_by_keys(self, run, queue, db):
        ran = run("review", "--plain", "--db", db, "--as", "eve", stdin="a\nh\nu\ne\ns\nq\n")
        assert (ran.code, ran.err) == (0, "")
        status = {i["id"]: i["status"] for i in queue("list", "--json", "--status", "all").json}
        assert status == {"c4": "approved", "c3": "escalated", "c2": "pending"}
        made = [(line["id"], line["decision"]) for line in queue("export").lines]
        assert made == [
            *(("c4", "approve"), ("c3", "hide"), ("c3", "undo"), ("c3", "escalate")),
            ("c2", "skip"),
        ]
        assert "Reasons:\n  1. Sauce: gravy (food.gravy, critical, hide)\n" in ran.out
        assert "| [1>gravy<1] for all\n" in ran.out

    def test_plain_until_the_end_of_input(self, run, queue, db):
        ran = run("review", "--plain", "--db", db, "--as", "eve", stdin="h\n")
        assert ran.code == 0
        assert ran.out.splitlines()[-1] == "This session: 1 hidden."
        assert len(queue("export").lines) == 1

    def test_plain_with_bytes_that_are_no_text(self, run, db):
        ran = run("review", "--plain", "--db", db, "--as", "eve", stdin=b"\xff\xfe\nh\nq\n")
        assert ran.code == 0
        assert "Please answer" in ran.out
        assert ran.out.endswith("This session: 1 hidden.\n")

    def test_plain_of_an_empty_queue(self, run, scan):
        scan("-", "--db", "empty.db", stdin="hello\n")
        ran = run("review", "--plain", "--db", "empty.db")
        assert ran.code == 0
        assert ran.out.startswith("Nothing waits for review.\n")

    @pytest.mark.parametrize("more", [(), ("--plain",)])
    def test_without_a_database(self, run, more):
        ran = run("review", "--db", "absent.db", *more)
        assert ran.code in (2, 3)
        assert ran.out == ""

    def test_as_a_process(self, process, queue, db):
        ran = process("review", "--plain", "--db", db, "--as", "eve", stdin="h\nq\n")
        assert ran.code == 0
        assert [line["decision"] for line in queue("export").lines] == ["hide"]
