"""Everything that a person can do in the app, declared once.

This registry feeds the key bindings, the footer, the command palette and the help
screen. A new action is one entry here and one `do_<id>` method on the review screen;
a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from textual.binding import Binding


class Group(StrEnum):
    """The headings of the help screen, in their order."""

    DECIDE = "Decide"
    MOVE = "Move"
    READ = "Read"
    APP = "App"


@dataclass(frozen=True, slots=True)
class Action:
    """One action. `keys` may be empty: the palette alone reaches it then."""

    id: str
    label: str
    description: str
    group: Group
    keys: tuple[str, ...] = ()
    footer: bool = False


ACTIONS: tuple[Action, ...] = (
    Action(
        "approve", "Approve", "The comment may stay",
        Group.DECIDE, ("a",), footer=True,
    ),
    Action(
        "hide", "Hide", "The comment is taken off the page",
        Group.DECIDE, ("h",), footer=True,
    ),
    Action(
        "skip", "Skip", "It comes back after the others",
        Group.DECIDE, ("s",), footer=True,
    ),
    Action(
        "escalate", "Escalate", "Someone else should decide",
        Group.DECIDE, ("e",), footer=True,
    ),
    Action(
        "undo", "Undo", "Take back your last decision, and so on",
        Group.DECIDE, ("u",), footer=True,
    ),
    Action(
        "next", "Next", "The next comment, nothing decided",
        Group.MOVE, ("j", "down"), footer=True,
    ),
    Action(
        "previous", "Previous", "The comment before",
        Group.MOVE, ("k", "up"), footer=True,
    ),
    Action("first", "First", "The top of the queue", Group.MOVE, ("g", "home")),
    Action("last", "Last", "The end of the queue", Group.MOVE, ("G", "end")),
    Action(
        "scroll_down", "Scroll on", "On in the comment; in the reasons after tab",
        Group.READ, ("space", "pagedown"),
    ),
    Action(
        "scroll_up", "Scroll back", "Back in the comment; in the reasons after tab",
        Group.READ, ("pageup",),
    ),
    Action(
        "pane", "Other pane", "Scroll the reasons, or the comment again",
        Group.READ, ("tab",),
    ),
    Action(
        "more", "More text", "The next part of a very long comment",
        Group.READ, ("m",),
    ),
    Action(
        "reload", "Reload", "Read the queue from the database again",
        Group.READ, ("f5",),
    ),
    Action("theme", "Theme", "Other colours", Group.APP),
    Action("help", "Help", "What the keys and signs mean", Group.APP,
           ("question_mark",), footer=True),
    Action("palette", "Palette", "Find an action by name", Group.APP, ("ctrl+p",), footer=True),
    Action(
        "quit", "Quit", "Close; every decision is on disk already",
        Group.APP, ("q", "ctrl+q"), footer=True,
    ),
)  # fmt: skip

#: How keys are written for people.
_KEY_NAMES = {
    "question_mark": "?",
    "down": "↓",
    "up": "↑",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "f5": "F5",
}


# Drawn as `j k Move`: two keys that belong together take one word of the footer.
_MOVE = Binding.Group("Move", compact=True)


def key_name(key: str) -> str:
    return _KEY_NAMES.get(key, key)


def bindings() -> list[Binding]:
    """Every action with keys as bindings of the review screen.

    All go through one action, `do`, so that the screen handles them strictly in the
    order in which they were pressed. The ids allow key maps.
    """
    return [
        Binding(
            ",".join(action.keys),
            f"do('{action.id}')",
            action.label,
            key_display=key_name(action.keys[0]).replace("ctrl+", "^"),
            show=action.footer,
            id=f"review.{action.id}",
            group=_MOVE if action.group is Group.MOVE else None,
        )
        for action in ACTIONS
        if action.keys
    ]
