"""Constants in DRAM as a device's decoders read them, each size worked by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.cost import cost_network
from dfsrt.cost.decoding import decoded
from dfsrt.device import load_device
from dfsrt.device.dram import load_dram
from dfsrt.device.weights import DECODERS, Weights
from dfsrt.network.axis import Axis
from dfsrt.network.layer import Gemm, Kind, Layer, Operands
from dfsrt.network.network import Network
from dfsrt.network.packing import Packing
from dfsrt.network.tensor import Tensor
from dfsrt.network.window import Window

NPU = load_device("rk3588-npu")
HALF = Packing(zeros=0.5, kept=2, group=4)


def product(packing=None, dtype="int8", k=64, n=48, m=10, side_bytes=0):
    """A product of 10 x 64 by 64 x 48: 3,072 weights."""
    weight = Tensor("w", (k, n), dtype, packing=packing, side_bytes=side_bytes)
    reads, results = Tensor("x", (m, k), "int8"), Tensor("y", (m, n), "int8")
    return Layer(
        "fc", "MatMul", Kind.MATRIX, ("fc",), (reads,), (weight,), (results,),
        (Gemm(m, k, n),), (Operands(("x",), ("w",), "y"),),
    )  # fmt: skip


def stored_bytes(layer, **facts):
    (weight,) = decoded(layer, replace(NPU, weights=Weights(**facts))).weights
    return weight.bytes


def weight_bytes(layer, **facts):
    npu = replace(NPU, weights=Weights(**facts))
    (cost,) = cost_network(Network("one", (layer,), 0), npu)
    return cost.traffic.weight


@pytest.mark.parametrize(
    ("packing", "dtype", "decode", "size"),
    [
        (HALF, "int8", ["2:4"], 1536 + 1536 * 2 // 8),  # half the values, 2 bits each: 0.625
        (HALF, "float16", ["2:4"], 2 * 1536 + 1536 * 2 // 8),  # 0.5625
        (HALF, "int4", ["int4", "2:4"], 1536 // 2 + 1536 * 2 // 8),  # 0.75
        (HALF, "int4", ["2:4"], 1536 + 1536 * 2 // 8),  # a byte each without a decoder of int4
        (HALF, "int8", ["mask"], 1536 + 3072 // 8),
        (Packing(values=16), "int8", ["shared"], 3072 // 2 + 16),
        (Packing(values=4), "int8", ["shared"], 3072 // 4 + 4),
        (Packing(zeros=0.75, fillers=(900, 500, 200, 40)), "int8", ["zeros"], (768 + 40) * 12 // 8),
        (Packing(zeros=0.75, values=16, fillers=(0, 0, 0, 40)), "int8", ["zeros+shared"],
         (768 + 40) * 8 // 8 + 16),
        (None, "int4", [], 3072),
        (None, "int4", ["int4"], 1536),
        (None, "int2", ["int4"], 1536),
        (None, "int2", ["int4", "int2"], 768),
        (None, "uint4", ["int2"], 3072),
    ],
)  # fmt: skip
def test_a_coding_takes_the_bytes_that_it_takes_by_hand(packing, dtype, decode, size):
    layer = product(packing, dtype)
    assert stored_bytes(layer, decode=tuple(decode), gap_bits=(4,)) == size
    assert weight_bytes(layer, decode=tuple(decode), gap_bits=(4,)) == size


def test_scales_are_stored_beside_what_is_coded():
    plain, coded = (
        stored_bytes(product(HALF, "int4", side_bytes=384), decode=decode)
        for decode in (("int4",), ("int4", "2:4"))
    )
    assert (plain, coded) == (1536 + 384, 1152 + 384)


def test_a_decoder_is_passed_by_where_it_would_take_more():
    """At 10 % zeros a gap of 4 bits each takes 0.9 x 12 bits, a mask 0.9 x 8 + 1: more than 8."""
    layer = product(Packing(zeros=0.1, fillers=(0,) * 8))
    assert stored_bytes(layer, decode=("zeros", "mask"), gap_bits=(4,)) == 3072


@given(
    st.floats(0, 1),
    st.sampled_from([(0, 0), (2, 4), (1, 4), (4, 8)]),
    st.sampled_from([0, 2, 16, 200]),
    st.sampled_from(["int8", "float16", "int4", "uint2"]),
    st.sets(st.sampled_from([*DECODERS, "2:4"])),
    st.sampled_from([*DECODERS, "2:4"]),
)
def test_bytes_are_never_above_plain_and_a_decoder_more_never_adds_any(
    zeros, pattern, values, dtype, some, more
):
    packing = Packing(zeros=zeros, kept=pattern[0], group=pattern[1], values=values)
    layer = product(packing, dtype)
    with_some = stored_bytes(layer, decode=tuple(some))
    plain = stored_bytes(replace(layer, weights=(replace(layer.weights[0], packing=None),)),
                         decode=tuple(some))  # fmt: skip
    assert with_some <= plain
    assert stored_bytes(layer, decode=(*some, more)) <= with_some


def test_a_device_that_says_nothing_decodes_narrow_weights_as_before():
    assert Weights().decode == ("int4", "int2")
    assert stored_bytes(product(dtype="int4")) == 1536
    assert stored_bytes(product(HALF)) == 3072


@pytest.mark.parametrize(
    ("kernel", "stride", "outputs", "bytes_each"),
    [(1, 1, 64, 0.5), (1, 1, 32, 1), (1, 2, 64, 1), (3, 1, 64, 1)],
)
def test_hexagon_decodes_4_bits_for_wide_1x1_convolutions_of_stride_1_alone(
    kernel, stride, outputs, bytes_each
):
    axis = Axis(8, -(-8 // stride), kernel, stride, kernel // 2)
    weight = Tensor("w", (outputs, 32, kernel, kernel), "int4")
    size = axis.size_out
    layer = Layer(
        "conv", "Conv", Kind.MATRIX, ("conv",), (Tensor("x", (1, 32, 8, 8), "int8"),), (weight,),
        (Tensor("y", (1, outputs, size, size), "int8"),),
        (Gemm(size * size, 32 * kernel**2, outputs),), (Operands(("x",), ("w",), "y"),),
        window=Window((axis, axis)),
    )  # fmt: skip
    (stored,) = decoded(layer, load_device("hexagon-8gen2")).weights
    assert stored.bytes == weight.elements * bytes_each


def test_weights_that_stay_on_chip_take_the_room_of_their_coding():
    """1,920 coded bytes fit into 2,000 of memory that keeps weights, 3,072 plain ones do not."""
    layer = product(HALF)
    memory = replace(NPU.memory, resident_bytes=2000)
    coded, plain = (
        cost_network(
            Network("one", (layer,), 0),
            replace(NPU, memory=memory, weights=Weights(decode=decode)),
        )[0]
        for decode in (("2:4",), ())
    )
    assert (coded.traffic.weight, plain.traffic.weight) == (0, 3072)


def test_an_array_waits_for_a_slow_decoder_of_coded_weights_alone():
    def cycles(packing, rate):
        npu = replace(NPU, weights=Weights(decode=("2:4",), decoded_per_cycle=rate))
        return cost_network(Network("one", (product(packing),), 0), npu)[0].compute_cycles

    assert cycles(HALF, 0.5) == 6144
    assert cycles(HALF, 1000) == cycles(None, 0.5) == cycles(HALF, 0)


@pytest.mark.parametrize(
    ("own", "wanted", "does"),
    [((2, 4), (2, 4), True), ((1, 2), (2, 4), True), ((1, 4), (2, 4), True),
     ((4, 8), (2, 4), False), ((2, 8), (2, 4), True), ((3, 4), (2, 4), False),
     ((0, 0), (2, 4), False)],
)  # fmt: skip
def test_a_pattern_within_another_serves_it(own, wanted, does):
    assert Packing(kept=own[0], group=own[1]).follows(*wanted) is does


@pytest.mark.parametrize("device", ["ethos-u55-256", "eyeriss-v1", "rk3588-npu", "tpu7nm"])
def test_every_engine_fetches_fewer_bytes_of_weights_that_it_decodes(device):
    npu = load_device(device)
    dtype = "int8" if npu.precision == "int8" else "float16"
    sparse = replace(product(Packing(zeros=0.9)), weights=(
        replace(product().weights[0], dtype=dtype, packing=Packing(zeros=0.9)),
    ), inputs=(replace(product().inputs[0], dtype=dtype),))  # fmt: skip
    moved = [
        cost_network(Network("one", (sparse,), 0), replace(npu, weights=Weights(decode=d)))[0]
        for d in ((), ("zeros",))
    ]
    assert 0 < moved[1].dram_bytes < moved[0].dram_bytes
    assert moved[1].compute_cycles <= moved[0].compute_cycles


def test_a_dram_part_takes_less_for_coded_weights():
    npu = replace(NPU, dram=load_dram("lpddr4-3200"))
    layer = product(Packing(zeros=0.9), k=640)
    plain, coded = (
        cost_network(Network("one", (layer,), 0), replace(npu, weights=Weights(decode=d)))[0].dram
        for d in ((), ("zeros",))
    )
    assert coded.seconds < plain.seconds
    assert coded.access_j < plain.access_j
