"""Rules held against stored decisions."""

import multiprocessing
from datetime import UTC, date, datetime, timedelta

import pytest

from moderation import backtest
from moderation.backtest import Share
from moderation.backtest.versions import Versions
from moderation.comments import Author, Choice, Comment, RuleStatus, Thread
from moderation.queue import Queue
from moderation.rules import RuleSet, compile_text
from moderation.rules.matching.state import Around
from moderation.store import Store

DAY = datetime(2026, 5, 1, tzinfo=UTC)


def rules(*entries):
    return compile_text("version: 1\nrules:\n" + "".join(f"  - {entry}\n" for entry in entries))


def rule(id, word, action="hold", more=""):
    return f"{{id: {id}, action: {action}, when: {{text: [{word}]}}{more}}}"


SEED = rules(rule("seed", "muppet, gravy, turnip"))


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "s.db") as opened:
        yield opened


def fill(store, *texts, scores=None):
    """Comments `0`, `1`, … a day apart, as the seed rules flag them."""
    engine = RuleSet(SEED)
    comments = [
        Comment(str(n), text, created=DAY + timedelta(days=n)) for n, text in enumerate(texts)
    ]
    store.save([engine.assess(each, scores or {}) for each in comments], store.begin_run(["x"]))


def decide(store, **choices):
    queue = Queue(store, "Mira")
    for ref, choice in choices.items():
        queue.decide(queue.item(ref.removeprefix("c")), Choice(choice))


def run(store, new, old=None, **more):
    return backtest.replay(store, backtest.select(store), new, old, **more)


def of(result, id):
    return result.version.tally.by_id[id]


# Counting


def test_precision_counts_what_people_decided(store):
    fill(store, "you muppet", "a muppet", "muppet show", "gravy", "muppet", "fine")
    decide(store, c0="hide", c1="hide", c2="approve", c3="hide", c4="escalate")
    found = of(run(store, rules(rule("m", "muppet"))), "m")
    assert (found.found.hits, found.found.hidden, found.found.approved) == (4, 2, 1)
    assert found.found.escalated == 1
    assert found.precision == (2, 3)


def test_an_undone_decision_does_not_count(store):
    fill(store, "muppet", "muppet")
    decide(store, c0="hide", c1="hide")
    Queue(store, "Mira").undo()
    assert of(run(store, rules(rule("m", "muppet"))), "m").precision == (1, 1)


def test_a_decision_on_an_earlier_text_does_not_count(store):
    fill(store, "muppet")
    decide(store, c0="hide")
    fill(store, "muppet again")
    assert of(run(store, rules(rule("m", "muppet"))), "m").precision == (0, 0)


def test_an_approve_rule_is_right_when_people_approve(store):
    fill(store, "muppet", "muppet", "muppet")
    decide(store, c0="approve", c1="approve", c2="hide")
    result = run(store, rules(rule("ok", "muppet", "approve")))
    assert of(result, "ok").precision == (2, 3)
    assert result.version.flagged.hits == 0


def test_alone_is_what_no_other_live_rule_finds(store):
    fill(store, "muppet gravy", "muppet", "gravy", "turnip")
    result = run(
        store,
        rules(
            rule("m", "muppet"),
            rule("g", "gravy"),
            rule("t", "turnip", "approve"),
            rule("s", "muppet, turnip", more=", status: shadow"),
        ),
    )
    assert {tally.rule.id: tally.alone.hits for tally in result.version.rules} == {
        "m": 1,
        "g": 1,
        "t": 1,
        "s": 1,
    }
    assert of(result, "s").rule.status is RuleStatus.SHADOW


def test_stored_scores_are_used_and_missing_ones_told(store):
    fill(store, "one", scores={"toxicity": 0.9})
    sour = "{id: sour, action: flag, when: {score: {toxicity: '> 0.5'}}}"
    threat = "{id: threat, action: flag, when: {score: {threat: '> 0.5'}}}"
    result = run(store, rules(sour, threat))
    assert of(result, "sour").found.hits == 1
    assert of(result, "threat").undecided == 1


def test_a_language_that_the_model_did_not_know_is_stored(store):
    comments = [Comment(str(n), "ein Esel", created=DAY) for n in range(3)]
    engine, scores = RuleSet(SEED), {"toxicity": 0.9}
    store.save(
        [
            engine.assess(each, scores, around=Around(unsupported=each.id != "0"))
            for each in comments
        ],
        store.begin_run(["x"]),
    )
    odd = "{id: odd, action: flag, when: {model.unsupported: true}}"
    usual = (
        "{id: usual, action: flag, when: {score: {toxicity: '> 0.5'}, model.unsupported: false}}"
    )
    result = run(store, rules(odd, usual))
    assert (of(result, "odd").found.hits, of(result, "usual").found.hits) == (2, 1)


