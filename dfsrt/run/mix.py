"""The mix: the networks and pipelines that share a device, as one layer table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from dfsrt.base.errors import InputError
from dfsrt.cost.reload import states_with_reload
from dfsrt.device import Npu
from dfsrt.network import Network
from dfsrt.network.passes import is_language_model
from dfsrt.network.pipeline import Pipeline, Stage, is_pipeline, load_pipeline
from dfsrt.network.pipeline.pipeline import On
from dfsrt.network.reading import Reading
from dfsrt.power.joined import join_tables
from dfsrt.power.plant import build_plant
from dfsrt.power.table import LayerTable
from dfsrt.run.language import Pass
from dfsrt.run.program import Plot, Step, token_plot


@dataclass(frozen=True, slots=True)
class StageKey:
    """A stage of a workload: its ``section`` of the layer table, or its time on the host."""

    workload: str
    name: str
    section: tuple[int, int] | None
    host_ns: int
    macs: int


@dataclass(frozen=True)
class Part:
    """One stage of one workload; its ``table``, or None where it runs on the host.

    A pass of a language model has room for ``tokens``.
    """

    workload: int
    stage: Stage
    table: LayerTable | None
    macs: int
    unknown_ops: tuple[tuple[str, int], ...]
    notes: tuple[str, ...] = ()
    converted: tuple[tuple[str, str, int], ...] = ()
    tokens: int = 0


class Mix:
    """What a queue's steps and the joined table's sections stand for.

    ``pipelines`` are the workloads; a lone network is a pipeline of one stage. ``parts`` are
    their stages in order; those with a table have a section of ``table`` each. ``chunk`` tokens of
    a prompt go into a pass of a language model at the most; 0 for as many as there is room for.
    """

    def __init__(
        self, pipelines: tuple[Pipeline, ...], parts: tuple[Part, ...], chunk: int = 0
    ) -> None:
        self.pipelines, self.parts, self.chunk = pipelines, parts, chunk

    @cached_property
    def table(self) -> LayerTable:
        """All layers, a section for each part on the NPU.

        Raises:
            InputError: nothing runs on the NPU at all.
        """
        tables = [part.table for part in self.parts if part.table is not None]
        if not tables:
            raise InputError("no stage runs on the NPU; give a pipeline with a network in it")
        name = "+".join(p.name for p in self.pipelines)
        lone = len(self.parts) == 1 and not self.parts[0].tokens
        return _reloading(tables[0] if lone else join_tables(tables, name))

    @cached_property
    def sections(self) -> dict[int, tuple[int, int]]:
        """The layers of each part that has any, by the part's number."""
        on_npu = [i for i, part in enumerate(self.parts) if part.table is not None]
        return dict(zip(on_npu, self.table.sections, strict=True))

    @cached_property
    def plots(self) -> tuple[Plot, ...]:
        """What the requests of each workload do."""
        return tuple(self._plot(i) for i in range(len(self.pipelines)))

    def _plot(self, workload: int) -> Plot:
        pipeline = self.pipelines[workload]
        first, key, between = (
            tuple(self._step(part) for part in self._order(workload, on))
            for on in (On.FIRST, On.KEY, On.BETWEEN)
        )
        if first[0].tokens:
            return token_plot(first, self.chunk)
        return Plot(first, key, between, pipeline.key_every, pipeline.in_order)

    def _order(self, workload: int, on: On) -> list[int]:
        """The parts that such a request goes through, by number."""
        base = next(i for i, part in enumerate(self.parts) if part.workload == workload)
        return [base + stage for stage in self.pipelines[workload].order(on)]

    def _step(self, part: int) -> Step:
        if part in self.sections:
            return Step(*self.sections[part], tokens=self.parts[part].tokens)
        return Step(host_ns=self.parts[part].stage.host_ns)

    @cached_property
    def part_of_step(self) -> tuple[int, ...]:
        """The part of each row of the queue's table of steps."""
        kinds = (On.FIRST, On.KEY, On.BETWEEN)
        workloads = range(len(self.pipelines))
        return tuple(part for w in workloads for on in kinds for part in self._order(w, on))

    @cached_property
    def stage_keys(self) -> tuple[StageKey, ...]:
        """What a report calls each part."""
        return tuple(
            StageKey(
                self.pipelines[part.workload].name,
                part.stage.name,
                self.sections.get(i),
                part.stage.host_ns,
                part.macs,
            )
            for i, part in enumerate(self.parts)
        )

    @cached_property
    def most_runs(self) -> int:
        """An upper bound of the layer runs of one request."""
        return max(
            sum(step.stop - step.first for step in steps)
            for plot in self.plots
            for steps in (plot.first, plot.key, plot.between)
        )

    def on_die(self, npu: Npu, seed: int) -> Mix:
        """Return the same layers on another die of the device: its hidden side and activity.

        What governors are told does not change: they do not know which die they run.
        """
        dies: dict[int, LayerTable] = {}
        parts = []
        for part in self.parts:
            table = part.table
            if table is not None:
                if id(table) not in dies:
                    plant = build_plant(npu, table.load, seed, len(dies), table.nonzero)
                    dies[id(table)] = replace(table, npu=npu, plant=plant)
                table = dies[id(table)]
            parts.append(replace(part, table=table))
        return Mix(self.pipelines, tuple(parts), self.chunk)

    @property
    def unknown_ops(self) -> dict[str, int]:
        """Operators without a rule that were let through, with how often each occurs."""
        counts: dict[str, int] = {}
        for op, count in (pair for part in self.parts for pair in part.unknown_ops):
            counts[op] = counts.get(op, 0) + count
        return counts

    @property
    def notes(self) -> list[str]:
        """What is to be said of how networks were read, each network once."""
        parts = {id(part.table): part for part in self.parts}
        several = len([part for part in parts.values() if part.table is not None]) > 1
        return list(
            dict.fromkeys(
                f"{part.table.network}: {note}" if several and part.table else note
                for part in parts.values()
                for note in part.notes
            )
        )

    @property
    def converted(self) -> dict[str, int]:
        """How many layers run in another precision than the file's, as ``fp32 to int8``."""
        changes: dict[str, int] = {}
        for source, target, count in (c for part in self.parts for c in part.converted):
            key = f"{source} to {target}"
            changes[key] = changes.get(key, 0) + count
        return changes

    @property
    def assumed(self) -> list[str]:
        """Host times that have no source."""
        return [
            f"{part.stage.host_ns * 1e-6:.3g} ms on the host for stage {part.stage.name}"
            for part in self.parts
            if part.stage.assumed
        ]


