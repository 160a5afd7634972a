"""`moderation model`: the toxicity models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from moderation.cli.common import Session, echo, pass_session
from moderation.cli.compile import compile_command
from moderation.display import for_log

if TYPE_CHECKING:
    from moderation.models.onnx.folder import Meta
from moderation.cli.evaluate import eval_command, threshold_command


@click.group("model")
def model_command() -> None:
    """The toxicity models that can score."""


model_command.add_command(eval_command)
model_command.add_command(threshold_command)
model_command.add_command(compile_command)


@model_command.command("list")
def list_models() -> None:
    """The names that --model takes."""
    from moderation import models

    width = max(len(name) for name, _ in models.available())
    for name, description in models.available():
        echo(f"{for_log(name):<{width}}  {description}")


@model_command.command("show")
@click.argument("name", default="")
@pass_session
def show(session: Session, name: str) -> None:
    """Load a model and say what it is: labels, fingerprint, for a compiled one what it was
    made from, and for `builtin` its data, their licences, and how well it ranks."""
    from moderation import models

    model = models.load(name or session.config.settings.model)
    echo(f"name         {for_log(model.name)}")
    echo(f"labels       {', '.join(model.labels) or 'none'}")
    echo(f"fingerprint  {for_log(model.fingerprint)}")
    meta = getattr(model, "meta", None)
    if meta is not None:
        _show_meta(meta)
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


def _show_meta(meta: Meta) -> None:
    """What a compiled model's folder says of it; anyone may have written that."""
    echo(f"precision    {meta.precision}")
    echo(f"window       {meta.window} tokens")
    for key, words in (("languages", meta.languages), ("scripts", meta.scripts)):
        echo(f"{key:<13}{for_log(', '.join(words)) or 'not known'}")
    for key, value in meta.source.items():
        echo(f"{for_log(key):<13}{for_log(value)}")
