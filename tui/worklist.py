"""Where the moderator stands in the queue: keys, a cursor, and nothing on a screen."""

from __future__ import annotations

from collections.abc import Sequence


class Worklist:
    """The keys of the pending items in order, and the one that is being looked at.

    The item under the cursor stays in the list when others decide it, until the
    moderator moves on: what is on the screen never changes under a finger that is
    about to press a key.
    """

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.cursor = 0
        self.stale = False
        """True when someone else took the current item and it is only still shown."""

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def current(self) -> str | None:
        return self.keys[self.cursor] if self.keys else None

    def replace(self, keys: Sequence[str]) -> None:
        """Take over what the database now says, the cursor staying on its item."""
        kept = self.current
        self.keys = list(keys)
        self.stale = False
        if kept is None:
            self.cursor = 0
            return
        try:
            self.cursor = self.keys.index(kept)
        except ValueError:
            self.cursor = min(self.cursor, len(self.keys))
            self.keys.insert(self.cursor, kept)
            self.stale = True

    def drop(self) -> None:
        """Take the current item out; the one after it comes under the cursor."""
        if self.keys:
            del self.keys[self.cursor]
        self._settle()

    def postpone(self) -> None:
        """Move the current item to the end, as the store does with skipped ones."""
        if self.keys:
            last = self.cursor == len(self.keys) - 1
            self.keys.append(self.keys.pop(self.cursor))
            if last:
                # At the end there is no item after it: go on from the top.
                self.cursor = 0
        self._settle()

    def move(self, steps: int) -> None:
        self.go(self.cursor + steps)

    def go(self, index: int) -> None:
        """Put the cursor there, or as near as the list goes."""
        if self.stale and index != self.cursor:
            # It stayed only so as not to vanish from the screen; moving on lets it go.
            del self.keys[self.cursor]
            index -= 1 if index > self.cursor else 0
            self.stale = False
        self.cursor = max(0, min(index, len(self.keys) - 1))

    def find(self, key: str) -> bool:
        """Put the cursor on this key; False when it is not in the list."""
        try:
            self.cursor = self.keys.index(key)
        except ValueError:
            return False
        self.stale = False
        return True

    def _settle(self) -> None:
        self.cursor = max(0, min(self.cursor, len(self.keys) - 1))
        self.stale = False
