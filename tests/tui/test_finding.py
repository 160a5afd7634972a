"""Saved views, the filter's screen, and the palette: actions, views, orders, a search."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.widgets import Input, OptionList

from moderation.config import load_config
from moderation.errors import ConfigError
from moderation.queue import Filter
from tui.completing import Completion
from tui.screens.filter import FilterScreen
from tui.setup import Setup
from tui.state import keep, recall
from tui.themes import LIGHT
from tui.views import SavedView, Views

Sample = Any
Opened = Any

VIEWS = """
[[review.views]]
name = "Rude"
filter = "rule:harassment.*"
sort = "newest"

[[review.views]]
name = "By Colin"
filter = 'author:"Colin 62"'
"""
#: A name that would be markup, control characters and text turned around.
EVIL = "[/red]x[@click=app.quit]y[/] \x1b[31m\u202egnirts"


def configured(folder: Path, text: str, state: Path | None = None) -> Setup:
    (folder / "moderation.toml").write_text(text, encoding="utf-8")
    return Setup.of(load_config(None, folder), state)


def options(pilot: Any) -> str:
    found = pilot.app.screen.query_one(OptionList)
    prompts = (found.get_option_at_index(n).prompt for n in range(found.option_count))
    return "\n".join(map(str, prompts))


async def search(pilot: Any, words: str, until: str) -> None:
    """Type into the palette, and wait until it offers this."""
    await pilot.type("ctrl+p")
    await pilot.settle(until=lambda: isinstance(pilot.app.screen, CommandPalette))
    await pilot.type(*("space" if letter == " " else letter for letter in words))
    await pilot.settle(until=lambda: until in options(pilot))


async def pick(pilot: Any, what: str) -> None:
    found = pilot.app.screen.query_one(OptionList)
    places = range(found.option_count)
    found.highlighted = next(n for n in places if what in str(found.get_option_at_index(n).prompt))
    await pilot.type("enter")
    await pilot.settle(until=lambda: not isinstance(pilot.app.screen, CommandPalette))
    await pilot.settle()


class TestViews:
    async def test_those_of_the_configuration(
        self, opened: Opened, db: Path, tmp_path: Path
    ) -> None:
        async with opened(db, setup=configured(tmp_path, VIEWS)) as pilot:
            await pilot.press("1")
            assert pilot.shown == "5.1"
            assert "Rude · 3 wait" in pilot.text_of("#event")
            assert "rule:harassment.* · order: newest" in pilot.review.session.view
            await pilot.press("2")
            assert pilot.shown == "4"
            assert "By Colin · 1 wait" in pilot.text_of("#event")
            assert pilot.review.session.sort == "priority"

    async def test_none_under_this_number(self, opened: Opened, db: Path) -> None:
        async with opened(db) as pilot:
            before = pilot.shown
            await pilot.press("7")
            assert "No view is saved under 7" in pilot.text_of("#event")
            assert "w saves one" in pilot.text_of("#event")
            assert pilot.shown == before

    async def test_one_that_nothing_fits_changes_nothing(
        self, opened: Opened, db: Path, tmp_path: Path
    ) -> None:
        setup = configured(tmp_path, '[[review.views]]\nname = "No"\nfilter = "author:Nobody"\n')
        async with opened(db, setup=setup) as pilot:
            before = pilot.shown
            await pilot.press("1")
            assert pilot.shown == before
            assert "Nothing that waits fits" in pilot.text_of("#event")
            assert pilot.review.session.filter == Filter()

    async def test_what_is_seen_is_saved_for_the_next_time(
        self, opened: Opened, db: Path, tmp_path: Path
    ) -> None:
        state = tmp_path / "state" / "review.json"
        setup = configured(tmp_path, VIEWS, state)
        async with opened(db, setup=setup) as pilot:
            pilot.app.theme = LIGHT.name
            await pilot.press("o", "w")
            await pilot.settle(until=lambda: "Rude" in pilot.screen_text)
            assert "by severity" in pilot.screen_text
            await pilot.type("2")
            await pilot.settle(until=lambda: "Saved" in pilot.text_of("#event"))
            await pilot.press("1", "2")
            assert pilot.review.session.sort == "severity"
            assert pilot.review.session.filter == Filter()
        kept = json.loads(state.read_text())
        assert kept["theme"] == LIGHT.name, "one does not forget the other"
        assert kept["views"] == {"2": {"name": "", "filter": "", "sort": "severity"}}
        async with opened(db, setup=configured(tmp_path, VIEWS, state)) as pilot:
            await pilot.press("2")
            assert pilot.review.session.sort == "severity"
            await pilot.type("question_mark")
            await pilot.settle(until=lambda: "Signs in a text" in pilot.text_of("#help Static"))
            assert "View 1      Rude" in pilot.text_of("#help Static")
            assert "View 2      all that waits · by severity" in pilot.text_of("#help Static")
            assert "View 3" not in pilot.text_of("#help Static")

    async def test_by_mouse_and_not_at_all(self, opened: Opened, db: Path) -> None:
        async with opened(db, size=(80, 24)) as pilot:
            await pilot.press("w")
            await pilot.type("escape")
            await pilot.settle(until=lambda: pilot.app.screen is pilot.review)
            assert [*pilot.review.finding.views] == []
            await pilot.press("w")
            await pilot.click("#places", offset=(5, 2))
            await pilot.settle(until=lambda: "Saved" in pilot.text_of("#event"))
            assert [place for place, _ in pilot.review.finding.views] == [3]

    async def test_what_cannot_be_written_holds_for_the_session(
        self, opened: Opened, db: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "file").touch()
        async with opened(db, setup=Setup(state=tmp_path / "file" / "review.json")) as pilot:
            await pilot.press("o", "w")
            await pilot.type("4")
            await pilot.settle(until=lambda: "session only" in pilot.text_of("#event"))
            await pilot.press("o", "4")
            assert pilot.review.session.sort == "severity"

    @pytest.mark.parametrize(
        "written",
        [
            "", "[]", '{"views": 3}', '{"views": {"1": 3}}', '{"views": {"x": {}}}',
            '{"views": {"1": {"filter": "nope:", "sort": "rule"}}}',
            '{"views": {"1": {"filter": "", "sort": ["rule"]}}}',
            '{"views": {"1": {"filter": 3, "sort": "rule"}}}', '{"views": {"1": {}}}', "[" * 9_999,
        ],
    )  # fmt: skip
    def test_a_state_file_that_makes_no_sense(self, tmp_path: Path, written: str) -> None:
        state = tmp_path / "review.json"
        state.write_text(written)
        assert [*Views({}, state)] == []
        Views({}, state).save(1, SavedView(Filter(author=EVIL), "rule"))
        assert [*Views({}, state)] == [(1, SavedView(Filter(author=EVIL), "rule"))]

    def test_only_what_waits_is_a_view(self, tmp_path: Path) -> None:
        state = tmp_path / "review.json"
        keep(state, "views", {"1": {"filter": "status:all", "sort": "rule"}})
        assert Views({}, state).get(1) == SavedView(Filter(), "rule")

    def test_too_much_is_not_kept(self, tmp_path: Path) -> None:
        state = tmp_path / "review.json"
        keep(state, "theme", "calm")
        with pytest.raises(OSError, match="too much"):
            keep(state, "views", "x" * 1_000_000)
        assert recall(state) == {"theme": "calm"}

    @pytest.mark.parametrize(
        ("text", "says", "line"),
        [
            ('name = "A"\nfilter = "ruel:x"', ("view 'A'", "'ruel'", "column 1", "'rule'"), 3),
            ('name = "A"\nfilter = "status:hidden"', ("view 'A'", "'status:'"), 3),
            ('name = "A"\nsort = "oldst"', ("view 'A'", "'oldst'", "'oldest'"), 3),
            ('name = " "', ("needs a name",), 2),
            ('name = "A"\nfilters = ""', ("review.views.0.filters", "'filter'"), 3),
            ('filter = ""', ("review.views.0.name",), 1),
            ('name = "A"\nsort = 3', ("review.views.0.sort",), 3),
            ('name = "A"' + '\n[[review.views]]\nname = "B"' * 9, ("10 views",), 20),
        ],
    )
    def test_views_that_cannot_be(
        self, tmp_path: Path, text: str, says: Iterable[str], line: int
    ) -> None:
        with pytest.raises(ConfigError) as caught:
            configured(tmp_path, f"[[review.views]]\n{text}\n")
        error = caught.value
        for words in says:
            assert words in f"{error.what} {error.hint}"
        assert error.where == f"{tmp_path / 'moderation.toml'}:{line}"


class TestFilterScreen:
    async def counted(self, pilot: Any, line: str, said: str) -> None:
        pilot.app.screen.query_one(Input).value = line
        await pilot.settle(until=lambda: said in pilot.text_of("#filter-count"))

    async def test_how_many_fit_is_said_while_one_types(self, opened: Opened, db: Path) -> None:
        async with opened(db) as pilot:
            await pilot.press("slash")
            await self.counted(pilot, "", "6 wait")
            await self.counted(pilot, "author:Dri*", "2 wait")
            await self.counted(pilot, "author:Dri", "0 wait")
            await self.counted(pilot, "muppet", "1 waits")
            await self.counted(pilot, "status:all", "6 wait")
            await self.counted(pilot, "nope:x", "no field 'nope'")
            await pilot.type("enter")
            await pilot.settle(until=lambda: "known: " in pilot.text_of("#filter-count"))
            await self.counted(pilot, "author:Colin*", "1 waits")
            await pilot.type("enter")
            await pilot.settle(until=lambda: pilot.shown == "4")

    async def test_the_last_word_is_completed(self, opened: Opened, db: Path) -> None:
        async with opened(db) as pilot:
            await pilot.press("slash")
            screen = pilot.app.screen
            await pilot.settle(until=lambda: "spam.links" in screen._rules)
            await pilot.type(*"ru")
            await pilot.settle(until=lambda: screen.query_one(Input)._suggestion == "rule:")
            await pilot.type("right", *"spa")
            await pilot.settle(
                until=lambda: screen.query_one(Input)._suggestion == "rule:spam.links"
            )
            await pilot.type("right", "enter")
            await pilot.settle(until=lambda: pilot.shown == "2")

    @pytest.mark.parametrize(
        ("line", "completed"),
        [
            ("x lab", "x label:"), ("label:id", "label:identity_attack>="),
            ("severity:h", "severity:high"), ("script:cy", "script:cyrillic"),
            ("rule:a", "rule:a.b"), ('author:"Ann ru', None), ("", None), ("x ", None),
            ("nope:x", None), ("rule:a.b", None), ("verdict:ho", "verdict:hold"),
        ],
    )  # fmt: skip
    async def test_completion(self, line: str, completed: str | None) -> None:
        assert await Completion(lambda: ["a.b", "a.c"]).get_suggestion(line) == completed

    async def test_a_hostile_line_is_shown_printable_and_kept(
        self, opened: Opened, fill: Callable[..., Path], sample: Sample
    ) -> None:
        path = fill([sample.assess("1", "You muppet", author=EVIL, flags=[sample.flag("a.b", "")])])
        async with opened(path) as pilot:
            pilot.review.finding.look(Filter(author=EVIL))
            await pilot.settle(until=lambda: pilot.review.session.filter != Filter())
            assert "\x1b" not in pilot.screen_text
            await pilot.press("slash")
            assert isinstance(pilot.app.screen, FilterScreen)
            await pilot.settle(until=lambda: "1 waits" in pilot.text_of("#filter-count"))
            assert not {"\x1b", "\u202e"} & {*pilot.screen_text}
            await pilot.type("enter")
            await pilot.settle(until=lambda: pilot.app.screen is pilot.review)
            assert pilot.review.session.filter == Filter(author=EVIL)


class TestPalette:
    async def test_every_action_view_and_order_is_there(
        self, opened: Opened, db: Path, tmp_path: Path
    ) -> None:
        async with opened(db, setup=configured(tmp_path, VIEWS)) as pilot:
            await pilot.type("ctrl+p")
            await pilot.settle(until=lambda: "Order: author" in options(pilot))
            found = options(pilot)
            for words in (
                "Approve",
                "Statistics",
                "View 1\nRude",
                "View 2\nBy Colin",
                "Order: rule",
            ):
                assert words in found
            assert "View 3" not in found

    async def test_an_order(self, opened: Opened, db: Path) -> None:
        async with opened(db) as pilot:
            await search(pilot, "order: author", "by the author's name")
            await pick(pilot, "Order: author")
            assert pilot.review.session.sort == "author"

    async def test_a_view(self, opened: Opened, db: Path, tmp_path: Path) -> None:
        async with opened(db, setup=configured(tmp_path, VIEWS)) as pilot:
            await search(pilot, "colin", "View 2")
            await pick(pilot, "View 2")
            assert pilot.shown == "4"

    async def test_a_comment_by_its_words(self, opened: Opened, db: Path) -> None:
        async with opened(db) as pilot:
            assert pilot.shown == "2"
            await search(pilot, "planner numb", "Go to comment")
            assert "Colin 62" in options(pilot)
            await pick(pilot, "Go to comment")
            assert pilot.shown == "4"
            assert len(pilot.review.session.list) == 6

    async def test_a_comment_that_the_filter_has_not(self, opened: Opened, db: Path) -> None:
        async with opened(db) as pilot:
            pilot.review.finding.look(Filter(rule="spam.links"))
            await pilot.settle(until=lambda: len(pilot.review.session.list) == 1)
            await search(pilot, "planner", "Go to comment")
            await pick(pilot, "Go to comment")
            assert pilot.shown == "4"
            assert pilot.review.session.filter == Filter()

    async def test_an_author(self, opened: Opened, db: Path) -> None:
        async with opened(db) as pilot:
            await search(pilot, "drivenm", "Author DrivenMad: 2 waiting")
            await pick(pilot, "Author DrivenMad")
            assert pilot.review.session.filter == Filter(author="DrivenMad")
            assert len(pilot.review.session.list) == 2

    async def test_what_is_found_is_safe(
        self, opened: Opened, fill: Callable[..., Path], sample: Sample
    ) -> None:
        text = f"Zanderfluke {EVIL}"
        flags = [sample.flag("a.b", text, "Zanderfluke")]
        path = fill([sample.assess("1", text, author=f"Zanderfluke{EVIL}", flags=flags)])
        async with opened(path) as pilot:
            await search(pilot, "zanderfluke", "Go to comment")
            found = options(pilot)
            assert "[/red]x[@click=app.quit]y[/]" in found
            assert "Z••••••••••" in found, "what a rule matched is masked, as in the list"
            assert not {"\x1b", "\u202e"} & {*found, *pilot.screen_text}
            await pick(pilot, "Author Zanderfluke")
            assert pilot.review.session.filter == Filter(author=f"Zanderfluke{EVIL}")

    async def test_a_search_that_is_given_up_holds_nobody_up(
        self, opened: Opened, db: Path
    ) -> None:
        async with opened(db) as pilot:
            await search(pilot, "muppet", "Go to comment")
            await pilot.type("backspace", "escape")
            await pilot.settle(until=lambda: pilot.app.screen is pilot.review)
            await pilot.press("a")
            assert "Approved" in pilot.text_of("#event")
