"""The actions that lead from a comment to the rules.

What they open is imported then: the rule language is most of what the app would wait for
at its start.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from moderation.plain import reasons
from tui.session import Session
from tui.veil import LEVELS

if TYPE_CHECKING:
    from tui.rulebook import Opening, Rulebook
    from tui.widgets.comment_view import CommentView


class Ruling:
    """One `do_<id>` for each action of the registry that is about rules."""

    def __init__(self, session: Session, screen: Screen[None], view: CommentView) -> None:
        self._session = session
        self._screen = screen
        self._view = view

    async def do_edit_rule(self) -> None:
        """Open the rule that flagged the comment; of several, the one that is chosen."""
        from tui.screens.rule_choice import RuleChoice

        item = self._session.item
        flags = reasons(item.assessment) if item is not None else []
        if not flags:
            self._session.tell(
                "No rule flagged it · ", self._session.hint("new_rule", "starts one")
            )
        elif len(flags) == 1:
            self._edit(flags[0].rule)
        else:
            self._in_front(RuleChoice(flags, cover=self._view.covered), self._edit)

    async def do_new_rule(self) -> None:
        """Pick words of the comment, then open a new rule for them."""
        from tui.screens.words import WordsScreen

        item = self._session.item
        if item is None:
            self._session.tell("There are no words to pick from")
        elif self._view.covered:
            self._session.tell("Covered · ", self._session.hint("blur", "shows the words first"))
        else:
            selected = self._screen.get_selected_text() or ""
            self._in_front(WordsScreen(item.assessment, selected), self._start)

    def _edit(self, rule: str | None) -> None:
        if rule is not None:
            self._open(lambda book: book.open(rule))

    def _start(self, words: str | None) -> None:
        if words is not None:
            self._open(lambda book: book.start(words))

    def _open(self, find: Callable[[Rulebook], Opening]) -> None:
        from tui.rulebook import Rulebook
        from tui.screens.rule_editor import RuleEditorScreen

        setup = self._session.setup
        book = Rulebook(setup.rules, setup.folder)
        screen = RuleEditorScreen(
            book,
            self._session.desk.path,
            lambda: find(book),
            cover=setup.veil.blur in LEVELS,
        )
        self._in_front(screen, self._back)

    def _back(self, said: str | None) -> None:
        if said:
            self._session.tell(said)

    def _in_front(self, screen: Screen[Any], then: Callable[[str | None], None]) -> None:
        self._session.intents.step_aside()
        self._screen.app.push_screen(screen, then)
