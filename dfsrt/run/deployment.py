"""A deployment: a load's networks on a device under a power model, worked out once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np

from dfsrt.base import defaults
from dfsrt.base.errors import InputError, NetworkError
from dfsrt.base.whole import check_seed
from dfsrt.cost import at_device_precision
from dfsrt.cost.choice import with_memory
from dfsrt.cost.cycles import Matched, load_cycles, match
from dfsrt.device import Npu, load_device
from dfsrt.device.core_count import on_cores
from dfsrt.device.memory_points import without_standby
from dfsrt.network import Network
from dfsrt.network.passes import is_language_model
from dfsrt.network.reading import Reading
from dfsrt.power.choose import choose_model, parse_confidence
from dfsrt.power.model import PowerModel
from dfsrt.power.table import LayerTable, build_table
from dfsrt.run.activities import Activities
from dfsrt.run.batching import Batching
from dfsrt.run.beside import at_one_memory_clock
from dfsrt.run.checks import check_tokens
from dfsrt.run.lanes import LaneSetup, lane_setup, with_share
from dfsrt.run.language import Pass, open_language
from dfsrt.run.layer_times import LayerTimesOf
from dfsrt.run.masks import Lanes, parse_lanes
from dfsrt.run.mix import Mix, make_mix
from dfsrt.run.parts import Parts
from dfsrt.run.reading_of import ReadingOf, in_a_pipeline
from dfsrt.run.rules import parse_discipline
from dfsrt.run.smaller import load_smaller, smaller
from dfsrt.run.source import NETWORK, PIPELINE, Source
from dfsrt.run.spec import RunSpec
from dfsrt.run.token_demand import TokenDemand, expected_units


class Deployment:
    """The device, the power model and the layer tables that all runs of one load share.

    What is worked out is held: a deployment serves any governor, cap, period and stop. ``spec`` has
    its defaults.

    Raises, on use:
        InputError: a value that cannot be used, with what is allowed.
    """

    def __init__(self, source: Source, spec: RunSpec, mix: Mix | None = None) -> None:
        self.source, self.spec = source, spec
        self._mix = mix
        self._shared: tuple[Parts, Hashable] | None = None

    def share(self, parts: Parts, key: Hashable) -> None:
        """Take networks and tables from ``parts`` and leave them there, under ``key``.

        Only where none of them is said anything of by name: who says it must hear if no network
        has that name.
        """
        spec = self.spec
        said = (spec.activity, spec.layer_times, spec.parallel, spec.cycles)
        if said == (None,) * 4 and replace(spec.reading, steps="") == Reading():
            self._shared = parts, key

    @cached_property
    def npu(self) -> Npu:
        """The device, with its memory as the specification says.

        A world with main memory among its components holds there what that draws by itself.
        """
        spec = self.spec
        npu = at_one_memory_clock(self._with_all_points, spec)
        uses = () if spec.world is None else spec.world.uses
        return without_standby(npu) if any(use.component.is_memory for use in uses) else npu

    @cached_property
    def _with_all_points(self) -> Npu:
        spec = self.spec
        return with_memory(
            self._device, spec.mapper, spec.schedule, dram=spec.dram, prefetch=spec.prefetch
        )

    @property
    def _device(self) -> Npu:
        device = self.spec.device
        if isinstance(device, Npu):
            return device
        if not isinstance(device, str | Path):
            raise InputError(f"device {device!r} is no device; give a name, a path or an Npu")
        return load_device(device)

    @cached_property
    def model(self) -> PowerModel:
        """What governors plan by."""
        return self._model_on(1)

    def _model_on(self, cores: int) -> PowerModel:
        """What governors plan by on so many cores; each number of them has a model of its own."""
        spec = self.spec
        bound = None if spec.confidence is None else parse_confidence(spec.confidence)
        if bound is not None and spec.correct:
            raise InputError(
                "a confidence and a corrector do not go together: it would learn the bound's "
                "margin away; leave out one of them"
            )
        npu = self._with_all_points  # a model is of the device, whatever its memory's clock
        on = npu if self.lanes is None else on_cores(npu, cores)
        return choose_model(spec.power_model or "fitted", on, bound)

    @cached_property
    def lanes(self) -> Lanes | None:
        """The cores that work side by side; None where all that work are at one request."""
        said = self.spec.parallel
        return None if said is None else parse_lanes(said, self.npu, self.source.workloads)

    @cached_property
    def lane_setup(self) -> LaneSetup:
        """What lanes draw by and what their layers take.

        Raises:
            InputError: no cores that work side by side, or a layer too long for them.
        """
        lanes, mix = self.lanes, self.mix
        if lanes is None:
            raise InputError("no cores work side by side; say how many, or which, with parallel")
        widths = [lanes.width(mix.parts[part].workload) for part in mix.sections]
        return lane_setup(mix.table, self.npu, lanes, widths)

    @cached_property
    def mix(self) -> Mix:
        """The networks and pipelines that requests ask for, as one layer table."""
        return self._mix or self._make_mix()

    def _make_mix(self) -> Mix:
        lone = self.source.kind == NETWORK
        batching = self.batching
        if batching is not None and [*map(is_language_model, self.source.workloads)] != [True]:
            raise InputError(
                "discipline continuous is for requests of one language model; take another one"
            )
        chunk = 0 if batching is None else batching.chunk
        source, lanes = self.source, self.lanes
        names = source.workloads
        if lanes is not None and any(map(is_language_model, names)):
            raise InputError(
                "a language model does not go together with 'parallel': its passes take all cores "
                "in use; leave one out, or give the device cores=N"
            )
        widths = () if lanes is None else [lanes.width(k) for k in range(len(names))]
        mix = make_mix(names, lone, self._deploy, source.readings, self._passes, chunk, widths)
        self._activities.check_used()
        self._layer_times.check_used()
        self._asked.check_used()
        return mix

    def _deploy(
        self, name: str, own: Reading, place: int, cores: int
    ) -> tuple[Network, LayerTable]:
        if self._shared is None:
            return self._worked_out(name, own, place, cores)
        parts, key = self._shared
        of = (key, name, repr(own), place, cores)
        return parts.of(of, self.npu, lambda: self._worked_out(name, own, place, cores))

    def _worked_out(
        self, name: str, own: Reading, place: int, cores: int
    ) -> tuple[Network, LayerTable]:
        try:
            network = self.network(name, own)
        except NetworkError as error:
            if self.source.kind != PIPELINE:
                raise
            raise NetworkError(in_a_pipeline(str(error))) from error
        return network, self.table(network, place, name, cores)

    @cached_property
    def batching(self) -> Batching | None:
        """How requests of a language model share its passes, where they do."""
        return parse_discipline(self.spec.discipline or "fifo")[1]

    def demand(self, workload: int) -> TokenDemand:
        """Return the tokens that requests of a workload, by number, have."""
        trace = self.source.trace
        if trace is None:
            spec = self.spec
            prompt = defaults.PROMPT if spec.prompt is None else check_tokens(spec.prompt, "prompt")
            tokens = defaults.TOKENS if spec.tokens is None else check_tokens(spec.tokens, "tokens")
            return TokenDemand(np.array([prompt]), np.array([tokens]))
        own = trace.workload == workload
        return TokenDemand(trace.prompt_tokens[own], trace.output_tokens[own])

    def _passes(
        self, name: str, workload: int, place: int
    ) -> Iterator[tuple[Pass, Network, LayerTable]]:
        """Return the passes of a language model, their networks and layer tables."""
        language, demand = open_language(name), self.demand(workload)
        demand.check(language.model.config.context, name, self._request(workload))
        precision = self.spec.precision or defaults.PRECISION
        for number, one in enumerate(language.passes(demand, self.batching)):
            network = at_device_precision(one.network, self.npu, precision)
            table = self.table(network, place + number, name)
            units = expected_units(table.grows, one.single, one.shared)
            yield one, network, replace(table, units=units)

    def _request(self, workload: int) -> Callable[[int], str]:
        """Return how a message calls a request of a workload, by its place among those."""
        trace = self.source.trace
        if trace is None:
            return lambda _: "a request"
        places = np.flatnonzero(trace.workload == workload)
        return lambda k: f"request {places[k]:,} of trace '{trace.card.name}'"

    @cached_property
    def _activities(self) -> Activities:
        return Activities(self.spec.activity, self.spec.activity_known)

    @cached_property
    def _layer_times(self) -> LayerTimesOf:
        return LayerTimesOf(self.spec.layer_times, self.spec.layer_times_at)

    def network(self, name: str = "", own: Reading | None = None) -> Network:
        """Return a network in the precision that the device runs; the source's own by default.

        What is said of the run stands before what is said of a network in its ``own`` place.
        """
        return at_device_precision(
            self.raw_network(name, own), self.npu, self.spec.precision or defaults.PRECISION
        )

    def raw_network(self, name: str = "", own: Reading | None = None) -> Network:
        """Return a network as its file has it, with the sizes that its steps leave."""
        if self.source.network is not None:
            return smaller(self.source.network, self.spec.steps or "")
        name = name or self.source.workloads[0]
        reading = self._asked.of(name)
        reading = reading if own is None else reading.over(own)
        lone = self.source.kind == NETWORK
        return load_smaller(name, reading, lone=lone)

    @cached_property
    def _asked(self) -> ReadingOf:
        one = self.source.kind == NETWORK or len(self.source.workloads) == 1
        return ReadingOf(self.spec.reading, one)

    def cycles(self, network: Network) -> Matched | None:
        """Return another simulator's cycles of ``network``, where the spec names a report."""
        return None if self.spec.cycles is None else match(load_cycles(self.spec.cycles), network)

    def table(self, network: Network, place: int = 0, name: str = "", cores: int = 1) -> LayerTable:
        """Return the layer table of ``network``, the ``place``-th of its mix, there by ``name``.

        On a lane of so many ``cores``, where they work side by side.
        """
        seed, activity = check_seed(self.spec.seed or 0), self._activities.of(network, name)
        npu, model = self._npu_on(cores), self._model_on(cores)
        cycles, times = self.cycles(network), self._layer_times.of(network, npu, name)
        table = build_table(network, npu, model, seed, cycles, place, activity, times)
        return table if self.lanes is None else with_share(table, 1 / len(self.lanes))

    def _npu_on(self, cores: int) -> Npu:
        return self.npu if self.lanes is None else on_cores(self.npu, cores)

    def on_die(self, npu: Npu, seed: int) -> Deployment:
        """Return the deployment on another die of its device; ``seed`` picks its activity."""
        return Deployment(self.source, replace(self.spec, device=npu), self.mix.on_die(npu, seed))
