"""`moderation model bench`: how fast models are, and how much memory they take."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from itertools import islice
from statistics import fmean
from typing import TYPE_CHECKING, Any

import click

from moderation.cli.common import (
    FINE,
    UNREADABLE,
    Session,
    echo_json,
    echo_lines,
    pass_session,
    plural,
)
from moderation.cli.outputs import Rejects
from moderation.cli.progress import Download, StatusLine
from moderation.display import for_log
from moderation.errors import InputError

if TYPE_CHECKING:
    from moderation.models.bench import Measured
    from moderation.models.download import Progress

_MEGABYTE = 1_000_000


@click.command("bench")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--file", help="Comments to score, in any format that `scan` reads.")
@click.option(
    "--count",
    type=click.IntRange(1),
    default=256,
    show_default=True,
    help="Only the first so many comments.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="For programs: sizes in bytes, times in seconds."
)
@pass_session
@click.pass_context
def bench_command(
    ctx: click.Context,
    session: Session,
    names: tuple[str, ...],
    file: str | None,
    count: int,
    as_json: bool,
) -> None:
    """Measure how fast models are on this machine, and how much memory they take.

    NAME is what --model takes, several are compared. [default: the config's model]
    The comments are those of the sample thread, or of --file.

    \b
    moderation model bench
    moderation model bench builtin detoxify:original compiled:original-int8
    moderation model bench compiled:mine --file page.txt --count 1000

    Each model runs in a process of its own and they take turns, five rounds, of which
    the medians are shown: `load` with all imports, `memory` that the loaded model takes,
    `scoring` at most beyond that, `tokens` that it reads of a comment on the mean,
    comments per second one by one and in batches of 256, and how many times the first
    model's that is.
    """
    from moderation.models import bench

    texts, rejected = _texts(session, file, count)
    with ExitStack() as stack:
        line = StatusLine(session)
        stack.callback(line.close)

        def progress(name: str) -> Progress:
            return stack.enter_context(Download(session, name)).reached

        found = bench.measure(
            names or (session.config.settings.model,),
            texts,
            on_step=lambda what, share: line.draw(for_log(what), share),
            progress=progress,
        )
    report = _report(found, texts)
    if as_json:
        echo_json(report)
    else:
        echo_lines(_table(report))
    ctx.exit(UNREADABLE if rejected else FINE)


def _texts(session: Session, file: str | None, count: int) -> tuple[list[str], int]:
    """The comments to score, and how many records could not be read."""
    from moderation import sources
    from moderation.packs import sample_thread
    from moderation.reports import Summary

    path = file or str(sample_thread())
    summary = Summary(model="", policy="")
    with Rejects(None, session, summary) as rejects:
        comments = sources.read([path], sources.ReadOptions(), on_reject=rejects.add)
        texts = [comment.text for comment in islice(comments, count)]
        rejects.tell(advise=False)
    if not texts:
        raise InputError("there is no comment to score", where=path)
    return texts, summary.rejected


def _report(found: Sequence[Measured], texts: Sequence[str]) -> dict[str, Any]:
    """The object that --json prints. Sizes are bytes, times seconds."""
    from moderation.models import bench, cores

    first = found[0]
    return {
        "schema": "moderation-bench/1",
        "machine": {"cores": cores.usable(), "instructions": bench.instructions()},
        "comments": {"count": len(texts), "mean_characters": fmean(map(len, texts))},
        "rounds": bench.ROUNDS,
        "batch": min(bench.BATCH, len(texts)),
        "models": [
            {
                "model": each.name,
                "fingerprint": each.fingerprint,
                "load_seconds": each.load,
                "memory": each.memory,
                "scoring_memory": each.peak,
                "mean_tokens": each.tokens,
                "one_by_one": {"per_second": each.single, "ratio": each.single / first.single},
                "in_batches": {"per_second": each.batched, "ratio": each.batched / first.batched},
            }
            for each in found
        ],
    }


def _table(report: dict[str, Any]) -> list[str]:
    machine, comments = report["machine"], report["comments"]
    able = ", ".join(machine["instructions"]) or "no instructions for 8-bit models known"
    rows = [
        ("load", "memory", "scoring", "tokens", "one by one", f"batches of {report['batch']}", "")
    ]
    rows += [
        (
            f"{model['load_seconds']:.1f} s",
            _size(model["memory"]),
            _size(model["scoring_memory"], "+"),
            "–" if model["mean_tokens"] is None else f"{model['mean_tokens']:,.0f}",
            _speed(model["one_by_one"]),
            _speed(model["in_batches"]),
            for_log(model["model"]),
        )
        for model in report["models"]
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    # The names stand last: they may be paths of any length.
    widths[-1] = 0
    return [
        f"{plural(comments['count'], 'comment')}, {comments['mean_characters']:,.0f} characters "
        f"on the mean; medians of {report['rounds']} rounds",
        f"{plural(machine['cores'], 'core')}; {able}",
        "",
        *(
            "  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ),
    ]


def _size(count: int | None, sign: str = "") -> str:
    return "–" if count is None else f"{sign}{count / _MEGABYTE:,.0f} MB"


def _speed(speed: dict[str, float]) -> str:
    """Comments per second, and how many times the first model's that is."""
    rate, ratio = speed["per_second"], speed["ratio"]
    digits = 3 if ratio < 0.1 else 2 if ratio < 10 else 1 if ratio < 100 else 0
    return f"{rate:,.{0 if rate >= 100 else 1}f}/s {f'{ratio:,.{digits}f}':>5}x"
