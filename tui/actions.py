"""Everything that a person can do in the app, declared once.

This registry feeds the key bindings, the footer, the command palette, the help screen
and the table of keys in the documentation. A new action is one entry here and one
`do_<id>` method of `Deciding`, `Finding` or the review screen; a test holds the two
together.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from textual.binding import Binding

from moderation.errors import ConfigError
from tui.keys import key_name, parse_key


class Group(StrEnum):
    """The headings of the help screen, in their order."""

    DECIDE = "Decide"
    MOVE = "Move"
    READ = "Read"
    RULES = "Rules"
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


#: The actions that go to saved views, with the numbers of these.
VIEW_ACTIONS = {f"view_{place}": place for place in range(1, 10)}

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
        "redo", "Redo", "Make again what was taken back, and so on",
        Group.DECIDE, ("ctrl+r",),
    ),
    Action(
        "hide_author", "Hide author", "This and all that waits by its author",
        Group.DECIDE, ("b",),
    ),
    Action(
        "reason", "Reason", "Why: goes on record with the next decision",
        Group.DECIDE, ("r",),
    ),
    Action(
        "note", "Note", "In your own words: goes on record, too",
        Group.DECIDE, ("n",),
    ),
    Action(
        "select", "Select", "This one, or no longer; for many at once",
        Group.DECIDE, ("x",),
    ),
    Action(
        "deselect", "Select none", "The selection is dropped",
        Group.DECIDE, ("escape",),
    ),
    Action(
        "hide_all", "Hide all", "The selection, or all like this: count first",
        Group.DECIDE, ("H",),
    ),
    Action(
        "approve_all", "Approve all", "The selection, or all like this, likewise",
        Group.DECIDE, ("A",),
    ),
    Action(
        "second", "Second look", "Judge what others decided, not knowing how",
        Group.DECIDE, ("O",),
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
        "filter", "Filter", "See only some: by rule, author, score, words",
        Group.MOVE, ("slash",),
    ),
    Action(
        "order", "Order", "Gravest, oldest, newest, by rule, by author",
        Group.MOVE, ("o",),
    ),
    Action(
        "save_view", "Save view", "Keep this filter and order under a number",
        Group.MOVE, ("w",),
    ),
    *(
        Action(
            id, f"View {place}", "What is saved under this number",
            Group.MOVE, (str(place),),
        )
        for id, place in VIEW_ACTIONS.items()
    ),
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
        "fold", "Fold", "The comments around it on one line, or all",
        Group.READ, ("t",),
    ),
    Action(
        "blur", "Blur", "Cover the words of this comment, or show them",
        Group.READ, ("ctrl+b",),
    ),
    Action(
        "copy", "Copy", "The link of the page, or else the text",
        Group.READ, ("ctrl+o",),
    ),
    Action(
        "reload", "Reload", "Read the queue from the database again",
        Group.READ, ("f5",),
    ),
    Action(
        "edit_rule", "Edit rule", "The rule that flagged it, in an editor",
        Group.RULES, ("E",),
    ),
    Action(
        "new_rule", "New rule", "Pick words of the comment and start a rule",
        Group.RULES, ("R",),
    ),
    Action(
        "statistics", "Statistics", "The queue, decisions and rules, plotted",
        Group.APP, ("S",),
    ),
    Action("theme", "Theme", "Other colours, for the next time as well", Group.APP),
    Action("help", "Help", "What the keys and signs mean", Group.APP,
           ("question_mark",), footer=True),
    Action("suspend", "Suspend", "To the shell; `fg` comes back", Group.APP, ("ctrl+z",)),
    Action(
        "palette", "Palette", "Find an action, a comment, an author",
        Group.APP, ("ctrl+p",), footer=True,
    ),
    Action(
        "quit", "Quit", "Close; every decision is on disk already",
        Group.APP, ("q", "ctrl+q"), footer=True,
    ),
)  # fmt: skip

# Drawn as `j k Move`: two keys that belong together take one word of the footer.
_MOVE = Binding.Group("Move", compact=True)


class Actions:
    """The registry as one session has it: every action with the keys it has here."""

    def __init__(self, actions: Iterable[Action] = ACTIONS) -> None:
        self._actions = {action.id: action for action in actions}

    def __iter__(self) -> Iterator[Action]:
        return iter(self._actions.values())

    def keys(self, id: str) -> str:
        """All keys of an action as people read them: `j ↓`."""
        return " ".join(key_name(key) for key in self._actions[id].keys)

    def key(self, id: str) -> str:
        """The first key of an action as people read it."""
        return key_name(self._actions[id].keys[0])

    def remapped(self, keys: Mapping[str, str], where: Callable[[str], str]) -> Actions:
        """With other keys for some actions, as `[review.keys]` of the configuration has them:
        one key, or several with blanks or commas between.

        Args:
            where: tells for an action where the configuration speaks of it.

        Raises:
            ConfigError: no such action, no such key, or one key for two actions.
        """
        changed = dict(self._actions)
        for id, written in keys.items():
            if id not in changed:
                near = difflib.get_close_matches(id, changed, n=1)
                hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(changed)}"
                raise ConfigError(f"no action is called '{id}'", where=where(id), hint=hint)
            changed[id] = replace(changed[id], keys=_parse(id, written, where))
        owners: dict[str, str] = {}
        # Those with new keys last: a clash is told where the configuration makes it.
        for id in sorted(changed, key=lambda id: id in keys):
            for key in changed[id].keys:
                other = owners.setdefault(key, id)
                if other != id:
                    raise ConfigError(
                        f"the key {key_name(key)} is meant for '{other}' and for '{id}'",
                        where=where(id),
                        hint="give one of the two another key under [review.keys]",
                    )
        return Actions(changed.values())

    def bindings(self) -> list[Binding]:
        """Every action with keys as a binding of the review screen.

        All go through one action, `do`, so that the screen handles them strictly in the
        order in which they were pressed.
        """
        return [
            Binding(
                ",".join(action.keys),
                f"do('{action.id}')",
                action.label,
                key_display=key_name(action.keys[0]).replace("ctrl+", "^"),
                show=action.footer,
                group=_MOVE if action.group is Group.MOVE else None,
            )
            for action in self
            if action.keys
        ]

    def table(self) -> str:
        """All of it as the table that stands in docs/review.md."""
        lines = ["| key | action | what it does | name |", "| --- | --- | --- | --- |"]
        for action in self:
            keys = " ".join(f"`{key_name(key)}`" for key in action.keys) or "palette only"
            lines.append(f"| {keys} | {action.label} | {action.description} | `{action.id}` |")
        return "\n".join(lines)


def _parse(id: str, written: str, where: Callable[[str], str]) -> tuple[str, ...]:
    keys = []
    for each in written.replace(",", " ").split():
        try:
            keys.append(parse_key(each))
        except ValueError:
            raise ConfigError(
                f"no key is called '{each}' (for '{id}')",
                where=where(id),
                hint="write a sign such as y or ?, or a word such as f5, space, ctrl+y, comma",
            ) from None
    if not keys:
        raise ConfigError(f"no key for '{id}'", where=where(id), hint="leave the line out")
    return tuple(dict.fromkeys(keys))
