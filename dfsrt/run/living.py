"""A replay that lives in a world: heat, battery and limits change while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from dfsrt.device.npu import Domain
from dfsrt.governor.governor import Governor, sees_cap
from dfsrt.governor.plan import Plan
from dfsrt.governor.view import View
from dfsrt.power.table import LayerTable
from dfsrt.run.bounds import Bounds, bounded_plan, bounded_view, bounds_of
from dfsrt.run.cap import PowerCap
from dfsrt.run.energy import row_energy
from dfsrt.run.log import COMPONENTS, IN_DOMAIN
from dfsrt.run.metering import Meter
from dfsrt.run.queue import HOST_NS, N_DONE, Queue
from dfsrt.run.recorder import IDLE
from dfsrt.run.replay import IDLE_REQUEST, Replay
from dfsrt.run.runtime import Steps
from dfsrt.world.tick import close_tick, tell_meter
from dfsrt.world.world import World

Met = tuple[Bounds, int, int]
"""The world's limits, and the level and rail (µV) of the moment."""


class Living(Replay):
    """A ``Replay`` that closes the world's books at every tick, at a layer boundary.

    It runs until the world ends. Layer by layer in SimPy: the reference for ``LivingKernel``.
    ``on_time`` is called now and then with the seconds simulated so far. ``transitions`` counts
    layer runs by the level before and their own, ``(n_levels, n_levels)``.
    """

    def __init__(
        self,
        table: LayerTable,
        governor: Governor,
        cap: PowerCap,
        requests: Queue,
        world: World,
        meter: Meter,
        on_time: Callable[[float], None] | None = None,
    ) -> None:
        self.world, self.meter = world, meter
        self._on_time = on_time
        self._plans: dict[Met | None, tuple[list[int], list[int]]] = {}
        self._seen = 0
        n_levels = len(table.npu.opps)
        self.transitions = np.zeros((n_levels, n_levels), dtype=np.int64)
        tell_meter(world, meter)
        super().__init__(table, governor, cap, requests)

    @property
    def moves(self) -> int:
        """Moves of the rail so far."""
        return self._moves

    def live(self) -> None:
        """Run until the world ends; its ledgers and the queue say what came of it."""
        self._go()

    # Control: the world's limits instead of a cap that is known beforehand.

    def _view(self) -> View:
        bounds = bounds_of(self.world)
        return bounded_view(super()._view(), self.table, self.cap.domain, bounds)

    def _make_plan(self) -> None:
        """Plan under the world's limits; a plan for what has been met before is not made anew."""
        key = self._met()
        if key in self._plans:
            self._wish_level, self._wish_uv = self._plans[key]
            self._stale = False
            return
        super()._make_plan()
        wish = Plan(np.array(self._wish_level), np.array(self._wish_uv))
        aware = sees_cap(self.governor)
        plan = bounded_plan(wish, self.table, self.cap.domain, bounds_of(self.world), aware)
        self._wish_level, self._wish_uv = plan.level.tolist(), plan.rail_uv.tolist()
        if key is not None:
            self._plans[key] = self._wish_level, self._wish_uv

    def _met(self) -> Met | None:
        """All that a plan depends on here; None for a governor with telemetry, which is new."""
        if self._sampler.last is not None:
            return None
        rail_uv = self._rail.guaranteed_uv(self._env.now_ns)
        return bounds_of(self.world), self._level, rail_uv

    def _take_limits(self) -> None:
        self._stale = True

    # Execution.

    def _execute(self) -> Steps:
        while not self._ended:
            self._until_ns = int(self.world.state.next_ns)
            yield from self._serve()
            yield from self._idle(IDLE_REQUEST, self._until_ns)
            self._read_meter()
            if close_tick(self.world, self.meter, self._env.now_ns, *self._progress()):
                self._take_limits()
            self._say()

    @property
    def _ended(self) -> bool:
        return bool(self.world.state.end)

    def _progress(self) -> tuple[int, float]:
        """Requests done, and seconds spent on the host, so far."""
        return int(self.queue.now[N_DONE]), host_seconds(self.queue)

    def _say(self) -> None:
        if self._on_time is not None:
            self._on_time(float(self.world.state.now_ns) * 1e-9)

    def _read_meter(self) -> None:
        """Book the rows since the last tick, at the temperature that held in it."""
        meter, now = self.meter, self.meter.now
        rows = self._recorder.rows(self._seen).until(None)
        self._seen += len(rows.times)
        if len(rows.times) == 0:
            return
        plant = self.table.plant
        exponents = plant.exponents[1:]
        hot = tuple(
            (float(watts * now.heat), n) for watts, n in zip(meter.leak_w, exponents, strict=True)
        )
        energy_j, power_w, _ = row_energy(
            replace(self.table, plant=replace(plant, leakage=hot)), rows
        )
        for name, joules in zip(COMPONENTS, energy_j.sum(axis=0).tolist(), strict=True):
            setattr(now, f"{name}_j", getattr(now, f"{name}_j") + joules)
        ran = np.flatnonzero(rows["layer"] != IDLE)
        layer, seconds = rows["layer"][ran], (rows["end_ns"] - rows["start_ns"])[ran] * 1e-9
        spans = seconds + rows["stall_ns"][ran] * 1e-9
        inside = power_w[ran, : IN_DOMAIN[self.cap.domain]].sum(axis=1)
        now.peak_w = max(now.peak_w, float(power_w[ran].sum(axis=1).max(initial=0)))
        now.max_w = max(now.max_w, float(inside.max(initial=0)))
        now.busy_s += float(spans.sum())
        npu = power_w[ran, : IN_DOMAIN[Domain.NPU]].sum(axis=1)
        over = (inside > now.cap_w * (1 + 1e-9)) | (npu > now.npu_limit_w * (1 + 1e-9))
        now.over_s += float(seconds[over].sum())
        np.add.at(meter.layer_j, layer, energy_j[ran].sum(axis=1))
        np.add.at(meter.layer_s, layer, spans)
        np.add.at(meter.level_s, rows["level"][ran], spans)
        self.transitions += self._recorder.transitions
        self._recorder.drop()


def host_seconds(q: Queue) -> float:
    """Return the seconds of host work that has begun so far."""
    total = 0
    for step in range(len(q.host_calls)):
        total += q.host_calls[step] * q.step[step, HOST_NS]
    return total * 1e-9


HELPERS = (host_seconds,)
