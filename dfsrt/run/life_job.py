"""A battery-life job: a scenario, run from its start to its end."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.device import Domain, Npu
from dfsrt.governor import Governor, make_governor
from dfsrt.governor.governor import reads_power
from dfsrt.report.life_schema import LifeReport
from dfsrt.report.life_summary import summarize_life
from dfsrt.report.schema import to_json
from dfsrt.run.api import STEPS, Job
from dfsrt.run.cap import PowerCap, constant_cap
from dfsrt.run.first_pass import FirstPass
from dfsrt.run.life_requests import load_requests
from dfsrt.run.living import Living
from dfsrt.run.living_kernel import LivingKernel
from dfsrt.run.log import RunLog
from dfsrt.run.metering import Meter, make_meter
from dfsrt.run.mix import Mix, make_mix
from dfsrt.run.queue import Queue
from dfsrt.run.replay_job import parse_rules
from dfsrt.run.replay_runtime import make_runtime
from dfsrt.run.requests import NO_DEADLINE, Requests, Rules, make_queue
from dfsrt.run.scenario import Scenario
from dfsrt.trace.load import load_trace
from dfsrt.trace.trace import Trace
from dfsrt.world.build import build_world
from dfsrt.world.world import World


@dataclass(frozen=True)
class BatteryJob:
    """A scenario on its device: everything of a run but the governor.

    ``step`` is the engine: the compiled ``kernel`` (also ``auto``), or ``layer`` by layer in
    SimPy; their results are the same to rounding. ``device`` takes the place of the scenario's,
    as samples of other dies do.

    Raises, on use:
        InputError: a value that cannot be used, with what is allowed.
    """

    scenario: Scenario
    step: str = "auto"
    device: Npu | None = None

    @cached_property
    def base(self) -> Job:
        """The job of one network, from which those of the load's networks are made."""
        s, cap = self.scenario, self.scenario.cap
        if self.step not in STEPS:
            raise InputError(unknown_name("step", self.step, STEPS))
        given = {"power_model": s.power_model, "precision": s.precision, "confidence": s.confidence}
        return Job(
            "",
            device=s.device if self.device is None else self.device,
            cap=None
            if cap.first_w is None
            else ("none" if math.isinf(cap.first_w) else cap.first_w),
            cap_domain=cap.domain,
            seed=s.seed,
            **{key: value for key, value in given.items() if value is not None},  # type: ignore[arg-type]
        )

    @cached_property
    def trace(self) -> Trace | None:
        """The trace of the load, if it has one."""
        load = self.scenario.load
        return None if load.trace is None else load_trace(load.trace)

    @cached_property
    def workloads(self) -> tuple[str, ...]:
        """The networks and pipelines that the load asks for."""
        return (str(self.scenario.load.workload),) if self.trace is None else self.trace.workloads

    @cached_property
    def mix(self) -> Mix:
        """Their layers on the device."""
        return make_mix(self.workloads, self.base)

    @cached_property
    def rules(self) -> Rules:
        """How requests share the NPU."""
        load = self.scenario.load
        closed = self.trace is None and load.every_ns is None
        return parse_rules(load.discipline, load.drop, closed)

    @cached_property
    def lived(self) -> Scenario:
        """The scenario, with the trace's own cap changes where it says nothing of a cap."""
        s = self.scenario
        if self.trace is None or s.cap.first_w is not None or s.cap.changes:
            return s
        card = self.trace.card
        copies = math.ceil(self.horizon_ns / max(card.duration_ns, 1))
        steps = {k * card.duration_ns + t: w for k in range(copies) for t, w in card.cap_steps}
        first_w, changes = steps.pop(0, None), tuple(sorted(steps.items()))
        return replace(s, cap=replace(s.cap, first_w=first_w, changes=changes))

    @property
    def first_cap_w(self) -> float:
        """The cap at the start: the scenario's, else the trace's, else the device's own."""
        first_w = self.lived.cap.first_w
        return self.base.power_cap.first_w if first_w is None else first_w

    @property
    def cap(self) -> PowerCap:
        """The cap's domain; its limit is the world's to say."""
        return constant_cap(self.first_cap_w, Domain(self.base.power_cap.domain))

    @cached_property
    def horizon_ns(self) -> int:
        """A time by which the scenario has ended, whatever happens.

        A battery that nothing but components at rest empties lasts longest.
        """
        stop, setting = self.scenario.stop, self.scenario.setting
        floor_w = math.fsum(use.rest_w for use in setting.uses) + self.base.npu.silicon.uncore_w
        if not stop.empty or floor_w <= 0:
            return stop.at_ns
        most_j = setting.battery.energy_j(setting.health.value) * setting.charge.value
        return min(stop.at_ns, math.ceil(most_j / floor_w * 1.01e9) + 2 * setting.tick_ns)

    @cached_property
    def requests(self) -> Requests:
        """All requests that can come before the horizon."""
        scenario = self.scenario
        return load_requests(
            scenario.load, scenario.stop.requests, self.horizon_ns, self.trace, self.mix
        )

    def new_world(self) -> World:
        """Return the world as it is at the start.

        Raises:
            InputError: a battery that cannot even carry the components at rest, or more events
                than can be kept.
        """
        table, stop = self.mix.table, self.lived.stop
        return build_world(
            self.lived.setting,
            table.npu,
            len(table.load.names),
            float(table.predicted_w[np.isfinite(table.predicted_w)].max()),
            [(0, self.first_cap_w), *self.lived.cap.changes],
            stop_ns=stop.at_ns,
            stop_requests=stop.requests,
            horizon_ns=self.horizon_ns,
        )

    def run(
        self,
        governor: str | Governor | None = None,
        on_time: Callable[[float], None] | None = None,
    ) -> BatteryRun:
        """Run the scenario to its end under ``governor``, else its own, and return the outcome."""
        chosen = make_governor(self.scenario.governor if governor is None else governor)
        if reads_power(chosen):
            raise InputError(
                "a governor that reads the power meter needs every layer run as a row, too many "
                "for a battery's life; take another, like dfs or power_allocator's zones"
            )
        queue = make_queue(self.requests, self.mix.plots, self.rules)
        meter = make_meter(self.mix.table, Domain(self.base.power_cap.domain))
        engine = Living if self.step == "layer" else LivingKernel
        living = engine(self.mix.table, chosen, self.cap, queue, self.new_world(), meter, on_time)
        living.live()
        return BatteryRun(
            self, chosen, queue, living.world, living.meter, living.transitions, living.moves
        )

    def with_scenario(self, scenario: Scenario) -> BatteryJob:
        """Return the job of ``scenario``, which asks for the same load on the same device.

        What has been worked out of load and device is shared.
        """
        other = replace(self, scenario=scenario)
        for name in ("base", "trace", "workloads", "mix", "rules"):
            if name in self.__dict__:
                other.__dict__[name] = self.__dict__[name]
        return other

    def on_die(self, npu: Npu, seed: int) -> BatteryJob:
        """Return the job on another die of its device; ``seed`` picks that die's activity."""
        other = replace(self, device=npu)
        other.__dict__.update(mix=self.mix.on_die(npu, seed), trace=self.trace, rules=self.rules)
        return other


