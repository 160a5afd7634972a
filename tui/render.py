"""Untrusted text as Textual content: the one place where the two meet.

Widgets are given `Content` from here and never a `str`, which Textual would read as
markup. All text comes through `moderation.display` first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from textual.content import Content

from moderation.comments import Assessment, Comment, Flag, Severity, Span, Status
from moderation.display import one_line, visible
from moderation.errors import ConflictError, ModerationError
from moderation.plain import places, runs, stamp
from moderation.queue import Item

# Each mark differs from the next in colour and in letter style, and carries its number:
# any one of the three is enough to tell them apart.
_MARKS = (
    ("warning", "underline"),
    ("accent", "underline italic"),
    ("success", "bold underline"),
    ("primary", "bold italic underline"),
    ("error", "underline2"),
)

#: For what stands beside the text. The app derives the colour from its theme.
QUIET = "$quiet"

_SEVERITY = {
    Severity.CRITICAL: ("critical", "bold $text-error"),
    Severity.HIGH: ("high", "bold $text-warning"),
    Severity.MEDIUM: ("medium", "$text-secondary"),
    Severity.LOW: ("low", QUIET),
    Severity.INFO: ("info", QUIET),
}


def mark_style(index: int) -> str:
    colour, letters = _MARKS[index % len(_MARKS)]
    return f"{letters} $text-{colour} on ${colour}-muted"


def mark_number(index: int) -> Content:
    """`[1]` in the colours of its matches: in the text, and before its reason."""
    colour, _ = _MARKS[index % len(_MARKS)]
    return Content.styled(f"[{index + 1}]", f"bold $text-{colour} on ${colour}-muted")


def marked(text: str, spans: Sequence[Sequence[Span]]) -> Content:
    """The text with every match styled and its number after it."""
    parts: list[Content | tuple[str, str]] = []
    for piece, covering, _, closing in runs(text, spans):
        parts.append((piece, mark_style(covering[0]) if covering else ""))
        parts.extend(mark_number(index) for index in reversed(closing))
    return Content.assemble(*parts)


def marked_line(text: str, spans: Sequence[Sequence[Span]], width: int) -> Content:
    """`marked` for a place that holds one line: a title, a name."""
    if not any(spans):
        return Content(one_line(text, width))
    content = marked(text[:width], spans)
    return Content("␊").join(content.split("\n", allow_blank=True)) + (
        "…" if len(text) > width else ""
    )


def severity_word(severity: Severity | None) -> tuple[str, str]:
    """A severity as a word and its style; the word alone is enough."""
    return _SEVERITY[severity] if severity is not None else ("none", QUIET)


def verdict_line(assessment: Assessment) -> Content:
    word, style = severity_word(assessment.severity)
    return Content.assemble((assessment.verdict.upper(), "bold"), "  ", (word, style))


def author(comment: Comment, flags: Sequence[Flag] = (), width: int = 40) -> Content:
    if comment.author is None or not comment.author.name.strip():
        return Content.styled("someone unnamed", "italic")
    return marked_line(comment.author.name, places(flags, "author"), width).stylize("bold")


def byline(item: Item, flags: Sequence[Flag] = ()) -> Content:
    """Who wrote it, when, and the id by which scripts know it."""
    when = stamp(item.comment.created)
    return Content.assemble(
        author(item.comment, flags),
        (f"  {when}" if when else "", QUIET),
        (f"  #{one_line(item.ref, 30)}", QUIET),
    )


def summary(item: Item, width: int) -> Content:
    """Another comment of the thread in one line."""
    return Content.assemble(
        author(item.comment, width=24),
        (_status_word(item), QUIET),
        "  ",
        (one_line(item.comment.text, width) or "(empty)", ""),
    )


def _status_word(item: Item) -> str:
    return "" if item.status is Status.CLEAR else f" ({item.status.value})"


def age(when: datetime | None, now: datetime | None = None) -> str:
    """How long ago, short; a time without a zone is shown as its date instead."""
    if when is None:
        return ""
    if when.tzinfo is None:
        return f"{when:%Y-%m-%d}"
    minutes = int(((now or datetime.now(UTC)) - when).total_seconds() // 60)
    if minutes < 1:
        return "now"
    for size, unit in ((365 * 1440, "y"), (30 * 1440, "mo"), (1440, "d"), (60, "h"), (1, "m")):
        if minutes >= size:
            return f"{minutes // size}{unit}"
    return ""


def reason(index: int, flag: Flag, width: int) -> Content:
    """One reason: what it says, then which rule says it and how grave that is.

    On one line where that fits `width`, else with its lines set in under the number.
    """
    number = mark_number(index)
    indent = number.cell_length + 1
    words = Content(one_line(flag.reason or flag.rule, 300))
    word, style = severity_word(flag.severity)
    shadow = " · shadow, changes nothing" if not flag.live else ""
    where = f" · in the {flag.field}" if flag.field not in ("text", "link") else ""
    rule = Content.assemble(
        (word, style),
        (f" · {flag.action} · {one_line(flag.rule, 60)}{where}{shadow}", QUIET),
    )
    room = max(10, width - indent)
    if words.cell_length + 3 + rule.cell_length <= room:
        return Content.assemble(number, " ", words, "   ", rule)
    return Content.assemble(
        number, " ", Content("\n" + " " * indent).join([*words.wrap(room), *rule.wrap(room)])
    )


def problem(error: ModerationError) -> str:
    """An error for a notice: plain text, to be shown with `markup=False`."""
    # After a lost race the screen moves on by itself: its hint would come too late.
    parts = [error.what, "" if isinstance(error, ConflictError) else error.hint]
    return "\n".join(f"{part[:1].upper()}{part[1:]}." for part in map(visible, parts) if part)
