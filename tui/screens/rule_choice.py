"""The rules that flagged a comment, under the numbers that they have beside it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from moderation.comments import Flag
from moderation.display import one_line
from tui.render import QUIET
from tui.screens.pick import PickScreen


class RuleChoice(PickScreen[str]):
    """Gives the id of a rule, or None."""

    def __init__(self, flags: Sequence[Flag], *, cover: bool) -> None:
        """With `cover` it quotes nothing of the comment."""
        self._rules = [flag.rule for flag in flags]
        lines = [
            Content.assemble(
                one_line(flag.rule, 40),
                (f"  {one_line(flag.title if cover else flag.reason, 60)}", QUIET),
            )
            for flag in flags
        ]
        super().__init__(Content.styled("Which rule to open", "bold $accent"), lines)

    def value(self, index: int) -> str:
        return self._rules[index]