@dataclass(frozen=True)
class BatteryRun:
    """A finished scenario: ``report`` has the figures, ``world`` and ``meter`` the ledgers.

    ``transitions`` counts layer runs by the level before and their own, ``moves`` the rail's.
    """

    job: BatteryJob
    governor: Governor
    queue: Queue
    world: World
    meter: Meter
    transitions: Ints
    moves: int

    @cached_property
    def report(self) -> LifeReport:
        """The report."""
        return summarize_life(self)

    def to_json(self) -> bytes:
        """Return the report as JSON."""
        return to_json(self.report)

    @cached_property
    def first_pass(self) -> RunLog:
        """Each layer's first execution where every workload is asked for once, under the first cap.

        At the device's own temperature: it shows what the governor does to single layers.
        """
        job, first = self.job, FirstPass()
        count = len(job.workloads)
        zero = np.zeros(count, dtype=np.int64)
        once = Requests(zero, np.arange(count), zero + NO_DEADLINE, zero, zero)
        queue = make_queue(once, job.mix.plots, job.rules)
        make_runtime(job.mix.table, self.governor, job.cap, queue).stream(first)
        return first.log

    @property
    def finished(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """When each request finished that did before the end, ascending."""
        done = self.queue.finish_ns[self.queue.finish_ns >= 0]
        return np.sort(done[done <= self.world.state.now_ns])
