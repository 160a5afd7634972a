"""Everything that is kept: comments, what the program thinks of them, what people decided.

One SQLite file. `Store` opens it, saves scans and verifies the chain of decisions; what
a moderator does with it is `moderation.queue`.
"""

from moderation.store.saving import SaveCounts
from moderation.store.store import Store

__all__ = ["SaveCounts", "Store"]
