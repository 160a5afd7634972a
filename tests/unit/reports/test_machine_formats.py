"""What machines read: held against the schemas, and read back by those who read it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote

import pytest
from jsonschema import Draft202012Validator
from junitparser import Failure, JUnitXml, Skipped

from moderation.comments import Verdict
from moderation.reports import encode, report

SCHEMAS = Path(__file__).with_name("schemas")
V1 = json.loads(files("moderation.reports").joinpath("json-v1.schema.json").read_bytes())


def checked(value, schema):
    Draft202012Validator.check_schema(schema)
    errors = [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
        for error in Draft202012Validator(schema).iter_errors(value)
    ]
    assert errors == []


SHOWN = pytest.mark.parametrize("show_text", ["full", "snippet", "never"])


class TestJsonV1:
    """The contract of `json-v1`. A change here is a change for those who read the format:
    see docs/formats.md for what may change within a version."""

    @SHOWN
    def test_json_and_jsonl_follow_their_schema(self, golden, show_text):
        whole = json.loads(golden.written("json", show_text=show_text))
        checked(whole, V1)
        line = {"$defs": V1["$defs"], "$ref": "#/$defs/comment"}
        for text in golden.written("jsonl", show_text=show_text).splitlines():
            checked(json.loads(text), line)

    def test_the_schema_names_every_key_and_requires_it(self, golden):
        whole = json.loads(golden.written("json"))
        comment = next(each for each in whole["comments"] if each["flags"])
        seen = {
            "report": whole,
            "comment": comment,
            "flag": comment["flags"][0],
            "span": comment["flags"][0]["spans"][0],
            "summary": whole["summary"],
            "braked": whole["summary"]["braked"][0],
        }
        for name, value in seen.items():
            told = V1["$defs"][name]
            assert list(value) == told["required"] == list(told["properties"]), name

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda report: report["comments"][0].pop("scores"),
            lambda report: report["comments"][0].update(line="1"),
            lambda report: report["comments"][1]["flags"][0].update(severity="grave"),
            lambda report: report["summary"].update(comments=-1),
            lambda report: report["summary"]["verdicts"].update(perhaps=1),
        ],
    )
    def test_the_schema_can_fail(self, golden, spoil):
        report = json.loads(golden.written("json"))
        spoil(report)
        assert not Draft202012Validator(V1).is_valid(report)


@pytest.fixture(scope="module")
def schema():
    schema = json.loads((SCHEMAS / "sarif-2.1.0.json").read_bytes())
    # Of OASIS's file, and lost in this draft of it: a region has a beginning.
    schema["definitions"]["region"]["anyOf"] = [
        {"required": [begin]} for begin in ("startLine", "charOffset", "byteOffset")
    ]
    return schema


def _multitool() -> str:
    """Where Microsoft's sarif-multitool is, once it is there."""
    folder = Path(sys.prefix) / "sarif-multitool"
    tool = folder / "node_modules" / ".bin" / "sarif-multitool"
    if not tool.exists():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("no npm to install sarif-multitool with (SARIF_MULTITOOL names one)")
        quick = [
            "--no-save",
            "--no-audit",
            "--no-fund",
            "--fetch-retries=0",
            "--fetch-timeout=20000",
        ]
        command = [npm, "install", *quick, "--prefix", str(folder)]
        try:
            subprocess.run(
                [*command, "@microsoft/sarif-multitool@5.7.0"],
                capture_output=True,
                text=True,
                check=True,
                timeout=60,
            )
        except subprocess.CalledProcessError as error:
            pytest.skip(f"npm could not install sarif-multitool: {error.stderr.strip()[-200:]}")
        except subprocess.TimeoutExpired:
            pytest.skip("npm could not install sarif-multitool within a minute")
    return str(tool)