def test_authors_are_known_as_they_were_then(store):
    engine = RuleSet(SEED)
    bob = Author("Bob")
    comments = [
        Comment(str(n), "muppet", author=bob, created=DAY + timedelta(days=n)) for n in range(4)
    ]
    store.save([engine.assess(each, {}) for each in comments], store.begin_run(["x"]))
    decide(store, c0="hide", c1="hide", c3="hide")
    repeat = rules("{id: again, action: hold, when: {author.hidden: '>= 2'}}")
    assert of(run(store, repeat), "again").found.hits == 2
    since = DAY + timedelta(days=3)
    late = backtest.replay(store, backtest.select(store, since), repeat, since=since)
    assert of(late, "again").found.hits == 1


def test_rates_follow_the_comments_own_times(store):
    fill(store, *["muppet"] * 4)
    rate = rules("{id: r, action: flag, when: {rate: {by: text, count: 3, per: 3d}}}")
    assert of(run(store, rate), "r").found.hits == 2


def test_every_rule_gets_a_time(store):
    fill(store, "muppet", "gravy")
    result = run(store, rules(rule("m", "muppet"), rule("g", "gravy")))
    assert all(tally.micros is not None and tally.micros >= 0 for tally in result.version.rules)


def test_since_and_order(store):
    fill(store, *["muppet"] * 5)
    assert len(backtest.select(store, DAY + timedelta(days=3))) == 2
    seen = []
    run(store, rules(rule("m", "muppet")), on_progress=seen.append)
    assert seen == [5]


def test_an_empty_store(store):
    result = run(store, rules(rule("m", "muppet")), rules(rule("m", "gravy")))
    assert result.comments == 0
    for write in (backtest.as_text, backtest.as_markdown):
        assert list(write(result))
    assert backtest.as_json(result)["rules"][0]["precision"] is None


# Wilson's interval, against published values


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (3, 3, 0.4385, 1.0),
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
    ],
)
def test_interval(part, whole, low, high):
    # The last two are from Newcombe (1998), Statistics in Medicine 17, table I.
    assert Share(part, whole).interval == pytest.approx((low, high), abs=5e-5)


def test_no_cases_no_share():
    assert (Share(0, 0).value, Share(0, 0).interval) == (None, None)


# Two versions


def test_changes_and_the_queue(store):
    fill(store, "muppet", "gravy", "turnip", "fine", "muppet")
    decide(store, c1="hide", c4="approve")
    old = rules(rule("m", "muppet"), rule("t", "turnip"))
    new = rules(rule("g", "gravy"), rule("t", "turnip", "hide"), rule("f", "fine"))
    result = run(store, new, old)
    assert [change.ref for change in result.newly.kept] == ["1", "3"]
    assert result.newly.total.hidden == 1
    assert [change.ref for change in result.no_longer.kept] == ["0", "4"]
    assert [(c.ref, c.before, c.after) for c in result.altered.kept] == [("2", "hold", "hide")]
    assert result.newly.kept[0].rules == ("g",)
    assert result.no_longer.kept[0].rules == ("m",)
    # Undecided and flagged: 0 and 2 before, 2 and 3 after.
    assert result.against.waiting == 2
    assert result.version.waiting == 2


def test_a_change_made_by_an_approve_rule_names_what_it_set_aside(store):
    fill(store, "muppet gravy")
    old = rules(rule("m", "muppet"))
    new = rules(rule("m", "muppet"), rule("ok", "gravy", "approve", ", priority: 1"))
    result = run(store, new, old)
    assert [(c.after, c.rules) for c in result.no_longer.kept] == [("approve", ("m",))]


def test_the_latest_changes_are_kept_and_all_are_counted(store):
    fill(store, *["muppet"] * 6)
    result = run(store, rules(rule("m", "muppet")), rules(rule("m", "gravy")), keep=2)
    assert [change.ref for change in result.newly.kept] == ["4", "5"]
    assert result.newly.total.hits == 6
    assert any("4 more" in line for line in backtest.as_text(result))


def test_keeping_none_still_counts(store):
    fill(store, "muppet")
    result = run(store, rules(rule("m", "muppet")), rules(rule("m", "gravy")), keep=0)
    assert result.newly.total.hits == 1


def test_a_long_comment_is_quoted_around_the_match(store):
    fill(store, "a " * 5000 + "muppet" + " b" * 5000)
    result = run(store, rules(rule("m", "muppet")), rules(rule("m", "gravy")))
    excerpt = result.newly.kept[0].excerpt
    assert "muppet" in excerpt
    assert len(excerpt) <= 201


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_several_processes_come_to_the_same(store, monkeypatch, method):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system has no {method}")
    monkeypatch.setattr(backtest.workers, "_METHOD", method)
    fill(store, *[("muppet", "gravy", "fine turnip")[n % 3] for n in range(700)])
    decide(store, c0="hide", c1="approve")
    new = rules(
        rule("g", "gravy"),
        rule("t", "turnip"),
        "{id: s, action: flag, when: {score: {threat: '> 0'}}}",
    )
    old = rules(rule("m", "muppet"), rule("t", "turnip", "hide"))
    one = run(store, new, old)
    monkeypatch.setattr(backtest.workers, "_SHARE", 64)
    monkeypatch.setattr(backtest.workers, "count", lambda comments: 2)
    seen = []
    two = run(store, new, old, on_progress=seen.append)
    assert seen[-1] == 700
    assert len(seen) == 11

    def plain(result):
        record = backtest.as_json(result)
        for each in record["rules"]:
            del each["micros"]
        return record

    assert plain(one) == plain(two)


