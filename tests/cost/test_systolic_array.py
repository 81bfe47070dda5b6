"""Cycles on a systolic array, against the formula computed elsewhere and by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.cost.array import array_cycles, array_sram_bytes
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
    # Walk fold by fold: the held tile is read once, the streamed one in full, sums per k fold.
    total = 0
    spatial = {"output": (m, n), "weight": (k, n), "input": (k, m)}[str(dataflow)]
    for r in range(0, spatial[0], rows):
        for c in range(0, spatial[1], cols):
            height, width = min(rows, spatial[0] - r), min(cols, spatial[1] - c)
            if dataflow is Dataflow.OUTPUT:
                total += height * k + width * k + 4 * height * width
            elif dataflow is Dataflow.WEIGHT:
                total += height * width + m * height + 2 * 4 * m * width
            else:
                total += height * width + n * height + 2 * 4 * n * width
    got = array_sram_bytes(Gemm(m, k, n), array(rows, cols, 1, dataflow), "int8", 8)
    assert got == total
