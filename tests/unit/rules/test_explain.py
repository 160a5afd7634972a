"""Why a rule matches or not: each condition as it was written, with what it comes to."""

import pytest

from moderation.comments import Author, Comment, Thread
from moderation.errors import RuleError, UsageError
from moderation.rules import compile_text
from moderation.rules.explain import explain

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
    assert parts["depth: > 1"].found == "unknown"
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
