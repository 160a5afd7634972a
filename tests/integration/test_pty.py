"""Hostile comments, rules, names and settings on a real terminal, judged by the bytes.

Whatever a stranger wrote must arrive as signs: no escape sequence, no C1 control, no
override of direction, nothing invisible, no command to a CI service. Our own colours
are allowed, and so is what the line editor of the terminal needs.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pexpect
import pytest

#: Sequences that we never write ourselves, so that none can pass as ours.
BLINK = "\x1b[5;53m"
TITLE = "\x1b]0;owned\x07"
EVIL = {
    "escapes": f"a{BLINK}b{TITLE}c\x1bP1$r\x1b\\d\x1b[2J\x1b[6n",
    "c1": "a\x9b5mb\x9d0;owned\x9cc\x85d",
    "bidi": "a\u202eb\u202dc\u2066d\u2067e\u2068f\u2069g\u200eh\u200fi\u061cj",
    "invisible": "a\u200bb\u2060c\ufeffd\u00ade\u180ef\u3164g\U000e0041h",
    "separators": "a\u2028b\u2029c\u3000d",
    "markup": "[/foo] [@click=app.quit]x[/] [not a tag] [bold]y[/bold] [link=file:///]z[/link]",
    "commands": "##[group]a ##vso[task.setvariable]b\n::add-mask::x\n  ::error file=a::b",
    "controls": "a\x00b\rc\x08\x08d\x7fe\x0bf\x0cg\x07h\te",
    "surrogate": "a\ud800b\udfffc",
    "marks": "e" + "\u0301" * 60,
}
#: What JSON's escapes can say in YAML as well.
BASIC = {
    name: "".join(char for char in text if ord(char) < 0xD800)
    for name, text in EVIL.items()
    if name != "surrogate"
}
MARKUP = ("[/foo]", "[@click=app.quit]x[/]", "[not a tag]")

_OURS = re.compile(r"\x1b\[(?:0|1|2|4|3[0-7]|;)*m|\r\x1b\[K")
_INVISIBLE = re.compile(
    "[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ud800-\udfff\U000e0000-\U000e0fff]"
)
_RULES = """\
version: 1
rules:
  - id: animals.donkey
    description: "A farm animal"
    action: hold
    reason: "Animal: {match} by {author}"
    when: {text: {words: [donkey]}}
  - id: hidden.group
    action: flag
    severity: low
    when: {text: {contains: ['##', 'roup]', 'foo', 'click']}}
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "rules.yaml").write_text(_RULES)
    records = [
        {
            "id": f"{name} {text}"[:60],
            "text": f"donkey {text} donkey",
            "author": f"{name} {text}",
            "title": f"Title {text}",
            "url": f"https://example.org/{text}",
            "created_at": "2026-01-01 10:00",
        }
        for name, text in EVIL.items()
    ]
    whole = {"id": "all", "text": "donkey\n" + "\n".join(EVIL.values()), "author": "all"}
    lines = [json.dumps(record) for record in [*records, whole]]
    lines += [f'{{"text": "{TITLE}', f'{{"text": 7, "id": "{BLINK}"}}']  # two rejects
    (tmp_path / "evil.jsonl").write_text("\n".join(lines) + "\n")
    return tmp_path


@pytest.fixture
def terminal(here: Path):
    """`terminal("scan", …)` on a pseudo-terminal: the bytes that came, and the exit code."""

    def terminal(*args: object, answers: tuple[str, ...] = (), code: int) -> bytes:
        child = spawn(here, *args)
        said = b""
        for answer in answers:
            child.expect_exact("? help > ")
            said += child.before + child.after
            child.sendline(answer)
        child.expect(pexpect.EOF)
        said += child.before
        child.close()
        assert child.exitstatus == code, said.decode(errors="replace")
        return said

    return terminal


def spawn(here: Path, *args: object) -> pexpect.spawn:
    hidden = ("NO_COLOR", "FORCE_COLOR", "COLORTERM")
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    return pexpect.spawn(
        sys.executable,
        ["-m", "moderation", *map(str, args)],
        cwd=str(here),
        env={**kept, "TERM": "xterm-256color", "PYTHONUTF8": "1"},
        dimensions=(50, 120),
        timeout=60,
    )


