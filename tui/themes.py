"""The colours: three themes that are easy on the eyes, and which one was chosen last.

Muted on purpose: people look at this for hours, at texts that are unpleasant enough.
Nothing is told by colour alone, and nothing is a field of red. Every text has a contrast
of 4.5 to 1 or more, in the third theme of 7 to 1; `quiet` is for what stands beside the
text, `cursor` lies behind the row that is looked at.
"""

from __future__ import annotations

from pathlib import Path

from textual.theme import Theme

from tui.state import keep, recall

DARK = Theme(
    name="calm",
    primary="#7c9cb8",
    secondary="#8fa3b5",
    accent="#8ab4c9",
    warning="#d6b277",
    error="#c98a86",
    success="#93b58a",
    foreground="#d6d9dc",
    background="#16191d",
    surface="#1b1f24",
    panel="#22272e",
    dark=True,
    variables={"quiet": "#a0a3a6", "cursor": "#2c353f"},
)
LIGHT = Theme(
    name="calm-light",
    primary="#3f6385",
    secondary="#4b5f72",
    accent="#2b6480",
    warning="#7d5a12",
    error="#8c4a45",
    success="#44683a",
    foreground="#24292e",
    background="#f6f4ef",
    surface="#efece5",
    panel="#e4e0d7",
    dark=False,
    variables={"quiet": "#4e5154", "cursor": "#d8dcde"},
)
CONTRAST = Theme(
    name="calm-contrast",
    primary="#9fd0ff",
    secondary="#c8d8e8",
    accent="#8fe3ff",
    warning="#ffd75f",
    error="#ffb3ab",
    success="#a8f0a0",
    foreground="#ffffff",
    background="#000000",
    surface="#0a0a0a",
    panel="#1c1c1c",
    dark=True,
    variables={"quiet": "#d8d8d8", "cursor": "#1f2933"},
)
THEMES = (DARK, LIGHT, CONTRAST)

_KEY = "theme"


def remembered(file: Path) -> str | None:
    """The theme's name in this file, or None."""
    name = recall(file).get(_KEY)
    return name if isinstance(name, str) else None


def remember(file: Path, name: str) -> None:
    """Keep a theme's name there.

    Raises:
        OSError: it cannot be written.
    """
    keep(file, _KEY, name)
