"""`moderation rules list`."""

from __future__ import annotations

from pathlib import Path

import click

from moderation.cli.common import Session, echo, echo_json, pass_session
from moderation.cli.rules.common import compiled as compile_rules
from moderation.cli.rules.common import paths_argument
from moderation.display import log_line


@click.command("list")
@paths_argument
@click.option("--json", "as_json", is_flag=True, help="A JSON array instead of a table.")
@pass_session
def list_command(session: Session, paths: tuple[Path, ...], as_json: bool) -> None:
    """The rules in force: id, action, severity, status, description."""
    from moderation.rules.compile import require_sound

    compiled = compile_rules(session, paths)
    require_sound(compiled)
    if as_json:
        echo_json(
            [
                {
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
                for rule in compiled.rules
            ]
        )
        return
    width = max((len(rule.id) for rule in compiled.rules), default=0)
    for rule in compiled.rules:
        status = "" if rule.status == "live" else f" ({rule.status.value})"
        echo(
            f"{rule.id:<{width}}  {rule.action.value:<7} {rule.severity.value:<8} "
            f"{log_line(rule.description, 70)}{status}"
        )
