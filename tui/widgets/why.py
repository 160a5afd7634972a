"""Why a comment is here: reasons, scores, and what is known of its author."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from moderation.comments import LABELS, Scores
from moderation.display import one_line
from moderation.plain import UNSUPPORTED, decision_words, read_words, reasons, tally_words
from moderation.queue import Context, Item
from tui.render import QUIET, reason

_LABEL_WIDTH = 16
_FIGURE_WIDTH = 4
#: From here on a score is drawn as one that speaks against the comment.
_NOTABLE = 0.5


class ScoreBars(Widget):
    """One bar for each score, as long as there is room, and its figure.

    The filled part is a heavy line and the rest dots, so that it reads without colour.
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._scores: Scores = {}

    def show(self, scores: Scores) -> None:
        self._scores = scores
        self.refresh(layout=True)

    def render(self) -> Content:
        if not self._scores:
            return Content.styled("No model scored this", f"italic {QUIET}")
        room = max(4, self.content_size.width - _LABEL_WIDTH - _FIGURE_WIDTH - 1)
        known = [label for label in LABELS if label in self._scores]
        others = [label for label in self._scores if label not in LABELS]
        return Content("\n").join(self._bar(label, room) for label in known + others)

    def _bar(self, label: str, room: int) -> Content:
        score = min(1.0, max(0.0, self._scores[label]))
        filled = round(score * room)
        notable = score >= _NOTABLE
        name = one_line(label.replace("_", " "), _LABEL_WIDTH - 1)
        return Content.assemble(
            (f"{name:<{_LABEL_WIDTH}}", "" if notable else QUIET),
            ("━" * filled, "$warning" if notable else "$primary"),
            ("┈" * (room - filled), "$foreground 25%"),
            (f" {self._scores[label]:.2f}", "bold" if notable else QUIET),
        )


class ReasonList(Widget):
    """The reasons, each with the number that its matches bear in the text."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._item: Item | None = None

    def show(self, item: Item) -> None:
        self._item = item
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        # The lines are broken here and not by Textual, to set them in under the number.
        return len(self._content(width).split("\n"))

    def render(self) -> Content:
        return self._content(self.content_size.width)

    def _content(self, width: int) -> Content:
        item = self._item
        if item is None:
            return Content.empty()
        flags = reasons(item.assessment)
        lines = [reason(index, flag, width) for index, flag in enumerate(flags)]
        if not flags:
            lines.append(Content.styled("No rule matched", f"italic {QUIET}"))
        lines.extend(
            line
            for note in self._notes(item)
            for line in Content.styled(note, QUIET).wrap(max(10, width))
        )
        return Content("\n").join(lines)

    def _notes(self, item: Item) -> list[str]:
        notes = []
        if item.assessment.reading:
            notes.append(read_words(item.assessment))
        if item.assessment.unsupported:
            notes.append(UNSUPPORTED)
        if item.assessment.undecided:
            rules = ", ".join(one_line(rule, 60) for rule in item.assessment.undecided)
            notes.append(f"Not decidable for this source: {rules}")
        if item.skips:
            notes.append(f"Skipped {'once' if item.skips == 1 else f'{item.skips} times'} before")
        return notes


class WhyPanel(VerticalScroll, can_focus=False):
    """Everything that explains the verdict."""

    def compose(self) -> ComposeResult:
        with Container(id="why-columns"):
            with Container(id="explained"):
                yield Static(Content("Why"), classes="heading")
                yield ReasonList(id="reasons")
                yield Static(Content("Author"), classes="heading")
                yield Static(id="author")
            with Container(id="scored"):
                yield Static(Content("Scores"), classes="heading")
                yield ScoreBars(id="scores")

    def show(self, item: Item, context: Context) -> None:
        self.query_one(ReasonList).show(item)
        self.query_one(ScoreBars).show(item.assessment.scores)
        self.query_one("#author", Static).update(self._author(item, context))
        self.scroll_home(animate=False)

    def _author(self, item: Item, context: Context) -> Content:
        if item.comment.author is None:
            return Content.styled("The source does not name the author", f"italic {QUIET}")
        lines = [Content(tally_words(context.author))]
        lines.extend(
            Content.styled(f"· {decision_words(decision)}", QUIET)
            for decision in context.author.last[:5]
        )
        return Content("\n").join(lines)
