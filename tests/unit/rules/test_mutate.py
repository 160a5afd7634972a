"""Mutation of rules: what the tests would miss is noticed, what they would not is told."""

import itertools

import pytest

from moderation.rules import compile_text
from moderation.rules.authoring.mutate import Kind, alternatives, mutate

FILE = """\
version: 1
lists:
  pets: [donkey, goat, mule]
rules:
  - id: a.b
    action: flag
    when:
%s
    tests: {match: [%s], pass: [%s]}
"""


def unnoticed(when: str, match: str, passes: str, **more):
    lines = "\n".join(f"      {line}" for line in when.splitlines())
    compiled = compile_text(FILE % (lines, match, passes))
    assert not compiled.errors, compiled.errors
    return mutate(compiled, **more)


def told(report):
    return {(each.kind.value, each.what) for each in report.unnoticed}


def test_a_rule_whose_tests_look_at_everything():
    report = unnoticed(
        "text: [donkey, goat]\nlinks: '> 0'",
        "donkey http://a.example, goat http://a.example",
        "donkey, http://a.example",
    )
    assert told(report) == set()
    assert report.noticed == report.tried > 0


def test_conditions_that_no_test_needs():
    report = unnoticed("text: [donkey]\nlinks: '< 3'\nnot: {text: [nice]}", "a donkey", "a cat")
    assert told(report) == {("condition", "links: < 3"), ("condition", "not: …")}
    places = [(each.line, each.column) for each in report.unnoticed]
    assert places == [(9, 7), (10, 7)]


def test_a_condition_on_what_no_test_says_can_be_turned_round():
    report = unnoticed("score: {threat: '> 0.5'}\ntext: [donkey]", "a donkey", "a cat")
    assert ("condition", "score: {threat: > 0.5}") in told(report)
    # Told once, not again as a negation.
    assert {kind for kind, _ in told(report)} == {"condition"}
    both = unnoticed(
        "score: {threat: '> 0.5'}\ntext: [donkey]",
        "{text: donkey, score: {threat: 0.9}}",
        "{text: donkey, score: {threat: 0.1}}, {text: a cat, score: {threat: 0.9}}",
    )
    assert told(both) == set()


def test_entries_lists_and_alternatives():
    report = unnoticed(
        "text:\n  words: ['@pets', ass, camel]\n  regex: '(big|old) (x|y)'",
        "donkey old x, camel big x",
        "donkey, old x",
    )
    assert told(report) == {
        ("list entry", "goat"),
        ("list entry", "mule"),
        ("entry", "ass"),
        ("alternative", "y"),
    }
    by_kind = {each.kind: each for each in report.unnoticed}
    assert (by_kind[Kind.LIST].group, by_kind[Kind.LIST].of) == ("@pets", 3)
    assert by_kind[Kind.LIST].line == 3


def test_modifiers_and_nesting():
    report = unnoticed(
        "any:\n  - text: {words: [US], case_sensitive: true}\n  - text: [donkey]\n    depth: '> 1'",
        "in the US, {text: a donkey, depth: 3}",
        "a cat, {text: a donkey, depth: 0}",
    )
    assert told(report) == {("condition", "text: case_sensitive: true")}
    assert not told(unnoticed("text: {words: [US], case_sensitive: true}", "in the US", "tell us"))


def test_rules_without_sound_tests_are_left_out():
    assert unnoticed("text: [donkey]", "a cat", "a dog").untestable == ["a.b"]
    assert unnoticed("text: [donkey]", "", "").untestable == ["a.b"]


def test_the_time_is_kept():
    ticks = itertools.count()
    report = unnoticed(
        "text: [donkey, goat, mule]", "donkey", "cat", seconds=3, clock=lambda: float(next(ticks))
    )
    assert report.tried == 2
    assert report.left_out > 0


def test_progress_is_told():
    seen: list[tuple[int, int]] = []
    report = unnoticed(
        "text: [donkey, goat]", "donkey", "cat", on_progress=lambda *at: seen.append(at)
    )
    assert [done for done, _ in seen] == list(range(len(seen)))
    assert {total for _, total in seen} == {len(seen)}
    assert report.tried == len(seen)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("abc", []),
        ("a|b", [("a", "b"), ("b", "a")]),
        (r"x(a|b\|c)y", [("a", r"x(b\|c)y"), (r"b\|c", "x(a)y")]),
        ("[a|b]", []),
        ("[]|]", []),
        ("[^]|]", []),
        ("[[:alpha:]|]", []),
        (r"\Qa|b\E", []),
        ("(?:a|)b", [("a", "(?:)b"), ("", "(?:a)b")]),
        ("(?P<n>a|b)", [("a", "(?P<n>b)"), ("b", "(?P<n>a)")]),
        ("(?i:a|b)", [("a", "(?i:b)"), ("b", "(?i:a)")]),
    ],
)
def test_alternatives(pattern, found):
    assert alternatives(pattern) == found
