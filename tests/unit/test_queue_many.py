"""Many comments at once, decisions made again, claims, second opinions, purges."""

import sqlite3
import threading
import time
from contextlib import closing
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
    Span,
    Status,
    Verdict,
)
from moderation.errors import CancelledError, ConflictError, NotFoundError, StoreError, UsageError
from moderation.queue import Agreement, Filter, Queue, Selection
from moderation.store import Store

START = datetime(2026, 1, 1, tzinfo=UTC)
LONG = "Everybody who comes to this village fair is a great big walking turnip, says the mayor"


def held(id, text="You muppet", author="Ann", *, rule="names", **more):
    places = (Span(0, 3, text[:3]),)
    flags = (Flag(rule, Action.HOLD, Severity.LOW, RuleStatus.LIVE, f"Says {text}", spans=places),)
    who = Author(author) if author else None
    comment = Comment(id, text, who, **{"created": START, **more})
    return Assessment(comment, Verdict.HOLD, Severity.LOW, 0, {"insult": 0.5}, flags)


def save(store, *assessments):
    return store.save(assessments, store.begin_run(["x"]))


def statuses(queue):
    return {item.key: item.status.value for item in queue.items(status=None, sort="oldest")}


# Bulks


def test_a_bulk_is_one_deed(store, mira):
    save(store, *(held(str(n)) for n in range(4)))
    mira.decide(mira.item("3"), Choice.APPROVE)
    done = mira.decide_many(mira.items(), Choice.HIDE, reason="insult", note="spree")
    assert [each.key for each in done.decisions] == ["0", "1", "2"]
    assert {each.bulk for each in done.decisions} == {2}
    assert done.lost == ()
    assert mira.history("1")[0] == done.decisions[1]
    assert (done.decisions[1].reason, done.decisions[1].note) == ("insult", "spree")
    undone = mira.undo()
    assert [each.undoes for each in undone] == [4, 3, 2]
    assert statuses(mira) == dict.fromkeys("012", "pending") | {"3": "approved"}
    assert [each.undoes for each in mira.undo()] == [1]
    assert store.verify() == []


def test_nothing_of_a_bulk_happens_when_something_changed(store, mira, jon):
    save(store, *(held(str(n)) for n in range(4)))
    chosen = mira.select()
    jon.decide(jon.item("1"), Choice.APPROVE)
    save(store, held("2", "You muppet", rule="other"))
    before = store.head()
    with pytest.raises(ConflictError, match="2 of 4 are not as you saw them") as caught:
        mira.decide_many(chosen, Choice.HIDE)
    assert "1: already approved by Jon" in caught.value.what
    assert "2: the comment was changed by a new scan" in caught.value.what
    assert store.head() == before
    done = mira.decide_many(chosen, Choice.HIDE, skip_conflicts=True)
    assert [each.key for each in done.decisions] == ["0", "3"]
    assert [(each.key, each.decision and each.decision.moderator) for each in done.lost] == [
        ("1", "Jon"),
        ("2", None),
    ]
    assert statuses(mira) == {"0": "hidden", "1": "approved", "2": "pending", "3": "hidden"}


def test_a_bulk_of_what_is_gone_or_nothing(store, mira):
    save(store, held("1"))
    assert mira.decide_many([], Choice.HIDE).decisions == ()
    assert store.head()[0] == 0
    ghost = Selection.of([(99, 1)])
    assert (
        "no longer stored" in mira.decide_many(ghost, Choice.HIDE, skip_conflicts=True).lost[0].why
    )
    with pytest.raises(ConflictError):
        mira.decide_many(ghost, Choice.HIDE)
    with pytest.raises(UsageError):
        mira.decide_many(mira.items(), Choice.UNDO)


def test_the_same_comment_twice_is_decided_once(store, mira):
    save(store, held("1"))
    item = mira.item("1")
    assert len(mira.decide_many([item, item], Choice.HIDE).decisions) == 1


def test_a_bulk_of_skips(store, mira):
    save(store, held("1"), held("2"), held("3"))
    mira.decide_many(mira.items()[:2], Choice.SKIP)
    assert mira.keys() == ["3", "1", "2"]
    mira.undo()
    assert mira.keys() == ["1", "2", "3"]


