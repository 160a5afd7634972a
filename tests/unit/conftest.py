"""A store of its own for each test, and two moderators at it."""

import pytest

from moderation.queue import Queue
from moderation.store import Store


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "q.db") as opened:
        yield opened


@pytest.fixture
def mira(store):
    return Queue(store, "Mira")


@pytest.fixture
def jon(store):
    with store.clone() as other:
        yield Queue(other, "Jon")
