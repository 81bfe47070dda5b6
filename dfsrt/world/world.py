"""The world around an NPU: components, heat, battery and limits, laid out as arrays.

Scalar functions of this room work on it, as plain Python or compiled. Built by ``build``.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.arrays import Floats
from dfsrt.world.battery.pack import Pack
from dfsrt.world.heat.steps import Modes

Ints = NDArray[np.int64]


class End(IntEnum):
    """Why a scenario ended."""

    GOES_ON = 0
    EMPTY = 1  # the battery reached its cut-off: an orderly end
    BROWN_OUT = 2  # the battery could not give what was asked: the device went off in mid-work
    TIME = 3
    REQUESTS = 4


# Places in ``World.clock``, whole numbers.
TICK_NS = 0
NOW_NS = 1  # up to when the books are closed
NEXT_NS = 2  # when they are to be closed next, at the first layer boundary from then on
NEXT_EVENT = 3  # the next of the events to come
DONE = 4  # requests finished so far
END = 5  # an ``End``
STOP_NS = 6
STOP_REQUESTS = 7
MAX_LEVEL = 8  # the fastest clock that heat leaves
N_SAMPLES = 9
SAMPLE_NS = 10  # time from sample to sample
NEXT_SAMPLE_NS = 11
TICKS = 12
LIMIT_CHANGES = 13
CLOCK_SIZE = 14

# Places in ``World.now``.
AMBIENT_C = 0
CAP_W = 1  # by the schedule
LIMIT_W = 2  # the least of all limits, as the governor is told
GRID = 3  # limits that heat sets come in steps of this share
HOST_S = 4  # time on the host so far
PMIC_J = 5
POWER_W = 6  # drawn from the battery in the last tick
PEAK_W = 7  # the most of any tick, its hungriest layer taken for all of it
LIMITED_S = 8  # time in which heat or the battery held the NPU under its cap
NOW_SIZE = 9

# Kinds of events, in ``World.event_kind``; others are the numbers of components.
SET_AMBIENT = -1
SET_CAP = -2

# Columns of ``World.samples`` before the nodes' temperatures.
S_TIME, S_SOC, S_VOLTAGE, S_CURRENT, S_POWER, S_NPU, S_LIMIT, S_LEVEL, S_DONE = range(9)
SAMPLE_COLUMNS = 9


class World(NamedTuple):
    """Everything around the NPU; n components, m nodes.

    ``clock`` and ``now`` hold scalars by place. ``temp_c``, ``temp_max_c``, ``watts`` and
    ``work`` are ``(m,)``; ``base_w`` (the state's power), ``event_w`` (steady events),
    ``frame_j``, ``npu_w`` and ``host_w`` (on top while those work), ``at_rail``, ``node`` and
    ``actor`` (its place among the actors, or -1) are ``(n,)``, as are ``granted_w``, ``least_w``
    and the ledger ``spent_j`` with its peak ``peak_w``. ``npu_j`` ``(6,)`` is the NPU's ledger,
    ``npu_before`` and ``layer_before`` the meter as the books were closed last. ``event_ns``,
    ``event_kind`` and ``event_value`` are ``(n_events,)``. ``pmic_w`` and ``pmic_share`` are the
    load and the efficiency there. ``zone`` is ``(n_zones, 11)``, ``request_mw``, ``weight``,
    ``most_mw`` and ``grant_mw`` are ``(n_actors,)``, the NPU first. ``trip`` is ``(n_trips, 4)``:
    node, above, below, level; ``tripped`` says which hold, ``zone_limit_w`` ``(n_zones,)`` what
    each zone leaves the NPU. ``soc_cap`` is ``(k, 2)``: the share of charge and the limit from
    there down. ``leakage_per_c`` is the silicon's polynomial, ``ref_c`` where it is 1. ``place``
    are the nodes of die, board and cell; ``samples`` ``(4096, 9 + m)``.
    """

    clock: Ints
    now: Floats
    modes: Modes
    temp_c: Floats
    temp_max_c: Floats
    watts: Floats
    work: Floats
    pack: Pack
    cell: Floats
    cell_j: Floats
    base_w: Floats
    event_w: Floats
    frame_j: Floats
    npu_w: Floats
    host_w: Floats
    at_rail: Ints
    node: Ints
    actor: Ints
    granted_w: Floats
    least_w: Floats
    spent_j: Floats
    tick_j: Floats
    peak_w: Floats
    npu_j: Floats
    npu_before: Floats
    layer_before: Floats
    event_ns: Ints
    event_kind: Ints
    event_value: Floats
    pmic_w: Floats
    pmic_share: Floats
    zone: Ints
    request_mw: Ints
    weight: Ints
    most_mw: Ints
    grant_mw: Ints
    trip: Floats
    tripped: Ints
    zone_limit_w: Floats
    soc_cap: Floats
    leakage_per_c: Floats
    ref_c: float
    place: Ints
    samples: Floats
