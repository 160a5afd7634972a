"""Assessments as bytes: between processes, and in files that no other program reads."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any

from moderation.comments import Assessment, Author, Comment, Flag, Span, Thread


def _by_fields(kind: type) -> Callable[[Any], tuple[type, tuple[object, ...]]]:
    values = attrgetter(*(field.name for field in fields(kind)))
    return lambda value: (kind, values(value))


#: How values are pickled: by their fields, in a third of the time that frozen ones take
#: when left to themselves.
_PICKLED: dict[type, Any] = {
    kind: _by_fields(kind) for kind in (Assessment, Comment, Author, Thread, Flag, Span)
}


def pickled(value: object) -> bytes:
    """For `pickle.loads`, in this program and version only."""
    data = io.BytesIO()
    pickler = pickle.Pickler(data, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _PICKLED
    pickler.dump(value)
    return data.getvalue()
