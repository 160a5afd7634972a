"""`moderation queue`: everything that the app can do, for scripts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from moderation.cli.common import (
    FINE,
    FOUND,
    Session,
    cells,
    echo,
    echo_json,
    pass_session,
    plural,
)
from moderation.comments import Choice, Decision, Status
from moderation.display import for_log, log_line
from moderation.plain import UNSUPPORTED, read_words
from moderation.reports import as_record, encode

if TYPE_CHECKING:
    from moderation.queue import Item, Queue

_STATUSES = [*(status.value for status in Status), "all"]
_CHOICES = [choice.value for choice in Choice if choice is not Choice.UNDO]

_DB = click.option(
    "--db", type=click.Path(path_type=Path), help="The database. [default: the config's]"
)
_AS = click.option("--as", "moderator", metavar="NAME", help="Who decides. [default: config, user]")
_JSON = click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")


@click.group("queue")
def queue_command() -> None:
    """List, show and decide what waits for review."""


@contextmanager
def open_queue(
    session: Session, db: Path | None, moderator: str | None = None, *, read_only: bool = False
) -> Iterator[Queue]:
    """The queue of an existing database; never creates one."""
    from moderation.queue import Queue
    from moderation.store import Store

    path = db or session.config.db_path
    with Store.open(path, create=False, read_only=read_only) as store:
        yield Queue(store, moderator or session.config.moderator)


@queue_command.command("list")
@_DB
@click.option("--status", type=click.Choice(_STATUSES), default="pending", show_default=True)
@click.option(
    "--sort",
    type=click.Choice(["priority", "severity", "oldest", "newest"]),
    default="priority",
    show_default=True,
)
@click.option("--limit", type=click.IntRange(min=0), help="At most so many.")
@_JSON
@pass_session
def list_items(
    session: Session, db: Path | None, status: str, sort: Any, limit: int | None, as_json: bool
) -> None:
    """What waits for review, the most pressing first."""
    wanted = None if status == "all" else Status(status)
    with open_queue(session, db, read_only=True) as queue:
        items = queue.items(status=wanted, sort=sort, limit=limit)
        counts = queue.counts()
    if as_json:
        echo_json([item_record(item) for item in items])
        return
    for item in items:
        echo(item_line(item))
    told = ", ".join(
        f"{counts.get(each, 0):,} {each.value}" for each in Status if each is not Status.CLEAR
    )
    session.talk(told)


@queue_command.command("show")
@click.argument("ref", metavar="ID")
@_DB
@_JSON
@pass_session
def show(session: Session, ref: str, db: Path | None, as_json: bool) -> None:
    """One comment: its text, why it is flagged, and every decision on it."""
    with open_queue(session, db, read_only=True) as queue:
        item = queue.item(ref)
        history = queue.history(item.key)
        context = queue.context(item)
    if as_json:
        record = item_record(item)
        record["history"] = [decision_record(decision) for decision in history]
        record["parents"] = [parent.ref for parent in context.ancestors]
        record["replies"] = [reply.ref for reply in context.replies]
        echo_json(record)
        return
    for line in _page(item):
        echo(line)
    for decision in history:
        echo(f"  {_told(decision, item.ref)}")


@queue_command.command("decide")
@click.argument("ref", metavar="ID")
@click.argument("choice", type=click.Choice(_CHOICES), metavar="approve|hide|escalate|skip")
@_DB
@_AS
@click.option("--reason", default="", help="A reason code kept with the decision.")
@click.option("--note", default="", help="A remark kept with the decision.")
@_JSON
@pass_session
def decide(
    session: Session,
    ref: str,
    choice: str,
    db: Path | None,
    moderator: str | None,
    reason: str,
    note: str,
    as_json: bool,
) -> None:
    """Decide one comment. It is on disk when this returns."""
    with open_queue(session, db, moderator) as queue:
        item = queue.item(ref)
        decision = queue.decide(item, Choice(choice), reason=reason, note=note)
    if as_json:
        echo_json(decision_record(decision))
    else:
        session.talk(_told(decision, item.ref))


@queue_command.command("undo")
@click.argument("steps", type=click.IntRange(min=1), default=1, metavar="[N]")
@_DB
@_AS
@_JSON
@pass_session
def undo(
    session: Session, steps: int, db: Path | None, moderator: str | None, as_json: bool
) -> None:
    """Take back your last N decisions that stand (1 without N)."""
    with open_queue(session, db, moderator) as queue:
        undone = queue.undo(steps)
        refs = [item.ref for each in undone for item in queue.fetch([each.key])]
    if as_json:
        echo_json([decision_record(decision) for decision in undone])
    elif not undone:
        session.talk("nothing to undo")
    else:
        for decision, ref in zip(undone, refs, strict=True):
            session.talk(_told(decision, ref))


@queue_command.command("verify")
@_DB
@_JSON
@pass_session
@click.pass_context
def verify(ctx: click.Context, session: Session, db: Path | None, as_json: bool) -> None:
    """Check that no decision was changed or removed; exits with 1 when one was."""
    from moderation.store import Store

    with Store.open(db or session.config.db_path, create=False, read_only=True) as store:
        problems = store.verify()
        count, head = store.head()
    if as_json:
        echo_json({"sound": not problems, "decisions": count, "head": head, "problems": problems})
    else:
        for problem in problems:
            echo(for_log(problem))
        if not problems:
            echo(f"sound: {plural(count, 'decision')}, head {head[:16]}")
    ctx.exit(FOUND if problems else FINE)


@queue_command.command("export")
@_DB
@click.option("--since", metavar="TIME", help="Only from this ISO time on.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of JSON lines.")
@pass_session
def export(session: Session, db: Path | None, since: str | None, as_json: bool) -> None:
    """Every decision with what it was made on, one JSON object a line."""
    from moderation.errors import UsageError

    start = None
    if since:
        try:
            start = datetime.fromisoformat(since)
        except ValueError:
            raise UsageError(
                f"--since {since}: not an ISO time",
                hint="for example 2026-05-01 or 2026-05-01T14:00",
            ) from None
    with open_queue(session, db, read_only=True) as queue:
        if as_json:
            echo_json(list(queue.export(start)))
            return
        for record in queue.export(start):
            echo(encode(record))


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


def _page(item: Item) -> Iterator[str]:
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


def _told(decision: Decision, ref: str) -> str:
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
