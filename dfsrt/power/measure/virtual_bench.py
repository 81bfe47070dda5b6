"""The virtual bench: a simulated device's layers under a shunt monitor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.errors import InputError
from dfsrt.cost import at_device_precision, cost_network
from dfsrt.device.load import load_device
from dfsrt.device.npu import Npu
from dfsrt.network.layer import Kind, Layer
from dfsrt.network.load import load_as
from dfsrt.network.network import Network
from dfsrt.network.probe import Probe, reading_that_fits
from dfsrt.network.zoo import shelf_names
from dfsrt.power.alike import alike_layers
from dfsrt.power.calibration import calibration_layers
from dfsrt.power.card import device_digest
from dfsrt.power.levels import Levels, levels_of
from dfsrt.power.measure.errors import CannotRunError
from dfsrt.power.measure.ina226 import ShuntMonitor
from dfsrt.power.measure.plan import with_repeats
from dfsrt.power.measure.sample import Bench, Idle, Reading, Subject
from dfsrt.power.measure.wanted import Wanted
from dfsrt.power.plant import build_plant, true_leakage, true_npu_w
from dfsrt.power.workload import Workload, workload

SENSOR_STEP_C = 1.0
"""Step of the die's temperature sensor. Source: assumed."""


class VirtualBench:
    """Layers of networks, as the device's compiler fuses them, and made-up ones, each at some
    clocks and voltages, read by a shunt monitor on the regulator's input.

    The plant's hidden activity, bin and temperature show only in the readings.

    Raises:
        InputError: several batch sizes, or what only a real card has.
    """

    def __init__(self, wanted: Wanted, npu: Npu | None = None) -> None:
        _check_wanted(wanted)
        self.wanted = wanted
        self.npu = npu or load_device(wanted.device)

    def subjects(self, part: int = 0, parts: int = 1) -> tuple[Subject, ...]:
        """Return one part of what is to be measured, in order."""
        rng = np.random.default_rng(self.wanted.seed)
        found = list(self._at_points([*self._of_networks(rng), *self._made_up()], rng))
        mixed = [found[i] for i in rng.permutation(len(found))]
        return tuple(with_repeats(mixed[part::parts], mixed[:3]))

    def open_meter(self) -> VirtualMeter:
        """Return the meter."""
        return VirtualMeter(self.npu, [s.probe.layer for s in self.subjects()], self.wanted.seed)

    def _of_networks(self, rng: np.random.Generator) -> Iterator[tuple[str, Layer]]:
        names = shelf_names() if self.wanted.networks is None else self.wanted.networks
        for source in names:
            reading = reading_that_fits(source, self.wanted.reading, self.wanted.batches[0])
            network = load_as(source, reading)
            fitting = at_device_precision(network, self.npu, self._precision())
            layers = [a.one_pass for a in fitting.layers if a.kind is not Kind.VIEW]
            for i in sorted(rng.permutation(len(layers))[: self.wanted.per_network]):
                yield network.name, layers[i]

    def _made_up(self) -> Iterable[tuple[str, Layer]]:
        npu = replace(self.npu, precision=self._precision(self.npu.precision))
        for layer in calibration_layers(npu, self.wanted.sweep, self.wanted.seed):
            yield f"sweep/{layer.kind}", layer
        yield from alike_layers(npu, self.wanted.alike, self.wanted.seed)

    def _precision(self, otherwise: str = "auto") -> str:
        chosen = list(self.wanted.precisions or {otherwise: 1.0})
        known = ["auto", *self.npu.array.cycles_per_step]
        if len(chosen) > 1 or chosen[0] not in known:
            raise InputError(
                f"a virtual bench runs one precision of its device, not {', '.join(chosen)}; "
                f"use --precision with one of {', '.join(known[1:])}"
            )
        return chosen[0]

    def _at_points(
        self, layers: Sequence[tuple[str, Layer]], rng: np.random.Generator
    ) -> Iterator[Subject]:
        """Each layer at a few operating points, drawn without replacement for each layer."""
        memory: list[int | None] = [point.freq_hz for point in self.npu.memory.points]
        allowed = [
            (p.freq_hz, uv, memory_hz)
            for memory_hz in memory or [None]
            for p in self.npu.opps.points
            for uv in self.npu.opps.set_points_uv
            if uv >= p.rail_uv
        ]
        for group, layer in layers:
            count = min(self.wanted.points, len(allowed))
            drawn = {int(i) for i in rng.choice(len(allowed), count, replace=False)}
            if self.wanted.corners:
                drawn |= {0, len(allowed) - 1}
            for i in sorted(drawn):
                freq_hz, rail_uv, memory_hz = allowed[i]
                yield Subject(
                    probe=Probe(layer, ()),
                    source=group.split("/")[0],
                    group=group,
                    freq_hz=freq_hz,
                    rail_uv=rail_uv,
                    memory_hz=memory_hz,
                )


