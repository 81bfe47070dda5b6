"""The row-stationary engine: rows of filters stay in small processors, rows of images slide by."""

from __future__ import annotations

import math
from collections.abc import Mapping as Facts
from dataclasses import replace
from functools import lru_cache

import msgspec

from dfsrt.base.errors import DeviceError
from dfsrt.device import vector_unit
from dfsrt.device.convolution import image_window
from dfsrt.device.npu import Npu
from dfsrt.device.row_mapping import Array, Mapping, Shape, least_traffic
from dfsrt.device.stepwise import Stepwise, stepwise_cycles
from dfsrt.network.layer import Gemm, Layer
from dfsrt.network.precision import PRECISIONS
from dfsrt.network.tensor import BITS, Tensor


class RowStationary(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An array of ``array.rows`` x ``array.cols`` processors that work in passes.

    ``pe_weights``, ``pe_inputs``, ``pe_sums``: words that a processor keeps of each.
    ``banks`` of ``bank_bytes``: the buffer of inputs and sums.
    ``weights_per_cycle``, ``inputs_per_cycle``, ``sums_per_cycle``: words that the buses carry a
    cycle; sums go both ways at once.

    A pass begins when its weights and the first window of each row are there, and takes as long as
    the slowest of its multiplications, its sums and its inputs. The mapping is that of least
    traffic to DRAM, and of those the fastest. Results leave while the array waits: the buffer has
    no second place for them.

    Raises:
        DeviceError: a fact that is not above 0.

    Source: Chen et al., JSSC 2017; decision 0032.
    Limits: dense: zeros neither shorten nor compress; no dilation; the stride is reckoned from
    sizes; kernels that no set holds are multiplied as matrices.
    """

    pe_weights: int
    pe_inputs: int
    pe_sums: int
    banks: int
    bank_bytes: int
    weights_per_cycle: int
    inputs_per_cycle: int
    sums_per_cycle: int

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            least = 4 if name == "bank_bytes" else 1  # a word of the widest precision
            if not least <= value <= 10**9:
                raise DeviceError(f"{name} is {value}; allowed is {least} to 1000000000")

    def mapping(self, shape: Shape, npu: Npu, precision: str) -> Mapping:
        """Return the mapping of ``shape``: the least traffic to DRAM, then the least cycles.

        Raises:
            DeviceError: not one channel of one row fits in the buffer.
        """
        chosen = self._chosen(shape, npu, precision)
        if chosen is None:
            raise DeviceError(
                f"device '{npu.name}': engine.row: no pass of {shape} fits in {self.banks} banks "
                f"of {self.bank_bytes} bytes; give more or larger banks"
            )
        return chosen

    def shapes(self, layer: Layer, npu: Npu, precision: str) -> list[tuple[Shape, Gemm]]:
        """Return what a layer's products are as convolutions, each with its product.

        A kernel that no set of processors holds is a matrix product: one tap, a row a result.
        Products of nothing are left out.
        """
        return [(self._shape(layer, g, npu, precision), g) for g in layer.gemms if g.macs]

    def pass_cycles(self, x: Mapping, shape: Shape, rows: int, slow: float = 1) -> int:
        """Return the cycles of one pass of mapping ``x`` over a strip of ``rows``."""
        channels = x.q * x.r
        work = math.ceil(x.n * x.p * x.q * shape.kernel_w * shape.out_w * slow)
        sums = -(-x.n * x.p * x.t * rows * shape.out_w // self.sums_per_cycle)
        pixels = shape.in_rows(rows) * channels
        inputs = -(-x.n * pixels * shape.in_w // self.inputs_per_cycle)
        first = -(-pixels * shape.kernel_w // self.inputs_per_cycle)
        return self.load_cycles(x, shape) + first + max(work, sums, inputs)

    def load_cycles(self, x: Mapping, shape: Shape) -> int:
        """Return the cycles in which the weights of a pass arrive."""
        weights = x.p * x.t * x.q * x.r * shape.kernel_h * shape.kernel_w
        return -(-weights // self.weights_per_cycle)

    def cycles(self, x: Mapping, shape: Shape, slow: float = 1) -> int:
        """Return the cycles of all passes of mapping ``x``."""
        strips = sum(self.pass_cycles(x, shape, rows, slow) * n for rows, n in x.strips(shape))
        return strips * x.passes(shape)

    def product_cycles(self, layer: Layer, npu: Npu, precision: str) -> int:
        """Return the cycles of all passes; the arrays share the products evenly."""
        slow = npu.array.cycles_per_step[precision]
        total = sum(
            self.cycles(self.mapping(shape, npu, precision), shape, slow) * g.count
            for shape, g in self.shapes(layer, npu, precision)
            if g.steps == 1
        )
        return -(-total // npu.array.count) + self.steps_cycles(layer, npu, precision)[0]

    def steps_cycles(self, layer: Layer, npu: Npu, precision: str) -> tuple[int, bool]:
        """Return the cycles of products in steps, and whether processors hold their weights.

        They may where one pass is all of each product.
        """
        slow, arrays, products = npu.array.cycles_per_step[precision], npu.array.count, []
        for shape, g in self.shapes(layer, npu, precision):
            if g.steps > 1:
                x = self.mapping(shape, npu, precision)
                alone = self.cycles(x, shape, slow)
                passes = x.passes(shape) * sum(n for _, n in x.strips(shape))
                each = -(-alone * g.count // arrays)
                load = self.load_cycles(x, shape)
                products.append(Stepwise(each, alone, load, passes, g.count, g.steps))
        return stepwise_cycles(products, arrays)

    def drain_cycles(self, layer: Layer, npu: Npu, precision: str) -> int:
        """Return none: activations are applied as results leave."""
        return 0

    def vector_cycles(self, layer: Layer, npu: Npu, precision: str) -> int:
        """Return the cycles of the vector unit."""
        return vector_unit.vector_cycles(layer, npu, precision)

    def sram_bytes(self, layer: Layer, npu: Npu, precision: str, operand_bits: int) -> int:
        """Return the bytes that passes read and write: inputs, sums in and out, weights.

        Source: gives the published buffer accesses of AlexNet's layers within 7 % (decision 0032).
        """
        _, held = self.steps_cycles(layer, npu, precision)
        words = 0
        for shape, g in self.shapes(layer, npu, precision):
            words += _buffer_words(self.mapping(shape, npu, precision), shape) * g.count * g.steps
            words -= g.k * g.n * g.count * (g.steps - 1) * held
        return words * operand_bits // 8

    def exposed_bytes(self, layer: Layer, npu: Npu, precision: str) -> int:
        """Return the bytes of a product's results: the array waits while they leave."""
        return sum(t.touched_bytes for t in layer.outputs) if layer.gemms else 0

    def in_dram(self, layer: Layer, raw: frozenset[str], npu: Npu) -> Layer:
        """Return ``layer`` as its passes fetch it, so that nothing is left to tile.

        The buffer is one of inputs and sums: weights that no processor holds come from DRAM again
        in every step.
        """
        precision = layer.precision
        if not layer.gemms or precision not in npu.array.cycles_per_step:
            return layer
        times: dict[str, float] = {}
        _, held = self.steps_cycles(layer, npu, precision)
        for gemm, operands in zip(layer.gemms, layer.operands, strict=True):
            if not gemm.macs:
                continue
            shape = self._shape(layer, gemm, npu, precision)
            x = self.mapping(shape, npu, precision)
            again = x.read_rows(shape) / shape.in_rows(shape.out_h)
            for names, fetches in (
                (operands.a, x.input_fetches(shape) * again),
                (operands.b, x.weight_fetches(shape) * (1 if held else gemm.steps)),
            ):
                times.update({name: max(times.get(name, 1.0), fetches) for name in names})

        def fetched(tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            return tuple(_fetched(t, times[t.name]) if t.name in times else t for t in tensors)

        inputs, weights = fetched(layer.inputs), fetched(layer.weights)
        return replace(layer, gemms=(), operands=(), inputs=inputs, weights=weights)

    def _shape(self, layer: Layer, gemm: Gemm, npu: Npu, precision: str) -> Shape:
        shape = _convolution(layer, gemm)
        if shape is not None and self._chosen(shape, npu, precision) is not None:
            return shape
        return Shape(1, gemm.k, gemm.n, 1, 1, gemm.m, 1, 1)

    def _chosen(self, shape: Shape, npu: Npu, precision: str) -> Mapping | None:
        bits, rows, cols = BITS[PRECISIONS[precision]], npu.array.rows, npu.array.cols
        spads = (self.pe_weights, self.pe_inputs, self.pe_sums)
        array = Array(rows, cols, *spads, self.banks, self.bank_bytes * 8 // bits)
        return _chosen(self, shape, array, npu.array.cycles_per_step[precision])


@lru_cache(maxsize=4096)
def _chosen(engine: RowStationary, shape: Shape, array: Array, slow: float) -> Mapping | None:
    return min(
        least_traffic(shape, array),
        key=lambda x: (engine.cycles(x, shape, slow), _buffer_words(x, shape)),
        default=None,
    )


def _buffer_words(x: Mapping, shape: Shape) -> int:
    """Words that cross between buffer and processors: inputs, sums in and out, weights."""
    read = shape.images * shape.channels * x.read_rows(shape) * shape.in_w
    rounds = -(-shape.filters // (x.p * x.t))
    sums = 2 * shape.images * shape.filters * shape.out_h * shape.out_w
    weights = shape.channels * shape.filters * shape.kernel_h * shape.kernel_w
    return (
        read * rounds + sums * -(-shape.channels // (x.q * x.r)) + weights * x.weight_fetches(shape)
    )


def _convolution(layer: Layer, gemm: Gemm) -> Shape | None:
    """One group of a convolution of images; None for other products."""
    window = image_window(layer)
    if window is None:
        return None
    rows, columns = window.axes
    images = gemm.m // (rows.size_out * columns.size_out)
    channels = gemm.k // (rows.kernel * columns.kernel)
    return Shape(
        images, channels, gemm.n, rows.kernel, columns.kernel, rows.size_out, columns.size_out,
        rows.stride,
    )  # fmt: skip


def _fetched(tensor: Tensor, times: float) -> Tensor:
    count = tensor.elements if tensor.touched is None else tensor.touched
    return replace(tensor, touched=math.ceil(count * times))


ENGINES: Facts[str, type[RowStationary]] = {"row": RowStationary}
