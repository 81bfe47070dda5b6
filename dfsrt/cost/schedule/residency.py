"""Residency: which maps stay in rooms of limited size, solved exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from dfsrt.cost.schedule.lifetimes import Map, alive_bytes

NODES = 20_000
"""Branches after which the search gives what it has; real networks take one."""


class Level(NamedTuple):
    """Maps may take so many bytes of the first room at a layer, whose tiles then lose so many."""

    map_bytes: int
    lost_bytes: float


Levels = Mapping[int, Sequence[Level]]
"""Levels of some layers, each with more room for maps and more that its tiles lose."""


def most_saved(
    maps: Sequence[Map], rooms: Sequence[Sequence[int]], levels: Levels | None = None
) -> list[int | None]:
    """Return for each map the room in which it stays, None where in none, with the most saved.

    ``rooms[r][i]`` are the bytes for maps in room ``r`` while layer ``i`` runs, ``(n_rooms,
    n_layers)``. An integer program with a variable for each map and room: at each layer what is
    alive must fit. What comes from outside or goes there stays in the first room only. Where a
    layer has ``levels``, the first of which loses nothing, it takes the last that its maps need,
    and what that loses counts against what is saved: a variable for each step up.

    Limits: exact up to ``NODES`` branches of the search, beyond that the best so far.
    """
    lowest = [min(room, _lossless(i, levels, room)) for i, room in enumerate(rooms[0])]
    if _fit(maps, lowest):
        return [0] * len(maps)
    chosen = _solved(maps, [_limits(maps, room) for room in rooms], _steps(maps, levels or {}))
    for r, room in enumerate(rooms):
        _repair(maps, room, chosen, r)
    return chosen


def _lossless(layer: int, levels: Levels | None, room: int) -> int:
    return levels[layer][0].map_bytes if levels and layer in levels else room


def _fit(maps: Sequence[Map], room: Sequence[int]) -> bool:
    pairs = zip(alive_bytes((m.span for m in maps), len(room)), room, strict=True)
    return all(taken <= most for taken, most in pairs)


def _repair(maps: Sequence[Map], room: Sequence[int], chosen: list[int | None], r: int) -> None:
    """Take out what a solver's tolerance let in: a map may be a millionth too large."""
    inside = [m for m, where in enumerate(chosen) if where == r]
    while not _fit([maps[m] for m in inside], room):
        out = min(inside, key=lambda m: maps[m].saved_bytes)
        inside.remove(out)
        chosen[out] = None


class _Limit(NamedTuple):
    """Maps that are alive together, by number, and the bytes that they may take."""

    alive: frozenset[int]
    most: int


def _limits(maps: Sequence[Map], room: Sequence[int]) -> list[_Limit]:
    """Return the limits at each layer, but where that of a neighbour says more."""
    alive: list[list[int]] = [[] for _ in room]
    for m, each in enumerate(maps):
        for layer in range(each.first, each.last + 1):
            alive[layer].append(m)
    limits: list[_Limit] = []
    for together, most in zip(alive, room, strict=True):
        new = _Limit(frozenset(together), most)
        while limits and limits[-1].alive <= new.alive and new.most <= limits[-1].most:
            limits.pop()
        if not limits or not (new.alive <= limits[-1].alive and limits[-1].most <= new.most):
            limits.append(new)
    return [limit for limit in limits if limit.alive]


class _Climb(NamedTuple):
    """The maps alive at a layer with levels, what they take freely, and the steps up from there."""

    alive: tuple[int, ...]
    free: int
    steps: tuple[Level, ...]


def _steps(maps: Sequence[Map], levels: Levels) -> list[_Climb]:
    climbs = []
    for layer, each in levels.items():
        alive = tuple(m for m, one in enumerate(maps) if one.first <= layer <= one.last)
        steps = [
            Level(up.map_bytes - low.map_bytes, up.lost_bytes - low.lost_bytes)
            for low, up in pairwise(each)
        ]
        climbs.append(_Climb(alive, each[0].map_bytes, tuple(steps)))
    return climbs


def _solved(
    maps: Sequence[Map], rooms: Sequence[Sequence[_Limit]], climbs: Sequence[_Climb]
) -> list[int | None]:
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    n = len(maps)
    entries: list[tuple[int, int, float]] = []
    most: list[float] = []
    for r, limits in enumerate(rooms):
        for limit in limits:
            entries += [(len(most), r * n + m, maps[m].bytes / 1024) for m in sorted(limit.alive)]
            most.append(limit.most / 1024)
    if len(rooms) > 1:  # a map lies in one room at most
        for m in range(n):
            entries += [(len(most), r * n + m, 1.0) for r in range(len(rooms))]
            most.append(1.0)
    own = [each.comes or each.goes for each in maps]
    upper = [float(r == 0 or not outer) for r in range(len(rooms)) for outer in own]
    gain = [each.saved_bytes / 1024 for _ in rooms for each in maps]
    for climb in climbs:  # a step is taken after the one below it
        entries += [(len(most), m, maps[m].bytes / 1024) for m in climb.alive]
        entries += [
            (len(most), len(gain) + g, -up.map_bytes / 1024) for g, up in enumerate(climb.steps)
        ]
        most.append(climb.free / 1024)
        for g in range(1, len(climb.steps)):
            entries += [(len(most), len(gain) + g, 1.0), (len(most), len(gain) + g - 1, -1.0)]
            most.append(0.0)
        gain += [-up.lost_bytes / 1024 for up in climb.steps]
    upper += [1.0] * (len(gain) - len(upper))
    row, column, value = zip(*entries, strict=True)
    done = milp(
        -np.array(gain),
        constraints=LinearConstraint(
            csr_array((value, (row, column)), shape=(len(most), len(gain))), ub=most
        ),
        integrality=np.ones(len(gain)),
        bounds=Bounds(0, upper),
        options={"mip_rel_gap": 0.0, "node_limit": NODES},
    )
    if done.x is None:
        return [None] * n
    chosen = np.asarray(done.x)[: len(rooms) * n].reshape(len(rooms), n) > 0.5
    return [next((r for r in range(len(rooms)) if chosen[r, m]), None) for m in range(n)]
