"""A pooling window takes what its input has, and no more."""

from __future__ import annotations

import math

import onnx
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from onnx import helper

from dfsrt.base.errors import NetworkError
from dfsrt.network import from_onnx_model, load_network, network_names
from dfsrt.network.zoo import locate
from tests.network.builders import Builder


def pool_ops(op, shape, **attributes):
    b = Builder()
    model = b.model(b.op(op, b.input("x", list(shape)), **attributes))
    (layer,) = from_onnx_model(model, "t", fuse=False).layers
    return layer.vector_ops, layer.outputs[0]


def most_taps(size: int, kernel: int, step: int) -> int:
    """The most elements of a line of ``size`` that a window meets, wherever it is put."""
    starts = range(-(kernel - 1) * step, size)
    return max(sum(0 <= s + i * step < size for i in range(kernel)) for s in starts)


@pytest.mark.parametrize(
    ("op", "shape", "attributes", "ops"),
    [
        # A window of 1,280 x 1,280 on a map of 7 x 7 meets 49 elements; 1,280 results.
        (
            "AveragePool",
            (1, 1280, 7, 7),
            {"kernel_shape": [1280, 1280], "pads": [636, 636, 637, 637]},
            49 * 1280,
        ),
        # Two of three rows at most, all of two columns; 3 x 2 outputs, 4 channels.
        ("MaxPool", (1, 4, 3, 2), {"kernel_shape": [2, 3], "pads": [0, 1, 1, 1]}, 2 * 2 * 24),
        # Steps of two meet two of three elements, steps of one all three of the kernel's.
        (
            "MaxPool",
            (1, 1, 3, 9),
            {"kernel_shape": [3, 3], "dilations": [2, 1], "pads": [2, 0, 2, 0]},
            2 * 3 * 21,
        ),
        ("MaxPool", (1, 2, 5, 5), {"kernel_shape": [3, 3]}, 9 * 18),
    ],
)
def test_work_of_pools_is_as_worked_by_hand(op, shape, attributes, ops):
    assert pool_ops(op, shape, **attributes)[0] == ops


axes = st.tuples(st.integers(1, 6), st.integers(1, 9), st.integers(1, 3))


@given(st.lists(axes, min_size=1, max_size=2), st.integers(1, 3))
def test_a_window_is_charged_the_most_elements_that_it_can_meet(axes, channels):
    sizes, kernels, steps = zip(*axes, strict=True)
    pads = [(k - 1) * d // 2 for _, k, d in axes]
    reach = [n + 2 * p - (k - 1) * d for (n, k, d), p in zip(axes, pads, strict=True)]
    assume(min(reach) >= 1)
    attributes = {"kernel_shape": kernels, "dilations": steps, "pads": pads * 2}
    ops, out = pool_ops("MaxPool", (1, channels, *sizes), **attributes)
    assert ops == out.elements * math.prod(most_taps(*axis) for axis in axes)


def test_of_the_shelf_only_the_last_pool_of_inception_v1_is_larger_than_its_map():
    smaller = []
    for name in network_names():
        path = locate(name)[1]
        kernels = {
            node.output[0]: math.prod(helper.get_node_attr_value(node, "kernel_shape"))
            for node in onnx.load(path, load_external_data=False).graph.node
            if node.op_type in ("MaxPool", "AveragePool")
        }
        for layer in load_network(name, fuse=False).layers:
            out = layer.outputs[0]
            if out.name in kernels and layer.vector_ops != kernels[out.name] * out.elements:
                smaller.append((name, kernels[out.name], layer.vector_ops // out.elements))
    assert smaller == [("inception_v1", 49, 36)]


def test_a_kernel_of_too_few_axes_is_refused_by_name():
    with pytest.raises(NetworkError, match="MaxPool"):
        pool_ops("MaxPool", (1, 1, 4, 4), kernel_shape=[3])
