"""`moderation rules test`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from moderation.cli.common import FINE, FOUND, Session, echo, pass_session, plural
from moderation.cli.rules.common import compiled as compile_rules
from moderation.cli.rules.common import paths_argument
from moderation.display import for_log, log_line, one_line

if TYPE_CHECKING:
    from moderation.rules import Compiled, Rule, TestFailure, TestReport
    from moderation.rules.authoring.mutate import MutationReport, Unnoticed

#: Entries of one list that are named before the rest is counted.
_NAMED = 6


@click.command("test")
@paths_argument
@click.option(
    "--format", "form", type=click.Choice(["text", "junit"]), default="text", show_default=True
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the report to this file instead of stdout.",
)
@click.option(
    "--mutate",
    is_flag=True,
    help="Take each part of each rule away in turn, and say which no test would miss.",
)
@click.option(
    "--budget",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="Stop --mutate after so long.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Exit with 1 also for rules without tests and for what --mutate finds.",
)
@pass_session
@click.pass_context
def test_command(
    ctx: click.Context,
    session: Session,
    paths: tuple[Path, ...],
    form: str,
    output: Path | None,
    mutate: bool,
    budget: float,
    strict: bool,
) -> None:
    """Run the tests inside the rule files; exits with 1 when one fails.

    A condition on something that a test leaves out is set aside: a plain text tries the
    text conditions of a rule that also asks for a score.
    """
    from moderation.rules import run_tests

    compiled = compile_rules(session, paths)
    report = run_tests(compiled)
    if form == "junit":
        from moderation.cli.rules.formats import junit_text

        told = junit_text(compiled, report)
    else:
        told = "".join(f"{line}\n" for line in report_lines(report))
    if output:
        output.write_text(click.unstyle(told), encoding="utf-8")
    elif told:
        echo(told.rstrip("\n"))
    failed = len(report.failures)
    session.talk(
        f"{plural(report.run, 'test')} of {plural(len(compiled.rules), 'rule')}: "
        f"{report.run - failed:,} passed, {failed:,} failed"
    )
    found = bool(failed) or (strict and bool(report.untested))
    if mutate:
        mutations = _mutate(session, compiled, budget)
        # Beside a JUnit file on stdout there is no room for a second report.
        for line in _mutation_lines(mutations):
            if form == "junit" and not output:
                session.talk(line)
            else:
                echo(line)
        _sum_up(session, mutations, budget)
        found = found or (strict and bool(mutations.unnoticed))
    ctx.exit(FOUND if found else FINE)


def report_lines(report: TestReport) -> list[str]:
    """What failed and what has no tests, for people."""
    lines = [_format_failure(failure) for failure in report.failures]
    for rule in report.untested:
        lacking = [
            name
            for name, tests in (("match", rule.match_tests), ("pass", rule.pass_tests))
            if not tests
        ]
        lines.append(f"{_place(rule)}: {rule.id}: no {' and no '.join(lacking)} tests")
    return lines


def _place(rule: Rule) -> str:
    return f"{for_log(rule.file)}:{rule.line}"


def _format_failure(failure: TestFailure) -> str:
    rule = failure.rule
    return (
        f"{_place(rule)}: "
        f"{click.style('failed', fg='red', bold=True)}: {rule.id} should "
        f"{'match' if failure.expected == 'match' else 'pass'}\n"
        f"   | {log_line(failure.case.text, 100)}\n"
        f"   {for_log(failure.explanation)}"
    )


# ── Mutations ───────────────────────────────────────────────────────────────────────


def _mutate(session: Session, compiled: Compiled, budget: float) -> MutationReport:
    from moderation.rules.authoring.mutate import mutate

    bar = _Bar(session)
    try:
        return mutate(compiled, seconds=budget, on_progress=bar.step)
    finally:
        bar.close()


class _Bar:
    """How far the changes are, on stderr while it is a terminal."""

    def __init__(self, session: Session) -> None:
        self._shown = sys.stderr.isatty() and session.verbosity >= 0
        self._next = time.monotonic() + 0.5  # a quick run shows no bar at all
        self._drawn = False

    def step(self, done: int, total: int) -> None:
        if self._shown and time.monotonic() >= self._next:
            self._next = time.monotonic() + 0.2
            self._drawn = True
            share = done / max(total, 1)
            bar = "█" * int(share * 20)
            sys.stderr.write(f"\r\x1b[K{bar:<20} {share:4.0%}  {done:,} of {total:,} changes")
            sys.stderr.flush()

    def close(self) -> None:
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _mutation_lines(report: MutationReport) -> list[str]:
    """What no test would notice, the entries of one list together."""
    lines: list[str] = []
    groups: dict[tuple[str, ...], list[Unnoticed]] = {}
    for each in report.unnoticed:
        if each.group:
            key = (each.kind.value, each.file, "" if each.kind == "list entry" else each.rule)
            groups.setdefault((*key, each.group, str(each.of)), []).append(each)
        else:
            groups[(str(len(groups)),)] = [each]
    label = click.style("not missed", fg="yellow", bold=True)
    for found in groups.values():
        first = found[0]
        place = f"{for_log(first.file)}:{first.line}:{first.column}: {label}: "
        if not first.group:
            done = "turned round" if first.kind == "negation" else "without"
            lines.append(f"{place}{first.rule} {done} `{log_line(first.what, 100)}`")
            continue
        names = ", ".join(f"`{one_line(each.what, 30)}`" for each in found[:_NAMED])
        more = f", … {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
        if first.kind == "alternative":
            told = f"{first.rule}: {plural(len(found), 'alternative')} in {first.group}"
        elif first.kind == "list entry":
            told = f"{len(found):,} of {plural(first.of, 'entry', 'entries')} of {first.group}"
        else:
            told = (
                f"{first.rule}: {len(found):,} of {plural(first.of, 'entry', 'entries')} "
                f"of {first.group}"
            )
        lines.append(f"{place}{for_log(f'{told}: {names}{more}')}")
    return lines


def _sum_up(session: Session, report: MutationReport, budget: float) -> None:
    session.talk(
        f"{plural(report.tried, 'change')} tried: {report.noticed:,} noticed by a test, "
        f"{report.tried - report.noticed:,} not"
    )
    if report.untestable:
        session.talk(
            f"{plural(len(report.untestable), 'rule')} without tests that pass left out: "
            + log_line(", ".join(report.untestable), 200)
        )
    if report.left_out:
        session.talk(
            f"{plural(report.left_out, 'change')} not tried in {budget:g} s "
            "(--budget SECONDS gives it longer)"
        )
