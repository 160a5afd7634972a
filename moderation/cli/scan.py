"""`moderation scan`: score, report, fill the queue, leave with a meaningful exit code."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from moderation.cli.braking import brake_of, check_confirmed
from moderation.cli.common import FINE, FOUND, UNREADABLE, Session, pass_session, reading_rules
from moderation.cli.notes import tell_notes
from moderation.cli.outputs import Rejects, ReportFile, StoreSink
from moderation.cli.progress import Progress, load_model
from moderation.cli.targets import Target, refuse_overlaps, wanted
from moderation.comments import Severity, Verdict
from moderation.display import for_log
from moderation.errors import UsageError
from moderation.reports import FORMATS, ShowText, Summary, braked_line, in_sum, unsupported_line

if TYPE_CHECKING:
    from moderation.comments import Braked
    from moderation.config import Brake as BrakeSettings
    from moderation.sources import ReadOptions

_INPUT_FORMATS = ("auto", "page", "jsonl", "json", "csv", "tsv", "lines")


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """Everything `scan` was asked for, config and flags merged."""

    inputs: tuple[str, ...]
    rules: tuple[Path, ...]
    model: str
    exact: bool = False
    input_format: str = "auto"
    encoding: str | None = None
    columns: tuple[tuple[str, str], ...] = ()
    timezone: str | None = None
    outputs: tuple[Target, ...] = (("text", None),)
    fail_on: str = "hold"
    min_severity: Severity = Severity.INFO
    baseline: Path | None = None
    write_baseline: Path | None = None
    #: Report only comments on lines that are new since this revision.
    since: str | None = None
    db: Path | None = None
    rejects: Path | None = None
    jobs: int | None = None
    cache: Path | None = None
    resume: bool = False
    show_text: ShowText | None = None
    brake: BrakeSettings | None = None
    #: The folder for Parquet, a path or an address, of the engine `ray`.
    parquet: str = ""
    #: Ids of rules whose present version `moderator` confirms.
    confirm: tuple[str, ...] = ()
    moderator: str = ""

    @property
    def reading(self) -> ReadOptions:
        """How inputs are read."""
        from moderation.sources import ReadOptions

        return ReadOptions(
            format=self.input_format,
            columns=dict(self.columns),
            timezone=self.timezone,
            encoding=self.encoding,
        )

    @property
    def fails(self) -> Verdict | None:
        """The verdict from which on the scan fails; None for no verdict."""
        accepted = self.fail_on == "never" or self.write_baseline is not None
        return None if accepted else Verdict(self.fail_on)


@click.command("scan")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT…")
@click.option(
    "--rules",
    "rules",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A rule file or folder; repeatable. [default: the config's, or the shipped packs]",
)
@click.option("--model", help="A model from `moderation model list`. [default: builtin]")
@click.option(
    "--exact",
    is_flag=True,
    help="The embedded model's slow stage reads every comment, also what its quick one passes as "
    "plainly harmless.",
)
@click.option(
    "--input-format",
    type=click.Choice(_INPUT_FORMATS),
    default="auto",
    show_default=True,
    help="How to read INPUT; auto goes by name and content.",
)
@click.option(
    "--encoding",
    metavar="NAME",
    help="How the text of INPUT is written, for example windows-1251. [default: found out, "
    "among UTF-8, UTF-16 and Windows-1252]",
)
@click.option(
    "--map",
    "columns",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="Which column holds a field, for example text=BODY; repeatable.",
)
@click.option("--timezone", metavar="ZONE", help="The zone of times that name none.")
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="FORMAT[=FILE]",
    help=f"One of {', '.join(FORMATS)}, or auto: what the CI service shows, else text; "
    "repeatable as FORMAT=FILE. [default: text]",
)
@click.option("-o", "--output", type=click.Path(), help="Write the report here.")
@click.option(
    "--fail-on",
    type=click.Choice(["flag", "hold", "hide", "never"]),
    help="Exit with 1 when a verdict is at least this. [default: hold]",
)
@click.option(
    "--min-severity",
    type=click.Choice([severity.value for severity in Severity]),
    default="info",
    show_default=True,
    help="Report and fail only from this severity on.",
)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path),
    help="Neither report nor fail for what is in this file of --write-baseline.",
)
@click.option(
    "--write-baseline",
    type=click.Path(path_type=Path),
    help="Keep all that is found in this file, as hashes and without a word of the text, and do "
    "not fail for it.",
)
@click.option(
    "--since",
    metavar="REV",
    help="Report and fail only for comments on lines that are new since this git revision. All "
    "are read: rules may count them.",
)
@click.option("--changed", is_flag=True, help="The same as --since HEAD: what is not committed.")
@click.option("--db", type=click.Path(path_type=Path), help="Also fill the queue in this database.")
@click.option(
    "--rejects",
    type=click.Path(path_type=Path),
    help="Keep records that could not be read here (JSON lines with source, line, cause).",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Work in N processes, on a core each; worth it for some thousand comments and more. "
    "[default: one process, whose model uses all cores]",
)
@click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="ray: the same on the machines of a Ray cluster (RAY_ADDRESS); INPUT and -o are then "
    "files, folders or addresses such as s3://…, and -o gets Parquet. Needs the extra [ray].",
)
@click.option(
    "--cache",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Keep the model's scores here from one scan to the next: by a hash of the text, without "
    "the text.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Go on where the same scan was stopped; its results are those of one that was not.",
)
@click.option(
    "--show-text",
    type=click.Choice(["full", "snippet", "never"]),
    help="How much of the comments a report quotes; never also leaves out authors. "
    "[default: full in json and jsonl, snippet in the others]",
)
@click.option(
    "--confirm-rule",
    "confirm",
    multiple=True,
    metavar="ID",
    help="This changed rule is right as it is now: the emergency brake lets it act, also in "
    "later scans; repeatable, needs --db.",
)
@click.option("--as", "moderator", metavar="NAME", help="Who confirms. [default: config, user]")
@pass_session
@click.pass_context
def scan_command(ctx: click.Context, session: Session, /, **asked: Any) -> None:
    """Score comments, report them, and fail when something crosses the line.

    INPUT is a file (plain, .gz or .zst) or - for standard input.

    \b
    moderation scan page.txt
    moderation scan comments.csv.gz --fail-on hide --show-text never
    moderation scan dump.jsonl --db site.db --format jsonl=report.jsonl
    zcat dump.jsonl.gz | moderation scan - --format jsonl
    """
    if asked["engine"] == "ray":
        from moderation.cli.on_cluster import check_options, run_on_cluster

        check_options(asked)
        ctx.exit(run_on_cluster(session, _options(session, asked)))
    ctx.exit(run_scan(session, _options(session, asked)))


def _options(session: Session, asked: dict[str, Any]) -> ScanOptions:
    settings = session.config.settings
    columns = []
    for pair in asked["columns"]:
        name, equals, column = pair.partition("=")
        if not equals or not name or not column:
            raise UsageError(f"--map {pair}: not FIELD=COLUMN", hint="for example --map text=BODY")
        columns.append((name, column))
    return ScanOptions(
        inputs=asked["inputs"],
        rules=asked["rules"] or session.config.rule_paths,
        model=asked["model"] or settings.model,
        exact=asked["exact"],
        input_format=asked["input_format"],
        encoding=asked["encoding"],
        columns=tuple(columns),
        timezone=asked["timezone"] or settings.timezone or None,
        outputs=wanted(
            asked["formats"] or ("text",), Path(asked["output"]) if asked["output"] else None
        ),
        fail_on=asked["fail_on"] or settings.fail_on,
        min_severity=Severity(asked["min_severity"]),
        baseline=asked["baseline"],
        write_baseline=asked["write_baseline"],
        since="HEAD" if asked["changed"] and asked["since"] is None else asked["since"],
        db=asked["db"],
        rejects=asked["rejects"],
        jobs=asked["jobs"],
        cache=asked["cache"],
        resume=asked["resume"],
        show_text=asked["show_text"],
        parquet=asked["output"] or "",
        brake=settings.brake,
        confirm=asked["confirm"],
        moderator=asked["moderator"] or session.config.moderator,
    )


def run_scan(session: Session, options: ScanOptions) -> int:
    """Do it all; returns the exit code."""
    from moderation import sources
    from moderation.cli.resuming import Journal, remembered
    from moderation.cli.selecting import Selection
    from moderation.rules import RuleSet
    from moderation.scan import Scanner

    started = time.monotonic()
    outputs = [file for _, file in options.outputs]
    outputs += [options.rejects, options.db, options.write_baseline]
    read = [options.baseline] if options.baseline else []
    refuse_overlaps(options.inputs, [file for file in outputs if file], read)
    selection = Selection(
        options.inputs,
        least=options.min_severity,
        baseline=options.baseline,
        new_baseline=options.write_baseline,
        since=options.since,
    )
    with reading_rules():
        rules = RuleSet.load(options.rules, lambda note: session.talk(for_log(note), level=1))
    check_confirmed(options, rules)
    notes: list[sources.Note] = []
    model = load_model(session, options.model, exact=options.exact)
    summary = Summary(model=model.fingerprint, policy=rules.fingerprint)
    worst = Verdict.PASS
    fails = options.fails
    journal = Journal(options.inputs, model.fingerprint)
    if not journal.begin(resume=options.resume) and options.resume:
        session.talk("nothing to go on from: this scan begins anew")
    with ExitStack() as stack:
        stack.enter_context(journal.told_when_stopped(session))
        remembering = remembered(session, journal, model.fingerprint, options.cache)
        rejects = stack.enter_context(Rejects(options.rejects, session, summary))
        progress = stack.enter_context(Progress(session, sources.total_size(options.inputs)))
        comments = sources.read(
            options.inputs,
            options.reading,
            on_reject=rejects.add,
            on_note=notes.append,
            on_progress=progress.bytes_read,
        )
        reports = [
            stack.enter_context(ReportFile(session, name, file, options.show_text, fails))
            for name, file in options.outputs
        ]
        sink = (
            stack.enter_context(
                StoreSink(options.db, options.inputs, summary, run=journal.run_in(options.db))
            )
            if options.db
            else None
        )
        if sink and options.db:
            journal.note_run(options.db, sink.run)
        authors = sink.authors() if sink and rules.asks_for_authors else None
        scanner = stack.enter_context(
            Scanner(
                rules,
                model,
                jobs=options.jobs,
                remembering=remembering,
                authors=authors,
                now=journal.at,
            )
        )
        assessments = progress.counted(scanner.scan(comments))
        if sink:

            def tell(found: Sequence[Braked]) -> None:
                progress.close()  # the input is read
                summary.braked = tuple(found)
                label = click.style("BRAKE", fg="red", bold=True)
                for each in found:
                    session.talk(f"{label}: {braked_line(each)}", level=-1)

            brake = brake_of(session, options, rules, sink, tell, journal.at)
            assessments = brake.over(assessments)
        for report in reports:
            report.begin()
        for assessment, selected in selection.of(assessments):
            summary.add(assessment)
            if sink:
                sink.add(assessment)
            if not selected:
                continue
            worst = max(worst, assessment.verdict, key=lambda verdict: verdict.rank)
            for report in reports:
                report.add(assessment)
        progress.close()
        summary.seconds = time.monotonic() - started
        if sink:
            sink.finish()
        summary.known = selection.known
        for report in reports:
            report.end(summary)
        selection.keep()
    journal.end()
    if ("text", None) not in options.outputs:
        session.talk(in_sum(summary))
        if summary.unsupported:
            session.talk(unsupported_line(summary.unsupported))
    if sink:
        session.talk(sink.said())
    tell_notes(session, notes)
    rejects.tell()
    if summary.rejected:
        return UNREADABLE
    if fails and worst.rank >= fails.rank:
        return FOUND
    return FINE
