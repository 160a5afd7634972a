"""Rules checked and tried in a process beside the app.

A rule file can be slow to read, by accident or on purpose, and much of the reading would
hold up the app even from another thread. Here it gets a time limit, and ends with it.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Timer
from typing import IO, TypeVar, cast

from moderation.errors import ModerationError

T = TypeVar("T")

#: Told by what is under way: how much is done, and of how much.
Progress = Callable[[int, int], object]
_START_SECONDS = 60.0
# The app's own streams are Textual's while it runs: multiprocessing cannot start from it.
_COMMAND = (sys.executable, "-P", "-c", "from tui.proof import serve; serve()")


class StoppedError(ModerationError):
    """The work was ended: it took too long, or nobody wants it any more."""


class Proof:
    """One piece of work at a time, in the order in which they are asked for."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="proof")
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    async def run(
        self,
        work: Callable[..., T],
        *args: object,
        seconds: float,
        on_progress: Progress | None = None,
    ) -> T:
        """What `work(*args)` returns, asked of the process. With `on_progress` it is given
        that name as well, and what it tells is told here, between other things.

        Args:
            work: a function of a module; its arguments and result can be pickled.
            seconds: how long it may be silent.

        Raises:
            StoppedError: it was silent for too long, or `stop` was called.
            ModerationError: as it raised itself.
        """
        loop = asyncio.get_running_loop()

        def tell(done: int, of: int) -> None:
            if on_progress is not None and not loop.is_closed():
                loop.call_soon_threadsafe(on_progress, done, of)

        given = (work, args, on_progress is not None)
        result = await asyncio.wrap_future(self._thread.submit(self._asked, given, seconds, tell))
        return cast(T, result)

    def stop(self) -> None:
        """End what is under way; another process takes its place when there is more."""
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """End what is under way, and start nothing new."""
        self._closed = True
        self._thread.shutdown(wait=False, cancel_futures=True)
        process = self._process
        if process is not None:
            process.kill()
            process.wait()

    def _asked(self, given: object, seconds: float, tell: Progress) -> object:
        process = self._ready()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            pickle.dump(given, process.stdin)
            process.stdin.flush()
            # To start, and to read the program itself, is no fault of the work.
            _answer(process, process.stdout, _START_SECONDS)
            while True:
                kind, value = _answer(process, process.stdout, seconds)
                if kind == "told":
                    tell(*cast("tuple[int, int]", value))
                elif kind == "failed":
                    raise cast(ModerationError, value)
                else:
                    return value
        except (EOFError, OSError, pickle.UnpicklingError):
            self._forget()
            raise StoppedError("it was stopped") from None

    def _ready(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self._forget()
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - this program's own
                _COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            if self._closed:
                self._process.kill()
        return self._process

    def _forget(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):
                    assert pipe is not None
                    pipe.close()


def _answer(
    process: subprocess.Popen[bytes], pipe: IO[bytes], seconds: float
) -> tuple[str, object]:
    """The next thing that the process says. Raises EOFError when it has ended."""
    began = time.monotonic()
    limit = Timer(seconds, process.kill)
    limit.daemon = True
    limit.start()
    try:
        return cast("tuple[str, object]", pickle.load(pipe))  # noqa: S301 - our own process
    except EOFError:
        if time.monotonic() - began >= seconds:
            raise StoppedError(f"it took longer than {seconds:g} seconds and was stopped") from None
        raise
    finally:
        limit.cancel()


def serve() -> None:
    """Do what is asked for on stdin, until the app is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Whatever prints must not stand between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), 1)

    def say(kind: str, value: object) -> None:
        pickle.dump((kind, value), answers)
        answers.flush()

    with suppress(EOFError, OSError):
        while True:
            work, args, tells = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the app
            say("begun", None)
            more = {"on_progress": lambda done, of: say("told", (done, of))} if tells else {}
            try:
                said: tuple[str, object] = "done", work(*args, **more)
            except ModerationError as error:
                said = "failed", error
            except BrokenPipeError:
                return
            except Exception as error:
                # A traceback would be written over the screen.
                said = "failed", ModerationError(f"{type(error).__name__}: {error}")
            say(*said)
