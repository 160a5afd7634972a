"""`moderation rules backtest`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from moderation.cli.common import (
    FINE,
    FOUND,
    Session,
    echo_json,
    echo_lines,
    pass_session,
    plural,
)
from moderation.cli.progress import Progress
from moderation.cli.rules.common import compiled as compile_rules

_AGO = re.compile(r"(\d{1,5})\s*([hdw])\Z")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


class Since(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """`30d`, `12h`, `4w`, or an ISO date or time (in local time if it has no zone)."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        now = datetime.now(UTC)
        try:
            if found := _AGO.match(value.strip()):
                return now - timedelta(**{_UNITS[found[2]]: int(found[1])})
            return datetime.fromisoformat(value.strip()).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is neither a span such as 30d nor an ISO date", param, ctx)


@click.command("backtest")
@click.option("--db", type=click.Path(path_type=Path), help="The database. [default: the config's]")
@click.option(
    "--rules",
    "paths",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Rules to try (repeatable). [default: the config's, else the shipped packs]",
)
@click.option(
    "--against",
    multiple=True,
    type=click.Path(path_type=Path),
    help="An earlier version, to see what would change (repeatable).",
)
@click.option("--since", type=Since(), help="Only comments from then on: 30d, 12h, 2026-01-31.")
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text")
@click.option(
    "--min-precision",
    type=click.FloatRange(0, 1),
    help="Exit with 1 when a rule is right less often.",
)
@click.option(
    "--min-decided",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="--min-precision leaves out rules with fewer decided hits.",
)
@click.option(
    "--show-text",
    type=click.Choice(["full", "snippet", "never"]),
    default="snippet",
    show_default=True,
    help="How much of changed comments to quote.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=50,
    show_default=True,
    help="Changed comments of each kind to list, the latest first.",
)
@pass_session
@click.pass_context
def backtest_command(
    ctx: click.Context,
    session: Session,
    db: Path | None,
    paths: tuple[Path, ...],
    against: tuple[Path, ...],
    since: datetime | None,
    form: str,
    min_precision: float | None,
    min_decided: int,
    show_text: Any,
    limit: int,
) -> None:
    """What rules would have done to stored comments, held against people's decisions.

    A rule's precision is the share of its decided hits that a person hid (for an
    `approve` rule: approved), with its 95 % interval. The stored scores are used.
    """
    from moderation import backtest
    from moderation.rules.compiled import require_sound
    from moderation.store import Store

    compiled = compile_rules(session, paths)
    require_sound(compiled)
    earlier = compile_rules(session, against) if against else None
    if earlier:
        require_sound(earlier)
    with Store.open(db or session.config.db_path, create=False, read_only=True) as store:
        selected = backtest.select(store, since)
        with Progress(session, len(selected)) as progress:
            result = backtest.replay(
                store,
                selected,
                compiled,
                earlier,
                since=since,
                keep=limit,
                on_progress=progress.reached,
            )
    match form:
        case "json":
            echo_json(backtest.as_json(result, show_text))
        case "markdown":
            echo_lines(backtest.as_markdown(result, show_text))
        case _:
            echo_lines(backtest.as_text(result, show_text))
    if not result.statuses.total():
        session.talk("no comments to try the rules on: is --since too late?")
    ctx.exit(_tell_imprecise(session, result, min_precision, min_decided))


def _tell_imprecise(session: Session, result: Any, least: float | None, min_decided: int) -> int:
    """Name the rules that are right too seldom; the exit code that this makes."""
    if least is None:
        return FINE
    judged = [tally for tally in result.version.rules if tally.found.decided >= min_decided]
    bad = [tally for tally in judged if tally.precision.value < least]
    for tally in bad:
        label = click.style("imprecise", fg="red", bold=True)
        session.talk(
            f"{label}: {tally.rule.id}: right in {tally.precision.part:,} of"
            f" {plural(tally.found.decided, 'decided hit')}"
            f" ({tally.precision.value:.0%}, wanted {least:.0%})",
            level=-1,
        )
    session.talk(
        f"{plural(len(judged), 'rule')} with at least {plural(min_decided, 'decided hit')}:"
        f" {len(bad):,} below a precision of {least:.0%}"
    )
    return FOUND if bad else FINE
