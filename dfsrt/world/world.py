"""The world around an NPU: components, heat, battery and limits, laid out for scalar functions.

The functions of this room work on it, as plain Python or compiled. Built by ``build``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.record import as_record, as_records
from dfsrt.world.battery.pack import Cell, CellBook, Pack
from dfsrt.world.heat.allocator import Actor, ZoneState
from dfsrt.world.heat.steps import Modes
from dfsrt.world.state import Event, Part, SocCap, TripState, WorldState

Samples = np.recarray[tuple[int], np.dtype[np.void]]


class World(NamedTuple):
    """Everything around the NPU.

    ``temp_c``, ``temp_max_c``, ``watts`` and ``work`` are ``(n_nodes,)``; ``die_node``,
    ``board_node`` and ``cell_node`` are places among the nodes. ``leakage_per_c`` is the silicon's
    polynomial, lowest power first, ``ref_c`` where it is 1. ``pmic_load_w`` and
    ``pmic_efficiency`` are the points of its table. ``npu_j`` ``(n_components,)`` is what
    the battery has given the NPU, the first of ``actors``. ``samples`` ``(n_samples,)`` are
    ``Sample``s, ``sample_temp_c`` ``(n_samples, n_nodes)`` the temperatures with them. ``grid`` is
    the share in whose steps zones set limits.
    """

    state: WorldState
    tick_ns: int
    stop_ns: int
    stop_requests: int
    modes: Modes
    temp_c: Floats
    temp_max_c: Floats
    watts: Floats
    work: Floats
    die_node: int
    board_node: int
    cell_node: int
    leakage_per_c: Floats
    ref_c: float
    pack: Pack
    cell: Cell
    cell_book: CellBook
    pmic_load_w: Floats
    pmic_efficiency: Floats
    parts: Sequence[Part]
    npu_j: Floats
    events: Sequence[Event]
    soc_caps: Sequence[SocCap]
    zones: Sequence[ZoneState]
    actors: Sequence[Actor]
    grid: float
    trips: Sequence[TripState]
    samples: Samples
    sample_temp_c: Floats


def for_compiled(world: World) -> World:
    """Return ``world`` with records of its own in place of its states, for compiled code.

    Arrays are shared with ``world``, which is not to be used any more.
    """
    return world._replace(
        state=as_record(world.state),
        cell=as_record(world.cell),
        cell_book=as_record(world.cell_book),
        parts=as_records(world.parts, Part),
        events=as_records(world.events, Event),
        soc_caps=as_records(world.soc_caps, SocCap),
        zones=as_records(world.zones, ZoneState),
        actors=as_records(world.actors, Actor),
        trips=as_records(world.trips, TripState),
    )
