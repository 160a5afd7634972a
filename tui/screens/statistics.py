"""How it goes, plotted: the queue over time, the decisions, the rules, the scores."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Static, Tab, Tabs

from moderation.comments import Choice, Status
from moderation.display import one_line, visible
from moderation.errors import StoreError
from moderation.queue import Statistics
from tui.aside import Aside
from tui.render import QUIET
from tui.screens.steady import Steady
from tui.widgets.chart import Chart

#: (tab, heading) by what they are called here.
_CHARTS = {
    "waiting": ("Queue", "Queue over time"),
    "hours": ("Hours", "Decisions per hour"),
    "scores": ("Scores", "Scores by decision"),
    "moderators": ("Moderators", "Decisions per moderator"),
    "rules": ("Rules", "Precision of rules: % hidden of what was decided"),
}
#: The hours, moderators and rules that are plotted; a rule's list goes on for longer.
_HOURS = 48
_BARS = 9
_LISTED = 40


class StatisticsScreen(Steady, Screen[None]):
    """All plots at once where there is room for them, else one after the other. They are
    worked out beside the app: it can be left at any moment."""

    HORIZONTAL_BREAKPOINTS = [(0, "-one"), (132, "-all")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (36, "-high")]  # noqa: RUF012
    BINDINGS = [  # noqa: RUF012
        Binding("escape,q,S", "dismiss", "Back", key_display="esc"),
        Binding("right,tab,j,space", "turn(1)", "Next", key_display="→"),
        Binding("left,shift+tab,k", "turn(-1)", "Before", key_display="←"),
        Binding("f5", "anew", "Anew"),
    ]

    def __init__(self, aside: Aside) -> None:
        super().__init__()
        self._aside = aside
        self._charts = {id: Chart(heading, id=f"plot-{id}") for id, (_, heading) in _CHARTS.items()}
        self._state = Static(id="statistics-state")

    def compose(self) -> ComposeResult:
        yield self._state
        tabs = Tabs(*(Tab(Content(name), id=f"to-{id}") for id, (name, _) in _CHARTS.items()))
        tabs.can_focus = False
        yield tabs
        with Container(id="charts"):
            yield from self._charts.values()
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self.action_anew()

    def on_tabs_tab_activated(self, event: Tabs.TabActivated) -> None:
        for id, chart in self._charts.items():
            chart.set_class(event.tab.id == f"to-{id}", "-shown")

    def action_turn(self, steps: int) -> None:
        tabs = self.query_one(Tabs)
        if steps > 0:
            tabs.action_next_tab()
        else:
            tabs.action_previous_tab()

    def action_anew(self) -> None:
        self.run_worker(self._work_out(), exclusive=True)

    async def _work_out(self) -> None:
        self._state.update(
            Content.assemble(("Statistics", "bold"), (" · working it out … esc leaves it", QUIET))
        )
        try:
            seen = await self._aside.ask(lambda view: view.statistics())
        except StoreError as error:
            self._state.update(Content.styled(visible(error.what), "$text-warning"))
            return
        while not all(chart.ready for chart in self._charts.values()):
            await asyncio.sleep(0.02)  # the answer came before the plots were there
        self._state.update(_standing(seen))
        _waiting(self._charts["waiting"], seen)
        _hours(self._charts["hours"], seen)
        _moderators(self._charts["moderators"], seen)
        _rules(self._charts["rules"], seen)
        _scores(self._charts["scores"], seen)


def _standing(seen: Statistics) -> Content:
    parts: list[Content | tuple[str, str] | str] = [("Statistics", "bold")]
    for status in (Status.PENDING, Status.ESCALATED, Status.HIDDEN, Status.APPROVED):
        parts += [(" · ", QUIET), f"{seen.counts[status]:,} ", (status.value, QUIET)]
    if seen.agreement.count:
        kappa = "" if seen.agreement.kappa is None else f", kappa {seen.agreement.kappa:.2f}"
        opinions = f"{seen.agreement.agreed:,} of {seen.agreement.count:,} second opinions agree"
        parts += [(" · ", QUIET), (f"{opinions}{kappa}", QUIET)]
    return Content.assemble(*parts)


def _waiting(chart: Chart, seen: Statistics) -> None:
    levels = seen.waiting()
    if not levels:
        chart.say("Nothing has been queued yet.\nHere it will show how many waited, and when.")
        return
    now = datetime.now(UTC)
    chart.steps([*(hour for hour, _ in levels), now], [level for _, level in levels])
    lately = now - timedelta(days=1)
    came = sum(count for hour, count in seen.queued.items() if hour > lately)
    went = sum(count for hour, count in seen.settled.items() if hour > lately)
    chart.tell(_figures(("waiting", seen.counts[Status.PENDING]), ("came in 24 hours", came),
                        ("went", went)))  # fmt: skip


def _hours(chart: Chart, seen: Statistics) -> None:
    made: Counter[datetime] = Counter()
    for (hour, _, _), count in seen.made.items():
        made[hour] += count
    if not made:
        chart.say("No decisions yet.\nHere it will show how many were made in which hour.")
        return
    last = max(made)
    shown = {hour: made[hour] for hour in sorted(made) if hour > last - timedelta(hours=_HOURS)}
    chart.bars_at(list(shown), list(shown.values()))
    chart.tell(
        _figures(
            ("in the hours shown", sum(shown.values())),
            ("most in one hour", max(shown.values())),
            ("ever", made.total()),
        )
    )


def _moderators(chart: Chart, seen: Statistics) -> None:
    by: dict[str, Counter[Choice]] = {}
    for (_, who, choice), count in seen.made.items():
        by.setdefault(who, Counter())[choice] += count
    if not by:
        chart.say("No decisions yet.\nHere it will show who made how many.")
        return
    order = sorted(by.items(), key=lambda each: (-each[1].total(), each[0]))
    chart.bars([counts.total() for _, counts in order[:_BARS]])
    lines = [_row("", "", "all", "hidden", "approved", "escalated")]
    for n, (who, counts) in enumerate(order[:_LISTED], 1):
        figures = (counts.total(), *(counts[each] for each in
                   (Choice.HIDE, Choice.APPROVE, Choice.ESCALATE)))  # fmt: skip
        lines.append(_row(_number(n), who, *(f"{figure:,}" for figure in figures)))
    chart.tell(Content("\n").join(lines + _more(len(order))))


def _rules(chart: Chart, seen: Statistics) -> None:
    if not seen.rules:
        chart.say("Nothing has been flagged yet.\nHere it will show how often a rule was right.")
        return
    # Those first on whose flags people have decided most.
    order = sorted(
        seen.rules.items(), key=lambda each: (-each[1].hidden - each[1].approved, -each[1].hits)
    )
    decided = [use.precision for _, use in order if use.precision is not None]
    if decided:
        chart.bars([100 * share for share in decided[:_BARS]], top=100)
    lines = [_row("", "", "flags", "hidden", "approved", "precision")]
    for n, (rule, use) in enumerate(islice(order, _LISTED), 1):
        share = use.precision
        said = "?" if share is None else f"{share:.0%}"
        number = "" if share is None else _number(n)
        lines.append(
            _row(number, rule, f"{use.hits:,}", f"{use.hidden:,}", f"{use.approved:,}", said)
        )
    chart.tell(Content("\n").join(lines + _more(len(order))))


def _scores(chart: Chart, seen: Statistics) -> None:
    hidden, approved = seen.scores[Status.HIDDEN], seen.scores[Status.APPROVED]
    if not any(hidden) and not any(approved):
        chart.say("No decisions yet.\nHere it will show what people hid and kept of each score.")
        return
    chart.both_ways(hidden, approved)
    chart.tell(
        Content.assemble(
            _figures(("up: hidden", sum(hidden)), ("down: approved", sum(approved))),
            ("\nby the highest of the comment's scores", QUIET),
        )
    )


def _figures(*figures: tuple[str, int]) -> Content:
    parts = [
        Content.assemble((f"{count:,}", "bold"), (f" {what}", QUIET)) for what, count in figures
    ]
    return Content.styled(" · ", QUIET).join(parts)


def _number(n: int) -> str:
    return f"{n}" if n <= _BARS else ""


def _row(number: str, name: str, *figures: str) -> Content:
    """A line of the list below a plot; the name is anybody's."""
    shown = Content(one_line(name, 20))
    return Content.assemble(
        (f"{number:>2} ", "bold"),
        shown.pad_right(max(0, 21 - shown.cell_length)),
        ("".join(f"{figure:>10}" for figure in figures), QUIET),
    )


def _more(count: int) -> list[Content]:
    rest = count - _LISTED
    said = f"   and {rest:,} more: `moderation stats --json` has all"
    return [Content.styled(said, QUIET)] if rest > 0 else []
