"""`scan --format`: every format as a process, several at once, and what `auto` means."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from junitparser import JUnitXml

from moderation.cli.targets import wanted
from moderation.errors import UsageError
from moderation.reports import FORMATS

LOW = ("--rules", "rules.yaml", "--model", "none")


@pytest.fixture
def environ(monkeypatch):
    """No CI service, even where a test runs in one."""
    for name in ("GITHUB_ACTIONS", "GITLAB_CI"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize("name", FORMATS)
class TestEveryFormat:
    def test_exit_codes_are_the_same_for_all(self, process, name):
        asked = ("scan", *LOW, "--format", name)
        assert process(*asked, "comments.jsonl").code == 1
        assert process(*asked, "comments.jsonl", "--fail-on", "never").code == 0
        bad = process(*asked, "-", "--input-format", "jsonl", stdin="not json\n")
        assert bad.code == 3
        assert bad.out or name.startswith("jsonl")
        wrong = process(*asked, "comments.jsonl", "--rules", "absent.yaml")
        assert (wrong.code, wrong.out) == (2, "")

    def test_a_file_holds_what_stdout_would(self, scan, here, name):
        said = scan("comments.jsonl", "--format", name)
        kept = scan("comments.jsonl", "--format", f"{name}=out")
        assert kept.code == said.code == 1
        assert kept.out == ""
        told = (here / "out").read_text()
        assert told.splitlines()[:3] == said.out.splitlines()[:3]

    def test_of_nothing(self, scan, name):
        ran = scan("-", "--format", name, stdin=b"")
        assert ran.code == 0
        assert ran.out or name.startswith("jsonl")


def test_several_in_one_run(scan, here):
    files = {name: f"out.{name}" for name in FORMATS if name not in ("github", "text")}
    asked = [word for name, file in files.items() for word in ("--format", f"{name}={file}")]
    ran = scan("comments.jsonl", *asked, "--format", "github")
    assert ran.code == 1
    assert ran.out.startswith("::notice file=comments.jsonl,line=2,title=flag%3A animals.donkey::")
    for file in files.values():
        assert (here / file).stat().st_size > 100
    assert json.loads((here / "out.sarif").read_text())["version"] == "2.1.0"


def test_none_is_left_behind_when_the_scan_fails(scan, here):
    (here / "t.csv").write_text("id,text\n1,x\n")
    asked = [word for name in FORMATS for word in ("--format", f"{name}=out.{name}")]
    before = sorted(path.name for path in here.iterdir())
    assert scan("comments.jsonl", "t.csv", "--map", "text=BODY", *asked).code == 2
    assert sorted(path.name for path in here.iterdir()) == before


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of a file's size is Linux's")
@pytest.mark.parametrize("name", ["sarif", "html", "junit"])
def test_no_half_report_where_the_disk_is_full(here, name):
    lines = (json.dumps({"id": f"c{n}", "text": f"gravy {n} " * 20}) for n in range(400))
    (here / "many.jsonl").write_text("\n".join(lines))
    done = subprocess.run(
        [sys.executable, "-m", "moderation", "scan", *LOW, "many.jsonl", "--format", f"{name}=r"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )
    assert done.returncode == 3
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in here.iterdir()) == sorted(
        ["rules.yaml", "comments.jsonl", "many.jsonl"]
    )


def test_junit_fails_as_the_run_does(scan):
    for level, failures in (("flag", 3), ("hold", 2), ("hide", 1), ("never", 0)):
        ran = scan("comments.jsonl", "--format", "junit", "--fail-on", level)
        (suite,) = JUnitXml.fromstring(ran.out.encode())
        assert (suite.failures, ran.code) == (failures, 1 if failures else 0)


def test_junit_does_not_fail_for_what_becomes_the_baseline(scan):
    ran = scan("comments.jsonl", "--format", "junit", "--write-baseline", "known.json")
    (suite,) = JUnitXml.fromstring(ran.out.encode())
    assert (suite.failures, suite.skipped, ran.code) == (0, 3, 0)


def test_min_severity_is_for_every_format(scan):
    for name in ("sarif", "gitlab", "github", "markdown", "html", "junit"):
        ran = scan("comments.jsonl", "--format", name, "--min-severity", "critical")
        assert "c4" in ran.out or name == "gitlab"
        assert "food.turnip" not in ran.out, name


class TestAuto:
    def test_is_text_on_ones_own_machine(self, scan, environ):
        ran = scan("comments.jsonl", "--format", "auto")
        assert ran.out.startswith("FLAG  low       #c2")

    def test_is_annotations_on_github(self, scan, environ):
        environ.setenv("GITHUB_ACTIONS", "true")
        assert scan("comments.jsonl", "--format", "auto").out.startswith("::notice file=")

    def test_is_a_file_for_gitlab_and_text_for_its_log(self, scan, here, environ):
        environ.setenv("GITLAB_CI", "true")
        ran = scan("comments.jsonl", "--format", "auto")
        assert ran.out.startswith("FLAG  low       #c2")
        assert len(json.loads((here / "gl-code-quality-report.json").read_text())) == 4

    def test_with_a_file(self):
        for environ, name in (({}, "text"), ({"GITHUB_ACTIONS": "true"}, "github")):
            assert wanted(["auto=out"], None, environ) == ((name, Path("out")),)
        assert wanted(["auto=out"], None, {"GITLAB_CI": "true"}) == (("gitlab", Path("out")),)

    def test_beside_another_to_the_same_place(self):
        with pytest.raises(UsageError, match="same place"):
            wanted(["auto", "json"], None, {})
        assert len(wanted(["auto", "json=x"], None, {})) == 2


def test_an_unknown_format(process):
    ran = process("scan", "comments.jsonl", "--format", "serif")
    assert (ran.code, ran.out) == (2, "")
    assert "there is no format 'serif'" in ran.err
    assert "sarif" in ran.err


def test_only_the_formats_asked_for_are_imported(here):
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "moderation", "scan", *LOW, "comments.jsonl"],
        capture_output=True,
        text=True,
        env={**os.environ},
        check=False,
        timeout=60,
    )
    assert "moderation.reports.text" in done.stderr
    for name in ("sarif", "junit", "html", "markdown", "github", "gitlab"):
        assert f"moderation.reports.{name}" not in done.stderr
