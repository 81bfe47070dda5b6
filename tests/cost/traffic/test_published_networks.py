"""Networks' convolutions in four buffers, as the table of memory.md 1.2 has them."""

from __future__ import annotations

import pytest

from dfsrt.cost.bound import layer_bound_bytes
from dfsrt.cost.mapper.exhaustive import Exhaustive
from dfsrt.cost.traffic import Buffer, crossing, nests_of
from dfsrt.network import load_network
from tests.helpers.convolutions import ALEXNET, MOBILENETV1, VGG16

KIB = 1024


def moved(layers, buffer):
    every = [nest for layer in layers for nest in nests_of(layer)]
    return sum(
        crossing(n, Exhaustive().map_nest(n, buffer), buffer.lines).total for n in every
    )  # fmt: skip


def once(layers):
    return sum(nest.once_bytes for layer in layers for nest in nests_of(layer))


def resnet50():
    layers = load_network("resnet50").as_precision("int8").layers
    return [layer for layer in layers if layer.window and layer.gemms]


@pytest.mark.parametrize(
    ("layers", "megabytes", "times"),
    [
        (VGG16, 37.3, (1.73, 1.25, 1.04, 1.00)),
        (resnet50(), 45.2, (1.12, 1.01, 1.00, 1.00)),
        (MOBILENETV1, 13.4, (1.00, 1.00, 1.00, 1.00)),
        (ALEXNET, 3.4, (1.01, 1.00, 1.00, 1.00)),
    ],
    ids=["vgg16", "resnet50", "mobilenetv1", "alexnet"],
)
def test_least_bytes_over_every_operand_once(layers, megabytes, times):
    assert once(layers) / 1e6 == pytest.approx(megabytes, abs=0.05)
    shares = [moved(layers, Buffer(kib * KIB)) / once(layers) for kib in (108, 256, 512, 1152)]
    assert shares == pytest.approx(times, abs=0.0051)


def test_vgg16_in_108_kib_moves_64_6_mb_sliding_61_3_and_never_less_than_40_2():
    assert moved(VGG16, Buffer(108 * KIB)) / 1e6 == pytest.approx(64.6, abs=0.05)
    assert moved(VGG16, Buffer(108 * KIB, lines=True)) / 1e6 == pytest.approx(61.3, abs=0.05)
    bounds = (layer_bound_bytes(layer, Buffer(108 * KIB)) for layer in VGG16)
    assert sum(bounds) / 1e6 == pytest.approx(40.2, abs=0.05)
