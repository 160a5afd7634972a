"""What a scan leaves in the store, the first time and again."""

import os
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.comments import (
    LABELS,
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
    Thread,
    Verdict,
)
from moderation.errors import StoreError
from moderation.queue import Queue
from moderation.store import SaveCounts, Store

FLAG = Flag(
    rule="harassment.names",
    action=Action.HOLD,
    severity=Severity.MEDIUM,
    status=RuleStatus.LIVE,
    reason="Name-calling: muppet",
    priority=1,
    spans=(Span(8, 14, "muppet"),),
    version="v1",
)


def held(text="You are muppet", id="1", **more):
    comment = Comment(id, text, **more)
    return Assessment(
        comment, Verdict.HOLD, Severity.MEDIUM, 1, {"toxicity": 0.75}, (FLAG,), (), "m", "p"
    )


def passed(text="Good morning", id="1", **more):
    return Assessment(Comment(id, text, **more), Verdict.PASS, scores={"toxicity": 0.1})


def save(store, *assessments):
    return store.save(assessments, store.begin_run(["page.txt"]))


def the_item(store, ref="1"):
    return Queue(store, "Mira").item(ref)


def test_everything_comes_back_as_it_was(store):
    given_ = Assessment(
        Comment(
            "2.1",
            "You are muppet",
            Author("Ana", "a-7"),
            datetime(2024, 3, 1, 12, 30, tzinfo=timezone(timedelta(hours=-5))),
            Thread("https://example.org/a", "On gardens", "https://example.org/a", "example"),
            parent="2",
            depth=1,
            origin="garden.txt",
            source="pages/garden.txt",
            line=41,
        ),
        Verdict.HIDE,
        Severity.CRITICAL,
        7,
        dict.fromkeys(LABELS, 0.1 + 0.2),
        (
            FLAG,
            replace(FLAG, field="title", spans=(Span(3, 10, "gardens"),), status=RuleStatus.SHADOW),
        ),
        ("spam.new-author",),
        "builtin:1",
        "policy-2",
        unsupported=True,
    )
    save(store, given_)
    item = the_item(store, "2.1")
    assert item.assessment == given_
    assert list(item.assessment.scores) == list(LABELS)
    assert (item.key, item.status, item.version) == ("garden.txt#2.1", Status.PENDING, 1)


def test_the_same_comment_of_which_the_model_now_says_something_else_is_changed(store):
    assert save(store, held()).new == 1
    assert save(store, replace(held(), unsupported=True)).changed == 1
    assert the_item(store).assessment.unsupported
    assert save(store, replace(held(), unsupported=True)).unchanged == 1
    assert save(store, held()).changed == 1
    assert not the_item(store).assessment.unsupported


def test_an_unknown_zone_stays_unknown(store):
    save(store, held(created=datetime(2024, 3, 1, 12, 30)))
    assert the_item(store).comment.created == datetime(2024, 3, 1, 12, 30)
    assert the_item(store).comment.created.tzinfo is None


hostile = st.text(
    st.one_of(st.characters(), st.sampled_from("\0\ud800\udfff\x1b\u202e")), min_size=1, max_size=20
)


@settings(deadline=None)  # each example makes a database
@given(text=hostile, name=hostile, id_=hostile, reason=hostile)
def test_any_text_survives(tmp_path_factory, text, name, id_, reason):
    flag = replace(FLAG, reason=reason, spans=(Span(0, 1, text[:1]),))
    comment = Comment(
        id_, text, Author(name, name), None, Thread(id_, name), parent=id_ + "x", source=name
    )
    assessment = replace(held(), comment=comment, flags=(flag,))
    with Store.open(tmp_path_factory.mktemp("hostile") / "q.db") as store:
        save(store, assessment)
        assert save(store, assessment).unchanged == 1
        queue = Queue(store, "Mira")
        item = queue.item(id_)
        assert item.assessment == assessment
        assert item.ref == id_
        assert queue.keys() == [comment.key]
        decision = queue.decide(item, Choice.HIDE, reason=reason, note=text)
        assert queue.history(comment.key) == [decision]
        assert next(queue.export())["text"] == text
        assert store.verify() == []


def test_the_same_again_adds_nothing(store):
    batch = [held(), passed(id="2")]
    assert save(store, *batch) == SaveCounts(new=2, queued=1)
    before = Queue(store, "Mira").fetch(["1", "2"])
    assert save(store, *batch) == SaveCounts(unchanged=2)
    # Where it was read from is no change either.
    moved = held(source="copy.txt", line=9)
    assert save(store, moved) == SaveCounts(unchanged=1)
    assert Queue(store, "Mira").fetch(["1", "2"]) == before


