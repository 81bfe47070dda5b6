"""Joules and limits of runs while the rail moves, for many runs at once in closed form (rule 3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask
from dfsrt.device import rules
from dfsrt.governor.ramps import ROUNDING, beyond_reach, limits_w
from dfsrt.governor.view import View

Index = Ints | int
Times = Ints | Floats
INSTANT_NS = 1e-3
"""Over which a layer that takes no time is judged."""


@dataclass(frozen=True, slots=True)
class Ramps:
    """How long the rail moves, all ``(n_set_points, n_set_points)``: from one to another.

    ``move_ns`` is from command to settled, ``ramp_ns`` the time in which the voltage changes,
    ``settle_ns`` the time after that.
    """

    points_v: Floats
    move_ns: Ints
    ramp_ns: Ints
    settle_ns: int


def ramps_of(view: View) -> Ramps:
    """Return the moves of a view's rail."""
    uv = view.set_points_uv.astype(np.float64)
    ramp_ns = rules.ramp_ns(uv[:, None], uv[None, :], float(view.rail.slew_uv_per_us))
    return Ramps(uv * 1e-6, view.move_ns(), ramp_ns.astype(np.int64), view.rail.settle_ns)


class RampedWatts:
    """Watts of every layer and clock between set points, and their integral over a ramp.

    Between two set points watts are linear in V², so their integral over a voltage that moves
    evenly is a·V + b·V³ + c in each piece.
    """

    def __init__(self, watts: Floats, ramps: Ramps) -> None:
        """``watts`` is ``(n_layers, n_levels, n_set_points)``, infinite where barred."""
        self.ramps = ramps
        finite = np.isfinite(watts)
        # Below a clock's lowest voltage nothing is asked; a level line there keeps sums finite.
        lowest = np.take_along_axis(watts, finite.argmax(axis=2)[:, :, None], axis=2)
        self.watts = np.where(finite, watts, lowest)
        v = ramps.points_v
        self._slope = np.diff(self.watts, axis=2) / np.diff(v**2)
        self._level = self.watts[:, :, :-1] - self._slope * v[:-1] ** 2
        gaps = self._primitive(v[1:]) - self._primitive(v[:-1])
        start = np.concatenate([np.zeros((*gaps.shape[:2], 1)), np.cumsum(gaps, axis=2)], axis=2)
        self._offset = start[:, :, :-1] - self._primitive(v[:-1])

    def _primitive(self, volts: Floats) -> Floats:
        return self._level * volts + self._slope * volts**3 / 3.0

    def drawn(
        self, layer: Index, level: Index, begin: Ints, end: Times, from_: Ints, to: Ints, left: Ints
    ) -> Floats:
        """Return the joules times 1e9 from ``begin`` to ``end`` ns of a move.

        Indices of layers, levels and set points, and times, of any shape, broadcast; the
        move has settled ``left`` ns after time 0.
        """
        if len(self.ramps.points_v) == 1:
            return np.asarray(self.watts[layer, level, to] * (end - begin))
        stop = left - self.ramps.settle_ns
        length = np.maximum(self.ramps.ramp_ns[from_, to], 1)
        first = stop - length
        low, high = self.ramps.points_v[from_], self.ramps.points_v[to]
        slope = (high - low) / length
        a, b = np.clip(begin, first, stop), np.clip(end, first, stop)
        before = np.maximum(np.minimum(end, first) - begin, 0.0)
        after = np.maximum(end - np.maximum(begin, stop), 0.0)
        swept = self._integral(layer, level, low + slope * (b - first))
        swept -= self._integral(layer, level, low + slope * (a - first))
        flat = self.watts[layer, level, from_] * before + self.watts[layer, level, to] * after
        return np.asarray(flat + swept / np.where(slope == 0.0, 1.0, slope))

    def _integral(self, layer: Index, level: Index, volts: Floats) -> Floats:
        piece = np.clip(np.searchsorted(self.ramps.points_v, volts) - 1, 0, None)
        piece = np.minimum(piece, max(len(self.ramps.points_v) - 2, 0))
        at = (layer, level, piece)
        found = self._level[at] * volts + self._slope[at] * volts**3 / 3.0 + self._offset[at]
        return np.asarray(found)


class RampedLimits:
    """Whether runs keep cap and limit on their own average while the rail moves."""

    def __init__(self, view: View, capped: RampedWatts) -> None:
        self._beyond = beyond_reach(view)
        self._limit_w = tuple(limit * (1 + ROUNDING) for limit in limits_w(view, self._beyond))
        self._watts = [capped, capped]
        if view.npu_predicted_w is not None and np.isfinite(view.npu_limit_w):
            self._watts[1] = RampedWatts(view.npu_predicted_w, capped.ramps)
        self._limited = bool(np.isfinite(self._limit_w[1]).any())

    def over(
        self,
        layer: Index,
        level: Ints,
        begin: Ints,
        ran: Ints,
        from_: Ints,
        to: Ints,
        left: Ints,
        drawn: Floats | None = None,
    ) -> Mask:
        """Return which runs of ``ran`` ns from ``begin`` draw too much.

        Arrays of any shape broadcast, as in ``RampedWatts.drawn``.
        ``drawn`` is what that gives for the capped domain, where it is known.
        """
        span = np.maximum(ran, INSTANT_NS)
        where = (layer, level, begin, begin + span, from_, to, left)
        if drawn is None or not (ran > 0).all():
            drawn = self._watts[0].drawn(*where)
        over = drawn > self._limit_w[0][layer] * span
        if self._watts[1] is not self._watts[0]:
            drawn = self._watts[1].drawn(*where)
        if self._limited:
            over |= drawn > self._limit_w[1][layer] * span
        return np.asarray(over | (self._beyond[layer] & (level > 0)))
