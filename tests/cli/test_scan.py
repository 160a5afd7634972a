"""`moderation scan`: what comes out, where, and with which exit code."""

from __future__ import annotations

import gzip
import json
import os
import re
import stat
from pathlib import Path

import pytest
import zstandard

#: What a scan of the four comments comes to, told where no report for people tells it.
SUM = "4 comments: 1 hide, 1 hold, 1 flag, 1 pass\n"
KEYS = {
    "schema": str,
    "id": str,
    "line": int,
    "verdict": str,
    "severity": (str, type(None)),
    "priority": int,
    "scores": dict,
    "flags": list,
    "undecided": list,
    "unsupported": bool,
    "reading": str,
    "model": str,
    "policy": str,
}
FLAG_KEYS = {
    "rule": str,
    "action": str,
    "severity": str,
    "status": str,
    "reason": str,
    "field": str,
    "spans": list,
}


def check_record(record):
    """The contract of `moderation/1`: these keys in this order, of these types."""
    assert list(record) == list(KEYS)
    assert record["schema"] == "moderation/1"
    for key, kind in KEYS.items():
        assert isinstance(record[key], kind), key
    for flag in record["flags"]:
        assert list(flag) == list(FLAG_KEYS)
        for key, kind in FLAG_KEYS.items():
            assert isinstance(flag[key], kind), key
        for span in flag["spans"]:
            assert list(span) == ["start", "end", "text"]
            assert 0 <= span["start"] < span["end"]


def verdicts(ran):
    return {record["id"]: record["verdict"] for record in ran.lines}


def _untimed(report):
    return re.sub(r"\([0-9.]+ s[^)]*\)", "", report)


class TestExitCodes:
    @pytest.mark.parametrize(
        ("id", "codes"),
        [
            ("c1", {"flag": 0, "hold": 0, "hide": 0, "never": 0}),
            ("c2", {"flag": 1, "hold": 0, "hide": 0, "never": 0}),
            ("c3", {"flag": 1, "hold": 1, "hide": 0, "never": 0}),
            ("c4", {"flag": 1, "hold": 1, "hide": 1, "never": 0}),
        ],
    )
    def test_fail_on(self, scan, here, id, codes):
        lines = (here / "comments.jsonl").read_text().splitlines()
        one = next(line for line in lines if f'"{id}"' in line)
        for level, code in codes.items():
            assert scan("-", "--fail-on", level, stdin=one).code == code, level

    def test_hold_is_the_default(self, scan):
        assert scan("-", stdin='{"text": "a donkey"}').code == 0
        assert scan("-", stdin='{"text": "a turnip"}').code == 1

    def test_a_shadow_rule_never_fails_a_run(self, scan, here):
        (here / "shadow.yaml").write_text(
            "version: 1\nrules: [{id: s, action: hide, status: shadow, "
            "when: {text: {words: [morning]}}}]\n"
        )
        ran = scan("comments.jsonl", "--rules", "shadow.yaml", "--format", "jsonl")
        assert ran.code == 1  # for the turnip
        record = ran.lines[0]
        assert (record["verdict"], record["severity"]) == ("pass", None)
        assert record["flags"][0]["status"] == "shadow"

    def test_broken_rules(self, scan, here):
        (here / "bad.yaml").write_text(
            "version: 1\nrules:\n  - id: a.b\n    action: hold\n    wen: {text: {words: [x]}}\n"
        )
        ran = scan("comments.jsonl", "--rules", "bad.yaml")
        assert (ran.code, ran.out) == (2, "")
        assert "bad.yaml:5:5: error[" in ran.err
        assert "did you mean 'when'?" in ran.err
        assert "    wen: {text" in ran.err

    def test_missing_rules(self, scan):
        ran = scan("comments.jsonl", "--rules", "absent.yaml")
        assert (ran.code, ran.out) == (2, "")
        assert "absent.yaml: error: no such rule file or folder" in ran.err

    def test_an_unknown_model(self, run):
        ran = run("scan", "comments.jsonl", "--model", "buildin")
        assert (ran.code, ran.out) == (2, "")
        assert "no model is called 'buildin'" in ran.err
        assert "did you mean 'builtin'?" in ran.err

    def test_a_missing_file(self, scan):
        ran = scan("absent.jsonl", "comments.jsonl", "--format", "jsonl")
        assert ran.code == 3
        assert len(ran.lines) == 4
        assert "absent.jsonl: rejected: No such file or directory" in ran.err

    def test_rejects_are_graver_than_findings(self, scan):
        ran = scan("-", "--input-format", "jsonl", stdin='{"text": "gravy"}\nnot json\n')
        assert ran.code == 3
        assert "gravy" in ran.out

    def test_rejects_fail_a_run_that_never_fails_on_findings(self, scan):
        ran = scan("-", "--fail-on", "never", "--input-format", "jsonl", stdin="not json\n")
        assert ran.code == 3

    def test_an_empty_input_is_fine(self, scan):
        ran = scan("-", stdin=b"")
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.startswith("0 comments: ")

    def test_a_wrong_timezone(self, scan):
        ran = scan("comments.jsonl", "--timezone", "Mars/Olympus")
        assert (ran.code, ran.out) == (2, "")
        assert "unknown time zone 'Mars/Olympus'" in ran.err

    def test_an_unknown_field_to_map(self, scan):
        ran = scan("comments.jsonl", "--map", "txt=text")
        assert (ran.code, ran.out) == (2, "")
        assert "cannot map the unknown field 'txt'" in ran.err

    def test_a_column_that_is_not_there(self, scan, here):
        (here / "t.csv").write_text("id,text\n1,x\n")
        ran = scan("t.csv", "--map", "text=BODY")
        assert ran.code == 2
        assert "BODY" in ran.err


