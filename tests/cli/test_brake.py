"""The emergency brake as its user meets it: reports, exit codes, `--confirm-rule`, settings."""

from __future__ import annotations

import gzip
import json
import signal
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

#: The rule `food.gravy` of the small rules, edited so that it hides soups as well.
EDIT = ("words: [gravy]", "words: [gravy, soup]")
LINE = (
    "BRAKE: rule 'food.gravy' is new or changed since the last scan and would hide 12 of 20"
    " comments (60 %, limit 5 %): its matches are only flagged."
    " If that is right: --confirm-rule food.gravy\n"
)


@pytest.fixture
def edit(here):
    def edit(old, new):
        path = here / "rules.yaml"
        before = path.read_text("utf-8")
        assert old in before
        path.write_text(before.replace(old, new), "utf-8")

    return edit


@pytest.fixture
def soups(jsonl):
    """20 comments, of which the first is sauce and eleven are soups."""
    texts = ["gravy for all", *["a soup"] * 11, *["a fine morning"] * 8]
    return jsonl("soups.jsonl", *({"id": str(n), "text": text} for n, text in enumerate(texts)))


@pytest.fixture
def edited(scan, soups, edit):
    """A database that knew the rules before `food.gravy` was edited."""
    assert "BRAKE" not in scan(soups, "--db", "q.db").err
    edit(*EDIT)
    return "q.db"


def by_age(db, **age):
    """Set the time of every change in the database back."""
    then = (datetime.now(UTC) - timedelta(**age)).isoformat(timespec="milliseconds")
    with closing(sqlite3.connect(db)) as conn, conn:
        conn.execute("UPDATE rule_versions SET first_seen = ?", [then])


def verdicts(ran):
    return [record["verdict"] for record in ran.lines]


class TestBraked:
    def test_only_flags_and_says_so_in_every_record(self, scan, soups, edited):
        ran = scan(soups, "--db", edited, "--format", "jsonl")
        assert verdicts(ran) == ["flag"] * 12 + ["pass"] * 8
        assert [record["line"] for record in ran.lines] == list(range(1, 21))
        (flag,) = ran.lines[1]["flags"]
        assert (flag["action"], flag["severity"]) == ("flag", "critical")
        assert flag["reason"] == "Braked, would hide: Sauce: soup"
        assert ran.lines[1]["policy"].endswith("+braked(food.gravy)")
        assert ran.lines[19]["policy"] == ran.lines[1]["policy"].partition("+")[0]
        assert LINE in ran.err

    def test_the_exit_code_follows(self, scan, soups, edited):
        assert scan(soups, "--db", edited).code == 0
        assert scan(soups, "--db", edited, "--fail-on", "flag").code == 1
        assert scan(soups, "--fail-on", "hide").code == 1

    def test_text_report(self, scan, soups, edited):
        ran = scan(soups, "--db", edited)
        assert f"\n\n{LINE}\n20 comments: 0 hide, 0 hold, 12 flag, 8 pass (" in ran.out
        assert LINE in ran.err

    def test_no_word_of_a_comment_where_none_is_wanted(self, scan, soups, edited):
        ran = scan(soups, "--db", edited, "--show-text", "never")
        assert "food.gravy  Braked, would hide: A sauce\n" in ran.out
        assert "soup" not in ran.out.replace("soups.jsonl", "")

    def test_json_report(self, scan, soups, edited):
        summary = scan(soups, "--db", edited, "--format", "json").json["summary"]
        assert summary["braked"] == [
            {
                "rule": "food.gravy",
                "action": "hide",
                "count": 12,
                "comments": 20,
                "limit": 0.05,
                "age": 0,
            }
        ]

    def test_even_when_quiet(self, run, soups, edited):
        args = ("scan", "--rules", "rules.yaml", "--model", "none", soups, "--db", edited)
        assert run("-q", *args, "--format", "jsonl=x.jsonl").err == LINE

    def test_the_queue_has_what_was_decided_by_the_reduced_rule(self, scan, run, soups, edited):
        scan(soups, "--db", edited)
        items = run("queue", "list", "--db", edited, "--json").json
        assert {item["verdict"] for item in items} == {"flag"}
        assert len(items) == 12

    def test_over_the_whole_scan_whatever_is_reported(self, scan, jsonl, edit, here):
        """5 % of 60 comments are three; of the five that are reported here they are more."""
        texts = ["a soup"] * 3 + ["a donkey"] * 57
        name = jsonl("x.jsonl", *({"id": str(n), "text": t} for n, t in enumerate(texts)))
        scan(name, "--db", "q.db")
        edit(*EDIT)
        args = (name, "--db", "q.db", "--min-severity", "high", "--format", "jsonl")
        assert verdicts(scan(*args)) == ["hide"] * 3
        with (here / name).open("a") as file:
            file.write(json.dumps({"id": "60", "text": "a soup"}) + "\n")
        assert verdicts(scan(*args)) == ["flag"] * 4

    def test_without_a_database_nothing_is_known_of_changes(self, scan, soups, edited):
        ran = scan(soups, "--format", "jsonl")
        assert verdicts(ran) == ["hide"] * 12 + ["pass"] * 8
        assert "BRAKE" not in ran.err

    def test_a_count_over_the_scan_goes_on_counting_once(self, scan, jsonl, edit, here):
        """A `rate` that was evaluated twice would match from the second comment on."""
        rule = "  - {id: flood, action: hide, when: {rate: {by: author, count: 4, per: 1h}}}\n"
        records = (
            {"id": str(n), "text": "x", "author": "Ann", "created_at": f"2026-03-01T08:0{n}:00Z"}
            for n in range(6)
        )
        name = jsonl("x.jsonl", *records)
        scan(name, "--db", "q.db")
        with (here / "rules.yaml").open("a") as file:
            file.write(rule)
        ran = scan(name, "--db", "q.db", "--format", "jsonl")
        assert verdicts(ran) == ["pass"] * 3 + ["flag"] * 3
        assert "rule 'flood' is new" in ran.err


