"""From a comment to the rule that flagged it and back, and from its words to a new rule."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import OptionList, Static

from moderation.errors import ModerationError
from moderation.packs import packs_folder
from moderation.rules import compile_paths, run_tests
from moderation.rules.authoring.drafts import MOST_BYTES
from moderation.rules.authoring.lint import lint
from moderation.rules.problems import Level
from tui.proof import Proof, StoppedError
from tui.screens.rule_editor import RuleEditorScreen
from tui.screens.rule_preview import RulePreviewScreen
from tui.screens.words import WordsScreen
from tui.setup import Setup

Sample = Any
Opened = Any

RULES = """\
version: 1
# The Messenger's own
rules:
  - id: harassment.insult
    description: Insult
    action: flag
    when: {text: [idiot]}
    tests:
      match: ["what an idiot"]
      pass: ["an idiom"]
  - id: threats.damage
    severity: high
    action: hold
    when: {text: {regex: "smash your"}}
    tests:
      match: ["smash your car"]
      pass: ["nice car"]
  - id: harassment.name-calling
    action: flag
    when: {text: [clown, muppet]}
    tests: {match: ["a clown"], pass: ["a cloud"]}
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    file = tmp_path / "mine.yaml"
    file.write_text(RULES, encoding="utf-8")
    return file


def setup(*paths: Path, folder: Path | None = None) -> Setup:
    return Setup(rules=paths, folder=folder or paths[0].parent)


