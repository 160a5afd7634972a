"""Batches assessed by processes of their own, each with the rules and the model once."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing.connection import wait

from moderation.assessing import Assessed, Assessor, Batch
from moderation.comments import Comment
from moderation.errors import ModelError
from moderation.pickling import pickled


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
        self._executor = ProcessPoolExecutor(
            jobs,
            # Not forked: the threads of this process would not be there, their locks would.
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(
                pickled(assessor.rules),
                assessor.model.name,
                assessor.model.fingerprint,
            ),
        )

    def submit(self, batch: Batch) -> Callable[[], Assessed]:
        """Have it assessed. What is returned waits for the result. Both raise ModelError
        where a process died, the latter also where the model could not score."""
        # The comments do not travel back: most of what is sent would be their texts.
        try:
            future = self._executor.submit(_work, pickled(batch))
        except BrokenProcessPool:
            raise _died() from None
        return lambda: _result(future, batch)

    def close(self) -> None:
        """End the processes; what is under way is not waited for."""
        processes = list((self._executor._processes or {}).values())
        self._executor.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()


def _result(future: Future[bytes], batch: Batch) -> Assessed:
    try:
        found: Assessed = pickle.loads(future.result())  # noqa: S301 - from our own process
    except BrokenProcessPool:
        raise _died() from None
    for place, comment in enumerate(batch.comments):
        found.assessments[place] = replace(found.assessments[place], comment=comment)
    return found


def _died() -> ModelError:
    return ModelError(
        "a process of the scan died",
        hint="often the memory does not suffice: try fewer --jobs",
    )


#: Stands for the comment of each assessment on its way back.
_NOBODY = Comment(id="", text="")

_setting: tuple[bytes, str, str] | None = None
_assessor: Assessor | None = None


def _begin(rules: bytes, model: str, fingerprint: str) -> None:
    """In the new process: take note. What can fail waits for the first batch, whose
    failure is told."""
    global _setting
    # Ctrl-C reaches all processes of a terminal: the first one ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _setting = rules, model, fingerprint


def _end_with_parent() -> None:
    """A process whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)


def _work(data: bytes) -> bytes:
    global _assessor
    if _assessor is None:
        assert _setting is not None
        _assessor = _made(*_setting)
    batch: Batch = pickle.loads(data)  # noqa: S301 - from our own process
    found = _assessor.assess(batch)
    without = [replace(one, comment=_NOBODY) for one in found.assessments]
    return pickled(Assessed(without, found.scored))


def _made(rules: bytes, model: str, fingerprint: str) -> Assessor:
    from moderation import models

    loaded = models.load(model, threads=1)
    if loaded.fingerprint != fingerprint:
        raise ModelError("the model was changed while it was loaded", where=model)
    return Assessor(pickle.loads(rules), loaded)  # noqa: S301 - from our own process
