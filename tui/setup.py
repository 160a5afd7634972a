"""How one session is set up: the parts of the configuration that the app goes by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import platformdirs

from moderation.config import Config
from moderation.reasons import DEFAULT_REASONS, Reason
from tui.actions import Actions
from tui.veil import Veil
from tui.views import SavedView, configured


def state_file() -> Path:
    """Where the theme is remembered on this system."""
    return platformdirs.user_state_path("moderation", appauthor=False) / "review.json"


@dataclass(frozen=True, slots=True)
class Setup:
    """`reasons` are what can be given for a decision, `sample` is the share (0 to 1) of the
    decisions on which another moderator is asked as well. `rules` are the rule files in
    force, whose thresholds are drawn on the scores, `folder` is the configuration's. `views`
    are the configuration's by number, `state` is the file that remembers the theme and more
    views (None: nothing is remembered)."""

    actions: Actions = field(default_factory=Actions)
    veil: Veil = field(default_factory=Veil)
    break_minutes: float = 50.0
    reasons: Sequence[Reason] = DEFAULT_REASONS
    sample: float = 0.0
    rules: Sequence[Path] = ()
    folder: Path = Path()
    views: Mapping[int, SavedView] = field(default_factory=dict)
    state: Path | None = None

    @classmethod
    def of(cls, config: Config, state: Path | None = None) -> Self:
        """Raises ConfigError where `[review.keys]` or `[[review.views]]` cannot be used."""
        review = config.settings.review
        actions = Actions().remapped(review.keys, lambda id: config.where("review", "keys", id))
        return cls(
            actions=actions,
            veil=Veil(review.blur),
            break_minutes=review.break_minutes,
            reasons=review.reasons,
            sample=review.sample,
            rules=config.rule_paths,
            folder=config.folder,
            views=configured(
                review.views, lambda index, name: config.where("review", "views", index, name)
            ),
            state=state,
        )