class TestJsonl:
    def test_every_comment_flagged_or_not(self, scan):
        ran = scan("comments.jsonl", "--format", "jsonl")
        assert ran.err == SUM
        for record in ran.lines:
            check_record(record)
        assert verdicts(ran) == {"c1": "pass", "c2": "flag", "c3": "hold", "c4": "hide"}
        assert [record["line"] for record in ran.lines] == [1, 2, 3, 4]
        assert [record["severity"] for record in ran.lines] == [None, "low", "medium", "critical"]
        assert {record["model"] for record in ran.lines} == {"none"}
        assert len({record["policy"] for record in ran.lines}) == 1

    def test_flags_strongest_first(self, scan):
        record = scan("comments.jsonl", "--format", "jsonl").lines[2]
        assert [flag["rule"] for flag in record["flags"]] == ["food.turnip", "animals.donkey"]
        assert record["flags"][0]["reason"] == "Turnip, says Cyd"
        assert record["flags"][1]["spans"] == [{"start": 12, "end": 16, "text": "goat"}]

    def test_without_a_model_rules_on_scores_are_undecided(self, scan):
        for record in scan("comments.jsonl", "--format", "jsonl").lines:
            assert record["undecided"] == ["model.sour"]
            assert record["scores"] == {}

    def test_with_the_model(self, run):
        ran = run("scan", "--rules", "rules.yaml", "comments.jsonl", "--format", "jsonl")
        for record in ran.lines:
            check_record(record)
            assert record["undecided"] == []
            assert list(record["scores"]) == [
                *("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")
            ]
            assert all(0 <= p <= 1 for p in record["scores"].values())
            assert record["model"].startswith("builtin@")

    @pytest.mark.parametrize(
        "text",
        [
            "😀😀 a donkey 😀 and a goat",
            "e\u0301e\u0301 t\u00fcrnip tu\u0308rnip a\u0308\u0323 donkey",
            "ＤＯＮＫＥＹ and 𝐝𝐨𝐧𝐤𝐞𝐲 and ﬁne goat",
            "zero\u200bwidth don\u200bkey\u00ad goat",
            "\U0001f1e9\U0001f1ea flags 🥕🥕 donkey",
            "line\r\nbreaks\rand\u2028 donkey\n\n goat",
            "\ud800 donkey \udfff goat",
            "\x00\x1b[31m donkey \x9b goat",
        ],
    )
    def test_offsets_are_code_points_of_the_original(self, scan, jsonl, text):
        ran = scan(jsonl("one.jsonl", {"id": "x", "text": text}), "--format", "jsonl")
        assert ran.out.isascii()
        record = json.loads(ran.out)
        check_record(record)
        assert record["flags"]
        for flag in record["flags"]:
            assert flag["spans"]
            for span in flag["spans"]:
                assert text[span["start"] : span["end"]] == span["text"]

    def test_one_line_each_whatever_the_text_holds(self, scan, jsonl):
        text = "donkey\n\r\u2028\u2029\x85\x0b\x0c end"
        ran = scan(jsonl("one.jsonl", {"id": text, "text": text}), "--format", "jsonl")
        assert len(ran.out.splitlines()) == 1
        assert ran.lines[0]["id"] == text.strip()

    def test_the_sum_is_talk_and_only_where_the_data_does_not_say_it(self, scan, run):
        assert scan("comments.jsonl").err == ""
        assert scan("comments.jsonl", "--format", "text", "--format", "json=x").err == ""
        assert scan("comments.jsonl", "--format", "text=y", "--format", "json").err == SUM
        quiet = ("-q", "scan", "--rules", "rules.yaml", "--model", "none", "comments.jsonl")
        assert run(*quiet, "--format", "jsonl").err == ""


