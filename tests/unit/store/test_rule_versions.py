"""What a database remembers of rules: when each last changed, and who confirmed that."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from moderation.queue import Queue
from moderation.store import Store, migrations
from moderation.store.rule_versions import brake, confirm, present, record

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def scan(store, at=MONDAY, **rules):
    """Record rules (id=version) for a new run; returns them as they are then present."""
    run = store.begin_run(["x"])
    with store.write() as conn:
        return record(conn, rules.items(), run, at)


def now_present(store):
    with store.read() as conn:
        return present(conn)


def test_nothing_is_known_before_the_first_scan(store):
    assert now_present(store) == {}


def test_the_first_scan_takes_the_rules_as_they_stand(store):
    known = scan(store, a="1", b="1")
    assert {rule: (each.version, each.changed) for rule, each in known.items()} == {
        "a": ("1", None),
        "b": ("1", None),
    }
    assert not any(each.young(MONDAY, DAY) for each in known.values())
    assert scan(store, MONDAY + HOUR, a="1", b="1") == known == now_present(store)


def test_a_new_rule_and_an_edited_one_have_changed(store):
    first = scan(store, a="1", b="1")
    known = scan(store, MONDAY + HOUR, a="2", b="1", c="1")
    assert {rule: each.changed for rule, each in known.items()} == {
        "a": MONDAY + HOUR,
        "b": None,
        "c": MONDAY + HOUR,
    }
    assert known["b"] == first["b"]
    # A scan that finds them so again is no change.
    assert scan(store, MONDAY + 2 * HOUR, a="2", b="1", c="1") == known


def test_young_is_less_than_the_window(store):
    scan(store, a="1")
    changed = scan(store, MONDAY, a="2")["a"]
    assert changed.young(MONDAY, DAY)
    assert changed.young(MONDAY + DAY - timedelta(milliseconds=1), DAY)
    assert not changed.young(MONDAY + DAY, DAY)
    assert not changed.young(MONDAY, timedelta())
    # A clock that was set back makes no change old.
    assert changed.young(MONDAY - 2 * DAY, DAY)


def test_back_to_an_earlier_version_counts_from_then(store):
    scan(store, a="1")
    second = scan(store, MONDAY + HOUR, a="2")["a"]
    with store.write() as conn:
        confirm(conn, [second], "Ann")
    assert now_present(store)["a"].confirmed_by == "Ann"
    back = scan(store, MONDAY + 2 * HOUR, a="1")["a"]
    assert (back.version, back.changed, back.confirmed_by) == ("1", MONDAY + 2 * HOUR, None)
    again = scan(store, MONDAY + 3 * HOUR, a="2")["a"]
    assert (again.changed, again.confirmed_at) == (MONDAY + 3 * HOUR, None)


def test_a_scan_with_other_rules_edits_nothing(store):
    known = scan(store, a="1")["a"]
    scan(store, MONDAY + HOUR, other="1")
    assert scan(store, MONDAY + 2 * HOUR, a="1")["a"] == known


def test_the_first_to_confirm_is_remembered(store):
    scan(store, a="1", b="1")
    known = scan(store, MONDAY + HOUR, a="2", b="2")
    for name in ("Ann \ud800", "Bob"):
        with store.write() as conn:
            confirm(conn, [known["a"]], name)
    found = now_present(store)
    assert found["a"].confirmed_by == "Ann \ud800"
    assert found["a"].confirmed_at is not None
    assert found["b"].confirmed_at is None


def test_braked_is_kept_until_the_next_change(store):
    scan(store, a="1")
    known = scan(store, MONDAY + HOUR, a="2")
    with store.write() as conn:
        brake(conn, known.values())
    first = now_present(store)["a"].braked
    assert first is not None
    with store.write() as conn:
        brake(conn, known.values())
    assert scan(store, MONDAY + 9 * DAY, a="2")["a"].braked == first
    assert scan(store, MONDAY + 9 * DAY, a="3")["a"].braked is None


def test_a_file_of_the_first_version_has_a_baseline_after_its_next_scan(tmp_path):
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript(Path(__file__).with_name("v1.sql").read_text("utf-8"))
        conn.execute(f"PRAGMA application_id = {migrations.APPLICATION_ID}")
    with Store.open(path) as store:
        assert now_present(store) == {}
        runs = len(store.runs())
        assert runs > 0
        assert scan(store, a="1")["a"].changed is None
        assert scan(store, MONDAY + HOUR, a="2")["a"].changed == MONDAY + HOUR
        assert len(store.runs()) == runs + 2
        assert Queue(store, "Mira").keys() == ["page#2"]
        assert store.verify() == []


def test_two_connections_record_one_after_the_other(store):
    scan(store, a="1")
    with store.clone() as other:
        assert scan(other, MONDAY + HOUR, a="2")["a"].changed == MONDAY + HOUR
        assert scan(store, MONDAY + 2 * HOUR, a="2")["a"].changed == MONDAY + HOUR
