"""`moderation rules schema`."""

from __future__ import annotations

import click

from moderation.cli.common import echo


@click.command("schema")
def schema_command() -> None:
    """The JSON Schema of rule files, for completion and checks in an editor.

    Write it beside your rules, and as a rule file's first line

    \b
        # yaml-language-server: $schema=schema.json
    """
    from moderation.rules.language.jsonschema import schema_text

    echo(schema_text().rstrip("\n"))
