"""Words of a comment to be picked, for a rule that looks for them."""

from __future__ import annotations

import re
from itertools import pairwise

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from moderation.comments import Assessment
from moderation.display import one_line
from moderation.plain import excerpt, places, reasons
from tui.render import QUIET
from tui.screens.steady import Steady

#: What stands around words and belongs to the sentence.
_AROUND = " \t\r\n.,;:!?…\"'()[]{}<>«»“”„‘’—–"
#: The number that a match bears on the screen, in text selected there.
_NUMBER = re.compile(r"\[\d+\]")
#: Columns of a word that are shown.
_WIDEST = 60
#: Characters before the first match, where the text is too long to show from its beginning.
_LEAD = 200
_HINT = "arrows move · shift+arrows or space take more · enter starts the rule · esc leaves it"


class Words(Widget, can_focus=True):
    """A text word by word, a run of them picked: by arrows, or by the mouse."""

    BINDINGS = [  # noqa: RUF012
        Binding("left,h", "step(-1)"),
        Binding("right,l", "step(1)"),
        Binding("shift+left", "step(-1, True)"),
        Binding("shift+right", "step(1, True)"),
        Binding("up,k", "row(-1)"),
        Binding("down,j", "row(1)"),
        Binding("shift+up", "row(-1, True)"),
        Binding("shift+down", "row(1, True)"),
        Binding("space", "step(1, True)"),
    ]

    class Moved(Message):
        """Other words are picked."""

    def __init__(self, text: str, start: int, end: int) -> None:
        """The words between these places are picked at first."""
        super().__init__(id="words")
        self._text = text
        self._spans = [found.span() for found in re.finditer(r"\S+", text)]
        self._shown = [one_line(text[a:b], _WIDEST) for a, b in self._spans]
        self._sizes = [Content(word).cell_length for word in self._shown]
        near = [i for i, (a, b) in enumerate(self._spans) if a < end and b > start] or [0]
        self._anchor, self._cursor = near[0], near[-1]
        #: Of each line: its words, each with its first column.
        self._rows: list[list[tuple[int, int]]] = []
        self._dragged = False

    @property
    def picked(self) -> str:
        """The words as they were written, without what stands around them."""
        if not self._spans:
            return ""
        first, last = sorted((self._anchor, self._cursor))
        written = self._text[self._spans[first][0] : self._spans[last][1]]
        return written.strip(_AROUND) or written

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        self._lay_out(width)
        return len(self._rows)

    def render(self) -> Content:
        self._lay_out(self.content_size.width)
        first, last = sorted((self._anchor, self._cursor))
        lines = []
        for row in self._rows:
            parts: list[Content] = []
            for (index, column), following in pairwise([*row, (-1, -1)]):
                style = "bold reverse" if first <= index <= last else ""
                word = Content.styled(self._shown[index], style)
                gap = following[1] - column - word.cell_length if following[0] >= 0 else 0
                inner = "reverse" if first <= index < last else ""
                parts += [word, Content.styled(" " * gap, inner)]
            lines.append(Content("").join(parts))
        return Content("\n").join(lines)

    def _lay_out(self, width: int) -> None:
        rows: list[list[tuple[int, int]]] = [[]]
        column = 0
        for index, size in enumerate(self._sizes):
            between = self._text[self._spans[index - 1][1] : self._spans[index][0]] if index else ""
            if rows[-1] and (column + size > width or "\n" in between):
                rows.append([])
                column = 0
            rows[-1].append((index, column))
            column += size + 1
        self._rows = rows

    def action_step(self, by: int, more: bool = False) -> None:
        self._go(self._cursor + by, more=more)

    def action_row(self, by: int, more: bool = False) -> None:
        for number, row in enumerate(self._rows):
            column = dict(row).get(self._cursor)
            if column is not None:
                wanted = self._rows[max(0, min(len(self._rows) - 1, number + by))]
                self._go(min(wanted, key=lambda each: abs(each[1] - column))[0], more=more)
                return

    def _go(self, to: int, *, more: bool) -> None:
        self._cursor = max(0, min(len(self._spans) - 1, to))
        if not more:
            self._anchor = self._cursor
        self.refresh()
        self.post_message(self.Moved())
        self.reveal()

    def reveal(self) -> None:
        """Scroll to the word that the arrows move."""
        for y, row in enumerate(self._rows):
            if any(index == self._cursor for index, _ in row) and self.parent is not None:
                region = Region(0, self.virtual_region.y + y, 1, 1)
                self.screen.query_one("#words-scroll", VerticalScroll).scroll_to_region(
                    region, animate=False
                )

    def _word_at(self, x: int, y: int) -> int | None:
        if not 0 <= y < len(self._rows):
            return None
        return max((each for each in self._rows[y] if each[1] <= x), default=(None,))[0]

    def on_mouse_down(self, event: events.MouseDown) -> None:
        word = self._word_at(event.x, event.y)
        if word is not None:
            self._dragged = True
            self.capture_mouse()
            self._go(word, more=event.shift)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        word = self._word_at(event.x, event.y) if self._dragged else None
        if word is not None and word != self._cursor:
            self._go(word, more=True)

    def on_mouse_up(self) -> None:
        self._dragged = False
        self.release_mouse()


class WordsScreen(Steady, ModalScreen[str]):
    """Gives the words that were picked, or None."""

    ALLOW_SELECT = False
    BINDINGS = [  # noqa: RUF012
        Binding("enter", "take", "Start the rule"),
        Binding("escape", "dismiss(None)", "Close"),
    ]

    def __init__(self, assessment: Assessment, selected: str = "") -> None:
        """At first what the first rule matched is picked, or what was `selected` on the
        screen, if it is found."""
        super().__init__()
        flags = reasons(assessment)
        marked = places(flags, "text", "link")
        shown = excerpt(assessment.comment.text, marked)
        if shown.later and not any(shown.spans):
            first = min(span.start for each in marked for span in each)
            shown = excerpt(assessment.comment.text, marked, max(0, first - _LEAD))
        wanted = " ".join(_NUMBER.sub("", selected).split())
        at = shown.text.find(wanted) if wanted else -1
        spans = [span for each in shown.spans for span in each]
        start = at if at >= 0 else spans[0].start if spans else 0
        end = at + len(wanted) if at >= 0 else spans[0].end if spans else 1
        self._words = Words(shown.text, start, end)

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="words-pane", can_focus=False):
            yield Static(Content.styled("Words for a new rule", "bold $accent"))
            with VerticalScroll(id="words-scroll", can_focus=False):
                yield self._words
            yield Static(id="words-picked")
            yield Static(Content.styled(_HINT, QUIET))

    def on_mount(self) -> None:
        self._words.focus()
        self._moved()
        self.call_after_refresh(self._words.reveal)

    def on_words_moved(self) -> None:
        self._moved()

    def _moved(self) -> None:
        picked = one_line(self._words.picked, 200)
        self.query_one("#words-picked", Static).update(Content.assemble("→ ", (picked, "bold")))

    def action_take(self) -> None:
        if self._words.picked.strip():
            self.dismiss(self._words.picked)
