"""From the tiles of a layer to runs in DRAM."""

from __future__ import annotations

import pytest

from dfsrt.cost.layer_streams import streams_of
from dfsrt.cost.layer_traffic import layer_traffic
from dfsrt.cost.mapper import make_mapper
from dfsrt.cost.traffic import Buffer
from dfsrt.device.dram import Layout
from dfsrt.network import load_network


def runs(buffer_bytes, layout):
    """Runs of inputs, weights and results of MobileNetV1's last depthwise layer, 1024 x 7 x 7."""
    layer = next(
        a for a in load_network("mobilenetv1").as_precision("int8").layers
        if a.name == "12.depthwise"
    )  # fmt: skip
    moved = layer_traffic(layer, make_mapper("exhaustive"), Buffer(buffer_bytes))
    each = [s for s in streams_of(moved, layout) if s.bytes != 1024]  # biases
    assert sum(s.bytes for s in each) == 1024 * (7 * 7 + 9 + 7 * 7)
    return [stream.run_bytes for stream in each]


@pytest.mark.parametrize("layout", [Layout.CHANNEL_FIRST, Layout.TILED])
def test_groups_whose_planes_fit_follow_each_other_in_one_run(layout):
    assert runs(200, layout) == [1024 * 49, 1024 * 9, 1024 * 49]


def test_channels_last_give_a_byte_at_a_time_to_a_group_of_one_channel():
    assert runs(200, Layout.CHANNEL_LAST) == [1, 1024 * 9, 1]


def test_planes_that_are_cut_make_a_run_each():
    # 9 weights, 5 x 7 inputs for 3 x 7 results of one channel: 65 bytes.
    layer = next(
        a for a in load_network("mobilenetv1").as_precision("int8").layers
        if a.name == "12.depthwise"
    )  # fmt: skip
    moved = layer_traffic(layer, make_mapper("exhaustive"), Buffer(66))
    read, weights, *_, written = streams_of(moved, Layout.CHANNEL_FIRST)
    assert moved.mappings[0].tile == (1, 1, 3, 7) and moved.input > 1024 * 49
    assert (read.run_bytes, weights.run_bytes, written.run_bytes) == (5 * 7, 1024 * 9, 3 * 7)
