"""The JSON Schema of rule files: whatever compiles is valid, and it does not drift."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from moderation.rules import compile_text
from moderation.rules.language.jsonschema import rule_schema, schema_text
from moderation.rules.language.source import parse_source

ROOT = Path(__file__).resolve().parents[3]
CHECKER = Draft202012Validator(rule_schema())
DOCS = (ROOT / "docs" / "rules.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", DOCS, re.MULTILINE | re.DOTALL)

#: The example of the design, whole.
DESIGN = r"""
version: 1
lists:
  violence: [kill, shoot, hang]
rules:
  - id: threat.personal
    description: A threat of violence against a person
    severity: high
    action: hold
    status: live
    expires: 2026-12-31
    priority: 0
    reason: "Threat: {match}"
    when:
      text: {regex: '\b(i|we)(''ll| will) (@violence) you\b'}
      score: {threat: '>= 0.3'}
      not: {text: {words: [in the game]}}
    tests:
      match: ["We will shoot you", {text: "I'll kill you", score: {threat: 0.9}}]
      pass: ["I will kill you in the game"]
"""


def plain(text: str):
    root = parse_source(text, "x.yaml").root
    assert root is not None
    return root.plain()


def when(condition: str):
    return plain(f"version: 1\nrules: [{{id: a.b, action: flag, when: {condition}}}]")


def test_the_checked_in_schema_is_the_generated_one():
    made = schema_text()
    assert (ROOT / "rules" / "schema.json").read_text("utf-8") == made, (
        "run `moderation rules schema > rules/schema.json`"
    )
    Draft202012Validator.check_schema(json.loads(made))


@pytest.mark.parametrize(
    "pack", sorted((ROOT / "rules").glob("*.yaml")), ids=lambda path: path.name
)
def test_packs_are_valid(pack):
    assert [e.message for e in CHECKER.iter_errors(plain(pack.read_text("utf-8")))] == []


@pytest.mark.parametrize("text", [DESIGN, *EXAMPLES])
def test_examples_are_valid(text):
    assert not compile_text(text).errors
    assert [e.message for e in CHECKER.iter_errors(plain(text))] == []


@pytest.mark.parametrize(
    "condition",
    [
        "{text: word}",
        "{text: [a, b]}",
        "{text: {regex: x}}",
        "{link: {equals: [a.example]}}",
        "{score: {threat: '>= 0.3'}}",
        "{score.threat: 0.5..0.9}",
        "{length: 3, words: '> 3', links: '!= 0', caps_ratio: 0.5}",
        "{age: '< 7d', author.age: 1d..7d}",
        "{is_reply: true}",
        "{model.unsupported: true, author.is_new: false}",
        "{not: {text: x}}",
        "{not: [{text: x}, {text: z}]}",
        "{any: [{text: x}, {all: [{depth: '> 1'}]}]}",
        "{script: cyrillic}",
        "{script: [Cyrillic, latin]}",
        "{rate: {by: author, count: 5, per: 10m}}",
        "{similar: {at_least: 3, authors: 2, per: 1h, likeness: 0.85}}",
        "{text: {words: [x], evasion: off, quotes: ignore, case_sensitive: true}}",
    ],
)
def test_every_condition_and_short_form(condition):
    file = when(condition)
    assert [e.message for e in CHECKER.iter_errors(file)] == []
    text = f"version: 1\nrules: [{{id: a.b, action: flag, when: {condition}}}]"
    assert not compile_text(text).errors


@pytest.mark.parametrize(
    "condition",
    [
        "{txt: x}",
        "{text: {regexp: x}}",
        "{text: []}",
        "{text: ''}",
        "{text: [1]}",
        "{length: many}",
        "{length: '> 3 d'}",
        "{age: '< 7'}",
        "{score: {toxic: '> 0.5'}}",
        "{score.toxic: '> 0.5'}",
        "{any: []}",
        "{is_reply: 'yes'}",
        "{rate: {by: moon, count: 5, per: 10m}}",
    ],
)
def test_mistakes_are_seen_in_the_editor(condition):
    assert list(CHECKER.iter_errors(when(condition)))


def test_short_forms_of_tests_and_lists():
    text = "version: 1\nlists: {a: x, b: [y], c: {file: z.txt}}\nrules:\n"
    text += "  - {id: a.b, action: flag, when: {text: x}, tests: {match: [x, {text: x}]}}"
    assert [e.message for e in CHECKER.iter_errors(plain(text))] == []


def test_editors_are_told_what_a_key_is():
    made = rule_schema()
    for name in ("RuleModel", "Conditions"):
        properties = made["$defs"][name]["properties"]
        assert [key for key, value in properties.items() if not value.get("description")] == []
    assert "null" not in schema_text()