def test_a_bulk_number_cannot_be_changed_unnoticed(store, mira, tmp_path):
    save(store, held("1"), held("2"), held("3"))
    mira.decide(mira.item("1"), Choice.HIDE)
    mira.decide_many(mira.items(), Choice.HIDE)
    assert store.verify() == []
    for change in ("bulk = 1 WHERE seq = 1", "bulk = NULL WHERE seq = 2", "bulk = 3 WHERE seq = 3"):
        with closing(sqlite3.connect(tmp_path / "q.db", isolation_level=None)) as conn:
            conn.execute("BEGIN")
            conn.execute("DROP TRIGGER decisions_never_change")
            conn.execute(f"UPDATE decisions SET {change}")
            conn.row_factory = None
            from moderation.store import chain

            assert len(list(chain.verify(conn))) == 1
            conn.execute("ROLLBACK")


# Groups


def test_an_authors_pending_ones(store, mira):
    known = Author("Ann", "7")
    save(
        store,
        held("1"),
        held("2"),
        held("3", author="Bob"),
        held("4", author=None),
        Assessment(Comment("5", "hello", Author("Ann")), Verdict.PASS),
        Assessment(Comment("6", "You", known, created=START), Verdict.HOLD),
        Assessment(Comment("7", "You", Author("Annie", "7"), created=START), Verdict.HOLD),
    )
    mira.decide(mira.item("2"), Choice.APPROVE)
    groups = {key: mira.pending_of_author(mira.item(key)) for key in "134567"}
    found = {key: [each.key for each in mira.load(g.numbers)] for key, g in groups.items()}
    assert found == {"1": ["1"], "3": ["3"], "4": [], "5": ["1"], "6": ["6", "7"], "7": ["6", "7"]}


def test_same_rule_and_same_text(store, mira):
    save(
        store,
        held("1", "You fool"),
        held("2", "You fool", rule="other"),
        held("3", "You  fool", rule="other"),
        Assessment(Comment("4", "You fool"), Verdict.PASS),
    )
    item = mira.item("2")
    assert keys(mira, mira.same_rule(item)) == ["2", "3"]
    assert keys(mira, mira.same_rule(item, "names")) == ["1"]
    assert len(mira.same_rule(mira.item("4"))) == 0
    assert keys(mira, mira.same_text(item)) == ["1", "2"]
    mira.decide(mira.item("1"), Choice.HIDE)
    assert keys(mira, mira.same_text(item)) == ["2"]
    assert keys(mira, mira.same_text(item, None)) == ["1", "2"]


def keys(queue, selection):
    return [item.key for item in queue.load(selection.numbers)]


def test_near_duplicates(store, mira):
    save(
        store,
        held("1", LONG),
        held("2", LONG.replace("mayor", "mayors") + "!!!"),
        held("3", LONG.upper().replace("GREAT", "gr3at")),
        held("4", "Quite another comment on quite another matter of no interest to anybody here"),
        held("5", "You fool"),
        held("6", "You fool"),
        held("7", "You fools"),
    )
    assert keys(mira, mira.near_duplicates(mira.item("1")))[0] == "1"
    assert sorted(keys(mira, mira.near_duplicates(mira.item("1")))) == ["1", "2", "3"]
    assert keys(mira, mira.near_duplicates(mira.item("1"), likeness=1)) == ["1"]
    assert keys(mira, mira.near_duplicates(mira.item("5"))) == ["5", "6"]
    mira.decide_many(mira.near_duplicates(mira.item("2")), Choice.HIDE)
    assert len(mira.near_duplicates(mira.item("1"))) == 0
    assert len(mira.near_duplicates(mira.item("1"), None)) == 3
    save(store, held("2", "Now it says something else, long enough to be compared with others"))
    assert sorted(keys(mira, mira.near_duplicates(mira.item("1"), None))) == ["1", "3"]


