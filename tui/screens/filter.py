"""One line that says which comments to see, and how many those are."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from moderation.display import one_line, visible
from moderation.errors import StoreError, UsageError
from moderation.queue import Filter
from tui.aside import Aside
from tui.completing import Completion
from tui.render import QUIET
from tui.screens.steady import Steady

#: How long after the last letter what fits is counted.
_PAUSE_SECONDS = 0.2
_LONGEST = 10_000

_FIELDS = (
    ("rule:threats.damage", "flagged by it; rule:threats.* by one that begins so"),
    ('author:"Ann B"', "a name or an id; author:Ann* all that begin so"),
    ("label:threat>=0.5", "the model's score"),
    ("severity:high", "this grave or graver"),
    ('muppet mup* "two words"', "in the text"),
)
_OTHERS = "also thread: source: script: verdict: by:"


class FilterScreen(Steady, ModalScreen[Filter | None]):
    """Gives the filter that was typed, or None when nothing shall change."""

    BINDINGS = [Binding("escape", "dismiss(None)", "Close")]  # noqa: RUF012

    def __init__(self, now: Filter, aside: Aside) -> None:
        super().__init__()
        self._now = now
        #: A line can hold what no screen may: it is shown printable, and meant as it was.
        self._shown = one_line(str(now), _LONGEST)
        self._aside = aside
        self._rules: Sequence[str] = ()
        # Kept, not looked up: a count can come while the screen closes.
        self._said = Static(id="filter-count")

    def compose(self) -> ComposeResult:
        with Vertical(id="filter"):
            yield Static(Content.styled("See only", "bold $accent"))
            completion = Completion(lambda: self._rules)
            yield Input(self._shown, id="filter-line", suggester=completion)
            yield self._said
            yield Static(_help(), id="filter-help")

    def on_mount(self) -> None:
        self.run_worker(self._learn_rules(), exit_on_error=False)
        self._count_soon(self._shown)

    async def _learn_rules(self) -> None:
        try:
            self._rules = await self._aside.ask(lambda view: view.rules())
        except StoreError:
            return  # they are only not suggested; the count says what is wrong

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._count_soon(event.value)

    def _count_soon(self, line: str) -> None:
        self.run_worker(self._count(line), group="count", exclusive=True)

    async def _count(self, line: str) -> None:
        """Say how many fit, once nothing more is typed; the next letter calls it off."""
        try:
            wanted = self._read(line)
        except UsageError as error:
            # A line that is being typed is wrong nearly always: it is told on enter.
            self._say(Content.styled(visible(error.what), QUIET))
            return
        await asyncio.sleep(_PAUSE_SECONDS)
        self._say(Content.styled("counting …", QUIET))
        try:
            count = await self._aside.ask(lambda view: view.count(wanted))
        except StoreError as error:
            self._say(Content.styled(visible(error.what), "$text-warning"))
        else:
            self._say(Content.assemble((f"{count:,}", "bold"), f" {_waits(count)}"))

    def _read(self, line: str) -> Filter:
        found = self._now if line == self._shown else Filter.parse(line)
        # Only what waits is reviewed, whatever the line says of it.
        return replace(found, status=Filter().status)

    def _say(self, words: Content) -> None:
        self._said.update(words)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        try:
            found = self._read(event.value)
        except UsageError as error:
            self.workers.cancel_group(self, "count")
            told = [visible(part) for part in (error.what, error.hint) if part]
            self._say(Content.styled("\n".join(told), "$text-warning"))
        else:
            self.dismiss(found)


def _waits(count: int) -> str:
    return "waits" if count == 1 else "wait"


def _help() -> Content:
    width = max(len(example) for example, _ in _FIELDS)
    lines = [
        Content.assemble(example.ljust(width + 2), (meaning, QUIET)) for example, meaning in _FIELDS
    ]
    lines.append(Content.styled(f"{_OTHERS}\n→ completes · enter applies · esc leaves it", QUIET))
    return Content("\n").join(lines)
