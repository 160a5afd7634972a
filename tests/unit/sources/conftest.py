"""Reading from bytes and from files, as (comments, rejects)."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from moderation.comments import Comment
from moderation.sources import ReadOptions, Reject, read

Found = tuple[list[Comment], list[Reject]]


def _read(data: bytes | str, **options: object) -> Found:
    rejects: list[Reject] = []
    stdin = io.BytesIO(data.encode() if isinstance(data, str) else data)
    return list(read(["-"], ReadOptions(**options), on_reject=rejects.append, stdin=stdin)), rejects


def _read_paths(*paths: object, **options: object) -> Found:
    rejects: list[Reject] = []
    comments = read([str(p) for p in paths], ReadOptions(**options), on_reject=rejects.append)
    return list(comments), rejects


@pytest.fixture(scope="session")
def from_bytes() -> Callable[..., Found]:
    """What standard input with these bytes gives."""
    return _read


@pytest.fixture(scope="session")
def from_paths() -> Callable[..., Found]:
    return _read_paths
