"""A rule file in an editor: checked as one types, tried before it is saved, tested after.

Nothing here knows rules: what is wrong, what a test says and what would change comes from
a process beside the app (`tui.proof`), so that no file can hold up a key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, OptionList, Static, TextArea
from textual.widgets.option_list import Option

from moderation.display import one_line, visible
from moderation.errors import ConflictError, ModerationError
from moderation.rules.authoring.checking import Checked, check
from moderation.rules.authoring.drafts import MOST_BYTES, write_draft
from moderation.rules.problems import Level
from tui.proof import Proof
from tui.render import QUIET, problem
from tui.rulebook import Opening, Rulebook
from tui.screens.rule_preview import RulePreviewScreen
from tui.screens.steady import Steady
from tui.widgets.yaml_area import YamlArea

#: A pause in typing after which the file is checked.
_PAUSE_SECONDS = 0.3
#: How long a check may take. The largest pack takes less than one second.
_CHECK_SECONDS = 10.0
#: Problems that are listed.
_LISTED = 100

_SAVED = "New scans use it; what is in the queue keeps its flags until it is scanned again."
_WARNED = "bold $text-warning"
_GOOD = "bold $text-success"


class RuleEditorScreen(Steady, Screen[str]):
    """Gives a sentence on what was saved, empty if nothing was."""

    VERTICAL_BREAKPOINTS = [(0, "-short"), (18, "-normal")]  # noqa: RUF012
    BINDINGS = [  # noqa: RUF012
        Binding("ctrl+s,f2", "save", "Save and test", key_display="^s"),
        Binding("f5", "preview", "What would change"),
        Binding("f8", "next_problem", "Next error"),
        Binding("f4", "copy", "Copy to my rules"),
        Binding("escape", "leave", "Back"),
    ]

    def __init__(
        self, book: Rulebook, db: Path, opening: Callable[[], Opening], *, cover: bool
    ) -> None:
        """`opening` finds what to open. It may take long and raise a ModerationError.
        `cover` says whether comments are quoted as blocks at first."""
        super().__init__()
        self._covering = cover
        self._book = book
        self._db = db
        self._find = opening
        self._proof = Proof()
        self._opening: Opening | None = None
        self._places: list[tuple[int, int]] = []
        self._seen_place = -1
        self._told = ""
        self._saved = ""
        #: What a second press of the same key was told to do.
        self._asked = ""

    def compose(self) -> ComposeResult:
        yield Static(id="rule-head")
        yield YamlArea(id="rule-text")
        yield Static(id="rule-said")
        yield OptionList(id="rule-problems", compact=True)
        yield Footer(show_command_palette=False, compact=True)

    @property
    def area(self) -> YamlArea:
        return self.query_one(YamlArea)

    @property
    def modified(self) -> bool:
        """Whether there is something that is not on disk."""
        opening = self._opening
        if opening is None or opening.draft.locked:
            return False
        return opening.draft.raw is None or self.area.text != opening.draft.text

    def on_mount(self) -> None:
        self.query_one(OptionList).display = False
        self._say("Looking for the rule …")
        self._open(self._find)

    def on_unmount(self) -> None:
        self._proof.close()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        locked = self._opening is not None and bool(self._opening.draft.locked)
        if action in ("copy", "save"):
            return locked is (action == "copy")
        return True

    # Opening

    @work(group="open", exclusive=True)
    async def _open(self, find: Callable[[], Opening], told: str = "") -> None:
        try:
            opening = await asyncio.to_thread(find)
        except ModerationError as error:
            self._say_problem(error)
            self.area.display = self._opening is not None
            return
        self._opening, self._told = opening, told
        area = self.area
        area.read_only = bool(opening.draft.locked)
        area.load_text(opening.text)
        area.move_cursor((opening.line - 1, opening.column - 1), center=True)
        area.focus()
        self.refresh_bindings()
        self._show_head()
        self._say("")
        self._check(0)

    def _show_head(self) -> None:
        opening = self._opening
        if opening is None:
            return
        state = ""
        if opening.draft.locked:
            state = f"  read only: {opening.draft.locked}"
        elif opening.draft.raw is None:
            state = "  new, not saved"
        elif self.modified:
            state = "  not saved"
        line, column = self.area.cursor_location
        self.query_one("#rule-head", Static).update(
            Content.assemble(
                (one_line(opening.draft.path.name, 40), "bold"),
                (f"  {line + 1}:{column + 1}", QUIET),
                (state, _WARNED),
                (f"  {one_line(str(opening.draft.path.parent), 200)}", QUIET),
            )
        )

    # While typing

    @on(TextArea.Changed)
    def _changed(self) -> None:
        self._asked = ""
        if self._opening is not None and self.area.text != self._opening.text:
            self._told = ""
        self._show_head()
        self._check(_PAUSE_SECONDS)

    @on(TextArea.SelectionChanged)
    def _moved(self) -> None:
        self._show_head()

    @work(group="check", exclusive=True)
    async def _check(self, pause: float) -> None:
        await asyncio.sleep(pause)
        try:
            checked = await self._checked(tests=False)
        except ModerationError as error:
            self._list([])
            self._say(f"Not checked: {error.what}", _WARNED)
            return
        self._show(checked)
        if not self._asked:
            self._say(self._told)

    async def _checked(self, *, tests: bool) -> Checked:
        """Raises ModerationError: it takes too long, or is too large."""
        opening, text = self._opening, self.area.text
        if opening is None:
            raise ModerationError("there is no file")
        if len(text.encode(errors="replace")) > MOST_BYTES:
            raise ModerationError(f"it is larger than {MOST_BYTES:,} bytes")
        return await self._proof.run(
            _check_draft, text, opening.draft.path, opening.elsewhere, tests,
            seconds=_CHECK_SECONDS,
        )  # fmt: skip

    # What is wrong

    def _show(self, checked: Checked) -> None:
        lines: list[tuple[int, int, Content]] = [
            (
                each.line,
                each.column,
                Content.assemble(
                    (each.level.value, _WARNED if each.level is Level.ERROR else QUIET),
                    f" {one_line(each.message, 200)}",
                    (f"  {one_line(each.hint, 200)}" if each.hint else "", QUIET),
                ),
            )
            for each in sorted(checked.problems, key=lambda each: each.level is not Level.ERROR)
        ]
        lines += [
            (
                each.line,
                1,
                Content.assemble(
                    ("test failed", _WARNED),
                    f" {one_line(each.rule, 60)} should {each.expected} ",
                    (one_line(each.text, 60), "italic"),
                    (f"  {one_line(each.explanation, 200)}", QUIET),
                ),
            )
            for each in checked.failures
        ]
        self._list(lines)

    def _list(self, lines: Sequence[tuple[int, int, Content]]) -> None:
        self._places = [(line, column) for line, column, _ in lines]
        self._seen_place = -1
        problems = self.query_one(OptionList)
        problems.clear_options()
        problems.add_options(
            Option(Content.assemble((f"{f'{line}:{column}':>7} ", "bold $accent"), said))
            for line, column, said in lines[:_LISTED]
        )
        problems.display = bool(lines)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self._jump(event.option_index)

    def action_next_problem(self) -> None:
        if self._places:
            self._jump((self._seen_place + 1) % len(self._places))

    def _jump(self, index: int) -> None:
        self._seen_place = index
        self.query_one(OptionList).highlighted = index if index < _LISTED else None
        line, column = self._places[index]
        self.area.move_cursor((line - 1, column - 1), center=True)
        self.area.focus()

    # Saving

    def action_save(self) -> None:
        if self._opening is not None:
            self._save()

    @work(group="save", exclusive=True)
    async def _save(self) -> None:
        opening, text = self._opening, self.area.text
        assert opening is not None
        asked, self._asked = self._asked, ""
        self.workers.cancel_group(self, "check")
        checked: Checked | None = None
        again = "^s again saves it all the same"
        try:
            checked = await self._checked(tests=True)
            self._show(checked)
            wrong = f"A scan would refuse it ({_count(checked.errors, 'error')})"
            doubtful = bool(checked.errors)
        except ModerationError as error:
            wrong, doubtful = f"It could not be checked: {error.what}", True
        if doubtful and asked not in ("errors", "over"):
            self._asked = "errors"
            self._say(f"Not saved. {wrong}: {again}.", _WARNED)
            return
        try:
            draft = await asyncio.to_thread(write_draft, opening.draft, text, over=asked == "over")
        except ConflictError:
            self._asked = "over"
            self._say(
                "Not saved: the file was changed on disk since it was opened. "
                "^s again writes over that; esc twice leaves it as it is there.",
                _WARNED,
            )
            return
        except ModerationError as error:
            self._say_problem(error)
            return
        self._opening = Opening(draft, text, opening.rule, opening.line, 1, opening.elsewhere)
        self._saved = f"Saved {one_line(draft.path.name, 40)}"
        self._show_head()
        self._say_saved(checked)

    def _say_saved(self, checked: Checked | None) -> None:
        opening = self._opening
        assert opening is not None
        if checked is None or checked.errors:
            tests = ("Its errors keep the tests from running.", _WARNED)
        elif checked.failures:
            failed = _count(len(checked.failures), "test")
            tests = (f"{failed} of {checked.run:,} failed.", _WARNED)
        elif not checked.run:
            tests = ("It has no tests.", _WARNED)
        else:
            tests = (f"{_count(checked.run, 'test')} passed.", _GOOD)
        advice = self._book.advice(opening.draft.path)
        then = (
            f"It is not in force yet. In moderation.toml: {visible(advice)}" if advice else _SAVED
        )
        self._say(Content.assemble(("Saved. ", _GOOD), tests, f" {then}"))

    # Trying, copying, leaving

    def action_preview(self) -> None:
        opening = self._opening
        if opening is not None:
            screen = RulePreviewScreen(
                self._proof,
                self._db,
                self._book.paths,
                opening.draft.path,
                self.area.text,
                cover=self._covering,
            )
            self.app.push_screen(screen)

    def action_copy(self) -> None:
        opening = self._opening
        if opening is not None:
            told = (
                f"A copy on trial (status: shadow) in {self._book.own}. "
                "The shipped rule stays in force beside it."
            )
            self._open(lambda: self._book.copy(opening), told)

    def action_leave(self) -> None:
        """Back, if nothing is lost by it or the person has been told so."""
        if self.modified and self._asked != "leave":
            self._asked = "leave"
            self._say("Not saved: esc again leaves it, ^s saves it.", _WARNED)
            return
        self.dismiss(self._saved)

    def _say(self, words: str | Content, style: str = "") -> None:
        said = self.query_one("#rule-said", Static)
        said.display = bool(words)
        said.update(Content.styled(visible(words), style) if isinstance(words, str) else words)

    def _say_problem(self, error: ModerationError) -> None:
        where = f"\n{error.where}" if error.where else ""
        self._say(f"{problem(error)}{where}", _WARNED)


def _check_draft(text: str, path: Path, elsewhere: dict[str, Path], tests: bool) -> Checked:
    return check(text, path, elsewhere, tests=tests)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
