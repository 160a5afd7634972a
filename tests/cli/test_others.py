"""`config`, `model` and `demo`."""

from __future__ import annotations

import json
import os

import pytest

from moderation import models


class TestConfigShow:
    def test_defaults(self, run):
        ran = run("config", "show")
        assert (ran.code, ran.err) == (0, "")
        assert 'db = "moderation.db"  # default\n' in ran.out
        assert 'fail_on = "hold"  # default\n' in ran.out

    def test_from_a_file_with_its_source(self, run, here):
        (here / "moderation.toml").write_text('db = "x.db"\nmodel = "none"\n')
        ran = run("config", "show", "--json")
        source = str(here / "moderation.toml")
        assert ran.json["db"] == {"value": "x.db", "source": source}
        assert ran.json["fail_on"] == {"value": "hold", "source": "default"}
        assert f'model = "none"  # {source}\n' in run("config", "show").out

    def test_found_upwards(self, run, here):
        (here / "moderation.toml").write_text('moderator = "ada"\n')
        (here / "a" / "b").mkdir(parents=True)
        os.chdir(here / "a" / "b")
        assert run("config", "show", "--json").json["moderator"]["value"] == "ada"

    def test_from_pyproject(self, run, here):
        (here / "pyproject.toml").write_text('[tool.moderation]\nmoderator = "ada"\n')
        shown = run("config", "show", "--json").json["moderator"]
        assert shown == {"value": "ada", "source": str(here / "pyproject.toml")}

    def test_the_flag_wins_over_what_would_be_found(self, run, here):
        (here / "moderation.toml").write_text('moderator = "ada"\n')
        (here / "other.toml").write_text('moderator = "eve"\n')
        ran = run("--config", "other.toml", "config", "show", "--json")
        assert ran.json["moderator"] == {"value": "eve", "source": "other.toml"}

    def test_hostile_values(self, run, here):
        (here / "moderation.toml").write_text('moderator = "\\u001b[31m\\u202e\\n::error::x"\n')
        ran = run("config", "show")
        assert "\x1b" not in ran.out
        assert "\u202e" not in ran.out
        assert 'moderator = "\\u001b[31m<U+202E>\\n::error::x"' in ran.out


class TestConfigErrors:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (
                'db = "x"\n\nmodle = "none"\n',
                "moderation.toml:3: error: unknown setting 'modle'\n"
                "  hint: did you mean 'model'?\n",
            ),
            (
                'fail_on = "sometimes"\n',
                "moderation.toml:1: error: 'fail_on': input should be 'flag', 'hold', "
                "'hide' or 'never'\n",
            ),
            ("db = 7\n", "moderation.toml:1: error: 'db': input should be a valid string\n"),
            ("db = \n", "moderation.toml:1:6: error: not valid TOML: Invalid value"),
        ],
    )
    @pytest.mark.parametrize("command", [("config", "check"), ("scan", "comments.jsonl")])
    def test_said_with_file_line_and_hint(self, run, here, content, said, command):
        (here / "moderation.toml").write_text(content)
        ran = run(*command)
        assert (ran.code, ran.out) == (2, "")
        assert f"{here / said}" in ran.err

    def test_a_file_that_is_not_there(self, run):
        ran = run("--config", "absent.toml", "config", "show")
        assert (ran.code, ran.out) == (2, "")
        assert "absent.toml: error: cannot read the configuration: No such file" in ran.err

    def test_the_rules_are_checked_too(self, run, here):
        (here / "moderation.toml").write_text('rules = ["absent.yaml"]\n')
        ran = run("config", "check")
        assert ran.code == 2
        assert "absent.yaml: error: no such rule file or folder" in ran.err
        (here / "absent.yaml").write_text("version: 1\nrules: [{id: a}]\n")
        assert run("config", "check").code == 2

    def test_sound(self, run, here):
        ran = run("config", "check")
        assert (ran.code, ran.out, ran.err) == (0, "", "no configuration file: defaults\n")
        (here / "moderation.toml").write_text('rules = ["rules.yaml"]\n')
        ran = run("config", "check")
        assert (ran.code, ran.err) == (0, f"{here / 'moderation.toml'}: sound\n")

    def test_a_broken_config_stops_no_help_and_no_demo(self, run, here):
        (here / "moderation.toml").write_text("nonsense\n")
        assert run("--version").code == 0
        assert run("scan", "--help").code == 0
        assert run("model", "list").code == 0


