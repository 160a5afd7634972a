"""`moderation model`: the toxicity models."""

from __future__ import annotations

import click

from moderation.cli.bench import bench_command
from moderation.cli.common import echo
from moderation.cli.compile import compile_command
from moderation.cli.evaluate import eval_command, threshold_command
from moderation.cli.show import show_command
from moderation.display import for_log


@click.group("model")
def model_command() -> None:
    """The toxicity models that can score."""


for command in (show_command, eval_command, threshold_command, compile_command, bench_command):
    model_command.add_command(command)


@model_command.command("list")
def list_models() -> None:
    """The names that --model takes."""
    from moderation import models

    width = max(len(name) for name, _ in models.available())
    for name, description in models.available():
        echo(f"{for_log(name):<{width}}  {description}")
