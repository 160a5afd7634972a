"""`moderation scan --engine ray`: what the command line adds to `moderation.cluster`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from moderation.cli.common import FINE, FOUND, UNREADABLE, Session, reading_rules
from moderation.cli.notes import tell_notes
from moderation.cli.outputs import Rejects
from moderation.cli.progress import Progress, load_model
from moderation.cli.targets import refuse_overlaps
from moderation.comments import Verdict
from moderation.display import for_log
from moderation.errors import UsageError
from moderation.reports import Summary, encode, in_sum, unsupported_line
from moderation.reports.records import as_sum

if TYPE_CHECKING:
    from moderation.cli.scan import ScanOptions

#: What stands for one run on one machine, by the names of the options.
_LOCAL_ONLY = {
    "formats": "--format",
    "db": "--db",
    "baseline": "--baseline",
    "write_baseline": "--write-baseline",
    "since": "--since",
    "changed": "--changed",
    "cache": "--cache",
    "resume": "--resume",
    "confirm": "--confirm-rule",
}


def check_options(asked: Mapping[str, Any]) -> None:
    """Raises UsageError for options that this engine does not have."""
    for name, option in _LOCAL_ONLY.items():
        if asked[name]:
            raise UsageError(
                f"{option} does not go with --engine ray",
                hint="it writes Parquet to -o; what the rules hold can be scanned again from there"
                if name != "formats"
                else "it always writes Parquet, to -o",
            )
    if not asked["output"]:
        raise UsageError(
            "--engine ray needs a place for its Parquet files",
            hint="for example -o results/ or -o s3://bucket/results",
        )


def run_on_cluster(session: Session, options: ScanOptions) -> int:
    """Do it all; returns the exit code, which is that of the engine `local`."""
    # First of all: without the extra nothing needs to be read.
    from moderation.cluster import driver, files
    from moderation.cluster.plan import Plan
    from moderation.rules import RuleSet

    started = time.monotonic()
    places = files.places(options.inputs)
    refuse_overlaps(options.inputs, [options.rejects] if options.rejects else [])
    with reading_rules():
        rules = RuleSet.load(options.rules, lambda note: session.talk(for_log(note), level=1))
    model = load_model(session, options.model, exact=options.exact)
    output = files.Output.prepare(options.parquet)
    plan = Plan.of(
        rules,
        model,
        options.reading,
        output.address,
        show_text=options.show_text or "full",
        least=options.min_severity,
    )
    summary = Summary(model=model.fingerprint, policy=rules.fingerprint)
    worst = Verdict.PASS
    notes = []
    if plan.tests:
        session.talk(
            "rules ask about earlier comments: one process reads all inputs, in order", level=1
        )
    with ExitStack() as stack:
        rejects = stack.enter_context(Rejects(options.rejects, session, summary))
        stack.enter_context(
            driver.cluster(lambda line: session.talk(for_log(click.unstyle(line)), level=1))
        )
        progress = stack.enter_context(Progress(session, None))
        for tally in driver.scan(plan, places, jobs=options.jobs):
            for reject in tally.rejects:
                rejects.add(reject)
            tally.summary.rejected = 0  # counted just now
            summary.include(tally.summary)
            worst = max(worst, tally.worst, key=lambda verdict: verdict.rank)
            notes += tally.notes
            progress.reached(summary.comments)
        output.write(files.DONE, (encode(as_sum(summary)) + "\n").encode())
    summary.seconds = time.monotonic() - started
    session.talk(in_sum(summary))
    if summary.unsupported:
        session.talk(unsupported_line(summary.unsupported))
    tell_notes(session, notes)
    rejects.tell()
    if summary.rejected:
        return UNREADABLE
    if options.fails and worst.rank >= options.fails.rank:
        return FOUND
    return FINE
