"""A filter as one line of text, and what it finds."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
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
    Status,
    Thread,
    Verdict,
)
from moderation.errors import UsageError
from moderation.queue import SORTS, Filter, Queue
from moderation.store import Store

START = datetime(2026, 1, 1, tzinfo=UTC)

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
FILTERS = st.builds(
    Filter,
    status=st.none() | st.lists(st.sampled_from(Status), min_size=1, unique=True).map(tuple),
    rule=st.just("") | NAMES,
    labels=st.lists(
        st.tuples(st.sampled_from(LABELS), st.integers(0, 1000).map(lambda n: n / 1000)), max_size=2
    ).map(tuple),
    author=st.just("") | NAMES,
    thread=st.just("") | NAMES,
    source=st.just("") | NAMES,
    severity=st.none() | st.sampled_from(Severity),
    verdict=st.none() | st.sampled_from(Verdict),
    script=st.sampled_from(["", "latin", "cyrillic"]),
    by=st.just("") | NAMES,
    text=st.lists(NAMES, max_size=3).map(tuple),
)


@given(FILTERS)
def test_a_filter_survives_its_text(wanted):
    assert Filter.parse(str(wanted)) == wanted


def test_the_line_of_the_documentation():
    line = 'rule:threat.personal author:"Ann B" script:cyrillic label:threat>=0.5 "free words" x'
    assert Filter.parse(line) == Filter(
        rule="threat.personal",
        author="Ann B",
        script="cyrillic",
        labels=(("threat", 0.5),),
        text=("free words", "x"),
    )
    assert Filter.parse("  ") == Filter()
    assert str(Filter()) == ""
    assert Filter.parse("status:all thread:https://example.org/a?b=c") == Filter(
        status=None, thread="https://example.org/a?b=c"
    )
    assert Filter.parse("Severity>=HIGH").severity is Severity.HIGH
    assert Filter.parse(r'author:"a \"b\" \\"').author == r'a "b" \ '[:-1]


@pytest.mark.parametrize(
    ("line", "column", "told"),
    [
        ("rul:x", 1, "did you mean 'rule'"),
        ("hello  auther:x", 8, "did you mean 'author'"),
        ("severity:hgh", 1, "did you mean 'high'"),
        ("status:open", 1, "known: clear, pending"),
        ("label:threat", 1, "label:threat>=0.5"),
        ("label:threat>=7", 1, "label:threat>=0.5"),
        ("label:thraet>=0.5", 1, "did you mean 'threat'"),
        ("script:klingon", 1, "known: arabic"),
        ("by:a by:b", 6, "say it once"),
        ('author:"Ann', 1, "quotes"),
        ('x "', 3, "quotes"),
        ("author:", 1, "quotes"),
        ("x rule: y", 3, "quotes"),
        ('rule:""', 1, ""),
    ],
)
def test_what_is_wrong_is_said_with_its_place(line, column, told):
    with pytest.raises(UsageError) as caught:
        Filter.parse(line)
    assert caught.value.where == f"filter, column {column}"
    assert told in caught.value.hint


@given(st.text())
def test_no_line_crashes(line):
    try:
        found = Filter.parse(line)
    except UsageError:
        return
    assert Filter.parse(str(found)) == found


def flag(rule, severity, status=RuleStatus.LIVE):
    return Flag(rule, Action.HOLD, severity, status, "Because")


def comment(n, text, author=None, thread=None, source="a.jsonl"):
    at = START + timedelta(minutes=n)
    return Comment(str(n), text, author, at, thread, source=source)


ANN = Author("Ann B", "7")
OTHER_ANN = Author("Ann B", "8")
ANNA = Author("Anna")
PAGE = Thread("p", "A page: of its own", "https://example.org/p")
LOW, HIGH = Severity.LOW, Severity.HIGH


@pytest.fixture(scope="module")
def queue(tmp_path_factory):
    given = [
        Assessment(
            comment(1, "You are a muppet, a MUPPET", ANN, PAGE),
            Verdict.HOLD, HIGH, 0, {"insult": 0.5, "threat": 0.29},
            (flag("b.shadow", HIGH, RuleStatus.SHADOW), flag("names.muppet", HIGH)),
        ),
        Assessment(
            comment(2, "Ты дурак, muppet", OTHER_ANN, PAGE, "b.jsonl"),
            Verdict.FLAG, LOW, 0, {"insult": 0.4999}, (flag("names.fool", LOW),),
        ),
        Assessment(
            comment(3, "Où est le crétin? \u202e <b>muppet show</b>", ANNA),
            Verdict.HIDE, LOW, 5, {"insult": 1.0, "threat": 0.57}, (flag("a.first", LOW),),
        ),
        Assessment(comment(4, "12 34"), Verdict.HOLD, None, 0, {}, ()),
        Assessment(comment(5, "Broken \ud800 text"), Verdict.HOLD, LOW, 0, {}, (flag("x", LOW),)),
        Assessment(comment(6, "A fine muppet morning", ANN), Verdict.PASS),
    ]  # fmt: skip
    with Store.open(tmp_path_factory.mktemp("filters") / "q.db") as store:
        store.save(given, store.begin_run(["x"]))
        mira = Queue(store, "Mira")
        mira.decide(mira.item("5"), Choice.HIDE)
        yield mira


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("", "3 1 4 2"),
        ("status:all", "3 1 5 4 2"),
        ("status:hidden", "5"),
        ("status:hidden by:Mira", "5"),
        ("status:hidden by:Mi*", "5"),
        ("status:hidden by:Jon", ""),
        ("status:clear", "6"),
        ("status:clear muppet", "6"),
        ("status:clear,pending author:7", "1 6"),
        ("rule:names.muppet", "1"),
        ("rule:b.shadow", "1"),
        ("rule:names.*", "1 2"),
        ("rule:name", ""),
        ("label:insult>=0.5", "3 1"),
        ("label:insult>=0.499", "3 1 2"),
        ("label:insult>=1", "3"),
        ("label:threat>=0.29", "3 1"),
        ("label:threat>=0.57", "3"),
        ("label:obscene>=0", ""),
        ('author:"Ann B"', "1 2"),
        ("author:8", "2"),
        ("author:Ann*", "3 1 2"),
        ("author:ann", ""),
        ("thread:p", "1 2"),
        ("thread:https://example.org/p", "1 2"),
        ('thread:"A page*"', "1 2"),
        ("source:b.jsonl", "2"),
        ("severity:high", "1"),
        ("severity:low", "3 1 2"),
        ("verdict:hold", "1 4"),
        ("script:cyrillic", "2"),
        ("script:latin", "3 1"),
        ("muppet", "3 1 2"),
        ("MUPPÉT", "3 1 2"),
        ("mup*", "3 1 2"),
        ("mup", ""),
        ("cretin ou", "3"),
        ('"muppet show"', "3"),
        ('"show muppet"', ""),
        ("muppet author:7 rule:names.*", "1"),
        ("дурак", "2"),
        ("-muppet", "3 1 2"),
        ("NOT", ""),
        ("*", ""),
    ],
)
def test_found(queue, line, found):
    wanted = Filter.parse(line)
    keys = [item.key for item in queue.window(wanted)]
    assert " ".join(keys) == found
    assert queue.keys(filter=wanted) == keys
    assert queue.count(wanted) == len(queue.numbers(wanted)) == len(queue.select(wanted))
    assert [item.key for item in queue.window(wanted, offset=1, limit=1)] == keys[1:2]


def test_an_unfinished_surrogate_is_found_around(queue):
    found = Filter(status=None, text=("broken", "text"))
    assert queue.keys(filter=found) == ["5"]


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("priority", "3 1 5 4 2"),
        ("severity", "1 3 5 2 4"),
        ("oldest", "1 2 3 4 5"),
        ("newest", "5 4 3 2 1"),
        ("rule", "3 2 1 5 4"),
        ("author", "1 2 3 4 5"),
    ],
)
def test_sorted(queue, sort, found):
    everything = Filter(status=None)
    assert " ".join(queue.keys(filter=everything, sort=sort)) == found
    pending = [key for key in found.split() if key != "5"]
    assert queue.keys(sort=sort) == pending
    assert sort in SORTS
    # A filter that changes nothing goes another way through the tables.
    assert queue.keys(filter=Filter(labels=()), sort=sort) == pending
    latin = Filter(status=None, labels=(("insult", 0.0),))
    assert queue.keys(filter=latin, sort=sort) == [k for k in found.split() if k in "123"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(words=st.lists(st.text(max_size=12), min_size=1, max_size=3), name=st.text(max_size=5))
def test_no_words_are_taken_as_an_operator(queue, words, name):
    found = Filter(text=tuple(words), author=name, rule=name and f"{name}*")
    assert queue.count(found) == len(queue.keys(filter=found))


@pytest.mark.parametrize(
    "word",
    ['"', '""', "muppet OR fool", "text:", "NEAR(a b)", "(", "a\0b", "*", "\ud800", "'"],
)
def test_query_signs_are_words(queue, word):
    assert queue.count(Filter(text=(word, "crétin"))) == 0


def test_signs_between_words_are_blanks(queue):
    assert queue.keys(filter=Filter(text=("a^-muppet(",))) == ["1"]
