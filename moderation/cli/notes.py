"""What a user should know of how the inputs were read, on stderr."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from moderation.cli.common import Session, plural
from moderation.display import for_log

if TYPE_CHECKING:
    from moderation.sources import Note

_TOLD = 10


def tell_notes(session: Session, notes: Sequence[Note]) -> None:
    """The first few, and how many more there are; none with -q."""
    label = click.style("note", bold=True)
    for note in notes[:_TOLD]:
        place = note.source if note.line is None else f"{note.source}:{note.line}"
        session.talk(f"{for_log(place)}: {label}: {for_log(note.what)}")
    if len(notes) > _TOLD:
        session.talk(f"… and {plural(len(notes) - _TOLD, 'more note')}")
