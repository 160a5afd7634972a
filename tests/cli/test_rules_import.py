"""`rules import automoderator` as its user runs it."""

CONFIG = """\
# Turnips
body (includes): [turnip, beet]
action: filter
action_reason: "Root [{{match}}]"
---
type: submission
title: [x]
action: remove
"""


def test_to_a_file_that_checks(here, run):
    (here / "am.yaml").write_text(CONFIG)
    ran = run("rules", "import", "automoderator", "am.yaml", "-o", "ours.yaml")
    assert ran.code == 1
    assert ran.out == ""
    assert "am.yaml:6: dropped" in ran.err
    assert "2 documents: 1 rule carried over, 1 dropped" in ran.err
    assert run("rules", "check", "ours.yaml").code == 0


def test_from_stdin_to_stdout(run):
    ran = run("rules", "import", "automoderator", "-", stdin=CONFIG.split("---")[0])
    assert ran.code == 0
    assert "id: automoderator.root" in ran.out


def test_unreadable(here, run):
    assert run("rules", "import", "automoderator", "none.yaml").code == 2
    (here / "bad").write_bytes(b"\xff\xfe")
    assert run("rules", "import", "automoderator", "bad").code == 2
