"""One app process for one open tab."""

from __future__ import annotations

import asyncio
import os
import struct
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from contextlib import suppress

from aiohttp.web import WebSocketResponse
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

from moderation.display import for_log

#: What the app may know of the environment: where things are and how text looks, and
#: nothing that is a secret (`MODERATION_*_PASSWORD`, keys of other programs).
KEPT = frozenset(
    "PATH HOME LANG LANGUAGE TERM COLORTERM NO_COLOR TZ TMPDIR SYSTEMROOT MODERATION_CACHE"
    " XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME".split()
)
#: Seconds that a process has to quit, and again after it was told to terminate. Twice this
#: is longer than a decision may wait for a database that another process is writing.
GRACE = 3.0
#: Bytes of its last words that are kept.
_LAST_WORDS = 8_192
#: A terminal this large is a mistake or an attempt to use up memory.
_MOST_CELLS = 1_000


class Child(AppService):
    """The app, talking to one browser tab.

    Started by exec from an argument list, where its base class asks a shell; ended for
    certain, where its base class waits; and its errors reach the terminal as signs.
    """

    def __init__(
        self, command: Sequence[str], socket: WebSocketResponse, say: Callable[[str], None]
    ) -> None:
        super().__init__(
            "",  # never run: see _open_app_process
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=self._hang_up,
            download_manager=DownloadManager(),
        )
        self._arguments = tuple(command)
        self._socket = socket
        self._say = say

    async def _hang_up(self) -> None:
        await self._socket.close()

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if name in KEPT or name.startswith("LC_")
        }
        return kept | {
            "TEXTUAL_DRIVER": "tui.web.driver:ServedDriver",
            "TEXTUAL_COLOR_SYSTEM": "truecolor",
            "COLUMNS": str(within(width)),
            "ROWS": str(within(height)),
        }

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        # In a session of its own: a Ctrl-C on the server's terminal is for the server,
        # which then lets each app finish what it is writing.
        self._process = process = await asyncio.create_subprocess_exec(
            *self._arguments,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=self._build_environment(width, height),
            start_new_session=True,
        )
        self._stdin = process.stdin
        return process

    async def run(self) -> None:
        """Pass on what the app draws until it ends, then close the tab's connection."""
        process = self._process
        assert process is not None
        assert process.stdout is not None
        assert process.stderr is not None
        last_words = asyncio.create_task(_tail(process.stderr))
        try:
            await process.stdout.readuntil(b"__GANGLION__\n")
            while True:
                kind, size = struct.unpack(">cI", await process.stdout.readexactly(5))
                payload = await process.stdout.readexactly(size)
                if kind == b"D":
                    await self.on_data(payload)
                # Other packets announce its end, which shows anyway, or ask the browser
                # to open a link or to save a file, which it must not.
        except asyncio.IncompleteReadError:
            pass
        finally:
            if text := (await last_words).decode("utf-8", "replace").strip():
                self._say(for_log(text, newlines=True))
            await self._hang_up()

    async def on_data(self, payload: bytes) -> None:
        # When the tab is gone the rest is still read, or the app would wait on a full
        # pipe and never come to its end.
        with suppress(ConnectionError):
            await super().on_data(payload)

    async def stop(self) -> None:
        """End the process: ask, then tell, then kill. Returns when there is none left."""
        process, task = self._process, self._task
        if process is None or task is None:
            return
        try:
            for means in (self._ask_to_quit, process.terminate):
                with suppress(TimeoutError, ProcessLookupError):
                    async with asyncio.timeout(GRACE):
                        means()
                        await process.wait()
                        break
        finally:
            if process.returncode is None:
                process.kill()
        # Its last words; a process that it started may hold the pipe open for longer.
        await asyncio.wait([task], timeout=GRACE)
        task.cancel()

    def _ask_to_quit(self) -> None:
        with suppress(RuntimeError):
            self.stdin.write(self.encode_packet(b"M", b'{"type": "quit"}'))
            self.stdin.close()


def within(cells: int) -> int:
    """A width or a height that a terminal can have."""
    return min(max(cells, 1), _MOST_CELLS)


async def _tail(stream: asyncio.StreamReader) -> bytes:
    kept = b""
    while more := await stream.read(_LAST_WORDS):
        kept = (kept + more)[-_LAST_WORDS:]
    return kept
