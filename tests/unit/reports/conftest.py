"""Assessments for the writers, without rules or a model."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from moderation.comments import (
    Action,
    Assessment,
    Author,
    Comment,
    Flag,
    RuleStatus,
    Severity,
    Span,
    Verdict,
)


def make_flag(rule: str, text: str, *words: str, **more: Any) -> Flag:
    """A flag on each place where one of the words stands."""
    spans = tuple(
        Span(at, at + len(word), word)
        for word in words
        for at in range(len(text))
        if text.startswith(word, at)
    )
    return Flag(
        rule,
        more.pop("action", Action.HOLD),
        more.pop("severity", Severity.MEDIUM),
        more.pop("status", RuleStatus.LIVE),
        more.pop("reason", f"Found: {', '.join(words)}"),
        spans=spans,
        title=more.pop("title", "Something found"),
        **more,
    )


def make(text: str, *words: str, **more: Any) -> Assessment:
    """An assessment of this text; with words, one flag marks them."""
    flags = more.pop("flags", None)
    if flags is None:
        flags = (make_flag("test.words", text, *words),) if words else ()
    live = [flag for flag in flags if flag.live]
    strongest = max(live, key=lambda flag: flag.action.rank, default=None)
    gravest = max(live, key=lambda flag: flag.severity.rank, default=None)
    author = more.pop("author", "Pat")
    return Assessment(
        Comment(
            id=more.pop("id", "7"),
            text=text,
            author=Author(author) if author is not None else None,
            created=more.pop("created", datetime(2026, 3, 1, 8, 5, tzinfo=UTC)),
            source=more.pop("source", "page.txt"),
            line=more.pop("line", 3),
        ),
        verdict=Verdict(strongest.action.value) if strongest else Verdict.PASS,
        severity=gravest.severity if gravest else None,
        flags=tuple(flags),
        model="none",
        policy="rules@0",
        **more,
    )


@pytest.fixture
def assess() -> Callable[..., Assessment]:
    return make


@pytest.fixture
def flag() -> Callable[..., Flag]:
    return make_flag


@pytest.fixture(scope="session")
def golden() -> ModuleType:
    """`golden.py` beside this file: the comments of the golden files, and how to write them."""
    found = spec_from_file_location("golden", Path(__file__).with_name("golden.py"))
    assert found is not None
    assert found.loader is not None
    module = module_from_spec(found)
    found.loader.exec_module(module)
    return module