def test_exact_is_said_by_every_object(run):
    for asked, ends in (((), False), (("--exact",), True)):
        ran = run("scan", "-", "--format", "jsonl", *asked, stdin="what a lovely morning\n")
        assert ran.lines[0]["model"].startswith("builtin@")
        assert ran.lines[0]["model"].endswith("+exact") is ends


class TestUnsupported:
    """Comments in a language that the model does not know."""

    TEXTS = (
        "Mir hat noch niemand erklärt, warum die Brücke gesperrt ist.",
        "Nobody has told me yet why the bridge is closed.",
        "Du bist ein dummes Kamel und redest nur Unsinn!",
    )
    ODD = """\
version: 1
rules:
  - {id: odd, action: hold, severity: info, when: {model.unsupported: true}}
  - {id: usual, action: flag, when: {model.unsupported: false, score: {toxicity: '>= 0'}}}
"""

    @pytest.fixture
    def foreign(self, run, here, jsonl):
        (here / "odd.yaml").write_text(self.ODD)
        name = jsonl(
            "foreign.jsonl", *({"id": f"f{n}", "text": t} for n, t in enumerate(self.TEXTS))
        )

        def foreign(*args, model="builtin", rules="odd.yaml"):
            asked = ("--model", model, *(("--rules", rules) if rules else ()))
            return run("scan", name, *asked, "--fail-on", "never", *args)

        return foreign

    def test_a_condition_and_every_object_say_it(self, foreign):
        ran = foreign("--format", "jsonl")
        assert [record["unsupported"] for record in ran.lines] == [True, False, True]
        assert verdicts(ran) == {"f0": "hold", "f1": "flag", "f2": "hold"}
        for record in ran.lines:
            check_record(record)
            assert record["scores"]
        assert "2 comments are in a language that the model does not know" in ran.err

    def test_the_reports_count_them_once(self, foreign):
        said = "2 comments are in a language that the model does not know"
        ran = foreign()
        assert ran.out.count(said) == 1
        assert ran.err == ""
        assert foreign("--format", "json").json["summary"]["unsupported"] == 2

    def test_the_shipped_packs_flag_none_of_them_by_score(self, foreign):
        ran = foreign("--format", "jsonl", rules="")
        for record in ran.lines:
            assert not [flag for flag in record["flags"] if flag["rule"].startswith("toxicity.")]

    def test_without_a_model_nobody_knows(self, foreign):
        ran = foreign("--format", "jsonl", model="none")
        assert [record["unsupported"] for record in ran.lines] == [False] * 3
        assert {tuple(record["undecided"]) for record in ran.lines} == {("odd", "usual")}
        assert "language" not in ran.err

    def test_the_queue_keeps_it(self, foreign, run):
        foreign("--db", "q.db")
        listed = run("queue", "list", "--db", "q.db", "--json").json
        assert {item["id"]: item["unsupported"] for item in listed} == {
            "f0": True,
            "f1": False,
            "f2": True,
        }
        assert run("queue", "show", "f0", "--db", "q.db", "--json").json["unsupported"] is True
        said = "In a language that the model does not know"
        assert said in run("queue", "show", "f0", "--db", "q.db").out
        assert said not in run("queue", "show", "f1", "--db", "q.db").out
        told = run("rules", "explain", "odd", "odd.yaml", "--comment", "f0", "--db", "q.db")
        assert "model.unsupported: true: true" in told.out