def test_a_thousand_equal_texts_are_told_as_partial(store, mira):
    save(store, *(held(str(n), LONG) for n in range(1_100)))
    found = mira.near_duplicates(mira.item("5"))
    assert found.partial
    assert len(found) == 1_000
    assert len(mira.same_text(mira.item("5"))) == 1_100


# Redo


def test_redo_goes_forward_as_far_as_undo_went_back(store, mira):
    save(store, *(held(str(n)) for n in range(3)))
    for key, choice in (("0", Choice.HIDE), ("1", Choice.APPROVE), ("2", Choice.SKIP)):
        mira.decide(mira.item(key), choice, reason="r", note="n")
    after = statuses(mira), mira.keys()
    mira.undo(3)
    assert mira.counts()[Status.PENDING] == 3
    redone = [mira.redo()[0] for _ in range(3)]
    assert [(each.key, each.choice) for each in redone] == [
        ("0", Choice.HIDE),
        ("1", Choice.APPROVE),
        ("2", Choice.SKIP),
    ]
    assert [each.redoes for each in redone] == [6, 5, 4]
    assert {(each.reason, each.note) for each in redone} == {("r", "n")}
    assert (statuses(mira), mira.keys()) == after
    assert mira.redo() == []
    assert mira.item("0").decided_by == "Mira"
    assert [each["text"] for each in mira.export()][-1] == "You muppet"
    # And back again, and forward.
    assert len(mira.undo(3)) == 3
    assert len(mira.undo()) == 0
    assert [len(mira.redo()) for _ in range(4)] == [1, 1, 1, 0]
    assert statuses(mira) == after[0]
    assert store.verify() == []


def test_a_new_decision_ends_redo(store, mira, jon):
    save(store, held("1"), held("2"))
    mira.decide(mira.item("1"), Choice.HIDE)
    mira.undo()
    jon.decide(jon.item("2"), Choice.HIDE)
    assert jon.redo() == []
    # Another's decision elsewhere ends nothing, another session changes nothing.
    with store.clone() as other:
        assert len(Queue(other, "Mira").redo()) == 1
    mira.undo()
    mira.decide(mira.item("1"), Choice.SKIP)
    assert mira.redo() == []


def test_redo_of_a_bulk_is_one_deed(store, mira):
    save(store, *(held(str(n)) for n in range(3)))
    mira.decide_many(mira.items(), Choice.HIDE)
    mira.undo()
    redone = mira.redo()
    assert [each.key for each in redone] == ["0", "1", "2"]
    assert {each.bulk for each in redone} == {7}
    assert len(mira.undo()) == 3
    assert len(mira.redo()) == 3
    assert statuses(mira) == dict.fromkeys("012", "hidden")


def test_redo_twice_on_one_comment(store, mira):
    save(store, held("1"))
    mira.decide(mira.item("1"), Choice.HIDE)
    mira.decide(mira.item("1"), Choice.APPROVE)
    mira.undo(2)
    assert [mira.redo()[0].choice, mira.redo()[0].choice] == [Choice.HIDE, Choice.APPROVE]
    assert statuses(mira) == {"1": "approved"}


def test_redo_on_what_others_or_scans_changed(store, mira, jon):
    save(store, held("1"), held("2"))
    mira.decide_many(mira.items(), Choice.HIDE)
    mira.undo()
    jon.decide(jon.item("2"), Choice.APPROVE)
    before = store.head()
    with pytest.raises(ConflictError, match="already approved by Jon"):
        mira.redo()
    assert store.head() == before
    jon.undo()
    assert len(mira.redo()) == 2
    mira.undo()
    save(store, held("1", "Other words"))
    with pytest.raises(ConflictError, match="text was changed"):
        mira.redo()


# Claims


