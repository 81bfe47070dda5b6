"""Times: what all that was measured takes by a device's numbers, in one go.

The product's own rule 4 (``device/rules.py``, ``cost/``, the engines) as arrays over all layers: a
calibration asks for it thousands of times. Cycles are not rounded to whole ones here.
Tests hold it to the product, layer for layer, at numbers of any size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.device import Npu
from dfsrt.device.activation import ACTIVATIONS
from dfsrt.device.engine import engine_of
from dfsrt.device.engines.channel import Channel
from dfsrt.study.calibration.work import PRECISION_NAMES, Work, efficiencies, paces

Numbers = Mapping[str, float]
"""Numbers of a device by their path, as ``engine.channel.activation_per_cycle.silu``."""

CHANNEL = "engine.channel"
_BANDWIDTH = "bandwidth_bytes_per_s"


def numbers_of(npu: Npu) -> dict[str, float]:
    """Return the numbers of ``npu`` that times follow from."""
    memory, array, engine = npu.memory, npu.array, engine_of(npu)
    own = {
        "run.launch_ns": npu.launch_ns,
        "run.launch_cycles": npu.launch_cycles,
        "memory.bandwidth_bytes_per_s": memory.bandwidth_bytes_per_s,
        "array.efficiency": array.efficiency,
        "vector.bytes_per_cycle": npu.vector.bytes_per_cycle,
        **_by("array.cycles_per_step", array.cycles_per_step),
        **_by("vector.lanes", npu.vector.lanes),
        **_by("memory.overflow_slowdown", memory.overflow_slowdown),
        **_by("run.operator_launch_ns", npu.operator_launch_ns),
    }
    if memory.cache_row_ns:
        own["memory.cache_row_ns"] = memory.cache_row_ns
    if npu.weights.decoded_per_cycle:
        own["weights.decoded_per_cycle"] = npu.weights.decoded_per_cycle
    for way, share in (("read", memory.read_share), ("write", memory.write_share)):
        if share != 1:
            own[f"memory.{way}_{_BANDWIDTH}"] = memory.bandwidth_bytes_per_s * share
    if npu.cores is not None:
        one = min(npu.cores.bandwidth_bytes_per_s, memory.bandwidth_bytes_per_s)
        own["cores.bandwidth_bytes_per_s"] = one
    if isinstance(engine, Channel):
        own[f"{CHANNEL}.mac_efficiency"] = engine.mac_efficiency
        own[f"{CHANNEL}.results_per_cycle"] = engine.results_per_cycle
        own |= _by(f"{CHANNEL}.activation_per_cycle", engine.activation_per_cycle)
        own |= _by(f"{CHANNEL}.operator_per_cycle", engine.operator_per_cycle)
        own |= _by(f"{CHANNEL}.operator_mac_efficiency", engine.operator_mac_efficiency)
    return {name: float(value) for name, value in own.items()}


def _by(key: str, values: Mapping[str, float]) -> dict[str, float]:
    return {f"{key}.{entry}": value for entry, value in values.items()}


@dataclass(frozen=True, slots=True)
class Timer:
    """The times of ``work``, whose rows ran at ``freq_hz``, ``(n_rows,)``, by numbers of a device.

    ``npu`` says what is no number of a calibration: the array's sides, the cores there are.
    ``extra_s``, ``(n_rows,)``, is what measuring itself added to each row.
    """

    work: Work
    freq_hz: Floats
    npu: Npu
    extra_s: Floats
    paced: tuple[str, ...] = field(init=False)
    efficient: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "paced", paces(engine_of(self.npu)))
        object.__setattr__(self, "efficient", efficiencies(engine_of(self.npu)))

    def kept(self, rows: list[int]) -> Timer:
        """Return the timer of some ``rows``."""
        return Timer(self.work.kept(rows), self.freq_hz[rows], self.npu, self.extra_s[rows])

    def seconds(self, numbers: Numbers) -> Floats:
        """Return the seconds of each row, ``(n_rows,)``."""
        return self.work.by_row(self.layer_seconds(numbers)) + self.extra_s

    def layer_seconds(self, numbers: Numbers) -> Floats:
        """Return the seconds of each distinct layer, once, ``(n_layers,)``."""
        launch, compute, memory = self.parts(numbers)
        return launch + np.maximum(compute, memory)

    def parts(self, numbers: Numbers) -> tuple[Floats, Floats, Floats]:
        """Return launch, compute and memory seconds of each distinct layer, ``(n_layers,)``."""
        work, freq = self.work, self.freq_hz[self.work.row]
        slow = _of(numbers, "memory.overflow_slowdown", PRECISION_NAMES, work.places("precision"))
        slow = np.where(work.column("overflows") > 0, slow, 1.0)
        cycles = np.maximum(self._product_cycles(numbers), self._drain_cycles(numbers))
        cycles = (cycles + self._lane_cycles(numbers)) / work.column("cores") * slow
        one, shared = self._bandwidths(numbers)
        per_cycle = numbers["run.launch_cycles"] / freq
        launch = (self._launch_ns(numbers) * 1e-9 + per_cycle) * work.column("launches")
        rows = work.column("cache_rows") * numbers.get("memory.cache_row_ns", 0.0) * 1e-9
        return (
            launch + work.column("exposed") / one,
            cycles / freq,
            work.column("moved") * slow / shared + rows,
        )

    def _launch_ns(self, numbers: Numbers) -> Floats:
        operators = tuple(self.npu.operator_launch_ns)
        places = self.work.places("launch")
        own = _of(numbers, "run.operator_launch_ns", operators, places)
        return np.where(places < 0, numbers["run.launch_ns"], own)

    def _bandwidths(self, numbers: Numbers) -> tuple[float, Floats]:
        """What one core gets, and what each layer's cores get together, ``(n_layers,)``."""
        memory, cores = numbers["memory.bandwidth_bytes_per_s"], self.work.column("cores")
        one = numbers.get("cores.bandwidth_bytes_per_s", memory)
        mixed = self._mixed(numbers, max(memory, one))
        if "cores.bandwidth_bytes_per_s" not in numbers:
            return memory, mixed
        return one, np.minimum(cores * one, mixed)

    def _mixed(self, numbers: Numbers, plain: float) -> Floats:
        """What the memory gives to each layer's mix of reads and writes, ``(n_layers,)``."""
        moved, read = self.work.column("moved"), self.work.column("read")
        paces = [numbers.get(f"memory.{way}_{_BANDWIDTH}", plain) for way in ("read", "write")]
        if paces == [plain, plain]:
            return np.full(len(moved), plain)
        seconds = read / paces[0] + (moved - read) / paces[1]
        return np.where(moved > 0, moved / np.where(moved > 0, seconds, 1.0), plain)

    def _product_cycles(self, numbers: Numbers) -> Floats:
        work = self.work
        slow = _of(numbers, "array.cycles_per_step", PRECISION_NAMES, work.places("precision"))
        cycles = work.column("cycles") + work.column("step_cycles") * slow
        if f"{CHANNEL}.mac_efficiency" in numbers:
            least = self.npu.array.cols / numbers[f"{CHANNEL}.results_per_cycle"]
            each = np.maximum(least, work.each * slow[:, None])
            steps = (work.groups * each).sum(axis=1) + work.column("depthwise") * slow
            cycles = steps / self.npu.array.count / self._efficiency(numbers)
        decoding = work.column("decoded") / numbers.get("weights.decoded_per_cycle", np.inf)
        return np.maximum(cycles / numbers["array.efficiency"], decoding)

    def _efficiency(self, numbers: Numbers) -> Floats:
        """The share of cycles in which multipliers work in each layer, ``(n_layers,)``."""
        places = self.work.places("efficiency")
        own = _of(numbers, f"{CHANNEL}.operator_mac_efficiency", self.efficient, places)
        return np.where(places < 0, numbers[f"{CHANNEL}.mac_efficiency"], own)

    def _drain_cycles(self, numbers: Numbers) -> Floats:
        work = self.work
        kinds = work.places("activation")
        rates = _of(numbers, f"{CHANNEL}.activation_per_cycle", ACTIVATIONS, kinds)
        passed = work.column("results") / (rates * self.npu.array.count)
        return passed + work.column("drain_cycles")

    def _lane_cycles(self, numbers: Numbers) -> Floats:
        work = self.work
        lanes = _of(numbers, "vector.lanes", PRECISION_NAMES, work.places("precision"))
        pace = _of(numbers, f"{CHANNEL}.operator_per_cycle", self.paced, work.places("pace"))
        cycles = np.maximum(
            work.column("lane_ops") / lanes,
            work.column("copied") / numbers["vector.bytes_per_cycle"],
        )
        cycles = np.maximum(cycles, work.column("elements") / pace)
        return cycles + work.column("fixed_lane_cycles")


def _of(numbers: Numbers, key: str, entries: tuple[str, ...], places: Ints) -> Floats:
    """The number of each layer by the place of its entry; 1 where it has none."""
    values = [numbers.get(path, 1.0) for path in _paths(key, entries)]
    return np.array([*values, 1.0])[places]


@lru_cache
def _paths(key: str, entries: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{key}.{entry}" for entry in entries)