@dataclass
class VirtualMeter:
    """Reads a simulated device whose die ``seed`` picks, one subject after another."""

    npu: Npu
    layers: Sequence[Layer]
    seed: int

    def __post_init__(self) -> None:
        most_w = max(float(np.max(w)) for w in self._true_w)
        self._monitor = ShuntMonitor(max(most_w, 1e-3), self.seed)
        self._sensor_error_c = np.random.default_rng([self.seed, 1]).normal(0.0, 0.5)

    @property
    def bench(self) -> Bench:
        """What stays the same for all samples."""
        return Bench(
            meter="virtual",
            device=self.npu.name,
            unit=f"die {self.seed}",
            digest=device_digest(self.npu),
            driver="INA226-class shunt monitor, simulated",
            seed=self.seed,
        )

    def measure(self, subject: Subject) -> Reading:
        """Return the reading of a subject, repeated until it fills the monitor's window.

        Raises:
            CannotRunError: the device has no such operating or memory point.
        """
        layer, level, rail = self._place(subject)
        latency_s = float(self._load.duration_ns[layer, level]) * 1e-9
        runs = self._monitor.runs(latency_s)
        return Reading(
            power_w=self._monitor.read_w(float(self._true_w[rail][layer, level])),
            latency_s=latency_s,
            clock_hz=float(self._levels.freqs_hz[level]),
            temp_c=self._temp_c(),
            limit_w=None,
            held_share=None,
            window_s=max(self._monitor.window_s, latency_s),
            runs=runs,
            at=_today(),
        )

    def pass_over(self, _subject: Subject) -> None:
        """Let the monitor's noise go on as if the subject had been read."""
        self._monitor.read_w(0.0)

    def idle(self) -> Idle:
        """Return what is drawn with the clock gated at the lowest voltage: leakage and fixed."""
        volts = self.npu.opps.set_points_uv[0] * 1e-6
        rail_w = sum(watts * volts**n for watts, n in true_leakage(self.npu))
        rail_w += self.npu.silicon.fixed_w
        read_w = self._monitor.read_w(rail_w / self.npu.rail.efficiency)
        return Idle(power_w=read_w, clock_hz=0.0, temp_c=self._temp_c(), at=_today())

    @cached_property
    def _index(self) -> dict[Layer, int]:
        return {layer: i for i, layer in enumerate(dict.fromkeys(self.layers))}

    @cached_property
    def _load(self) -> Workload:
        """Each layer as a network of its own: that is how a bench runs it."""
        costs = [
            cost_network(Network(layer.name, (layer,), params=0), self.npu)[0]
            for layer in self._index
        ]
        return workload(costs, self.npu)

    @cached_property
    def _true_w(self) -> list[Floats]:
        """True power of each layer at each level, one array for each rail set point."""
        plant = build_plant(self.npu, self._load, self.seed)
        freqs = self._levels.freqs_hz.astype(np.float64)
        volts = [np.full(len(freqs), uv * 1e-6) for uv in self.npu.opps.set_points_uv]
        return [true_npu_w(plant, self._load, freqs, v) for v in volts]

    @cached_property
    def _levels(self) -> Levels:
        return levels_of(self.npu)

    def _place(self, subject: Subject) -> tuple[int, int, int]:
        try:
            return (
                self._index[subject.probe.layer],
                self._levels.level_of(subject.freq_hz or 0, subject.memory_hz),
                self.npu.opps.set_points_uv.index(subject.rail_uv or 0),
            )
        except (KeyError, ValueError) as error:
            raise CannotRunError(
                f"layer '{subject.probe.layer.name}' at {subject.freq_hz} Hz and "
                f"{subject.rail_uv} uV, memory at {subject.memory_hz or 'its own'} Hz, is not on "
                "this bench"
            ) from error

    def _temp_c(self) -> float:
        shown = self.npu.hidden.temp_c + self._sensor_error_c
        return float(np.rint(shown / SENSOR_STEP_C) * SENSOR_STEP_C)


def _check_wanted(wanted: Wanted) -> None:
    """Raise InputError for what a virtual bench would have to ignore."""
    given = {"--like": wanted.like, "--settle": wanted.settle_s, "--window": wanted.window_s}
    for option, value in given.items():
        if value is not None:
            raise InputError(f"{option} is for a real GPU; leave it out on a simulated device")
    if len(wanted.batches) > 1:
        sizes = ",".join(map(str, wanted.batches))
        raise InputError(
            f"a virtual bench takes networks at one batch size, not at {sizes}; measure once for "
            "each size"
        )


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
