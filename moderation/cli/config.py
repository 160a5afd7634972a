"""`moderation config`: what is in force, and where it came from."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from moderation.cli.common import Session, echo, echo_json, pass_session, reading_rules
from moderation.display import for_log


@click.group("config")
def config_command() -> None:
    """Show and check the configuration (moderation.toml)."""


@config_command.command("show")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@pass_session
def show(session: Session, as_json: bool) -> None:
    """Each setting with its value and its source."""
    config = session.config
    values = asdict(config.settings)
    if as_json:
        echo_json(
            {
                name: {"value": value, "source": config.sources[name]}
                for name, value in values.items()
            }
        )
        return
    for name, value in values.items():
        source = for_log(config.sources[name])
        echo(f"{name} = {for_log(json.dumps(value, ensure_ascii=False))}  # {source}")


@config_command.command("check")
@pass_session
def check(session: Session) -> None:
    """Read the configuration and the rules that it names; exits with 2 on an error."""
    from moderation.rules.compile import compile_paths
    from moderation.rules.compiled import require_sound

    config = session.config
    with reading_rules():
        require_sound(compile_paths(config.rule_paths))
    session.talk(
        f"{for_log(str(config.file))}: sound" if config.file else "no configuration file: defaults"
    )
