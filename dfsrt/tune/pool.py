"""Workers: cores of this machine, or those of a Dask cluster, through joblib."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, TypeAlias

from dfsrt.errors import InputError
from dfsrt.tune.cell import Outcome, Task
from dfsrt.tune.extras import need

Evaluate: TypeAlias = Callable[[Task], Outcome]
Pool: TypeAlias = Callable[[Sequence[Task]], Iterator[Outcome]]

IDLE_S = 30
"""Worker processes whose tuner was killed end after so long."""
CONNECT_S = 10


@contextmanager
def open_pool(workers: int, dask: str | None, evaluate: Evaluate) -> Iterator[Pool]:
    """Yield a function that has tasks evaluated and yields outcomes as they are ready.

    ``dask`` is a scheduler's address; without it, ``workers`` processes of this machine, or this
    process alone where there is one.

    Raises:
        InputError: fewer workers than one, or a scheduler that does not answer.
    """
    from joblib import Parallel, delayed, parallel_config

    if workers < 1:
        raise InputError(f"workers {workers} is out of range; give 1 or more")
    with ExitStack() as stack:
        if dask is not None:
            stack.enter_context(_client(dask))
            stack.enter_context(parallel_config(backend="dask"))
            workers = -1
        elif workers > 1:
            stack.enter_context(parallel_config(backend="loky", idle_worker_timeout=IDLE_S))
        parallel = stack.enter_context(
            Parallel(n_jobs=workers, return_as="generator_unordered", pre_dispatch="all")
        )
        yield lambda tasks: parallel(delayed(evaluate)(task) for task in tasks)


@contextmanager
def _client(address: str) -> Iterator[None]:
    need("distributed")
    import distributed

    connect: Any = distributed.Client  # untyped
    try:
        client = connect(address, timeout=CONNECT_S)
    except (OSError, ValueError) as error:
        raise InputError(
            f"no Dask scheduler answers at '{address}'; start one with 'dask scheduler' and give "
            "its address, like tcp://192.0.2.1:8786"
        ) from error
    with client:
        if not client.scheduler_info()["workers"]:
            raise InputError(
                f"the Dask scheduler at '{address}' has no worker; start some with "
                f"'dask worker {address}'"
            )
        yield
