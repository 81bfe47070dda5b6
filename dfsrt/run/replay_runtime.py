"""The engine of a replay: chosen, run, and its rows written where they are wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.base.files import write_atomically
from dfsrt.governor import Governor
from dfsrt.governor.registry import label
from dfsrt.power.table import LayerTable
from dfsrt.report.exports import EXPORT_CHUNK, Served
from dfsrt.report.parquet import ParquetLog, about_run
from dfsrt.report.totals import Totals
from dfsrt.run.api import STEPS, Job
from dfsrt.run.cap import PowerCap
from dfsrt.run.queue import NEVER_NS, Queue, Status
from dfsrt.run.replay import Replay
from dfsrt.run.replay_engine import KernelReplay
from dfsrt.run.runtime import CHUNK, Consumer


def make_runtime(
    table: LayerTable,
    governor: Governor,
    cap: PowerCap,
    queue: Queue,
    least_ns: int = 0,
    until_ns: int = NEVER_NS,
    on_request: Callable[[int], None] | None = None,
    step: str = "layer",
    every_row: bool = True,
) -> Replay:
    """Return the runtime of a replay; ``step`` is ``layer``, or ``kernel`` or ``auto`` alike.

    Raises:
        InputError: another ``step``.
    """
    if step not in STEPS:
        raise InputError(f"step '{step}' is unknown; use one of {', '.join(STEPS)}")
    made = Replay if step == "layer" else KernelReplay
    runtime = made(table, governor, cap, queue, least_ns, until_ns, on_request)
    runtime.every_row = every_row
    return runtime


def served(queue: Queue, totals: Totals, names: Sequence[str], last_level: int) -> Served:
    """Return the requests that were served to their end, each called by its workload."""
    done = np.flatnonzero(queue.status == Status.DONE)
    called = [names[w] for w in queue.workload[done].tolist()]
    return Served(totals, called, queue.admit_ns[done], queue.finish_ns[done], last_level)


def stream(
    runtime: Replay,
    consumers: tuple[Consumer, ...],
    log: str | Path | None,
    base: Job,
    governor: Governor,
) -> None:
    """Run to the end with ``consumers``; with ``log``, a row each layer execution goes there.

    Raises:
        OutputError: the file cannot be written.
    """
    chunk = EXPORT_CHUNK if runtime.every_row else CHUNK
    if log is None:
        runtime.stream(*consumers, chunk=chunk)
        return
    about = about_run(runtime.table, label(governor), base.seed, str(runtime.cap.domain))

    def write(beside: Path) -> None:
        with ParquetLog(beside, about) as parquet:
            runtime.stream(*consumers, parquet, chunk=CHUNK)

    write_atomically(Path(log), write)
