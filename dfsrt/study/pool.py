"""Workers: cores of this machine, or those of a Dask cluster, through joblib."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from dfsrt.base.errors import InputError
from dfsrt.base.extras import need
from dfsrt.base.output_set import guarded, named_outputs
from dfsrt.base.undisturbed import undisturbed
from dfsrt.study.cell import Outcome, Task

if TYPE_CHECKING:
    from joblib import Parallel

Work = TypeVar("Work")
Done = TypeVar("Done")
Evaluate: TypeAlias = Callable[[Task], Outcome]

IDLE_S = 30
"""Worker processes without work end after so long."""
WATCH_S = 0.5
"""How often a worker looks whether there is still somebody to work for."""
CONNECT_S = 10


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def most_workers() -> int:
    """Return how many processes may work at once: four a core, and sixteen on small machines."""
    return max(16, 4 * usable_cores())


def check_workers(workers: int) -> None:
    """Check that so many processes may work at once.

    Raises:
        InputError: fewer than one, or more than ``most_workers``.
    """
    if not 1 <= workers <= most_workers():
        raise InputError(
            f"workers {workers} is out of range; give 1 to {most_workers()}, four a core"
        )


@dataclass(frozen=True, slots=True)
class Orphanless(Generic[Work, Done]):
    """Evaluates as ``evaluate`` does, in a worker that ends when process ``parent`` has ended.

    Nothing is read there that the command will write over: ``outputs``.
    """

    parent: int
    outputs: dict[Path, Path]
    evaluate: Callable[[Work], Done]

    def __call__(self, task: Work) -> Done:
        """Return what ``evaluate`` returns."""
        watch_parent(self.parent)
        with guarded(self.outputs):
            return self.evaluate(task)


@cache
def watch_parent(parent: int) -> None:
    """Let this process end within ``WATCH_S`` after its parent, killed or not, has ended."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(WATCH_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@dataclass(frozen=True, slots=True)
class Pool(Generic[Work, Done]):
    """Has tasks evaluated by ``workers`` at a time."""

    workers: int
    evaluate: Callable[[Work], Done]
    parallel: Parallel

    def outcomes(self, tasks: Sequence[Work]) -> Iterator[Done]:
        """Yield the outcome of each task as it is ready, in no order."""
        from joblib import delayed

        yield from self.parallel(delayed(self.evaluate)(task) for task in tasks)


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Let processes that begin here be deaf to Ctrl-C for good; this one answers it afterwards.

    Ignoring it would lose one that comes meanwhile.
    """
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield  # where no signal arrives, or none can be kept from processes
        return
    with undisturbed():
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def _begin(parallel: Parallel) -> None:
    """Begin the worker processes, which is done by the first task."""
    from joblib import delayed

    with _deaf_to_ctrl_c():
        begun = parallel([delayed(watch_parent)(os.getpid())])
    for _ in begun:
        pass


@contextmanager
def open_pool(
    workers: int, dask: str | None, evaluate: Callable[[Work], Done]
) -> Iterator[Pool[Work, Done]]:
    """Yield the workers of the Dask scheduler at ``dask``, or else ``workers`` processes.

    One worker is this process itself.

    Raises:
        InputError: fewer workers than one, more than ``most_workers``, or a scheduler that does not
            answer.
    """
    from joblib import Parallel, parallel_config

    check_workers(workers)
    with ExitStack() as stack:
        if dask is not None:
            workers = stack.enter_context(_client(dask))
            stack.enter_context(parallel_config(backend="dask"))
        elif workers > 1:
            stack.enter_context(parallel_config(backend="loky", idle_worker_timeout=IDLE_S))
            evaluate = Orphanless(os.getpid(), named_outputs(), evaluate)
        _hush()
        parallel = stack.enter_context(
            Parallel(n_jobs=workers, return_as="generator_unordered", pre_dispatch="all")
        )
        if dask is None and workers > 1:
            _begin(parallel)
        yield Pool(workers, evaluate, parallel)


@cache
def _hush() -> None:
    """Keep quiet what joblib says of tasks that are called off: a thread that stumbles over them,
    and the process that then removes what they held."""
    before = threading.excepthook

    def hook(args: threading.ExceptHookArgs) -> None:
        if args.exc_type is not KeyError or "ExecutorManager" not in str(args.thread):
            before(args)

    threading.excepthook = hook
    said = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = ",".join(filter(None, (said, "ignore:resource_tracker")))


@contextmanager
def _client(address: str) -> Iterator[int]:
    """Connect to a scheduler; yields how many tasks its workers run at a time."""
    need("distributed")
    import distributed

    ask: Callable[[distributed.Client], dict[str, int]] = distributed.Client.ncores
    connect: Callable[..., distributed.Client] = distributed.Client
    try:
        client = connect(address, timeout=CONNECT_S)
    except (OSError, ValueError) as error:
        raise InputError(
            f"no Dask scheduler answers at '{address}'; start one with 'dask scheduler' and give "
            "its address, like tcp://192.0.2.1:8786"
        ) from error
    with client:
        cores = sum(ask(client).values())
        if not cores:
            raise InputError(
                f"the Dask scheduler at '{address}' has no worker; start some with "
                f"'dask worker {address}'"
            )
        yield cores
