"""The help screen, written by the registry of actions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from moderation.display import one_line
from tui.actions import VIEW_ACTIONS, Action, Actions, Group
from tui.render import QUIET, WEIGHED, mark_number, mark_style
from tui.screens.steady import Steady
from tui.views import SavedView

_KEYS_WIDTH = 16


class HelpScreen(Steady, ModalScreen[None]):
    """Every key, and what the signs in a text mean."""

    BINDINGS = [Binding("escape,question_mark,q", "dismiss", "Close")]  # noqa: RUF012

    def __init__(self, actions: Actions, views: Iterable[tuple[int, SavedView]] = ()) -> None:
        super().__init__()
        self._actions = actions
        self._views = views

    def compose(self) -> ComposeResult:
        # Nothing else can take the focus here, so the scroll keys work at once.
        with VerticalScroll(id="help"):
            yield Static(help_text(self._actions, self._views))


def help_text(actions: Actions, views: Iterable[tuple[int, SavedView]] = ()) -> Content:
    saved = dict(views)
    parts = [_group(group, actions, saved) for group in Group]
    return Content("\n\n").join([*parts, _signs(), Content.styled("esc closes this", QUIET)])


def _group(group: Group, actions: Actions, views: Mapping[int, SavedView]) -> Content:
    lines = [Content.styled(group.value, "bold $accent")]
    for action in actions:
        if action.group is group and action.id not in VIEW_ACTIONS:
            lines.append(_line(action, actions))
        elif action.group is group and (view := views.get(VIEW_ACTIONS[action.id])):
            lines.append(_line(replace(action, description=one_line(view.title, 44)), actions))
    return Content("\n").join(lines)


def _line(action: Action, actions: Actions) -> Content:
    keys = actions.keys(action.id) or "palette only"
    return Content.assemble(
        (f"  {keys:<{_KEYS_WIDTH}}", "bold" if action.keys else QUIET),
        f"{action.label:<12}",
        (action.description, QUIET),
    )


def _signs() -> Content:
    signs = [
        (Content.assemble(("match", mark_style(0)), mark_number(0)), "what reason 1 matched"),
        (Content.styled("match", WEIGHED), "what weighed most in the model's score"),
        (Content("m••••"), "a match in the list: its first letter"),
        (Content("✓ high"), "selected, in the list"),
        (Content("ann has it"), "open at somebody else's, in the list"),
        (Content("▒▒▒▒▒"), "words that are covered until you ask"),
        (Content("━━╋━╎┈"), "a score, a rule's line it passed, one it did not"),
        (Content("␛ ␀ ␍"), "control characters, which do nothing here"),
        (Content("<U+202E>"), "a character that hides, or turns text around"),
        (Content("<+12 marks>"), "accents piled on one letter, counted instead"),
    ]
    return Content("\n").join(
        [
            Content.styled("Signs in a text", "bold $accent"),
            *(
                Content.assemble(
                    "  ", sign.pad_right(_KEYS_WIDTH - sign.cell_length), (what, QUIET)
                )
                for sign, what in signs
            ),
        ]
    )