def test_a_claim_keeps_others_from_deciding(store, mira, jon):
    save(store, held("1"), held("2"))
    claim = mira.claim(mira.item("1"))
    assert (claim.key, claim.moderator, claim.ours) == ("1", "Mira", True)
    assert claim.until - claim.since > timedelta(seconds=110)
    assert [(c.key, c.moderator, c.ours) for c in jon.claims().values()] == [("1", "Mira", False)]
    for act in (
        lambda: jon.decide(jon.item("1"), Choice.HIDE),
        lambda: jon.claim(jon.item("1")),
        lambda: jon.decide_many(jon.items(), Choice.HIDE),
    ):
        with pytest.raises(ConflictError, match="Mira has had it open since"):
            act()
    assert [
        each.key for each in jon.decide_many(jon.items(), Choice.HIDE, skip_conflicts=True).lost
    ] == ["1"]
    mira.decide(mira.item("1"), Choice.HIDE)
    assert mira.claims() == {}
    jon.decide(jon.item("1"), Choice.APPROVE)


def test_a_claim_ends_by_itself_or_by_release(store, mira, jon):
    save(store, held("1"), held("2"), held("3"))
    mira.claim(mira.item("1"), 0.05)
    mira.claim(mira.item("2"))
    mira.claim(mira.item("3"))
    time.sleep(0.06)
    assert mira.renew() == 2
    assert list(jon.claims()) == ["2", "3"]
    jon.decide(jon.item("1"), Choice.HIDE)
    assert jon.release(jon.item("2")) == 0
    assert mira.release(mira.item("2")) == 1
    jon.decide(jon.item("2"), Choice.HIDE)
    # The same person elsewhere takes over, and this session's release leaves that alone.
    with store.clone() as other:
        elsewhere = Queue(other, "Mira")
        assert elsewhere.claim(elsewhere.item("3")).ours
        assert not mira.claims()["3"].ours
        assert mira.release() == 0
        assert elsewhere.release() == 1
    with pytest.raises(NotFoundError):
        mira.claim(mira.fetch(["1"])[0].__class__("x", held("x"), Status.PENDING, 1, n=99))


def test_next_gives_nobody_the_same(store, mira, jon):
    save(store, *(held(str(n), rule="odd" if n % 2 else "even") for n in range(5)))
    assert [mira.next().key, jon.next().key, mira.next().key] == ["0", "1", "2"]
    assert jon.next(Filter(rule="even")).key == "4"
    assert jon.next(Filter(rule="even")) is None
    item = mira.next()
    mira.decide(item, Choice.SKIP)
    assert [mira.next().key, mira.next()] == ["3", None]


def test_a_decision_claims_the_next_in_its_own_transaction(store, mira, jon):
    save(store, *(held(str(n)) for n in range(6)))
    items = mira.items()
    numbers = [item.n for item in items]
    jon.claim(items[1])
    jon.decide(items[2], Choice.HIDE)
    decision, item = mira.decide_and_claim(
        items[0], Choice.HIDE, [*numbers[1:], 99], reason="spam", note="again"
    )
    assert (decision.key, decision.reason, decision.note) == ("0", "spam", "again")
    assert item == mira.item("3")
    assert {key: claim.moderator for key, claim in jon.claims().items()} == {
        "1": "Jon",
        "3": "Mira",
    }
    # One's own claim is no obstacle, that of one's other window is.
    with store.clone() as other:
        Queue(other, "Mira").claim(items[5])
        decision, again = mira.decide_and_claim(items[4], Choice.SKIP, [numbers[5], item.n])
        assert again == item
    # Where nothing is decided nothing is claimed.
    with pytest.raises(ConflictError, match="Jon has had it open"):
        mira.decide_and_claim(items[1], Choice.HIDE, [numbers[4]])
    assert "4" not in mira.claims()
    assert mira.decide_and_claim(item, Choice.HIDE, [])[1] is None
    assert "3" not in mira.claims()


# Changes and questions


def test_changes_since(store, mira, jon):
    save(store, held("1"), held("2"), held("3"))
    marker = mira.marker()
    assert mira.changes_since(marker).keys == ()
    jon.decide(jon.item("2"), Choice.HIDE)
    save(store, held("3"), held("4"), held("1", "New words"))
    changed = mira.changes_since(marker)
    assert changed.keys == ("1", "2", "4")
    assert mira.load(changed.numbers)[1].status is Status.HIDDEN
    assert mira.changes_since(changed.marker).keys == ()
    jon.undo()
    jon.claim(jon.item("1"))
    assert mira.changes_since(changed.marker).keys == ("2",)
    assert mira.changes_since(0).keys == ("1", "2", "3", "4")


