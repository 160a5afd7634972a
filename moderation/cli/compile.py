"""`moderation model compile`: a Detoxify checkpoint made fast."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from moderation.cli.common import FINE, Session, echo, echo_lines, pass_session
from moderation.cli.progress import Download
from moderation.display import for_log

if TYPE_CHECKING:
    from moderation.models.compile.parity import Parity

_MEGABYTE = 1_000_000


@click.command("compile")
@click.argument("name", metavar="detoxify:NAME|detoxify:PATH")
@click.option(
    "--precision",
    type=click.Choice(["int8", "float32"]),
    default="int8",
    show_default=True,
    help="int8: a quarter of the size and the fastest. float32: Detoxify's scores to four digits.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to make. [default: one in your cache]",
)
@click.option(
    "--trust",
    is_flag=True,
    help="Read a checkpoint of your own although it holds more than data: it can run any code "
    "as you. Only for files whose maker you know.",
)
@pass_session
def compile_command(
    session: Session, name: str, precision: str, output: Path | None, trust: bool
) -> int:
    """Turn a Detoxify checkpoint into a model that runs without torch, several times faster.

    Takes detoxify:original, unbiased, multilingual, original-small, unbiased-small, or the
    path of a checkpoint file (BERT, RoBERTa, ALBERT or XLM-RoBERTa) with its tokenizer
    folder beside it. Needs the extra [detoxify]; the result does not.

    \b
    moderation model compile detoxify:unbiased
    moderation scan page.txt --model compiled:unbiased-int8
    moderation model compile detoxify:./mine.ckpt -o models/mine
    moderation scan page.txt --model models/mine

    The result is held against Detoxify on sample comments, and the report says for each
    label how far the scores are apart and how alike their order is. Where float32 differs by
    more than 0.0001, or int8 by more than 0.03 on the mean, nothing is kept.

    Unlike Detoxify, which reads the first 512 tokens, a compiled model reads a longer
    comment in overlapping windows (at most 64, from its beginning to its end) and scores it
    by the worst. A word like [SEP] in a comment is read as the letters that it is.

    Exit codes: 0 made, 2 wrong usage, 3 the checkpoint cannot be read or the result is not
    faithful.
    """
    from moderation import models

    checkpoint = models.checkpoint_of(name)
    if checkpoint is None:
        raise models.unknown(name)
    from moderation.models.compile.compiler import UnfaithfulError, compile_model

    if trust:
        session.talk(
            f"{click.style('warning', fg='yellow', bold=True)}: --trust lets the checkpoint run "
            "whatever code it holds, with your rights",
            level=-1,
        )
    try:
        with Download(session, name) as download:
            result = compile_model(
                checkpoint,
                precision=precision,
                target=output,
                trusted=trust,
                progress=download.reached,
            )
    except UnfaithfulError as error:
        echo_lines(_table(error.parity))
        raise
    echo_lines(_table(result.parity))
    echo(f"model    {for_log(result.name)}")
    echo(f"folder   {for_log(str(result.path))}")
    echo(f"size     {result.size / _MEGABYTE:,.1f} MB, {precision}")
    return FINE


def _table(found: Parity) -> list[str]:
    """The report: how far from Detoxify, label by label."""
    rows = [f"{'against Detoxify.predict':<24}{'largest':>10}{'mean':>10}{'rank':>9}"]
    rows += [
        f"  {label.label:<22}{label.largest:>10.2g}{label.mean:>10.2g}{label.rank:>9.4f}"
        for label in found.labels
    ]
    return [*rows, f"  on {found.texts} comments; rank is Spearman's correlation"]
