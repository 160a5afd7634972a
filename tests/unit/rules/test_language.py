"""The wide language: time, authors, scripts, quotations, rates and near duplicates."""

from datetime import UTC, date, datetime, timedelta

import pytest

from moderation import models
from moderation.comments import Author, AuthorRecord, Comment, Thread, Verdict
from moderation.rules import RuleSet, compile_text, run_tests
from moderation.rules.authoring.lint import lint
from moderation.rules.matching.state import History
from moderation.scan import Scanner

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def ruleset(when: str, more: str = "") -> RuleSet:
    return RuleSet.parse(
        f"version: 1\nrules:\n  - id: r\n    action: flag\n    when: {when}\n{more}"
    )


def outcome(rules: RuleSet, comment: Comment, history: History | None = None) -> bool | None:
    """True when the rule matches, None when it cannot be decided."""
    history = history or rules.history()
    flags, undecided = rules.match(comment, {}, history.around(comment))
    return True if flags else None if undecided else False


@pytest.mark.parametrize(
    ("when", "comment", "expected"),
    [
        ("{reports: '>= 2'}", Comment("1", "", reports=2), True),
        ("{reports: '>= 2'}", Comment("1", ""), None),
        ("{is_edited: true}", Comment("1", "", edited=True), True),
        ("{is_edited: false}", Comment("1", "", edited=True), False),
        ("{is_edited: true}", Comment("1", ""), None),
        ("{author.comments: '< 3'}", Comment("1", "", Author("a", comments=2)), True),
        ("{author.comments: '< 3'}", Comment("1", "", Author("a")), None),
        ("{author.is_new: true}", Comment("1", "", Author("a", comments=0)), True),
        ("{author.is_new: true}", Comment("1", ""), None),
        ("{script: [cyrillic]}", Comment("1", "привет all"), True),
        ("{script: cyrillic}", Comment("1", "hello д"), False),
        ("{script: [Greek, Han]}", Comment("1", "汉字 ok"), True),
        ("{script: [latin]}", Comment("1", "123 …"), False),
        ("{text: {words: [idiot], quotes: ignore}}", Comment("1", 'He said "idiot" to me'), False),
        ("{text: {words: [idiot], quotes: ignore}}", Comment("1", "> you idiot\nNo."), False),
        ("{text: {words: [idiot], quotes: ignore}}", Comment("1", '"No", you idiot'), True),
    ],
)
def test_conditions(when, comment, expected):
    assert outcome(ruleset(when), comment) is expected


def test_places_outside_quotations_point_into_the_text():
    text = '"idiot", says the Idiot'
    (flag,), _ = ruleset("{text: {words: [idiot], quotes: ignore}}").match(Comment("1", text), {})
    assert flag.field == "text"
    assert [(span.start, span.text) for span in flag.spans] == [(18, "Idiot")]


@pytest.mark.parametrize(
    ("when", "created", "expected"),
    [
        ("{age: '< 7d'}", NOON - timedelta(days=6), True),
        ("{age: '< 7d'}", NOON - timedelta(days=8), False),
        ("{age: '1h..2h'}", NOON - timedelta(minutes=90), True),
        ("{age: '< 7d'}", NOON.replace(tzinfo=None), None),  # the zone is unknown
        ("{author.age: '< 30d'}", NOON, True),
    ],
)
def test_ages(when, created, expected):
    author = Author("a", created=NOON - timedelta(days=10))
    comment = Comment("1", "", author, created)
    assert outcome(ruleset(when), comment, History(now=NOON)) is expected


def test_what_the_store_knows_of_an_author():
    rules = ruleset("{author.hidden: '>= 2', author.approved: 0}")
    comment = Comment("1", "", Author("a"))
    assert outcome(rules, comment) is None
    record = AuthorRecord(comments=5, approved=0, hidden=2)
    assert outcome(rules, comment, rules.history(lambda _: record)) is True
    assert ruleset("{length: 3}").asks_for_authors is False


def comments(times, *, author="a", text="hi", thread="t"):
    return [
        Comment(str(n), text, Author(author), NOON + timedelta(seconds=at), Thread(thread))
        for n, at in enumerate(times)
    ]


def test_rate_by_author():
    rules = ruleset("{rate: {by: author, count: 3, per: 10m}}")
    history = rules.history()
    found = [outcome(rules, each, history) for each in comments([0, 60, 120, 5000, 5001])]
    assert found == [False, False, True, False, False]
    assert outcome(rules, comments([125], author="b")[0], history) is False


