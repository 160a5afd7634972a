"""What the commands for rule authors share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from moderation.cli.common import Session, reading_rules

if TYPE_CHECKING:
    from moderation.rules import Compiled

#: The rule files and folders of a command.
paths_argument = click.argument("paths", nargs=-1, type=click.Path(path_type=Path))


def compiled(session: Session, paths: tuple[Path, ...]) -> Compiled:
    """The given rules, else the configuration's, else the shipped packs."""
    from moderation.rules import compile_paths

    with reading_rules():
        return compile_paths(paths or session.config.rule_paths)
