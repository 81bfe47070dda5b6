"""Products of layers as loops: sizes, bytes and what groups share, by hand."""

from __future__ import annotations

import pytest

from dfsrt.cost.mapper.exhaustive import Exhaustive
from dfsrt.cost.traffic import Buffer, Mapping, Tile, crossing, nests_of
from dfsrt.cost.traffic.least import least_rooms
from dfsrt.network import from_onnx_model
from tests.network.builders import Builder


def nests(build):
    b = Builder()
    network = from_onnx_model(b.model(build(b)), "t").as_precision("int8")
    return [nest for layer in network.layers for nest in nests_of(layer)]


def conv(op, shape, weights, **settings):
    return lambda b: b.op(op, b.input("x", shape), b.weight(*weights), **settings)


WINDOWS = {
    # Channels and kernels of a group, results a row, a column and a line, groups, images, bytes.
    "one axis": (
        conv("Conv", [2, 6, 20], (8, 3, 3), group=2, strides=[2], pads=[1, 1]),
        (3, 4, 10, 1, 1, 2, 2, 240, 72, 160),
    ),
    "three axes, the last whole": (
        conv("Conv", [1, 4, 8, 9, 10], (6, 4, 3, 3, 2), strides=[2, 1, 2], pads=[1, 1, 0] * 2),
        (4, 6, 4, 9, 5, 1, 1, 2880, 432, 1080),
    ),
    "transposed": (
        conv("ConvTranspose", [2, 4, 5, 6], (4, 3, 3, 3), group=2, strides=[2, 2]),
        (2, 3, 11, 13, 1, 2, 2, 240, 108, 1716),
    ),
    "dilated": (
        conv("Conv", [1, 4, 12, 12], (6, 4, 3, 3), dilations=[2, 3], auto_pad="SAME_UPPER"),
        (4, 6, 12, 12, 1, 1, 1, 576, 216, 864),
    ),
    "a batch of products": (
        lambda b: b.op("MatMul", b.input("x", [3, 20, 30]), b.input("y", [3, 30, 9])),
        (30, 9, 20, 1, 1, 3, 1, 1800, 810, 540),
    ),
}


@pytest.mark.parametrize("name", WINDOWS)
def test_loops_of_a_layer_by_hand(name):
    build, wanted = WINDOWS[name]
    (n,) = nests(build)
    axes = (axis.size_out for axis in (n.rows, n.cols, n.line))
    sizes = (n.channels, n.kernels, *axes, n.groups, n.images)
    assert (*sizes, n.input.bytes, n.weight.bytes, n.output.bytes) == wanted
    assert (n.input.shared_by, n.weight.shared_by) == (1, 1)


def test_a_tile_of_three_axes_takes_whole_lines():
    """Three rows and three columns of lines of ten make one line of five results, 18 taps."""
    (nest,) = nests(WINDOWS["three axes, the last whole"][0])
    assert least_rooms(nest, Buffer(0)) == (9 * 10, 18, 4 * 5)
    mapping = Exhaustive().map_nest(nest, Buffer(90 + 18 + 20))
    assert mapping.tile == Tile(1, 1, 1, 1)
    # Four tiles read 2, 3, 3 and 3 of eight rows, nine read 2, 7 x 3 and 2 of nine columns.
    moved = crossing(nest, Mapping(Tile(4, 6, 1, 1), "ckpq"))
    assert moved.input == 4 * 11 * 25 * 10


def test_what_is_made_inside_a_layer_does_not_cross():
    def chain(b):
        inputs = [b.input(f"x{i}", shape) for i, shape in enumerate([[20, 30], [30, 9], [9, 40]])]
        return b.op("Einsum", *inputs, equation="ab,bc,cd->ad")

    first, last = nests(chain)
    assert (first.output.bytes, last.input.bytes, last.input.in_place) == (0, 0, True)
    assert (first.input.bytes, first.weight.bytes, last.weight.bytes) == (600, 270, 360)
    assert last.output.bytes == 800


def test_what_groups_share_comes_anew_for_each_where_it_does_not_stay():
    """One matrix by three: it stays for all three while all of it is in the buffer."""
    (nest,) = nests(lambda b: b.op("MatMul", b.input("x", [20, 30]), b.input("y", [3, 30, 9])))
    assert (nest.input.bytes, nest.input.shared_by, nest.weight.shared_by) == (600, 3, 1)
    assert crossing(nest, Mapping(Tile(30, 3, 20, 1), "ckpq")).input == 600
    assert crossing(nest, Mapping(Tile(30, 9, 10, 1), "ckpq")).input == 3 * 600
    assert crossing(nest, Mapping(Tile(30, 3, 10, 1), "kpcq")).input == 3 * 3 * 600
    mapping = Exhaustive().map_nest(nest, Buffer(700))
    assert mapping.tile.p == 20 and mapping.tile.c == 30