class TestYoung:
    def test_a_change_of_the_reason_alone_is_a_change(self, scan, soups, edit):
        edit(*EDIT)
        assert "BRAKE" not in scan(soups, "--db", "q.db").err
        edit("Sauce: {match}", "A sauce: {match}")
        assert LINE in scan(soups, "--db", "q.db").err

    def test_at_the_next_scan_it_is_judged_anew(self, scan, soups, edited, jsonl):
        scan(soups, "--db", edited)
        by_age(edited, hours=3, minutes=5)
        assert (
            "rule 'food.gravy' was changed 3 h ago and would hide 12 of 20"
            in scan(soups, "--db", edited).err
        )
        few = jsonl("few.jsonl", {"id": "1", "text": "gravy"}, {"id": "2", "text": "soup"})
        ran = scan(few, "--db", edited, "--format", "jsonl")
        assert verdicts(ran) == ["hide", "hide"]

    def test_a_day_makes_it_old_unless_it_was_braked(self, scan, soups, edited, jsonl):
        few = jsonl("few.jsonl", {"id": "1", "text": "gravy"})
        scan(few, "--db", edited)
        by_age(edited, hours=25)
        assert "BRAKE" not in scan(soups, "--db", edited).err

    def test_once_braked_until_somebody_confirms(self, scan, soups, edited):
        scan(soups, "--db", edited)
        by_age(edited, days=9)
        assert "was changed 9 days ago" in scan(soups, "--db", edited).err
        assert "BRAKE" not in scan(soups, "--db", edited, "--confirm-rule", "food.gravy").err

    def test_back_and_forth_is_two_changes(self, scan, soups, edited, edit):
        scan(soups, "--db", edited, "--confirm-rule", "food.gravy")
        edit(*reversed(EDIT))
        scan(soups, "--db", edited)
        edit(*EDIT)
        assert LINE in scan(soups, "--db", edited).err

    def test_off_and_on_again_is_two_changes(self, scan, soups, edit):
        edit(*EDIT)
        scan(soups, "--db", "q.db")
        edit("action: hide", "status: off\n    action: hide")
        scan(soups, "--db", "q.db")
        edit("status: off\n    ", "")
        assert LINE in scan(soups, "--db", "q.db").err

    def test_shadow_rules_are_left_alone_until_they_go_live(self, scan, soups, edited, edit):
        edit("action: hide", "status: shadow\n    action: hide")
        assert "BRAKE" not in scan(soups, "--db", edited).err
        edit("status: shadow\n    ", "")
        assert LINE in scan(soups, "--db", edited).err


class TestConfirm:
    def test_lets_the_rule_act_now_and_later(self, scan, soups, edited):
        args = (soups, "--db", edited, "--format", "jsonl")
        ran = scan(*args, "--confirm-rule", "food.gravy", "--as", "Ann")
        assert verdicts(ran) == ["hide"] * 12 + ["pass"] * 8
        assert ran.err.startswith("rule 'food.gravy' as it is now is confirmed by Ann\n")
        assert ran.code == 1
        later = scan(*args)
        assert verdicts(later) == verdicts(ran)
        assert later.err.endswith("20 unchanged; 0 comments newly waiting for review\n")

    def test_not_the_next_version(self, scan, soups, edited, edit):
        scan(soups, "--db", edited, "--confirm-rule", "food.gravy")
        edit("gravy, soup", "gravy, soup, broth")
        assert LINE in scan(soups, "--db", edited).err

    def test_the_moderator_of_the_configuration(self, scan, soups, edited, here):
        (here / "moderation.toml").write_text('moderator = "Mira"\n')
        ran = scan(soups, "--db", edited, "--confirm-rule", "food.gravy")
        assert "confirmed by Mira" in ran.err

    def test_an_unknown_id(self, scan, soups, edited, here):
        before = (here / edited).read_bytes()
        ran = scan(soups, "--db", edited, "--confirm-rule", "food.gravi")
        assert (ran.code, ran.out) == (2, "")
        assert "no rule of this scan has this id" in ran.err
        assert "did you mean 'food.gravy'?" in ran.err
        assert (here / edited).read_bytes() == before

    def test_without_a_database(self, scan, soups):
        ran = scan(soups, "--confirm-rule", "food.gravy")
        assert ran.code == 2
        assert "there is no database to keep it in" in ran.err
        assert "--db" in ran.err

    def test_by_nobody(self, scan, soups, edited):
        ran = scan(soups, "--db", edited, "--confirm-rule", "food.gravy", "--as", " ")
        assert ran.code == 2
        assert "needs a name" in ran.err