def test_a_changed_text_opens_a_decided_comment_again(store):
    save(store, held())
    queue = Queue(store, "Mira")
    queue.decide(queue.item("1"), Choice.APPROVE)
    assert save(store, held("You are muppet!")) == SaveCounts(changed=1, reopened=1, queued=1)
    item = queue.item("1")
    assert (item.status, item.version, item.decided_by, item.skips) == (Status.PENDING, 3, None, 0)
    assert [each.choice for each in queue.history("1")] == [Choice.APPROVE]


def test_a_changed_text_that_is_fine_is_clear(store):
    save(store, held())
    queue = Queue(store, "Mira")
    queue.decide(queue.item("1"), Choice.HIDE)
    assert save(store, passed("You are right")) == SaveCounts(changed=1, reopened=1)
    assert queue.item("1").status is Status.CLEAR
    assert queue.item("1").assessment.flags == ()


@pytest.mark.parametrize(
    ("first", "then", "status", "queued"),
    [
        (passed("You are muppet"), held(), Status.PENDING, 1),
        (held(), passed("You are muppet"), Status.CLEAR, 0),
    ],
)
def test_new_rules_on_an_undecided_comment(store, first, then, status, queued):
    save(store, first)
    assert save(store, then) == SaveCounts(changed=1, queued=queued)
    assert (the_item(store).status, the_item(store).version) == (status, 2)
    assert the_item(store).assessment == then


@pytest.mark.parametrize("choice", [Choice.APPROVE, Choice.HIDE, Choice.ESCALATE])
def test_new_rules_do_not_overrule_a_person(store, choice):
    save(store, held())
    queue = Queue(store, "Mira")
    after = queue.decide(queue.item("1"), choice).after
    assert save(store, passed("You are muppet")) == SaveCounts(changed=1)
    item = queue.item("1")
    assert (item.status, item.decided_by) == (after, "Mira")
    assert item.assessment.verdict is Verdict.PASS


def test_the_same_id_twice_in_one_batch(store):
    counts = save(store, held(), held(), passed("Sorry, I was rude"))
    assert counts == SaveCounts(new=1, changed=1, unchanged=1, queued=1)
    assert the_item(store).comment.text == "Sorry, I was rude"


def test_a_batch_larger_than_one_statement(store):
    batch = [held(id=str(n), author=Author(f"a{n}"), thread=Thread(f"t{n}")) for n in range(1300)]
    assert save(store, *batch) == SaveCounts(new=1300, queued=1300)
    assert [item.assessment for item in Queue(store, "Mira").items()] == batch


def test_a_failed_batch_leaves_nothing_and_the_next_one_works(store):
    run = store.begin_run(["x"])
    unstorable = held(id="2", author=Author("Bo"), line=object())
    with pytest.raises(StoreError, match="not supported"):
        store.save([held(author=Author("Ana")), unstorable], run)
    assert Queue(store, "Mira").counts()[Status.PENDING] == 0
    # Rows remembered from the failed transaction must not be pointed to.
    store.save([held(author=Author("Ana"))], run)
    assert the_item(store).comment.author == Author("Ana")


def test_a_thread_keeps_what_one_source_leaves_out(store):
    save(store, held(thread=Thread("t", "On gardens", "https://example.org")))
    save(store, held(id="2", thread=Thread("t", site="example")))
    whole = Thread("t", "On gardens", "https://example.org", "example")
    assert the_item(store, "1").comment.thread == the_item(store, "2").comment.thread == whole


def test_runs_are_on_record(store):
    run = store.begin_run(["a.txt", "b\ud800.txt"], model="builtin:1", policy="p")
    store.save([held(), passed(id="2")], run)
    store.save([held(), passed(id="3")], run)
    store.finish_run(run, rejected=4)
    (record,) = store.runs()
    assert record["inputs"] == ["a.txt", "b\ud800.txt"]
    assert (record["new"], record["unchanged"], record["queued"]) == (3, 1, 1)
    assert (record["rejected"], record["model"]) == (4, "builtin:1")
    assert datetime.fromisoformat(record["finished"]) >= datetime.fromisoformat(record["started"])
    assert datetime.fromisoformat(record["started"]).tzinfo == UTC


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_only_the_owner_can_read_the_database(tmp_path):
    old = os.umask(0)
    try:
        with Store.open(tmp_path / "q.db") as store:
            save(store, held())
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    finally:
        os.umask(old)
    assert modes == dict.fromkeys(["q.db", "q.db-wal", "q.db-shm"], 0o600)


def test_what_few_sources_say_comes_back(tmp_path):
    joined = datetime(2026, 1, 1, tzinfo=UTC)
    author = Author("Ann", "7", created=joined, comments=3)
    comment = Comment("1", "Hello", author, reports=2, edited=True)
    with Store.open(tmp_path / "more.db") as store:
        store.save([Assessment(comment, Verdict.FLAG)], store.begin_run(["x"]))
        assert Queue(store, "Mira").item("1").comment == comment
