"""Residency: which maps stay in rooms of limited size, solved exactly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dfsrt.cost.schedule.lifetimes import Map, alive_bytes

NODES = 20_000
"""Branches after which the search gives what it has; real networks take one."""


def most_saved(maps: Sequence[Map], rooms: Sequence[Sequence[int]]) -> list[int | None]:
    """Return for each map the room in which it stays, None where in none, with the most saved.

    ``rooms[r][i]`` are the bytes for maps in room ``r`` while layer ``i`` runs, ``(n_rooms,
    n_layers)``. An integer program with a variable for each map and room: at each layer what is
    alive must fit. What comes from outside or goes there stays in the first room only.

    Limits: exact up to ``NODES`` branches of the search, beyond that the best so far.
    """
    if _fit(maps, rooms[0]):
        return [0] * len(maps)
    chosen = _solved(maps, [_limits(maps, room) for room in rooms])
    for r, room in enumerate(rooms):
        _repair(maps, room, chosen, r)
    return chosen


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


def _solved(maps: Sequence[Map], rooms: Sequence[Sequence[_Limit]]) -> list[int | None]:
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
    row, column, value = zip(*entries, strict=True)
    done = milp(
        -np.tile([each.saved_bytes / 1024 for each in maps], len(rooms)),
        constraints=LinearConstraint(
            csr_array((value, (row, column)), shape=(len(most), len(rooms) * n)), ub=most
        ),
        integrality=np.ones(len(rooms) * n),
        bounds=Bounds(0, [float(r == 0 or not outer) for r in range(len(rooms)) for outer in own]),
        options={"mip_rel_gap": 0.0, "node_limit": NODES},
    )
    if done.x is None:
        return [None] * n
    chosen = np.asarray(done.x).reshape(len(rooms), n) > 0.5
    return [next((r for r in range(len(rooms)) if chosen[r, m]), None) for m in range(n)]
