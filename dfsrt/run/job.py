"""A job: a specification with all that its runs need worked out, under any governor."""

from __future__ import annotations

import math
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Unpack

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.base.units import parse_period_ns, parse_power_w, parse_temperature_c, parse_time_ns
from dfsrt.device import Domain, Npu
from dfsrt.governor import Governor
from dfsrt.governor.governor import discipline_of, sees_queue
from dfsrt.governor.registry import label
from dfsrt.network.passes import CACHE_BLOCK
from dfsrt.power.table import LayerTable
from dfsrt.run.beside import check_beside
from dfsrt.run.cap import CapStep, PowerCap
from dfsrt.run.checks import check_choice, check_frames, check_repeat
from dfsrt.run.deployment import Deployment
from dfsrt.run.fields import RunFields
from dfsrt.run.fit import check_fit
from dfsrt.run.idle_policy import check_states, idle_policy, says_idle
from dfsrt.run.idle_tables import IdlePolicy
from dfsrt.run.language import cache_limit, open_language
from dfsrt.run.masks import Lanes
from dfsrt.run.memory_policy import MemoryPolicy, memory_policy
from dfsrt.run.mix import Mix
from dfsrt.run.rules import LOOPS, Discipline, Rules, parse_rules
from dfsrt.run.scenario import Scenario
from dfsrt.run.source import SCENARIO, kind_of, open_scenario, open_source
from dfsrt.run.spec import RunSpec
from dfsrt.run.stop import Stop, parse_stop, parse_until
from dfsrt.run.stream import FOR_EVER, NO_DEADLINE, Load, steady, streams
from dfsrt.trace import Trace, cap_steps_of
from dfsrt.trace.transform import scaled

if TYPE_CHECKING:
    from dfsrt.world.setting import Setting

FRAMES = 10
"""Frames of a network or a pipeline where nobody says how many or until when."""
MAX_CHANGES = 1_000_000
"""Changes of the cap that one run may hold."""
DETAILS = ("layer", "request", "summary")
STEPS = ("auto", "kernel", "layer")


