"""The comment in its thread: title, what it answers, itself, what answered it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from moderation.display import one_line
from moderation.plain import Excerpt, excerpt, places, reasons, thread_title
from moderation.queue import Context, Item
from tui.render import QUIET, byline, marked, marked_line, summary, verdict_line

#: Lines spent on the surroundings: enough to understand, never more than the comment.
_ANCESTORS = 3
_REPLIES = 12
_LINE = 300


class CommentView(VerticalScroll, can_focus=False):
    """Shows one item. Long texts are shown a part at a time."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._item: Item | None = None
        self._offset = 0

    def compose(self) -> ComposeResult:
        yield Static(id="thread")
        yield Static(id="ancestors")
        yield Static(id="meanwhile")
        yield Static(id="byline")
        yield Static(id="comment")
        yield Static(id="part")
        yield Static(id="replies")

    def show(self, item: Item, context: Context) -> None:
        self._item = item
        self._offset = 0
        self._update("thread", self._thread(item))
        self._update("ancestors", self._ancestors(context))
        self._update("meanwhile", Content.empty())
        self._update("replies", self._replies(context))
        self._show_text(item)
        self.scroll_home(animate=False)
        self.call_after_refresh(self._reveal)

    def _reveal(self) -> None:
        """In a low window the surroundings scroll away, and not the comment itself."""
        height = self.scrollable_content_region.height
        text = self.query_one("#comment").virtual_region
        wanted = min(text.height, max(4, height // 2))
        hidden = text.y + wanted - height
        if hidden > 0:
            top = self.query_one("#byline").virtual_region.y
            self.scroll_to(y=min(hidden, top), animate=False)

    def on_resize(self) -> None:
        self.call_after_refresh(self._reveal)

    def more(self) -> bool:
        """The next part of a long text, or the first after the last. False if it is short."""
        if self._item is None:
            return False
        shown = self._excerpt(self._item)
        if not shown.partial:
            return False
        self._offset = shown.end if shown.end < shown.total else 0
        self._show_text(self._item)
        self.call_after_refresh(self._scroll_to_text)
        return True

    def meanwhile(self, words: str) -> None:
        """Say above the comment that someone else has dealt with it."""
        self._update("meanwhile", Content(words))

    def _scroll_to_text(self) -> None:
        self.scroll_to_widget(self.query_one("#byline"), animate=False, top=True)

    def _update(self, name: str, content: Content) -> None:
        static = self.query_one(f"#{name}", Static)
        static.display = bool(content)
        static.update(content)

    def _excerpt(self, item: Item) -> Excerpt:
        flags = reasons(item.assessment)
        return excerpt(item.comment.text, places(flags, "text", "link"), self._offset)

    def _show_text(self, item: Item) -> None:
        flags = reasons(item.assessment)
        shown = self._excerpt(item)
        text = marked(shown.text, shown.spans)
        self._update("byline", Content.assemble(
            verdict_line(item.assessment), "  ", byline(item, flags)))  # fmt: skip
        self._update("comment", text or Content.styled("(empty)", f"italic {QUIET}"))
        self._update("part", self._part(shown))

    def _part(self, shown: Excerpt) -> Content:
        if not shown.partial:
            return Content.empty()
        matches = "match" if shown.later == 1 else "matches"
        further = f" · {shown.later} {matches} further on" if shown.later else ""
        then = "the next part" if shown.end < shown.total else "the first part again"
        return Content.assemble(
            (f"Characters {shown.start + 1:,}–{shown.end:,} of {shown.total:,}{further} · ", QUIET),
            ("m", "bold $accent"),
            (f" shows {then}", QUIET),
        )

    def _thread(self, item: Item) -> Content:
        thread = item.comment.thread
        if thread is None:
            return Content.styled("An unknown thread", f"italic {QUIET}")
        flags = reasons(item.assessment)
        title = (
            marked_line(thread.title, places(flags, "title"), 200)
            if thread.title
            else Content(thread_title(item.comment))
        )
        where = thread.url or thread.site or ""
        return Content.assemble(
            title.stylize("bold"),
            (f"  {one_line(where, 200)}" if where and thread.title else "", QUIET),
        )

    def _ancestors(self, context: Context) -> Content:
        chain = context.ancestors
        lines: list[Content] = []
        if len(chain) > _ANCESTORS:
            # The root and the nearest ones; the way between is counted.
            lines.append(summary(chain[0], _LINE))
            lines.append(Content.styled(f"  … {len(chain) - _ANCESTORS} between", QUIET))
            chain = chain[1 - _ANCESTORS :]
        for item in chain:
            depth = len(lines)
            lines.append(
                Content.assemble(
                    ("  " * (depth - 1) + "└ " if depth else "", QUIET), summary(item, _LINE)
                )
            )
        return Content("\n").join(lines)

    def _replies(self, context: Context) -> Content:
        if not context.replies:
            return Content.empty()
        lines = [
            Content.assemble(("└ ", QUIET), summary(item, _LINE))
            for item in context.replies[:_REPLIES]
        ]
        left = len(context.replies) - _REPLIES
        if left > 0:
            lines.append(Content.styled(f"  … {left} more", QUIET))
        return Content("\n").join(lines)