def test_a_long_question_can_be_called_off(store, mira):
    save(store, *(held(str(n)) for n in range(3)))
    mira.interrupt()
    with store.read() as conn:
        conn.create_function("wait", 0, lambda: time.sleep(0.01) or 1)
        began = threading.Event()

    def stop():
        began.wait()
        time.sleep(0.05)
        mira.interrupt()

    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(CancelledError, match="called off"), store.read() as conn:
        began.set()
        conn.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
            " SELECT sum(wait()) FROM n"
        ).fetchone()
    thread.join()
    assert mira.count() == 3


def test_a_locked_file(store, mira):
    save(store, held("1"))
    item = mira.item("1")
    with (
        Store.open(store.path, timeout=0.05) as waiting,
        closing(sqlite3.connect(store.path, isolation_level=None)) as other,
    ):
        jon = Queue(waiting, "Jon")
        other.execute("BEGIN IMMEDIATE")
        for act in (
            jon.next,
            jon.redo,
            lambda: jon.claim(item),
            lambda: jon.decide_many([item], Choice.HIDE),
            lambda: jon.purge([1]),
        ):
            with pytest.raises(StoreError, match="locked by another program"):
                act()
        # Questions wait for nobody.
        assert jon.count() == 1
        assert jon.claims() == {}
        other.execute("ROLLBACK")
        assert jon.next().key == "1"


def test_a_file_that_is_for_reading_only_or_gone(store, mira):
    save(store, held("1"))
    item = mira.item("1")
    with Store.open(store.path, read_only=True) as opened:
        reader = Queue(opened, "Jon")
        assert reader.count(Filter(text=("muppet",))) == 1
        assert len(reader.near_duplicates(item)) == 1
        assert reader.purgeable(author="Ann") == [1]
        for act in (reader.next, reader.redo, lambda: reader.claim(item), reader.renew):
            with pytest.raises(StoreError, match="for reading only"):
                act()
    store.path.unlink()
    for act in (mira.next, mira.redo, lambda: mira.decide_many([item], Choice.HIDE)):
        with pytest.raises(StoreError, match="removed or replaced"):
            act()


# Second opinions


def test_second_opinions(store, mira, jon):
    save(store, *(held(str(n)) for n in range(40)))
    for n in range(40):
        mira.decide(mira.item(str(n)), Choice.HIDE if n % 2 else Choice.APPROVE)
    assert mira.second(1) == []
    assert len(jon.second(1)) == 40
    assert jon.second(0) == []
    half = [item.key for item in jon.second(0.5)]
    assert half == [item.key for item in jon.second(0.5)]
    assert 5 < len(half) < 35
    assert {item.key for item in jon.second(0.25)} <= set(half)
    mira.undo()
    assert len(jon.second(1)) == 39
    item = jon.item("0")
    before = store.head()
    jon.opine(item, Choice.HIDE)
    assert jon.item("0") == item
    assert store.head() == before
    assert len(jon.second(1)) == 38
    for again in (jon, mira):
        with pytest.raises(ConflictError):
            again.opine(item, Choice.HIDE)
    with pytest.raises(UsageError):
        jon.opine(jon.item("1"), Choice.SKIP)
    for n in range(1, 39):
        jon.opine(jon.item(str(n)), Choice.HIDE if n % 2 else Choice.APPROVE)
    agreement = mira.agreement()
    assert (agreement.count, agreement.agreed) == (39, 38)
    assert agreement.kappa == pytest.approx(1 - (1 / 39) / (1 - (20 * 19 + 19 * 20) / 39**2))


def test_kappa():
    a, h = Choice.APPROVE, Choice.HIDE
    # The example of Cohen's paper in its usual form: 20 and 15 agree, 5 and 10 do not.
    assert Agreement({(a, a): 20, (a, h): 5, (h, a): 10, (h, h): 15}).kappa == pytest.approx(0.4)
    assert Agreement().kappa is None
    assert Agreement({(a, a): 3}).kappa is None
    assert Agreement({(a, h): 3, (h, a): 3}).kappa == -1


