"""`moderation rules`: the rule author's loop, a module a command."""

from __future__ import annotations

import click

from moderation.cli.lazy import LazyGroup


@click.group(cls=LazyGroup, package="moderation.cli.rules", names=("check", "test", "list"))
def rules_command() -> None:
    """Check, test and list rule files.

    Without PATH, the rules of the configuration, or the shipped packs.
    """
