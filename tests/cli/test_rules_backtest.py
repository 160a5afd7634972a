"""`rules backtest` and `rules list --db` as their user runs them."""

import pytest

NEW = """\
version: 1
rules:
  - {id: animals.donkey, action: hold, when: {text: [donkey]}}
  - {id: food.gravy, action: hide, when: {text: [gravy]}}
  - {id: day.morning, action: flag, when: {text: [morning]}}
"""


@pytest.fixture
def db(here, scan, run):
    """c2 (donkey) approved, c4 (gravy) hidden, c3 (turnip, goat) waits, c1 is clear."""
    scan("comments.jsonl", "--db", "site.db", "--fail-on", "never")
    assert run("queue", "decide", "c2", "approve", "--db", "site.db", "--as", "Mira").code == 0
    assert run("queue", "decide", "c4", "hide", "--db", "site.db", "--as", "Mira").code == 0
    (here / "new.yaml").write_text(NEW)
    return "site.db"


def test_json(db, run):
    ran = run("rules", "backtest", "--db", db, "--rules", "rules.yaml", "--format", "json")
    assert ran.code == 0
    assert ran.json["schema"] == "moderation-backtest/1"
    assert ran.json["comments"] == 4
    assert ran.json["queue"] == {"now": 1, "against": None, "rules": 1}
    by_id = {rule["id"]: rule for rule in ran.json["rules"]}
    assert (by_id["food.gravy"]["precision"], by_id["food.gravy"]["recall"]) == (1.0, 1.0)
    assert by_id["animals.donkey"]["hits"] == 2
    assert by_id["animals.donkey"]["precision"] == 0.0


def test_against(db, run):
    args = ("rules", "backtest", "--db", db, "--rules", "new.yaml", "--against", "rules.yaml")
    changes = run(*args, "--format", "json").json["changes"]
    assert [each["id"] for each in changes["newly_flagged"]["comments"]] == ["c1"]
    assert [each["id"] for each in changes["no_longer_flagged"]["comments"]] == ["c3"]
    assert [each["after"] for each in changes["verdict_changed"]["comments"]] == ["hold"]
    text = run(*args).out
    assert "Newly flagged: 1" in text
    assert "A fine morning" in text
    assert "A fine morning" not in run(*args, "--show-text", "never").out
    assert run(*args, "--format", "markdown").out.startswith("### ")


def test_min_precision_names_the_rule(db, run):
    args = ("rules", "backtest", "--db", db, "--rules", "rules.yaml", "--min-precision", "0.8")
    few = run(*args)
    assert few.code == 0
    ran = run(*args, "--min-decided", "1")
    assert ran.code == 1
    assert "animals.donkey: right in 0 of 1 decided hit" in ran.err
    assert "food.gravy" not in ran.err


@pytest.mark.parametrize("since", ["30x", "yesterday", "99999999w"])
def test_bad_since(db, run, since):
    assert run("rules", "backtest", "--db", db, "--since", since).code == 2


def test_since(db, run):
    args = ("rules", "backtest", "--db", db, "--rules", "rules.yaml", "--format", "json")
    assert run(*args, "--since", "2026-03-01T08:09:00+00:00").json["comments"] == 2
    late = run(*args, "--since", "2200-01-01")
    assert late.json["comments"] == 0
    assert "--since" in late.err


def test_no_database(here, run):
    ran = run("rules", "backtest", "--db", "none.db", "--rules", "rules.yaml")
    assert ran.code == 3
    assert not (here / "none.db").exists()


def test_broken_rules(db, here, run):
    (here / "bad.yaml").write_text("version: 1\nrules: []\n")
    assert run("rules", "backtest", "--db", db, "--rules", "bad.yaml").code == 2
    ran = run("rules", "backtest", "--db", db, "--rules", "new.yaml", "--against", "bad.yaml")
    assert ran.code == 2


# rules list --db


def test_list_tells_how_rules_do(db, run):
    ran = run("rules", "list", "rules.yaml", "--db", db, "--json")
    assert ran.code == 0
    by_id = {rule["id"]: rule for rule in ran.json}
    donkey = by_id["animals.donkey"]
    assert (donkey["hits"], donkey["decided"], donkey["precision"]) == (2, 1, 0.0)
    assert donkey["last_hit"] == "2026-03-01T08:10:00+00:00"
    assert by_id["food.gravy"]["precision"] == 1.0
    assert by_id["model.sour"]["hits"] == 0
    assert by_id["model.sour"]["last_hit"] is None
    text = run("rules", "list", "rules.yaml", "--db", db).out
    assert "100% of 1 decided" in text
    assert "2026-03-01" in text


def test_list_without_a_database_is_as_before(here, run):
    ran = run("rules", "list", "rules.yaml", "--json")
    assert "hits" not in ran.json[0]
    assert "hits" not in run("rules", "list", "rules.yaml").out
