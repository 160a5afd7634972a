"""What an edit of the rules would change in this queue, with progress and a way out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from moderation.backtest.preview import Kind, Preview, RuleChange, preview
from moderation.display import one_line
from moderation.errors import ModerationError
from tui.proof import Proof
from tui.render import QUIET, problem
from tui.screens.steady import Steady
from tui.veil import covered

#: How long it may be silent: a page of comments takes a fraction of that.
_SECONDS = 60.0


class RulePreviewScreen(Steady, ModalScreen[None]):
    """Counts and examples, their words covered if so wished. Escape calls it off, or closes
    it."""

    BINDINGS = [  # noqa: RUF012
        Binding("escape,q,f5", "dismiss", "Close"),
        Binding("ctrl+b", "cover", "Cover"),
    ]

    def __init__(
        self,
        proof: Proof,
        db: Path,
        paths: Sequence[Path],
        edited: Path,
        text: str,
        *,
        cover: bool,
    ) -> None:
        super().__init__()
        self._covering = cover
        self._found: Preview | None = None
        self._proof = proof
        self._asked = (db, tuple(paths), edited, text)
        self._done = False

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="preview"):
            yield Static(Content("Reading the rules … esc stops it"), id="preview-text")

    def on_mount(self) -> None:
        self.run_worker(self._work())

    def on_unmount(self) -> None:
        if not self._done:
            self._proof.stop()

    async def _work(self) -> None:
        try:
            found = await self._proof.run(
                preview, *self._asked, seconds=_SECONDS, on_progress=self._reached
            )
        except ModerationError as error:
            self._done = True
            self._show(Content.styled(problem(error), "$text-warning"))
            return
        self._done, self._found = True, found
        self._show_found(found)

    def action_cover(self) -> None:
        self._covering = not self._covering
        if self._found is not None:
            self._show_found(self._found)

    def _show_found(self, found: Preview) -> None:
        keys = f"esc closes this · ^b {'shows' if self._covering else 'covers'} the words"
        text = preview_text(found, cover=self._covering)
        self._show(Content("\n\n").join([text, Content.styled(keys, QUIET)]))

    def _reached(self, done: int, of: int) -> None:
        if self.is_mounted and not self._done:
            self._show(Content(f"{done:,} of {of:,} comments tried … esc stops it"))

    def _show(self, content: Content) -> None:
        self.query_one("#preview-text", Static).update(content)


def preview_text(found: Preview, *, cover: bool) -> Content:
    """All of it for people, the words of comments as blocks if they are to be covered."""
    kinds = (
        ("Newly flagged", found.newly),
        ("No longer flagged", found.no_longer),
        ("Another action", found.otherwise),
    )
    lines = [
        Content.styled("What would change in this queue", "bold $accent"),
        Content.styled(_looked_at(found), QUIET),
        Content(""),
        *(Content.assemble((f"{kind.count:>7,}", "bold"), f"  {name}") for name, kind in kinds),
    ]
    if found.rules:
        lines += [Content(""), *map(_rule, found.rules)]
    for name, kind in kinds:
        lines += _examples(name, kind, cover=cover)
    return Content("\n").join(lines)


def _looked_at(found: Preview) -> str:
    return (
        f"Tried on {_newest(found.waiting, found.all_waiting)} that wait and on "
        f"{_newest(found.clear, found.all_clear)} that no rule flagged, against the rules on "
        "disk, with the stored scores."
    )


def _newest(some: int, all: int) -> str:
    return f"all {all:,}" if some == all else f"the newest {some:,} of {all:,}"


def _rule(change: RuleChange) -> Content:
    if change.before is None:
        said = f"new, matches {change.after:,}"
    elif change.after is None:
        said = f"taken away, matched {change.before:,}"
    else:
        said = f"matches {change.after:,}, before {change.before:,}"
    if change.shadow:
        said += " (a shadow rule: it changes no action)"
    return Content.assemble((one_line(change.id, 60), "bold"), f"  {said}")


def _examples(name: str, kind: Kind, *, cover: bool) -> Iterator[Content]:
    if not kind.count:
        return
    more = f", the latest {len(kind.latest)}" if kind.count > len(kind.latest) else ""
    yield Content(f"\n{name}{more}").stylize("bold")
    for each in kind.latest:
        words = one_line(each.excerpt, 120)
        yield Content.assemble(
            (f"{each.before} → {each.after}  ", QUIET),
            (f"#{one_line(each.ref, 30)}  ", QUIET),
            covered(words) if cover else words,
        )