def test_statistics(store, mira, jon):
    save(store, *(held(str(n)) for n in range(4)), held("x", rule="other"))
    mira.decide_many(mira.items()[:2], Choice.HIDE)
    jon.decide(jon.item("2"), Choice.APPROVE)
    jon.decide(jon.item("3"), Choice.APPROVE)
    jon.undo()
    seen = mira.statistics()
    assert seen.counts[Status.PENDING] == 2
    assert {(who, what): n for (_, who, what), n in seen.made.items()} == {
        ("Mira", Choice.HIDE): 2,
        ("Jon", Choice.APPROVE): 1,
    }
    assert sum(seen.queued.values()) - sum(seen.settled.values()) == 2
    assert (seen.rules["names"].hidden, seen.rules["names"].approved) == (2, 1)
    assert seen.scores[Status.HIDDEN][10] == 2
    assert seen.agreement.count == 0
    assert mira.statistics(datetime.now(UTC) + timedelta(hours=1)).made == {}


# Purges


def test_a_purge_leaves_no_word_in_the_file(store, mira, jon, tmp_path):
    secret = "Xylophonequux lives at number nine of the long street beyond the bridge"
    save(
        store,
        held("1", secret, "Wilhelmina Zzyzx"),
        held("2", secret, "Wilhelmina Zzyzx"),
        held("3", "You muppet", "Bob"),
    )
    mira.decide(mira.item("1"), Choice.HIDE, reason="privacy", note="Zzyzx again")
    jon.opine(jon.item("1"), Choice.HIDE, note="Zzyzx, yes")
    assert mira.purgeable(before=START + timedelta(days=1)) == [1]
    assert mira.purgeable(before=START) == []
    assert mira.purgeable(author="Bob") == [3]
    numbers = mira.purgeable(author="Wilhelmina Zzyzx")
    assert numbers == [1, 2]
    marker = mira.marker()
    mira.purge(numbers)
    assert mira.changes_since(marker).numbers == (1, 2)
    assert mira.purgeable(author="Wilhelmina Zzyzx") == []
    item = mira.item("1")
    assert (item.comment.text, item.comment.author, item.purged) == ("", None, True)
    assert (item.status, mira.item("2").status) == (Status.HIDDEN, Status.CLEAR)
    assert [flag.rule for flag in item.assessment.flags] == ["names"]
    assert mira.keys() == ["3"]
    assert mira.count(Filter(status=None, text=("xylophonequux",))) == 0
    assert store.verify() == []
    assert [(each["text"], each["note"]) for each in mira.export()] == [(None, "")]
    for file in tmp_path.iterdir():
        held_bytes = file.read_bytes().lower()
        assert b"zzyzx" not in held_bytes
        assert b"xylophonequux" not in held_bytes
    # An undo of what nobody can judge any more changes nothing.
    mira.undo()
    assert mira.item("1").status is Status.HIDDEN
    with pytest.raises(ConflictError):
        mira.redo()
    # What the source still has comes back with the next scan.
    save(store, held("1", secret, "Wilhelmina Zzyzx"))
    assert (mira.item("1").status, mira.item("1").purged) == (Status.PENDING, False)


def test_a_reader_keeps_the_log_and_the_purge_says_so(store, mira):
    save(store, held("1"))
    with (
        store.clone() as other,
        other.read() as conn,
        Store.open(store.path, timeout=0.05) as hurried,
    ):
        conn.execute("SELECT * FROM comments").fetchall()
        with pytest.raises(StoreError, match="log could not be emptied"):
            Queue(hurried, "Jon").purge(mira.purgeable(author="Ann"))
    assert mira.item("1").purged


def test_a_scan_that_runs_meanwhile_knows_no_purged_author(store, mira):
    with store.clone() as scanning:
        save(scanning, held("1"))
        mira.purge(mira.purgeable(author="Ann"))
        save(scanning, held("2"))
    assert mira.item("2").comment.author == Author("Ann")
