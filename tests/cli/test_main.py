"""The program as a whole: help, versions, wrong usage, streams and exit codes."""

from __future__ import annotations

import os

import click
import pytest

from moderation.cli import cli


def commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every command and group there is."""
    found = [path]
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            found += commands(command, (*path, name))
        else:
            found.append((*path, name))
    return found


ALL = commands(cli)
GROUPS = [(), ("queue",), ("rules",), ("model",), ("config",)]


def test_every_command_of_the_contract_is_there():
    names = {" ".join(path) for path in ALL}
    assert names >= {
        *("demo", "scan", "review", "config show", "config check", "model list", "model show"),
        *("rules check", "rules test", "rules list"),
        *(f"queue {name}" for name in ("list", "show", "decide", "undo", "export", "verify")),
    }


@pytest.mark.parametrize("path", ALL, ids=" ".join)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help(run, path, option):
    ran = run(*path, option)
    assert ran.code == 0
    assert ran.err == ""
    assert ran.out.startswith(f"Usage: {' '.join(('moderation', *path))} ")
    assert max(map(len, ran.out.splitlines())) <= 100


@pytest.mark.parametrize("path", GROUPS, ids=" ".join)
def test_a_group_without_a_command_says_its_help_and_is_wrong_usage(run, path):
    ran = run(*path)
    assert ran.code == 2
    assert "Usage: moderation" in ran.err
    assert "Commands:" in ran.err


def test_version(run):
    ran = run("--version")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("moderation 0.")


@pytest.mark.parametrize(
    ("typed", "meant"), [("scann", "scan"), ("que", "queue"), ("reviw", "review"), ("role", None)]
)
def test_an_unknown_command_is_told_the_nearest_one(run, typed, meant):
    ran = run(typed)
    assert ran.code == 2
    assert ran.out == ""
    assert f"No such command '{typed}'" in ran.err
    if meant:
        assert f"Did you mean '{meant}'?" in ran.err
    assert "moderation --help" in ran.err


@pytest.mark.parametrize(
    "args",
    [
        ("--bogus",),
        ("scan",),
        ("scan", "comments.jsonl", "--fail-on", "maybe"),
        ("scan", "comments.jsonl", "--min-severity", "huge"),
        ("scan", "comments.jsonl", "--input-format", "docx"),
        ("scan", "comments.jsonl", "--format", "docx"),
        ("scan", "comments.jsonl", "--format", "jsonl="),
        ("scan", "comments.jsonl", "--map", "text"),
        ("scan", "comments.jsonl", "--map", "=text"),
        ("scan", "comments.jsonl", "--format", "text", "--format", "json"),
        ("scan", "comments.jsonl", "--format", "text", "--format", "json", "-o", "x"),
        ("scan", "comments.jsonl", "--show-text", "some"),
        ("queue", "decide", "1"),
        ("queue", "decide", "1", "burn"),
        ("queue", "decide", "1", "undo"),
        ("queue", "undo", "0"),
        ("queue", "undo", "some"),
        ("queue", "list", "--limit", "-1"),
        ("queue", "list", "--status", "lost"),
        ("queue", "list", "--sort", "colour"),
        ("rules", "check", "--format", "xml"),
        ("review", "extra"),
        ("--color", "pink", "scan", "comments.jsonl"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2_and_writes_no_data(run, args):
    ran = run(*args)
    assert ran.code == 2
    assert ran.out == ""
    assert "error" in ran.err
    assert "Traceback" not in ran.err


def test_a_wrong_argument_is_quoted_safely(run):
    ran = run("review", "\x1b[31mred\x9b\u202e\n::add-mask::x")
    assert ran.code == 2
    assert "␛[31mred<U+009B><U+202E>␊::add-mask::x" in ran.err


def test_a_bug_of_ours_is_no_finding(run, monkeypatch):
    """Python would leave with 1 for it, and a CI job would read that as a verdict."""

    def broken(*_: object) -> None:
        raise RuntimeError("oh \x1b[31m no\n::error::x")

    monkeypatch.setattr("moderation.cli.scan.run_scan", broken)
    ran = run("scan", "comments.jsonl")
    assert ran.code == 3
    assert ran.out == ""
    assert "RuntimeError: oh ␛[31m no" in ran.err
    assert "this is a bug in moderation" in ran.err
    assert not any(line.strip().startswith("::") for line in ran.err.splitlines())


def test_an_operating_system_error_is_said_in_one_line(run, monkeypatch):
    def broken(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "some/\x1bfile")

    monkeypatch.setattr("moderation.cli.scan.run_scan", broken)
    ran = run("scan", "comments.jsonl")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err == "some/␛file: error: Permission denied\n"


def test_quiet_says_errors_only(run):
    args = ("scan", "--rules", "rules.yaml", "--model", "none", "comments.jsonl", "--db", "q.db")
    told = "q.db: 4 new, 0 changed, 0 unchanged; 3 comments newly waiting for review\n"
    assert run(*args).err == told
    assert run("-q", *args).err == ""
    ran = run("-q", *args, "--model", "nothing")
    assert ran.code == 2
    assert "no model is called 'nothing'" in ran.err


@pytest.mark.parametrize(
    ("color", "colored"), [("always", True), ("never", False), ("auto", False)]
)
def test_color(run, color, colored):
    ran = run(
        "--color", color, "scan", "--rules", "rules.yaml", "--model", "none", "comments.jsonl"
    )
    assert ("\x1b[" in ran.out) is colored
    ran = run("--color", color, "rules", "check", "nowhere.yaml")
    assert ("\x1b[" in ran.err + ran.out) is colored


def test_color_of_problems(run, here):
    (here / "bad.yaml").write_text("version: 1\nrules: []\nroles: []\n")
    assert "\x1b[" in run("--color", "always", "rules", "check", "bad.yaml").out
    assert "\x1b[" not in run("rules", "check", "bad.yaml").out


class TestRealProcesses:
    """The exit codes as a shell sees them."""

    SCAN = ("scan", "--rules", "rules.yaml", "--model", "none")

    @pytest.mark.parametrize(
        ("args", "code"),
        [
            (("comments.jsonl", "--fail-on", "never"), 0),
            (("comments.jsonl",), 1),
            (("comments.jsonl", "--rules", "absent.yaml"), 2),
            (("comments.jsonl", "--model", "nothing"), 2),
            (("absent.jsonl",), 3),
        ],
    )
    def test_scan(self, process, args, code):
        ran = process(*self.SCAN, *args)
        assert ran.code == code
        assert "Traceback" not in ran.err
        assert bool(ran.err) is (code >= 2)

    def test_a_closed_pipe(self, spawn, here):
        """`| head`: no complaint, and the code that a shell knows from other programs."""
        (here / "many.txt").write_text("a donkey\n" * 5_000)
        scan = spawn(*self.SCAN, "many.txt", "--format", "jsonl")
        assert scan.stdout.readline().startswith(b'{"schema": "moderation/1"')
        scan.stdout.close()
        assert scan.wait(60) == 141
        assert scan.stderr.read() == b""

    def test_a_pipe_that_closes_before_the_last_flush(self, spawn):
        scan = spawn(*self.SCAN, "-", "--format", "jsonl")
        scan.stdout.close()
        scan.stdin.write(b"a donkey\n")
        scan.stdin.close()
        assert scan.wait(60) == 141
        assert scan.stderr.read() == b""

    def test_reports_into_the_streams_by_name(self, process):
        both = ("--format", "jsonl=/dev/stdout", "--format", "text=/dev/stderr")
        ran = process(*self.SCAN, "comments.jsonl", *both)
        assert ran.code == 1
        assert len(ran.lines) == 4
        assert ran.err.startswith("FLAG  low       #c2")

    def test_a_closed_stdin(self, process):
        ran = process(*self.SCAN, "-", preexec_fn=lambda: os.close(0))
        assert ran.code == 0
        assert ran.out.startswith("0 comments: ")

    def test_a_terminal_that_cannot_show_it(self, process):
        ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
        ran = process(*self.SCAN, "-", stdin="\u20ac and \U0001f600 gravy", env=ascii_only)
        assert ran.code == 1
        assert "\\u20ac and \\U0001f600 gravy" in ran.out

    def test_a_closed_stdout_and_stderr(self, process):
        """`>&- 2>&-`, as some daemons start their children."""

        def close() -> None:
            os.close(1)
            os.close(2)

        ran = process(*self.SCAN, "comments.jsonl", preexec_fn=close, stdout=None, stderr=None)
        assert ran.code == 1

    def test_no_color_on_any_stream(self, process, here):
        (here / "bad.yaml").write_text("version: 1\nrules: []\nroles: []\n")
        ran = process("rules", "check", "bad.yaml", env={**os.environ, "NO_COLOR": "1"})
        assert ran.code == 2
        assert "\x1b" not in ran.out + ran.err
