"""Sizes of codings: by hand, and against coders that write every bit down and read it back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.network.coding import (
    GAP_BITS,
    coded_bits,
    coded_bytes,
    expected_fillers,
    index_bits,
    least_coded,
    scale_bits,
)
from dfsrt.network.packing import Packing
from dfsrt.network.tensor import Tensor

weights = st.lists(st.integers(-3, 3), min_size=1, max_size=80)
sparse = st.lists(st.sampled_from([0] * 12 + [1, 2]), min_size=1, max_size=400)


def test_a_matrix_of_16_numbers_with_4_values_takes_160_bits_of_512():
    assert coded_bits(16, 32, Packing(), "dense") == 512
    assert coded_bits(16, 32, Packing(values=4), "shared") == 4 * 32 + 16 * 2 == 160


@pytest.mark.parametrize(("bits", "share"), [(8, 0.625), (16, 0.5625), (4, 0.75)])
def test_2_of_4_takes_half_of_the_values_and_two_bits_for_each(bits, share):
    packing = Packing(zeros=0.5, kept=2, group=4)
    assert coded_bits(4096, bits, packing, "n:m") == 4096 * bits * share


def test_blocks_of_32_int4_weights_with_fp32_scales_take_5_bits_a_weight():
    assert 256 * 64 * 4 + scale_bits(64, 256, 32, 32) == 256 * 64 * 5
    assert scale_bits(64, 100, 32, 16) == 64 * 4 * 16  # the last block of a row is shorter
    assert scale_bits(64, 256, 0, 32) == 64 * 32
    int4 = Tensor("w", (64, 256), "int4", side_bytes=64 * 8 * 4)
    assert coded_bytes(int4, "dense") == 256 * 64 * 5 // 8


def literal_gaps(values: list[int], gap_bits: int) -> list[tuple[int, int]]:
    """Pairs of a gap and a value, as Deep Compression has them."""
    pairs, gap = [], 0
    for value in values:
        if value:
            pairs.append((gap, value))
            gap = 0
        elif gap == 2**gap_bits - 1:
            pairs.append((gap, 0))  # a filler
            gap = 0
        else:
            gap += 1
    while pairs and pairs[-1][1] == 0:
        pairs.pop()  # nothing comes after it
    return pairs


def literal_values(pairs: list[tuple[int, int]], elements: int) -> list[int]:
    values: list[int] = []
    for gap, value in pairs:
        values += [0] * gap + [value]
    return values + [0] * (elements - len(values))


def counted(values: list[int]) -> Packing:
    fillers = [sum(not v for _, v in literal_gaps(values, bits)) for bits in GAP_BITS]
    return Packing(zeros=values.count(0) / len(values), fillers=tuple(fillers))


@given(sparse, st.integers(1, 8))
def test_gaps_take_what_a_coder_writes_that_reads_back_the_same(values, gap_bits):
    pairs = literal_gaps(values, gap_bits)
    assert literal_values(pairs, len(values)) == values
    assert all(gap < 2**gap_bits for gap, _ in pairs)
    packing = counted(values)
    assert coded_bits(len(values), 8, packing, "zeros", gap_bits) == len(pairs) * (8 + gap_bits)
    books = Packing(zeros=packing.zeros, values=3, fillers=packing.fillers)
    coded = coded_bits(len(values), 8, books, "zeros+shared", gap_bits)
    assert coded == len(pairs) * (2 + gap_bits) + 3 * 8


@given(sparse)
def test_gaps_of_no_given_width_take_the_width_with_the_fewest_bits(values):
    packing = counted(values)
    each = [coded_bits(len(values), 8, packing, "zeros", bits) for bits in GAP_BITS]
    assert coded_bits(len(values), 8, packing, "zeros") == min(each)


@given(weights)
def test_a_mask_takes_a_bit_for_each_element_and_those_that_are_not_zero(values):
    nonzero = [value for value in values if value]
    packing = Packing(zeros=1 - len(nonzero) / len(values))
    assert coded_bits(len(values), 8, packing, "mask") == len(values) + 8 * len(nonzero)


@pytest.mark.parametrize("density", [0.04, 0.09, 0.25, 0.5])
@pytest.mark.parametrize("gap_bits", [2, 4, 5])
def test_expected_fillers_are_those_of_zeros_at_random(density, gap_bits):
    values = (np.random.default_rng(5).random(200_000) < density).astype(int).tolist()
    fillers = sum(not value for _, value in literal_gaps(values, gap_bits))
    assert fillers / sum(values) == pytest.approx(
        expected_fillers(density, gap_bits), abs=0.02, rel=0.03
    )


def test_no_fillers_are_expected_where_nothing_or_everything_is_zero():
    assert [expected_fillers(density, 4) for density in (0, 1)] == [0, 0]
    assert expected_fillers(1e-12, 4) == pytest.approx(1e12 / 16, rel=1e-6)


def test_what_a_packing_does_not_allow_takes_plain_storage():
    for coding in ("n:m", "shared", "zeros+shared", "blocks"):
        assert coded_bits(10, 8, Packing(), coding) == 80


def test_an_unknown_coding_is_refused():
    with pytest.raises(ValueError, match="huffman"):
        coded_bits(10, 8, Packing(), "huffman")


@given(st.floats(0, 1), st.sampled_from([0, 2, 16, 200]), st.integers(1, 300))
def test_the_least_coding_is_none_larger_than_any_and_plain_storage(zeros, values, outputs):
    packing = Packing(zeros=zeros, values=values)
    tensor = Tensor("w", (outputs, 8), "int8", side_bytes=7, packing=packing)
    coding, size = least_coded(tensor)
    every = ["dense", "mask", "zeros", "shared", "zeros+shared"]
    assert size == min(coded_bytes(tensor, each) for each in every)
    assert size == coded_bytes(tensor, coding) <= tensor.bytes
    assert least_coded(tensor, ()) == ("dense", tensor.bytes)


def test_an_index_has_whole_bits():
    assert [index_bits(n) for n in (0, 1, 2, 3, 4, 16, 17, 256)] == [0, 0, 1, 2, 2, 4, 5, 8]


def test_one_of_two_and_one_of_four_are_two_of_four_too():
    follows = {(1, 2): True, (1, 4): True, (2, 4): True, (2, 8): True, (3, 8): False, (2, 3): False}
    for (kept, group), holds in follows.items():
        assert Packing(zeros=0.5, kept=kept, group=group).follows(2, 4) is holds
    assert not Packing(zeros=0.9).follows(2, 4)
