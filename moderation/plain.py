"""The review by line: for screen readers, dumb terminals and pipes.

It knows neither a terminal nor a command line: the caller hands it a function that
reads an answer and one that writes a line. Every line passes `display.for_log`, so the
comment under review can neither act on the terminal nor pose as this program: each line
of its text begins with a bar. The small words that both reviewers need (what was done,
when, which part of a huge text is shown) live here too; the app imports them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from moderation.comments import Assessment, Choice, Comment, Decision, Flag, Span, Status
from moderation.display import for_log, one_line, pieces
from moderation.errors import ConflictError, NotFoundError, StoreError

if TYPE_CHECKING:
    from moderation.queue import AuthorHistory, Context, Item, Queue

#: How much of a text is shown at once. A comment of 5 MB must neither stall the screen
#: nor bury the reasons below it.
PAGE_CHARACTERS = 4000
PAGE_LINES = 200

#: What was done, as a word for a sentence.
DONE = {
    Choice.APPROVE: "approved",
    Choice.HIDE: "hidden",
    Choice.ESCALATE: "escalated",
    Choice.SKIP: "skipped",
    Choice.UNDO: "taken back",
}

#: Of a comment whose scores nobody should go by.
UNSUPPORTED = "In a language that the model does not know: its scores mean nothing"

_KEYS = {
    "a": Choice.APPROVE,
    "h": Choice.HIDE,
    "s": Choice.SKIP,
    "e": Choice.ESCALATE,
}
#: Seconds that a comment is held while one reads it: nothing renews it meanwhile.
_LEASE = 600.0
_PROMPT = "a approve, h hide, s skip, e escalate, u undo, q quit, ? help > "
_HELP = (
    "a  approve: the comment may stay",
    "h  hide: the comment is taken off",
    "s  skip: it comes back after the others",
    "e  escalate: someone else should decide",
    "u  undo: take back your last decision; again for the one before",
    "m  more: the next part of a long text",
    "r  read this comment again",
    "q  quit: everything decided so far is on disk",
    "In the text, [1> and <1] stand around what reason 1 matched. Signs such as",
    "<U+202E> stand for characters that would be invisible or act on the screen.",
)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The part of a text that is shown, with each flag's spans moved to fit it."""

    text: str
    spans: tuple[tuple[Span, ...], ...]
    start: int
    end: int
    total: int
    later: int = 0
    """Matches that begin after this part."""

    @property
    def partial(self) -> bool:
        return self.start > 0 or self.end < self.total


def excerpt(text: str, spans: Sequence[Sequence[Span]], start: int = 0) -> Excerpt:
    """One page of `text` from `start`: whole words where there are any."""
    start = start if 0 <= start < len(text) else 0
    end = min(len(text), start + PAGE_CHARACTERS)
    lines = text.count("\n", start, end)
    if lines > PAGE_LINES:
        end = start
        for _ in range(PAGE_LINES):
            end = text.index("\n", end) + 1
    elif end < len(text):
        blank = max(text.rfind(" ", end - 200, end), text.rfind("\n", end - 200, end))
        end = blank + 1 if blank > start else end
    moved = tuple(
        tuple(
            Span(max(span.start, start) - start, min(span.end, end) - start, span.text)
            for span in places
            if span.start < end and span.end > start
        )
        for places in spans
    )
    later = sum(1 for places in spans for span in places if span.start >= end)
    return Excerpt(text[start:end], moved, start, end, len(text), later)


def reasons(assessment: Assessment) -> tuple[Flag, ...]:
    """The flags in the order of their numbers: live rules first, shadow ones after."""
    return tuple(sorted(assessment.flags, key=lambda flag: not flag.live))


def places(flags: Sequence[Flag], *fields: str) -> list[tuple[Span, ...]]:
    """Each flag's spans if they point into one of these fields, else none."""
    return [flag.spans if flag.field in fields else () for flag in flags]


def runs(
    text: str, spans: Sequence[Sequence[Span]]
) -> Iterator[tuple[str, list[int], list[int], list[int]]]:
    """`display.pieces` with what begins and ends: (piece, covering, opening, closing).

    Openings come outermost first and closings innermost first, so that numbered
    brackets nest as well as overlapping matches allow.
    """
    cut = list(pieces(text, spans))
    before: frozenset[int] = frozenset()
    for position, (piece, covering) in enumerate(cut):
        after = cut[position + 1][1] if position + 1 < len(cut) else frozenset()
        yield (
            piece,
            sorted(covering),
            sorted(covering - before),
            sorted(covering - after, reverse=True),
        )
        before = covering


def stamp(when: datetime | None) -> str:
    """A time as written, with its zone where it has one; unknown stays unknown."""
    if when is None:
        return ""
    zone = ""
    if when.tzinfo is not None:
        zone = " UTC" if when.utcoffset() == timedelta(0) else when.strftime(" %z")
    return when.strftime("%Y-%m-%d %H:%M") + zone