def test_an_interrupt_leaves_no_process(store, monkeypatch):
    fill(store, *["muppet"] * 400)
    monkeypatch.setattr(backtest.workers, "_SHARE", 8)
    monkeypatch.setattr(backtest.workers, "count", lambda comments: 2)
    seen = []

    def interrupt(count):
        seen.append(len(multiprocessing.active_children()))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(store, rules(rule("m", "muppet")), on_progress=interrupt)
    assert seen == [2]
    assert multiprocessing.active_children() == []


def test_versions_together_say_what_each_says_alone():
    """A rule that both have, one that changed, and one that is gone."""
    shared = (
        "{id: s, action: hold, when: {any: [{text: [muppet, gravy]}, {text: {regex: 'p[i1]e'}}],"
        " not: [{text: [turnip]}, {title: [news]}], length: '> 3'}}"
    )
    new = rules(shared, rule("c", "gravy"), "{id: t, action: hide, when: {title: [news]}}")
    old = rules(
        rule("gone", "turnip", "hide"),
        shared,
        "{id: c, action: approve, priority: 5, when: {all: [{text: [pie]}, {text: [gravy]}]}}",
    )
    versions = Versions([new, old], date.today())
    assert [each.id for each in versions.rules.rules] == ["s", "c", "t", "gone", "c"]
    for text in ("muppet", "gravy", "a pie and gravy", "p1e", "turnip pie", "muppet turnip", "x"):
        for thread in (None, Thread("t", "The news"), Thread("t", "Weather")):
            comment = Comment("1", text, thread=thread)
            said = versions.judge(comment, {}, Around())
            for compiled, own in zip((new, old), said, strict=True):
                alone = RuleSet(compiled).assess(comment, {})
                assert own.verdict is alone.verdict
                assert {flag.rule for flag in own.flags} == {flag.rule for flag in alone.flags}
                assert sorted(own.undecided) == sorted(alone.undecided)


def test_rules_that_remember_stay_in_one_process(store, monkeypatch):
    fill(store, *["muppet"] * 4)
    monkeypatch.setattr(backtest.workers, "count", lambda comments: 1 / 0)
    run(store, rules("{id: r, action: flag, when: {rate: {by: text, count: 3, per: 3d}}}"))


# Writing


HOSTILE = "muppet | `@everyone` <img src=x> [a](http://e.vil) www.e.vil\n| x \x1b[31m \\"


def table_cells(line):
    """Cells as the pickiest reader cuts them: a `|` that a backslash does not escape."""
    cells, escaped = [""], False
    for char in line:
        if char == "|" and not escaped:
            cells.append("")
        else:
            cells[-1] += char
        escaped = char == "\\" and not escaped
    return cells[1:-1]


def test_markdown_holds_hostile_text(store):
    fill(store, HOSTILE)
    result = run(store, rules(rule("m", "muppet")), rules(rule("m", "gravy")))
    lines = list(backtest.as_markdown(result, "full"))
    assert "\x1b" not in "".join(lines)
    assert not any("\n" in line for line in lines)
    (quoted,) = [line for line in lines if "@everyone" in line]
    cells = table_cells(quoted)
    assert len(cells) == 5
    for cell in cells:
        assert cell.count("`") in (0, 2)
    assert cells[4].strip().startswith("`")
    assert cells[4].strip().endswith("`")


def test_markdown_fits_a_comment_on_github(store):
    fill(store, *["muppet " + "\U0001f600 turnip" * 40] * 400)
    many = rules(*(rule(f"m{n}", "muppet") for n in range(300)))
    result = run(store, many, rules(rule("m", "gravy")), keep=400)
    lines = list(backtest.as_markdown(result, "full"))
    assert len("\n".join(lines).encode()) < 65_000
    assert "… and 200 rules with fewer hits" in lines
    assert "cut here" in lines[-1]


def test_never_quotes(store):
    fill(store, "muppet secret")
    result = run(store, rules(rule("m", "muppet")), rules(rule("m", "gravy")))
    for write in (backtest.as_markdown, backtest.as_text):
        assert "secret" not in "\n".join(write(result, "never"))
        assert "secret" in "\n".join(write(result, "snippet"))
    assert "secret" not in str(backtest.as_json(result, "never"))


def test_text_shows_no_control(store):
    fill(store, "::add-mask::muppet \x1b[2J \u202e")
    result = run(store, rules(rule("m", "muppet")), rules(rule("m", "gravy")))
    shown = "\n".join(backtest.as_text(result, "full"))
    assert "\x1b" not in shown
    assert "\u202e" not in shown
