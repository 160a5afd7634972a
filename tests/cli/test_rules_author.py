"""The rule author's loop as its user meets it: formats, repairs, mutation, explanation."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from junitparser import Failure, JUnitXml

HOSTILE = """\
version: 1
rules:
  - id: a.b
    action: "::error file=x::\\n::add-mask::y, 100%"
    when: {text: [x]}
  - id: c.d
    action: flag
    "wen\\r\\n::set-env name=a::b": 1
    when: {text: [x]}
"""
ODD = """\
version: 1
lists: {w: [no, donkey]}   # “no”
rules:
  - id: Farm Animals
    action: flag
    when: {text: {words: [“old goat”, '@w']}}
    tests: {match: [old goat], pass: [x]}
"""
LOOSE = """\
version: 1
rules:
  - id: a.b
    description: words
    action: hold
    reason: "Found {match}"
    when: {text: [donkey, goat], links: '< 3', score: {threat: '>= 0.5'}}
    tests: {match: ["a donkey"], pass: [a cat]}
  - id: c.d
    action: flag
    when: {text: [mule]}
    tests: {match: [mule]}
"""


@pytest.fixture
def put(here):
    def put(text: str, name: str = "mine.yaml") -> str:
        (here / name).write_text(text, encoding="utf-8")
        return name

    return put


class TestGitHub:
    def test_a_command_for_each_problem(self, run, put):
        ran = run("rules", "check", "--format", "github", put(LOOSE))
        assert ran.code == 0
        (line,) = ran.out.splitlines()
        assert line.startswith("::warning file=mine.yaml,line=9,col=5,title=no-tests::the rule")
        assert "%0Aadd `tests: " in line

    def test_no_rule_forges_a_command(self, run, put):
        ran = run("rules", "check", "--format", "github", put(HOSTILE, "a,b:c%.yaml"))
        assert ran.code == 2
        lines = ran.out.splitlines()
        assert len(lines) == 2
        for line in lines:
            assert re.match(
                r"::error file=a%2Cb%3Ac%25\.yaml,line=\d+,col=\d+,title=[\w-]+::", line
            )
        assert "%0A::add-mask::y, 100%25" in lines[0]
        assert not re.search(r"(?m)^\s*::", ran.err)


class TestSarif:
    def log(self, run, *args):
        ran = run("rules", "check", "--format", "sarif", *args)
        assert ran.out.isascii()
        (only,) = ran.json["runs"]
        assert ran.json["version"] == "2.1.0"
        return ran.code, only

    def test_shape(self, run, put, here):
        code, found = self.log(run, put(HOSTILE, "a b.yaml"), put(LOOSE))
        assert code == 2
        rules = found["tool"]["driver"]["rules"]
        assert found["columnKind"] == "unicodeCodePoints"
        lines = (here / "a b.yaml").read_text().splitlines()
        for result in found["results"]:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
            assert result["level"] in ("error", "warning")
            assert result["message"]["text"]
            (place,) = result["locations"]
            physical = place["physicalLocation"]
            assert physical["artifactLocation"]["uri"] in ("a%20b.yaml", "mine.yaml")
            region = physical["region"]
            assert 1 <= region["startColumn"] < region["endColumn"]
            assert region["startLine"] <= len(lines)
        prints = [tuple(result["partialFingerprints"].values()) for result in found["results"]]
        assert len(set(prints)) == len(prints)

    def test_fingerprints_stay_when_lines_move(self, run, put):
        prints = []
        for text in (LOOSE, "# a comment more\n" + LOOSE):
            _, found = self.log(run, put(text))
            prints.append([result["partialFingerprints"] for result in found["results"]])
        assert prints[0] == prints[1]

    def test_a_sound_file_has_no_results(self, run):
        assert self.log(run, "rules.yaml")[1]["results"] == []


class TestFix:
    def test_mends_shows_and_does_it_once(self, run, put, here):
        name = put(ODD)
        ran = run("rules", "check", "--fix", name)
        assert ran.code == 0
        mended = (here / name).read_text("utf-8")
        assert "lists: {w: ['no', donkey]}   # “no”\n" in mended
        assert "  - id: farm-animals\n" in mended
        assert """words: ["old goat", '@w']""" in mended
        assert "-  - id: Farm Animals\n+  - id: farm-animals\n" in ran.out
        assert "mine.yaml: 3 places mended" in ran.err
        again = run("rules", "check", "--fix", name)
        assert (again.code, again.out) == (0, "")
        assert (here / name).read_text("utf-8") == mended

    def test_only_shown(self, run, put, here):
        name = put(ODD)
        ran = run("rules", "check", "--diff", name)
        assert ran.code == 2
        assert "+  - id: farm-animals\n" in ran.out
        assert "3 places could be mended" in ran.err
        assert (here / name).read_text("utf-8") == ODD

    def test_beside_a_machine_format_the_diff_is_talk(self, run, put):
        ran = run("rules", "check", "--fix", "--format", "json", put(ODD))
        assert (ran.code, ran.json) == (0, [])
        assert "+  - id: farm-animals" in ran.err

    def test_a_file_that_cannot_be_written(self, run, put, here):
        name = put(ODD)
        here.chmod(0o500)
        try:
            if os.access(here, os.W_OK):
                pytest.skip("root may write anywhere")
            ran = run("rules", "check", "--fix", name)
        finally:
            here.chmod(0o700)
        assert ran.code == 3
        assert "Traceback" not in ran.err


def test_conditions_that_an_input_format_never_decides(run, put):
    rate = "{rate: {by: author, count: 2, per: 1h}}"
    when = f"{{text: [x], reports: '> 1', any: [{{depth: '> 2'}}, {rate}]}}"
    name = put(f"version: 1\nrules:\n  - {{id: a.b, action: flag, when: {when}}}\n")

    def told(*args: str) -> list[str]:
        ran = run("rules", "check", name, "--format", "json", *args)
        return [each["message"] for each in ran.json if each["code"] == "no-source"]

    assert told() == []
    assert told("--source", "csv") == []
    assert told("--source", "page") == [
        "`page` input never says a comment's reports, so 'reports' is never decided"
    ]
    assert [message.split(", so ")[1] for message in told("--source", "lines")] == [
        "'reports' is never decided",
        "'depth' is never decided",
        "'rate' is never decided",
    ]
    ran = run("rules", "check", name, "--source", "pages")
    assert ran.code == 2
    assert "'pages' is none of page, jsonl, json, csv, tsv, lines" in ran.err


def test_conditions_that_a_database_never_decides(run, scan, put):
    scan("comments.jsonl", "--db", "q.db")
    asks = put(LOOSE.replace("links: '< 3'", "title: [news]"))
    ran = run("rules", "check", "--db", "q.db", "--format", "json", asks)
    told = [problem["message"] for problem in ran.json if problem["code"] == "never-known"]
    assert len(told) == 2
    assert "says anything about 'title'" in told[1] + told[0]
    assert run("rules", "check", "--db", "absent.db", asks).code == 3


class TestJUnit:
    BAD = LOOSE.replace('"a donkey"', '"a\\e[31m \\u202edog ]]> <&\\n::error::x", a donkey')

    def test_what_a_service_reads(self, run, put):
        ran = run("rules", "test", "--format", "junit", put(self.BAD))
        assert ran.code == 1
        root = ElementTree.fromstring(ran.out)
        assert dict(root.attrib, name="") == {
            "name": "",
            "tests": "5",
            "failures": "1",
            "errors": "0",
            "skipped": "1",
        }
        (suite,) = root
        assert suite.get("name") == "mine.yaml"
        cases = [(case.get("classname"), case.get("name")) for case in suite]
        assert cases[1:] == [
            ("a.b", "match: a donkey"),
            ("a.b", "pass: a cat"),
            ("c.d", "match: mule"),
            ("c.d", "no pass tests"),
        ]
        failure = suite[0].find("failure")
        assert failure.get("message") == "a.b should match: the rule does not match it"
        assert failure.text.startswith("a␛[31m <U+202E>dog ]]> <&␊::error::x")
        assert suite[4].find("skipped") is not None
        assert not re.search(r"(?m)^\s*::", ran.out)

    def test_a_library_reads_back_what_was_told(self, run, put, here):
        other = LOOSE.replace("a.b", "e.f").replace("c.d", "g.h")
        run(
            "rules",
            "test",
            "--format",
            "junit",
            "-o",
            "out.xml",
            put(self.BAD),
            put(other, "o.yaml"),
        )
        told = JUnitXml.fromfile(str(here / "out.xml"))
        suites = {suite.name: suite for suite in told}
        assert list(suites) == ["mine.yaml", "o.yaml"]
        cases = {suite: list(suites[suite]) for suite in suites}
        assert [
            (case.classname, case.is_failure, case.is_skipped) for case in cases["mine.yaml"]
        ] == [
            ("a.b", True, False),
            ("a.b", False, False),
            ("a.b", False, False),
            ("c.d", False, False),
            ("c.d", False, True),
        ]
        assert all(case.is_passed or case.is_skipped for case in cases["o.yaml"])
        (failure,) = cases["mine.yaml"][0].result
        assert isinstance(failure, Failure)
        assert failure.message == "a.b should match: the rule does not match it"
        assert failure.text.startswith("a␛[31m <U+202E>dog ]]> <&␊::error::x\n")
        # The counts that were written are those of the cases.
        written = [told, *suites.values()]
        before = [(each.tests, each.failures, each.errors, each.skipped) for each in written]
        for each in (*suites.values(), told):
            each.update_statistics()
        assert before == [(e.tests, e.failures, e.errors, e.skipped) for e in written]
        assert before[0] == (9, 1, 0, 2)

    def test_into_a_file(self, run, put, here):
        ran = run("rules", "test", "--format", "junit", "-o", "out.xml", put(LOOSE))
        assert (ran.code, ran.out) == (0, "")
        assert ElementTree.parse(here / "out.xml").getroot().get("failures") == "0"

    def test_text_into_a_file(self, run, put, here):
        run("--color", "always", "rules", "test", "-o", "out.txt", put(self.BAD))
        assert "\x1b" not in (here / "out.txt").read_text()


class TestMutate:
    def test_what_no_test_would_miss(self, run, put):
        ran = run("rules", "test", "--mutate", put(LOOSE))
        assert ran.code == 0
        assert ran.out.splitlines() == [
            "mine.yaml:9: c.d: no pass tests",
            "mine.yaml:7:27: not missed: a.b: 1 of 2 entries of text words: `goat`",
            "mine.yaml:7:34: not missed: a.b without `links: < 3`",
            "mine.yaml:7:48: not missed: a.b without `score: {threat: >= 0.5}`",
        ]
        assert re.search(r"\d+ changes tried: \d+ noticed by a test, \d+ not\n", ran.err)

    def test_only_a_strict_run_fails_for_it(self, run, put):
        assert run("rules", "test", "--mutate", "--strict", put(LOOSE)).code == 1
        assert run("rules", "test", "--strict", put(LOOSE)).code == 1
        sound = put(LOOSE.split("  - id: c.d")[0])
        assert run("rules", "test", "--strict", sound).code == 0
        assert run("rules", "test", "--mutate", "--strict", sound).code == 1

    def test_a_budget(self, run, put):
        ran = run("rules", "test", "--mutate", "--budget", "0.000001", put(LOOSE))
        assert ran.code == 0
        assert "changes not tried in 1e-06 s" in ran.err

    def test_hostile_words_stay_on_their_line(self, run, put):
        hostile = LOOSE.replace("goat", '"x\\n::error::y"').replace("a donkey", "donkey")
        ran = run("rules", "test", "--mutate", put(hostile))
        assert not re.search(r"(?m)^\s*::", ran.out)

    def test_beside_junit_on_stdout_it_is_talk(self, run, put):
        ran = run("rules", "test", "--mutate", "--format", "junit", put(LOOSE))
        ElementTree.fromstring(ran.out)
        assert "not missed: a.b without" in ran.err


class TestExplain:
    def test_a_match(self, run, put):
        given = ("--text", "a g.o.a.t http://x.example", "--score", "threat=0.7")
        ran = run("rules", "explain", "a.b", put(LOOSE), *given)
        assert ran.code == 0
        assert "✓ a.b matches  (mine.yaml:3)\n" in ran.out
        assert "      ✓ links: < 3: true  (it is 1)\n" in ran.out
        assert "‘g.o.a.t’" in ran.out
        assert "g.o.a.t read as goat" in ran.out
        assert "      ✓ score.threat: >= 0.5: true  (it is 0.7)\n" in ran.out

    def test_no_match_and_unknown(self, run, put):
        name = put(LOOSE)
        ran = run("rules", "explain", "a.b", name, "--text", "a cat")
        assert "✗ a.b does not match" in ran.out
        ran = run("rules", "explain", "a.b", name, "--text", "a goat")
        assert "? a.b cannot be decided" in ran.out
        told = "? score.threat: >= 0.5: unknown  (no model gave a score for threat)"
        assert told in ran.out

    def test_json(self, run, put):
        ran = run("rules", "explain", "a.b", put(LOOSE), "--text", "a goat", "--json")
        assert ran.json["matched"] is None
        assert [part["value"] for part in ran.json["condition"]["parts"]] == [True, True, None]
        assert ran.json["condition"]["parts"][0]["spans"] == [
            {"start": 2, "end": 6, "text": "goat"}
        ]

    def test_a_stored_comment(self, run, scan):
        scan("comments.jsonl", "--db", "q.db")
        ran = run(
            "rules", "explain", "food.turnip", "rules.yaml", "--comment", "c3", "--db", "q.db"
        )
        assert ran.code == 0
        assert "✓ food.turnip matches" in ran.out
        assert "hold, medium: Turnip, says Cyd" in ran.out

    def test_what_came_before_a_stored_comment(self, run, scan, put, jsonl):
        times = ("08:00", "08:01", "08:02", "09:00")
        jsonl(
            "many.jsonl",
            *(
                {
                    "id": f"m{n}",
                    "text": f"n {n}",
                    "author": "Eve",
                    "created_at": f"2026-03-01T{at}:00Z",
                }
                for n, at in enumerate(times)
            ),
        )
        scan("many.jsonl", "--db", "q.db")
        when = "when: {rate: {by: author, count: 3, per: 10m}, author.comments: '> 1'}"
        name = put(f"version: 1\nrules:\n  - id: a.b\n    action: flag\n    {when}\n")
        for ref, sign in (("m2", "✓"), ("m3", "✗"), ("m0", "✗")):
            ran = run("rules", "explain", "a.b", name, "--comment", ref, "--db", "q.db")
            assert ran.out.startswith(f"{sign} a.b"), ran.out
        ran = run("rules", "explain", "a.b", name, "--comment", "m1", "--db", "q.db")
        assert "per: 10m}: false  (it is 2 of 3 by 'Eve' within 10 min)\n" in ran.out
        ran = run("rules", "explain", "a.b", name, "--text", "n 1", "--author", "Eve", "--json")
        rate = next(p for p in ran.json["condition"]["parts"] if "rate" in p["condition"])
        assert (rate["value"], rate["found"]) == (None, "")
        assert rate["why"] == "without a database there are no earlier comments to count"

    def test_how_alike_the_closest_stored_text_is(self, run, scan, put, jsonl):
        said = "Come and buy our wonderful garden {} today, only on our site"
        times = {"gnomes": "08:00", "dwarfs": "08:01", "chairs": "09:50"}
        jsonl(
            "many.jsonl",
            *(
                {
                    "id": what,
                    "text": said.format(what),
                    "author": f"by {what}",
                    "created_at": f"2026-03-01T{at}:00Z",
                }
                for what, at in times.items()
            ),
        )
        scan("many.jsonl", "--db", "q.db")
        when = "when: {similar: {at_least: 3, authors: 2, per: 1h}}"
        name = put(f"version: 1\nrules:\n  - id: a.b\n    action: flag\n    {when}\n")
        ran = run("rules", "explain", "a.b", name, "--comment", "dwarfs", "--db", "q.db")
        told = r"it is 2 of 3 comments by 2 of 2 authors within 1 h, the closest other one 0\.9\d"
        assert re.search(told, ran.out), ran.out
        ran = run("rules", "explain", "a.b", name, "--comment", "chairs", "--db", "q.db")
        assert "it is 1 of 3 comments by 1 of 2 authors within 1 h)" in ran.out

    @pytest.mark.parametrize(
        ("args", "told"),
        [
            (["a.b"], "either --text or --comment"),
            (["a.b", "--text", "x", "--comment", "c1"], "either --text or --comment"),
            (["a.b", "--comment", "c1", "--title", "x"], "go with --text"),
            (["animals.donkye", "rules.yaml", "--text", "x"], "did you mean 'animals.donkey'?"),
            (["a.b", "--text", "x", "--score", "thraet=1"], "did you mean 'threat'?"),
            (["a.b", "--text", "x", "--score", "threat=7"], "from 0 to 1"),
            (["a.b", "absent.yaml", "--text", "x"], "no such rule file"),
        ],
    )
    def test_wrong_usage(self, run, args, told):
        ran = run("rules", "explain", *args)
        assert (ran.code, ran.out) == (2, "")
        assert told in ran.err

    def test_hostile_text_is_shown_not_obeyed(self, run, put):
        ran = run("rules", "explain", "a.b", put(LOOSE), "--text", "\x1b[31m goat\n::error::x")
        assert "\x1b" not in ran.out
        assert not re.search(r"(?m)^\s*::", ran.out)


def test_schema(run):
    ran = run("rules", "schema")
    assert ran.code == 0
    checked_in = Path(__file__).resolve().parents[2] / "rules" / "schema.json"
    assert json.loads(ran.out) == json.loads(checked_in.read_text("utf-8"))


class TestWatch:
    @pytest.fixture
    def watch(self, spawn, put):
        """A running watch, and a way to wait for what it says next."""

        def watch(*args):
            process = spawn("rules", "watch", "--interval", "0.05", *args)
            seen = bytearray()

            def until(wanted: str) -> str:
                last = time.monotonic() + 30
                while wanted.encode() not in seen and time.monotonic() < last:
                    if select.select([process.stdout], [], [], 0.2)[0]:
                        data = os.read(process.stdout.fileno(), 65536)
                        if not data:
                            break
                        seen.extend(data)
                text = seen.decode()
                assert wanted in text
                seen.clear()
                return text

            return process, until

        return watch

    def test_errors_and_tests_on_save_until_interrupted(self, watch, put, here):
        process, until = watch(put(LOOSE))
        assert "no pass tests" in until("no pass tests\n")
        put(LOOSE.replace("action: hold", "action: hodl"))
        assert "did you mean 'hold'?" in until("hint: did you mean 'hold'?")
        put(LOOSE.replace("a cat", "a goat"))
        assert "the rule matches it" in until("the rule matches it as far as it says")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130

    def test_an_editor_that_replaces_the_file(self, watch, put, here):
        _, until = watch(put(LOOSE))
        until("tests passed")
        (here / "mine.yaml").rename(here / "mine.yaml~")
        until("no such rule file")
        put(LOOSE.replace("a.b", "a.new"), "new.tmp")
        (here / "new.tmp").replace(here / "mine.yaml")
        until("3 tests passed")

    def test_new_files_and_list_files(self, watch, put, here):
        (here / "pack").mkdir()
        listed = LOOSE.replace("rules:", "lists: {w: {file: w.txt}}\nrules:", 1)
        (here / "pack" / "w.txt").write_text("donkey\n")
        put(listed.replace("[donkey, goat]", "['@w']"), "pack/one.yaml")
        _, until = watch("pack")
        until("3 tests passed")
        (here / "pack" / "w.txt").write_text("camel\n")
        until("1 failed test")
        put("version: 1\n", "pack/two.yaml")
        until("'rules' is missing")

    def test_a_file_that_is_only_touched_is_no_news(self, watch, put, here):
        _, until = watch(put(LOOSE))
        until("tests passed")
        (here / "mine.yaml").touch()
        time.sleep(0.5)
        put(LOOSE.replace("a.b", "e.f"))
        assert until("tests passed").count("──") == 1


def test_a_bar_on_a_terminal(here, put):
    """A list long enough to see it, on a real terminal."""
    words = ", ".join(f"word{number}" for number in range(3000))
    put(LOOSE.replace("donkey, goat", f"donkey, {words}"))
    child, terminal = pty.fork()
    if child == 0:
        command = ("rules", "test", "--mutate", "--budget", "3", "mine.yaml")
        os.execv(sys.executable, [sys.executable, "-m", "moderation", *command])
    seen = b""
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        if not data:
            break
        seen += data
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert b" changes\x1b" in seen or b" changes\r" in seen
    assert b"not tried in 3 s" in seen
