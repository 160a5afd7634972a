"""Why a rule matches or not: each condition as it was written, with what it comes to."""

from datetime import UTC, datetime, timedelta

import pytest

from moderation.comments import Author, AuthorRecord, Comment, Thread
from moderation.errors import RuleError, UsageError
from moderation.rules import compile_text
from moderation.rules.authoring.closest import Closest
from moderation.rules.authoring.explain import explain
from moderation.rules.matching.state import Around, Rate, Similar

RULES = compile_text(
    """\
version: 1
lists: {pets: [donkey, goat]}
rules:
  - id: a.b
    action: hold
    status: 'off'
    expires: 2020-01-31
    reason: "Found {match}"
    when:
      text:
        words: ['@pets', fuck]
        regex: [one, 'two+']
      title: {contains: [news]}
      score: {threat: '>= 0.5', insult: '< 0.9'}
      any:
        - depth: '> 1'
        - not: {author: [Ann]}
"""
)


def tried(text: str, *, title=None, author=None, depth=None, **scores: float):
    comment = Comment(
        id="1",
        text=text,
        thread=title and Thread("t", title),
        author=author and Author(author),
        depth=depth,
    )
    return explain(RULES, "a.b", comment, scores)


def flat(part):
    yield part
    for inner in part.parts:
        yield from flat(inner)


def values(explanation):
    return {part.what: part.value for part in flat(explanation.part)}


def test_all_that_holds():
    found = tried("a donkey twoo", title="Old news", author="Bob", threat=0.7, insult=0.2)
    assert found.matched is True
    assert found.reason == "Found donkey"
    assert values(found) == {
        "all": True,
        "text": True,
        "text: words: [@pets, fuck]": True,
        "text: regex": True,
        "text: regex: one": False,
        "text: regex: two+": True,
        "title: contains: [news]": True,
        "score.threat: >= 0.5": True,
        "score.insult: < 0.9": True,
        "any": True,
        "depth: > 1": None,
        "not": True,
        "author: [Ann]": False,
    }
    parts = {part.what: part for part in flat(found.part)}
    assert [span.text for span in parts["text: words: [@pets, fuck]"].spans] == ["donkey"]
    assert parts["title: contains: [news]"].field == "title"
    assert parts["score.threat: >= 0.5"].found == "0.7"
    assert (parts["depth: > 1"].found, parts["depth: > 1"].why) == (
        "",
        "nothing says what it answers",
    )
    assert (parts["depth: > 1"].line, parts["depth: > 1"].column) == (16, 11)
    assert (parts["text: regex: two+"].line, parts["text: regex: two+"].column) == (12, 22)
    assert parts["not"].joined == "none"
    assert found.notes == ("the rule's status is off", "the rule runs until 2020-01-31")


def test_what_is_missing_is_unknown_and_what_fails_is_false():
    found = tried("a donkey two")
    assert found.matched is None
    assert values(found)["title: contains: [news]"] is None
    assert values(found)["any"] is None
    failed = tried("a donkey", title="Old news")
    assert failed.matched is False
    assert values(failed)["text: words: [@pets, fuck]"] is True
    assert values(failed)["text: regex"] is False


def test_a_disguise_is_named_and_the_views_are_shown():
    found = tried("𝒇.u.c.k two", title="x")
    (part,) = [part for part in flat(found.part) if part.what.startswith("text: words")]
    assert part.value is True
    assert part.reading.endswith("read as fuck")
    assert [name for name, _ in found.views][:2] == ["as written", "folded"]
    assert "fuck two" in [text for _, text in found.views]


def test_the_tree_agrees_with_the_matcher_on_the_packs():
    from pathlib import Path

    from moderation.rules import RuleSet, compile_paths

    packs = compile_paths([Path(__file__).resolve().parents[3] / "rules"])
    rules = RuleSet(packs, include_off=True)
    for rule in packs.rules[::5]:
        for case in (rule.match_tests + rule.pass_tests)[:3]:
            comment = Comment(id="1", text=case.text)
            flags, undecided = rules.match(comment, {})
            expected = (
                True
                if rule.id in {flag.rule for flag in flags}
                else None
                if rule.id in undecided
                else False
            )
            found = explain(packs, rule.id, comment, {})
            assert found.matched is expected
            assert found.part.value is expected


def test_an_unknown_rule_and_broken_rules():
    with pytest.raises(UsageError, match=r"no rule 'a\.c'") as caught:
        explain(RULES, "a.c", Comment("1", "x"), {})
    assert "a.b" in caught.value.hint
    with pytest.raises(RuleError):
        explain(compile_text("version: 1"), "a.b", Comment("1", "x"), {})


