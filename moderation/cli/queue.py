"""`moderation queue`: everything that the app can do, for scripts."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from moderation.cli.common import FINE, FOUND, Session, echo, echo_json, pass_session, plural
from moderation.cli.items import decision_line, decision_record, item_line, item_page, item_record
from moderation.comments import Choice, Status
from moderation.display import for_log
from moderation.errors import UsageError
from moderation.reports import encode

if TYPE_CHECKING:
    from moderation.queue import Claim, Filter, Queue

_STATUSES = [*(status.value for status in Status), "all"]
#: A thousand years in seconds.
_LONGEST = 1000 * 365 * 86_400.0
_CHOICES = [choice.value for choice in Choice if choice is not Choice.UNDO]

_DB = click.option(
    "--db", type=click.Path(path_type=Path), help="The database. [default: the config's]"
)
_AS = click.option("--as", "moderator", metavar="NAME", help="Who decides. [default: config, user]")
_FILTER = click.option(
    "--filter",
    "line",
    default="",
    metavar="LINE",
    help="Only these: rule:ID author:NAME thread:URL source:FILE label:NAME>=P severity:NAME "
    "verdict:NAME script:NAME by:NAME status:NAME, words of the text.",
)
_SORT = click.option(
    "--sort",
    type=click.Choice(["priority", "severity", "oldest", "newest", "rule", "author"]),
    default="priority",
    show_default=True,
)
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
@click.option("--status", type=click.Choice(_STATUSES), help="[default: pending]")
@_FILTER
@_SORT
@click.option("--limit", type=click.IntRange(min=0), help="At most so many.")
@_JSON
@pass_session
def list_items(
    session: Session,
    db: Path | None,
    status: str | None,
    line: str,
    sort: Any,
    limit: int | None,
    as_json: bool,
) -> None:
    """What waits for review, the most pressing first."""
    wanted = _filter(line)
    if status is not None:
        wanted = replace(wanted, status=None if status == "all" else (Status(status),))
    with open_queue(session, db, read_only=True) as queue:
        items = queue.items(filter=wanted, sort=sort, limit=limit)
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
    for line in item_page(item):
        echo(line)
    for decision in history:
        echo(f"  {decision_line(decision, item.ref)}")


@queue_command.command("decide")
@click.argument("ref", metavar="ID")
@click.argument("choice", type=click.Choice(_CHOICES), metavar="approve|hide|escalate|skip")
@_DB
@_AS
@click.option("--reason", default="", metavar="CODE", help="One of the config's reason codes.")
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
    codes = [each.code for each in session.config.settings.review.reasons]
    if reason and reason not in codes:
        raise UsageError(
            f"there is no reason '{reason}'",
            hint=f"one of: {', '.join(codes)}; or set `reasons` in [review]",
        )
    with open_queue(session, db, moderator) as queue:
        item = queue.item(ref)
        decision = queue.decide(item, Choice(choice), reason=reason, note=note)
    if as_json:
        echo_json(decision_record(decision))
    else:
        session.talk(decision_line(decision, item.ref))


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
            session.talk(decision_line(decision, ref))


@queue_command.command("redo")
@_DB
@_AS
@_JSON
@pass_session
def redo(session: Session, db: Path | None, moderator: str | None, as_json: bool) -> None:
    """Make again what you took back last."""
    with open_queue(session, db, moderator) as queue:
        redone = queue.redo()
        refs = [item.ref for item in queue.fetch([each.key for each in redone])]
    if as_json:
        echo_json([decision_record(decision) for decision in redone])
    elif not redone:
        session.talk("nothing to redo")
    else:
        for decision, ref in zip(redone, refs, strict=True):
            session.talk(decision_line(decision, ref))


@queue_command.command("claim")
@click.argument("ref", metavar="[ID]", required=False)
@_DB
@_AS
@_FILTER
@_SORT
@click.option(
    "--for",
    "lasting",
    default="2m",
    show_default=True,
    metavar="TIME",
    help="How long, unless it is decided or released before.",
)
@_JSON
@pass_session
def claim(
    session: Session,
    ref: str | None,
    db: Path | None,
    moderator: str | None,
    line: str,
    sort: Any,
    lasting: str,
    as_json: bool,
) -> None:
    """Reserve a comment for yourself: this one, or the next that nobody has.

    Exits with 1 when there is none left.
    """
    seconds = _duration("--for", lasting)
    with open_queue(session, db, moderator) as queue:
        if ref is None:
            item = queue.next(_filter(line), sort, seconds)
        else:
            item = queue.item(ref)
            queue.claim(item, seconds)
    if item is None:
        session.talk("nothing waits that is not taken")
        click.get_current_context().exit(FOUND)
    elif as_json:
        echo_json(item_record(item))
    else:
        echo(item_line(item))


@queue_command.command("release")
@click.argument("refs", metavar="[ID]…", nargs=-1)
@_DB
@_AS
@_JSON
@pass_session
def release(
    session: Session, refs: tuple[str, ...], db: Path | None, moderator: str | None, as_json: bool
) -> None:
    """Let go of what you claimed: these comments, or all of yours."""
    with open_queue(session, db, moderator) as queue:
        if refs:
            items = [queue.item(ref) for ref in refs]
        else:
            mine = queue.claims().values()
            items = queue.load([each.n for each in mine if each.moderator == queue.moderator])
        count = queue.release(*items) if items else 0
        left = [_claim_record(each) for each in queue.claims().values()]
    if as_json:
        echo_json({"released": count, "claims": left})
    else:
        session.talk(f"released {plural(count, 'comment')}, {len(left):,} still taken")


@queue_command.command("purge")
@_DB
@_AS
@click.option("--older-than", metavar="TIME", help="Comments that came before, such as 90d.")
@click.option("--author", metavar="NAME", help="Comments by this author, by name or id.")
@click.option("--dry-run", is_flag=True, help="Only say how many that are.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_JSON
@pass_session
def purge(
    session: Session,
    db: Path | None,
    moderator: str | None,
    older_than: str | None,
    author: str | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Remove the texts and authors of comments for good.

    With --older-than alone those that wait for a decision stay. Decisions stay on record
    without texts and notes, and `queue verify` still holds. Nothing takes this back.
    """
    if older_than is None and author is None:
        raise UsageError("say which comments", hint="--older-than 90d, --author NAME or both")
    before = None
    if older_than is not None:
        age = timedelta(seconds=_duration("--older-than", older_than))
        before = datetime.now(UTC) - age
    with open_queue(session, db, moderator, read_only=dry_run) as queue:
        numbers = queue.purgeable(before=before, author=author)
        if numbers and not dry_run:
            _confirm(f"Remove the texts and authors of {plural(len(numbers), 'comment')}", yes)
            queue.purge(numbers)
    if as_json:
        echo_json({"comments": len(numbers), "purged": not dry_run})
    else:
        verb = "would be purged" if dry_run else "purged"
        session.talk(f"{plural(len(numbers), 'comment')} {verb}")


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


def _filter(line: str) -> Filter:
    from moderation.queue import Filter

    return Filter.parse(line)


def _duration(option: str, value: str) -> float:
    """Seconds.

    Raises:
        UsageError: not a time, or longer than a calendar goes back.
    """
    from moderation.rules.language.values import Mistake, parse_duration

    try:
        seconds = parse_duration(value)
    except Mistake as error:
        raise UsageError(f"{option} {value}: {error}", hint="for example 90d, 12h or 2m") from None
    if seconds > _LONGEST:
        raise UsageError(f"{option} {value}: that is too long")
    return seconds


def _confirm(what: str, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("nobody is there to be asked", hint="add --yes, or --dry-run to look")
    click.confirm(f"{what}? Nothing takes this back.", abort=True, err=True)


def _claim_record(claim: Claim) -> dict[str, Any]:
    return {
        "key": claim.key,
        "moderator": claim.moderator,
        "since": claim.since.isoformat(),
        "until": claim.until.isoformat(),
    }
