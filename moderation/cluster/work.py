"""What the machines do: read files, assess chunks of comments, write parts.

A chunk is known by its place in the input, so that work which is done again, since a
machine died, gives the same chunk and the same part under the same name.
"""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from moderation import __version__
from moderation.cluster import files, rows
from moderation.cluster.plan import Place, Plan, Tally
from moderation.comments import Assessment, Comment
from moderation.errors import InputError, ModelError
from moderation.pickling import pickled
from moderation.rules.matching.state import Around, History
from moderation.scan import BATCH, Scanner

#: Comments in a chunk, and about how many characters: what is lost when a process dies.
CHUNK = 1024
_MOST_CHARACTERS = 4_000_000
#: Chunks in a part, at most: about 10 MB of results.
PART = 128
#: Seconds between two tries to write a part.
_PAUSES = (1, 5, 15)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some comments in order, what is known around each, and what reading them told."""

    comments: list[Comment]
    around: list[Around]
    told: Tally


def read(row: Mapping[str, Any], plan: Plan) -> Iterator[dict[str, Any]]:
    """The chunks of a group of inputs, read one after the other: `group` is its number,
    `places` the pickled inputs."""
    group: tuple[Place, ...] = pickle.loads(row["places"])  # noqa: S301 - from the driver
    history = History(plan.tests, now=plan.now)
    told = Tally()
    chunk: list[Comment] = []
    around: list[Around] = []
    size = first = 0

    def full() -> dict[str, Any]:
        nonlocal chunk, around, told, size, first
        told.summary.rejected = len(told.rejects)
        done = {
            "group": row["group"],
            "first": first,
            "chunk": pickled(Chunk(chunk, around, told)),
        }
        first += len(chunk)
        chunk, around, told, size = [], [], Tally(), 0
        return done

    for place in group:
        for comment in files.comments(
            place,
            plan.read,
            on_reject=lambda reject: told.rejects.append(reject),
            on_note=lambda note: told.notes.append(note),
        ):
            chunk.append(comment)
            around.append(history.around(comment))
            size += len(comment.text)
            if len(chunk) + len(told.rejects) >= CHUNK or size > _MOST_CHARACTERS:
                yield full()
    if chunk or told.rejects or told.notes:
        yield full()


class Assess:
    """Chunks to tables of results. A process has one, with the rules and the model once,
    on one core."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._columns = rows.schema(plan.labels)
        # What can fail waits for the first chunk, whose failure is told.
        self._scanner: Scanner | None = None

    def __call__(self, batch: pa.Table) -> pa.Table:
        return pa.Table.from_pylist([self._assessed(row) for row in batch.to_pylist()])

    def _assessed(self, row: dict[str, Any]) -> dict[str, Any]:
        self._scanner = self._scanner or _scanner(self._plan)
        chunk: Chunk = pickle.loads(row["chunk"])  # noqa: S301 - from `read`
        tally, reported = chunk.told, []
        least = self._plan.least.rank
        for assessment in _assessments(self._scanner, chunk):
            severity = assessment.severity
            selected = severity is None or severity.rank >= least
            tally.add(assessment, selected=selected)
            if selected:
                reported.append(assessment)
        table = rows.table(reported, self._columns, self._plan.show_text)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, self._columns) as stream:
            stream.write_table(table)
        return {
            "group": row["group"],
            "first": row["first"],
            "table": sink.getvalue().to_pybytes(),
            "tally": pickle.dumps(tally),
        }


def _assessments(scanner: Scanner, chunk: Chunk) -> Iterator[Assessment]:
    for start in range(0, len(chunk.comments), BATCH):
        end = start + BATCH
        yield from scanner.assess_batch(chunk.comments[start:end], chunk.around[start:end])


def write(batch: pa.Table, plan: Plan) -> pa.Table:
    """One part of these chunks' results; what is left is their tally."""
    chunks = sorted(batch.to_pylist(), key=lambda row: (row["group"], row["first"]))
    tally = Tally()
    for row in chunks:
        tally.include(pickle.loads(row["tally"]))  # noqa: S301 - from `Assess`
    tables = [pa.ipc.open_stream(row["table"]).read_all() for row in chunks]
    table = pa.concat_tables(tables)
    if table.num_rows:
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd")
        # No other part holds this chunk.
        name = f"part-{chunks[0]['group']:05}-{chunks[0]['first']:012}.parquet"
        _written(files.Output(plan.output), name, sink.getvalue().to_pybytes())
        tally.parts = 1
    return pa.Table.from_pylist([{"tally": pickle.dumps(tally)}])


def _written(output: files.Output, name: str, data: bytes) -> None:
    """Write a part, and again where the place is not at hand for a moment."""
    for pause in _PAUSES:
        try:
            return output.write(name, data)
        except OSError:
            time.sleep(pause)
    try:
        output.write(name, data)
    except OSError as error:
        raise InputError(
            f"cannot write a part: {error}", where=f"{output.address}/{name}"
        ) from None
    return None


def _scanner(plan: Plan) -> Scanner:
    from moderation import models

    if plan.version != __version__:
        raise ModelError(
            f"a machine has moderation {__version__}, this one {plan.version}",
            hint="install the same version everywhere",
        )
    # A model's folder may be named from where the scan was begun.
    with suppress(OSError):
        os.chdir(plan.folder)
    model = models.load(plan.model, threads=1)
    if model.fingerprint != plan.fingerprint:
        raise ModelError("a machine has another model of this name", where=plan.model)
    return Scanner(pickle.loads(plan.rules), model)  # noqa: S301 - from the driver