class TestJson:
    def test_wraps_the_same_objects(self, scan):
        ran = scan("comments.jsonl", "--format", "json")
        assert set(ran.json) == {"schema", "comments", "summary"}
        assert ran.json["schema"] == "moderation/1"
        assert ran.json["comments"] == scan("comments.jsonl", "--format", "jsonl").lines
        assert ran.json["summary"]["comments"] == 4
        assert ran.json["summary"]["rejected"] == 0
        assert ran.json["summary"]["verdicts"] == {"pass": 1, "flag": 1, "hold": 1, "hide": 1}
        assert ran.json["summary"]["undecided"] == {"model.sour": 4}

    def test_of_nothing(self, scan):
        ran = scan("-", "--format", "json", stdin=b"")
        assert ran.json["comments"] == []


class TestPlaces:
    """Where reports go."""

    def test_several_reports_in_one_run(self, scan, here):
        ran = scan(
            *("comments.jsonl", "--format", "text"),
            *("--format", "jsonl=a.jsonl", "--format", "json=b.json"),
        )
        assert ran.code == 1
        assert _untimed(ran.out) == _untimed(scan("comments.jsonl").out)
        assert (here / "a.jsonl").read_text() == scan("comments.jsonl", "--format", "jsonl").out
        assert (here / "b.json").read_text() == scan("comments.jsonl", "--format", "json").out

    def test_output(self, scan, here):
        ran = scan("comments.jsonl", "-o", "report.txt")
        assert (ran.code, ran.out, ran.err) == (1, "", SUM)
        assert (here / "report.txt").read_text().startswith("FLAG  low       #c2")

    def test_output_is_for_reports_without_a_file(self, scan, here):
        ran = scan(
            *("comments.jsonl", "--format", "jsonl=a.jsonl", "--format", "text", "-o", "b.txt")
        )
        assert ran.out == ""
        assert (here / "a.jsonl").read_text().startswith("{")
        assert (here / "b.txt").read_text().startswith("FLAG")

    def test_only_the_owner_reads_it(self, scan, here):
        scan("comments.jsonl", "--format", "jsonl=a.jsonl", "--rejects", "r.jsonl")
        for name in ("a.jsonl", "r.jsonl"):
            assert stat.S_IMODE((here / name).stat().st_mode) == 0o600

    def test_a_file_that_others_may_read_stays_one(self, scan, here):
        (here / "summary.md").touch(mode=0o644)
        (here / "summary.md").chmod(0o644)
        assert scan("comments.jsonl", "--format", "markdown=summary.md").code == 1
        assert stat.S_IMODE((here / "summary.md").stat().st_mode) == 0o644
        assert "donkey" in (here / "summary.md").read_text()

    def test_an_earlier_report_stays_until_the_new_one_is_whole(self, scan, here):
        (here / "report.txt").write_text("from yesterday")
        assert scan("comments.jsonl", "-o", "report.txt", "--model", "nothing").code == 2
        (here / "t.csv").write_text("id,text\n1,x\n")
        assert scan("comments.jsonl", "t.csv", "-o", "report.txt", "--map", "text=BODY").code == 2
        assert (here / "report.txt").read_text() == "from yesterday"
        assert not list(here.glob(".*"))
        assert scan("comments.jsonl", "-o", "report.txt").code == 1
        assert "donkey" in (here / "report.txt").read_text()
        assert not list(here.glob(".*"))

    def test_a_folder_that_is_not_there(self, scan):
        ran = scan("comments.jsonl", "-o", "nowhere/report.txt")
        assert (ran.code, ran.out) == (3, "")
        assert "nowhere/report.txt: error: cannot write the report: No such file" in ran.err

    def test_a_folder_instead_of_a_file(self, scan, here):
        (here / "folder").mkdir()
        ran = scan("comments.jsonl", "-o", "folder")
        assert ran.code == 3
        assert "cannot write the report: Is a directory" in ran.err
        assert (here / "folder").is_dir()

    def test_a_pipe_or_a_device_is_written_to_and_not_replaced(self, scan, here):
        os.mkfifo(here / "fifo")
        reader = os.open(here / "fifo", os.O_RDONLY | os.O_NONBLOCK)
        try:
            assert scan("comments.jsonl", "--format", "jsonl=fifo").code == 1
            assert os.read(reader, 100_000).count(b"\n") == 4
        finally:
            os.close(reader)
        assert stat.S_ISFIFO((here / "fifo").stat().st_mode)

    def test_a_link_stays_a_link(self, scan, here):
        (here / "real.txt").write_text("old")
        (here / "link.txt").symlink_to("real.txt")
        scan("comments.jsonl", "-o", "link.txt")
        assert (here / "link.txt").is_symlink()
        assert "donkey" in (here / "real.txt").read_text()

    @pytest.mark.parametrize(
        "args",
        [
            ("-o", "comments.jsonl"),
            ("--format", "jsonl=./comments.jsonl"),
            ("--rejects", "comments.jsonl"),
            ("--db", "comments.jsonl"),
            ("-o", "same", "--rejects", "same"),
            ("--format", "text=same", "--format", "jsonl=./same"),
        ],
        ids=" ".join,
    )
    def test_nothing_is_written_over_what_this_run_reads_or_writes(self, scan, here, args):
        before = (here / "comments.jsonl").read_bytes()
        ran = scan("comments.jsonl", *args)
        assert ran.code == 2
        assert ran.out == ""
        assert (here / "comments.jsonl").read_bytes() == before
        assert not (here / "same").exists()