def _reloading(table: LayerTable) -> LayerTable:
    """Return the table of a device whose idle states bring back the weights that they lose."""
    npu = table.npu
    states = states_with_reload(npu, (table.costs[a:b] for a, b in table.sections))
    return table if states == npu.idle else replace(table, npu=replace(npu, idle=states))


Key = tuple[str, Reading, int]
"""A network by name, how it is read, and the cores that it runs on."""
Deploy = Callable[[str, Reading, int, int], tuple[Network, LayerTable]]
"""Returns a network by name and reading, the so-many-th of its mix, and its layer table.

The last number is that of the cores that it runs on.
"""
DeployPasses = Callable[[str, int, int], Iterable[tuple[Pass, Network, LayerTable]]]
"""Returns the passes of a language model by name, of the so-many-th workload and part."""


def make_mix(
    workloads: Sequence[str],
    lone: bool,
    deploy: Deploy,
    readings: Mapping[str, Reading] | None = None,
    passes: DeployPasses | None = None,
    chunk: int = 0,
    widths: Sequence[int] = (),
) -> Mix:
    """Return the mix of named networks and pipelines; ``lone``: the one name is a network's.

    ``readings`` says how networks are read, by their names, ``passes`` what language models are,
    ``widths`` on how many cores each workload runs: on one, unless told.

    Raises:
        InputError: a name, a parameter or a network that cannot be used.
    """
    said = readings or {}
    pipelines: list[Pipeline] = []
    parts: list[Part] = []
    tables: dict[Key, tuple[Network, LayerTable]] = {}
    for number, text in enumerate(workloads):
        if passes is not None and not lone and is_language_model(text):
            own = [_pass_part(number, *each) for each in passes(text, number, len(parts))]
            stages = tuple(part.stage for part in own)
            pipelines.append(Pipeline(text, "passes of a language model", "", stages))
            parts += own
            continue
        pipelines.append(_lone(text, said) if lone else _as_pipeline(text, said))
        cores = widths[number] if widths else 1
        parts += [_part(number, s, deploy, tables, cores) for s in pipelines[-1].stages]
    return Mix(tuple(pipelines), tuple(parts), chunk)


def _pass_part(workload: int, one: Pass, network: Network, table: LayerTable) -> Part:
    stage = Stage(name=one.name, network=network.name)
    notes = (network.unknown_ops, network.notes, network.converted)
    return Part(workload, stage, table, table.macs, *notes, tokens=one.tokens)


def _as_pipeline(text: str, readings: Mapping[str, Reading]) -> Pipeline:
    if is_pipeline(text):
        return replace(load_pipeline(text), name=text)
    return _lone(text, readings)


def _lone(network: str, readings: Mapping[str, Reading]) -> Pipeline:
    reading = readings.get(network, Reading())
    stage = Stage(name=network, network=network, reading=reading)
    return Pipeline(network, "one network", "", (stage,))


def _part(
    workload: int,
    stage: Stage,
    deploy: Deploy,
    tables: dict[Key, tuple[Network, LayerTable]],
    cores: int,
) -> Part:
    """Return a stage with its table; a network that comes twice has one table and activity."""
    if stage.network is None:
        return Part(workload, stage, None, 0, ())
    key = (stage.network, stage.reading, cores)
    if key not in tables:
        tables[key] = deploy(stage.network, stage.reading, len(tables), cores)
    network, table = tables[key]
    return Part(
        workload, stage, table, table.macs, network.unknown_ops, network.notes, network.converted
    )
