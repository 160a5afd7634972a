"""The comment in its thread: title, what it answers, itself, what answered it."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from moderation.comments import Span
from moderation.display import one_line
from moderation.plain import Excerpt, excerpt, places, reasons, thread_title
from moderation.queue import Item
from tui import thread
from tui.actions import Actions
from tui.desk import Scene
from tui.render import QUIET, byline, marked, marked_line, verdict_line
from tui.veil import Veil, masked_line, matches
from tui.widgets.still import Still


class CommentView(VerticalScroll, can_focus=False):
    """Shows one item. Long texts are shown a part at a time."""

    class FoldAsked(Message):
        """The line of what is folded was clicked."""

    class UncoverAsked(Message):
        """The covered text was clicked."""

    def __init__(self, actions: Actions, veil: Veil, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._actions = actions
        self._veil = veil
        self._scene: Scene | None = None
        self._weighed: Sequence[Span] = ()
        self._offset = 0
        self._folded = False
        self._covered = False

    def compose(self) -> ComposeResult:
        yield Still(id="thread")
        yield Still(id="ancestors")
        yield Still(id="meanwhile")
        yield Still(id="byline")
        yield Still(id="remark")
        yield Still(id="comment")
        yield Still(id="part")
        yield Still(id="replies")

    @property
    def covered(self) -> bool:
        """Whether blocks stand for the words."""
        return self._covered

    def show(self, scene: Scene) -> None:
        self._scene = scene
        self._weighed = ()
        self._offset = 0
        self._covered = self._veil.covers(scene.item)
        self._update("meanwhile", Content.empty())
        self._update("remark", Content.empty())
        self._show_around(scene)
        self._show_text(scene.item)
        self.scroll_home(animate=False)
        self.call_after_refresh(self._reveal)

    def cover(self, covered: bool) -> None:
        """Put blocks in place of the words, or the words again."""
        self._covered = covered
        if self._scene is not None:
            self._show_around(self._scene)
            self._show_text(self._scene.item)

    def weighed(self, spans: Sequence[Span]) -> None:
        """What weighed most in the model's score."""
        self._weighed = spans
        if self._scene is not None:
            self._show_text(self._scene.item)

    def fold(self) -> None:
        """The surroundings as one line, or again; so it stays for the next item."""
        self._folded = not self._folded
        if self._scene is not None:
            self._show_around(self._scene)
            self.call_after_refresh(self._reveal)

    def more(self) -> bool:
        """The next part of a long text, or the first after the last. False if it is short."""
        if self._scene is None:
            return False
        shown = self._excerpt(self._scene.item)
        if not shown.partial:
            return False
        self._offset = shown.end if shown.end < shown.total else 0
        self._show_text(self._scene.item)
        self.call_after_refresh(self._scroll_to_text)
        return True

    def meanwhile(self, words: str) -> None:
        """Say above the comment what someone else does with it, or nothing."""
        self._update("meanwhile", Content(words))

    def remark(self, chips: Content) -> None:
        """Say above the comment what goes on record with the next decision on it."""
        self._update("remark", chips)

    def on_resize(self) -> None:
        self.call_after_refresh(self._reveal)

    def on_click(self, event: events.Click) -> None:
        name = event.widget.id if event.widget is not None else None
        if name == "ancestors" and self._folded:
            self.post_message(self.FoldAsked())
        elif name == "comment" and self._covered:
            self.post_message(self.UncoverAsked())

    def _reveal(self) -> None:
        """In a low window the surroundings scroll away, and not the comment itself."""
        height = self.scrollable_content_region.height
        text = self.query_one("#comment").virtual_region
        wanted = min(text.height, max(4, height // 2))
        hidden = text.y + wanted - height
        if hidden > 0:
            top = self.query_one("#byline").virtual_region.y
            self.scroll_to(y=min(hidden, top), animate=False)

    def _scroll_to_text(self) -> None:
        self.scroll_to_widget(self.query_one("#byline"), animate=False, top=True)

    def _update(self, name: str, content: Content) -> None:
        static = self.query_one(f"#{name}", Static)
        static.display = bool(content)
        static.update(content)

    def _show_around(self, scene: Scene) -> None:
        self._update("thread", self._title(scene.item))
        if self._folded:
            self._update("ancestors", thread.folded(scene, self._actions.key("fold")))
            self._update("replies", Content.empty())
        else:
            self._update("ancestors", thread.above(scene, self._veil))
            self._update("replies", thread.below(scene, self._veil))

    def _excerpt(self, item: Item) -> Excerpt:
        flags = reasons(item.assessment)
        return excerpt(item.comment.text, places(flags, "text", "link"), self._offset)

    def _show_text(self, item: Item) -> None:
        flags = reasons(item.assessment)
        shown = self._excerpt(item)
        weighed = excerpt(item.comment.text, [self._weighed], self._offset).spans[0]
        text = marked(shown.text, shown.spans, weighed, cover=self._covered)
        who = byline(item, flags, cover=self._covered)
        self._update("byline", Content.assemble(verdict_line(item.assessment), "  ", who))
        self._update("comment", text or Content.styled("(empty)", f"italic {QUIET}"))
        self._update("part", self._part(shown))

    def _part(self, shown: Excerpt) -> Content:
        lines = []
        if self._covered:
            lines.append(self._hint("Covered · ", "blur", " shows the words"))
        if shown.partial:
            noun = "match" if shown.later == 1 else "matches"
            further = f" · {shown.later} {noun} further on" if shown.later else ""
            where = f"Characters {shown.start + 1:,}–{shown.end:,} of {shown.total:,}"
            then = "the next part" if shown.end < shown.total else "the first part again"
            lines.append(self._hint(f"{where}{further} · ", "more", f" shows {then}"))
        return Content("\n").join(lines)

    def _hint(self, before: str, action: str, after: str) -> Content:
        return Content.assemble(
            (before, QUIET), (self._actions.key(action), "bold $accent"), (after, QUIET)
        )

    def _title(self, item: Item) -> Content:
        page = item.comment.thread
        if page is None:
            return Content.styled("An unknown thread", f"italic {QUIET}")
        if page.title and self._covered:
            title = Content(masked_line(page.title, matches(item, "title"), 200))
        elif page.title:
            title = marked_line(page.title, places(reasons(item.assessment), "title"), 200)
        else:
            title = Content(thread_title(item.comment))
        where = page.url or page.site or ""
        return Content.assemble(
            title.stylize("bold"),
            (f"  {one_line(where, 200)}" if where and page.title else "", QUIET),
        )
