"""The channel engine: each kernel tap by itself, its channels padded to the lanes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from dfsrt.base.errors import DeviceError
from dfsrt.base.names import unknown_name
from dfsrt.device import vector_unit
from dfsrt.device.activation import ACTIVATIONS, activation
from dfsrt.device.convolution import CONVOLUTIONS
from dfsrt.device.npu import Npu
from dfsrt.network.layer import Gemm, Layer


class Steps(NamedTuple):
    """Steps of a product: ``each`` for each of so many ``groups`` of results; or of a depthwise."""

    groups: int
    each: int
    depthwise: int


class Channel(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A convolution engine: ``array.rows`` inputs by ``array.cols`` outputs of one tap a step.

    ``results_per_cycle``: results that leave the multipliers a cycle, at most.
    ``depthwise_lanes``: channels of one tap of a depthwise convolution a step.
    ``mac_efficiency``: share of the counted cycles in which the multipliers really work.
    ``operator_mac_efficiency``: the same of operators that have their own.
    ``activation_per_cycle``: results that pass each activation a cycle, padded channels included.
    ``operator_per_cycle``: results a cycle of operators without products that have their own pace.
    ``image_channels``: of at most so many input channels, the taps of a kernel's row share a step.
    ``joined_groups``: groups narrower than the array share a step, as one kernel with zeros.

    Raises:
        DeviceError: a fact that is out of its range, or an activation without a pace.

    Source: derived from a compiler's cycle counts for RK3588, exact on all of them (decision 0028).
    Limits: arrays of several share the steps evenly; no step is lost to fill or drain; weights pass
    to the multipliers again in every step of a recurrent layer.
    """

    results_per_cycle: int
    depthwise_lanes: int
    mac_efficiency: float
    activation_per_cycle: dict[str, float]
    operator_per_cycle: dict[str, float] = {}
    operator_mac_efficiency: dict[str, float] = {}
    image_channels: int = 0
    joined_groups: bool = False

    def __post_init__(self) -> None:
        _check_above_zero("results_per_cycle", self.results_per_cycle)
        _check_above_zero("depthwise_lanes", self.depthwise_lanes)
        _check_above_zero("mac_efficiency", self.mac_efficiency, most=1.0)
        if not 0 <= self.image_channels <= 1024:
            raise DeviceError(f"image_channels is {self.image_channels}; allowed is 0 to 1024")
        for name in self.activation_per_cycle:
            if name not in ACTIVATIONS:
                raise DeviceError(
                    f"activation_per_cycle: {unknown_name('activation', name, ACTIVATIONS)}"
                )
        for name in ACTIVATIONS:
            if name not in self.activation_per_cycle:
                raise DeviceError(f"activation_per_cycle has no entry for {name}; add it")
        for name, share in self.operator_mac_efficiency.items():
            _check_above_zero(f"operator_mac_efficiency.{name}", share, most=1.0)
        for table in ("activation_per_cycle", "operator_per_cycle"):
            for name, rate in getattr(self, table).items():
                _check_above_zero(f"{table}.{name}", rate)

    def counted_cycles(self, layer: Layer, npu: Npu, precision: str) -> int:
        """Return the cycles of a layer's products as a compiler counts them, none lost."""
        steps: dict[int, float] = {}  # of products that wait for each other, so many times
        for gemm in layer.gemms:
            own = self._steps(gemm, layer, npu, precision)
            steps[gemm.steps] = steps.get(gemm.steps, 0.0) + own
        return sum(math.ceil(n / npu.array.count) * times for times, n in steps.items())

    def product_cycles(self, layer: Layer, npu: Npu, precision: str) -> int:
        """Return the counted cycles over the efficiency of the multipliers, rounded up."""
        efficiency = self.operator_mac_efficiency.get(layer.op, self.mac_efficiency)
        return math.ceil(self.counted_cycles(layer, npu, precision) / efficiency)

    def drain_cycles(self, layer: Layer, npu: Npu, precision: str) -> int:
        """Return the cycles that a layer's activation takes for all results, padded ones too."""
        rate = self.activation_per_cycle[activation(layer.joined)] * npu.array.count
        return math.ceil(self.padded_results(layer, npu) / rate)

    def padded_results(self, layer: Layer, npu: Npu) -> int:
        """Return the results of a layer's products, those of padded channels too."""
        cols = npu.array.cols
        return sum(
            g.m * g.steps * _padded(g.n * g.count, cols)
            if _is_depthwise(layer, g)
            else g.m
            * g.steps
            * _padded(g.n * self._joined(g, layer, npu), cols)
            * self._blocks(g, layer, npu)
            for g in layer.gemms
        )

    def vector_cycles(self, layer: Layer, npu: Npu, precision: str) -> int:
        """Return the cycles of the vector unit, or of an operator's own pace where it is slower."""
        cycles = vector_unit.vector_cycles(layer, npu, precision)
        pace = None if layer.gemms else self.operator_per_cycle.get(layer.op)
        if pace is None:
            return cycles
        return max(cycles, math.ceil(sum(t.elements for t in layer.outputs) / pace))

    def sram_bytes(self, layer: Layer, npu: Npu, precision: str, operand_bits: int) -> int:
        """Return the bytes read and written: weights once, inputs for each group of outputs.

        Source: assumed: sums stay in accumulators until they are whole.
        """
        elements = sum(
            (g.m * g.k * -(-g.n // npu.array.cols) + g.k * g.n + g.m * g.n) * g.count * g.steps
            for g in layer.gemms
        )
        return elements * operand_bits // 8

    def exposed_bytes(self, layer: Layer, npu: Npu, precision: str) -> int:
        """Return none: all bytes cross beside the products."""
        return 0

    def in_dram(self, layer: Layer, raw: frozenset[str], npu: Npu) -> Layer:
        """Return ``layer`` itself: its tensors are tiled by a mapper."""
        return layer

    def _steps(self, gemm: Gemm, layer: Layer, npu: Npu, precision: str) -> float:
        slow, steps = npu.array.cycles_per_step[precision], self.steps(gemm, layer, npu)
        if steps.depthwise:
            return steps.depthwise * slow
        least = -(-npu.array.cols // self.results_per_cycle)
        return steps.groups * max(least, steps.each * slow)

    def steps(self, gemm: Gemm, layer: Layer, npu: Npu) -> Steps:
        """Return the steps of one of a layer's products on one array, at no precision yet."""
        taps = _taps(layer) or 1
        if _is_depthwise(layer, gemm):
            lanes = -(-gemm.n * gemm.count // self.depthwise_lanes)
            return Steps(0, 0, gemm.m * taps * lanes)
        channels = gemm.k // taps
        if taps > 1 and gemm.count == 1 and channels <= self.image_channels:
            row = _kernel(layer)[-1]
            taps, channels = taps // row, channels * row
        joined = self._joined(gemm, layer, npu)
        each = taps * -(-channels * joined // npu.array.rows)
        groups = gemm.m * -(-gemm.n * joined // npu.array.cols) * self._blocks(gemm, layer, npu)
        return Steps(groups, each, 0)

    def _joined(self, gemm: Gemm, layer: Layer, npu: Npu) -> int:
        """Groups of a convolution that the array takes at once; one of other products."""
        taps = _taps(layer)
        if not (self.joined_groups and taps) or gemm.count == 1:
            return 1
        fit = min(npu.array.rows // (gemm.k // taps), npu.array.cols // gemm.n)
        return min(max(fit, 1), gemm.count)

    def _blocks(self, gemm: Gemm, layer: Layer, npu: Npu) -> int:
        return -(-gemm.count // self._joined(gemm, layer, npu))


def _taps(layer: Layer) -> int:
    """Elements of a convolution's kernel; 0 for other products, which have none."""
    kernel = _kernel(layer)
    return math.prod(kernel) if kernel else 0


def _kernel(layer: Layer) -> tuple[int, ...]:
    """Sides of a convolution's kernel; none for other products."""
    if layer.op not in CONVOLUTIONS or not layer.operands:
        return ()
    weight = next((t for t in layer.multiplied if t.name in layer.operands[0].b), None)
    if weight is None or len(weight.shape) < 3:
        return ()
    return weight.shape[2:]


def _is_depthwise(layer: Layer, gemm: Gemm) -> bool:
    """Whether each group of a convolution has one input channel."""
    return gemm.count > 1 and _taps(layer) == gemm.k


def _padded(count: int, lanes: int) -> int:
    return -(-count // lanes) * lanes


def _check_above_zero(name: str, value: float, most: float = 1e15) -> None:
    if not 0 < value <= most:
        raise DeviceError(f"{name} is {value}; allowed is above 0 up to {most:g}")


ENGINES: Mapping[str, type[Channel]] = {"channel": Channel}
