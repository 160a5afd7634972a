"""The list of what waits: numbers only, rows fetched when they come into sight.

On Textual's line API, because a widget that holds every row takes seconds for a
hundred thousand of them; this one draws what the window shows and nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from moderation.display import one_line
from moderation.queue import Claim, Item
from tui.render import age, chips, masked_author, severity_word
from tui.veil import Veil

_CACHED_ROWS = 4000
#: Rows fetched beyond the window on either side, so that a step does not wait.
_AHEAD = 20
_CHOSEN = "✓"
#: The heights from which on a row takes two lines, and three.
_TWO_LINES, _THREE_LINES = 7, 34


class QueueList(ScrollView, can_focus=False):
    """Numbers of items in order with a cursor. The screen owns both and tells this widget."""

    COMPONENT_CLASSES = {  # noqa: RUF012 - Textual's own declaration
        "queue-list--name",
        "queue-list--words",
        "queue-list--age",
        "queue-list--chip",
        "queue-list--cursor",
        "queue-list--critical",
        "queue-list--high",
        "queue-list--medium",
        "queue-list--low",
        "queue-list--info",
        "queue-list--none",
    }

    class Wanted(Message):
        """Rows have come into sight that are not known yet."""

        def __init__(self, numbers: Sequence[int]) -> None:
            super().__init__()
            self.numbers = numbers

    class Chosen(Message):
        """A row was clicked."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, veil: Veil, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._veil = veil
        self._numbers: Sequence[int] = ()
        self._cursor = 0
        self._items: LRUCache[int, Item] = LRUCache(_CACHED_ROWS)
        self._old: set[int] = set()
        self._taken: Mapping[int, Claim] = {}
        self._chosen: Container[int] = ()
        self._strips: LRUCache[tuple[object, ...], Strip] = LRUCache(500)
        self._asked = False
        self._row_height = 2

    def show(self, numbers: Sequence[int], cursor: int) -> None:
        """Draw these items. The numbers are not copied: say so again after every change."""
        self._numbers = numbers
        self._cursor = cursor
        self._measure()
        self._follow_cursor()
        self.refresh()

    def mark(self, taken: Mapping[int, Claim], chosen: Container[int]) -> None:
        """What others have open, and what is selected, by the items' numbers. Drawn with
        the next `show`; the two are not copied."""
        self._taken = taken
        self._chosen = chosen

    def put(self, items: Iterable[Item]) -> None:
        """Rows that `Wanted` asked for, or that are known anyway."""
        for item in items:
            self._items[item.n] = item
            self._old.discard(item.n)
        self._asked = False
        self.refresh()

    def forget(self, numbers: Collection[int] | None = None) -> None:
        """These were written, or with None maybe all: show what is known, and fetch it
        again."""
        known = self._items.keys()
        self._old.update(known if numbers is None else (n for n in numbers if n in self._items))
        self._asked = False
        self.refresh()

    def age(self) -> None:
        """Time has passed: say anew how old each comment is."""
        self._strips.clear()
        self.refresh()

    def _measure(self) -> None:
        # One line for each item where the list is a strip above the comment, two or
        # three where it has a column of its own.
        height = self.size.height
        self._row_height = 1 + (height >= _TWO_LINES) + (height >= _THREE_LINES)
        self.virtual_size = Size(self.size.width, len(self._numbers) * self._row_height)

    def _follow_cursor(self) -> None:
        if not self.size.height:
            return
        # Keep a neighbour in sight on either side where there is room for it.
        spare = self._row_height if self.size.height >= 3 * self._row_height else 0
        top = self._cursor * self._row_height
        self.scroll_to_region(
            Region(0, max(0, top - spare), 1, self._row_height + 2 * spare),
            animate=False,
            x_axis=False,
        )

    def on_resize(self, event: events.Resize) -> None:
        self._measure()
        self._follow_cursor()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        index = (int(self.scroll_y) + offset.y) // self._row_height
        if index < len(self._numbers):
            self.post_message(self.Chosen(index))

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        index, line = divmod(y + int(self.scroll_y), self._row_height)
        if index >= len(self._numbers):
            return Strip.blank(width, self.rich_style)
        number = self._numbers[index]
        item = self._items.get(number)
        if item is None or number in self._old:
            self._ask()
        at_cursor = index == self._cursor
        version = item.version if item is not None else None
        claim = self._taken.get(number)
        marks = (claim.moderator if claim is not None else None, number in self._chosen)
        cached = (number, version, line, width, at_cursor, self._row_height, marks)
        strip = self._strips.get(cached)
        if strip is None:
            strip = self._row(item, line, width, at_cursor)
            self._strips[cached] = strip
        return strip

    def _ask(self) -> None:
        """Ask once for all that is in sight; a refresh asks again for what is missing."""
        if self._asked:
            return
        self._asked = True
        first = max(0, int(self.scroll_y) // self._row_height - _AHEAD)
        last = first + self.size.height // self._row_height + 1 + 2 * _AHEAD
        self.post_message(
            self.Wanted(
                [n for n in self._numbers[first:last] if n not in self._items or n in self._old]
            )
        )

    def _style(self, name: str, at_cursor: bool) -> Style:
        style = self.rich_style + self.get_component_rich_style(f"queue-list--{name}", partial=True)
        if at_cursor:
            style += self.get_component_rich_style("queue-list--cursor", partial=True)
        return style

    def _row(self, item: Item | None, line: int, width: int, at_cursor: bool) -> Strip:
        words_style = self._style("words", at_cursor)
        if item is None:
            return Strip([Segment(set_cell_size(" ·" if not line else "", width), words_style)])
        severity, _ = severity_word(item.assessment.severity)
        severity_style = self._style(severity, at_cursor)
        name_style = self._style("name", at_cursor)
        chip_style = self._style("chip", at_cursor)
        age_style = self._style("age", at_cursor)
        pointer = Segment("▌" if at_cursor else " ", severity_style if at_cursor else words_style)
        name = masked_author(item, 30).plain
        claim = self._taken.get(item.n)
        when = age(item.comment.created)
        if item.n in self._chosen:
            severity = f"{_CHOSEN} {severity}"
        first_words = self._veil.line(item, max(width, 20)) or "(empty)"
        if self._row_height == 1:
            if claim is not None:
                first_words = f"({_taken(claim)}) {first_words}"
            columns = [
                (f"{severity:<8} ", severity_style),
                (f"{when:>4}  ", age_style),
                (_fit(name, min(20, width // 5)) + "  ", name_style),
                (first_words, words_style),
            ]
            return _strip([pointer], columns, _chips(item, width // 4), chip_style, width)
        if line == 0:
            columns = [(f"{severity} ", severity_style), (name, name_style)]
            tail = _taken(claim) if claim is not None else when
            return _strip([pointer], columns, tail, age_style, width)
        if line == 2:
            return _strip(
                [pointer], [(_chips(item, width - 2), chip_style)], "", words_style, width
            )
        tail = _chips(item, width // 3) if self._row_height == 2 else ""
        return _strip([pointer], [(first_words, words_style)], tail, chip_style, width)


def _taken(claim: Claim) -> str:
    return f"{one_line(claim.moderator, 12)} has it"


def _chips(item: Item, width: int) -> str:
    """As many kinds of rule as fit, and how many more there are: `threats +2`."""
    kinds = chips(item)
    for count in range(len(kinds), 0, -1):
        more = [f"+{len(kinds) - count}"] if count < len(kinds) else []
        text = " ".join([*(f"[{kind}]" for kind in kinds[:count]), *more])
        if cell_len(text) <= width:
            return text
    return f"[{one_line(kinds[0], max(1, width - 2))}]" if kinds else ""


def _fit(text: str, width: int) -> str:
    """Exactly `width` columns: padded, or cut with a sign that it was."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, max(0, width - 1)) + "…"


def _strip(
    head: list[Segment],
    columns: list[tuple[str, Style]],
    tail: str,
    tail_style: Style,
    width: int,
) -> Strip:
    """One line of exactly `width` columns: head, columns, a gap, the tail at the right."""
    room = width - 2 - (cell_len(tail) + 1 if tail else 0)
    segments = list(head)
    for text, style in columns:
        taken = min(cell_len(text), max(0, room))
        if taken:
            segments.append(Segment(_fit(text, taken), style))
        room -= taken
    segments.append(Segment(" " * (max(0, room) + (1 if tail else 0)) + tail + " ", tail_style))
    return Strip(segments).adjust_cell_length(width, tail_style)
