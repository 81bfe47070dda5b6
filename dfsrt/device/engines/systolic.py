"""The systolic engine: a convolution becomes one matrix product, laid on the array in folds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from dfsrt.device import vector_unit
from dfsrt.device.npu import Dataflow, Npu, SystolicArray
from dfsrt.device.stepwise import Stepwise, stepwise_cycles
from dfsrt.network.layer import Gemm, Layer
from dfsrt.network.precision import PRECISIONS

DRAIN_OPS = 4
"""Lane operations that the drain of one array column applies to each result in passing.

Source: assumed; bias, scale, residual add and activation, one each. Fused work beyond that slows
the array down to the drain's pace.
"""

PARTIAL_SUM_BYTES = dict.fromkeys(PRECISIONS, 4)
"""Bytes of an accumulator while a product is summed (int32 or fp32)."""


@dataclass(frozen=True, slots=True)
class Folds:
    """How one product is laid on an array: rows × cols folds of ``steps`` temporal steps."""

    rows: int
    cols: int
    steps: int

    @property
    def count(self) -> int:
        """Folds of one product."""
        return self.rows * self.cols


def fold(gemm: Gemm, array: SystolicArray) -> Folds:
    """Return the folds of one (m, k) × (k, n) product under the array's dataflow.

    Output-stationary lays m × n on the array and streams k; weight-stationary lays k × n and
    streams m; input-stationary lays k × m and streams n.

    Source: SCALE-Sim (Samajdar et al., ISPASS 2020), mapping table of section III.
    """
    spatial_rows, spatial_cols, steps = {
        Dataflow.OUTPUT: (gemm.m, gemm.n, gemm.k),
        Dataflow.WEIGHT: (gemm.k, gemm.n, gemm.m),
        Dataflow.INPUT: (gemm.k, gemm.m, gemm.n),
    }[Dataflow(array.dataflow)]
    return Folds(-(-spatial_rows // array.rows), -(-spatial_cols // array.cols), steps)


def array_cycles(gemm: Gemm, array: SystolicArray, precision: str) -> int:
    """Return the cycles of all ``gemm.count`` products of a step; arrays share the folds evenly.

    A fold takes 2·rows + cols + T − 2 cycles: fill, stream T steps, drain. A step takes
    ``cycles_per_step`` clocks at ``precision``.

    Source: SCALE-Sim (Samajdar et al., ISPASS 2020), equation for the runtime of a fold.
    Limits: every fold is charged for the whole array; folds do not overlap.
    """
    per_fold = _fold_cycles(gemm, array, precision)
    return -(-fold(gemm, array).count * gemm.count // array.count) * per_fold


def _fold_cycles(gemm: Gemm, array: SystolicArray, precision: str) -> int:
    steps = math.ceil(fold(gemm, array).steps * array.cycles_per_step[precision])
    return 2 * array.rows + array.cols + steps - 2


def steps_cycles(layer: Layer, array: SystolicArray, precision: str) -> tuple[int, bool]:
    """Return the cycles of a layer's products in steps, and whether the arrays hold their weights.

    Each step fills and drains anew. Weights that stay are loaded in the first alone, a row a cycle.
    """
    holds = array.dataflow == Dataflow.WEIGHT
    products = [
        Stepwise(
            cycles=array_cycles(g, array, precision),
            alone=_fold_cycles(g, array, precision),
            load=array.rows,
            folds=fold(g, array).count if holds else array.count + 1,
            count=g.count,
            steps=g.steps,
        )
        for g in layer.gemms
        if g.steps > 1
    ]
    return stepwise_cycles(products, array.count)


def array_sram_bytes(
    gemm: Gemm, array: SystolicArray, precision: str, operand_bits: int, *, held: bool = False
) -> int:
    """Return bytes moved between the array and its buffers for all products in all steps.

    Weights that are ``held`` are read in the first step alone. The stationary operand is read once
    per fold, the streamed one once for every fold that needs it. Each fold along k but the last
    writes its partial sums and the next reads them back; the last one's pass through the drain and
    are written as results, as wide as the operands.

    Source: number of accesses as in Timeloop (first read elided), nn-dataflow (2 f - 1 for f folds)
    and ZigZag, width of partial and final sums as in ZigZag; decision 0018.
    Limits: no reuse between folds besides the array's own; a read costs what a write does.
    """
    folds = fold(gemm, array)
    m, k, n = gemm.m, gemm.k, gemm.n
    operands, passes = {
        Dataflow.OUTPUT: (m * k * folds.cols + k * n * folds.rows, 1),
        Dataflow.WEIGHT: (m * k * folds.cols + k * n, folds.rows),
        Dataflow.INPUT: (k * n * folds.cols + m * k, folds.rows),
    }[Dataflow(array.dataflow)]
    partial_sums = 2 * m * n * (passes - 1) * PARTIAL_SUM_BYTES[precision]
    a_step = (operands + m * n) * operand_bits // 8 + partial_sums
    saved = k * n * operand_bits // 8 * (gemm.steps - 1) if held else 0
    return (a_step * gemm.steps - saved) * gemm.count


class Systolic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An array that is filled and drained fold by fold; all of its facts are the array's own."""

    def product_cycles(self, layer: Layer, npu: Npu, precision: str) -> int:
        """Return the cycles of all folds, fill and drain included."""
        at_once = [gemm for gemm in layer.gemms if gemm.steps == 1]
        cycles = sum(array_cycles(gemm, npu.array, precision) for gemm in at_once)
        return cycles + steps_cycles(layer, npu.array, precision)[0]

    def drain_cycles(self, layer: Layer, npu: Npu, precision: str) -> int:
        """Return the cycles of fused work that rides on the drain, beside the products."""
        return -(-layer.fused_ops // (npu.array.cols * npu.array.count * DRAIN_OPS))

    def vector_cycles(self, layer: Layer, npu: Npu, precision: str) -> int:
        """Return the cycles of the vector unit."""
        return vector_unit.vector_cycles(layer, npu, precision)

    def sram_bytes(self, layer: Layer, npu: Npu, precision: str, operand_bits: int) -> int:
        """Return the bytes that all products read and write on chip."""
        _, held = steps_cycles(layer, npu.array, precision)
        return sum(
            array_sram_bytes(g, npu.array, precision, operand_bits, held=held and g.steps > 1)
            for g in layer.gemms
        )

    def exposed_bytes(self, layer: Layer, npu: Npu, precision: str) -> int:
        """Return none: all bytes cross beside the products."""
        return 0

    def in_dram(self, layer: Layer, raw: frozenset[str], npu: Npu) -> Layer:
        """Return ``layer`` itself: no tensor is padded."""
        return layer


ENGINES: Mapping[str, type[Systolic]] = {str(dataflow): Systolic for dataflow in Dataflow}
