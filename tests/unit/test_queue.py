"""What a moderator does, one case at a time."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from moderation.comments import (
    Action,
    Assessment,
    Author,
    Choice,
    Comment,
    Flag,
    RuleStatus,
    Severity,
    Status,
    Thread,
    Verdict,
)
from moderation.errors import ConflictError, NotFoundError, UsageError
from moderation.queue import AuthorHistory, Context, Filter, Queue
from moderation.store import Store, finding


def flag(rule="harassment.names", severity=Severity.MEDIUM):
    return Flag(rule, Action.HOLD, severity, RuleStatus.LIVE, "Name-calling", version="v1")


def held(id, text="You muppet", *, priority=0, verdict=Verdict.HOLD, top=0.5, **more):
    severity = more.pop("severity", Severity.MEDIUM)
    scores = {"insult": top}
    comment = Comment(id, text, **more)
    return Assessment(comment, verdict, severity, priority, scores, (flag(),), (), "m", "p")


def passed(id, text="Good morning", **more):
    return Assessment(Comment(id, text, **more), Verdict.PASS)


def save(store, *assessments):
    return store.save(assessments, store.begin_run(["x"]))


# The order


def test_default_order(store, mira):
    at = datetime(2024, 1, 1, tzinfo=UTC)
    save(
        store,
        held("newer", created=at),
        held("older", created=at - timedelta(days=1)),
        held("older-too", created=at - timedelta(days=1)),
        held("score", top=0.9, created=at),
        held("severe", severity=Severity.CRITICAL, top=0.1),
        held("hide", verdict=Verdict.HIDE, severity=None, top=0.1),
        held("urgent", priority=5, verdict=Verdict.FLAG, severity=Severity.LOW),
        passed("fine"),
    )
    order = ["urgent", "hide", "severe", "score", "older", "older-too", "newer"]
    assert mira.keys() == order
    assert [item.key for item in mira.items()] == order
    assert [item.key for item in mira.items(limit=2, offset=1)] == order[1:3]
    assert mira.keys(status=None) == order
    assert mira.keys(status=Status.CLEAR) == ["fine"]


def test_other_orders(store, mira):
    at = datetime(2024, 1, 1)
    save(
        store,
        held("b", severity=Severity.LOW, priority=3, created=at),
        held("a", severity=Severity.HIGH, created=at + timedelta(hours=1)),
        held("c", severity=Severity.HIGH, top=0.7, created=at + timedelta(hours=2)),
    )
    assert mira.keys(sort="severity") == ["c", "a", "b"]
    assert mira.keys(sort="oldest") == ["b", "a", "c"]
    assert mira.keys(sort="newest") == ["c", "a", "b"]
    mira.decide(mira.item("c"), Choice.SKIP)
    assert mira.keys(sort="newest") == ["a", "b", "c"]
    assert mira.keys(sort="severity") == ["a", "b", "c"]


def test_without_dates_the_order_of_the_source_decides(store, mira):
    save(store, *(held(str(n)) for n in range(12)))
    save(store, held("12"))
    assert mira.keys() == [str(n) for n in range(13)]


def test_skipped_ones_come_last_the_more_the_later(store, mira):
    save(store, held("a"), held("b"), held("c"))
    for key in "aab":
        mira.decide(mira.item(key), Choice.SKIP)
    assert mira.keys() == ["c", "b", "a"]
    assert mira.item("a").skips == 2
    assert mira.item("a").status is Status.PENDING


def test_every_status_but_clear_in_one_order(store, mira):
    choices = [Choice.APPROVE, Choice.HIDE, Choice.ESCALATE, Choice.SKIP]
    save(store, *(held(str(n), priority=n) for n in range(8)), passed("fine"))
    for n, choice in enumerate(choices):
        mira.decide(mira.item(str(n)), choice)
    assert mira.keys(status=None) == ["7", "6", "5", "4", "2", "1", "0", "3"]
    assert [item.key for item in mira.items(status=None, limit=2, offset=3)] == ["4", "2"]
    assert mira.keys(status=Status.HIDDEN) == ["1"]
    assert mira.counts() == {
        Status.CLEAR: 1,
        Status.PENDING: 5,
        Status.APPROVED: 1,
        Status.HIDDEN: 1,
        Status.ESCALATED: 1,
    }


def test_the_queue_is_read_from_its_index(store):
    """No sorting and no table: that is what opens a million items at once."""
    with store.read() as conn:
        for status in (Status.PENDING, None):
            seen = []
            conn.set_trace_callback(seen.append)
            finding.keys(conn, Filter(status=status and (status,)), "priority", 0, 50)
            conn.set_trace_callback(None)
            plan = " ".join(row[3] for row in conn.execute("EXPLAIN QUERY PLAN " + seen[-1]))
            assert "COVERING INDEX comments_queue" in plan
            assert "TEMP B-TREE" not in plan


def test_fetch_keeps_the_order_and_leaves_out_what_is_gone(store, mira):
    save(store, held("a"), passed("b"))
    assert [item.key for item in mira.fetch(["b", "nowhere", "a"])] == ["b", "a"]
    assert mira.fetch([]) == []


# Names


def test_the_short_name_is_the_id_while_it_is_unique(store, mira):
    save(store, held("1", origin="a.txt"), held("2", origin="a.txt"), held("1", origin="b.txt"))
    assert [item.ref for item in mira.items()] == ["a.txt#1", "2", "b.txt#1"]
    assert mira.item("2").key == mira.item("a.txt#2").key == "a.txt#2"
    with pytest.raises(NotFoundError, match="several") as error:
        mira.item("1")
    assert error.value.hint == "use one of: a.txt#1, b.txt#1"
    with pytest.raises(NotFoundError, match="no comment '3'"):
        mira.item("3")


def test_a_key_wins_over_an_id(store, mira):
    save(store, held("x#1", origin="f"), held("1", origin="x"))
    assert mira.item("x#1").comment.origin == "x"
    assert {item.ref for item in mira.items()} == {"f#x#1", "1"}
    for item in mira.items():
        assert mira.item(item.ref) == item


# Deciding


def test_siblings_are_the_nearest_ones_with_their_numbers(store, mira):
    replies = [passed(f"r{number}", parent="root") for number in range(9)]
    save(store, passed("root"), *replies, passed("other", parent="r4"))
    found = mira.siblings(mira.item("r4"), 2)
    assert [item.key for item in found.before] == ["r2", "r3"]
    assert [item.key for item in found.after] == ["r5", "r6"]
    assert (found.earlier, found.later) == (4, 4)
    alone = mira.siblings(mira.item("other"), 2)
    assert (alone.before, alone.after, alone.earlier, alone.later) == ((), (), 0, 0)
    assert mira.siblings(mira.item("root"), 2) == alone


def test_siblings_are_read_from_an_index(store):
    with store.read() as conn:
        plan = conn.execute(
            "EXPLAIN QUERY PLAN SELECT key FROM comments WHERE parent_key = 'a' AND n > 3"
            " ORDER BY n LIMIT 2"
        ).fetchall()
    told = " ".join(row[3] for row in plan)
    assert "USING INDEX" in told or "USING COVERING INDEX" in told
    assert "TEMP B-TREE" not in told


@pytest.mark.parametrize(
    ("choice", "after"),
    [
        (Choice.APPROVE, Status.APPROVED),
        (Choice.HIDE, Status.HIDDEN),
        (Choice.ESCALATE, Status.ESCALATED),
        (Choice.SKIP, Status.PENDING),
    ],
)
def test_decide(store, mira, choice, after):
    save(store, held("1"))
    decision = mira.decide(mira.item("1"), choice, reason="insult", note="as before")
    assert (decision.seq, decision.key, decision.choice) == (1, "1", choice)
    assert (decision.before, decision.after) == (Status.PENDING, after)
    assert (decision.moderator, decision.reason, decision.note) == ("Mira", "insult", "as before")
    assert abs(datetime.now(UTC) - decision.at) < timedelta(minutes=1)
    item = mira.item("1")
    assert (item.status, item.version) == (after, 2)
    assert item.decided_by == (None if choice is Choice.SKIP else "Mira")
    assert mira.history("1") == [decision]


def test_changing_ones_mind(store, mira, jon):
    save(store, held("1"))
    mira.decide(mira.item("1"), Choice.HIDE)
    jon.decide(jon.item("1"), Choice.APPROVE)
    assert (mira.item("1").status, mira.item("1").decided_by) == (Status.APPROVED, "Jon")
    assert [each.before for each in mira.history("1")] == [Status.PENDING, Status.HIDDEN]


def test_a_comment_that_nobody_flagged_can_be_hidden_and_brought_back(store, mira):
    save(store, passed("1"))
    mira.decide(mira.item("1"), Choice.HIDE)
    assert mira.keys(status=Status.HIDDEN) == ["1"]
    mira.undo()
    assert mira.item("1").status is Status.CLEAR


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (Choice.HIDE, "already hidden by Jon at "),
        (Choice.APPROVE, "already approved by Jon at "),
        (Choice.ESCALATE, "already escalated by Jon at "),
        (Choice.SKIP, "already skipped by Jon at "),
    ],
)
def test_too_late(store, mira, jon, choice, words):
    save(store, held("1"))
    item = mira.item("1")
    theirs = jon.decide(jon.item("1"), choice)
    with pytest.raises(ConflictError) as error:
        mira.decide(item, Choice.APPROVE)
    assert error.value.what == f"{words}{theirs.at.astimezone():%H:%M}"
    assert mira.history("1") == [theirs]


def test_too_late_after_an_undo_or_a_scan(store, mira, jon):
    save(store, held("1"))
    jon.decide(jon.item("1"), Choice.HIDE)
    item = mira.item("1")
    jon.undo()
    with pytest.raises(ConflictError, match="Jon took back a decision at"):
        mira.decide(item, Choice.HIDE)
    item = mira.item("1")
    save(store, held("1", "You absolute muppet"))
    with pytest.raises(ConflictError, match="changed by a new scan"):
        mira.decide(item, Choice.HIDE)


def test_refused_uses(store, mira):
    save(store, held("1"))
    with pytest.raises(UsageError):
        mira.decide(mira.item("1"), Choice.UNDO)
    with pytest.raises(UsageError):
        Queue(store, " ")
    item = mira.item("1")
    with store.write() as conn:
        conn.execute("DELETE FROM comments")
    with pytest.raises(NotFoundError):
        mira.decide(item, Choice.HIDE)


# Undoing


def test_undo_restores_and_compensates(store, mira):
    save(store, held("1"), held("2"))
    first = mira.decide(mira.item("1"), Choice.HIDE, note="my words")
    mira.decide(mira.item("2"), Choice.APPROVE)
    undone = mira.undo(5)
    assert [(each.key, each.undoes) for each in undone] == [("2", 2), ("1", 1)]
    assert (undone[1].before, undone[1].after) == (Status.HIDDEN, Status.PENDING)
    assert mira.item("1").status is Status.PENDING
    assert mira.item("1").decided_by is None
    assert mira.history("1") == [first, undone[1]]
    assert mira.undo() == []
    assert store.verify() == []


def test_undo_reaches_over_sessions_and_only_ones_own(tmp_path):
    path = tmp_path / "q.db"
    with Store.open(path) as store:
        save(store, held("1"), held("2"), held("3"))
        for name, key in (("Mira", "1"), ("Mira", "2"), ("Jon", "3")):
            queue = Queue(store, name)
            queue.decide(queue.item(key), Choice.HIDE)
    with Store.open(path, create=False) as store:
        queue = Queue(store, "Mira")
        assert [each.key for each in queue.undo()] == ["2"]
        assert [each.key for each in queue.undo(3)] == ["1"]
        assert queue.keys(status=Status.HIDDEN) == ["3"]


def test_undo_step_by_step_through_ones_changes_of_mind(store, mira):
    save(store, held("1"))
    for choice in (Choice.APPROVE, Choice.SKIP, Choice.HIDE):
        mira.decide(mira.item("1"), choice)
    seen = []
    while mira.undo():
        item = mira.item("1")
        seen.append((item.status, item.skips, item.decided_by))
    assert seen == [
        (Status.APPROVED, 1, "Mira"),
        (Status.APPROVED, 0, "Mira"),
        (Status.PENDING, 0, None),
    ]


def test_undo_is_refused_whole_when_another_has_decided_since(store, mira, jon):
    save(store, held("1"), held("2"))
    mira.decide(mira.item("1"), Choice.HIDE)
    mira.decide(mira.item("2"), Choice.HIDE)
    jon.decide(jon.item("1"), Choice.APPROVE)
    with pytest.raises(ConflictError, match="already approved by Jon at"):
        mira.undo(2)
    assert mira.item("2").status is Status.HIDDEN
    assert len(mira.history("2")) == 1
    assert [each.key for each in mira.undo(2, pass_over=True)] == ["2"]
    # Once Jon takes his back, hers is the last word again.
    jon.undo()
    assert (mira.item("1").status, mira.item("1").decided_by) == (Status.HIDDEN, "Mira")
    assert [each.key for each in mira.undo()] == ["1"]


def test_a_skip_that_another_has_overtaken_does_not_bar_the_way(store, mira, jon):
    save(store, held("1"), held("2"))
    mira.decide(mira.item("1"), Choice.HIDE)
    mira.decide(mira.item("2"), Choice.SKIP)
    jon.decide(jon.item("2"), Choice.HIDE)
    assert [each.key for each in mira.undo()] == ["1"]


def test_anothers_skip_is_no_obstacle(store, mira, jon):
    save(store, held("1"))
    mira.decide(mira.item("1"), Choice.ESCALATE)
    jon.decide(jon.item("1"), Choice.SKIP)
    mira.undo()
    assert (mira.item("1").status, mira.item("1").skips) == (Status.PENDING, 1)


def test_undo_after_the_text_changed_changes_no_status(store, mira):
    save(store, held("1"))
    mira.decide(mira.item("1"), Choice.SKIP)
    mira.decide(mira.item("1"), Choice.HIDE)
    save(store, passed("1", "I take that back"))
    (undone,) = mira.undo()
    assert (undone.before, undone.after, undone.undoes) == (Status.CLEAR, Status.CLEAR, 2)
    assert mira.undo()[0].undoes == 1
    assert (mira.item("1").status, mira.item("1").skips) == (Status.CLEAR, 0)


def test_undo_after_the_rules_changed_follows_the_rules(store, mira):
    save(store, held("1"))
    mira.decide(mira.item("1"), Choice.HIDE)
    save(store, passed("1", "You muppet"))
    mira.undo()
    assert mira.item("1").status is Status.CLEAR


# Surroundings


def test_context(store, mira):
    save(
        store,
        passed("1", "root"),
        passed("1.1", "between", parent="1"),
        held("1.1.1", parent="1.1", author=Author("Ana")),
        passed("1.1.1.2", "second in number, first in the page", parent="1.1.1"),
        passed("1.1.1.1", parent="1.1.1"),
        passed("1.2", "beside", parent="1"),
        passed("1", "another page", origin="other"),
    )
    context = mira.context(mira.item("1.1.1"))
    assert [item.comment.text for item in context.ancestors] == ["root", "between"]
    assert [item.key for item in context.replies] == ["1.1.1.2", "1.1.1.1"]
    assert context.author == AuthorHistory(comments=1, pending=1)
    assert mira.context(mira.item("other#1")) == Context()


def test_context_with_parents_that_loop_or_are_missing(store, mira):
    save(
        store,
        held("a", parent="b"),
        held("b", parent="a"),
        held("self", parent="self"),
        held("c", parent="nowhere"),
    )
    assert [item.key for item in mira.context(mira.item("a")).ancestors] == ["b"]
    assert mira.context(mira.item("self")) == Context()
    assert mira.context(mira.item("c")).ancestors == ()


def test_history_of_an_author(store, mira, jon):
    ana, renamed, namesake = Author("Ana", "7"), Author("Anna", "7"), Author("Ana")
    save(store, *(held(str(n), author=ana) for n in range(7)))
    save(store, held("new-name", author=renamed), held("namesake", author=namesake))
    save(store, passed("fine", author=ana))
    for n in range(6):
        mira.decide(mira.item(str(n)), Choice.HIDE if n else Choice.APPROVE)
    jon.decide(jon.item("new-name"), Choice.SKIP)
    mira.decide(mira.item("6"), Choice.ESCALATE)
    mira.undo()
    history = mira.context(mira.item("new-name")).author
    assert (history.comments, history.pending) == (9, 2)
    assert (history.approved, history.hidden) == (1, 5)
    assert [each.key for each in history.last] == ["5", "4", "3", "2", "1"]
    assert mira.context(mira.item("namesake")).author == AuthorHistory(comments=1, pending=1)


def test_export(store, mira):
    save(store, held("1", origin="page", thread=Thread("t"), author=Author("Ana")))
    mira.decide(mira.item("1"), Choice.HIDE, reason="insult", note="n")
    mira.undo()
    hidden, undone = mira.export()
    assert json.loads(json.dumps(hidden)) == hidden
    assert hidden == {
        "seq": 1,
        "id": "1",
        "key": "page#1",
        "decision": "hide",
        "moderator": "Mira",
        "at": mira.history("page#1")[0].at.isoformat(timespec="milliseconds"),
        "before": "pending",
        "after": "hidden",
        "reason": "insult",
        "note": "n",
        "undoes": None,
        "bulk": None,
        "redoes": None,
        "verdict": "hold",
        "severity": "medium",
        "rules": [
            {
                "id": "harassment.names",
                "version": "v1",
                "action": "hold",
                "severity": "medium",
                "status": "live",
            }
        ],
        "scores": {"insult": 0.5},
        "model": "m",
        "policy": "p",
        "text": "You muppet",
        "hash": hidden["hash"],
    }
    assert (undone["decision"], undone["undoes"], undone["text"]) == ("undo", 1, None)
    assert undone["hash"] == store.head()[1]
    assert list(mira.export(datetime.now(UTC) + timedelta(minutes=1))) == []
    assert len(list(mira.export(datetime.now() - timedelta(minutes=1)))) == 2


def test_data_version_tells_of_others_only(store, mira, jon):
    save(store, held("1"))
    seen = mira.data_version()
    mira.decide(mira.item("1"), Choice.SKIP)
    assert mira.data_version() == seen
    jon.decide(jon.item("1"), Choice.SKIP)
    assert mira.data_version() != seen
