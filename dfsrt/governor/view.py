"""What a governor may know: predictions, limits and the present state. Never the plant."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask, frozen
from dfsrt.device.boundary import move_ns, rail_times
from dfsrt.device.opp import level_at_least, level_at_most
from dfsrt.device.rail import Rail
from dfsrt.governor.memory_view import MemoryView
from dfsrt.governor.queue_view import Program, QueueView
from dfsrt.governor.rest import Rest


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What the device counted in the last sampling period: busy and total nanoseconds.

    ``level`` is the clock it was counted at. A plan that is asked for again before the next
    sample sees the same one, so judge it by its own level, not by the view's. ``power_w`` holds
    the board's last readings of the NPU's watts, newest first and three at most, for a governor
    that ``reads_power``.
    """

    busy_ns: int
    total_ns: int
    level: int
    power_w: tuple[float, ...] = ()


_ARRAYS = (
    "freqs_hz",
    "rails_uv",
    "set_points_uv",
    "duration_ns",
    "predicted_w",
    "npu_predicted_w",
    "stall_ns",
)
"""Fields of a view that are arrays."""


@dataclass(frozen=True, slots=True)
class View:
    """A governor's whole world, and read-only: writing to one of its arrays is a ValueError.

    ``freqs_hz`` and ``rails_uv`` have shape ``(n_levels,)``, ascending: each level's clock and
    the voltage it needs. ``set_points_uv`` is ``(n_set_points,)``: the voltages worth setting.
    ``duration_ns`` is ``(n_layers, n_levels)``. ``predicted_w`` is ``(n_layers, n_levels,
    n_set_points)``, watts in the capped domain with the rail held at that set point, infinite
    where the level needs a higher voltage. ``cap_w`` is infinite where there is no cap.
    ``npu_limit_w`` is a second limit, of heat or charge, on the NPU's own watts whatever domain
    the cap holds; infinite where nothing sets one. ``npu_predicted_w`` is ``predicted_w`` for
    the NPU's own domain, same shape; None where that is the capped one. ``fits`` puts cap and
    limit together. ``stall_ns`` is ``(n_levels, n_levels)``: how long the core stands still from
    one clock to another. ``level`` and ``rail_uv`` are the state now; ``period_ns`` is the time
    from one request to the next, or None when they follow back to back; ``rest`` then is what the
    idle time between takes, None where nobody says. ``now_ns`` is the time;
    ``queue`` is who waits and runs, for a governor that ``sees_queue``: its view holds the layers
    of all networks that run, and its plan is for all of them; None for any other. ``memory`` is
    what is known of the memory's clock, None where it has but one, or the governor is blind to it.
    A ``joint`` view's levels are pairs, ``memory * n_core + core``: see ``joint_view``; clocks and
    voltages ascend at each memory point then.
    """

    freqs_hz: Ints
    rails_uv: Ints
    set_points_uv: Ints
    duration_ns: Ints
    predicted_w: Floats
    cap_w: float
    stall_ns: Ints
    rail: Rail
    level: int
    rail_uv: int
    period_ns: int | None = None
    telemetry: Telemetry | None = None
    npu_limit_w: float = math.inf
    npu_predicted_w: Floats | None = None
    now_ns: int = 0
    queue: QueueView | None = None
    rest: Rest | None = None
    memory: MemoryView | None = None
    joint: bool = False

    def __post_init__(self) -> None:
        for name in _ARRAYS:
            array = getattr(self, name)
            if array is not None and array.flags.writeable:
                object.__setattr__(self, name, frozen(array))

    @property
    def n_layers(self) -> int:
        """Layers of the network."""
        return int(self.duration_ns.shape[0])

    @property
    def top(self) -> int:
        """The fastest level."""
        return len(self.freqs_hz) - 1

    @property
    def n_memory(self) -> int:
        """Memory points that levels tell apart: 1 unless the view is joint."""
        return len(self.memory.freqs_hz) if self.joint and self.memory is not None else 1

    @property
    def n_core(self) -> int:
        """Levels at each memory point."""
        return len(self.freqs_hz) // self.n_memory

    def calm(self, level: Ints) -> Ints:
        """Return the lowest clock at each level's memory point: what a stall is taken to draw."""
        return level - level % self.n_core

    def of_layers(self, first: int, stop: int) -> View:
        """Return the view of layers ``first`` to before ``stop`` alone."""
        return self._of(slice(first, stop))

    def of_steps(self, steps: Program) -> View:
        """Return the view of the layers that ``steps`` run, in order, some more than once."""
        return self._of([k for step in steps for k in range(step.first, step.stop)])

    def time_ns(self, steps: Program) -> Ints:
        """Return how long ``steps`` take at each level, the host's included, ``(n_levels,)``."""
        host_ns = sum(step.host_ns for step in steps)
        return np.asarray(self.of_steps(steps).duration_ns.sum(axis=0) + host_ns)

    def _of(self, layers: slice | list[int]) -> View:
        npu_w = self.npu_predicted_w
        return replace(
            self,
            duration_ns=self.duration_ns[layers],
            predicted_w=self.predicted_w[layers],
            npu_predicted_w=None if npu_w is None else npu_w[layers],
            memory=None if self.memory is None else self.memory.of_layers(layers),
        )

    def fits(self) -> Mask:
        """Whether a point keeps cap and limit, ``(n_layers, n_levels, n_set_points)``.

        It is False where the level may not run at that voltage. The array is the caller's own.
        """
        return self._keep(self.predicted_w, self.npu_predicted_w)

    def level_at_least(self, freq_hz: float) -> int:
        """Return the slowest level with a clock of ``freq_hz`` or more, else the top one."""
        return level_at_least(self.freqs_hz.tolist(), freq_hz)

    def level_at_most(self, freq_hz: float) -> int:
        """Return the fastest level with a clock of ``freq_hz`` or less, else level 0."""
        return level_at_most(self.freqs_hz.tolist(), freq_hz)

    def move_ns(self) -> Ints:
        """How long the rail moves from command to settled, ``(n_set_points, n_set_points)``."""
        points, times = self.set_points_uv.tolist(), rail_times(self.rail)
        moves = [[0 if a == b else move_ns(0, a, b, times)[2] for b in points] for a in points]
        return np.array(moves, dtype=np.int64)

    @property
    def npu_w(self) -> Floats:
        """Predicted watts of the NPU's own domain, whatever the capped one; as ``predicted_w``."""
        return self.predicted_w if self.npu_predicted_w is None else self.npu_predicted_w

    def own_power_w(self) -> Floats:
        """Predicted watts with each level at its own voltage, ``(n_layers, n_levels)``."""
        return self._own(self.predicted_w)

    def own_npu_w(self) -> Floats:
        """``npu_w`` with each level at its own voltage, ``(n_layers, n_levels)``."""
        return self._own(self.npu_w)

    def own_fits(self) -> Mask:
        """``fits`` with each level at its own voltage, ``(n_layers, n_levels)``."""
        npu_w = self.npu_predicted_w
        return self._keep(self.own_power_w(), None if npu_w is None else self._own(npu_w))

    def _own(self, watts: Floats) -> Floats:
        own = np.searchsorted(self.set_points_uv, self.rails_uv)
        return watts[:, np.arange(len(own)), own]

    def _keep(self, watts: Floats, npu_w: Floats | None) -> Mask:
        """Whether watts in the capped domain, and the NPU's own, keep cap and limit."""
        keep = (watts <= self.cap_w) & np.isfinite(watts)
        if self.npu_limit_w < math.inf:
            keep &= (watts if npu_w is None else npu_w) <= self.npu_limit_w
        return keep
