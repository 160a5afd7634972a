"""What a person has asked for and what is not done yet, strictly in order."""

from __future__ import annotations

import asyncio

#: What changes the queue, and so must never meet a comment that was not seen.
DECIDING = frozenset(
    {
        *("approve", "hide", "skip", "escalate", "undo", "redo"),
        *("hide_author", "approve_all", "hide_all", "decide_group"),
    }
)


class Intents:
    """One line for all that changes the session: keys, clicks, the poll.

    While something stands in front of the review, deciding waits; what was typed ahead of
    that is forgotten, as it was meant for what was seen then.
    """

    def __init__(self) -> None:
        self._queue: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
        self._in_front = asyncio.Event()

    @property
    def empty(self) -> bool:
        return self._queue.empty()

    def ask(self, action: str, value: int = 0) -> None:
        self._queue.put_nowait((action, value))

    async def get(self) -> tuple[str, int]:
        """The next one, when its time has come."""
        return await self._queue.get()

    async def seen(self, action: str) -> None:
        """Wait until this may be done: at once, or when nothing stands in front."""
        if action in DECIDING:
            await self._in_front.wait()

    def in_front(self) -> None:
        """The review is what is seen."""
        self._in_front.set()

    def step_aside(self) -> None:
        """Something comes in front of the review."""
        self._in_front.clear()
        self.forget()

    def forget(self) -> None:
        """Drop the decisions that were typed ahead of a surprise."""
        kept = []
        while not self._queue.empty():
            intent = self._queue.get_nowait()
            if intent[0] not in DECIDING:
                kept.append(intent)
        for intent in kept:
            self._queue.put_nowait(intent)
