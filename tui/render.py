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
from moderation.plain import places, reasons, runs, stamp
from moderation.queue import Claim, Item
from moderation.queue.acting import clock_time
from tui.actions import Actions
from tui.veil import Veil, covered, masked_line, matches

# Each mark differs from the next in colour and in letter style, and carries its number:
# any one of the three is enough to tell them apart.
_MARKS = (
    ("warning", "underline"),
    ("accent", "underline italic"),
    ("success", "bold underline"),
    ("primary", "bold italic underline"),
    ("error", "underline2"),
)

#: What weighed most in the model's score. It bears no number: it comes a moment after the
#: text is shown, and must not move it.
WEIGHED = "bold $text-primary"

#: For what stands beside the text; every theme has it.
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


def marked(
    text: str,
    spans: Sequence[Sequence[Span]],
    weighed: Sequence[Span] = (),
    *,
    cover: bool = False,
) -> Content:
    """The text with every match styled and its number after it.

    `weighed` is what the model went by; with `cover`, blocks stand for the words.
    """
    parts: list[Content | tuple[str, str]] = []
    model = len(spans)
    for piece, covering, _, closing in runs(text, [*spans, weighed]):
        style = "" if not covering else WEIGHED if covering[0] == model else mark_style(covering[0])
        parts.append((covered(piece) if cover else piece, style))
        parts.extend(mark_number(index) for index in reversed(closing) if index != model)
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


def byline(item: Item, flags: Sequence[Flag] = (), *, cover: bool = False) -> Content:
    """Who wrote it, when, and the id by which scripts know it."""
    when = stamp(item.comment.created)
    name = masked_author(item, 40) if cover else author(item.comment, flags)
    return Content.assemble(
        name,
        (f"  {when}" if when else "", QUIET),
        (f"  #{one_line(item.ref, 30)}", QUIET),
    )


def masked_author(item: Item, width: int) -> Content:
    """The author with what rules matched in the name reduced to first letters."""
    if item.comment.author is None or not item.comment.author.name.strip():
        return author(item.comment)
    name = masked_line(item.comment.author.name, matches(item, "author"), width)
    return Content.styled(name, "bold")


def summary(item: Item, width: int, veil: Veil) -> Content:
    """Another comment of the thread in one line."""
    return Content.assemble(
        masked_author(item, 24),
        (_status_word(item), QUIET),
        "  ",
        (veil.line(item, width) or "(empty)", ""),
    )


def chips(item: Item) -> list[str]:
    """What kinds of rule flagged it, live ones first: `threats` of `threats.damage`."""
    flags = reasons(item.assessment)
    return list(dict.fromkeys(one_line(flag.rule.partition(".")[0], 14) for flag in flags))


def _status_word(item: Item) -> str:
    return "" if item.status is Status.CLEAR else f" ({item.status.value})"


def age(when: datetime | None, now: datetime | None = None) -> str:
    """How long ago, short. Of a time without a zone that is known to a day, so a late one
    is shown as its date instead."""
    if when is None:
        return ""
    known = when.tzinfo is not None
    since = (now or datetime.now(UTC)) - (when if known else when.replace(tzinfo=UTC))
    minutes = int(since.total_seconds() // 60)
    if not known and minutes < 3 * 1440:
        return f"{when:%Y-%m-%d}"
    if minutes < 1:
        return "now"
    for size, unit in ((365 * 1440, "y"), (30 * 1440, "mo"), (1440, "d"), (60, "h"), (1, "m")):
        if minutes >= size:
            return f"{minutes // size}{unit}"
    return ""


def reason(index: int, flag: Flag, width: int, *, cover: bool = False) -> Content:
    """One reason: what it says, then which rule says it and how grave that is.

    On one line where that fits `width`, else with its lines set in under the number.
    With `cover` it quotes nothing of the comment.
    """
    number = mark_number(index)
    indent = number.cell_length + 1
    said = (flag.title or "A rule matched") if cover else (flag.reason or flag.rule)
    words = Content(one_line(said, 300))
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


def open_elsewhere(claim: Claim, actions: Actions) -> str:
    """Who has a comment open, since when, and which key goes on."""
    who, since = one_line(claim.moderator, 30), clock_time(claim.since)
    return f"{who} has had this open since {since}. {actions.key('next')} goes on."


def meanwhile(shown: Item, now: Item | None, actions: Actions) -> str:
    """What others did to an item that is on the screen, and which key goes on; or nothing."""
    go_on = f"{actions.key('next')} goes on."
    if now is None:
        return f"This comment has been removed. {go_on}"
    if now.status is not Status.PENDING:
        by = f" by {now.decided_by}" if now.decided_by else ""
        return visible(f"Meanwhile {now.status.value}{by}. {go_on}")
    if now.version != shown.version:
        again = f"{actions.key('reload')} shows it as it is now."
        return f"This comment has changed meanwhile. {again}"
    return ""
