"""`moderation scan`: score, report, fill the queue, leave with a meaningful exit code."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from moderation.cli.common import FINE, FOUND, UNREADABLE, Session, pass_session, reading_rules
from moderation.cli.outputs import Rejects, ReportFile, StoreSink
from moderation.cli.progress import Progress, load_model
from moderation.comments import Assessment, Severity, Verdict
from moderation.display import for_log
from moderation.errors import UsageError
from moderation.reports import ShowText, Summary, braked_line, in_sum, unsupported_line

if TYPE_CHECKING:
    from moderation.brake import Brake
    from moderation.comments import Braked
    from moderation.config import Brake as BrakeSettings
    from moderation.rules import RuleSet

FORMATS = ("text", "json", "jsonl")
_INPUT_FORMATS = ("auto", "page", "jsonl", "json", "csv", "tsv", "lines")


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """Everything `scan` was asked for, config and flags merged."""

    inputs: tuple[str, ...]
    rules: tuple[Path, ...]
    model: str
    exact: bool = False
    input_format: str = "auto"
    columns: tuple[tuple[str, str], ...] = ()
    timezone: str | None = None
    outputs: tuple[tuple[str, Path | None], ...] = (("text", None),)
    fail_on: str = "hold"
    min_severity: Severity = Severity.INFO
    db: Path | None = None
    rejects: Path | None = None
    show_text: ShowText | None = None
    brake: BrakeSettings | None = None
    #: Ids of rules whose present version `moderator` confirms.
    confirm: tuple[str, ...] = ()
    moderator: str = ""


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
    help=f"One of {', '.join(FORMATS)}; repeatable as FORMAT=FILE. [default: text]",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the report here.")
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
@click.option("--db", type=click.Path(path_type=Path), help="Also fill the queue in this database.")
@click.option(
    "--rejects",
    type=click.Path(path_type=Path),
    help="Keep records that could not be read here (JSON lines with source, line, cause).",
)
@click.option(
    "--show-text",
    type=click.Choice(["full", "snippet", "never"]),
    help="How much of the comments a report quotes; never also leaves out authors. "
    "[default: snippet in text, full in json]",
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
        columns=tuple(columns),
        timezone=asked["timezone"] or settings.timezone or None,
        outputs=_outputs(asked["formats"], asked["output"]),
        fail_on=asked["fail_on"] or settings.fail_on,
        min_severity=Severity(asked["min_severity"]),
        db=asked["db"],
        rejects=asked["rejects"],
        show_text=asked["show_text"],
        brake=settings.brake,
        confirm=asked["confirm"],
        moderator=asked["moderator"] or session.config.moderator,
    )


def _outputs(formats: tuple[str, ...], output: Path | None) -> tuple[tuple[str, Path | None], ...]:
    """Format and file (None: stdout) of each report."""
    wanted: list[tuple[str, Path | None]] = []
    for asked in formats or ("text",):
        name, equals, file = asked.partition("=")
        if name not in FORMATS:
            raise UsageError(
                f"--format {asked}: there is no format '{name}'",
                hint=f"one of {', '.join(FORMATS)}",
            )
        if equals and not file:
            raise UsageError(f"--format {asked}: no file after the =")
        wanted.append((name, Path(file) if file else output))
    targets = [file for _, file in wanted]
    if len(set(targets)) < len(targets):
        raise UsageError(
            "two reports would go to the same place",
            hint="give all but one a file: --format jsonl=report.jsonl --format text",
        )
    return tuple(wanted)


def _refuse_overlaps(options: ScanOptions) -> None:
    """No two outputs into one file, and none over an input: both would destroy it."""
    targets = [file for _, file in options.outputs if file]
    targets += [file for file in (options.rejects, options.db) if file]
    seen = {
        path: "read"
        for name in options.inputs
        if name != "-" and (path := os.path.realpath(name)) and Path(path).is_file()
    }
    for target in targets:
        path = os.path.realpath(target)
        if path in seen:
            raise UsageError(
                "this file would be written over",
                where=str(target),
                hint=f"it is also {seen[path]} by this scan: give another name",
            )
        if target.is_file() or not target.exists():
            seen[path] = "written"


def run_scan(session: Session, options: ScanOptions) -> int:
    """Do it all; returns the exit code."""
    from moderation import sources
    from moderation.rules import RuleSet
    from moderation.scan import Scanner

    started = time.monotonic()
    _refuse_overlaps(options)
    with reading_rules():
        rules = RuleSet.load(options.rules, lambda note: session.talk(for_log(note), level=1))
    _check_confirmed(options, rules)
    read_options = sources.ReadOptions(
        format=options.input_format, columns=dict(options.columns), timezone=options.timezone
    )
    model = load_model(session, options.model, exact=options.exact)
    summary = Summary(model=model.fingerprint, policy=rules.fingerprint)
    worst = Verdict.PASS
    with ExitStack() as stack:
        rejects = stack.enter_context(Rejects(options.rejects, session, summary))
        progress = stack.enter_context(Progress(session, sources.total_size(options.inputs)))
        comments = sources.read(
            options.inputs, read_options, on_reject=rejects.add, on_progress=progress.bytes_read
        )
        reports = [
            stack.enter_context(ReportFile(session, name, file, options.show_text))
            for name, file in options.outputs
        ]
        sink = (
            stack.enter_context(StoreSink(options.db, options.inputs, summary))
            if options.db
            else None
        )
        authors = sink.authors() if sink and rules.asks_for_authors else None
        assessments = progress.counted(Scanner(rules, model, authors=authors).scan(comments))
        if sink:

            def tell(found: Sequence[Braked]) -> None:
                progress.close()  # the input is read
                summary.braked = tuple(found)
                label = click.style("BRAKE", fg="red", bold=True)
                for each in found:
                    session.talk(f"{label}: {braked_line(each)}", level=-1)

            assessments = _brake(session, options, rules, sink, tell).over(assessments)
        for report in reports:
            report.begin()
        for assessment in assessments:
            summary.add(assessment)
            if sink:
                sink.add(assessment)
            if _below(assessment, options.min_severity):
                continue
            worst = max(worst, assessment.verdict, key=lambda verdict: verdict.rank)
            for report in reports:
                report.add(assessment)
        progress.close()
        summary.seconds = time.monotonic() - started
        if sink:
            sink.finish()
        for report in reports:
            report.end(summary)
    if ("text", None) not in options.outputs:
        session.talk(in_sum(summary))
        if summary.unsupported:
            session.talk(unsupported_line(summary.unsupported))
    if sink:
        session.talk(sink.said())
    rejects.tell()
    if summary.rejected:
        return UNREADABLE
    if options.fail_on != "never" and worst.rank >= Verdict(options.fail_on).rank:
        return FOUND
    return FINE


def _check_confirmed(options: ScanOptions, rules: RuleSet) -> None:
    """Raises UsageError unless all that is to be confirmed can be."""
    from moderation.rules.problems import did_you_mean

    if options.confirm and options.db is None:
        raise UsageError(
            f"--confirm-rule {options.confirm[0]}: there is no database to keep it in",
            hint="name one with --db; without one no rule is ever braked",
        )
    if options.confirm and not options.moderator.strip():
        raise UsageError("whoever confirms needs a name", hint="give one with --as NAME")
    ids = [rule.id for rule in rules.all_rules]
    for asked in options.confirm:
        if asked not in ids:
            raise UsageError(
                f"--confirm-rule {asked}: no rule of this scan has this id",
                hint=did_you_mean(asked, ids),
            )


def _brake(
    session: Session,
    options: ScanOptions,
    rules: RuleSet,
    sink: StoreSink,
    tell: Callable[[Sequence[Braked]], None],
) -> Brake:
    """The emergency brake for these rules, by what the database knows of them."""
    from moderation.brake import Brake, watched
    from moderation.config import Brake as BrakeSettings
    from moderation.store.rows import now

    at = now()
    settings = options.brake or BrakeSettings()
    # Those that are off as well: off and on again is a change.
    versions = sink.take_note(rules.all_rules, at, confirmed=options.confirm, by=options.moderator)
    for rule in options.confirm:
        session.talk(f"rule '{rule}' as it is now is confirmed by {for_log(options.moderator)}")
    young = watched(rules.rules, versions, settings, at)

    def braked(found: Sequence[Braked]) -> None:
        sink.brake(young[each.rule] for each in found)
        tell(found)

    ages = {rule: at - version.changed for rule, version in young.items() if version.changed}
    return Brake(ages, share=settings.share, on_braked=braked)


def _below(assessment: Assessment, least: Severity) -> bool:
    """Whether a flagged comment is left out of reports; others are never flagged."""
    return assessment.severity is not None and assessment.severity.rank < least.rank
