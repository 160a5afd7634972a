"""Models side by side: how soon they are ready, how much memory they take, how fast they are.

Each model works in a process of its own, so that none sees another's memory, threads or
libraries. They take turns, round by round, on the same texts: whatever else the machine
does meanwhile slows all of them alike, and of the rounds the median counts.
"""

from __future__ import annotations

import multiprocessing
import re
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import fmean, median
from typing import Any, NamedTuple

from moderation import models
from moderation.errors import ModelError, ModerationError
from moderation.models import memory
from moderation.models.download import Progress

BATCH = 256
ROUNDS = 5

#: Texts scored before any time is taken: what a model does once, it has then done.
_WARM_UP = 2
_KILLED = -9
#: What Linux calls the instructions that make 8-bit models fast, and what people do.
_INSTRUCTIONS = {
    "avx512_vnni": "AVX-512 VNNI",
    "avx_vnni": "AVX VNNI",
    "amx_int8": "AMX",
    "asimddp": "NEON dot product",
    "i8mm": "NEON int8 matrices",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """What one model took.

    Attributes:
        name: as it was asked for.
        fingerprint: see `Model.fingerprint`.
        load: seconds, imports included.
        memory: bytes that the process holds once the model is loaded and did not before;
            None where the system does not tell.
        peak: the most bytes beyond these while it scored.
        tokens: that it reads of a text on the mean; None: it does not read tokens.
        single: texts per second, one at a time.
        batched: texts per second, `BATCH` at a time.
    """

    name: str
    fingerprint: str
    load: float
    memory: int | None
    peak: int | None
    tokens: float | None
    single: float
    batched: float


def measure(
    names: Sequence[str],
    texts: Sequence[str],
    *,
    rounds: int = ROUNDS,
    on_step: Callable[[str, float], None] | None = None,
    progress: Callable[[str], Progress] | None = None,
) -> list[Measured]:
    """Measure each model on the same texts.

    No process is left behind, whatever is raised.

    Args:
        names: as `models.load` takes them; one may stand there more than once.
        texts: at least one.
        on_step: told what comes next, and the share (0..1) that is done.
        progress: gives for a name what is told of its download's bytes.

    Raises:
        ModerationError: a model cannot be loaded (see `models.load`) or cannot score.
    """
    steps = len(names) * (rounds + 1)
    done = 0

    def next_step(what: str) -> None:
        nonlocal done
        if on_step:
            on_step(what, done / steps)
        done += 1

    with ExitStack() as stack:
        workers = []
        for name in names:
            next_step(f"loading {name}")
            worker = _Worker(name, texts, progress(name) if progress else None)
            workers.append(stack.enter_context(worker))
        taken: list[list[_Times]] = [[] for _ in workers]
        for number in range(rounds):
            for worker, times in zip(workers, taken, strict=True):
                next_step(f"round {number + 1} of {rounds}: {worker.name}")
                times.append(worker.ask("score"))
        return [
            Measured(
                worker.name,
                worker.loaded.fingerprint,
                worker.loaded.seconds,
                worker.loaded.memory,
                worker.ask("peak"),
                worker.loaded.tokens,
                single=len(texts) / median(each.single for each in times),
                batched=len(texts) / median(each.batched for each in times),
            )
            for worker, times in zip(workers, taken, strict=True)
        ]


def instructions(cpuinfo: Path = Path("/proc/cpuinfo")) -> list[str]:
    """The processor's instructions that make 8-bit models fast, as far as it is known."""
    try:
        found = re.search(r"^(?:flags|Features)\s*:(.*)$", cpuinfo.read_text(), re.MULTILINE)
    except OSError:
        found = None
    flags = found.group(1).split() if found else ()
    return [words for flag, words in _INSTRUCTIONS.items() if flag in flags]


class _Loaded(NamedTuple):
    fingerprint: str
    seconds: float
    memory: int | None
    tokens: float | None
    downloaded: bool


class _Times(NamedTuple):
    """Seconds for all texts."""

    single: float
    batched: float


class _Worker:
    """A model in a process of its own."""

    def __init__(self, name: str, texts: Sequence[str], progress: Progress | None) -> None:
        self.name = name
        self._given = (name, list(texts))
        self._progress = progress

    def __enter__(self) -> _Worker:
        try:
            self.loaded = self._start()
            if self.loaded.downloaded:
                # That took the network's time; from now on it is loaded from the disk.
                self._end()
                self.loaded = self._start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def ask(self, question: str) -> Any:
        with suppress(OSError):  # that it has ended is told by what it answers
            self._connection.send(question)
        return self._answer()

    def _start(self) -> _Loaded:
        context = multiprocessing.get_context("spawn")
        self._connection, far = context.Pipe()
        self._process = context.Process(target=_work, args=(far, *self._given), daemon=True)
        with _deaf():
            self._process.start()
        far.close()
        loaded: _Loaded = self._answer()
        return loaded

    def _answer(self) -> Any:
        while True:
            try:
                answer = self._connection.recv()
            except (EOFError, OSError) as error:
                self._process.join()
                code = self._process.exitcode
                raise ModelError(
                    f"the process that ran {self.name} ended (exit code {code})",
                    hint="most often that is too little memory" if code == _KILLED else "",
                ) from error
            if isinstance(answer, Exception):
                raise answer
            if not isinstance(answer, _Downloaded):
                return answer
            if self._progress:
                self._progress(*answer)

    def _end(self) -> None:
        if self._process.pid is not None:  # it could be started
            self._process.kill()
            self._process.join()
        self._connection.close()


class _Downloaded(NamedTuple):
    have: int
    total: int | None


@contextmanager
def _deaf() -> Iterator[None]:
    """A process that is started here never hears an interrupt: it is this one's to tell."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # which would lift the block
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(connection: Connection, name: str, texts: list[str]) -> None:
    """In the process of its own: load, then answer until the other side has gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    downloads = []

    def progress(count: int, total: int | None) -> None:
        downloads.append(count)
        connection.send(_Downloaded(count, total))

    try:
        before, began = memory.resident(), time.perf_counter()
        model = models.load(name, progress=progress)
        # A cascade loads its larger part when a text first needs it: here with the rest.
        getattr(model, "transformer", lambda: None)()
        seconds = time.perf_counter() - began
        held = memory.resident()
        memory.forget_peak()
        model.score(texts[:_WARM_UP])
        tokens = getattr(model, "tokens", None)
        mean = fmean(map(tokens, texts)) if tokens else None
        added = _beyond(held, before)
        connection.send(_Loaded(model.fingerprint, seconds, added, mean, bool(downloads)))
        while True:
            if connection.recv() == "peak":
                connection.send(_beyond(memory.peak(), held))
                continue
            began = time.perf_counter()
            for text in texts:
                model.score([text])
            middle = time.perf_counter()
            for start in range(0, len(texts), BATCH):
                model.score(texts[start : start + BATCH])
            connection.send(_Times(middle - began, time.perf_counter() - middle))
    except (EOFError, BrokenPipeError):
        return
    except ModerationError as error:
        connection.send(error)
    except Exception:  # a bug: its place must reach whoever reports it, by the same way
        connection.send(RuntimeError(traceback.format_exc()))


def _beyond(now: int | None, before: int | None) -> int | None:
    return None if now is None or before is None else max(0, now - before)
