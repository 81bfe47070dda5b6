"""Cycles and on-chip traffic of a matrix product on a systolic array."""

from __future__ import annotations

from dataclasses import dataclass

from dfsrt.device.npu import Dataflow, SystolicArray
from dfsrt.network.layer import Gemm

PARTIAL_SUM_BYTES = {"int8": 4, "fp16": 4, "fp32": 4}
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
    }[array.dataflow]
    return Folds(-(-spatial_rows // array.rows), -(-spatial_cols // array.cols), steps)


def array_cycles(gemm: Gemm, array: SystolicArray, precision: str) -> int:
    """Return the cycles of all ``gemm.count`` products; the arrays share the folds evenly.

    A fold takes 2·rows + cols + T − 2 cycles: fill, stream T steps, drain. A step takes
    ``cycles_per_step`` clocks at ``precision``.

    Source: SCALE-Sim (Samajdar et al., ISPASS 2020), equation for the runtime of a fold.
    Limits: every fold is charged for the whole array; folds do not overlap.
    """
    folds = fold(gemm, array)
    steps = folds.steps * array.cycles_per_step[precision]
    per_fold = 2 * array.rows + array.cols + steps - 2
    return -(-folds.count * gemm.count // array.count) * per_fold


def array_sram_bytes(gemm: Gemm, array: SystolicArray, precision: str, operand_bits: int) -> int:
    """Return bytes moved between the array and its buffers for all products.

    The stationary operand is read once per fold, the streamed one once for every fold that
    needs it. Each fold along k but the last writes its partial sums and the next reads them back;
    the last one's pass through the drain and are written as results, as wide as the operands.

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
    }[array.dataflow]
    partial_sums = 2 * m * n * (passes - 1) * PARTIAL_SUM_BYTES[precision]
    return ((operands + m * n) * operand_bits // 8 + partial_sums) * gemm.count