def test_rate_counts_what_came_out_of_order():
    rules = ruleset("{rate: {by: thread, count: 2, per: 1m}}")
    history = rules.history()
    assert [outcome(rules, each, history) for each in comments([100, 10, 50])] == [
        False,
        False,
        True,
    ]


def test_rate_without_a_time_is_unknown():
    rules = ruleset("{rate: {by: author, count: 2, per: 1m}}")
    assert outcome(rules, Comment("1", "x", Author("a"))) is None


def test_rate_by_text_reads_past_spelling():
    rules = ruleset("{rate: {by: text, count: 2, per: 1m}}")
    history = rules.history()
    assert outcome(rules, comments([0], text="Buy  NOW!")[0], history) is False
    assert outcome(rules, comments([1], text="buy now", author="b")[0], history) is True


def test_near_duplicates_by_several_authors():
    rules = ruleset("{similar: {at_least: 3, authors: 2, per: 1h, likeness: 0.8}}")
    history = rules.history()
    base = "The council must build this bridge before the winter comes, says {}"
    names = ["everyone here", "everyone there", "everybody here"]
    found = [
        outcome(rules, comments([n], text=base.format(name), author=f"a{n % 2}")[0], history)
        for n, name in enumerate(names)
    ]
    assert found == [False, False, True]
    other = comments([4], text="Something else entirely about soup and the weather", author="z")
    assert outcome(rules, other[0], history) is False


def test_short_thanks_are_not_a_campaign():
    rules = ruleset("{similar: {at_least: 2, authors: 2, per: 1h}}")
    history = rules.history()
    assert outcome(rules, comments([0], text="Thank you!", author="a")[0], history) is False
    assert outcome(rules, comments([1], text="Thank you, Ann", author="b")[0], history) is False


def test_expired_rules_do_not_run():
    text = "version: 1\nrules:\n  - {id: r, action: flag, when: {text: [x]}, expires: 2026-05-01}\n"
    compiled = compile_text(text)
    assert len(RuleSet(compiled, today=date(2026, 5, 1)).rules) == 1
    assert len(RuleSet(compiled, today=date(2026, 5, 2)).rules) == 0


def test_off_needs_no_quotes_where_it_is_a_word():
    text = (
        "version: 1\nrules:\n  - id: r\n    action: flag\n    status: off\n"
        "    when: {text: {words: [x], evasion: off}}\n"
    )
    assert not compile_text(text).errors
    assert compile_text(text.replace("[x]", "[off]")).errors


@pytest.mark.parametrize(
    ("when", "hint"),
    [
        ("{age: '< 7'}", "duration"),
        ("{age: 7}", "duration"),
        ("{script: [klingon]}", "unknown script"),
        ("{script: [cyrilic]}", "did you mean 'cyrillic'?"),
        ("{rate: {by: author, count: 1, per: 1h}}", "greater"),
        ("{rate: {by: autor, count: 2, per: 1h}}", "did you mean 'author'?"),
        ("{rate: {by: author, count: 2, per: soon}}", "duration"),
        ("{rate: {by: author, count: 2}}", "'per' is missing"),
        ("{similar: {at_least: 2, per: 1h, likeness: 3}}", "less"),
        ("{author.coments: 1}", "did you mean 'author.comments'?"),
        ("{title: {words: [x], quotes: ignore}}", "quotations"),
        ("{text: {words: [x], evasion: hard}}", "off, normal, strict"),
    ],
)
def test_mistakes(when, hint):
    (error,) = [
        problem
        for problem in lint(
            compile_text(f"version: 1\nrules:\n  - {{id: r, action: flag, when: {when}}}")
        )
        if problem.level == "error"
    ]
    assert hint in f"{error.message} {error.hint}"


def test_tests_can_state_what_a_text_cannot():
    compiled = compile_text(
        "version: 1\nrules:\n  - id: r\n    action: flag\n"
        "    when:\n      rate: {by: author, count: 5, per: 10m}\n"
        "      author.comments: '< 3'\n      reports: '> 1'\n"
        "    tests:\n"
        "      match: [{text: x, rate: 5, author.comments: 0, reports: 2}]\n"
        "      pass: [{text: x, rate: 4}, {text: x, author.comments: 3}, {text: x, reports: 0}]\n"
    )
    report = run_tests(compiled)
    assert (report.run, report.failures) == (4, ())


def test_each_scan_has_a_memory_of_its_own():
    scanner = Scanner(ruleset("{rate: {by: author, count: 2, per: 1h}}"), models.load("none"))
    for _ in range(2):
        found = [each.verdict for each in scanner.scan(comments([0, 1]))]
        assert found == [Verdict.PASS, Verdict.FLAG]
