"""`moderation model`: the toxicity models."""

from __future__ import annotations

import click

from moderation.cli.common import Session, echo, pass_session
from moderation.cli.evaluate import eval_command, threshold_command


@click.group("model")
def model_command() -> None:
    """The toxicity models that can score."""


model_command.add_command(eval_command)
model_command.add_command(threshold_command)


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
    """Load a model and say what it is: labels, fingerprint, and for `builtin` its data,
    their licences, and how well it ranks."""
    from moderation import models

    model = models.load(name or session.config.settings.model)
    echo(f"name         {model.name}")
    echo(f"labels       {', '.join(model.labels) or 'none'}")
    echo(f"fingerprint  {model.fingerprint}")
    card = getattr(model, "card", None)
    if card is None:
        return
    echo("trained on")
    for name, comments in card["trained_on"].items():
        echo(f"  {comments:>7,}  {card['licences'][name]}")
    figures = card["figures"]
    echo(f"AUC on {figures['data']} ({figures['comments']:,} comments, not trained on)")
    for label, area in figures["auc"].items():
        echo(f"  {area:.4f}  {label}")
    echo(f"  {figures['mean_auc']:.4f}  mean")
