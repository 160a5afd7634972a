"""Why a comment is here: reasons, scores, and what is known of its author."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from moderation.comments import Author, Span, Status
from moderation.display import one_line
from moderation.plain import UNSUPPORTED, decision_words, read_words, reasons, stamp, tally_words
from moderation.queue import Alike, Context, Item
from tui.actions import Actions
from tui.desk import Scene
from tui.render import QUIET, WEIGHED, age, mark_number, mark_style, reason
from tui.thresholds import Thresholds
from tui.widgets.score_bars import ScoreBars
from tui.widgets.still import Still

#: Words that are listed as those that weighed most.
_WEIGHED = 8


class ReasonList(Widget):
    """The reasons, each with the number that its matches bear in the text."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._item: Item | None = None
        self._covered = False

    def show(self, item: Item, *, covered: bool) -> None:
        self._item = item
        self._covered = covered
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
        lines = [
            reason(index, flag, width, cover=self._covered) for index, flag in enumerate(flags)
        ]
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
        if item.assessment.reading and not self._covered:
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

    def __init__(self, actions: Actions, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._actions = actions
        self._item: Item | None = None
        self._covered = False
        self._weighed: Sequence[Span] = ()

    def compose(self) -> ComposeResult:
        with Container(id="why-columns"):
            with Container(id="explained"):
                yield Static(Content("Why"), classes="heading")
                yield ReasonList(id="reasons")
                yield Still(id="alike")
                yield Static(Content("Author"), classes="heading")
                yield Still(id="author")
            with Container(id="scored"):
                yield Static(Content("Scores"), classes="heading")
                yield ScoreBars(id="scores")
                yield Still(id="weighed")
        yield Still(id="legend")

    def show(self, scene: Scene, *, covered: bool) -> None:
        self._item = scene.item
        self._weighed = ()
        self.alike(Alike())
        self.query_one(ScoreBars).show(scene.item.assessment.scores)
        self.query_one("#author", Static).update(_author(scene.item, scene.context))
        self.cover(covered)
        self.scroll_home(animate=False)

    def cover(self, covered: bool) -> None:
        """Quote nothing of the comment, or quote it again."""
        self._covered = covered
        if self._item is not None:
            self.query_one(ReasonList).show(self._item, covered=covered)
        self._show_weighed()

    def weighed(self, spans: Sequence[Span]) -> None:
        """What weighed most in the model's score."""
        self._weighed = spans
        self._show_weighed()

    def alike(self, found: Alike) -> None:
        """What has become of other comments that say the same."""
        words = self.query_one("#alike", Static)
        lines = _alike(found)
        words.display = bool(lines)
        words.update(Content("\n").join(lines))

    def draw_lines(self, thresholds: Thresholds) -> None:
        """Where the live rules draw their lines on the scores."""
        self.query_one(ScoreBars).draw_lines(thresholds)

    def _show_weighed(self) -> None:
        found = dict.fromkeys(one_line(span.text, 40) for span in self._weighed)
        shown = [] if self._covered else list(found)[:_WEIGHED]
        listed = [Content.styled(word, WEIGHED) for word in shown]
        if len(found) > len(shown):
            listed.append(Content("…"))
        words = self.query_one("#weighed", Static)
        words.display = bool(shown)
        words.update(Content.assemble(("Weighed most: ", QUIET), Content(", ").join(listed)))
        self.query_one("#legend", Static).update(self._legend(bool(shown)))

    def _legend(self, weighed: bool) -> Content:
        """What the signs in this text mean; each differs in more than its colour."""
        signs: list[Content] = []
        if self._item is not None and any(flag.spans for flag in self._item.assessment.flags):
            sign = Content.assemble(("match", mark_style(0)), mark_number(0))
            signs.append(Content.assemble(sign, (" what reason 1 matched", QUIET)))
        if weighed:
            signs.append(Content.assemble(("bold", WEIGHED), (" weighed most", QUIET)))
        if self._covered:
            key = self._actions.key("blur")
            signs.append(
                Content.assemble(
                    "▒▒ ", ("covered, ", QUIET), (key, "bold $accent"), (" shows it", QUIET)
                )
            )
        return Content.styled(" · ", QUIET).join(signs)


def _alike(found: Alike) -> list[Content]:
    said = (("This text", found.same, ""), ("Nearly it", found.near, "+" if found.partial else ""))
    return [
        Content.assemble(
            (f"{what}: {sum(counts.values()):,}{more} more", "bold"), (_became(counts), QUIET)
        )
        for what, counts, more in said
        if counts
    ]


def _became(counts: Mapping[Status, int]) -> str:
    order = (Status.HIDDEN, Status.APPROVED, Status.ESCALATED, Status.PENDING)
    return "".join(f" · {counts[each]:,} {each.value}" for each in order if counts.get(each))


def _author(item: Item, context: Context) -> Content:
    who = item.comment.author
    if who is None:
        return Content.styled("The source does not name the author", f"italic {QUIET}")
    lines = [Content(tally_words(context.author))]
    if account := _account(who):
        lines.append(Content.styled(account, QUIET))
    lines.extend(
        Content.styled(f"· {decision_words(decision)}", QUIET)
        for decision in context.author.last[:5]
    )
    return Content("\n").join(lines)


def _account(who: Author) -> str:
    """What the source says of the account: when it was made, how much it has written."""
    parts = []
    if who.created is not None:
        old = age(who.created)
        known = stamp(who.created).partition(" ")[0]
        parts.append(f"account {known if old == known else f'{old} old, from {known}'}")
    if who.comments is not None:
        noun = "comment" if who.comments == 1 else "comments"
        parts.append(f"{who.comments:,} {noun} by its source")
    return " · ".join(parts)
