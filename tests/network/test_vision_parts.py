"""Parts of the networks of truth: dilations in place of strides, and pools in a row."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from dfsrt.network.kit.builder import Builder
from dfsrt.network.vision.draft import Draft, Feature
from dfsrt.network.vision.mobilenet import features
from dfsrt.network.vision.pyramid import pools
from tests.helpers.graphs import built, session_of, shapes_of


@pytest.mark.parametrize(("stride", "side"), [(8, 65), (16, 33)])
def test_deeplab_answers_on_the_map_of_its_stride(stride, side):
    model = built(f"deeplabv3-mobilenetv2:stride={stride}")
    assert shapes_of(model)["classes_map"] == (1, 21, side, side)


@pytest.mark.parametrize(("stride", "dilated"), [(8, {2: 7, 4: 3}), (16, {2: 3}), (32, {})])
def test_where_strides_stop_the_blocks_behind_dilate(stride, dilated):
    builder = Builder("features", 1)
    features(Draft(builder, "relu6"), Feature(builder.input("x", (1, 3, 65, 65)), 3), stride)
    nodes = builder.model().graph.node
    steps = [a.ints[0] for n in nodes for a in n.attribute if a.name == "dilations"]
    assert Counter(steps) == dilated


def test_pools_of_five_in_a_row_are_pools_of_nine_and_thirteen():
    builder = Builder("pools", 1)
    made = pools(Draft(builder, "relu"), Feature(builder.input("x", (1, 2, 17, 15)), 2), "p")
    for i, pooled in enumerate(made):
        builder.output(pooled.tensor, f"y{i}", (1, 2, 17, 15))
    x = np.random.default_rng(1).normal(size=(1, 2, 17, 15)).astype(np.float32)
    for reach, y in zip((2, 4, 6), session_of(builder.model()).run(None, {"x": x}), strict=True):
        for row, column in np.ndindex(17, 15):
            rows = slice(max(row - reach, 0), row + reach + 1)
            columns = slice(max(column - reach, 0), column + reach + 1)
            window = x[:, :, rows, columns]
            assert np.array_equal(y[:, :, row, column], window.max(axis=(2, 3)))
