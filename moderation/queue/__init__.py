"""What a moderator does with flagged comments.

The app, the plain reviewer and the `queue` command are three faces of `Queue`.
"""

from moderation.queue.items import (
    Agreement,
    AuthorHistory,
    Bulk,
    Changes,
    Claim,
    Context,
    Item,
    Lost,
    Selection,
    Siblings,
    Statistics,
)
from moderation.queue.queue import LEASE, Queue
from moderation.store.filters import SORTS, Filter, Sort

__all__ = [
    "LEASE",
    "SORTS",
    "Agreement",
    "AuthorHistory",
    "Bulk",
    "Changes",
    "Claim",
    "Context",
    "Filter",
    "Item",
    "Lost",
    "Queue",
    "Selection",
    "Siblings",
    "Sort",
    "Statistics",
]
