"""`moderation rules explain`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from moderation.cli.common import Session, echo, echo_json, pass_session
from moderation.cli.rules.common import compiled as compile_rules
from moderation.cli.rules.common import paths_argument
from moderation.display import for_log, log_line

if TYPE_CHECKING:
    from moderation.comments import Comment, Scores
    from moderation.rules import Rule
    from moderation.rules.authoring.explain import Explanation, Part
    from moderation.rules.matching.state import Around, Similar
    from moderation.store import Store

#: Stored comments that are read at a time.
_PAGE = 1000
_VALUES = {True: "true", False: "false", None: "unknown"}
_SIGNS = {True: ("✓", "green"), False: ("✗", "red"), None: ("?", "yellow")}


@click.command("explain")
@click.argument("rule_id", metavar="ID")
@paths_argument
@click.option("--text", help="The comment's text.")
@click.option("--title", help="The title of its page.")
@click.option("--author", help="Its author.")
@click.option(
    "--score", "scores", multiple=True, metavar="LABEL=P", help="A probability of the model."
)
@click.option("--unsupported", is_flag=True, help="The model does not know its language.")
@click.option("--comment", "ref", metavar="REF", help="A stored comment, instead of --text.")
@click.option(
    "--db", type=click.Path(path_type=Path), help="Where it is stored. [default: the config's]"
)
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@pass_session
def explain_command(
    session: Session,
    rule_id: str,
    paths: tuple[Path, ...],
    text: str | None,
    title: str | None,
    author: str | None,
    scores: tuple[str, ...],
    unsupported: bool,
    ref: str | None,
    db: Path | None,
    as_json: bool,
) -> None:
    """Why a rule matches a comment or does not, condition by condition.

    What is not given is unknown. A stored comment is taken with its author, page and
    scores; a rule that is off or has run out is explained all the same.
    """
    from moderation.rules.authoring.explain import explain
    from moderation.rules.matching.state import Around

    if (text is None) == (ref is None):
        raise click.UsageError("Give either --text or --comment.")
    if ref is not None and (title is not None or author is not None or scores or unsupported):
        raise click.UsageError("--title, --author, --score and --unsupported go with --text.")
    compiled = compile_rules(session, paths)
    if text is not None:
        comment, known = _given(text, title, author), _scores(scores)
        around = Around(unsupported=unsupported or None)
        closest: dict[Similar, float] = {}
    else:
        assert ref is not None
        rule = next((rule for rule in compiled.rules if rule.id == rule_id), None)
        comment, known, around, closest = _stored(session, ref, db, rule)
    explanation = explain(compiled, rule_id, comment, known, around, closest=closest)
    if as_json:
        echo_json(_record(explanation))
        return
    for line in _lines(explanation):
        echo(line)


def _given(text: str, title: str | None, author: str | None) -> Comment:
    from moderation.comments import Author, Comment, Thread

    return Comment(
        id="given",
        text=text,
        author=None if author is None else Author(author),
        thread=None if title is None else Thread(id="given", title=title),
    )


def _scores(given: tuple[str, ...]) -> Scores:
    from moderation.comments import LABELS
    from moderation.rules.problems import did_you_mean

    scores: dict[str, float] = {}
    for each in given:
        label, _, number = each.partition("=")
        if label not in LABELS:
            raise click.BadParameter(
                f"unknown label '{label}'; {did_you_mean(label, LABELS)}", param_hint="--score"
            )
        try:
            value = float(number)
        except ValueError:
            value = -1.0
        if not 0 <= value <= 1:
            raise click.BadParameter(
                f"'{each}' is not LABEL=P with P from 0 to 1", param_hint="--score"
            )
        scores[label] = value
    return scores


def _stored(
    session: Session, ref: str, db: Path | None, rule: Rule | None
) -> tuple[Comment, Scores, Around, dict[Similar, float]]:
    """A stored comment, its scores, what the database knows around it, and how alike the
    closest other text is for each `similar` of the rule."""
    from moderation.queue import Queue
    from moderation.rules.matching.state import Around
    from moderation.store import Store
    from moderation.store.authors import AuthorRecords

    with Store.open(db or session.config.db_path, create=False, read_only=True) as store:
        assessment = Queue(store, "rules").item(ref).assessment
        comment = assessment.comment
        seen, closest = _seen(store, comment, rule) if rule else ({}, {})
        record = AuthorRecords(store)(comment)
        around = Around(datetime.now(UTC), seen, record, unsupported=assessment.unsupported or None)
        return comment, assessment.scores, around, closest


def _seen(store: Store, comment: Comment, rule: Rule) -> tuple[Any, dict[Similar, float]]:
    """What `rate` and `similar` of the rule count: the stored comments of their window go
    by once more."""
    from moderation.rules.authoring.closest import Closest
    from moderation.rules.matching.conditions import StateTest, inside
    from moderation.rules.matching.state import History, Similar
    from moderation.store import reading

    tests = {node.test for node in inside(rule.condition) if isinstance(node, StateTest)}
    if not tests or comment.created is None:
        return {}, {}
    # A day more, for times whose zone is not known.
    since = comment.created - timedelta(seconds=max(test.per for test in tests), days=1)
    history = History(tests)
    closest = {test: Closest(comment, test.per) for test in tests if isinstance(test, Similar)}
    with store.read() as conn:
        numbers = reading.timeline(conn, since)
        for start in range(0, len(numbers), _PAGE):
            for stored in reading.numbered(conn, numbers[start : start + _PAGE]):
                other = stored.assessment.comment
                if other.key != comment.key:
                    history.around(other)
                    for each in closest.values():
                        each.add(other)
    known = {test: each.likeness for test, each in closest.items() if each.likeness is not None}
    return history.around(comment).seen, known


# ── For people ──────────────────────────────────────────────────────────────────────


def _lines(explanation: Explanation) -> list[str]:
    rule = explanation.rule
    said = {True: "matches", False: "does not match", None: "cannot be decided"}
    sign, color = _SIGNS[explanation.matched]
    head = click.style(f"{sign} {rule.id} {said[explanation.matched]}", fg=color, bold=True)
    lines = [f"{head}  ({for_log(rule.file)}:{rule.line})"]
    if explanation.matched:
        lines.append(f"  {rule.action.value}, {rule.severity.value}: {for_log(explanation.reason)}")
    lines += [f"  note: {for_log(note)}" for note in explanation.notes]
    lines += _part_lines(explanation.part, "  ")
    differing = explanation.views[1:]
    if differing:
        lines.append("  The text is read as:")
        width = max(len(name) for name, _ in explanation.views)
        for name, view in explanation.views:
            lines.append(f"    {name:<{width}}  {log_line(view, 100)}")
    return lines


def _part_lines(part: Part, indent: str) -> list[str]:
    sign, color = _SIGNS[part.value]
    shown = click.style(sign, fg=color, bold=True)
    if part.joined:
        how = {"all": "all of these", "any": "any of these", "none": "none of these"}[part.joined]
        what = f"{for_log(part.what)}, {how}" if ":" in part.what or part.joined == "all" else how
        what = how if part.what == "all" else what
        lines = [f"{indent}{shown} {what}: {_VALUES[part.value]}"]
        for inner in part.parts:
            lines += _part_lines(inner, indent + "    ")
        return lines
    line = f"{indent}{shown} {for_log(part.what)}: {_VALUES[part.value]}"
    if part.found:
        line += f"  (it is {log_line(part.found, 120)})"
    if part.why:
        line += f"  ({for_log(part.why)})"
    lines = [line]
    for span in part.spans[:10]:
        lines.append(
            f"{indent}    at {span.start}–{span.end} of {part.field}: ‘{log_line(span.text, 60)}’"
        )
    if len(part.spans) > 10:
        lines.append(f"{indent}    … {len(part.spans) - 10} more places")
    if part.reading:
        lines.append(f"{indent}    {log_line(part.reading, 100)}")
    return lines


# ── For programs ────────────────────────────────────────────────────────────────────


def _record(explanation: Explanation) -> dict[str, Any]:
    rule = explanation.rule
    return {
        "rule": rule.id,
        "version": rule.version,
        "file": rule.file,
        "line": rule.line,
        "matched": explanation.matched,
        "reason": explanation.reason,
        "notes": list(explanation.notes),
        "condition": _part_record(explanation.part),
        "views": [{"view": name, "text": text} for name, text in explanation.views],
    }


def _part_record(part: Part) -> dict[str, Any]:
    record: dict[str, Any] = {
        "condition": part.what,
        "value": part.value,
        "line": part.line,
        "column": part.column,
    }
    if part.joined:
        return {**record, "of": part.joined, "parts": [_part_record(each) for each in part.parts]}
    return {
        **record,
        "field": part.field,
        "found": part.found,
        "why": part.why,
        "reading": part.reading,
        "spans": [{"start": s.start, "end": s.end, "text": s.text} for s in part.spans],
    }