class TestSelection:
    def test_min_severity_leaves_out_and_does_not_fail(self, scan):
        ran = scan("comments.jsonl", "--min-severity", "critical", "--format", "jsonl")
        assert verdicts(ran) == {"c1": "pass", "c4": "hide"}
        assert ran.code == 1
        ran = scan("-", "--min-severity", "high", stdin='{"text": "a turnip"}')
        assert ran.code == 0
        assert "turnip" not in ran.out.lower()

    @pytest.mark.parametrize(
        ("least", "shown"),
        [("info", 3), ("low", 3), ("medium", 2), ("high", 1), ("critical", 1)],
    )
    def test_min_severity(self, scan, least, shown):
        ran = scan("comments.jsonl", "--min-severity", least)
        assert ran.out.count(" · comments.jsonl:") == shown

    def test_a_config_can_say_what_fails(self, scan, here):
        (here / "moderation.toml").write_text('fail_on = "never"\n')
        assert scan("comments.jsonl").code == 0
        assert scan("comments.jsonl", "--fail-on", "flag").code == 1


WORDS = ("donkey", "turnip", "goat", "gravy", "morning", "fine", "Ann", "Bob", "Cyd", "Dee")


class TestShowText:
    @pytest.mark.parametrize("form", ["text", "json", "jsonl"])
    def test_never_a_word_of_a_comment_or_a_name(self, scan, form):
        ran = scan("comments.jsonl", "--format", form, "--show-text", "never", "--db", "q.db")
        assert ran.code == 1
        for word in WORDS:
            shown = (ran.out + ran.err).replace("animals.donkey", "").replace("food.turnip", "")
            shown = shown.replace("food.gravy", "")
            assert word not in shown
        assert "A farm animal" in ran.out  # the rule's own words instead of its reason
        assert "c2" in ran.out

    @pytest.mark.parametrize("form", ["json", "jsonl"])
    def test_never_keeps_the_places(self, scan, form):
        ran = scan("comments.jsonl", "--format", form, "--show-text", "never")
        records = ran.lines if form == "jsonl" else ran.json["comments"]
        span = records[1]["flags"][0]["spans"][0]
        assert span == {"start": 4, "end": 10, "text": None}

    def test_never_does_not_quote_rejects(self, scan):
        bad = '{"text": "private words", "id": 1\n{"text": {"private": "words"}}\n'
        ran = scan("-", "--input-format", "jsonl", "--show-text", "never", stdin=bad)
        assert ran.code == 3
        assert "private" not in ran.out + ran.err
        assert "words" not in ran.out + ran.err

    def test_snippet_cuts_a_long_line_and_full_does_not(self, scan, jsonl):
        text = "word " * 100 + "donkey" + " more" * 100
        one = jsonl("one.jsonl", {"id": "x", "text": text})
        snippet = scan(one).out.splitlines()[1]
        assert snippet == scan(one, "--show-text", "snippet").out.splitlines()[1]
        assert "… word" not in snippet
        assert snippet.strip(" │").startswith("…")
        assert snippet.endswith("…")
        assert "donkey" in snippet
        assert len(snippet) < 120
        assert scan(one, "--show-text", "full").out.splitlines()[1] == f"    │ {text}"


