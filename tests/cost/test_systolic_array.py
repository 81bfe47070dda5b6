"""Cycles on a systolic array, against the formula computed elsewhere and by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.device.engines.systolic import array_cycles, array_sram_bytes
from dfsrt.device.npu import Dataflow, SystolicArray
from dfsrt.network.layer import Gemm


def array(rows=4, cols=8, count=1, dataflow=Dataflow.WEIGHT):
    return SystolicArray(rows, cols, count, dataflow, {"int8": 1, "fp16": 2, "fp32": 4})


@pytest.mark.parametrize(
    ("dataflow", "cycles"),
    [
        # m=10, k=9, n=17 on 4 × 8. Output: 3·3 folds of 2·4+8+9-2; weight: 3·3 of +10; input:
        # 3 folds of k, 2 of m, streaming 17.
        (Dataflow.OUTPUT, 3 * 3 * 23),
        (Dataflow.WEIGHT, 3 * 3 * 24),
        (Dataflow.INPUT, 3 * 2 * 31),
    ],
)
def test_folds_are_as_worked_by_hand(dataflow, cycles):
    assert array_cycles(Gemm(10, 9, 17), array(dataflow=dataflow), "int8") == cycles


def test_slower_precision_stretches_the_stream_only():
    assert array_cycles(Gemm(10, 4, 8), array(), "int8") == 2 * 4 + 8 + 10 - 2
    assert array_cycles(Gemm(10, 4, 8), array(), "fp16") == 2 * 4 + 8 + 20 - 2


def test_arrays_share_the_folds_evenly():
    gemm = Gemm(10, 12, 8, count=3)  # 3 folds each, 9 in all
    one, four = array_cycles(gemm, array(), "int8"), array_cycles(gemm, array(count=4), "int8")
    assert (one, four) == (9 * 24, 3 * 24)


dims = st.integers(1, 300)


@given(dims, dims, dims, st.sampled_from(list(Dataflow)), st.integers(1, 64), st.integers(1, 64))
def test_any_product_follows_the_published_formula(m, k, n, dataflow, rows, cols):
    # Samajdar et al., ISPASS 2020: (2 S_R + S_C + T - 2) per fold; mapping as their table.
    spatial = {"output": (m, n, k), "weight": (k, n, m), "input": (k, m, n)}[str(dataflow)]
    folds = math.ceil(spatial[0] / rows) * math.ceil(spatial[1] / cols)
    expected = (2 * rows + cols + spatial[2] - 2) * folds
    assert array_cycles(Gemm(m, k, n), array(rows, cols, 1, dataflow), "int8") == expected


@given(dims, dims, dims, st.sampled_from(list(Dataflow)), st.integers(1, 9), st.integers(1, 9))
def test_buffer_traffic_equals_a_walk_over_the_folds(m, k, n, dataflow, rows, cols):
    # Walk fold by fold: the held tile is read once, the streamed one in full. Sums of 4 bytes come
    # back in from the second fold along k on, and go out up to the last but one, which makes bytes.
    total = 0
    spatial = {"output": (m, n), "weight": (k, n), "input": (k, m)}[str(dataflow)]
    for r in range(0, spatial[0], rows):
        for c in range(0, spatial[1], cols):
            height, width = min(rows, spatial[0] - r), min(cols, spatial[1] - c)
            if dataflow is Dataflow.OUTPUT:
                total += height * k + width * k + height * width
                continue
            streamed = m if dataflow is Dataflow.WEIGHT else n
            total += height * width + streamed * height
            total += 4 * streamed * width if r > 0 else 0
            total += streamed * width * (1 if r + rows >= spatial[0] else 4)
    got = array_sram_bytes(Gemm(m, k, n), array(rows, cols, 1, dataflow), "int8", 8)
    assert got == total


@pytest.mark.parametrize(
    ("dataflow", "precision", "expected"),
    [
        # m=10, k=9, n=17 on 4 x 8. Output: 3 folds by 3, 10·9·3 + 9·17·3 operands, 170 results.
        (Dataflow.OUTPUT, "int8", 270 + 459 + 170),
        # Weight: 3 folds of k, 3 of n: 10·9·3 + 9·17 operands; 170 sums of 4 B go out twice and
        # come back twice; 170 results.
        (Dataflow.WEIGHT, "int8", 270 + 153 + 4 * 4 * 170 + 170),
        # Input: 3 folds of k, 2 of m: 9·17·2 + 10·9 operands.
        (Dataflow.INPUT, "int8", 306 + 90 + 4 * 4 * 170 + 170),
        # Operands and results of 2 B; sums are 4 B at any precision.
        (Dataflow.WEIGHT, "fp16", 2 * (270 + 153 + 170) + 4 * 4 * 170),
    ],
)
def test_buffer_traffic_is_as_worked_by_hand(dataflow, precision, expected):
    bits = {"int8": 8, "fp16": 16}[precision]
    got = array_sram_bytes(Gemm(10, 9, 17), array(dataflow=dataflow), precision, bits)
    assert got == expected


def test_sums_that_are_complete_in_one_fold_never_come_back():
    got = array_sram_bytes(Gemm(10, 4, 8), array(), "int8", 8)
    assert got == 10 * 4 + 4 * 8 + 10 * 8
