"""What a moderator does with flagged comments.

The app, the plain reviewer and the `queue` command are three faces of `Queue`.
"""

from moderation.queue.items import (
    Agreement,
    Alike,
    AuthorHistory,
    Bulk,
    Changes,
    Claim,
    Context,
    Followed,
    Item,
    Lost,
    Selection,
    Siblings,
    Statistics,
)
from moderation.queue.queue import LEASE, Queue
from moderation.queue.view import View
from moderation.store.filters import SORTS, Filter, Sort

__all__ = [
    "LEASE",
    "SORTS",
    "Agreement",
    "Alike",
    "AuthorHistory",
    "Bulk",
    "Changes",
    "Claim",
    "Context",
    "Filter",
    "Followed",
    "Item",
    "Lost",
    "Queue",
    "Selection",
    "Siblings",
    "Sort",
    "Statistics",
    "View",
]