class TestRejects:
    def test_are_kept_with_source_line_and_cause(self, scan, here):
        given = '{"text": "a donkey"}\nnot json\n{"id": 7}\n\n{"text": 5}\n'
        ran = scan("-", "--input-format", "jsonl", "--rejects", "r.jsonl", stdin=given)
        assert ran.code == 3
        rejects = [json.loads(line) for line in (here / "r.jsonl").read_text().splitlines()]
        assert [list(reject) for reject in rejects] == [["source", "line", "cause", "raw"]] * 3
        assert [reject["line"] for reject in rejects] == [2, 3, 5]
        assert {reject["source"] for reject in rejects} == {"<stdin>"}
        assert rejects[0]["raw"] == "not json"
        assert "not JSON" in rejects[0]["cause"]
        assert "1 comment: " in ran.out
        assert "3 records rejected" in ran.out
        assert "<stdin>:2: rejected: not JSON" in ran.err
        assert "--rejects" not in ran.err

    def test_many_are_counted_and_few_told(self, scan):
        ran = scan("-", "--input-format", "jsonl", stdin="not json\n" * 50)
        assert ran.code == 3
        assert ran.err.count("rejected: ") == 3
        assert "… and 47 more rejects" in ran.err
        assert "hint: --rejects FILE" in ran.err

    def test_the_file_is_empty_where_there_are_none(self, scan, here):
        (here / "r.jsonl").write_text("from yesterday")
        assert scan("comments.jsonl", "--rejects", "r.jsonl").code == 1
        assert (here / "r.jsonl").read_text() == ""

    def test_a_folder_that_is_not_there(self, scan):
        ran = scan("comments.jsonl", "--rejects", "nowhere/r.jsonl")
        assert (ran.code, ran.out) == (3, "")
        assert "cannot write the rejects" in ran.err

    def test_a_corrupted_gzip(self, scan, here):
        lines = "".join(json.dumps({"text": f"a donkey {n * 7919}"}) + "\n" for n in range(2_000))
        whole = gzip.compress(lines.encode())
        (here / "cut.jsonl.gz").write_bytes(whole[: len(whole) // 2])
        ran = scan("cut.jsonl.gz", "--format", "jsonl", "--rejects", "r.jsonl")
        assert ran.code == 3
        assert len(ran.lines) > 100
        assert "the gzip data ends too early" in (here / "r.jsonl").read_text()

    def test_not_gzip_at_all(self, scan, here):
        (here / "fake.gz").write_text("a donkey\n")
        ran = scan("fake.gz")
        assert ran.code == 3
        assert "not a gzip file" in ran.err


class TestInputs:
    def test_standard_input(self, scan):
        ran = scan("-", "--format", "jsonl", stdin="a donkey\nsomething else\n")
        assert verdicts(ran) == {"1": "flag", "2": "pass"}

    def test_several_files_in_order(self, scan, jsonl):
        one = jsonl("one.jsonl", {"id": "a", "text": "x"}, {"id": "b", "text": "x"})
        two = jsonl("two.jsonl", {"id": "c", "text": "x"})
        ran = scan(two, one, "-", "--format", "jsonl", stdin="x\n")
        assert [record["id"] for record in ran.lines] == ["c", "a", "b", "1"]

    @pytest.mark.parametrize("suffix", [".gz", ".zst"])
    def test_compressed(self, scan, here, suffix):
        data = (here / "comments.jsonl").read_bytes()
        packed = (
            gzip.compress(data) if suffix == ".gz" else zstandard.ZstdCompressor().compress(data)
        )
        (here / f"packed.jsonl{suffix}").write_bytes(packed)
        expected = scan("comments.jsonl", "--format", "jsonl").out
        assert scan(f"packed.jsonl{suffix}", "--format", "jsonl").out == expected
        assert len(scan("-", "--format", "jsonl", stdin=packed).lines) == 4

    @pytest.mark.parametrize(
        ("form", "content"),
        [
            ("jsonl", '{"id": "1", "text": "a donkey"}\n'),
            ("json", '[{"id": "1", "text": "a donkey"}]'),
            ("csv", "id,text\n1,a donkey\n"),
            ("tsv", "id\ttext\n1\ta donkey\n"),
            ("lines", "a donkey\n"),
        ],
    )
    @pytest.mark.parametrize("named", [True, False])
    def test_formats(self, scan, form, content, named):
        more = ("--input-format", form) if named else ()
        ran = scan("-", "--format", "jsonl", *more, stdin=content)
        assert verdicts(ran) == {"1": "flag"}
        assert "rejected" not in ran.err

    def test_page(self, scan, here):
        (here / "page.txt").write_text(
            "The Site\nA title\n\nThe article.\n\n"
            "  1. Ann\n    Ann 3 June 2024 06: 44\n  What a donkey\n"
            "    1. Bob\n      Bob 3 June 2024 07: 00\n    Indeed\n"
        )
        ran = scan("page.txt", "--format", "jsonl", "--input-format", "page")
        assert verdicts(ran) == {"1": "flag", "1.1": "pass"}

    def test_map(self, scan, here):
        (here / "t.csv").write_text("nr,BODY,text\n7,a donkey,nothing\n")
        assert verdicts(scan("t.csv", "--format", "jsonl")) == {"2": "pass"}  # its line
        ran = scan("t.csv", "--format", "jsonl", "--map", "text=BODY", "--map", "id=nr")
        assert verdicts(ran) == {"7": "flag"}

    def test_timezone(self, scan, run, jsonl):
        one = jsonl("one.jsonl", {"id": "x", "text": "a donkey", "created_at": "2026-07-01 12:00"})
        scan(one, "--db", "a.db")
        assert run("queue", "list", "--db", "a.db", "--json").json[0]["created"] == (
            "2026-07-01T12:00:00"
        )
        scan(one, "--db", "b.db", "--timezone", "Europe/Berlin")
        created = run("queue", "list", "--db", "b.db", "--json").json[0]["created"]
        assert created in ("2026-07-01T12:00:00+02:00", "2026-07-01T10:00:00+00:00")

    def test_a_folder_is_no_input(self, scan, here):
        ran = scan(here)
        assert ran.code == 3
        assert "Is a directory" in ran.err

    def test_a_huge_comment_is_a_reject_and_one_just_below_is_read(self, scan, jsonl):
        sizes = {"below": 1_000_000, "above": 1_000_001, "huge": 5_000_000}
        one = jsonl("huge.jsonl", *({"id": k, "text": "a" * n} for k, n in sizes.items()))
        ran = scan(one, "--format", "jsonl")
        assert ran.code == 3
        assert verdicts(ran) == {"below": "pass"}
        assert ran.err.count("over the limit of 1,000,000") == 2


class TestRules:
    def test_files_and_folders_add_up(self, scan, here):
        folder = here / "more" / "deep"
        folder.mkdir(parents=True)
        (folder / "a.yml").write_text(
            "version: 1\nrules: [{id: a, action: hide, when: {text: [morning]}}]\n"
        )
        ran = scan("comments.jsonl", "--rules", "more", "--format", "jsonl")
        assert verdicts(ran) == {"c1": "hide", "c2": "flag", "c3": "hold", "c4": "hide"}

    def test_the_shipped_packs_by_default(self, run):
        ran = run("scan", "-", "--format", "jsonl", stdin="you stupid clown\n")
        assert ran.code in (0, 1)
        assert "harassment.insult" in {flag["rule"] for flag in ran.lines[0]["flags"]}

    def test_from_the_config(self, run, here):
        (here / "moderation.toml").write_text('rules = ["rules.yaml"]\nmodel = "none"\n')
        (here / "deep").mkdir()
        os.chdir(here / "deep")
        ran = run("scan", "../comments.jsonl", "--format", "jsonl")
        assert verdicts(ran) == {"c1": "pass", "c2": "flag", "c3": "hold", "c4": "hide"}


class TestStore:
    def test_the_same_file_twice_adds_nothing(self, scan, run):
        first = scan("comments.jsonl", "--db", "q.db")
        assert first.err == (
            "q.db: 4 new, 0 changed, 0 unchanged; 3 comments newly waiting for review\n"
        )
        listed = run("queue", "list", "--db", "q.db", "--json").json
        again = scan("comments.jsonl", "--db", "q.db")
        assert again.err == (
            "q.db: 0 new, 0 changed, 4 unchanged; 0 comments newly waiting for review\n"
        )
        assert run("queue", "list", "--db", "q.db", "--json").json == listed
        assert again.code == first.code == 1

    def test_a_changed_text_opens_its_item_again(self, scan, run, jsonl):
        scan(jsonl("x.jsonl", {"id": "1", "text": "a donkey"}), "--db", "q.db")
        assert run("queue", "decide", "1", "approve", "--db", "q.db", "--as", "eve").code == 0
        assert run("queue", "list", "--db", "q.db", "--json").json == []
        ran = scan(jsonl("x.jsonl", {"id": "1", "text": "a fat donkey"}), "--db", "q.db")
        assert "1 changed" in ran.err
        assert "1 reopened" in ran.err
        assert [i["text"] for i in run("queue", "list", "--db", "q.db", "--json").json] == [
            "a fat donkey"
        ]

    def test_a_decision_stands_when_nothing_changed(self, scan, run):
        scan("comments.jsonl", "--db", "q.db")
        run("queue", "decide", "c4", "hide", "--db", "q.db", "--as", "eve")
        scan("comments.jsonl", "--db", "q.db")
        ids = {item["id"] for item in run("queue", "list", "--db", "q.db", "--json").json}
        assert ids == {"c2", "c3"}

    def test_min_severity_is_for_reports_not_for_the_queue(self, scan, run):
        scan("comments.jsonl", "--db", "q.db", "--min-severity", "critical")
        assert len(run("queue", "list", "--db", "q.db", "--json").json) == 3

    @pytest.mark.parametrize("broken", ["folder", "text", "nowhere/q.db"])
    def test_a_database_that_cannot_be(self, scan, here, broken):
        (here / "folder").mkdir()
        (here / "text").write_text("not a database, and long enough to be looked at " * 50)
        ran = scan("comments.jsonl", "--db", broken, "-o", "report.txt")
        assert (ran.code, ran.out) == (3, "")
        assert f"{broken}: error: " in ran.err
        assert not (here / "report.txt").exists()
        assert (here / "text").read_text().startswith("not a database")

    def test_two_files_whose_comments_are_counted_alike(self, scan, run, here):
        for name in ("one.txt", "two.txt"):
            (here / name).write_text(f"a donkey in {name}\n")
        scan("one.txt", "two.txt", "--db", "q.db")
        items = run("queue", "list", "--db", "q.db", "--json").json
        assert {item["id"] for item in items} == {"one#1", "two#1"}


def test_a_path_with_odd_characters(scan, here):
    name = "a \u202e\x1b[31m\udcff'.jsonl"
    Path(name).write_bytes((here / "comments.jsonl").read_bytes())
    ran = scan(name)
    assert ran.code == 1
    assert "a <U+202E>␛[31m<U+DCFF>'.jsonl:2" in ran.out


def test_no_progress_where_stderr_is_no_terminal(scan, here):
    (here / "many.txt").write_text("a walk\n" * 3_000)
    assert scan("many.txt").err == ""
