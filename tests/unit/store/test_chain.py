"""Whoever changes the record of decisions is found out."""

import sqlite3
from contextlib import closing

import pytest

from moderation.comments import Assessment, Choice, Comment, Verdict
from moderation.queue import Queue
from moderation.store import Store


@pytest.fixture
def path(tmp_path):
    """Five decisions and an undo."""
    path = tmp_path / "q.db"
    with Store.open(path) as store:
        batch = [Assessment(Comment(str(n), "You muppet"), Verdict.HOLD) for n in range(5)]
        store.save(batch, store.begin_run(["x"]))
        queue = Queue(store, "Mira")
        for item in queue.items():
            queue.decide(item, Choice.HIDE, reason="insult", note="the usual")
        queue.undo()
        assert store.verify() == []
    return path


def tamper(path, *statements):
    """Past the triggers, which are put back as if nothing had been."""
    with closing(sqlite3.connect(path)) as conn:
        triggers = conn.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in triggers:
            conn.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            conn.execute(statement)
        for _, sql in triggers:
            conn.execute(sql)
        conn.commit()
    with Store.open(path) as store:
        return store.verify()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("key", "'9'"),
        ("author", "1"),
        ("choice", "'approve'"),
        ("moderator", "'Jon'"),
        ("moderator", "x'ff'"),
        ("at", "'2020-01-01T00:00:00.000+00:00'"),
        ("before", "'clear'"),
        ("after", "'approved'"),
        ("reason", "''"),
        ("undoes", "1"),
        ("version", "version + 1"),
        ("basis", "replace(basis, '\"hold\"', '\"pass\"')"),
        ("sealed", "'0'"),
        ("hash", "'0'"),
    ],
)
def test_a_changed_row(path, column, value):
    problems = tamper(path, f"UPDATE decisions SET {column} = {value} WHERE seq = 3")
    assert problems[0] == "decision 3 was changed, or what stood before it was"


@pytest.mark.parametrize("change", ["text = 'You angel'", "note = 'sorry'", "salt = '0'"])
def test_a_changed_text(path, change):
    problems = tamper(path, f"UPDATE decision_texts SET {change} WHERE seq = 3")
    assert problems == ["the text or note of decision 3 was changed"]


def test_a_missing_text(path):
    assert tamper(path, "DELETE FROM decision_texts WHERE seq = 3") == [
        "the text of decision 3 is missing"
    ]


def test_missing_rows(path):
    gone = "DELETE FROM decision_texts WHERE seq {0}", "DELETE FROM decisions WHERE seq {0}"

    def remove(which):
        return tamper(path, *(each.format(which) for each in gone))

    assert remove("= 2") == ["decision 2 is missing"]
    assert remove("= 1") == ["decisions 1 to 2 are missing"]
    assert remove("= 6") == ["decisions 1 to 2 are missing", "decision 6 is missing"]
    assert remove("> 0") == ["decisions 1 to 6 are missing"]


def test_rows_cut_off_and_the_count_with_them(path):
    assert tamper(path, "DELETE FROM decisions WHERE seq = 6", "UPDATE chain SET count = 5") == [
        "the decisions do not end where the record says that they end"
    ]


def test_rows_in_another_order(path):
    problems = tamper(
        path,
        "UPDATE decisions SET seq = -2 WHERE seq = 2",
        "UPDATE decisions SET seq = 2 WHERE seq = 3",
        "UPDATE decisions SET seq = 3 WHERE seq = -2",
    )
    for seq in (2, 3, 4):
        assert f"decision {seq} was changed, or what stood before it was" in problems


def test_rows_put_in(path):
    copy = (
        "INSERT INTO decisions SELECT {0}, key, author, choice, moderator, at, before, after,"
        " reason, NULL, version, basis, sealed, hash, bulk, redoes FROM decisions WHERE seq = 1"
    )
    assert "decision 7 was changed, or what stood before it was" in tamper(path, copy.format(7))
    assert "decision -1 does not belong here" in tamper(path, copy.format(-1))


def test_the_end_is_missing(path):
    assert tamper(path, "DELETE FROM chain") == [
        "the record of where the decisions begin and end is missing"
    ]


def test_the_chain_of_another_store(path, tmp_path):
    with Store.open(tmp_path / "other.db"):
        pass
    problems = tamper(
        path,
        f"ATTACH '{tmp_path / 'other.db'}' AS other",
        "UPDATE meta SET value = (SELECT value FROM other.meta WHERE name = 'store')",
    )
    assert problems == ["decision 1 was changed, or what stood before it was"]


def test_a_purged_text_leaves_the_chain_sound(path):
    """What a purge will do."""
    change = "text = NULL, note = NULL, salt = NULL, purged = '2026-01-01'"
    assert tamper(path, f"UPDATE decision_texts SET {change} WHERE seq < 4") == []
    with Store.open(path) as store:
        queue = Queue(store, "Mira")
        assert next(queue.export())["text"] is None
        assert queue.history(next(queue.export())["key"])[0].note == ""


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE decisions SET moderator = 'Jon'",
        "DELETE FROM decisions WHERE seq = 6",
        "REPLACE INTO decisions SELECT * FROM decisions WHERE seq = 3",
        "INSERT INTO decisions SELECT 9, key, author, choice, moderator, at, before, after,"
        " reason, NULL, version, basis, sealed, hash, bulk, redoes FROM decisions WHERE seq = 1",
    ],
)
def test_any_program_is_refused(path, statement):
    with (
        closing(sqlite3.connect(path)) as conn,
        pytest.raises(sqlite3.IntegrityError, match="decision"),
    ):
        conn.execute(statement)


def test_the_seal_of_a_text_cannot_be_guessed(path):
    """The same words twice: what stays after a purge does not tell that they were."""
    with closing(sqlite3.connect(path)) as conn:
        seals = [seal for (seal,) in conn.execute("SELECT sealed FROM decisions WHERE seq < 6")]
    assert len(set(seals)) == 5
