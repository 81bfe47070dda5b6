"""Choosing the engine of a replay."""

from __future__ import annotations

from collections.abc import Callable

from dfsrt.api import STEPS
from dfsrt.errors import InputError
from dfsrt.governor import Governor
from dfsrt.runtime.cap import PowerCap
from dfsrt.runtime.queue import NEVER_NS, Queue
from dfsrt.runtime.replay import Replay
from dfsrt.runtime.replay_engine import KernelReplay
from dfsrt.runtime.table import LayerTable


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
