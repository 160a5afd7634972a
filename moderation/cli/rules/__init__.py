"""`moderation rules`: the rule author's loop, a module a command."""

from __future__ import annotations

import click

from moderation.cli.lazy import LazyGroup

_NAMES = ("check", "test", "list", "explain", "watch", "backtest", "schema", "import")


@click.group(cls=LazyGroup, package="moderation.cli.rules", names=_NAMES)
def rules_command() -> None:
    """Check, test and list rule files.

    Without PATH, the rules of the configuration, or the shipped packs.
    """
