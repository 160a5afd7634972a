"""The README's commands work as printed, and the rule chapter's examples are true."""

import doctest
import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

import moderation.models
import moderation.scan
from moderation.comments import Action, RuleStatus, Severity
from moderation.rules import compile_text, run_tests
from moderation.rules.authoring.lint import lint
from moderation.rules.language import schema
from moderation.rules.language.source import parse_source

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
RULES = (ROOT / "docs" / "rules.md").read_text("utf-8")


def blocks(text: str, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def steps(section: str) -> list[tuple[str, list[str], int]]:
    """(command, printed lines, exit code) of each `$` line, in order."""
    found: list[tuple[str, list[str], int]] = []
    for line in "".join(blocks(section, "console")).splitlines():
        if line.startswith("$ "):
            found.append((line[2:], [], 0))
        elif exit_code := re.fullmatch(r"\[exit (\d+)\]", line):
            command, printed, _ = found[-1]
            found[-1] = (command, printed, int(exit_code[1]))
        else:
            found[-1][1].append(line)
    return found


def environment() -> dict[str, str]:
    binaries = Path(sys.executable).parent
    return {**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}


def run(command: str, folder: Path) -> tuple[str, int]:
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout + done.stderr, done.returncode


def run_on_terminal(command: str, folder: Path, keys: bytes) -> tuple[bytes, int]:
    """Run on a real terminal; press the keys once something was drawn."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvpe("bash", ["bash", "-c", command], {**environment(), "TERM": "xterm-256color"})
    seen, sent, last = b"", False, time.monotonic()
    while time.monotonic() < last + 30:
        if select.select([terminal], [], [], 0.5)[0]:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                break
            if not data:
                break
            seen += data
        elif not sent and b"pending" in seen:
            os.write(terminal, keys)
            sent = True
    _, status = os.waitpid(child, 0)
    return seen, os.waitstatus_to_exitcode(status)


def check_printed(printed: list[str], output: str) -> None:
    """Each line of the README occurs; `…` stands for whatever comes there."""
    for line in printed:
        parts = [re.escape(part) for part in line.split("…")]
        assert re.search(".*".join(parts), output), f"not printed: {line}\n{output}"


TOURS = dict(re.findall(r"^## Two minutes for (.*?)\n(.*?)(?=^## )", README, re.M | re.S))


@pytest.mark.parametrize("tour", TOURS)
def test_tour(tour, tmp_path):
    section = TOURS[tour]
    assert steps(section)
    files = blocks(section, "yaml")
    for command, printed, exit_code in steps(section):
        if "rules check" in command and files:
            (tmp_path / "mine.yaml").write_text(files.pop(0), "utf-8")
        if "moderation review" in command:
            _, code = run_on_terminal(command, tmp_path, b"q")
            assert code == exit_code
            continue
        output, code = run(command, tmp_path)
        assert code == exit_code, output
        check_printed(printed, output)


@pytest.mark.parametrize("chapter", ["input.md", "scan.md"])
def test_a_chapter(chapter, tmp_path):
    examples = steps((ROOT / "docs" / chapter).read_text("utf-8"))
    assert examples
    for command, printed, exit_code in examples:
        output, code = run(command, tmp_path)
        assert code == exit_code, output
        check_printed(printed, output)


def test_the_chapter_on_the_library(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    examples = "".join(blocks((ROOT / "docs" / "library.md").read_text("utf-8"), "pycon"))
    found = doctest.DocTestParser().get_doctest(examples, {}, "library.md", "library.md", 0)
    failed, tried = doctest.DocTestRunner().run(found)
    assert (failed, tried > 20) == (0, True)


@pytest.mark.parametrize("module", [moderation.scan, moderation.models])
def test_examples_in_docstrings(module):
    failed, tried = doctest.testmod(module)
    assert (failed, tried > 0) == (0, True)


def test_there_is_a_tour_for_each_user():
    assert list(TOURS) == ["a moderator", "a CI job", "a rule author"]


def test_the_first_commands_are_demo_and_test():
    first = blocks(README, "sh")[0]
    assert [line.split("#")[0].strip() for line in first.splitlines()] == ["make demo", "make test"]
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(r"^demo:", makefile, re.M)
    assert re.search(r"^test:", makefile, re.M)


def test_the_configuration_example_is_valid(tmp_path):
    (tmp_path / "moderation.toml").write_text(blocks(README, "toml")[0])
    output, code = run("moderation config show", tmp_path)
    assert code == 0, output
    assert 'moderator = "Ann"' in output


@pytest.mark.parametrize("example", blocks(RULES, "yaml"))
def test_rule_examples(example):
    compiled = compile_text(example)
    assert lint(compiled) == []
    report = run_tests(compiled)
    assert report.run
    assert report.failures == ()


def words_used(value):
    """Keys and values of the rules, their tests apart."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != "tests":
                yield str(key)
                yield from words_used(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from words_used(inner)
    else:
        yield str(value)


def test_the_examples_show_the_whole_language():
    sources = [parse_source(example, "rules.md") for example in blocks(RULES, "yaml")]
    used = {word for source in sources for word in words_used(source.root.plain())}
    nested = {"score", "script", "rate", "similar", "any", "all", "not"}
    conditions = {field.alias or name for name, field in schema.Conditions.model_fields.items()}
    assert nested < conditions
    missing = conditions - used
    for model in (schema.RuleFile, schema.RuleModel, schema.TextTest):
        missing |= {field.alias or name for name, field in model.model_fields.items()} - used
    for choices in (Action, RuleStatus, Severity):
        missing |= {choice.value for choice in choices} - used
    assert missing - {"tests"} == set()


def test_links_in_the_documents_lead_somewhere():
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
