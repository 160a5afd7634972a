"""`moderation model eval` and `model threshold`: models held against labelled comments."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from moderation.cli.common import (
    FINE,
    UNREADABLE,
    Session,
    echo,
    echo_json,
    echo_lines,
    pass_session,
)
from moderation.cli.outputs import Rejects
from moderation.cli.progress import Progress, load_model
from moderation.comments import LABELS
from moderation.errors import InputError, UsageError

if TYPE_CHECKING:
    from moderation.evaluation import Labelled
    from moderation.evaluation.metrics import Floats
    from moderation.models.base import Model

_FILE = click.argument("file", metavar="FILE")
_TEXT = click.option("--text", metavar="COLUMN", help="The text's column, if its name is unusual.")
_LIMIT = click.option("--limit", type=click.IntRange(1), help="Only the first so many comments.")


@click.command("eval")
@_FILE
@click.option(
    "--label",
    "labels",
    multiple=True,
    metavar="LABEL[=COLUMN]",
    help="A label to look at, and its column; repeatable. [default: all that have a column]",
)
@click.option("--model", "names", multiple=True, help="One model, or two to compare.")
@click.option(
    "--group",
    "groups",
    multiple=True,
    metavar="COLUMN",
    help="A column that says which comments are about a group of people; repeatable.",
)
@_TEXT
@_LIMIT
@click.option("--format", "form", type=click.Choice(["text", "json", "html"]), default="text")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the report here.")
@click.option(
    "--draws",
    type=click.IntRange(0, 100_000),
    default=1000,
    show_default=True,
    help="Bootstrap samples behind the intervals.",
)
@click.option("--seed", type=int, default=0, show_default=True)
@pass_session
@click.pass_context
def eval_command(
    ctx: click.Context,
    session: Session,
    file: str,
    labels: tuple[str, ...],
    names: tuple[str, ...],
    groups: tuple[str, ...],
    text: str | None,
    limit: int | None,
    form: str,
    output: Path | None,
    draws: int,
    seed: int,
) -> None:
    """How well models score labelled comments.

    FILE is csv, tsv or jsonl (.gz and .zst too) with a text and a column for each label: 1,
    0, a share of raters, or empty for not labelled. Shown are AUC and average precision
    with 95 % intervals, precision and recall over thresholds, calibration, and for groups
    of people the AUCs of Borkan et al. (2019).

    \b
    moderation model eval labelled.csv
    moderation model eval labelled.csv --label toxicity=toxic --group muslim --group gay
    moderation model eval labelled.csv --model builtin --model detoxify:original
    moderation model eval labelled.csv --format html -o eval.html
    """
    from moderation import evaluation

    if len(names) > 2:
        raise UsageError("more than two models", hint="compare two at a time")
    if form == "html" and output is None:
        raise UsageError("--format html needs a file", hint="-o eval.html")
    wanted = dict(_label(name) for name in labels)
    data, rejected = _read(session, file, wanted, text, groups, limit)
    scored = _score(session, data, names)
    result = evaluation.evaluate(data, scored, draws=draws, seed=seed)
    if not any(model.labels for model in result.models):
        raise UsageError(f"the model has none of the labels {', '.join(data.labels)}", where=file)
    match form:
        case "json" if output is None:
            echo_json(evaluation.as_json(result))
        case "json":
            from moderation.reports import encode

            _write(output, encode(evaluation.as_json(result), indent=2) + "\n")
        case "html":
            _write(output, evaluation.as_html(result))
        case _ if output is not None:
            _write(output, "\n".join(evaluation.as_text(result)) + "\n")
        case _:
            echo_lines(evaluation.as_text(result))
    ctx.exit(UNREADABLE if rejected else FINE)


@click.command("threshold")
@_FILE
@click.option("--label", default="toxicity", show_default=True, metavar="LABEL[=COLUMN]")
@click.option("--precision", type=click.FloatRange(0, 1), default=0.9, show_default=True)
@click.option(
    "--prevalence",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="The share of such comments where the rule will run, if it is not that of FILE.",
)
@click.option("--model", "name", help="[default: the config's]")
@_TEXT
@_LIMIT
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@pass_session
@click.pass_context
def threshold_command(
    ctx: click.Context,
    session: Session,
    file: str,
    label: str,
    precision: float,
    prevalence: float | None,
    name: str | None,
    text: str | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """Propose the lowest threshold at which a rule is right often enough.

    FILE holds labelled comments as for `model eval`. Precision depends on how usual such
    comments are: give --prevalence if FILE holds more of them than your site does. Exits
    with 1 when no threshold reaches the precision.

    \b
    moderation model threshold labelled.csv --precision 0.9
    moderation model threshold labelled.csv --label threat --prevalence 0.01
    """
    from moderation import evaluation

    wanted = dict([_label(label)])
    data, rejected = _read(session, file, wanted, text, (), limit)
    [(model, scores, _)] = _score(session, data, (name,) if name else ())
    chosen = data.labels[0]
    known = data.truth[:, 0] == data.truth[:, 0]
    truth, column = data.truth[known, 0] > 0, evaluation.column(model, scores, chosen)[known]
    if truth.all() or not truth.any():
        raise InputError(f"{chosen} is the same for all comments", where=file)
    cut = evaluation.for_precision(truth, column, precision, prevalence=prevalence)
    if as_json:
        echo_json(
            {
                "label": chosen,
                "model": model.fingerprint,
                "wanted": precision,
                **({} if cut is None else _cut_record(cut)),
                "threshold": None if cut is None else cut.threshold,
            }
        )
    elif cut is None:
        session.talk(f"no threshold on {chosen} reaches a precision of {precision:g}", level=-1)
    else:
        low, high = cut.interval
        echo(f"when: {{score: {{{chosen}: '>= {cut.threshold:g}'}}}}")
        session.talk(
            f"precision {cut.precision:.1%} (95 %: {low:.1%} to {high:.1%}), finds"
            f" {cut.recall:.1%} of them, flags {cut.share:.1%} of all comments"
        )
    ctx.exit(UNREADABLE if rejected else 1 if cut is None else FINE)


def _cut_record(cut: Any) -> dict[str, Any]:
    return {
        "precision": cut.precision,
        "interval": list(cut.interval),
        "recall": cut.recall,
        "share": cut.share,
        "flagged": cut.flagged,
    }


def _label(asked: str) -> tuple[str, str]:
    label, _, column = asked.partition("=")
    if label not in LABELS:
        raise UsageError(
            f"no label is called '{label}'", hint=f"LABEL or LABEL=COLUMN, of {', '.join(LABELS)}"
        )
    return label, column


def _read(
    session: Session,
    file: str,
    labels: dict[str, str],
    text: str | None,
    groups: Sequence[str],
    limit: int | None,
) -> tuple[Labelled, int]:
    from moderation import evaluation
    from moderation.reports import Summary

    summary = Summary(model="", policy="")
    with Rejects(None, session, summary) as rejects:
        data = evaluation.read(
            file, labels=labels, text=text, groups=groups, limit=limit, on_reject=rejects.add
        )
        rejects.tell(advise=False)
    return data, summary.rejected


def _score(
    session: Session, data: Labelled, names: Sequence[str]
) -> list[tuple[Model, Floats, float]]:
    from moderation.evaluation import scores_of

    scored = []
    for name in names or (session.config.settings.model,):
        model = load_model(session, name)
        with Progress(session, len(data.texts)) as progress:
            began = time.perf_counter()
            scores = scores_of(model, data.texts, progress.reached)
            scored.append((model, scores, time.perf_counter() - began))
    return scored


def _write(path: Path | None, text: str) -> None:
    assert path is not None
    try:
        path.write_text(text, "utf-8", "backslashreplace")
    except OSError as error:
        raise InputError(
            f"cannot write the report: {error.strerror or error}", where=str(path)
        ) from None
