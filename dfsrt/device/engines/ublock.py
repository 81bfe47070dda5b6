"""The engine of micro-blocks: a few pixels of a few channels at once, from many inputs each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace

import msgspec

from dfsrt.base.errors import DeviceError
from dfsrt.base.names import unknown_name
from dfsrt.device import vector_unit
from dfsrt.device.activation import ACTIVATIONS, activation
from dfsrt.device.micro_block import Block, Buffers, Shape, least_fetches, rounded_up
from dfsrt.device.micro_shapes import (
    POOLS,
    convolution_shape,
    matrix_shape,
    paired_operators,
    pooling_shape,
    written_out,
)
from dfsrt.device.npu import Npu
from dfsrt.network.layer import Layer
from dfsrt.network.tensor import Tensor

IN_PLACE = ("Concat", "Split", "Slice", "Identity")
"""Operators that a compiler does away with: who makes a part writes it where it is wanted."""
STEP = 4
"""Cycles in which a micro-block takes four rounds of its inputs: of one tap, or of four."""
BRICK = 16
"""Channels that maps are padded to; what has fewer than a round of inputs lies pixel by pixel."""
BURST = 4
"""Times the bytes of such a map that are fetched: bursts of 32 for eight."""
SCALE_BYTES = 10
"""Of a result's channel, its scale and bias."""
CHANNEL_SIDES = 5
"""Bytes of a scale and a zero point that a file has for a channel at most; the record has both."""