def check(said: bytes) -> str:
    """That nothing in these bytes acts or hides; returns the text without our colours."""
    shown = _OURS.sub("", said.decode("utf-8")).replace("\r\n", "\n")
    bad = _INVISIBLE.search(shown) or re.search(r"\r", shown)
    assert not bad, ascii(shown[max(0, bad.start() - 40) : bad.end() + 20])
    assert not re.search(r"##[A-Za-z]{0,12}\[", shown)
    for line in shown.split("\n"):
        assert not line.strip().startswith("::"), line
        marks = max((len(run) for run in re.findall("[\u0300-\u036f]+", line)), default=0)
        assert marks <= 4
    return shown


SCAN = ("scan", "--rules", "rules.yaml", "--model", "none", "evil.jsonl")


def test_scan_text(terminal):
    shown = check(terminal(*SCAN, "--show-text", "full", code=3))
    assert "␛[5;53m" in shown
    assert "␛]0;owned␇" in shown
    assert "<U+009B>5m" in shown
    assert "<U+202E>" in shown
    assert "<U+200B>" in shown
    assert "<U+D800>" in shown
    assert "␀" in shown
    for text in MARKUP:
        assert text in shown
    assert "::add-mask::x" in shown
    assert "rejected: " in shown


@pytest.mark.parametrize("level", ["snippet", "never"])
def test_scan_text_shorter(terminal, level):
    check(terminal(*SCAN, "--show-text", level, code=3))


@pytest.mark.parametrize("form", ["json", "jsonl"])
@pytest.mark.parametrize("color", ["auto", "always"])
def test_scan_json(terminal, form, color):
    shown = check(terminal("--color", color, *SCAN, "--format", form, code=3))
    assert "\\u202e" in shown
    for text in MARKUP:
        assert text in shown
    # Still JSON, and still what was written.
    data = shown[: shown.rindex("}") + 1]
    records = json.loads(data)["comments"] if form == "json" else map(json.loads, data.split("\n"))
    assert any(EVIL["commands"] in flag["reason"] for r in records for flag in r["flags"])


def test_scan_of_files_that_are_not_there(terminal):
    names = [text.replace("\0", "").replace("/", "|") for text in EVIL.values()]
    names = [name.encode("utf-8", "replace").decode() for name in names]
    shown = check(terminal("scan", "--model", "none", "--rules", "rules.yaml", *names, code=3))
    assert "␛]0;owned␇" in shown
    assert "No such file" in shown


@pytest.mark.parametrize("name", ["escapes", "c1", "bidi", "invisible", "markup", "commands"])
@pytest.mark.parametrize(
    "args",
    [
        ("scan", "--rules", "{}", "evil.jsonl"),
        ("scan", "--model", "{}", "evil.jsonl"),
        ("scan", "--format", "{}", "evil.jsonl"),
        ("scan", "--fail-on", "{}", "evil.jsonl"),
        ("scan", "--map", "{}=x", "evil.jsonl"),
        ("scan", "--timezone", "{}", "--rules", "rules.yaml", "--model", "none", "evil.jsonl"),
        ("review", "{}"),
        ("{}",),
        ("--{}",),
        ("--config", "{}", "config", "show"),
        ("queue", "export", "--since", "{}"),
    ],
    ids=lambda args: " ".join(args),
)
def test_wrong_usage(name, args, here, capfdbinary, monkeypatch):
    """Every message that quotes what it was given; in this process, for there are many."""
    from moderation.cli import main

    monkeypatch.chdir(here)
    with pytest.raises(SystemExit) as left:
        main(["--color", "always", *(arg.replace("{}", EVIL[name]) for arg in args)])
    assert left.value.code == 2
    out, err = capfdbinary.readouterr()
    assert out == b""
    check(err)


def test_rules(terminal, here):
    evil = "\n".join(
        f"  - id: {json.dumps(f'{name}{text}')}\n"
        f"    description: {json.dumps(text)}\n"
        f"    {json.dumps(text)}: 1\n"
        f"    action: {json.dumps(text)}\n"
        f"    when: {{text: {{regex: {json.dumps('(?=' + text)}}}}}"
        for name, text in BASIC.items()
    )
    raw = f"  - id: a{EVIL['bidi']}{EVIL['invisible']}\n    wen: '{EVIL['markup']} ::x'\n"
    folder = here / f"evil {BLINK}\u202e"
    folder.mkdir()
    (folder / "::evil::.yaml").write_text(f"version: 1\nrules:\n{evil}\n{raw}", encoding="utf-8")
    shown = check(terminal("rules", "check", folder, code=2))
    assert "error[" in shown
    assert "evil ␛[5;53m<U+202E>/::evil::.yaml:" in shown
    assert MARKUP[1] in shown
    check(terminal("rules", "check", "--format", "json", folder, code=2))
    check(terminal("rules", "test", folder, code=2))


