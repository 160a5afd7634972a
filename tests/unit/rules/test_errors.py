"""Errors in rule files: all at once, at their place, with what to write instead."""

import pytest

from moderation.errors import InputError, RuleError
from moderation.rules import RuleSet, compile_paths, compile_text
from moderation.rules.authoring.lint import lint

RULE = "version: 1\nrules:\n  - id: a.b\n    action: flag\n    when: {text: [foo]}\n"


def problems(text: str):
    return {(p.line, p.code): p for p in lint(compile_text(text)) if p.level == "error"}


def one(text: str):
    found = list(problems(text).values())
    assert len(found) == 1, found
    return found[0]


def test_a_sound_rule_has_no_errors():
    assert not problems(RULE)


@pytest.mark.parametrize(
    ("change", "line", "code", "hint"),
    [
        (("action: flag", "action: flg"), 4, "bad-value", "did you mean 'flag'?"),
        (("action: flag", "acton: flag"), 4, "unknown-key", "did you mean 'action'?"),
        (("    action: flag\n", ""), 3, "missing-key", ""),
        (("version: 1\n", ""), 1, "missing-key", "version: 1"),
        (("version: 1", "version: 2"), 1, "bad-value", ""),
        (("[foo]", "[]"), 5, "empty-list", "remove the key"),
        (("[foo]", "['']"), 5, "bad-value", "match everything"),
        (("[foo]", "[12]"), 5, "bad-value", "quotes"),
        (("{text: [foo]}", "{}"), 5, "no-condition", "every comment"),
        (("{text: [foo]}", "{txt: [foo]}"), 5, "unknown-key", "did you mean 'text'?"),
        (("{text: [foo]}", "{text: {regexp: foo}}"), 5, "unknown-key", "did you mean 'regex'?"),
        (("{text: [foo]}", "{text: {case_sensitive: true}}"), 5, "bad-value", "write one of"),
        (("{text: [foo]}", "{text: {regex: 'a(?=b)'}}"), 5, "bad-pattern", "not: {text"),
        (("{text: [foo]}", r"{text: {regex: '(a)\1'}}"), 5, "bad-pattern", "repeats"),
        (("{text: [foo]}", "{text: {regex: 'a)'}}"), 5, "bad-pattern", r"\)"),
        (("{text: [foo]}", "{text: {regex: 'a*'}}"), 5, "bad-pattern", "+ instead of *"),
        (("{text: [foo]}", "{text: {regex: '" + "a" * 1001 + "'}}"), 5, "too-long", "split"),
        (("{text: [foo]}", "{text: ['@nobody']}"), 5, "bad-pattern", "declare it"),
        (("{text: [foo]}", "{text: {regex: '(@nobody) x'}}"), 5, "bad-pattern", "declare it"),
        (
            ("{text: [foo]}", "{score: {toxic: '> 0.5'}}"),
            5,
            "unknown-key",
            "did you mean 'toxicity'?",
        ),
        (("{text: [foo]}", "{score: {toxicity: '> 5'}}"), 5, "bad-value", ""),
        (("{text: [foo]}", "{length: many}"), 5, "bad-value", ""),
        (("{text: [foo]}", "{length: '9..3'}"), 5, "bad-value", "smaller number"),
        (("{text: [foo]}", "{is_reply: 1}"), 5, "wrong-type", ""),
        (("{text: [foo]}", "{any: []}"), 5, "empty-list", ""),
        (("id: a.b", "id: A b"), 3, "bad-value", "threat.personal"),
        (("action: flag", "action: flag\n    reason: '{mtch}'"), 5, "unknown-placeholder", "match"),
        (("action: flag", "action: flag\n    priority: high"), 5, "wrong-type", ""),
        (("rules:", "lists: {a b: [x]}\nrules:"), 2, "bad-value", ""),
        (("rules:", "lists: {a: {file: ../../etc/passwd}}\nrules:"), 6, "bad-pattern", "below"),
    ],
)
def test_each_mistake(change, line, code, hint):
    text = RULE.replace(*change)
    if "lists: {a:" in text:
        text = text.replace("[foo]", "['@a']")
    found = one(text)
    assert (found.line, found.code) == (line, code)
    assert hint in found.hint or hint in found.message


def test_all_errors_of_all_files_come_in_one_pass(tmp_path):
    (tmp_path / "a.yaml").write_text(RULE.replace("flag", "flg"))
    (tmp_path / "b.yaml").write_text(RULE.replace("[foo]", "[]").replace("id: a.b", "id: X y"))
    compiled = compile_paths([tmp_path])
    assert [(p.file.rsplit("/", 1)[1], p.line) for p in compiled.errors] == [
        ("a.yaml", 4),
        ("b.yaml", 3),
        ("b.yaml", 5),
    ]
    with pytest.raises(RuleError) as caught:
        RuleSet(compiled)
    assert caught.value.problems == compiled.errors


def test_an_id_used_twice_names_the_first_place(tmp_path):
    (tmp_path / "a.yaml").write_text(RULE)
    (tmp_path / "b.yaml").write_text(RULE)
    (error,) = compile_paths([tmp_path]).errors
    assert error.code == "duplicate-id"
    assert "a.yaml, line 3" in error.message


def test_list_files(tmp_path):
    (tmp_path / "words.txt").write_text("# fruit\napple\n\npear\n")
    text = RULE.replace("rules:", "lists: {fruit: {file: words.txt}}\nrules:").replace(
        "[foo]", "['@fruit']"
    )
    (tmp_path / "a.yaml").write_text(text)
    assert not compile_paths([tmp_path]).errors
    (tmp_path / "words.txt").write_text("# nothing\n")
    (error,) = compile_paths([tmp_path]).errors
    assert "no entries" in error.message


def test_paths_that_are_not_there(tmp_path):
    with pytest.raises(InputError, match="no such"):
        compile_paths([tmp_path / "none.yaml"])
    with pytest.raises(InputError, match="no rule files"):
        compile_paths([tmp_path])


def test_warnings():
    text = RULE.replace("rules:", "lists: {unused: [x]}\nrules:") + (
        "  - id: c.d\n    action: flag\n    when: {score: {toxicity: '> 0.5'}}\n"
        "    reason: '{match}'\n"
        "    tests: {match: [x], pass: [{text: y, score: {toxicity: 0}}]}\n"
    )
    warnings = [(p.line, p.code) for p in lint(compile_text(text)) if p.level == "warning"]
    assert warnings == [(2, "unused-list"), (4, "no-tests"), (7, "no-match-text")]


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "[]", "just text", "version: 1", "version: 1\nrules: []"]
)
def test_files_without_rules_are_errors(text):
    assert compile_text(text).errors
