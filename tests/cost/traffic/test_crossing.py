"""The bytes of tiles and orders, against a literal walk of the loops, and the golden layers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.cost.mapper.exhaustive import Exhaustive
from dfsrt.cost.traffic import Buffer, LoopNest, Mapping, Operand, Tile, crossing
from dfsrt.cost.traffic.crossing import room_bytes
from dfsrt.network.axis import Axis
from tests.helpers import loop_walk

AXES = st.builds(
    Axis,
    size_in=st.integers(1, 6),
    size_out=st.integers(1, 4),
    kernel=st.integers(1, 3),
    stride=st.integers(1, 3),
    pad=st.integers(-1, 2),
    dilation=st.integers(1, 2),
    transposed=st.booleans(),
)


def nest_of(channels, kernels, rows, cols, groups=1, images=1, bits=8):
    """A product of operands of 8 bits, each element of which is stored once."""
    inputs = channels * rows.size_in * cols.size_in * groups * images
    weights = channels * kernels * rows.kernel * cols.kernel * groups
    results = kernels * rows.size_out * cols.size_out * groups * images
    operands = (Operand(-(-n * bits // 8), bits) for n in (inputs, weights, results))
    return LoopNest(channels, kernels, rows, cols, *operands, groups=groups, images=images)


small = st.integers(1, 3)
NESTS = st.builds(nest_of, small, small, AXES, AXES, st.integers(1, 2), st.integers(1, 2))


@settings(max_examples=12)
@given(NESTS, st.booleans(), st.booleans())
def test_all_tiles_and_orders_move_what_a_walk_of_the_loops_moves(nest, lines, double):
    buffer = Buffer(10**9, double=double, lines=lines)
    for tile, order, walked in loop_walk.search(nest, buffer):
        assert tuple(crossing(nest, Mapping(Tile(*tile), order), lines)) == walked, (tile, order)
        assert room_bytes(nest, Tile(*tile), buffer) == loop_walk.rooms(nest, tile, double)


def conv(c, side, k, kernel, stride=1, pad=0):
    out = (side + 2 * pad - kernel) // stride + 1
    axis = Axis(side, out, kernel, stride, pad)
    return nest_of(c, k, axis, axis)


def product(m, k, n):
    return nest_of(k, n, Axis(m, m), Axis(1, 1))


KIB = 1024
SPLIT = Buffer(192 * KIB, (64 * KIB,) * 3)
GOLDEN = [
    # Layer, buffer, every operand once, least, sliding: memory.md 2.4, int8, one image.
    (conv(4, 8, 4, 3, 1, 1), Buffer(150), 656, 1_600, 1_040),
    (conv(4, 8, 4, 3, 1, 1), Buffer(300), 656, 864, 656),
    (conv(6, 9, 8, 3, 2, 0), Buffer(200), 1_046, 2_556, 2_502),
    (product(10, 64, 48), Buffer(300), 4_192, 8_032, 8_032),
    (conv(512, 28, 512, 3, 1, 1), SPLIT, 3_162_112, 10_711_040, 10_711_040),
    (conv(512, 28, 512, 3, 1, 1), Buffer(256 * KIB), 3_162_112, 5_550_080, 5_521_408),
    (conv(1024, 14, 256, 1), Buffer(64 * KIB), 513_024, 975_872, 975_872),
]


@pytest.mark.parametrize(("nest", "buffer", "once", "least", "sliding"), GOLDEN)
def test_golden_layers(nest, buffer, once, least, sliding):
    assert nest.once_bytes == once
    for lines, wanted in ((False, least), (True, sliding)):
        each = Buffer(buffer.total_bytes, buffer.split_bytes, lines=lines)
        mapping = Exhaustive().map_nest(nest, each)
        assert crossing(nest, mapping, lines).total == wanted


def test_a_golden_tiling_has_the_golden_bytes():
    layer = conv(6, 9, 8, 3, 2, 0)
    spilling = crossing(layer, Mapping(Tile(3, 1, 2, 4), "cpkq"))
    assert (spilling.total, spilling.output, spilling.partials) == (2_556, 128, 512)


def test_channels_that_are_padded_in_dram_cross_with_the_others():
    plain = conv(4, 8, 4, 3, 1, 1)
    padded = LoopNest(4, 4, plain.rows, plain.cols, Operand(16 * 64, 8), plain.weight, plain.output)
    mapping = Mapping(Tile(4, 2, 2, 8), "kpcq")
    assert crossing(padded, mapping).input == 4 * crossing(plain, mapping).input


def test_numbers_of_four_bits_take_half_of_the_bytes_and_half_of_the_room():
    axis = Axis(9, 9)
    bytes_, nibbles = (nest_of(6, 8, axis, axis, bits=bits) for bits in (8, 4))
    mapping = Mapping(Tile(6, 4, 3, 9), "kpqc")
    whole, half = crossing(bytes_, mapping), crossing(nibbles, mapping)
    assert (2 * half.input, 2 * half.weight, 2 * half.output) == whole[:3]
    rooms = [room_bytes(n, mapping.tile, Buffer(1)) for n in (bytes_, nibbles)]
    assert [2 * int(r) for r in rooms[1]] == [int(r) for r in rooms[0]]
