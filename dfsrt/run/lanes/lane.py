"""A lane's state: the request that has it, and how far its present layer has got."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from dfsrt.base.arrays import Ints
from dfsrt.run.queue_state import NOBODY
from dfsrt.run.recorder import COLUMNS, IDLE

REST, WORK, ENDED = range(3)
"""What a lane does: nothing, a layer, or its layer has ended and the queue is not told yet."""
ONE = 1_000_000
"""Shares are in millionths: of the memory's bandwidth, of a layer's own pace, of a layer."""
UNBEGUN = -1
"""In place of what is left of a launch: a layer taken up, at a clock that is yet to be set."""
LANE_COLUMNS = (*COLUMNS, "lane", "done", "ends")
"""What a row of a lane holds: a layer execution, a part of one, or an idle stretch.

``done`` are the millionths of the layer that are in the row, by the time that they take alone, and
``ends`` is 1 where the layer ends with it. Rows are cut where the clock or the rail's target
changes.
"""


@dataclass(slots=True)
class Lane:
    """One core at work, or a group of them.

    ``current`` is the slot that has it, else -1; ``doing`` one of the constants above. A row began
    at ``begin_ns`` with a stall of ``stall_ns``. What is left of the layer: ``stalled_ns`` of the
    stall, ``head_ns`` of its launch, ``compute_ns`` of its cycles at ``level``, and its bytes as
    ``bytes_ns`` at the layer's own pace, in millionths of a nanosecond; they pass at ``share``
    millionths of that pace. ``done`` millionths of the layer are in earlier rows. It wished for
    ``wish_level`` and ``wish_uv``, which is set point number ``wish_point``.
    """

    current: int = NOBODY
    doing: int = REST
    level: int = 0
    request: int = IDLE
    layer: int = IDLE
    begin_ns: int = 0
    stall_ns: int = 0
    stalled_ns: int = 0
    head_ns: int = 0
    compute_ns: int = 0
    bytes_ns: int = 0
    share: int = 0
    done: int = 0
    wish_level: int = 0
    wish_uv: int = 0
    wish_point: int = 0


class Work(NamedTuple):
    """What layers take, ``(n_layers * n_levels,)`` each: the parts of their duration.

    A layer takes ``head_ns`` and then the longer of ``compute_ns`` and, alone with the memory,
    ``memory_ns``. Meanwhile it takes ``need`` millionths of the memory's bandwidth. With
    ``own_clocks`` each lane has a clock of its own.
    """

    head_ns: Ints
    compute_ns: Ints
    memory_ns: Ints
    need: Ints
    own_clocks: bool
