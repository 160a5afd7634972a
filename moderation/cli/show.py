"""`moderation model show`: what a model is."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from statistics import fmean
from typing import TYPE_CHECKING, Any

import click

from moderation.cli.common import Session, echo, pass_session, plural
from moderation.cli.progress import load_model
from moderation.display import for_log

if TYPE_CHECKING:
    from moderation.models.onnx.folder import Meta

_WIDTH = 80
_MARGIN = 13
_NO_SUCH_COUNT = 1e15


@click.command("show")
@click.argument("name", default="")
@pass_session
def show_command(session: Session, name: str) -> None:
    """Load a model and say what it is: labels, fingerprint, what it was made from, and
    where that is known its data, their licences, and how well it ranks."""
    model = load_model(session, name or session.config.settings.model)
    # A name or fingerprint is for copying: in one piece, however long.
    echo(f"{'name':<{_MARGIN}}{for_log(model.name)}")
    _say("labels", ", ".join(model.labels) or "none")
    echo(f"{'fingerprint':<{_MARGIN}}{for_log(model.fingerprint)}")
    meta: Meta | None = getattr(model, "meta", None)
    if meta is not None:
        _say_meta(meta)
    card = getattr(model, "card", None) or (meta.card if meta is not None else {})
    _say_data(_mapping(card.get("trained_on")), _mapping(card.get("licences")))
    _say_figures(_mapping(card.get("figures")))


def _say_meta(meta: Meta) -> None:
    """What a model's folder says of it; anyone may have written that."""
    _say("precision", meta.precision)
    _say("window", plural(meta.window, "token"))
    for key, words in (("languages", meta.languages), ("scripts", meta.scripts)):
        _say(key, ", ".join(words) or "not known")
    for key, value in meta.source.items():
        _say(key, value)


def _say_data(rows: Mapping[str, Any], licences: Mapping[str, Any]) -> None:
    counts = [count for count in rows.values() if _is_number(count)]
    if not counts:
        return
    _say("trained on", plural(int(sum(counts)), "comment"))
    for name, count in rows.items():
        if _is_number(count):
            _say("", f"{count:>7,.0f}  {licences.get(name, name)}", indent=9)


def _say_figures(figures: Mapping[str, Any]) -> None:
    areas = {
        label: area for label, area in _mapping(figures.get("auc")).items() if _is_number(area)
    }
    if not areas:
        return
    count = figures.get("comments")
    size = f" ({count:,.0f} comments, not trained on)" if _is_number(count) else ""
    _say("AUC", f"on {figures.get('data', 'data not named')}{size}")
    for label, area in {**areas, "mean": fmean(areas.values())}.items():
        _say("", f"{area:>7.4f}  {label}", indent=9)


def _say(key: str, text: str, *, indent: int = 0) -> None:
    """A line, or several of which the later ones begin below the first one's text."""
    margin = " " * _MARGIN
    first, *rest = textwrap.wrap(
        for_log(text),
        _WIDTH - _MARGIN,
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
    ) or [""]
    echo(f"{for_log(key):<{_MARGIN - 1}} {first}".rstrip())
    for line in rest:
        echo(f"{margin}{line}")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _is_number(value: Any) -> bool:
    """Whether it can be a count or a figure; a card can hold anything that JSON can."""
    return isinstance(value, (int, float)) and 0 <= value < _NO_SUCH_COUNT
