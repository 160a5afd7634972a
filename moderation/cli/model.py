"""`moderation model`: the toxicity models."""

from __future__ import annotations

import click

from moderation.cli.common import Session, echo, pass_session


@click.group("model")
def model_command() -> None:
    """The toxicity models that can score."""


@model_command.command("list")
def list_models() -> None:
    """The names that --model takes."""
    from moderation import models

    width = max(len(name) for name, _ in models.available())
    for name, description in models.available():
        echo(f"{name:<{width}}  {description}")


@model_command.command("show")
@click.argument("name", default="")
@pass_session
def show(session: Session, name: str) -> None:
    """Load a model and say what it is: labels and fingerprint."""
    from moderation import models

    model = models.load(name or session.config.settings.model)
    echo(f"name         {model.name}")
    echo(f"labels       {', '.join(model.labels) or 'none'}")
    echo(f"fingerprint  {model.fingerprint}")
