"""One item in full: the comment in its thread, and why it is here."""

from __future__ import annotations

import asyncio

from textual.app import ComposeResult
from textual.containers import Container

from moderation.errors import ModerationError, StoreError
from moderation.queue import Item
from tui.aside import Aside
from tui.desk import Scene
from tui.setup import Setup
from tui.thresholds import thresholds
from tui.weighing import Weigher
from tui.widgets.comment_view import CommentView
from tui.widgets.why import WhyPanel

#: How long a comment is on the screen before the model is asked about its words.
_WEIGH_AFTER_SECONDS = 0.15
#: And before the store is asked for others like it.
_COMPARE_AFTER_SECONDS = 0.25


class Card(Container):
    """Both panes of an item. What takes long is worked out beside the app and drawn later:
    the words that the model went by, the lines that the rules draw on its scores, and what
    became of others that say the same."""

    def __init__(self, setup: Setup, aside: Aside | None, *, id: str | None = None) -> None:
        """Without `aside` nothing is told of others that say the same."""
        super().__init__(id=id)
        self._setup = setup
        self._aside = aside
        self.view = CommentView(setup.actions, setup.veil, id="view")
        self.why = WhyPanel(setup.actions, id="why")
        self._weigher = Weigher()
        self._item: Item | None = None

    def compose(self) -> ComposeResult:
        yield self.view.add_class("-active")
        yield self.why

    def on_mount(self) -> None:
        if self._setup.rules:
            self.run_worker(self._draw_lines(), group="thresholds", exit_on_error=False)

    def on_unmount(self) -> None:
        self._weigher.close()

    def show(self, scene: Scene) -> None:
        self._item = scene.item
        self.view.show(scene)
        self.why.show(scene, covered=self.view.covered)
        self.view.add_class("-active")
        self.why.remove_class("-active")
        for group, work in (("weigh", self._weigh), ("compare", self._compare)):
            self.run_worker(work(scene.item), group=group, exclusive=True, exit_on_error=False)

    def toggle_cover(self) -> None:
        """Blocks in place of the words, or the words again."""
        self.view.cover(not self.view.covered)
        self.why.cover(self.view.covered)

    def other_pane(self) -> None:
        """Let the scroll keys move the other one."""
        self.view.toggle_class("-active")
        self.why.toggle_class("-active")

    def scroll_pane(self, *, on: bool) -> None:
        pane = self.query_one(".-active")
        if on:
            pane.scroll_page_down(animate=False)
        else:
            pane.scroll_page_up(animate=False)

    async def _weigh(self, item: Item) -> None:
        await asyncio.sleep(_WEIGH_AFTER_SECONDS)
        spans = await self._weigher.words(item.assessment)
        if self._item is item and spans:
            self.view.weighed(spans)
            self.why.weighed(spans)

    async def _compare(self, item: Item) -> None:
        if self._aside is None:
            return
        await asyncio.sleep(_COMPARE_AFTER_SECONDS)
        try:
            found = await self._aside.ask(lambda view: view.alike(item))
        except StoreError:
            return  # what is wrong is told by what cannot do without
        if self._item is item:
            self.why.alike(found)

    async def _draw_lines(self) -> None:
        try:
            found = await asyncio.to_thread(thresholds, self._setup.rules)
        except ModerationError:
            return  # the bars do without; `rules check` says what is wrong
        self.why.draw_lines(found)
