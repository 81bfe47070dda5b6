"""A plan that keeps the cap while the rail moves, too: what ramps would break is taken back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Ints, Mask
from dfsrt.device.ramp_shares import Moves, shares_of_time
from dfsrt.governor.joint import chooses, joined, joint_view, parted
from dfsrt.governor.plan import Plan, highest_that_fits
from dfsrt.governor.ramps import over_limit, running_shares
from dfsrt.governor.view import View
from dfsrt.governor.walk import Walk, walk

MOST_WALKS = 200
"""Walks after which the plan is held at its lowest voltage instead: a bound, never seen."""


def kept_in_ramps(view: View, plan: Plan) -> Plan:
    """Return ``plan`` with no layer above the cap because the rail is not where it is asked to be.

    Frames are walked from the run's start until they repeat. A layer that breaks cap or limit
    while the rail moves gets the highest clock that keeps them then. Where none does, a climb
    waits until after it, and a fall begins a layer earlier. A layer that breaks them at rest is
    the governor's own affair.
    The plan must be one that needs no clamping. The memory's points are as planned.

    Limits: frames of one network follow one another, under one cap. What ran before in a mix, or
    a plan under another cap, may have left the rail elsewhere for a first move.
    """
    if plan.memory is not None and chooses(view):
        joint = joint_view(view)
        return parted(joint, kept_in_ramps(joint, joined(joint, plan)))
    rail = np.asarray(plan.rail_uv)
    free = not (np.isfinite(view.cap_w) or np.isfinite(view.npu_limit_w))
    if free or len(rail) == 0 or (rail == rail[0]).all():
        return plan
    draft = _Draft(view, np.array(plan.level), rail.copy())
    for _ in range(MOST_WALKS):
        if not draft.mended():
            return Plan(draft.level, draft.rail_uv)
    draft.hold(int(rail.min()))
    return Plan(draft.level, draft.rail_uv)


@dataclass(slots=True)
class _Draft:
    """Levels and voltages, ``(n_layers,)``, that only ever go down."""

    view: View
    level: Ints
    rail_uv: Ints

    def mended(self) -> bool:
        """Walk once and take back what breaks the cap; return whether anything did."""
        view, runs = self.view, walk(self.view, Plan(self.level, self.rail_uv))
        over = over_limit(view, runs.layer, runs.level, running_shares(view, runs))
        moved = _in_ramp(runs) | self._elsewhere(runs)
        # Frames come to their first layer in a ramp, but the run begins with it at rest.
        moved[0] |= moved[runs.layer == 0].any()
        broken = np.flatnonzero(over & moved)
        before = self.level.copy(), self.rail_uv.copy()
        best = _highest(view, runs, broken)
        for run, level in zip(broken.tolist(), best.tolist(), strict=True):
            if level >= 0:
                layer = runs.layer[run]
                self.level[layer] = min(self.level[layer], level)
            else:
                self._calm(runs, run)
        self.level = np.minimum(self.level, self._most())
        return bool((before[0] != self.level).any() or (before[1] != self.rail_uv).any())

    def hold(self, rail_uv: int) -> None:
        """Hold one voltage, at clocks that it can run and that keep the cap there."""
        point = int(np.searchsorted(self.view.set_points_uv, rail_uv))
        self.rail_uv = np.full_like(self.rail_uv, rail_uv)
        fits, level = self.view.fits()[:, :, point], np.arange(len(self.view.freqs_hz))
        least = self.view.calm(self.level)
        allowed = fits & (level >= least[:, None]) & (level <= self.level[:, None])
        self.level = np.maximum(highest_that_fits(allowed), least)

    def _most(self) -> Ints:
        """The fastest level that each layer's voltage can run, at the memory point it has."""
        needs_uv = self.view.rails_uv[: self.view.n_core]
        most = np.searchsorted(needs_uv, self.rail_uv, side="right") - 1
        return np.asarray(self.view.calm(self.level) + most)

    def _calm(self, runs: Walk, run: int) -> None:
        """Move commands so that a layer that no clock saves runs at the lower voltage."""
        n, commanded, layer = len(self.level), int(runs.commanded[run]), int(runs.layer[run])
        from_uv, to_uv = int(runs.moves.from_uv[run]), int(runs.moves.to_uv[run])
        since = (commanded + np.arange((layer - commanded) % n + 1)) % n
        if from_uv == to_uv:
            below = self.view.set_points_uv[self.view.set_points_uv < to_uv]
            which, low_uv = np.array([layer]), int(below[-1]) if len(below) else to_uv
        elif runs.start_ns[run] >= runs.moves.ramp_end_ns[run]:
            which, low_uv = since, int(self.rail_uv[layer])
        elif from_uv < to_uv:
            which, low_uv = since, from_uv
        else:
            # The layer before, or the last one that asked for more where that could not fall yet.
            before = (commanded - 1 - np.arange(n)) % n
            which, low_uv = before[self.rail_uv[before] > to_uv][:1], to_uv
        self.rail_uv[which] = np.minimum(self.rail_uv[which], low_uv)

    def _elsewhere(self, runs: Walk) -> Mask:
        """Which runs have the rail at another voltage than they asked for."""
        return np.asarray(runs.moves.to_uv != self.rail_uv[runs.layer])


def _in_ramp(runs: Walk) -> Mask:
    """Which runs saw another voltage than the one the rail is going to."""
    moves = runs.moves
    return np.asarray((runs.start_ns < moves.ramp_end_ns) & (moves.from_uv != moves.to_uv))


def _highest(view: View, runs: Walk, which: Ints) -> Ints:
    """Return the highest clock below their own at which runs keep cap and limit; -1 for none.

    The memory stays where it is.
    """
    layer, start = runs.layer[which], runs.start_ns[which]
    moves = Moves(*(column[which] for column in runs.moves))
    best = np.full(len(which), -1)
    if not len(which):
        return best
    least = view.calm(runs.level[which])
    for core in range(view.n_core - 1):
        at = least + core
        end = start + view.duration_ns[layer, at]
        shares = shares_of_time(start, end, moves, view.set_points_uv)
        keeps = ~over_limit(view, layer, at, shares) & (at < runs.level[which])
        best[keeps] = at[keeps]
    return best
