"""From the traffic of a layer to streams of runs on a DRAM."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dfsrt.cost.dram import DramCost, Stream, dram_cost
from dfsrt.cost.dram.runs import pitch_bytes, run_bytes
from dfsrt.cost.layer_traffic import LayerTraffic
from dfsrt.cost.traffic.crossing import crossing
from dfsrt.cost.traffic.mapping import Mapping, Tile
from dfsrt.cost.traffic.nest import PARTIAL_BITS, LoopNest
from dfsrt.device.dram import Dram, Layout

_Box = tuple[int, int, int]
"""Channels, rows and columns."""


def traffic_cost(traffic: LayerTraffic, dram: Dram) -> DramCost:
    """Return what ``dram`` takes for the bytes of a layer, in all its passes."""
    return dram_cost(tuple(streams_of(traffic, dram.layout)), dram)


def streams_of(traffic: LayerTraffic, layout: Layout) -> Iterator[Stream]:
    """Yield the bytes of each operand with the runs that its tiles cut out of its map.

    Maps lie as ``layout`` says; the two sides of a product without a window row by row. Weights
    lie in the order of their use and partial sums as the NPU lays them: one run a tile. Tiles that
    hold all of a group (a depthwise layer's) follow each other, in one run. What no product
    multiplies is one run.

    Limits: a second map that joins on the way out is read by the tiles of the results.
    """
    nests = tuple(zip(traffic.nests, traffic.mappings, strict=True))
    shares = [crossing(nest, mapping, traffic.lines) for nest, mapping in nests]
    tiled_input = sum(each.input for each in shares)
    tiled_weight = sum(each.weight for each in shares)
    for (nest, mapping), share in zip(nests, shares, strict=True):
        if share.input:
            own = traffic.input * share.input // tiled_input
            yield _cut(own, nest, _input_box(nest, mapping.tile), _inputs(nest), layout)
        if share.weight:
            run = mapping.tile.c * mapping.tile.k * nest.taps * nest.weight.bits // 8
            run *= nest.groups if run * 8 >= _group_bits(nest) else 1
            own = traffic.weight * share.weight // tiled_weight
            yield Stream(own, max(min(run, own), 1), False)
        if share.partials:
            run = mapping.tile.k * mapping.tile.p * mapping.tile.q * PARTIAL_BITS // 8
            own = traffic.partials * share.partials // sum(each.partials for each in shares)
            yield from (Stream(own, run, is_write) for is_write in (False, True))
    rest = traffic.constants + (0 if tiled_input else traffic.input)
    rest += 0 if tiled_weight else traffic.weight
    if rest:
        yield Stream(rest, rest, False)
    yield from _results(traffic, nests, layout)


def _results(
    traffic: LayerTraffic, nests: tuple[tuple[LoopNest, Mapping], ...], layout: Layout
) -> Iterator[Stream]:
    """Yield what a layer writes, and the map that joins on the way out."""
    last = next(((n, m) for n, m in reversed(nests) if n.output.bytes), None)
    for moved, is_write in ((traffic.residual, False), (traffic.output, True)):
        if moved and last is None:
            yield Stream(moved, moved, is_write)
        elif moved and last is not None:
            nest, tile = last[0], last[1].tile
            line = nest.line.size_out
            whole = (nest.kernels * nest.groups, nest.rows.size_out, nest.cols.size_out * line)
            yield _cut(moved, nest, (tile.k, tile.p, tile.q * line), whole, layout, is_write)


def _cut(
    moved: int, nest: LoopNest, box: _Box, whole: _Box, layout: Layout, is_write: bool = False
) -> Stream:
    """Return the runs that tiles of the size ``box`` cut out of a map."""
    lies = Layout.CHANNEL_LAST if _is_product(nest) else layout
    bits = nest.output.bits if is_write else nest.input.bits
    box = _over_groups(box, whole, nest, lies)
    run = min(run_bytes(lies, *box, *whole, bits), moved)
    return Stream(moved, run, is_write, pitch_bytes(lies, box, whole, bits))


def _group_bits(nest: LoopNest) -> int:
    return nest.channels * nest.kernels * nest.taps * nest.weight.bits


def _over_groups(box: _Box, whole: _Box, nest: LoopNest, lies: Layout) -> _Box:
    """Return the box of all groups where it holds one whole, and they lie one after the other."""
    group = (whole[0] // nest.groups, *whole[1:])
    if nest.images == 1 and lies is not Layout.CHANNEL_LAST and box == group:
        return whole
    return box


def _is_product(nest: LoopNest) -> bool:
    """Whether a nest is a product of matrices, whose rows lie one after the other."""
    return nest.taps == 1 and nest.cols.size_in == 1


def _inputs(nest: LoopNest) -> _Box:
    line = nest.line.size_in
    return nest.channels * nest.groups, nest.rows.size_in, nest.cols.size_in * line


def _input_box(nest: LoopNest, tile: Tile) -> _Box:
    rows, cols = (
        int(axis.spans(np.array([size]))[0][0])
        for axis, size in ((nest.rows, tile.p), (nest.cols, tile.q))
    )
    return tile.c, rows, cols * nest.line.size_in