class TestSettings:
    @pytest.mark.parametrize(
        ("said", "braked"),
        [
            ("share = 0.59", True),
            ("share = 0.6", False),
            ("hours = 0", False),
            ("confirmed = ['food.gravy']", False),
            ("confirmed = ['food.turnip']", True),
        ],
    )
    def test_in_moderation_toml(self, scan, soups, edited, here, said, braked):
        (here / "moderation.toml").write_text(f"[brake]\n{said}\n")
        ran = scan(soups, "--db", edited, "--format", "jsonl")
        assert verdicts(ran)[:12] == ["flag" if braked else "hide"] * 12
        assert ("BRAKE" in ran.err) is braked

    def test_are_shown(self, run, here):
        (here / "moderation.toml").write_text("[brake]\nshare = 0.1\n")
        shown = run("config", "show").out
        assert 'brake = {"share": 0.1, "hours": 24.0, "confirmed": []}' in shown


class TestList:
    def listed(self, run, db="q.db"):
        lines = run("rules", "list", "rules.yaml", "--db", db).out.splitlines()
        (line,) = (line for line in lines if line.startswith("food.gravy"))
        (record,) = (
            record
            for record in run("rules", "list", "rules.yaml", "--db", db, "--json").json
            if record["id"] == "food.gravy"
        )
        return line.partition("A sauce")[2], record["brake"], record["confirmed_by"]

    def test_through_the_life_of_a_change(self, scan, run, soups, jsonl, edit):
        scan(soups, "--db", "q.db")
        assert self.listed(run) == ("", None, None)
        edit(*EDIT)
        assert self.listed(run) == (" (changed since the last scan)", "young", None)
        scan(jsonl("one.jsonl", {"id": "1", "text": "soup"}), "--db", "q.db")
        by_age("q.db", minutes=7, seconds=5)
        assert self.listed(run) == (" (changed 7 min ago)", "young", None)
        scan(soups, "--db", "q.db")
        assert self.listed(run) == (" (braked until confirmed)", "braked", None)
        scan(soups, "--db", "q.db", "--confirm-rule", "food.gravy", "--as", "Ann\x1b[2J")
        name = "Ann\x1b[2J"
        assert self.listed(run) == (" (confirmed by Ann␛[2J)", "confirmed", name)

    def test_by_configuration(self, run, edited, here):
        (here / "moderation.toml").write_text("[brake]\nconfirmed = ['food.gravy']\n")
        assert self.listed(run) == (" (confirmed by configuration)", "confirmed", None)


class TestCutShort:
    def test_an_input_that_ends_in_an_error(self, scan, edited, here):
        """What was read is measured, reduced and kept."""
        lines = "".join(
            json.dumps({"id": f"x{n}", "text": f"a soup {n * n}"}) + "\n" for n in range(3_000)
        )
        whole = gzip.compress(lines.encode())
        (here / "cut.jsonl.gz").write_bytes(whole[: len(whole) // 2])
        ran = scan("cut.jsonl.gz", "--db", edited, "--format", "jsonl")
        assert ran.code == 3
        assert set(verdicts(ran)) == {"flag"}
        count = len(ran.lines)
        assert f"would hide {count:,} of {count:,} comments (100 %" in ran.err

    def test_an_interrupt(self, spawn, run, edited):
        """All that was assessed goes into report and database, reduced."""
        args = ("scan", "--rules", "rules.yaml", "--model", "none", "-", "--input-format", "lines")
        scan = spawn(*args, "--db", edited, "--format", "jsonl")
        # Far more than a pipe holds: once it is written, most of it was read.
        scan.stdin.write(b"".join(b"a soup, number %d\n" % n for n in range(20_000)))
        scan.stdin.flush()
        rest = []
        reader = threading.Thread(target=lambda: rest.append(scan.stdout.read()), daemon=True)
        reader.start()
        scan.send_signal(signal.SIGINT)
        assert scan.wait(60) == 130
        reader.join(30)
        records = [json.loads(line) for line in rest[0].splitlines()]
        assert {record["verdict"] for record in records} == {"flag"}
        # Without a gap from the first one on.
        count = len(records)
        assert [record["line"] for record in records] == list(range(1, count + 1))
        assert 10_000 < count <= 20_000
        err = scan.stderr.read().decode()
        assert f"would hide {count:,} of {count:,} comments" in err
        assert err.endswith("interrupted\n")
        items = run("queue", "list", "--db", edited, "--json").json
        assert len([item for item in items if item["verdict"] == "flag"]) == count
