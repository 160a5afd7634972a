"""How one session is set up: the parts of the configuration that the app goes by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import platformdirs

from moderation.config import Config
from tui.actions import Actions
from tui.veil import Veil


def state_file() -> Path:
    """Where the theme is remembered on this system."""
    return platformdirs.user_state_path("moderation", appauthor=False) / "review.json"


@dataclass(frozen=True, slots=True)
class Setup:
    """`rules` are the rule files whose thresholds are drawn on the scores, `state` is the
    file that remembers the theme (None: nothing is remembered)."""

    actions: Actions = field(default_factory=Actions)
    veil: Veil = field(default_factory=Veil)
    break_minutes: float = 50.0
    rules: Sequence[Path] = ()
    state: Path | None = None

    @classmethod
    def of(cls, config: Config, state: Path | None = None) -> Self:
        """Raises ConfigError where `[review.keys]` cannot be used."""
        review = config.settings.review
        actions = Actions().remapped(review.keys, lambda id: config.where("review", "keys", id))
        return cls(actions, Veil(review.blur), review.break_minutes, config.rule_paths, state)
