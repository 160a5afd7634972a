"""Batches assessed by processes of their own, each with the rules and the model once.

Not concurrent.futures' pool of processes: its thread waits for ever for what a process that was
ended at the wrong moment had begun to send, and the program with it.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from moderation.assessing import Assessed, Assessor, Batch
from moderation.comments import Comment
from moderation.errors import ModelError, ModerationError
from moderation.pickling import pickled

# Not forked: the threads of this process would not be there, their locks would.
_SPAWN = multiprocessing.get_context("spawn")


class Pool:
    """So many processes. Each works on one core: the threads that the model would use are
    shared out among them. Safe to share between threads; `close` it."""

    def __init__(self, assessor: Assessor, jobs: int) -> None:
        """The processes load the model by its name, which must be one of `models.load`.

        Args:
            assessor: what each of them is to do.
            jobs: how many, at least 1.
        """
        self.jobs = jobs
        self._setting = pickled(assessor.rules), assessor.model.name, assessor.model.fingerprint
        # A thread to each process: it starts it, and waits for its answers.
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="job")
        self._own = threading.local()
        self._lock = threading.Lock()
        self._processes: list[BaseProcess] = []
        self._over = False

    def submit(self, batch: Batch) -> Callable[[], Assessed]:
        """Have it assessed. What is returned waits for the result, and raises ModelError
        where a process died or the model could not score."""
        # The comments do not travel back: most of what is sent would be their texts.
        future = self._threads.submit(self._ask, pickled(batch))
        return lambda: _result(future, batch)

    def close(self) -> None:
        """End the processes; what is under way is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            self._over = True
            for process in self._processes:
                process.terminate()
        for process in self._processes:
            process.join()
        self._threads.shutdown()  # nobody holds the other ends of their pipes any more

    def _ask(self, data: bytes) -> bytes:
        try:
            connection = self._connection()
            connection.send_bytes(data)
            return connection.recv_bytes()
        except (EOFError, OSError):
            raise ModelError(
                "a process of the scan died",
                hint="often the memory does not suffice: try fewer --jobs",
            ) from None

    def _connection(self) -> Connection:
        """To the process of this thread, which is started where there is none yet."""
        if not hasattr(self._own, "connection"):
            ours, theirs = _SPAWN.Pipe()
            process = _SPAWN.Process(target=_work, args=(theirs, *self._setting), daemon=True)
            # Ctrl-C reaches all processes of a terminal: this one ends the others. It is kept
            # from them from their very start, and by the way from this thread. The tracker
            # that is started before the first of them would let it in again.
            if sys.platform != "win32":
                resource_tracker.ensure_running()
                signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            with theirs, self._lock:
                if self._over:
                    raise EOFError
                process.start()
                self._processes.append(process)
            self._own.connection = ours
        connection: Connection = self._own.connection
        return connection


def _result(future: Future[bytes], batch: Batch) -> Assessed:
    found = pickle.loads(future.result())  # noqa: S301 - from our own process
    if isinstance(found, Exception):
        raise found
    assert isinstance(found, Assessed)
    for place, comment in enumerate(batch.comments):
        found.assessments[place] = replace(found.assessments[place], comment=comment)
    return found


#: Stands for the comment of each assessment on its way back.
_NOBODY = Comment(id="", text="")


def _work(connection: Connection, rules: bytes, model: str, fingerprint: str) -> None:
    """In the new process: answer until there is nobody to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    assessor: Assessor | None = None
    while True:
        try:
            data = connection.recv_bytes()
        except EOFError:
            return
        answer: Assessed | Exception
        try:
            if assessor is None:
                assessor = _made(rules, model, fingerprint)
            answer = _assessed(assessor, data)
        except ModerationError as error:
            answer = error
        except Exception:  # a bug; not every exception can be sent
            answer = RuntimeError(traceback.format_exc())
        connection.send_bytes(pickled(answer))


def _end_with_parent() -> None:
    """A process whose parent was killed would work on for nobody."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)


def _assessed(assessor: Assessor, data: bytes) -> Assessed:
    batch: Batch = pickle.loads(data)  # noqa: S301 - from our own process
    found = assessor.assess(batch)
    return Assessed([replace(one, comment=_NOBODY) for one in found.assessments], found.scored)


def _made(rules: bytes, model: str, fingerprint: str) -> Assessor:
    from moderation import models

    loaded = models.load(model, threads=1)
    if loaded.fingerprint != fingerprint:
        raise ModelError("the model was changed while it was loaded", where=model)
    return Assessor(pickle.loads(rules), loaded)  # noqa: S301 - from our own process