def test_sound_rules_with_hostile_words(terminal, here):
    rules = "".join(
        f"  - id: r{number}\n"
        f"    description: {json.dumps(text)}\n"
        f"    action: hold\n"
        f"    when: {{text: {{words: [donkey]}}}}\n"
        f"    tests: {{match: [{json.dumps(text)}], pass: [{json.dumps('donkey ' + text)}]}}\n"
        for number, text in enumerate(BASIC.values())
    )
    (here / "sound.yaml").write_text(f"version: 1\nrules:\n{rules}")
    check(terminal("rules", "list", "sound.yaml", code=0))
    assert "should match" in check(terminal("rules", "test", "sound.yaml", code=1))
    # The rules' own words stand in for reasons here.
    never = ("--show-text", "never")
    check(terminal("scan", "--rules", "sound.yaml", *SCAN[3:], *never, code=3))


def test_config(terminal, here):
    values = json.dumps(EVIL["escapes"] + EVIL["bidi"] + EVIL["commands"]).replace("\\u007f", "")
    (here / "moderation.toml").write_text(f"moderator = {values}\n")
    check(terminal("config", "show", code=0))
    (here / "moderation.toml").write_text(f"{values} = 1\n")
    shown = check(terminal("config", "show", code=2))
    assert "unknown setting" in shown


@pytest.fixture
def db(terminal) -> str:
    check(terminal(*SCAN, "--db", "q.db", code=3))
    return "q.db"


def test_queue(terminal, here, db):
    shown = check(terminal("queue", "list", "--db", db, code=0))
    assert "[@click=app.quit]x[/]" in shown
    listed = check(terminal("queue", "list", "--json", "--db", db, code=0))
    names = ("escapes", "bidi", "commands", "all")
    ids = [item["id"] for item in json.loads(listed) if item["id"].startswith(names)]
    assert len(ids) == 4
    for id in ids:
        shown = check(terminal("queue", "show", "--db", db, "--", id, code=0))
        assert "donkey" in shown
    note = EVIL["escapes"] + EVIL["commands"]
    options = ("--db", db, "--as", EVIL["bidi"], "--note", note)
    check(terminal("queue", "decide", "all", "hide", *options, "--reason", EVIL["markup"], code=2))
    check(terminal("queue", "decide", "all", "hide", *options, code=0))
    check(terminal("queue", "show", "all", "--db", db, code=0))
    check(terminal("queue", "undo", "--as", EVIL["bidi"], "--db", db, code=0))
    check(terminal("queue", "export", "--db", db, code=0))
    check(terminal("queue", "verify", "--db", db, code=0))
    check(terminal("queue", "show", EVIL["escapes"], "--db", db, code=2))
    check(terminal("queue", "list", "--db", EVIL["c1"], code=3))


def test_review_by_line(terminal, db):
    # What is typed is echoed by the terminal itself; answers are plain letters.
    answers = (*("?", "m", "r"), *"hasuehhhhhhh", "q")
    shown = check(terminal("review", "--plain", "--db", db, "--as", "eve", answers=answers, code=0))
    for text in MARKUP:
        assert text in shown
    assert "<U+202E>" in shown
    assert "␛]0;owned␇" in shown


class TestHuge:
    """Five megabytes of one letter are a reject, a million is a comment."""

    @pytest.fixture
    def huge(self, here):
        records = [
            {"id": "huge", "text": "a" * 5_000_000},
            {"id": "most", "text": "donkey " + "a" * 999_993, "author": "b" * 1_000_000},
        ]
        lines = "".join(json.dumps(record) + "\n" for record in records)
        (here / "huge.jsonl").write_text(lines)
        return "huge.jsonl"

    @pytest.mark.parametrize("level", ["snippet", "full", "never"])
    def test_scan(self, terminal, huge, level):
        args = (*SCAN[:-1], huge, "--show-text", level)
        shown = check(terminal(*args, code=3))
        assert len(shown) < 5_000
        assert "huge.jsonl:1: rejected: text of 5,000,000 characters" in shown
        assert "#most" in shown

    def test_queue(self, terminal, huge):
        check(terminal(*SCAN[:-1], huge, "--db", "q.db", code=3))
        assert len(check(terminal("queue", "list", "--db", "q.db", code=0))) < 500
        shown = check(terminal("queue", "show", "most", "--db", "q.db", code=0))
        assert "… 980,000 more characters" in shown
        assert len(shown) < 25_000
        answers = ("m", "h")
        shown = check(terminal("review", "--plain", "--db", "q.db", answers=answers, code=0))
        assert len(shown) < 15_000
