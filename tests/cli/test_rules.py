"""`moderation rules`: the rule author's loop."""

from __future__ import annotations

import pytest

BROKEN = """\
version: 1
rules:
  - id: a.b
    action: hold
    wen: {text: {words: [x]}}
  - id: a.b
    action: burn
    when: {text: {regex: '(?=x)'}}
"""
UNTESTED = """\
version: 1
rules:
  - id: a.b
    description: 'Words [/foo] [@click=app.quit]x[/]'
    action: hold
    when: {text: {words: [x]}}
"""
FAILING = """\
version: 1
rules:
  - id: a.b
    action: hold
    when: {text: {words: [donkey]}}
    tests:
      match: [a donkey, "a monkey\\n::error::x"]
      pass: [a cat, two donkey]
"""


@pytest.fixture
def broken(here):
    (here / "broken.yaml").write_text(BROKEN)
    return "broken.yaml"


@pytest.fixture
def untested(here):
    (here / "untested.yaml").write_text(UNTESTED)
    return "untested.yaml"


class TestCheck:
    def test_sound(self, run):
        ran = run("rules", "check", "--strict", "rules.yaml")
        assert (ran.code, ran.out) == (0, "")
        assert ran.err == "1 file, 4 sound rules: 0 errors, 0 warnings\n"

    def test_all_errors_at_once_each_with_its_place(self, run, broken):
        ran = run("rules", "check", broken)
        assert ran.code == 2
        places = [line.split(" ")[0] for line in ran.out.splitlines() if line.startswith(broken)]
        assert {"broken.yaml:5:5:", "broken.yaml:7:13:"} <= set(places)
        assert "  hint: did you mean 'when'?\n" in ran.out
        assert " 5 |     wen: {text: {words: [x]}}\n   |     ^\n" in ran.out

    def test_warnings_fail_only_a_strict_check(self, run, untested):
        ran = run("rules", "check", untested)
        assert ran.code == 0
        assert "untested.yaml:3:5: warning[no-tests]: " in ran.out
        assert ran.err.endswith("0 errors, 1 warning\n")
        assert run("rules", "check", "--strict", untested).code == 1

    def test_errors_are_graver_than_warnings(self, run, untested, broken):
        assert run("rules", "check", "--strict", untested, broken).code == 2

    def test_json(self, run, broken):
        ran = run("rules", "check", "--format", "json", broken)
        assert ran.code == 2
        assert ran.out.isascii()
        for problem in ran.json:
            assert list(problem) == [
                *("file", "line", "column", "level", "code", "message", "hint"),
            ]
        first = ran.json[0]
        assert (first["file"], first["line"], first["level"]) == (broken, 5, "error")

    def test_json_of_a_sound_file_is_an_empty_array(self, run):
        ran = run("rules", "check", "--format", "json", "rules.yaml")
        assert (ran.code, ran.json) == (0, [])

    @pytest.mark.parametrize("command", ["check", "test", "list"])
    def test_a_missing_file_is_wrong_usage(self, run, command):
        ran = run("rules", command, "absent.yaml")
        assert (ran.code, ran.out) == (2, "")
        assert "absent.yaml: error: no such rule file or folder" in ran.err

    def test_an_empty_folder_is_wrong_usage(self, run, here):
        (here / "empty").mkdir()
        ran = run("rules", "check", "empty")
        assert ran.code == 2
        assert "no rule files" in ran.err

    def test_not_utf8(self, run, here):
        (here / "latin.yaml").write_bytes(b"version: 1\nrules: [{id: \xe4}]\n")
        ran = run("rules", "check", "latin.yaml")
        assert ran.code == 2
        assert "Traceback" not in ran.err

    def test_the_rules_of_the_config(self, run, here, untested):
        (here / "moderation.toml").write_text('rules = ["untested.yaml"]\n')
        assert "untested.yaml" in run("rules", "check").out

    @pytest.mark.parametrize("name", ["", "[]", "just words", "version: 1", "a: b: c", "\t- x"])
    def test_what_is_no_rule_file(self, run, here, name):
        (here / "odd.yaml").write_text(name)
        ran = run("rules", "check", "odd.yaml")
        assert ran.code == 2
        assert ran.out.startswith("odd.yaml:")


class TestTest:
    def test_passes(self, run):
        ran = run("rules", "test", "rules.yaml")
        assert (ran.code, ran.out) == (0, "")
        assert ran.err == "8 tests of 4 rules: 8 passed, 0 failed\n"

    def test_failures(self, run, here):
        (here / "failing.yaml").write_text(FAILING)
        ran = run("rules", "test", "failing.yaml")
        assert ran.code == 1
        assert ran.err == "4 tests of 1 rule: 2 passed, 2 failed\n"
        assert ran.out == (
            "failing.yaml:3: failed: a.b should match\n"
            "   | a monkey␊::error::x\n"
            "   the rule does not match it\n"
            "failing.yaml:3: failed: a.b should pass\n"
            "   | two donkey\n"
            "   the rule matches it: 'donkey'\n"
        )

    def test_rules_without_tests_are_named_and_do_not_fail(self, run, untested):
        ran = run("rules", "test", untested)
        assert ran.code == 0
        assert ran.out == "untested.yaml:3: a.b: no match and no pass tests\n"

    def test_broken_rules(self, run, broken):
        ran = run("rules", "test", broken)
        assert (ran.code, ran.out) == (2, "")
        assert "broken.yaml:5:5: error[" in ran.err


class TestList:
    def test_for_people(self, run):
        ran = run("rules", "list", "rules.yaml")
        assert ran.code == 0
        assert ran.out.splitlines()[0] == "animals.donkey  flag    low      A farm animal"

    def test_json(self, run):
        ran = run("rules", "list", "--json", "rules.yaml")
        assert ran.code == 0
        for rule in ran.json:
            assert list(rule) == [
                *("id", "action", "severity", "status", "priority", "description", "version"),
                *("file", "line"),
            ]
        assert [rule["line"] for rule in ran.json] == [3, 10, 17, 24]

    def test_markup_in_a_description_is_text(self, run, untested):
        assert "Words [/foo] [@click=app.quit]x[/]" in run("rules", "list", untested).out

    def test_broken_rules(self, run, broken):
        ran = run("rules", "list", "--json", broken)
        assert (ran.code, ran.out) == (2, "")

    def test_the_shipped_packs(self, run):
        ran = run("rules", "list", "--json")
        groups = {rule["id"].split(".")[0] for rule in ran.json}
        assert groups >= {"profanity", "threat", "harassment", "identity", "spam", "privacy"}
