"""Exhaustive against a search that walks every tile and order, and what its bytes obey."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.cost.mapper.exhaustive import Exhaustive
from dfsrt.cost.traffic import Buffer, LoopNest, Mapping, Operand, crossing
from dfsrt.cost.traffic.least import least_rooms
from dfsrt.network.axis import Axis
from tests.cost.mapper.small_nests import BUFFERS, NESTS, bytes_of
from tests.helpers import loop_walk


def total(nest, mapping, buffer):
    return crossing(nest, mapping, buffer.lines).total


@settings(max_examples=15)
@given(NESTS, BUFFERS)
def test_nothing_that_fits_moves_less(nest, buffer):
    walks = list(loop_walk.search(nest, buffer))
    if not walks:
        with pytest.raises(InputError, match="no tile fits"):
            Exhaustive().map_nest(nest, buffer)
        return
    mapping = Exhaustive().map_nest(nest, buffer)
    assert loop_walk.fit(nest, mapping.tile, buffer)
    assert total(nest, mapping, buffer) == min(bytes_of(nest, walked) for *_, walked in walks)


@given(NESTS, BUFFERS)
def test_the_least_buffer_that_is_named_fits_and_a_byte_less_does_not(nest, buffer):
    rooms = least_rooms(nest, buffer)
    split = None if buffer.split_bytes is None else rooms
    enough = Buffer(sum(rooms), split, buffer.double, buffer.lines)
    assert loop_walk.fit(nest, Exhaustive().map_nest(nest, enough).tile, enough)
    if split is None:
        less = Buffer(sum(rooms) - 1, None, buffer.double, buffer.lines)
        assert not any(loop_walk.fit(nest, tile, less) for tile in loop_walk.all_tiles(nest))


sizes = st.integers(1, 60)
IMAGES = st.builds(
    lambda side, kernel, stride, pad: Axis(
        side, max((side + 2 * pad - kernel) // stride + 1, 1), kernel, stride, pad
    ),
    st.integers(1, 40), st.integers(1, 5), st.integers(1, 3), st.integers(0, 2),
)  # fmt: skip


@st.composite
def larger(draw):
    c, k, rows, cols = draw(sizes), draw(sizes), draw(IMAGES), draw(IMAGES)
    counts = (
        c * rows.size_in * cols.size_in, c * k * rows.kernel * cols.kernel,
        k * rows.size_out * cols.size_out,
    )  # fmt: skip
    return LoopNest(c, k, rows, cols, *(Operand(n, 8) for n in counts))


@given(larger(), st.integers(200, 60_000), st.floats(1.0, 3.0), st.booleans(), st.booleans())
def test_bytes_fall_or_stay_as_the_buffer_grows(nest, size, times, double, lines):
    small, large = (Buffer(n, None, double, lines) for n in (size, int(size * times)))
    assume(sum(least_rooms(nest, small)) <= size)
    less, more = (total(nest, Exhaustive().map_nest(nest, b), b) for b in (large, small))
    assert less <= more
    assert Exhaustive().map_nest(nest, small) == Exhaustive().map_nest(nest, small)


def test_of_equal_bytes_the_fewest_steps_are_taken():
    axis = Axis(64, 64)
    product = LoopNest(32, 64, axis, Axis(1, 1), *(Operand(n, 8) for n in (2048, 2048, 4096)))
    # All weights, and ten rows of inputs and results: 7 steps, each operand once.
    mapping = Exhaustive().map_nest(product, Buffer(2048 + 10 * (32 + 64)))
    assert crossing(product, mapping).total == product.once_bytes
    assert tuple(mapping.tile) == (32, 64, 10, 1)
    whole = Exhaustive().map_nest(product, Buffer(8192))
    assert whole == Mapping(product.whole, "ckpq")


@pytest.mark.parametrize("rows", [2**20 + 7, 10**9, 10**15])
def test_a_product_of_more_rows_than_anybody_has_is_mapped_all_the_same(rows):
    operands = (Operand(rows * 64, 8), Operand(64 * 4096, 8), Operand(rows * 4096, 8))
    nest = LoopNest(64, 4096, Axis(rows, rows), Axis(1, 1), *operands)
    buffer = Buffer(2**15)
    mapping = Exhaustive().map_nest(nest, buffer)
    moved = crossing(nest, mapping)
    assert moved.total >= nest.once_bytes
    # Weights of 256 KiB in a buffer of 32 KiB: a row at a time they would cross a billion times.
    assert moved.total < 20 * nest.once_bytes
