"""One registry: keys of one's own, the table in the documentation, and what is copied."""

from __future__ import annotations

import base64
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from moderation.comments import Thread
from moderation.config import load_config
from moderation.errors import ConfigError
from tui.actions import Actions
from tui.clipboard import MOST_CHARACTERS, copied
from tui.keys import key_name, parse_key
from tui.screens.help import help_text
from tui.setup import Setup

Sample = Any
Opened = Any
Rows = Callable[[Path], list[tuple[str, str, str]]]


def configured(folder: Path, text: str) -> Setup:
    (folder / "moderation.toml").write_text(text, encoding="utf-8")
    return Setup.of(load_config(None, folder))


@pytest.mark.parametrize(
    ("written", "key", "shown"),
    [
        ("y", "y", "y"), ("Y", "Y", "Y"), ("shift+y", "Y", "Y"), ("?", "question_mark", "?"),
        ("f5", "f5", "F5"), ("F5", "f5", "F5"), ("ctrl+y", "ctrl+y", "ctrl+y"),
        ("pgdn", "pagedown", "pgdn"), ("space", "space", "space"), ("comma", "comma", ","),
        (",", "comma", ","), ("up", "up", "↑"), ("ä", "ä", "ä"), ("/", "slash", "/"),
    ],
)  # fmt: skip
def test_keys_as_people_write_them(written: str, key: str, shown: str) -> None:
    assert parse_key(written) == key
    assert key_name(key) == shown


@pytest.mark.parametrize("written", ["", " ", "yy", "ctrl+ä", "hyper+x", "<any>", "\x1b"])
def test_what_is_no_key(written: str) -> None:
    with pytest.raises(ValueError):
        parse_key(written)


async def test_other_keys_hold_everywhere(
    opened: Opened, db: Path, rows: Rows, tmp_path: Path
) -> None:
    setup = configured(tmp_path, '[review.keys]\napprove = "y, f2"\nhide = "a"\nnext = "l down"\n')
    async with opened(db, setup=setup) as pilot:
        assert "y Approve" in pilot.screen_text
        assert "a Hide" in pilot.screen_text
        await pilot.press("y", "h", "f2", "a", "l")
        assert rows(db) == [
            ("2", "approve", "anna"),
            ("1.1.1", "approve", "anna"),
            ("4", "hide", "anna"),
        ]
        assert pilot.shown == "5"
        await pilot.press("j")
        assert pilot.shown == "5"
        await pilot.type("question_mark")
        await pilot.settle(until=lambda: "y F2" in pilot.screen_text)
        assert "y F2            Approve" in pilot.screen_text


async def test_undo_is_told_with_its_key(opened: Opened, db: Path, tmp_path: Path) -> None:
    setup = configured(tmp_path, '[review.keys]\nundo = "ctrl+y"')
    async with opened(db, setup=setup) as pilot:
        await pilot.press("a")
        assert "ctrl+y undo" in pilot.text_of("#event")
        await pilot.press("ctrl+y")
        assert pilot.shown == "2"


@pytest.mark.parametrize(
    ("keys", "says", "line"),
    [
        ('aprove = "y"', ("'aprove'", "'approve'"), 2),
        ('zzz = "y"', ("'zzz'", "known: approve, hide"), 2),
        ('approve = "h"', ("key h", "'hide'", "'approve'"), 2),
        ('skip = "y"\napprove = "y"', ("key y", "'skip'", "'approve'"), 2),
        ('approve = "Hyper"', ("'Hyper'", "'approve'"), 2),
        ('approve = " "', ("no key for 'approve'",), 2),
    ],
)
def test_keys_that_cannot_be(tmp_path: Path, keys: str, says: tuple[str, ...], line: int) -> None:
    with pytest.raises(ConfigError) as caught:
        configured(tmp_path, f"[review.keys]\n{keys}\n")
    error = caught.value
    for words in says:
        assert words in f"{error.what} {error.hint}"
    assert error.where == f"{tmp_path / 'moderation.toml'}:{line}"


def test_two_actions_can_swap_their_keys(tmp_path: Path) -> None:
    actions = configured(tmp_path, '[review.keys]\napprove = "h"\nhide = "a"').actions
    assert (actions.key("approve"), actions.key("hide")) == ("h", "a")


def test_the_configuration_wants_text_for_a_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"review\.keys\.approve"):
        configured(tmp_path, "[review.keys]\napprove = 1\n")


def test_the_documentation_has_the_keys() -> None:
    spec = importlib.util.spec_from_file_location(
        "keys_table", Path(__file__).with_name("keys_table.py")
    )
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    found = script.PLACE.search(script.PAGE.read_text(encoding="utf-8"))
    assert found is not None
    assert found[1].strip() == Actions().table(), "run python tests/tui/keys_table.py"


def test_help_has_the_keys_of_this_session() -> None:
    text = help_text(Actions().remapped({"approve": "y"}, lambda id: id)).plain
    assert "\n  y               Approve" in text


async def test_copying_reaches_the_terminal_by_osc_52(
    opened: Opened, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(db) as pilot:
        written: list[str] = []
        monkeypatch.setattr(pilot.app._driver, "write", written.append)
        await pilot.press("ctrl+o")
        payload = base64.b64encode(b"https://news.example/cycle-lane").decode()
        assert f"\x1b]52;c;{payload}\a" in written
        assert "Copied the link" in pilot.text_of("#event")


@pytest.mark.parametrize(
    ("url", "text", "expected"),
    [
        ("https://x.example/a", "t", ("https://x.example/a", "the link")),
        (None, "plain words", ("plain words", "the text")),
        ("javascript:alert(1)", "t", ("t", "the text")),
        ("https://[broken", "t", ("t", "the text")),
        ("https://x.example/\x1b]52;c;eA==\x07a\u202e", "t",
         ("https://x.example/]52;c;eA==a", "the link")),
        (None, "rm -rf x\r\n\tdone\n", ("rm -rf x done", "the text")),
        (None, "a\x00b\x9bc\u202ed\u2066e\ud800f\u200bg\ufeff", ("abcdefg", "the text")),
        (None, "نمی\u200cخواهم 👩\u200d🚀", ("نمی\u200cخواهم 👩\u200d🚀", "the text")),
        (None, "x" * (MOST_CHARACTERS + 1), ("x" * MOST_CHARACTERS, "the first 50,000 characters")),
    ],
)  # fmt: skip
def test_what_is_copied(
    sample: Sample, url: str | None, text: str, expected: tuple[str, str]
) -> None:
    page = Thread("t", title="T", url=url)
    assert copied(sample.assess("1", text, thread=page).comment) == expected
    copied(sample.assess("1", text, thread=None).comment)[0].encode("utf-8")