class TestSarif:
    @SHOWN
    def test_follows_the_schema(self, golden, schema, show_text):
        checked(json.loads(golden.written("sarif", show_text=show_text)), schema)
        checked(json.loads(golden.written("sarif", [])), schema)

    def test_the_multitool_finds_nothing(self, golden, tmp_path):
        """Microsoft's validator, which npm installs into this environment."""
        tool = os.environ.get("SARIF_MULTITOOL") or shutil.which("sarif-multitool") or _multitool()
        for name, found in (("some", None), ("none", [])):
            (tmp_path / f"{name}.sarif").write_text(golden.written("sarif", found))
            done = subprocess.run(
                [tool, "validate", f"{name}.sarif"],
                cwd=tmp_path,
                env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
                capture_output=True,
                text=True,
                timeout=120,
            )
            assert "Analysis completed successfully" in done.stdout, done.stdout + done.stderr
            assert " warning " not in done.stdout
            assert " error " not in done.stdout

    def test_results_point_at_rules_files_and_lines(self, golden):
        run = json.loads(golden.written("sarif"))["runs"][0]
        rules = run["tool"]["driver"]["rules"]
        assert [rule["id"] for rule in rules] == ["animals.donkey", "votes", "animals.goat"]
        places = []
        for result in run["results"]:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
            place = result["locations"][0]["physicalLocation"]
            places.append((unquote(place["artifactLocation"]["uri"]), place["region"]["startLine"]))
        assert places == [("a.jsonl", 2), ("a.jsonl", 2), ("b, c:d%.jsonl", 7), ("stdin", 1)]
        assert [result["level"] for result in run["results"]] == [
            *("warning", "note", "error", "note")
        ]

    def test_no_comment_makes_a_link(self, golden):
        run = json.loads(golden.written("sarif"))["runs"][0]
        message = run["results"][2]["message"]["text"]
        assert "[donkey\\](https://evil.example)" in message


class TestGitlab:
    @SHOWN
    def test_follows_the_format(self, golden, show_text):
        schema = json.loads((SCHEMAS / "gitlab-code-quality.json").read_bytes())
        issues = json.loads(golden.written("gitlab", show_text=show_text))
        checked(issues, schema)
        assert [issue["severity"] for issue in issues] == ["major", "minor", "blocker", "info"]
        assert len({issue["fingerprint"] for issue in issues}) == 4
        checked(json.loads(golden.written("gitlab", [])), schema)

    def test_a_path_that_is_no_utf_8(self, assess):
        """Not every reader of JSON takes half a character."""
        said = []
        writer = report("gitlab", said.append)
        writer.begin()
        writer.add(assess("a donkey", "donkey", source="a\udcff.jsonl"))
        assert "\\ud" not in "".join(said)


class TestJunit:
    @pytest.mark.parametrize(
        ("fails", "failures", "skipped"),
        [(Verdict.FLAG, 3, 0), (Verdict.HOLD, 2, 1), (Verdict.HIDE, 1, 2), (None, 0, 3)],
    )
    @SHOWN
    def test_is_read_back(self, golden, fails, failures, skipped, show_text):
        text = golden.written("junit", fails=fails, show_text=show_text)
        read = JUnitXml.fromstring(text.encode())
        cases = [case for suite in read for case in suite]
        results = [result for case in cases for result in case.result]
        assert sum(isinstance(result, Failure) for result in results) == failures
        assert sum(isinstance(result, Skipped) for result in results) == skipped
        assert [suite.name for suite in read] == ["a.jsonl", "b, c:d%.jsonl", "stdin"]
        for suite in read:
            inner = list(suite)
            assert suite.tests == len(inner)
            said = [result for case in inner for result in case.result]
            assert suite.failures == sum(isinstance(result, Failure) for result in said)
            assert suite.skipped == sum(isinstance(result, Skipped) for result in said)

    def test_of_nothing_there_is_a_case_that_passed(self, golden):
        (suite,) = JUnitXml.fromstring(golden.written("junit", []).encode())
        assert [case.is_passed for case in suite] == [True]


def test_what_is_written_is_ascii_where_it_is_json(golden):
    for name in ("json", "jsonl", "sarif", "gitlab"):
        assert golden.written(name).isascii()
    assert encode("\u202e##[group]").isascii()
