"""A comment of the queue and a decision, as JSON and as lines for people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import TYPE_CHECKING, Any

from moderation.cli.common import cells
from moderation.comments import Choice, Decision, Status
from moderation.display import for_log, log_line
from moderation.plain import UNSUPPORTED, read_words
from moderation.reports import as_record

if TYPE_CHECKING:
    from moderation.queue import Item


def item_record(item: Item) -> dict[str, Any]:
    """A queue item as JSON: the scan's object, with `id` as `queue decide` takes it."""
    comment = item.comment
    record = as_record(item.assessment)
    record["id"] = item.ref
    record["status"] = item.status.value
    record["decided_by"] = item.decided_by
    record["author"] = comment.author.name if comment.author else None
    record["created"] = comment.created.isoformat() if comment.created else None
    record["thread"] = (
        {"id": comment.thread.id, "title": comment.thread.title, "url": comment.thread.url}
        if comment.thread
        else None
    )
    record["parent"] = comment.parent
    record["text"] = comment.text
    return record


def decision_record(decision: Decision) -> dict[str, Any]:
    return {
        "seq": decision.seq,
        "key": decision.key,
        "decision": decision.choice.value,
        "moderator": decision.moderator,
        "at": decision.at.astimezone(UTC).isoformat(),
        "before": decision.before.value,
        "after": decision.after.value,
        "reason": decision.reason,
        "note": decision.note,
        "undoes": decision.undoes,
        "bulk": decision.bulk,
        "redoes": decision.redoes,
    }


def item_line(item: Item) -> str:
    assessment = item.assessment
    severity = assessment.severity.value if assessment.severity else ""
    author = item.comment.author.name if item.comment.author else "unknown"
    name = log_line(author, 18)
    return (
        f"{log_line(item.ref, 24):<8} {assessment.verdict.value:<5} {severity:<8} "
        f"{name}{' ' * max(0, 18 - cells(name))} {log_line(item.comment.text, 60)}"
        + ("" if item.status is Status.PENDING else f"  [{item.status.value}]")
    )


def item_page(item: Item) -> Iterator[str]:
    comment, assessment = item.comment, item.assessment
    severity = f", {assessment.severity.value}" if assessment.severity else ""
    standing = f"{item.status.value} ({assessment.verdict.value}{severity})"
    yield f"{log_line(item.ref, 80)}: {standing}"
    author = log_line(comment.author.name, 200) if comment.author else "unknown"
    when = comment.created.strftime("%Y-%m-%d %H:%M") if comment.created else "time unknown"
    yield f"  by {author}, {when}"
    if comment.thread and comment.thread.title:
        yield f"  under {log_line(comment.thread.title, 200)}"
    shown = comment.text[:20_000]
    for line in for_log(shown, newlines=True).split("\n"):
        yield f"  │ {line}"
    if len(comment.text) > len(shown):
        yield f"  │ … {len(comment.text) - len(shown):,} more characters"
    for flag in assessment.flags:
        kind = f"{flag.action.value:<7} {flag.severity.value:<8}"
        yield f"  {kind} {flag.rule}: {log_line(flag.reason, 200)}"
    if assessment.scores:
        yield "  " + "  ".join(f"{label} {p:.2f}" for label, p in assessment.scores.items())
    if assessment.reading:
        yield f"  {read_words(assessment)}"
    if assessment.unsupported:
        yield f"  {UNSUPPORTED}"


def decision_line(decision: Decision, ref: str) -> str:
    at = decision.at.astimezone().strftime("%Y-%m-%d %H:%M")
    what = {
        Choice.APPROVE: "approved",
        Choice.HIDE: "hidden",
        Choice.ESCALATE: "escalated",
        Choice.SKIP: "skipped",
        Choice.UNDO: f"decision {decision.undoes} taken back on",
    }[decision.choice]
    remark = " ".join(for_log(part) for part in (decision.reason, decision.note) if part)
    name = log_line(ref, 80)
    said = f"{what} {name}" if decision.choice is Choice.UNDO else f"{name} {what}"
    return f"{at} {said} by {for_log(decision.moderator)}{': ' + remark if remark else ''}"