# What came before

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def alone(when: str, comment: Comment, around=None, **more):
    """The one condition of a rule."""
    rules = compile_text(f"version: 1\nrules: [{{id: a.b, action: flag, when: {{{when}}}}}]\n")
    return explain(rules, "a.b", comment, {}, around or Around(), **more).part


@pytest.mark.parametrize(
    ("by", "test", "said"),
    [
        ("author", Rate("author", 5, 600.0), "3 of 5 by 'Eve' within 10 min"),
        ("thread", Rate("thread", 5, 600.0), "3 of 5 in the thread 'news' within 10 min"),
        ("text", Rate("text", 5, 600.0), "3 of 5 with this text within 10 min"),
    ],
)
def test_how_many_by_whom_within_what_time(by, test, said):
    comment = Comment("1", "x", Author("Eve"), NOON, Thread("news"))
    part = alone(f"rate: {{by: {by}, count: 5, per: 10m}}", comment, Around(NOON, {test: (3, 0)}))
    assert (part.value, part.found, part.why) == (False, said, "")


def test_how_many_alike_by_how_many_and_how_alike():
    comment = Comment("1", "x", Author("Eve"), NOON)
    test = Similar(3, 2, 5_400.0, 0.85)
    around = Around(NOON, {test: (2, 1)})
    when = "similar: {at_least: 3, authors: 2, per: 90m}"
    said = "2 of 3 comments by 1 of 2 authors within 90 min"
    assert alone(when, comment, around).found == said
    part = alone(when, comment, around, closest={test: 0.914})
    assert part.found == f"{said}, the closest other one 0.91 alike of 0.85 asked"
    part = alone(
        "similar: {at_least: 2, per: 1d}",
        comment,
        Around(NOON, {Similar(2, 1, 86_400.0, 0.85): (2, 1)}),
    )
    assert (part.value, part.found) == (True, "2 of 2 comments by 1 author within 1 d")


def test_the_closest_text_of_the_window():
    one = "Come and buy our wonderful garden gnomes today"
    closest = Closest(Comment("1", one, created=NOON), 3_600)

    def told(text: str, minutes: int) -> float | None:
        closest.add(Comment("2", text, created=NOON - timedelta(minutes=minutes)))
        return closest.likeness

    assert told(one, 61) is None  # before the window
    assert told(one, -1) is None  # after the comment
    assert told("no", 5) is None  # too short to be like anything
    assert told("The mayor opened a new bridge on Sunday morning", 5) < 0.5
    nearly = told(one.replace("gnomes", "dwarfs"), 5)
    assert 0.8 < nearly < 1
    assert told("The mayor opened a new bridge on Sunday morning", 5) == nearly
    assert told(one.upper() + "!", 5) == 1


@pytest.mark.parametrize(
    ("when", "comment", "around", "why"),
    [
        ("rate: {by: author, count: 2, per: 1h}", {}, None, "without a database there are no"),
        ("rate: {by: author, count: 2, per: 1h}", {"author": "Eve"}, NOON, "has no time"),
        ("rate: {by: author, count: 2, per: 1h}", {"created": NOON}, NOON, "names no author"),
        ("rate: {by: thread, count: 2, per: 1h}", {"created": NOON}, NOON, "names no thread"),
        ("rate: {by: text, count: 2, per: 1h}", {"created": NOON}, NOON, "no letters"),
        ("similar: {at_least: 2, per: 1h}", {"created": NOON}, NOON, "names no author"),
        ("age: '< 1d'", {}, NOON, "the comment has no time"),
        ("age: '< 1d'", {"created": NOON.replace(tzinfo=None)}, NOON, "names no zone"),
        ("author.age: '< 1d'", {"author": "Eve"}, NOON, "when the account was made"),
        ("author.hidden: '> 1'", {"author": "Eve"}, None, "without a database"),
        ("author.is_new: true", {}, NOON, "names no author"),
        ("score: {threat: '> 0.5'}", {}, None, "no model gave a score for threat"),
        ("title: [news]", {}, None, "what its page is called"),
        ("is_edited: true", {}, None, "whether it was edited"),
        ("model.unsupported: true", {}, NOON, "no model read it"),
    ],
)
def test_why_it_is_not_known(when, comment, around, why):
    author = comment.pop("author", None)
    given = Comment("1", "?!", author and Author(author), **comment)
    part = alone(when, given, around and Around(around))
    assert part.value is None
    assert part.found == ""
    assert why in part.why


def test_what_is_known_has_no_such_reason():
    comment = Comment("1", "x", Author("Eve"), NOON)
    part = alone("author.hidden: '> 1'", comment, Around(NOON, record=AuthorRecord(4, 1, 2)))
    assert (part.value, part.found, part.why) == (True, "2", "")
    part = alone("script: [greek]", comment)
    assert (part.value, part.found, part.why) == (False, "", "")