def author_name(comment: Comment, width: int = 40) -> str:
    """The author, printable, or words for one that the source does not name."""
    name = comment.author.name if comment.author is not None else ""
    return one_line(name, width) if name.strip() else "someone unnamed"


def thread_title(comment: Comment, width: int = 200) -> str:
    thread = comment.thread
    if thread is None:
        return "an unknown thread"
    return one_line(thread.title or thread.url or thread.id, width)


def read_words(assessment: Assessment) -> str:
    """`The model went by this: 1d1ot read as idiot`."""
    return f"The model went by this: {one_line(assessment.reading, 200)}"


def tally_words(history: AuthorHistory) -> str:
    """An author's counts in one line."""
    more = "+" if history.least(history.comments) else ""
    counts = [f"{history.comments}{more} {'comment' if history.comments == 1 else 'comments'}"]
    for count, word in (
        (history.pending, "pending"),
        (history.approved, "approved"),
        (history.hidden, "hidden"),
    ):
        if count:
            counts.append(f"{count}{'+' if history.least(count) else ''} {word}")
    return " · ".join(counts)


def decision_words(decision: Decision) -> str:
    """One past decision: what, when, by whom, and why where it says so."""
    words = f"{DONE[decision.choice]} {decision.at:%Y-%m-%d} by {one_line(decision.moderator, 30)}"
    return f"{words}: {one_line(decision.reason, 60)}" if decision.reason else words


@dataclass(slots=True)
class Tally:
    """What a session came to."""

    decided: dict[Choice, int] = field(default_factory=dict)
    undone: int = 0

    @property
    def total(self) -> int:
        return sum(self.decided.values())


def review_plain(
    queue: Queue, *, read: Callable[[str], str], write: Callable[[str], None]
) -> Tally:
    """Go through the queue by question and answer, until it is empty, `q`, or the end.

    `read` shows a prompt and returns a line, and raises EOFError when there is none;
    `write` prints one line and adds the line end. A decision is on disk before the
    next comment is read out. KeyboardInterrupt is the caller's.
    """
    return _Reviewer(queue, read, write).run()