class MicroBlock(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``array.cols`` results at once, in ``block_rows`` x ``block_cols`` pixels.

    Each takes ``array.rows`` inputs a cycle. ``shared_banks``: KiB that inputs and sums share.
    ``least_step_cycles``: that the weights of a step take to arrive, at least.
    ``pool_cycles``: of each tap of a pooling, of which four count at least.
    ``activation_per_cycle``: results that pass each activation a cycle.
    ``operator_per_cycle``: results a cycle of operators that have their own pace.
    ``start_cycles``: until a layer's first inputs are there and its last results away.
    ``sram_bytes_per_cycle``: that cross between the engine and the memory of maps.
    ``weight_share``: bytes that are fetched for each byte of weights, which are packed.
    ``arena_bytes``: of the memory of maps; a layer whose maps outgrow it has them in DRAM.

    Raises:
        DeviceError: a fact that is out of its range, or an activation without a pace.

    Source: Arm's Vela 5.2.0 (Apache-2.0), what its source and its estimates tell of Ethos-U55;
    decision 0039.
    Limits: int8; weights are fetched again in each inference, those of a recurrent layer in each of
    its steps (as Vela writes them out: decision 0044); groups of a convolution that is
    not depthwise follow each other; blocks are those that fetch least, not the fastest.
    """

    block_rows: int
    block_cols: int
    shared_banks: int
    least_step_cycles: int
    pool_cycles: int
    activation_per_cycle: dict[str, float]
    operator_per_cycle: dict[str, float] = {}
    start_cycles: int = 0
    sram_bytes_per_cycle: float
    weight_share: float
    arena_bytes: int

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            for key, number in value.items() if isinstance(value, dict) else [("", value)]:
                _check_number(f"{name}.{key}" if key else name, number)
        for name in self.activation_per_cycle:
            if name not in ACTIVATIONS:
                unknown = unknown_name("activation", name, ACTIVATIONS)
                raise DeviceError(f"activation_per_cycle: {unknown}")
        for name in ACTIVATIONS:
            if name not in self.activation_per_cycle:
                raise DeviceError(f"activation_per_cycle has no entry for {name}; add it")

    def buffers(self, npu: Npu) -> Buffers:
        """Return the micro-block's sides and the banks of its inputs and sums."""
        pixels = self.block_rows * self.block_cols
        return Buffers(
            self.block_rows, self.block_cols, max(npu.array.cols // pixels, 1), self.shared_banks
        )

    def shapes(self, layer: Layer, npu: Npu) -> Iterator[tuple[Shape, Block, int]]:
        """Yield a layer's products as convolutions, each with its block and how many there are.

        One of which no block fits is multiplied as a matrix. Those of a recurrent layer are written
        out, gate by gate and step by step.

        Raises:
            DeviceError: not one block of a matrix fits in the banks.
        """
        buffers = self.buffers(npu)
        for gemm in written_out(layer):
            if not gemm.macs:
                continue
            shape = convolution_shape(layer, gemm)
            block = None if shape is None else least_fetches(shape, buffers)
            if shape is None or block is None:
                shape = matrix_shape(gemm)
                block = least_fetches(shape, buffers)
            if block is None:
                raise DeviceError(
                    f"device '{npu.name}': engine.ublock: not one block fits in shared_banks = "
                    f"{self.shared_banks}; give more"
                )
            yield shape, block, gemm.steps * (1 if shape.is_depthwise else gemm.count)

    def multiplier_cycles(self, shape: Shape, block: Block, npu: Npu, pace: float) -> int:
        """Return the cycles of a convolution's blocks, ``pace`` results a cycle leaving them.

        While one is worked on, the one before leaves: the slower of both holds, and of the last
        the faster shows, too.
        """
        total = last = 0
        for (rows, cols, filters), count in block.pieces(shape):
            work = self._block_cycles(shape, npu, (rows, cols, filters))
            leave = math.ceil(rows * cols * filters / pace)
            total += max(work, leave) * count
            last = max(last, min(work, leave))
        return total * shape.images + last + self.start_cycles

    def sram_traffic(self, shape: Shape, block: Block, npu: Npu) -> int:
        """Return the bytes of inputs, weights and results that cross to and from the maps' memory.

        Inputs are read again for each block of filters; weights for each block of pixels, if there
        are several: then they are brought there first.
        """
        spots, depths = block.spots(shape), 1 if shape.is_depthwise else block.depths(shape)
        narrow = shape.channels < npu.array.rows
        channels = BURST * shape.channels if narrow else rounded_up(shape.channels, BRICK)
        pixels = min(block.in_rows, shape.in_h) * min(block.in_cols, shape.in_w)
        results = shape.images * shape.out_h * shape.out_w * rounded_up(shape.filters, BRICK)
        inputs = 1 if shape.is_depthwise else shape.channels
        weights = shape.taps * inputs * shape.filters * shape.has_weights
        staged = weights * (1 + spots) if spots > 1 else 0
        return pixels * channels * spots * depths + results + staged

    def product_cycles(self, layer: Layer, npu: Npu, precision: str) -> int:
        """Return the cycles of a layer's products, or of their bytes where those take longer."""
        slow = npu.array.cycles_per_step[precision]
        pace = self.activation_per_cycle[activation(layer.joined)]
        total = 0
        for shape, block, count in self.shapes(layer, npu):
            work = math.ceil(self.multiplier_cycles(shape, block, npu, pace) * slow)
            total += max(work, self._sram_cycles(self.sram_traffic(shape, block, npu))) * count
        return -(-total // npu.array.count)

    def drain_cycles(self, layer: Layer, npu: Npu, precision: str) -> int:
        """Return none: results leave beside the products, and are counted there."""
        return 0

    def vector_cycles(self, layer: Layer, npu: Npu, precision: str) -> int:
        """Return the cycles of poolings, and of operators that read two maps, joined or alone."""
        results = sum(t.elements for t in layer.outputs)
        joined = sum(self._pace_cycles(op, results) for op in paired_operators(layer))
        if layer.gemms:
            gates = vector_unit.vector_cycles(layer, npu, precision) if layer.steps > 1 else 0
            return joined + gates
        if layer.op in IN_PLACE:
            return 1  # every layer takes time
        if layer.op in POOLS:
            return self._pool_cycles(layer, npu)
        if layer.op in self.operator_per_cycle:
            return self.start_cycles + self._pace_cycles(layer.op, results)
        cycles = vector_unit.vector_cycles(layer, npu, precision)
        return max(cycles, self._sram_cycles(layer.moved_bytes))

    def sram_bytes(self, layer: Layer, npu: Npu, precision: str, operand_bits: int) -> int:
        """Return the bytes that products read and write."""
        return sum(self.sram_traffic(s, block, npu) * n for s, block, n in self.shapes(layer, npu))

    def exposed_bytes(self, layer: Layer, npu: Npu, precision: str) -> int:
        """Return none: all bytes cross beside the products."""
        return 0

    def in_dram(self, layer: Layer, raw: frozenset[str], npu: Npu) -> Layer:
        """Return ``layer`` with packed weights, and with no maps in DRAM if they fit elsewhere.

        A recurrent layer fetches all of its weights in every step, and leaves nothing to tile.
        """
        weights = self._packed(layer)
        if layer.steps > 1:
            layer = replace(layer, gemms=(), operands=())
        if layer.input_bytes + layer.output_bytes > self.arena_bytes:
            return replace(layer, weights=weights)
        inputs, outputs = (
            tuple(replace(t, touched=0) for t in side) for side in (layer.inputs, layer.outputs)
        )
        return replace(layer, inputs=inputs, outputs=outputs, weights=weights)

    def _packed(self, layer: Layer) -> tuple[Tensor, ...]:
        """A product's weights as they are stored, each channel with its scale and bias.

        Whatever widths the file has for these: a record of a channel is of one size.
        """
        multiplied = {t.name for t in layer.multiplied}
        rows = max((g.m * g.steps for g in layer.gemms if g.steps > 1), default=1)
        bias_axes = 1 if rows == 1 else 2  # a recurrent layer has one for each direction

        def is_bias(t: Tensor) -> bool:
            return t.name not in multiplied and bool(layer.gemms) and len(t.shape) == bias_axes

        records = sum(t.elements for t in layer.weights if is_bias(t))

        def stored(t: Tensor) -> Tensor:
            if t.name in multiplied:
                touched = math.ceil(t.elements * self.weight_share) * rows
                has_own = t.side_bytes > records * CHANNEL_SIDES
                return replace(t if has_own else t.without_sides, touched=touched)
            if not is_bias(t):
                return t
            touched = t.elements * SCALE_BYTES * rows
            return replace(t.without_sides, dtype="int8", touched=touched)

        return tuple(stored(t) for t in layer.weights)

    def _block_cycles(self, shape: Shape, npu: Npu, sides: tuple[int, int, int]) -> int:
        """Cycles of the products of one block; a single row of pixels is taken four at once."""
        rows, cols, filters = sides
        buffers, dot = self.buffers(npu), npu.array.rows
        high, wide = buffers.rows, buffers.cols
        if shape.out_h == shape.kernel_h == 1 and shape.out_w % 2 == 0:
            high, wide = 1, high * wide
        step = max(self.least_step_cycles, STEP * -(-rows // high) * -(-cols // wide))
        steps = 0
        for taps, count in shape.sub_kernels:
            if shape.is_depthwise:
                steps += count * -(-taps // STEP)
            elif shape.by_parts:
                steps += count * -(-taps // STEP) * -(-shape.channels // dot)
            else:
                steps += count * taps * -(-shape.channels // (dot * STEP))
        return step * steps * -(-filters // buffers.channels)

    def _pool_cycles(self, layer: Layer, npu: Npu) -> int:
        """Cycles of a pooling: micro-block after micro-block, each tap by itself."""
        shape, buffers = pooling_shape(layer), self.buffers(npu)
        block = None if shape is None else least_fetches(shape, buffers)
        if shape is None or block is None:
            return self._sram_cycles(layer.moved_bytes)
        pixels = -(-shape.out_h // buffers.rows) * -(-shape.out_w // buffers.cols)
        blocks = shape.images * pixels * -(-shape.filters // buffers.channels)
        taps = sum(max(taps, STEP) * count for taps, count in shape.sub_kernels)
        work = taps * blocks * self.pool_cycles + self.start_cycles
        return max(work, self._sram_cycles(self.sram_traffic(shape, block, npu)))

    def _pace_cycles(self, op: str, results: int) -> int:
        """Cycles of an operator of two maps: its pace, or three bytes a result."""
        pace = self.operator_per_cycle.get(op, self.activation_per_cycle["none"])
        return max(math.ceil(results / pace), self._sram_cycles(3 * results))

    def _sram_cycles(self, crossing: int) -> int:
        return math.ceil(crossing / self.sram_bytes_per_cycle)


def _check_number(path: str, number: float) -> None:
    least = 0 if path == "start_cycles" else 1e-9
    most = 2.0 if path == "weight_share" else 1e12
    if not least <= number <= most:
        bound = "0" if path == "start_cycles" else "above 0"
        raise DeviceError(f"{path} is {number}; allowed is {bound} to {most:g}")


ENGINES: Mapping[str, type[MicroBlock]] = {"ublock": MicroBlock}
