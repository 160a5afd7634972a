"""`moderation rules list`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from moderation.cli.common import Session, echo, echo_json, pass_session
from moderation.cli.rules.common import compiled as compile_rules
from moderation.cli.rules.common import paths_argument
from moderation.display import log_line

if TYPE_CHECKING:
    from moderation.backtest import Share
    from moderation.rules import Rule
    from moderation.store.reading import RuleUse


@click.command("list")
@paths_argument
@click.option(
    "--db",
    type=click.Path(path_type=Path),
    help="A database: how often each rule hit, how often rightly, when last.",
)
@click.option("--json", "as_json", is_flag=True, help="A JSON array instead of a table.")
@pass_session
def list_command(session: Session, paths: tuple[Path, ...], db: Path | None, as_json: bool) -> None:
    """The rules in force: id, action, severity, status, description.

    With --db also the stored comments that each rule flags, the share of the decided
    ones on which people agreed (its precision), and the time of the latest.
    """
    from moderation.rules.compile import require_sound

    compiled = compile_rules(session, paths)
    require_sound(compiled)
    uses = None if db is None else _uses(db)
    if as_json:
        echo_json([_record(rule, uses) for rule in compiled.rules])
        return
    width = max((len(rule.id) for rule in compiled.rules), default=0)
    if uses is not None:
        heads = f"{'hits':>7}  {'precision':<20}  {'last hit':<10}"
        echo(f"{'rule':<{width}}  {'action':<7} {'severity':<8}  {heads}  description")
    for rule in compiled.rules:
        status = "" if rule.status == "live" else f" ({rule.status.value})"
        used = "" if uses is None else f" {_used(rule, uses.get(rule.id))}  "
        echo(
            f"{rule.id:<{width}}  {rule.action.value:<7} {rule.severity.value:<8} {used}"
            f"{log_line(rule.description, 70)}{status}".rstrip()
        )


def _uses(db: Path) -> dict[str, RuleUse]:
    from moderation.store import Store
    from moderation.store.reading import rule_use

    with Store.open(db, create=False, read_only=True) as store, store.read() as conn:
        return rule_use(conn)


def _precision(rule: Rule, use: RuleUse) -> Share:
    from moderation.backtest import Share

    right = use.approved if rule.action == "approve" else use.hidden
    return Share(right, use.hidden + use.approved)


def _used(rule: Rule, use: RuleUse | None) -> str:
    if use is None:
        return f"{0:>7}  {'-':<20}  {'-':<10}"
    share = _precision(rule, use)
    told = "-" if share.value is None else f"{share.value:.0%} of {share.whole:,} decided"
    return f"{use.hits:>7,}  {told:<20}  {use.last:%Y-%m-%d}"


def _record(rule: Rule, uses: dict[str, RuleUse] | None) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": rule.id,
        "action": rule.action.value,
        "severity": rule.severity.value,
        "status": rule.status.value,
        "priority": rule.priority,
        "description": rule.description,
        "version": rule.version,
        "file": rule.file,
        "line": rule.line,
    }
    if uses is None:
        return record
    use = uses.get(rule.id)
    share = _precision(rule, use) if use else None
    interval = share.interval if share else None
    return record | {
        "hits": use.hits if use else 0,
        "decided": share.whole if share else 0,
        "precision": None if share is None or share.value is None else round(share.value, 4),
        "precision_95": [round(end, 4) for end in interval] if interval else None,
        "last_hit": use.last.isoformat() if use else None,
    }
