"""A result to be read: as text, and as Markdown for a comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from moderation.backtest.replay import Change, Changes, Result
from moderation.backtest.tally import RuleTally, Verdicts
from moderation.backtest.versions import Version
from moderation.comments import RuleStatus, Status
from moderation.display import for_log, log_line
from moderation.reports import ShowText
from moderation.shares import Share

#: Columns of a quoted comment by `--show-text`.
_WIDTHS = {"full": 200, "snippet": 80, "never": 0}
#: Rules without a hit that are named.
_NAMED = 12
#: Rules in a table for a pull request, and bytes of its comment (GitHub takes 65,536).
_LISTED, _COMMENT = 100, 60_000

_HEADS = ("rule", "does", "hits", "decided", "precision (95 %)", "of hidden", "alone", "µs")
#: Code spans hold their text as it is, but for what ends them or the table's cell;
#: these look the same and do neither.
_UNCODED = str.maketrans({"`": "\u02cb", "|": "\u2502", "\n": "\u240a", "\r": "\u240d"})


def as_text(result: Result, show_text: ShowText = "snippet") -> Iterator[str]:
    """Lines for a terminal or a log."""
    for line in _in_sum(result):
        yield for_log(line)
    yield ""
    rows = [_row(tally, result) for tally in _that_hit(result.version)]
    if rows:
        widths = [max(map(len, column)) for column in zip(_HEADS, *rows, strict=True)]
        for row in (_HEADS, *rows):
            yield "  ".join(
                cell.ljust(width) if place < 2 else cell.rjust(width)
                for place, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
    yield from map(for_log, _afterwards(result.version))
    for title, changes in _kinds(result):
        yield ""
        yield f"{title}: {_told(changes.total)}"
        for change in reversed(changes.kept):
            yield _change_line(change, _WIDTHS[show_text])
        if len(changes.kept) < changes.total.hits:
            yield f"  … and {changes.total.hits - len(changes.kept):,} more"


def as_markdown(result: Result, show_text: ShowText = "snippet") -> Iterator[str]:
    """GitHub's Markdown, short enough for a comment there. Whatever strangers wrote stands
    in code spans, in which nothing is a mention, a link, HTML, or the end of a cell."""
    size = 0
    for line in _markdown(result, show_text):
        size += len(line.encode("utf-8", "replace")) + 1
        if size > _COMMENT:
            yield ""
            yield "… cut here: `--format json` has all of it"
            return
        yield line


def _markdown(result: Result, show_text: ShowText) -> Iterator[str]:
    yield "### Rules against past decisions"
    yield ""
    for line in _in_sum(result):
        yield f"- {line}"
    rows = [_row(tally, result) for tally in _that_hit(result.version)]
    if rows:
        yield ""
        listed = [(_code(row[0]), *row[1:]) for row in rows[:_LISTED]]
        yield from _table(_HEADS, listed, left=2)
    if len(rows) > _LISTED:
        yield ""
        yield f"… and {len(rows) - _LISTED:,} rules with fewer hits"
    for line in _afterwards(result.version):
        yield ""
        yield line
    for title, changes in _kinds(result):
        yield ""
        yield f"#### {title}: {_told(changes.total)}"
        if changes.kept:
            yield ""
            yield from _change_table(changes, _WIDTHS[show_text])
        if len(changes.kept) < changes.total.hits:
            yield ""
            yield f"… and {changes.total.hits - len(changes.kept):,} more"


def _in_sum(result: Result) -> Iterator[str]:
    statuses = result.statuses
    since = f" since {result.since:%Y-%m-%d %H:%M}" if result.since else ""
    people = ", ".join(
        f"{statuses[status]:,} {status.value}"
        for status in (Status.HIDDEN, Status.APPROVED, Status.ESCALATED)
    )
    yield f"{result.comments:,} comments{since}; of them people decided: {people}"
    hidden = statuses[Status.HIDDEN]
    if result.against:
        yield f"before: {_quality(result.against, hidden)}"
        yield f"after: {_quality(result.version, hidden)}"
        before, after = result.against.waiting, result.version.waiting
    else:
        yield f"the rules: {_quality(result.version, hidden)}"
        before, after = result.waiting, result.version.waiting
    yield f"queue: {before:,} → {after:,} undecided comments would wait ({after - before:+,})"


def _quality(version: Version, hidden: int) -> str:
    found = version.flagged
    return (
        f"{found.hits:,} flagged, precision {_precise(found.precision)},"
        f" {_percent(Share(found.hidden, hidden).value)} of hidden comments found"
    )


def _that_hit(version: Version) -> list[RuleTally]:
    hit = [tally for tally in version.rules if tally.found.hits]
    return sorted(hit, key=lambda tally: (-tally.found.hits, tally.rule.id))


def _row(tally: RuleTally, result: Result) -> tuple[str, ...]:
    rule = tally.rule
    status = "" if rule.status is RuleStatus.LIVE else f" ({rule.status.value})"
    share = Share(tally.found.hidden, result.statuses[Status.HIDDEN])
    return (
        rule.id,
        f"{rule.action.value}{status}",
        f"{tally.found.hits:,}",
        f"{tally.found.decided:,}",
        _precise(tally.precision),
        "-" if tally.approves else _percent(share.value),
        f"{tally.alone.hits:,}",
        "-" if tally.micros is None else f"{tally.micros:.1f}",
    )


def _afterwards(version: Version) -> Iterator[str]:
    idle = [tally.rule.id for tally in version.rules if not tally.found.hits]
    if idle:
        yield f"without a hit: {_names(idle)}"
    blind = [tally.rule.id for tally in version.rules if tally.undecided]
    if blind:
        yield f"not decidable for some comments (a field or score is missing): {_names(blind)}"


def _names(ids: Sequence[str]) -> str:
    more = len(ids) - _NAMED
    return ", ".join(ids[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _kinds(result: Result) -> Iterator[tuple[str, Changes]]:
    if result.against:
        yield "Newly flagged", result.newly
        yield "No longer flagged", result.no_longer
        yield "Another verdict", result.altered


def _told(found: Verdicts) -> str:
    """`12 (5 hidden and 1 approved by people, 6 undecided)`."""
    if not found.hits:
        return "none"
    parts = [
        f"{count:,} {name}"
        for count, name in (
            (found.hidden, "hidden"),
            (found.approved, "approved"),
            (found.escalated, "escalated"),
            (found.hits - found.decided - found.escalated, "undecided"),
        )
        if count
    ]
    return f"{found.hits:,} (by people: {', '.join(parts)})"


def _change_line(change: Change, width: int) -> str:
    quoted = f"  {log_line(change.excerpt, width)}" if width else ""
    return (
        f"  {change.before.value} → {change.after.value}  #{log_line(change.ref, 40)}"
        f"  {change.status.value}  [{_names(change.rules)}]{quoted}"
    )


def _change_table(changes: Changes, width: int) -> Iterator[str]:
    heads = ("comment", "verdict", "people", "rules", *(("text",) if width else ()))
    rows = [
        (
            _code(log_line(change.ref, 40)),
            f"{change.before.value} → {change.after.value}",
            "-" if change.status in (Status.PENDING, Status.CLEAR) else change.status.value,
            _code(_names(change.rules)),
            *((_code(log_line(change.excerpt, width)),) if width else ()),
        )
        for change in reversed(changes.kept)
    ]
    yield from _table(heads, rows, left=len(heads))


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, left: int) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'|'.join('---' if place < left else '---:' for place in range(len(heads)))}|"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _code(text: str) -> str:
    """A code span. A backslash at its end would take the cell's border with it where a
    reader of tables counts escapes first, so a blank follows the text."""
    shown = text.translate(_UNCODED).strip()
    return f"` {shown} `" if shown else "-"


def _precise(share: Share) -> str:
    interval = share.interval
    if interval is None:
        return "-"
    return f"{_percent(share.value)} ({_percent(interval[0])}-{_percent(interval[1])})".replace(
        " %-", "-"
    )


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.0f} %"
