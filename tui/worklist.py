"""Where the moderator stands in the queue: numbers, a cursor, and nothing on a screen."""

from __future__ import annotations

from array import array
from collections.abc import Container, Iterable

from moderation.queue.order import place


class Worklist:
    """The numbers of the pending items in order, and the one that is being looked at.

    A number is `Item.n`; a million of them are eight megabytes, and taking one out of
    their middle costs a tenth of a millisecond.

    The item under the cursor stays in the list when others decide it, until the
    moderator moves on: what is on the screen never changes under a finger that is
    about to press a key.
    """

    def __init__(self, numbers: Iterable[int] = ()) -> None:
        self.numbers = array("q", numbers)
        self.cursor = 0
        self.stale = False
        """True when someone else took the current item and it is only still shown."""

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def current(self) -> int | None:
        return self.numbers[self.cursor] if self.numbers else None

    def replace(self, numbers: array[int]) -> None:
        """Take over what the database now says, the cursor staying on its item. The array
        is kept, not copied."""
        kept = self.current
        self.numbers = numbers
        self.stale = False
        if kept is None:
            self.cursor = 0
            return
        at = place(numbers, kept, near=self.cursor)
        if at is None:
            self.cursor = min(self.cursor, len(numbers))
            numbers.insert(self.cursor, kept)
            self.stale = True
        else:
            self.cursor = at

    def drop(self) -> None:
        """Take the current item out; the one after it comes under the cursor."""
        if self.numbers:
            del self.numbers[self.cursor]
        self._settle()

    def postpone(self) -> None:
        """Move the current item to the end, as the store does with skipped ones."""
        if self.numbers:
            last = self.cursor == len(self.numbers) - 1
            self.numbers.append(self.numbers.pop(self.cursor))
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
            del self.numbers[self.cursor]
            index -= 1 if index > self.cursor else 0
            self.stale = False
        self.cursor = max(0, min(index, len(self.numbers) - 1))

    def following(self, most: int) -> list[int]:
        """The next so many after the current one, from the end on from the top."""
        after = self.numbers[self.cursor + 1 : self.cursor + 1 + most]
        return [*after, *self.numbers[: min(self.cursor, most - len(after))]]

    def pass_over(self, taken: Container[int]) -> None:
        """Put the cursor on the next item that is none of these, from the end on from the
        top; where all are, it stays."""
        for step in range(len(self.numbers)):
            index = (self.cursor + step) % len(self.numbers)
            if self.numbers[index] not in taken:
                self.go(index)
                return

    def find(self, number: int) -> bool:
        """Put the cursor on this item; False when it is not in the list."""
        at = place(self.numbers, number, near=self.cursor)
        if at is None:
            return False
        self.cursor = at
        self.stale = False
        return True

    def _settle(self) -> None:
        self.cursor = max(0, min(self.cursor, len(self.numbers) - 1))
        self.stale = False
