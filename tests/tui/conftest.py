"""A real database with a small, mild thread for the app to work on."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from moderation.comments import (
    Action,
    Assessment,
    Author,
    Comment,
    Flag,
    RuleStatus,
    Severity,
    Span,
    Status,
    Thread,
    Verdict,
)
from moderation.queue import Item
from moderation.store import Store
from tui.app import ReviewApp
from tui.screens.problem import ProblemScreen
from tui.screens.review import ReviewScreen

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
THREAD = Thread(
    id="https://news.example/cycle-lane",
    title="Council votes for a cycle lane on Mill Road",
    url="https://news.example/cycle-lane",
    site="The Mill Road Messenger",
)
LABELS = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")


def flag(
    rule: str,
    text: str,
    *words: str,
    action: Action = Action.HOLD,
    severity: Severity = Severity.MEDIUM,
    status: RuleStatus = RuleStatus.LIVE,
    reason: str = "",
    field: str = "text",
) -> Flag:
    """A flag on the places where these words stand."""
    spans = tuple(
        Span(at, at + len(word), word)
        for word in words
        for at in range(len(text))
        if text.startswith(word, at)
    )
    return Flag(rule, action, severity, status, reason or rule, field=field, spans=spans)


def assess(
    id: str,
    text: str,
    *,
    author: str | None = "Pat",
    parent: str | None = None,
    flags: Iterable[Flag] = (),
    scores: Iterable[float] = (),
    minutes: int = 0,
    verdict: Verdict | None = None,
    thread: Thread | None = THREAD,
    undecided: tuple[str, ...] = (),
    unsupported: bool = False,
) -> Assessment:
    flags = tuple(flags)
    live = [f for f in flags if f.live]
    return Assessment(
        Comment(
            id=id,
            text=text,
            author=Author(author) if author is not None else None,
            created=NOW + timedelta(minutes=minutes),
            thread=thread,
            parent=parent,
            depth=id.count("."),
        ),
        verdict=verdict
        or (Verdict(max(live, key=lambda f: f.action.rank).action.value) if live else Verdict.PASS),
        severity=max((f.severity for f in live), key=lambda s: s.rank, default=None),
        scores=dict(zip(LABELS, scores, strict=False)),
        flags=flags,
        undecided=undecided,
        model="sample",
        policy="sample",
        unsupported=unsupported,
    )


def sample_thread() -> list[Assessment]:
    """Eleven comments, six of them in the queue, one of each kind."""
    threat = "You are a clown. If you park there again I'll smash your wing mirrors, you muppet."
    spam = "BEST BIKES HERE >>> http://cheap-bikes.example/deal http://cheap-bikes.example/deal"
    dodge = "What a load of cr4p from the c\u0430r haters, typical m.u.p.p.e.t behaviour."
    phone = "Ring the planner yourself, her number is 01632 960 018, and tell her what you think."
    mild = "Only an idiot would build this before the bridge is mended."
    return [
        assess("1", "Good news. My daughter can ride to school at last.", author="Ruth Amsel"),
        assess(
            "1.1", "And where are we meant to park?", author="Colin 62", parent="1", minutes=4,
            scores=(0.04, 0.0, 0.01, 0.0, 0.01, 0.0),
        ),
        assess(
            "1.1.1", threat, author="DrivenMad", parent="1.1", minutes=9,
            flags=[
                flag("threats.damage", threat, "I'll smash your", severity=Severity.HIGH,
                     reason="Threat of damage: I'll smash your"),
                flag("harassment.name-calling", threat, "clown", "muppet",
                     action=Action.FLAG, reason="Name-calling: clown, muppet"),
                flag("toxicity.high", threat, action=Action.FLAG,
                     reason="The model is fairly sure: toxicity 0.91"),
                flag("trial.vehicles", threat, "wing mirrors", status=RuleStatus.SHADOW,
                     severity=Severity.LOW, reason="On trial: damage to vehicles"),
            ],
            scores=(0.91, 0.06, 0.34, 0.62, 0.83, 0.02),
            undecided=("trust.new-account",),
        ),
        assess("1.1.2", "There are forty free bays on a Sunday, I counted them.",
               author="Tomasz K.", parent="1.1", minutes=11),
        assess("1.1.1.1", "Calm down, there is a car park behind the library.",
               author="Ruth Amsel", parent="1.1.1", minutes=12),
        assess("1.1.1.2", "Reported.", author="Hanneke", parent="1.1.1", minutes=15),
        assess(
            "2", spam, author="BikeDeals4U", minutes=20,
            flags=[
                flag("spam.links", spam, "http://cheap-bikes.example/deal", action=Action.HIDE,
                     reason="The same link twice: cheap-bikes.example"),
                flag("spam.shouting", spam, "BEST BIKES HERE", action=Action.FLAG,
                     severity=Severity.LOW, reason="Shouting"),
            ],
            scores=(0.02, 0.0, 0.01, 0.0, 0.01, 0.0),
        ),
        assess(
            "3", dodge, author="Anonymous", minutes=31,
            flags=[flag("profanity.mild", dodge, "cr4p", "m.u.p.p.e.t", action=Action.FLAG,
                        severity=Severity.LOW, reason="Mild profanity, spelled around the filter")],
            scores=(0.55, 0.01, 0.48, 0.01, 0.41, 0.03),
        ),
        assess(
            "4", phone, author="Colin 62", minutes=44,
            flags=[flag("privacy.phone", phone, "01632 960 018", severity=Severity.HIGH,
                        reason="A telephone number")],
            scores=(0.08, 0.0, 0.01, 0.01, 0.03, 0.0),
        ),
        assess(
            "5", mild, author="Eastgate Ed", minutes=58,
            flags=[flag("harassment.insult", mild, "idiot", action=Action.FLAG,
                        reason="Insult: idiot")],
            scores=(0.77, 0.02, 0.29, 0.0, 0.74, 0.02),
        ),
        assess(
            "5.1", "Says the idiot who voted for the bridge.", author="DrivenMad", parent="5",
            minutes=70,
            flags=[flag("harassment.insult", "Says the idiot who voted for the bridge.", "idiot",
                        action=Action.FLAG, reason="Insult: idiot")],
            scores=(0.81, 0.03, 0.31, 0.0, 0.79, 0.02),
        ),
    ]  # fmt: skip


def item(assessment: Assessment) -> Item:
    """As the queue would hold it."""
    return Item(assessment.comment.id, assessment, Status.PENDING, 1)


def make_db(path: Path, assessments: Iterable[Assessment]) -> Path:
    with Store.open(path) as store:
        run = store.begin_run(["sample"])
        store.save(list(assessments), run)
        store.finish_run(run)
    return path


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return make_db(tmp_path / "queue.db", sample_thread())


@pytest.fixture
def sample() -> SimpleNamespace:
    """The makers above, for tests: a conftest cannot be imported."""
    return SimpleNamespace(
        thread=sample_thread, assess=assess, flag=flag, make_db=make_db, item=item
    )


@pytest.fixture
def fill(tmp_path: Path) -> Callable[..., Path]:
    def filled(assessments: Iterable[Assessment] = ()) -> Path:
        return make_db(tmp_path / "filled.db", assessments)

    return filled


@pytest.fixture
def rows() -> Callable[[Path], list[tuple[str, str, str]]]:
    """What the decisions table says, through a connection of its own: (id, choice, who)."""

    def read(path: Path) -> list[tuple[str, str, str]]:
        with sqlite3.connect(path) as conn:
            return conn.execute(
                "select comments.id, decisions.choice, decisions.moderator from decisions"
                " join comments on comments.key = decisions.key order by decisions.seq"
            ).fetchall()

    return read


class Session:
    """The app at work, as a person sees it: keys in, what is on the screen out."""

    def __init__(self, pilot: Pilot[None]) -> None:
        self._pilot = pilot
        self.app = pilot.app
        self.type = pilot.press
        self.click = pilot.click
        self.pause = pilot.pause
        self.resize_terminal = pilot.resize_terminal

    async def press(self, *keys: str) -> None:
        """Press keys, and wait until all that they ask for is done and painted."""
        await self._pilot.press(*keys)
        await self.settle()

    async def settle(self, until: Callable[[], bool] | None = None) -> None:
        async with asyncio.timeout(30):
            while True:
                await self._pilot.pause()
                if isinstance(self.app.screen, ProblemScreen) and self.app.screen.is_mounted:
                    return
                if self._review() and self.review.idle and (until is None or until()):
                    await self._pilot.pause()
                    return
                await asyncio.sleep(0.005)

    def _review(self) -> list[ReviewScreen]:
        return [s for s in self.app.screen_stack if isinstance(s, ReviewScreen)]

    @property
    def review(self) -> ReviewScreen:
        return self._review()[0]

    @property
    def shown(self) -> str | None:
        """The id of the comment on the screen."""
        found = self._review()
        return found[0].item.comment.id if found and found[0].item is not None else None

    @property
    def screen_text(self) -> str:
        strips = self.app.screen._compositor.render_strips(self.app.size)
        return "\n".join(strip.text for strip in strips)

    @property
    def notices(self) -> str:
        return "\n".join(f"{n.title}: {n.message}" for n in self.app._notifications)

    def text_of(self, selector: str) -> str:
        return str(self.app.screen.query_one(selector, Static).content)


@pytest.fixture
def opened() -> Callable[..., AbstractAsyncContextManager[Session]]:
    @asynccontextmanager
    async def session(
        path: Path, size: tuple[int, int] = (120, 40), moderator: str = "anna", **more: Any
    ) -> AsyncIterator[Session]:
        async with ReviewApp(path, moderator, **more).run_test(size=size) as pilot:
            at_work = Session(pilot)
            await at_work.settle()
            yield at_work

    return session
