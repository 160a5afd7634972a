"""`moderation stats`: how it goes with the queue, its moderators and the rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from moderation.cli.common import Session, cells, echo, echo_json, echo_lines, pass_session, plural
from moderation.cli.queue import open_queue
from moderation.comments import Choice, Status
from moderation.display import log_line

if TYPE_CHECKING:
    from moderation.queue import Agreement, Statistics

#: Choices in the order of columns.
_CHOICES = (Choice.APPROVE, Choice.HIDE, Choice.ESCALATE, Choice.SKIP)
#: Days and rules that are listed for people; JSON has all.
_DAYS = 14
_RULES = 30


@click.command("stats")
@click.option("--db", type=click.Path(path_type=Path), help="The database. [default: the config's]")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@pass_session
def stats_command(session: Session, db: Path | None, as_json: bool) -> None:
    """Counts, decisions by moderator and day, rules and how people judged them."""
    with open_queue(session, db, read_only=True) as queue:
        seen = queue.statistics()
    if as_json:
        echo_json(_record(seen))
        return
    echo(", ".join(f"{seen.counts[each]:,} {each.value}" for each in Status))
    echo_lines(_moderators(seen))
    echo_lines(_days(seen))
    echo_lines(_rules(seen))
    echo(_agreement(seen.agreement))


def _record(seen: Statistics) -> dict[str, Any]:
    return {
        "counts": {status.value: count for status, count in seen.counts.items()},
        "decisions": [
            {"hour": _iso(hour), "moderator": who, "decision": choice.value, "count": count}
            for (hour, who, choice), count in sorted(seen.made.items())
        ],
        "flow": [
            {"hour": _iso(hour), "queued": queued, "settled": settled}
            for hour, queued, settled in flow(seen)
        ],
        "rules": [
            {
                "rule": rule,
                "flagged": use.hits,
                "hidden": use.hidden,
                "approved": use.approved,
                "escalated": use.escalated,
                "precision": use.precision,
            }
            for rule, use in sorted(seen.rules.items())
        ],
        "scores": {status.value: counts for status, counts in seen.scores.items()},
        "agreement": {
            "opinions": seen.agreement.count,
            "agreed": seen.agreement.agreed,
            "kappa": seen.agreement.kappa,
            "pairs": [
                {"first": first.value, "second": second.value, "count": count}
                for (first, second), count in sorted(seen.agreement.pairs.items())
            ],
        },
    }


def flow(seen: Statistics) -> Iterator[tuple[datetime, int, int]]:
    """(hour, comments queued, comments settled less those that came back), in order."""
    for hour in sorted(seen.queued.keys() | seen.settled.keys()):
        yield hour, seen.queued.get(hour, 0), seen.settled.get(hour, 0)


def _moderators(seen: Statistics) -> Iterator[str]:
    counts: dict[str, Counter[Choice]] = {}
    today: Counter[str] = Counter()
    lately: Counter[str] = Counter()
    now = datetime.now(UTC)
    for (hour, who, choice), count in seen.made.items():
        counts.setdefault(who, Counter())[choice] += count
        today[who] += count * (hour > now - timedelta(days=1))
        lately[who] += count * (hour + timedelta(hours=1) > now)
    if not counts:
        yield "no decisions yet"
        return
    yield ""
    heads = (*(choice.value for choice in _CHOICES), "all", "24 hours", "this hour")
    yield _line("moderator", *heads)
    for who, by in sorted(counts.items(), key=lambda each: -each[1].total()):
        figures = (*(by[choice] for choice in _CHOICES), by.total(), today[who], lately[who])
        yield _line(log_line(who, 30), *(f"{figure:,}" for figure in figures))


def _days(seen: Statistics) -> Iterator[str]:
    queued: Counter[str] = Counter()
    settled: Counter[str] = Counter()
    made: Counter[str] = Counter()
    for hour, came, went in flow(seen):
        queued[_day(hour)] += came
        settled[_day(hour)] += went
    for (hour, _, _), count in seen.made.items():
        made[_day(hour)] += count
    days = sorted(queued.keys() | made.keys())
    if not days:
        return
    yield ""
    yield _line("day", "queued", "settled", "decisions")
    for day in days[-_DAYS:]:
        yield _line(day, *(f"{counts[day]:,}" for counts in (queued, settled, made)))


def _rules(seen: Statistics) -> Iterator[str]:
    if not seen.rules:
        return
    yield ""
    yield _line("rule", "flagged", "hidden", "approved", "precision")
    order = sorted(seen.rules.items(), key=lambda each: (-each[1].hits, each[0]))
    for rule, use in order[:_RULES]:
        share = use.precision
        figures = (use.hits, use.hidden, use.approved)
        said = "" if share is None else f"{share:.0%}"
        yield _line(log_line(rule, 30), *(f"{figure:,}" for figure in figures), said)
    if len(order) > _RULES:
        yield f"and {plural(len(order) - _RULES, 'more rule')}; --json has all"


def _agreement(agreement: Agreement) -> str:
    if not agreement.count:
        return "\nno second opinions yet"
    kappa = "" if agreement.kappa is None else f", Cohen's kappa {agreement.kappa:.2f}"
    opinions = plural(agreement.count, "second opinion")
    return f"\n{opinions}, {agreement.agreed:,} agreed with the first{kappa}"


def _line(first: str, *rest: str) -> str:
    return f"{first}{' ' * max(1, 31 - cells(first))}" + " ".join(f"{each:>9}" for each in rest)


def _day(hour: datetime) -> str:
    return f"{hour.astimezone():%Y-%m-%d}"


def _iso(hour: datetime) -> str:
    return hour.isoformat(timespec="hours")