class _Reviewer:
    def __init__(
        self, queue: Queue, read: Callable[[str], str], write: Callable[[str], None]
    ) -> None:
        self._queue = queue
        self._read = read
        self._write = write
        self._waiting: list[str] = []
        self._skipped: set[str] = set()
        self._offset = 0
        self.tally = Tally()

    def run(self) -> Tally:
        self._reload()
        if not self._waiting:
            self._say("Nothing waits for review.")
        else:
            noun = "comment waits" if len(self._waiting) == 1 else "comments wait"
            self._say(f"{len(self._waiting)} {noun} for review.")
        try:
            while (item := self._next()) is not None:
                self._offset = 0
                self._show(item)
                if not self._answered(item):
                    break
            else:
                self._finish_empty()
        except EOFError:
            self._say("")
            self._say("End of input.")
        finally:
            with suppress(StoreError):
                self._queue.release()
        self._say(self._summary())
        return self.tally

    def _say(self, line: str) -> None:
        self._write(for_log(line))

    def _reload(self) -> None:
        keys = self._queue.keys()
        self._waiting = [key for key in keys if key not in self._skipped]

    def _next(self) -> Item | None:
        """The first waiting item as the store has it now; what others took or have open is
        passed over."""
        for fresh in (False, True):
            if fresh:
                self._reload()
            while self._waiting:
                found = self._queue.fetch(self._waiting[:1])
                if found and found[0].status is Status.PENDING and self._claimed(found[0]):
                    return found[0]
                del self._waiting[0]
        return None

    def _claimed(self, item: Item) -> bool:
        """Have this open, so that nobody else decides it; False where somebody has."""
        try:
            self._queue.claim(item, _LEASE)
        except (ConflictError, NotFoundError):
            return False
        except StoreError:
            pass  # it can be read; what is wrong is told when it is decided
        return True

    def _answered(self, item: Item) -> bool:
        """Ask until this item is dealt with; False to stop."""
        while True:
            answer = self._read(_PROMPT).strip().lower()[:1]
            if answer == "q":
                return False
            if answer in _KEYS:
                if self._decide(item, _KEYS[answer]):
                    return True
            elif answer == "u":
                if self._undo():
                    return True
            elif answer == "m":
                self._more(item)
            elif answer == "r":
                self._offset = 0
                self._show(item)
            elif answer == "?":
                for line in _HELP:
                    self._say(line)
            else:
                self._say("Please answer a, h, s, e, u, m, r or q; ? explains them.")

    def _decide(self, item: Item, choice: Choice) -> bool:
        """True when the item is dealt with, by us or by someone else."""
        try:
            self._queue.decide(item, choice)
        except ConflictError as error:
            self._complain(error)
            return True
        except StoreError as error:
            self._complain(error)
            self._say("Nothing was decided. Answer again, or q to quit.")
            return False
        if choice is Choice.SKIP:
            self._skipped.add(item.key)
        del self._waiting[0]
        self.tally.decided[choice] = self.tally.decided.get(choice, 0) + 1
        self._say(f"{DONE[choice].capitalize()}: {item.ref} by {author_name(item.comment)}.")
        return True

    def _undo(self) -> bool:
        """True when something was taken back; that comment is asked about next."""
        try:
            undone = self._queue.undo()
        except StoreError as error:
            self._complain(error)
            return False
        if not undone:
            self._say("You have no decision to take back.")
            return False
        for decision in undone:
            self.tally.undone += 1
            self._skipped.discard(decision.key)
            self._reload()
            self._waiting = [decision.key, *(k for k in self._waiting if k != decision.key)]
            self._say("Taken back. The comment again:")
        return True

    def _complain(self, error: StoreError) -> None:
        self._say(f"Not decided: {error}")
        if error.hint:
            self._say(f"Hint: {error.hint}")

    def _more(self, item: Item) -> None:
        shown = self._excerpt(item)
        if shown.end >= shown.total:
            self._say("The text ends here.")
            return
        self._offset = shown.end
        self._text(item)

    def _excerpt(self, item: Item) -> Excerpt:
        flags = reasons(item.assessment)
        return excerpt(item.comment.text, places(flags, "text", "link"), self._offset)

    def _show(self, item: Item) -> None:
        context = self._queue.context(item)
        assessment, comment = item.assessment, item.comment
        severity = f", severity {assessment.severity}" if assessment.severity else ""
        self._say("")
        self._say(f"{assessment.verdict.upper()}{severity}. {len(self._waiting)} left.")
        when = f", {stamp(comment.created)}" if comment.created else ""
        self._say(f"Comment {one_line(item.ref)} by {author_name(comment)}{when}")
        self._say(f"In: {thread_title(comment)}")
        self._neighbours(context)
        self._text(item)
        self._why(item, context)

    def _neighbours(self, context: Context) -> None:
        if context.ancestors:
            parent = context.ancestors[-1].comment
            self._say(f"Reply to {author_name(parent)}: {one_line(parent.text, 300)}")
        for reply in context.replies[:3]:
            answer = reply.comment
            self._say(f"Answered by {author_name(answer)}: {one_line(answer.text, 120)}")
        if len(context.replies) > 3:
            self._say(f"and {len(context.replies) - 3} more replies")

    def _text(self, item: Item) -> None:
        shown = self._excerpt(item)
        whole = "".join(
            "".join(f"[{number + 1}>" for number in opening)
            + piece
            + "".join(f"<{number + 1}]" for number in closing)
            for piece, _, opening, closing in runs(shown.text, shown.spans)
        )
        self._say("Text:" if whole else "Text: (empty)")
        for line in whole.split("\n") if whole else ():
            self._say(f"| {line}")
        if shown.partial:
            self._say(
                f"Characters {shown.start + 1} to {shown.end} of {shown.total}."
                + (f" {shown.later} more matches follow." if shown.later else "")
                + (" m shows the next part." if shown.end < shown.total else "")
            )

    def _why(self, item: Item, context: Context) -> None:
        flags = reasons(item.assessment)
        self._say("Reasons:" if flags else "Reasons: none")
        for number, flag in enumerate(flags, 1):
            shadow = "" if flag.live else ", shadow rule"
            where = f", in the {flag.field}" if flag.field != "text" else ""
            self._say(
                f"  {number}. {one_line(flag.reason or flag.rule, 200)}"
                f" ({one_line(flag.rule)}, {flag.severity}, {flag.action}{where}{shadow})"
            )
        scores = item.assessment.scores
        if scores:
            figures = ", ".join(f"{one_line(label)} {p:.2f}" for label, p in scores.items())
            self._say(f"Scores: {figures}")
        if item.assessment.reading:
            self._say(read_words(item.assessment))
        if item.assessment.unsupported:
            self._say(UNSUPPORTED)
        self._say(f"Author: {tally_words(context.author)}")
        for decision in context.author.last[:3]:
            self._say(f"  {decision_words(decision)}")
        if item.assessment.undecided:
            rules = ", ".join(one_line(rule) for rule in item.assessment.undecided)
            self._say(f"Could not be decided for this source: {rules}")

    def _finish_empty(self) -> None:
        if self._skipped:
            self._say(f"Only what you skipped is left: {len(self._skipped)}.")
        elif self._queue.claims():
            self._say("Only what others have open is left.")
        elif self.tally.total:
            self._say("Nothing more waits for review.")

    def _summary(self) -> str:
        done = ", ".join(f"{count} {DONE[choice]}" for choice, count in self.tally.decided.items())
        undone = f", {self.tally.undone} taken back" if self.tally.undone else ""
        return f"This session: {done or 'nothing decided'}{undone}."
