"""Has a cluster scan: the one Ray program."""

from __future__ import annotations

import io
import logging
import os
import pickle
import secrets
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout

from moderation.cluster.plan import Place, Plan, Tally
from moderation.errors import InputError, MissingExtraError, ModelError, ModerationError

_ADDRESS = "RAY_ADDRESS"
# Ray looks at these while it is imported. It tells nobody what is done here; and the ports of
# a cluster of our own are open to the network, so that only who knows a secret may use them.
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
# Its native part warns of each actor that Ray Data makes.
os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
if _ADDRESS not in os.environ:
    os.environ.setdefault("RAY_AUTH_MODE", "token")
    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
try:
    import ray
    import ray.data
    from ray.exceptions import (
        ActorDiedError,
        ActorUnavailableError,
        OutOfMemoryError,
        RayError,
    )
    from ray.util.annotations import RayDeprecationWarning

    from moderation.cluster import work
    from moderation.cluster.files import Output
except ModuleNotFoundError:
    raise MissingExtraError("--engine ray", "ray") from None

#: How often a chunk is tried whose process dies, before the scan ends.
_TRIES = 4
#: In bytes. Small, so that each chunk is a block, and goes where there is room for it.
_BLOCK = 1


@contextmanager
def cluster(say: Callable[[str], None] = lambda _: None) -> Iterator[None]:
    """The cluster that RAY_ADDRESS names; without it one of this machine alone, for as long
    as this lasts. `say` is told, in its own untrusted words, what went wrong and was done
    again; nothing else can be written to stdout meanwhile.

    Raises InputError where the cluster cannot be reached.
    """
    address = os.environ.get(_ADDRESS)
    quiet = {"logging_level": logging.ERROR, "log_to_driver": False}
    try:
        with _without_stderr():
            if address:
                ray.init(address, **quiet)
            else:
                ray.init("local", include_dashboard=False, **quiet)
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        raise InputError(
            f"no Ray cluster: {str(error).partition(chr(10))[0][:300]}",
            where=address or "this machine",
            hint=f"{_ADDRESS} says where one is" if address else "",
        ) from None
    with redirect_stdout(_Lines(say)):  # where Ray writes such things, some at the very end
        try:
            yield
        finally:
            ray.shutdown()


class _Lines(io.TextIOBase):
    """What is written, line by line, to a function."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._begun = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            self._say(line)
        return len(text)


@contextmanager
def _without_stderr() -> Iterator[None]:
    """Ray's native part says there that it will say nothing; errors are exceptions."""
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def scan(plan: Plan, places: Sequence[Place], *, jobs: int | None = None) -> Iterator[Tally]:
    """Inside `cluster`: do it, and tell what each part came to as it is written, in no
    particular order. What a process was at when it died is done again.

    Args:
        jobs: processes that assess, each on a core; None: as many as the cluster has cores.

    Raises:
        ModelError: the model could not be loaded or could not score; a chunk ended the
            process in each of its tries; a part could not be written.
        InputError: not all parts can be seen from here at the end.
    """
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    context.raise_original_map_exception = True
    context.target_max_block_size = _BLOCK
    # What it says of errors is raised as well, and can quote comments.
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    jobs = jobs or max(1, int(ray.cluster_resources().get("CPU", 1)))
    groups = [
        {"group": number, "places": pickle.dumps(group)}
        for number, group in enumerate(plan.groups(places))
    ]
    # Reading and writing take little: they never wait for a core that assessing holds.
    aside = max(2, jobs // 4)
    reading = ray.data.TaskPoolStrategy(size=min(aside, len(groups)))
    # Up to Ray 2.63 there is one way to say how often, and it is said to end with that.
    warnings.simplefilter("ignore", RayDeprecationWarning)
    warnings.filterwarnings("ignore", "The maximum number of concurrent tasks")  # of few chunks
    done = (
        ray.data.from_items(groups, override_num_blocks=len(groups))
        .flat_map(work.read, fn_kwargs={"plan": plan}, compute=reading, num_cpus=0)
        .map_batches(
            work.Assess,
            fn_constructor_kwargs={"plan": plan},
            batch_size=1,
            batch_format="pyarrow",
            compute=ray.data.ActorPoolStrategy(min_size=1, max_size=jobs),
            num_cpus=1,
            max_task_retries=_TRIES - 1,
        )
        .map_batches(
            work.write,
            fn_kwargs={"plan": plan},
            batch_size=work.PART,
            batch_format="pyarrow",
            compute=ray.data.TaskPoolStrategy(size=aside),
            num_cpus=0,
        )
    )
    parts = 0
    try:
        for row in done.iter_rows():
            tally: Tally = pickle.loads(row["tally"])  # noqa: S301 - from `work.write`
            parts += tally.parts
            yield tally
    except RayError as error:
        raise _ours(error) from None
    if (seen := Output(plan.output).parts()) != parts:
        raise InputError(
            f"{parts - seen} of {parts} parts cannot be seen from here",
            where=plan.output,
            hint="a local path must be the same folder on every machine; or name an address, "
            "such as s3://…",
        )


def _ours(error: RayError) -> ModerationError:
    """The error of ours that ended a task, or else one that says how it ended."""
    cause: BaseException = error
    while (inner := getattr(cause, "cause", None) or cause.__cause__) is not None:
        cause = inner
    if isinstance(cause, ModerationError):
        return cause
    if isinstance(error, (ActorDiedError, ActorUnavailableError, OutOfMemoryError)):
        return ModelError(
            f"a process of the scan died {_TRIES} times at the same comments",
            hint="often the memory does not suffice: try fewer --jobs, or larger machines",
        )
    first = str(error).strip().partition("\n")[0][:500]
    return ModelError(f"the cluster could not go on: {type(error).__name__}: {first}")
