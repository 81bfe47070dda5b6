"""States of the world that change while it runs, each with named fields."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum


class End(IntEnum):
    """Why a scenario ended."""

    GOES_ON = 0
    EMPTY = 1  # the battery reached its cut-off: an orderly end
    BROWN_OUT = 2  # the battery could not give what was asked: the device went off in mid-work
    TIME = 3
    REQUESTS = 4


class EventKind(IntEnum):
    """What a scheduled event sets."""

    AMBIENT = 0  # the air, in °C
    CAP = 1  # the schedule's cap, in W
    STATE = 2  # the watts of a part's state


FASTEST = 1_000_000
"""A level above any."""


@dataclass(slots=True)
class WorldState:
    """Where a world stands.

    The books are closed up to ``now_ns`` and are to be closed next at the first layer boundary
    from ``next_ns`` on. ``schedule_w`` is the schedule's cap; ``cap_w`` the lesser of that and
    the caps by charge, in the same domain; ``npu_limit_w`` what thermal zones leave of the NPU's
    own watts; ``max_level`` the fastest clock that trips leave. ``done`` requests have finished,
    ``host_ns`` have been spent on the host and ``busy_ns`` in layers so far, of which the battery
    has powered ``npu_busy_ns``. ``power_w`` was drawn from the battery in
    the last tick, ``peak_w`` is the most of any tick, its hungriest layer taken for all of it;
    ``limited_s`` is the time in which heat or charge held the NPU under the schedule's cap.
    """

    sample_ns: int
    ambient_c: float
    schedule_w: float
    cap_w: float
    npu_limit_w: float = math.inf
    max_level: int = FASTEST
    now_ns: int = 0
    next_ns: int = 0
    next_event: int = 0
    end: int = End.GOES_ON
    done: int = 0
    host_ns: int = 0
    busy_ns: int = 0
    npu_busy_ns: float = 0.0
    ticks: int = 0
    limit_changes: int = 0
    n_samples: int = 0
    next_sample_ns: int = 0
    power_w: float = 0.0
    peak_w: float = 0.0
    pmic_j: float = 0.0
    limited_s: float = 0.0


@dataclass(slots=True)
class Part:
    """A component around the NPU: what it draws and where, and what it has taken.

    ``base_w`` is its state's power, of which zones leave ``granted_w``, ``least_w`` at least;
    ``event_w`` that of steady events, ``frame_j`` the joules of a finished request. ``npu_w`` and
    ``host_w`` come on top while those work. ``node`` is the heat node that it warms, ``actor`` its
    place among the actors, or -1. Booked are the joules of a tick, of its state up to ``since_ns``,
    those of all ticks, and the most watts of any.
    """

    base_w: float
    event_w: float
    frame_j: float
    npu_w: float
    host_w: float
    at_rail: bool
    node: int
    actor: int
    least_w: float
    granted_w: float = math.inf
    since_ns: int = 0
    tick_j: float = 0.0
    spent_j: float = 0.0
    peak_w: float = 0.0


@dataclass(slots=True)
class Event:
    """Something that a schedule holds: from ``at_ns`` on a value, for ``part`` if it is a state."""

    at_ns: int
    kind: int
    part: int
    value: float


@dataclass(slots=True)
class SocCap:
    """A limit in W that holds at a share of charge and below."""

    charge: float
    limit_w: float


@dataclass(slots=True)
class TripState:
    """No level above ``level`` from ``above_c`` until the node is below ``below_c``."""

    node: int
    above_c: float
    below_c: float
    level: int
    holds: bool = False


@dataclass(slots=True)
class Sample:
    """How the world stood at a time: battery, power in the last tick, limits, requests done."""

    time_s: float
    charge: float
    voltage_v: float
    current_a: float
    power_w: float
    npu_w: float
    cap_w: float
    npu_limit_w: float
    max_level: int
    done: int
