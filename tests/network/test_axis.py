"""Which inputs the results of an axis need, against literal loops over results and taps."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import NetworkError
from dfsrt.network.axis import Axis

AXES = st.builds(
    Axis,
    size_in=st.integers(1, 24),
    size_out=st.integers(0, 24),
    kernel=st.integers(1, 6),
    stride=st.integers(1, 7),
    pad=st.integers(-3, 8),
    dilation=st.integers(1, 4),
    transposed=st.booleans(),
)


def held(axis: Axis, results: range) -> set[int]:
    """Positions of a tile of results: from the first to the last that they need."""
    needed: set[int] = set()
    for o in results:
        if axis.transposed:
            reach = (axis.kernel - 1) * axis.dilation
            needed |= {
                i for i in range(axis.size_in) if 0 <= o - i * axis.stride + axis.pad <= reach
            }
            continue
        first = o * axis.stride - axis.pad
        last = first + max((axis.kernel - 1) * axis.dilation, axis.stride - 1)
        needed |= set(range(first, last + 1))
    return needed & set(range(axis.size_in))


def tiles(axis: Axis, size: int) -> list[int]:
    starts = range(0, axis.size_out, size)
    return [len(held(axis, range(o, min(o + size, axis.size_out)))) for o in starts]


@given(AXES)
def test_spans_of_tiles_are_what_a_loop_over_results_holds(axis: Axis) -> None:
    sizes = np.arange(1, 27)
    most, total = axis.spans(sizes)
    for size in sizes:
        walked = tiles(axis, int(size))
        assert (most[size - 1], total[size - 1]) == (max(walked, default=0), sum(walked)), size
    assert axis.covered == len(held(axis, range(axis.size_out)))


@given(AXES)
def test_taps_on_input_are_counted_one_by_one(axis: Axis) -> None:
    pairs = 0
    for o, i, r in product(range(axis.size_out), range(axis.size_in), range(axis.kernel)):
        small, large = (i, o) if axis.transposed else (o, i)
        pairs += large == small * axis.stride - axis.pad + r * axis.dilation
    assert axis.taps_on_input == pairs


def test_rows_of_a_strided_convolution_worked_by_hand() -> None:
    """9 rows, kernel 3, stride 2, no padding: 4 results. Tiles of 1, 2, 3, 4 results."""
    most, total = Axis(9, 4, kernel=3, stride=2).spans(np.array([1, 2, 3, 4]))
    assert most.tolist() == [3, 5, 7, 9]
    assert total.tolist() == [12, 10, 10, 9]  # 4 of 3; 5 + 5; 7 + 3; all


def test_padding_is_neither_held_nor_multiplied() -> None:
    """8 rows, kernel 3, padding 1: the tiles at both edges hold a row less."""
    axis = Axis(8, 8, kernel=3, pad=1)
    most, total = axis.spans(np.array([1, 4, 8]))
    assert (most.tolist(), total.tolist()) == ([3, 5, 8], [22, 10, 8])
    assert axis.taps_on_input == 8 * 3 - 2


def test_a_stride_wider_than_the_kernel_holds_what_it_skips() -> None:
    """7 rows, kernel 1, stride 3: results read rows 0, 3, 6, the tensor ends after row 6."""
    most, total = Axis(7, 3, stride=3).spans(np.array([1, 2, 3]))
    assert (most.tolist(), total.tolist()) == ([3, 6, 7], [7, 7, 7])


def test_rows_that_no_window_meets_are_not_covered() -> None:
    assert Axis(10, 2, kernel=3, stride=3).covered == 6
    assert Axis(4, 0, kernel=5).covered == 0


def test_a_transposed_axis_reads_neighbours_of_where_results_come_from() -> None:
    """4 rows become 8 by a kernel of 4, stride 2, padding 1: a result adds up two rows."""
    axis = Axis(4, 8, kernel=4, stride=2, pad=1, transposed=True)
    most, total = axis.spans(np.array([1, 2, 8]))
    assert most.tolist() == [2, 3, 4]
    assert total.tolist() == [14, 10, 4]
    assert axis.taps_on_input == 14


@pytest.mark.parametrize(
    "wrong", [{"kernel": 0}, {"stride": 0}, {"dilation": -1}, {"size_out": -1}]
)
def test_an_axis_that_cannot_be_is_refused(wrong: dict[str, int]) -> None:
    (name,) = wrong
    with pytest.raises(NetworkError, match=f"{name} {wrong[name]}; give"):
        Axis(**{"size_in": 4, "size_out": 4, **wrong})


def test_an_axis_as_long_as_a_recording_takes_no_loop_over_its_results() -> None:
    """A hundred million results, or taps of one, would not fit in memory."""
    size = 10**8
    for axis in (Axis(3 * size, size, 3, 3), Axis(size, 3 * size, 3, 3, transposed=True)):
        most, total = axis.spans(np.array([3, size]))
        assert total[0] == axis.size_in
        assert most[0] == (9 if axis.stride == 1 or not axis.transposed else 1)
    assert Axis(size, 1, kernel=size).taps_on_input == size
    assert Axis(1, size, size, size, transposed=True).spans(np.array([7]))[0] == 1