class TestPrecedence:
    CONFIG = 'rules = ["rules.yaml"]\nmodel = "none"\nfail_on = "flag"\ntimezone = "Asia/Tokyo"\n'

    def test_flag_over_file(self, run, here):
        (here / "moderation.toml").write_text(self.CONFIG)
        one = '{"id": "1", "text": "a donkey", "created_at": "2026-01-01 12:00"}'
        args = ("scan", "-", "--format", "jsonl")
        assert run(*args, stdin=one).code == 1
        assert run(*args, "--fail-on", "hold", stdin=one).code == 0
        assert run(*args, stdin=one).lines[0]["model"] == "none"
        ran = run(*args, "--model", "builtin", stdin=one)
        assert ran.lines[0]["model"].startswith("builtin@")
        (here / "other.yaml").write_text(
            "version: 1\nrules: [{id: a, action: hide, when: {text: [donkey]}}]\n"
        )
        ran = run(*args, "--rules", "other.yaml", stdin=one)
        assert [flag["rule"] for flag in ran.lines[0]["flags"]] == ["a"]

    def test_paths_are_relative_to_the_file_that_says_them(self, run, here, monkeypatch):
        (here / "moderation.toml").write_text(self.CONFIG + 'db = "data/q.db"\n')
        (here / "data").mkdir()
        (here / "sub").mkdir()
        run("scan", "comments.jsonl", "--db", "data/q.db")
        monkeypatch.chdir(here / "sub")
        assert len(run("queue", "list", "--json").json) == 3


class TestModel:
    def test_list(self, run):
        ran = run("model", "list")
        assert (ran.code, ran.err) == (0, "")
        assert [line.split()[0] for line in ran.out.splitlines()] == [
            name for name, _ in models.available()
        ]

    def test_show(self, run):
        ran = run("model", "show")
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.startswith("name         builtin\nlabels       toxicity, ")
        assert "fingerprint  builtin@" in ran.out

    def test_show_none(self, run):
        ran = run("model", "show", "none")
        assert ran.out.startswith("name         none\nlabels       none\n")

    def test_show_the_configured_one(self, run, here):
        (here / "moderation.toml").write_text('model = "none"\n')
        assert "name         none\n" in run("model", "show").out

    def test_an_unknown_one(self, run):
        ran = run("model", "show", "detoxify:orignal\x1b[31m")
        assert (ran.code, ran.out) == (2, "")
        assert "no model is called 'detoxify:orignal␛[31m'" in ran.err
        assert "did you mean 'detoxify:original'?" in ran.err


class TestDemo:
    def test_without_a_terminal_ends_in_a_summary(self, process):
        ran = process("demo")
        assert ran.code == 0
        assert "HIDE  critical  #" in ran.out
        assert "The queue, most pressing first:" in ran.out
        waiting = ran.out.split("most pressing first:\n\n")[1].split("\n\n")[0].splitlines()
        assert 10 <= len(waiting) <= 25
        assert waiting[0].split()[1:3] == ["hide", "critical"]
        assert f"{len(waiting)} comments newly waiting for review" in ran.err
        assert "Traceback" not in ran.err

    def test_keeps_the_queue_where_told_and_nothing_else(self, run, here):
        before = set(here.iterdir())
        assert run("demo").code == 0
        assert set(here.iterdir()) == before
        assert run("demo", "--db", "demo.db").code == 0
        items = run("queue", "list", "--db", "demo.db", "--json").json
        assert len(items) >= 10
        assert json.dumps(items).isascii()

    def test_the_sample_thread_to_try_the_other_commands_on(self, run, here):
        ran = run("demo", "--thread", "thread.txt")
        assert (ran.code, ran.out) == (0, "")
        assert ran.err == "the sample thread is in thread.txt\n"
        ran = run("scan", "thread.txt", "--format", "jsonl")
        assert 30 <= len(ran.lines) <= 40
        (here / "thread.txt").write_text("mine")
        ran = run("demo", "--thread", "thread.txt")
        assert (ran.code, ran.out) == (2, "")
        assert "thread.txt: error: there is a file already" in ran.err
        assert (here / "thread.txt").read_text() == "mine"

    def test_the_config_of_the_folder_does_not_matter(self, run, here):
        (here / "moderation.toml").write_text('rules = ["absent.yaml"]\nmodel = "nothing"\n')
        assert run("demo").code == 0
