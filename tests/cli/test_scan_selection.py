"""`--baseline`, `--since` and `--changed`: what a run reports and can fail for."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess

import pytest


def told(ran):
    return [record["id"] for record in ran.lines if record["verdict"] != "pass"]


class TestBaseline:
    def test_only_what_is_new_is_reported_and_fails(self, scan, here, jsonl):
        made = scan("comments.jsonl", "--write-baseline", "known.json")
        assert made.code == 0  # all of it is accepted
        again = scan("comments.jsonl", "--baseline", "known.json")
        assert again.code == 0
        assert again.out.startswith("4 comments: 1 hide, 1 hold, 1 flag, 1 pass; 3 known from the")
        lines = (here / "comments.jsonl").read_text().splitlines()
        more = json.dumps({"id": "c5", "text": "more gravy"})
        (here / "comments.jsonl").write_text("\n".join([more, *reversed(lines)]))
        ran = scan("comments.jsonl", "--baseline", "known.json", "--format", "jsonl")
        assert ran.code == 1
        assert told(ran) == ["c5"]

    def test_holds_no_word_of_a_comment(self, scan, here):
        scan("comments.jsonl", "--write-baseline", "known.json")
        kept = (here / "known.json").read_text().lower()
        for word in ("donkey", "goat", "gravy", "turnip", "bob", "cyd", "c2", "food"):
            assert word not in kept

    def test_an_edited_comment_is_new(self, scan, jsonl):
        scan(jsonl("x.jsonl", {"id": "1", "text": "a turnip"}), "--write-baseline", "known.json")
        name = jsonl("x.jsonl", {"id": "1", "text": "two turnips"})
        assert scan(name, "--baseline", "known.json").code == 1

    def test_known_comments_go_into_the_queue(self, scan, run):
        scan("comments.jsonl", "--write-baseline", "known.json")
        scan("comments.jsonl", "--baseline", "known.json", "--db", "q.db")
        assert len(run("queue", "list", "--db", "q.db", "--json").json) == 3

    def test_writing_one_still_fails_for_what_could_not_be_read(self, scan):
        ran = scan("-", "--input-format", "jsonl", "--write-baseline", "k", stdin="not json\n")
        assert ran.code == 3

    def test_json_counts_them(self, scan):
        scan("comments.jsonl", "--write-baseline", "known.json")
        ran = scan("comments.jsonl", "--baseline", "known.json", "--format", "json")
        assert ran.json["summary"]["known"] == 3
        assert [record["id"] for record in ran.json["comments"]] == ["c1"]

    @pytest.mark.parametrize("content", [None, "{}", "not json"])
    def test_a_file_that_is_none(self, process, here, content):
        if content is not None:
            (here / "known.json").write_text(content)
        ran = process("scan", "comments.jsonl", "--baseline", "known.json")
        assert (ran.code, ran.out) == (2, "")
        assert "known.json: error: " in ran.err
        assert "hint: scan --write-baseline makes one" in ran.err

    @pytest.mark.parametrize(
        "args",
        [
            ("--write-baseline", "comments.jsonl"),
            ("--write-baseline", "known.json", "--baseline", "known.json"),
            ("--baseline", "known.json", "-o", "known.json"),
        ],
        ids=" ".join,
    )
    def test_is_not_written_over(self, scan, here, args):
        scan("comments.jsonl", "--write-baseline", "known.json")
        kept = {path.name: path.read_bytes() for path in here.iterdir()}
        ran = scan("comments.jsonl", *args)
        assert ran.code == 2
        assert "this file would be written over" in ran.err
        assert {path.name: path.read_bytes() for path in here.iterdir()} == kept


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
class TestSince:
    @pytest.fixture
    def git(self, here, monkeypatch):
        """A repository of the working folder, with what is in it committed."""
        for name in [name for name in os.environ if name.startswith("GIT_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("HOME", str(here.parent))

        def git(*args):
            settings = ("-c", "user.name=x", "-c", "user.email=x@example.org")
            subprocess.run(["git", *settings, *args], check=True, capture_output=True, timeout=60)

        git("init", "-b", "main")
        git("add", ".")
        git("commit", "-m", "first")
        return git

    @pytest.fixture
    def edit(self, here):
        """`edit(2, "text")` changes the text of the record on line 2; `edit(0, …)` adds one."""

        def edit(line, text):
            file = here / "comments.jsonl"
            lines = file.read_text().splitlines()
            if line:
                lines[line - 1] = json.dumps({**json.loads(lines[line - 1]), "text": text})
            else:
                lines.insert(0, json.dumps({"id": "c0", "text": text}))
            file.write_text("\n".join(lines) + "\n")

        return edit

    def test_changed_is_what_is_not_committed(self, scan, git, edit):
        assert told(scan("comments.jsonl", "--changed", "--format", "jsonl")) == []
        assert scan("comments.jsonl", "--changed").code == 0
        edit(2, "You old donkey")
        edit(0, "a goat")
        ran = scan("comments.jsonl", "--changed", "--format", "jsonl", "--fail-on", "flag")
        assert (told(ran), ran.code) == (["c0", "c2"], 1)

    def test_since_counts_from_where_the_branch_left(self, scan, git, edit):
        git("checkout", "-b", "mine")
        edit(2, "You old donkey")
        git("commit", "-am", "mine")
        git("checkout", "main")
        edit(4, "gravy for none")
        git("commit", "-am", "theirs")
        git("checkout", "mine")
        edit(3, "turnips")
        ran = scan("comments.jsonl", "--since", "main", "--format", "jsonl")
        assert told(ran) == ["c2", "c3"]

    def test_a_file_that_git_does_not_know_is_all_new(self, scan, git, jsonl):
        name = jsonl("new.jsonl", {"id": "n", "text": "gravy"})
        ran = scan("comments.jsonl", name, "--changed", "--format", "jsonl")
        assert told(ran) == ["n"]

    def test_a_packed_file_is_new_as_a_whole_or_not_at_all(self, scan, git, here):
        (here / "p.jsonl.gz").write_bytes(gzip.compress(b'{"id": "a", "text": "gravy"}\n' * 2))
        git("add", ".")
        git("commit", "-m", "more")
        (here / "p.jsonl.gz").chmod(0o755)
        assert told(scan("p.jsonl.gz", "--changed", "--format", "jsonl")) == []
        (here / "p.jsonl.gz").write_bytes(gzip.compress(b'{"id": "b", "text": "gravy"}\n' * 3))
        assert told(scan("p.jsonl.gz", "--changed", "--format", "jsonl")) == ["b"] * 3

    def test_a_file_that_is_not_there_is_said_by_the_scan(self, scan, git):
        ran = scan("absent.jsonl", "--changed")
        assert ran.code == 3
        assert "absent.jsonl: rejected: No such file" in ran.err

    def test_a_comment_reaches_to_the_next_one(self, scan, git, here):
        records = [{"id": "a", "text": "a\ndonkey"}, {"id": "b", "text": "gravy"}]
        (here / "deep.json").write_text(json.dumps(records, indent=1))
        page = 'text,id\n"one\ndonkey",a\n"gravy",b\n'
        (here / "t.csv").write_text(page)
        git("add", ".")
        git("commit", "-m", "more")
        (here / "t.csv").write_text(page.replace("donkey", "goat"))
        assert told(scan("t.csv", "--changed", "--format", "jsonl")) == ["a"]
        assert told(scan("deep.json", "--changed", "--format", "jsonl")) == []

    def test_rules_count_also_what_is_not_reported(self, scan, git, here, jsonl):
        (here / "rate.yaml").write_text(
            "version: 1\nrules: [{id: again, action: hold, "
            "when: {rate: {by: text, count: 3, per: 1h}}}]\n"
        )
        lines = [
            {"id": f"r{n}", "text": "hello", "created_at": "2026-03-01T08:00:00Z"} for n in "123"
        ]
        name = jsonl("rate.jsonl", *lines[:2])
        git("add", ".")
        git("commit", "-m", "more")
        jsonl(name, *lines)
        ran = scan(name, "--rules", "rate.yaml", "--changed", "--format", "jsonl")
        assert [record["verdict"] for record in ran.lines] == ["hold"]

    @pytest.mark.parametrize("revision", ["nothing", "--output=x", "-h", ""])
    def test_a_revision_that_is_none(self, scan, git, here, revision):
        ran = scan("comments.jsonl", f"--since={revision}")
        assert (ran.code, ran.out) == (2, "")
        assert "git knows no revision" in ran.err
        assert not (here / "x").exists()

    def test_standard_input(self, scan, git):
        ran = scan("-", "--changed", stdin="gravy")
        assert ran.code == 2
        assert "standard input has no history" in ran.err

    def test_where_there_is_no_repository(self, process):
        ran = process("scan", "comments.jsonl", "--changed")
        assert (ran.code, ran.out) == (2, "")
        assert "not a git repository" in ran.err