async def until(pilot: Any, holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < ends, pilot.screen_text
        await pilot.pause()
        await asyncio.sleep(0.02)
    await pilot.pause()


@pytest.fixture
def one(fill: Any, sample: Sample) -> Path:
    """A queue of one comment that one rule flagged."""
    text = "Says the idiot who voted for the bridge."
    flag = sample.flag("harassment.insult", text, "idiot")
    return fill([sample.assess("5.1", text, flags=[flag])])


class Editor:
    """The editor as a person sees it."""

    def __init__(self, pilot: Any) -> None:
        self.pilot = pilot
        self.screen: RuleEditorScreen = pilot.app.screen
        self.area = self.screen.area

    @classmethod
    async def of(cls, pilot: Any, *keys: str) -> Editor:
        await pilot.type(*keys)
        await until(pilot, lambda: isinstance(pilot.app.screen, RuleEditorScreen))
        editor = cls(pilot)
        await until(pilot, lambda: "Looking for" not in editor.said)
        return editor

    @property
    def said(self) -> str:
        return str(self.screen.query_one("#rule-said", Static).content)

    @property
    def head(self) -> str:
        return str(self.screen.query_one("#rule-head", Static).content)

    @property
    def problems(self) -> list[str]:
        found = self.screen.query_one(OptionList)
        return [str(option.prompt).strip() for option in found.options] if found.display else []

    async def says(self, words: str) -> None:
        await until(self.pilot, lambda: words in self.said)

    async def lists(self, words: str) -> None:
        await until(self.pilot, lambda: any(words in each for each in self.problems))

    async def change(self, old: str, new: str) -> None:
        text = self.area.text
        assert old in text
        at = text.index(old)
        places = [
            (text.count("\n", 0, end), end - text.rfind("\n", 0, end) - 1)
            for end in (at, at + len(old))
        ]
        self.area.replace(new, places[0], places[1])
        await self.pilot.pause()


async def test_the_one_rule_opens_at_its_line(opened: Opened, one: Path, rules: Path) -> None:
    async with opened(one, size=(80, 24), setup=setup(rules)) as pilot:
        assert pilot.shown == "5.1"
        editor = await Editor.of(pilot, "E")
        assert editor.area.text == RULES
        assert editor.area.cursor_location == (3, 8)
        assert "mine.yaml  4:9" in pilot.screen_text
        assert "id: harassment.insult" in pilot.screen_text
        assert "Save and test" in pilot.screen_text
        await pilot.press("escape")
        assert pilot.shown == "5.1"


async def test_of_several_rules_one_is_chosen(opened: Opened, db: Path, rules: Path) -> None:
    async with opened(db, setup=setup(rules)) as pilot:
        await pilot.press("j")
        assert pilot.shown == "1.1.1"
        await pilot.type("E")
        await until(pilot, lambda: "Which rule to open" in pilot.screen_text)
        assert "1  threats.damage" in pilot.screen_text
        editor = await Editor.of(pilot, "2")
        assert editor.area.cursor_location == (17, 8)


async def test_an_error_is_told_with_its_place_while_typing(
    opened: Opened, one: Path, rules: Path
) -> None:
    async with opened(one, size=(80, 24), setup=setup(rules)) as pilot:
        editor = await Editor.of(pilot, "E")
        await pilot.type("down", "down", "end", "x")
        await editor.lists("6:13 error 'flagx' is not one of")
        assert "did you mean 'flag'?" in editor.problems[0]
        assert "not saved" in editor.head
        editor.area.move_cursor((0, 0))
        await pilot.type("f8")
        assert editor.area.cursor_location == (5, 12)
        editor.area.move_cursor((0, 0))
        await pilot.click("#rule-problems", offset=(12, 0))
        await until(pilot, lambda: editor.area.cursor_location == (5, 12))
        assert editor.area.has_focus
        await pilot.type("end", "backspace")
        await until(pilot, lambda: not editor.problems)
        assert rules.read_text(encoding="utf-8") == RULES


async def test_saving_runs_the_tests_and_keeps_the_mode(
    opened: Opened, one: Path, rules: Path
) -> None:
    rules.chmod(0o640)
    async with opened(one, size=(80, 24), setup=setup(rules)) as pilot:
        editor = await Editor.of(pilot, "E")
        await editor.change("[idiot]", "[fool]")
        await pilot.type("ctrl+s")
        await editor.says("Saved. 1 test of 6 failed.")
        assert "keeps its flags until it is scanned again" in editor.said
        assert any("harassment.insult should match" in each for each in editor.problems)
        assert rules.read_text(encoding="utf-8") == RULES.replace("[idiot]", "[fool]")
        assert rules.stat().st_mode & 0o777 == 0o640
        await editor.change("what an idiot", "what a fool")
        await pilot.type("f2")
        await editor.says("Saved. 6 tests passed.")
        await pilot.press("escape")
        assert "Saved mine.yaml" in pilot.text_of("#event")
        assert sorted(rules.parent.glob(".mine*")) == []


async def test_errors_are_saved_only_when_told_twice(
    opened: Opened, one: Path, rules: Path
) -> None:
    async with opened(one, setup=setup(rules)) as pilot:
        editor = await Editor.of(pilot, "E")
        await editor.change("action: flag", "acton: flag")
        await pilot.type("ctrl+s")
        await editor.says("Not saved. A scan would refuse it (1 error)")
        assert rules.read_text(encoding="utf-8") == RULES
        await pilot.type("ctrl+s")
        await editor.says("Saved. Its errors keep the tests from running.")
        assert "acton: flag" in rules.read_text(encoding="utf-8")
        # A rule with an error is found all the same.
        await pilot.press("escape")
        again = await Editor.of(pilot, "E")
        assert again.area.cursor_location == (3, 8)
        await again.lists("6:5 error unknown key 'acton'")


async def test_leaving_asks_once(opened: Opened, one: Path, rules: Path) -> None:
    async with opened(one, setup=setup(rules)) as pilot:
        editor = await Editor.of(pilot, "E")
        await pilot.type("end", "space", "escape")
        assert "Not saved: esc again leaves it" in editor.said
        await pilot.type("ctrl+q")
        assert pilot.app.is_running
        assert pilot.app.screen is editor.screen
        await pilot.type("x", "escape")
        assert pilot.app.screen is editor.screen
        await pilot.press("escape")
        assert pilot.shown == "5.1"
        assert rules.read_text(encoding="utf-8") == RULES


async def test_what_others_saved_meanwhile_is_not_overwritten_unasked(
    opened: Opened, one: Path, rules: Path
) -> None:
    async with opened(one, setup=setup(rules)) as pilot:
        editor = await Editor.of(pilot, "E")
        theirs = RULES + "# theirs\n"
        rules.write_text(theirs, encoding="utf-8")
        await editor.change("[idiot]", "[idiot, idiots]")
        await pilot.type("ctrl+s")
        await editor.says("the file was changed on disk")
        assert rules.read_text(encoding="utf-8") == theirs
        await pilot.type("ctrl+s")
        await editor.says("Saved.")
        assert "[idiot, idiots]" in rules.read_text(encoding="utf-8")
        assert "# theirs" not in rules.read_text(encoding="utf-8")


async def test_what_would_change_in_this_queue(
    opened: Opened, fill: Any, sample: Sample, rules: Path
) -> None:
    waiting = [
        sample.assess(f"w{n}", text, flags=[sample.flag("harassment.insult", text, "idiot")])
        for n, text in enumerate(["idiot one", "idiot two", "you idiot, I smash your bike"])
    ]
    clear = [sample.assess(f"c{n}", text) for n, text in enumerate(["a fool", "a fool", "rain"])]
    async with opened(fill([*waiting, *clear]), setup=setup(rules)) as pilot:
        editor = await Editor.of(pilot, "E")
        await editor.change("[idiot]", "[fool]")
        await pilot.type("f5")
        await until(pilot, lambda: "esc closes" in pilot.screen_text)
        lines = " ".join(pilot.screen_text.split())
        assert "all 3 that wait and on all 3 that no rule flagged" in lines
        assert "2 Newly flagged" in lines
        assert "2 No longer flagged" in lines
        assert "0 Another action" in lines
        assert "harassment.insult matches 2, before 3" in lines
        assert "a fool" not in lines
        await pilot.type("ctrl+b")
        await until(pilot, lambda: "^b covers" in pilot.screen_text)
        lines = " ".join(pilot.screen_text.split())
        assert "pass → flag #c1 a fool" in lines
        assert "flag → pass #w1 idiot two" in lines
        await pilot.type("escape")
        assert pilot.app.screen is editor.screen
        assert rules.read_text(encoding="utf-8") == RULES
        await editor.change("action: flag", "action: hide")
        await editor.change("[fool]", "[idiot]")
        await pilot.type("f5")
        await until(pilot, lambda: "esc closes" in pilot.screen_text)
        assert "3  Another action" in pilot.screen_text
        await pilot.type("escape")
        await editor.change("action: hide", "action: no")
        await pilot.type("f5")
        await until(
            pilot,
            lambda: (
                "errors in the rules" in pilot.screen_text.lower()
                or "1 error in the rules" in pilot.screen_text
            ),
        )


async def test_a_preview_can_be_called_off(opened: Opened, one: Path, rules: Path) -> None:
    async with opened(one, setup=setup(packs_folder(), rules)) as pilot:
        editor = await Editor.of(pilot, "E")
        await pilot.type("f5")
        await until(pilot, lambda: isinstance(pilot.app.screen, RulePreviewScreen))
        await pilot.type("escape")
        assert pilot.app.screen is editor.screen
        await editor.change("action: flag", "action: flagg")
        await editor.lists("'flagg' is not one of")


async def test_a_shipped_rule_is_read_only_and_can_be_copied(
    opened: Opened, fill: Any, sample: Sample, tmp_path: Path
) -> None:
    rule = compile_paths([packs_folder() / "threats.yaml"]).rules[0].id
    before = {path: path.read_bytes() for path in packs_folder().glob("*.yaml")}
    path = fill([sample.assess("1", "some words", flags=[sample.flag(rule, "some words", "some")])])
    async with opened(path, setup=setup(packs_folder(), folder=tmp_path)) as pilot:
        editor = await Editor.of(pilot, "E")
        assert "read only: it ships with the program" in editor.head
        text = editor.area.text
        await pilot.type("x", "ctrl+s", "delete", "ctrl+k")
        assert editor.area.text == text
        await pilot.type("f4")
        await editor.says("A copy on trial")
        assert "new, not saved" in editor.head
        assert f"id: own.{rule}" in editor.area.document.get_line(editor.area.cursor_location[0])
        await pilot.type("ctrl+s")
        await editor.says("It is not in force yet. In moderation.toml: rules = [")
        assert f'"{packs_folder().resolve()}"' in editor.said
        assert '"own-rules.yaml"]' in editor.said
    compiled = compile_paths([packs_folder(), tmp_path / "own-rules.yaml"])
    assert not compiled.errors
    assert not run_tests(compiled).failures
    assert before == {path: path.read_bytes() for path in packs_folder().glob("*.yaml")}


async def test_a_rule_that_is_gone_is_told(opened: Opened, one: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(RULES.replace("harassment.insult", "harassment.other"), encoding="utf-8")
    async with opened(one, setup=setup(other)) as pilot:
        editor = await Editor.of(pilot, "E")
        assert "'harassment.insult' is no longer in the rule files in force" in editor.said
        await pilot.press("escape")
        assert pilot.shown == "5.1"


async def test_a_huge_file_is_told_and_not_opened(opened: Opened, one: Path, rules: Path) -> None:
    rules.write_text(RULES + "# " + "x" * 70 + "\n" + ("#" * 70 + "\n") * 4000, encoding="utf-8")
    async with opened(one, size=(80, 24), setup=setup(rules)) as pilot:
        editor = await Editor.of(pilot, "E")
        assert f"larger than {MOST_BYTES:,} bytes" in editor.said
        assert "mine.yaml" in editor.said


async def test_a_hostile_file_reaches_the_screen_as_signs(
    opened: Opened, one: Path, rules: Path
) -> None:
    rules.write_text(RULES + "# \x1b[31m\u202eevil\x07[/red]\n" + "- " * 2500, encoding="utf-8")
    async with opened(one, setup=setup(rules)) as pilot:
        editor = await Editor.of(pilot, "E")
        # The file cannot be read as YAML, so the rule is not found; its error is told.
        assert "cannot be read" in editor.said
        await pilot.press("escape")
        rules.write_text(RULES + "# \u202eevil [/red]\u200b\n", encoding="utf-8")
        editor = await Editor.of(pilot, "E")
        assert "\ufffdevil [/red]\ufffd" in pilot.screen_text
        assert "\u202e" not in pilot.screen_text
        await editor.change("action: flag", "action: \u202e[/x]\x1b")
        await until(pilot, lambda: bool(editor.problems))
        assert not {"\u202e", "\x1b", "\x07"} & set(pilot.screen_text)


HOSTILE = ["- @all: \x1b[31m\u202e{match}\x07 '# \"", "\\@\u200b: 💩 [/red] ☃|"]


async def test_words_of_a_comment_become_a_rule(
    opened: Opened, fill: Any, sample: Sample, rules: Path
) -> None:
    text = "One two, you muppet! And so on."
    path = fill([sample.assess("1", text, flags=[sample.flag("x.y", text, "muppet")])])
    async with opened(path, size=(80, 24), setup=setup(rules)) as pilot:
        await pilot.type("R")
        await until(pilot, lambda: isinstance(pilot.app.screen, WordsScreen))
        await until(pilot, lambda: "→ muppet" in pilot.screen_text)
        assert text in pilot.screen_text
        await pilot.type("left", "space", "left", "shift+right")
        assert "→ you muppet" in pilot.screen_text
        editor = await Editor.of(pilot, "enter")
        line, _ = editor.area.cursor_location
        assert editor.area.document.get_line(line) == "  - id: own.you-muppet"
        assert editor.area.text.startswith(RULES)
        assert "not saved" in editor.head
        await editor.lists("warning")
        await pilot.type("ctrl+s")
        await editor.says("Saved. 7 tests passed. New scans use it")
    rule = compile_paths([rules]).rules[-1]
    assert (rule.id, rule.action, rule.status) == ("own.you-muppet", "flag", "shadow")


async def test_words_are_picked_with_the_mouse(
    opened: Opened, fill: Any, sample: Sample, rules: Path
) -> None:
    path = fill([sample.assess("1", "One two three four", flags=[sample.flag("x.y", "")])])
    async with opened(path, size=(80, 24), setup=setup(rules)) as pilot:
        await pilot.type("R")
        await until(pilot, lambda: isinstance(pilot.app.screen, WordsScreen))
        await pilot.pause()
        await pilot._pilot.mouse_down("#words", offset=(5, 0))
        await pilot._pilot.hover("#words", offset=(9, 0))
        await pilot._pilot.mouse_up("#words", offset=(9, 0))
        assert "→ two three" in pilot.screen_text
        await pilot.press("escape")
        assert pilot.shown == "1"


@pytest.mark.parametrize("words", HOSTILE)
async def test_hostile_words_pass_the_check(
    opened: Opened, fill: Any, sample: Sample, tmp_path: Path, words: str
) -> None:
    flag = sample.flag("x.y", words, words)
    path = fill([sample.assess("1", words, flags=[flag])])
    async with opened(path, setup=setup(packs_folder(), folder=tmp_path)) as pilot:
        await pilot.type("R")
        await until(pilot, lambda: isinstance(pilot.app.screen, WordsScreen))
        editor = await Editor.of(pilot, "enter")
        assert "\x1b" not in pilot.screen_text
        await pilot.type("ctrl+s")
        await editor.says("Saved. 1 test passed.")
    compiled = compile_paths([tmp_path / "own-rules.yaml"])
    assert not [each for each in lint(compiled) if each.level is Level.ERROR]
    (rule,) = compiled.rules
    (case,) = rule.match_tests
    assert case.text in words


async def test_covered_words_are_not_picked(opened: Opened, db: Path, rules: Path) -> None:
    async with opened(db, setup=setup(rules)) as pilot:
        await pilot.press("ctrl+b", "R")
        assert "shows the words first" in pilot.text_of("#event")


async def test_work_beside_the_app_has_a_limit() -> None:
    proof = Proof()
    try:
        with pytest.raises(StoppedError, match=r"longer than 0\.3 seconds"):
            await proof.run(time.sleep, 60, seconds=0.3)
        # Another process takes over; what it prints is not taken for an answer.
        assert await proof.run(print, "noise", seconds=30) is None
        assert await proof.run(sum, [1, 2], seconds=30) == 3
        with pytest.raises(ModerationError, match="ValueError"):
            await proof.run(int, "x", seconds=30)
        waiting = asyncio.create_task(proof.run(time.sleep, 60, seconds=60))
        await asyncio.sleep(0.3)
        proof.stop()
        with pytest.raises(StoppedError, match="it was stopped"):
            await waiting
    finally:
        proof.close()