class Job:
    """A load on a device under a cap, and the world around it: all of a run but its governor.

    ``spec`` is complete: what a scenario says and the defaults are in it. ``kind`` is what the
    load was given as, ``deployment`` is shared by jobs of the same load on the same device, and
    ``scenario`` is the one that was named, if any.

    Raises, on use:
        InputError: a value that cannot be used, with what is allowed.
    """

    def __init__(
        self, spec: RunSpec, kind: str, deployment: Deployment, scenario: Scenario | None = None
    ) -> None:
        self.spec, self.kind = spec, kind
        self.deployment, self.scenario = deployment, scenario

    def under(self, cap: str | float | None) -> Job:
        """Return the same job under another cap; network and layer table are shared."""
        return self.changed(cap=cap)

    def changed(self, **fields: Unpack[RunFields]) -> Job:
        """Return the job with other ``fields`` of its specification, on the same deployment.

        Only fields that do not change load, device and power model: cap, governor, stop, world.
        """
        return Job(replace(self.spec, **fields), self.kind, self.deployment, self.scenario)

    def checked(self) -> Job:
        """Return the job itself, once what it says of idle time, memory and cores was looked at.

        Raises:
            InputError: a governor, a place of the rail, a memory clock or cores that cannot be had.
        """
        _ = self.idle, self.memory
        check_beside(self.spec)
        return self

    def on_die(self, npu: Npu, seed: int) -> Job:
        """Return the job on another die of its device; ``seed`` picks that die's activity."""
        spec, die = replace(self.spec, device=npu), self.deployment.on_die(npu, seed)
        return Job(spec, self.kind, die, self.scenario)

    # What runs.

    @property
    def npu(self) -> Npu:
        """The device."""
        return self.deployment.npu

    @property
    def mix(self) -> Mix:
        """The networks and pipelines that requests ask for."""
        return self.deployment.mix

    @property
    def table(self) -> LayerTable:
        """The layer table that all runs share."""
        return self.mix.table

    @property
    def lanes(self) -> Lanes | None:
        """The cores that work side by side, if any do."""
        return self.deployment.lanes

    @property
    def workloads(self) -> tuple[str, ...]:
        """The networks and pipelines that requests ask for, by name."""
        return self.deployment.source.workloads

    @cached_property
    def trace(self) -> Trace | None:
        """The trace as it is replayed, where the load is one."""
        trace = self.deployment.source.trace
        scale = self.spec.time_scale
        return trace if trace is None or scale is None else scaled(trace, scale)

    @property
    def frames(self) -> int | None:
        """How many frames come, where that is said; None where something else ends the run."""
        spec = self.spec
        if self.trace is not None:
            return None
        if spec.frames is None:
            return FRAMES if spec.until is None and self.setting is None else None
        return check_frames(spec.frames)

    @property
    def period_ns(self) -> int | None:
        """Time from one arrival to the next, or None."""
        return None if self.spec.period is None else parse_period_ns(self.spec.period)

    @cached_property
    def load(self) -> Load:
        """The requests, as a lazy stream."""
        spec, trace = self.spec, self.trace
        if trace is None:
            deadline = (
                NO_DEADLINE if spec.deadline is None else parse_period_ns(spec.deadline, "deadline")
            )
            frames = FOR_EVER if self.frames is None else self.frames
            if self.lanes is not None and self.period_ns is None:
                count = len(self.lanes.of_workload[0])
                frame_ns = int(self.table.duration_ns[:, -1].sum())
                return streams(frames, count, frame_ns // count, deadline)
            return steady(frames, self.period_ns, deadline, *self._tokens)
        repeat = 1 if spec.repeat is None else check_repeat(spec.repeat)
        copies = FOR_EVER if self.setting is not None else repeat
        return Load(
            trace.arrival_ns,
            trace.workload,
            trace.deadline_ns,
            trace.priority,
            trace.session,
            copies,
            trace.card.duration_ns,
            spec.loop == "closed",
            trace.prompt_tokens,
            trace.output_tokens,
        )

    @property
    def _tokens(self) -> tuple[int, int]:
        """Prompt and tokens of each request of a lone workload."""
        if not self.mix.plots[0].chunk:
            return 0, 0
        demand = self.deployment.demand(0)
        return int(demand.prompt[0]), int(demand.tokens[0])

    @cached_property
    def idle(self) -> IdlePolicy:
        """What an idle NPU does."""
        own = None if self.scenario is None else self.scenario.spec
        check_states(self.spec, self.npu, own)
        clocked = self.trace is None and self.period_ns is not None
        policy = idle_policy(self.spec, clocked=clocked)
        if self.setting is None:
            return policy
        orders = self.setting.npu.orders([state.name for state in self.npu.idle])
        return replace(policy, orders=orders, repeat_ns=self.setting.npu.repeat_ns)

    @cached_property
    def memory(self) -> MemoryPolicy:
        """Who sets the memory's clock."""
        own = None if self.scenario is None else self.scenario.spec
        return memory_policy(self.spec, self.npu, own)

    def rules_under(self, governor: Governor) -> Rules:
        """Return how requests share the NPU: in the governor's order, else as said.

        A scenario's own file does not know who will run it; what a caller says must be the same.

        Raises:
            InputError: an unknown rule, or another order than the governor plans for.
        """
        said, needs = self.spec.discipline, discipline_of(governor)
        if said and needs and said != needs and self.scenario is None:
            raise InputError(
                f"governor '{label(governor)}' plans for discipline {needs}, not {said}; leave the "
                "discipline out, or take another governor"
            )
        self._check_language(governor, needs)
        rules = parse_rules(needs or said or "fifo", self.spec.drop or "none", self.load.closed)
        if rules.discipline is not Discipline.CONTINUOUS:
            return rules
        model = open_language(self.workloads[0]).model
        limit = cache_limit(model, self.deployment.demand(0), rules.batch)
        return rules if limit is None else replace(rules, cache_limit=limit)

    def _check_language(self, governor: Governor, needs: str) -> None:
        """Refuse who goes by how long requests take, where nobody knows that."""
        if (needs or sees_queue(governor)) and any(plot.chunk for plot in self.mix.plots):
            raise InputError(
                f"governor '{label(governor)}' goes by what requests have left to do, and a "
                "language model's end when they have written enough; take another, like dfs"
            )

    # Under which cap, and until when.

    @property
    def cap_domain(self) -> Domain:
        """What the cap holds."""
        return Domain(check_choice(str(self.spec.cap_domain), "cap domain", tuple(Domain)))

    @cached_property
    def power_cap(self) -> PowerCap:
        """The cap with its changes: the given one, else the trace's, else the device's own."""
        spec = self.spec
        first_w = self.npu.default_cap_w if spec.cap is None else limit_w(spec.cap)
        steps = {0: first_w} | (self._trace_steps() if spec.cap is None else {})
        changes = {
            parse_time_ns(when, "cap change"): limit_w(limit)
            for when, limit in spec.cap_changes.items()
        }
        if 0 in changes:
            raise InputError("a cap change at 0 s is the cap itself; give it as the cap")
        steps |= changes
        window_ns = parse_time_ns(spec.cap_window or 0, "window")
        ordered = tuple(CapStep(t, w) for t, w in sorted(steps.items()))
        return PowerCap(ordered, self.cap_domain, window_ns)

    def _trace_steps(self) -> dict[int, float]:
        """The trace's own cap changes, once for each copy that can come.

        Raises:
            InputError: more of them than can be held.
        """
        if self.trace is None:
            return {}
        copies = None if self.load.endless else self.load.copies
        until_ns = self.horizon_ns if self.load.endless else self.stop.at_ns
        steps = dict(islice(cap_steps_of(self.trace, copies, until_ns), MAX_CHANGES + 1))
        if len(steps) > MAX_CHANGES:
            raise InputError(
                f"the trace's copies change the cap more than {MAX_CHANGES:,} times; let the run "
                "end earlier (until), repeat the trace less often, or give a cap of your own"
            )
        return steps

    @property
    def setting(self) -> Setting | None:
        """What surrounds the NPU, if anything does."""
        return self.spec.world

    @cached_property
    def stop(self) -> Stop:
        """When the run ends, besides with its load."""
        until = self.spec.until
        if isinstance(until, Stop):
            return until
        if self.setting is not None:
            return parse_stop("empty" if until is None else str(until), what="until")
        return Stop() if until is None else parse_until(until)

    @cached_property
    def horizon_ns(self) -> int:
        """A time by which a run in a world has ended, whatever happens.

        A battery that nothing but components at rest empties lasts longest.
        """
        setting, stop = self.setting, self.stop
        if setting is None or not stop.empty:
            return stop.at_ns
        floor_w = setting.floor_w + self.npu.silicon.uncore_w + self.npu.silicon.fixed_w
        if floor_w <= 0:
            return stop.at_ns
        most_j = setting.battery.energy_j(setting.health.value) * setting.charge.value
        return min(stop.at_ns, math.ceil(most_j / floor_w * 1.01e9) + 2 * setting.tick_ns)

    @property
    def least_ns(self) -> int:
        """An open loop lasts as long as its load does; a closed one until all have left.

        The last period belongs to the run, or speed would be one period too high.
        """
        return 0 if self.load.endless else self.load.duration_ns

    @property
    def layer_runs(self) -> float:
        """An upper bound of the layer runs of the whole run; infinite where nobody can say."""
        if self.load.endless:
            return math.inf
        if not self.load.tokens.any():
            return self.load.requests * self.mix.most_runs
        return int((self._passes * self._pass_runs).sum()) * self.load.copies

    @property
    def most_runs(self) -> int:
        """An upper bound of the layer runs of one request."""
        if not self.load.tokens.any():
            return self.mix.most_runs
        return int((self._passes * self._pass_runs).max())

    @property
    def most_units(self) -> int:
        """An upper bound of the blocks of one cache, 1 where there is none."""
        return max(-(-int((self.load.prompt + self.load.tokens).max()) // CACHE_BLOCK), 1)

    @property
    def _passes(self) -> Ints:
        """Passes of each request that is alone, 1 where it is of no language model."""
        load, chunk = self.load, np.array([max(plot.chunk, 1) for plot in self.mix.plots])
        prompt = -(-load.prompt // chunk[load.workload])
        return np.asarray(np.maximum(prompt + load.tokens - 1, 1))

    @property
    def _pass_runs(self) -> Ints:
        """Layer runs of a pass of each request, of all steps where it has no passes."""
        runs = [
            max(s.stop - s.first for s in plot.first) if plot.chunk else self.mix.most_runs
            for plot in self.mix.plots
        ]
        return np.asarray(runs, dtype=np.int64)[self.load.workload]

    def holds_requests(self, most: int) -> bool:
        """Whether all requests may be held one by one."""
        return not self.load.endless and self.load.requests <= most


def make_job(load: object, **fields: Unpack[RunFields]) -> Job:
    """Return the job of ``load``; ``fields`` are those of ``RunSpec``.

    Raises:
        InputError: a load or a field that nobody knows, a field that the load cannot use, or a
            value that cannot be used.
    """
    return job_of(make_spec(load, **fields))


def job_of(spec: RunSpec) -> Job:
    """Return the job of a specification, with a scenario's own values and defaults filled in.

    Raises:
        InputError: a load that nobody knows, or a field that it cannot use.
    """
    kind, scenario = kind_of(spec.load), None
    check_fit(spec.said(), kind)
    if kind == SCENARIO:
        scenario = open_scenario(spec.load)
        spec = _aired(spec.over(scenario.whole()))
    spec = spec.with_defaults()
    check_choice(str(spec.step), "step", STEPS)
    check_choice(str(spec.loop), "loop", LOOPS)
    if spec.detail is not None:
        check_choice(spec.detail, "detail", DETAILS)
    source = open_source(spec.load, kind_of(spec.load))
    job = Job(spec, kind, Deployment(source, spec), scenario)
    says = says_idle(spec) or spec.memory is not None or spec.parallel is not None
    return job.checked() if says else job


def make_spec(load: object, **fields: Unpack[RunFields]) -> RunSpec:
    """Return the specification with these ``fields``.

    Raises:
        InputError: a field that nobody knows.
    """
    known = {f.name for f in dataclass_fields(RunSpec)} - {"load"}
    for name in fields:
        if name not in known:
            raise InputError(unknown_name("option", name, known))
    return RunSpec(load=load, **fields)


def _aired(spec: RunSpec) -> RunSpec:
    """Return a scenario's specification in the air that was asked for."""
    if spec.ambient is None or spec.world is None:
        return spec
    celsius = parse_temperature_c(spec.ambient, "ambient")
    air = replace(
        spec.world.ambient, value=celsius, low=celsius, high=celsius, source="given with --ambient"
    )
    return replace(spec, world=replace(spec.world, ambient=air, ambient_changes=()), ambient=None)


def limit_w(cap: str | float) -> float:
    """Return a cap's watts, infinite for ``none``.

    Raises:
        InputError: no power.
    """
    if isinstance(cap, float) and math.isinf(cap) and cap > 0:
        return math.inf
    return math.inf if str(cap).strip().lower() == "none" else parse_power_w(cap, "cap")
