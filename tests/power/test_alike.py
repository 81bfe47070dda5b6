"""Made-up layers are such as networks have, and are dealt so that none holds a kind alone."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.device import load_device
from dfsrt.network.layer import Kind
from dfsrt.power.alike import NETWORKS, alike_layers
from dfsrt.power.alike.image import stem_or_grouped
from dfsrt.power.fit import POINTS, measure_samples
from tests.helpers.tiny import tiny_npu


class Scripted:
    """Draws that were written down: a share of each choice's list, or a plain share."""

    def __init__(self, *shares: float) -> None:
        self._shares = list(shares)

    def uniform(self) -> float:
        return self._shares.pop(0)

    def integers(self, count: int) -> int:
        return int(self._shares.pop(0) * count)


def test_a_stem_by_hand():
    # A stem (0.1), of 224 pixels (0.3), 16 · 6^0.5 = 39.2, so 40 filters, of 7 by 7 (0.6),
    # the third activation (ReLU, 0.5) and stride (2, 0.9), no residual (0.8).
    layer = stem_or_grouped(Scripted(0.1, 0.3, 0.5, 0.6, 0.5, 0.9, 0.8), "stem", "int8")
    assert [t.shape for t in (*layer.inputs, *layer.weights, *layer.outputs)] == [
        (1, 3, 224, 224),
        (40, 3, 7, 7),
        (1, 40, 112, 112),
    ]
    assert layer.macs == 112 * 112 * 7 * 7 * 3 * 40
    assert (layer.joined, layer.fused_ops) == (("Relu",), 112 * 112 * 40)


@given(st.integers(0, 2**32))
def test_a_convolutions_and_a_products_work_follow_from_their_shapes(seed):
    for _, layer in alike_layers(tiny_npu(), 32, seed):
        if layer.kind is not Kind.MATRIX:
            assert layer.macs == layer.fused_ops == 0
            assert (layer.vector_ops == 0) == (layer.kind is Kind.MOVE)
            continue
        (out,) = layer.outputs
        if layer.op == "Conv":
            taps_and_inputs = math.prod(layer.weights[0].shape[1:])
        else:
            taps_and_inputs = layer.inputs[0].shape[-1]
        assert layer.macs == out.elements * taps_and_inputs
        assert layer.fused_ops % out.elements == 0
        assert min(t.elements for t in layer.reads) >= 1


@given(st.integers(0, 2**32))
def test_each_made_up_network_holds_products_vector_work_and_copies(seed):
    dealt = alike_layers(tiny_npu(), 320, seed)
    kinds = Counter((name, layer.kind) for name, layer in dealt)
    names = {name for name, _ in dealt}
    assert len(names) == NETWORKS
    assert all(
        kinds[name, kind] for name in names for kind in (Kind.MATRIX, Kind.VECTOR, Kind.MOVE)
    )
    # Products have a bound of their own from 100 on.
    assert sum(count for (_, kind), count in kinds.items() if kind is Kind.MATRIX) >= 200


def test_layers_are_the_seeds_and_a_longer_deal_begins_as_a_shorter_one():
    one, again = alike_layers(tiny_npu(), 40, 7), alike_layers(tiny_npu(), 40, 7)
    assert one == again == alike_layers(tiny_npu(), 80, 7)[:40]
    assert one != alike_layers(tiny_npu(), 40, 8)


@pytest.mark.parametrize("device", ["mdla", "rk3588-npu"])
def test_every_layer_is_read_at_the_slowest_and_the_fastest_point(device):
    npu = load_device(device)
    corners = {
        (npu.opps.freqs_hz[0], npu.opps.set_points_uv[0]),
        (npu.opps.freqs_hz[-1], npu.opps.set_points_uv[-1]),
    }
    read: dict[str, set[tuple[int | None, int | None, int | None]]] = {}
    for sample in measure_samples(npu, layers=16):
        subject = sample.subject
        points = read.setdefault(sample.layer.name, set())
        points.add((subject.freq_hz, subject.rail_uv, subject.memory_hz))
    assert len(read) == 16 + 4
    assert all(corners <= {point[:2] for point in points} for points in read.values())
    assert all(POINTS <= len(points) <= POINTS + 2 for points in read.values())
