"""Small networks of random parts, and the same with what was cut out set to zero."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tests.helpers.graphs import session_of


class Net:
    """A network of maps (1, C, H, W) that grows part by part from a seed's weights."""

    def __init__(self, seed: int, opset: int = 17, size: int = 8) -> None:
        self.random, self.opset = np.random.default_rng(seed), opset
        self.nodes, self.stored, self.count = [], [], 0
        self.shapes = {"x": (1, 3, size, size)}
        self.maps = ["x"]

    def weight(self, *shape, low=-1.0, high=1.0):
        count = int(np.prod(shape))  # no value twice, so that each tells where it was
        values = low + (high - low) * (self.random.permutation(count) + 0.5) / count
        fan_in = max(1, np.prod(shape[1:]))
        return self.constant((values / fan_in**0.5).reshape(shape).astype(np.float32))

    def constant(self, values):
        self.count += 1
        self.stored.append(numpy_helper.from_array(np.asarray(values), f"w{self.count}"))
        return f"w{self.count}"

    def add(self, op, inputs, shape, outputs=1, **attributes):
        self.count += 1
        names = [f"t{self.count}.{n}" for n in range(outputs)]
        self.nodes.append(helper.make_node(op, inputs, names, name=f"n{self.count}", **attributes))
        for name, own in zip(names, shape if outputs > 1 else [shape], strict=True):
            self.shapes[name] = tuple(own)
        return names if outputs > 1 else names[0]

    def conv(self, x, channels, kernel=3, groups=1):
        n, c, h, w = self.shapes[x]
        weights = self.weight(channels, c // groups, kernel, kernel), self.weight(channels)
        pads = [kernel // 2] * 4
        return self.add("Conv", [x, *weights], (n, channels, h, w), pads=pads, group=groups)

    def elementwise(self, op, x, *others, **attributes):
        return self.add(op, [x, *others], self.shapes[x], **attributes)

    def model(self, x, shape=None):
        graph = helper.make_graph(
            self.nodes,
            "net",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, self.shapes["x"])],
            [helper.make_tensor_value_info(x, TensorProto.FLOAT, shape or self.shapes[x])],
            self.stored,
        )
        opsets = [helper.make_opsetid("", self.opset)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def residual(net, x):
    c = net.shapes[x][1]
    return net.elementwise("Add", x, net.conv(net.elementwise("Relu", net.conv(x, 10)), c))


def gate(net, x):
    """Squeeze and excite."""
    n, c, _h, _w = net.shapes[x]
    squeezed = net.add("GlobalAveragePool", [x], (n, c, 1, 1))
    hidden = net.elementwise("Relu", net.conv(squeezed, 4, 1))
    return net.elementwise("Mul", x, net.elementwise("Sigmoid", net.conv(hidden, c, 1)))


def batch_norm(net, x):
    c = net.shapes[x][1]
    vectors = [net.weight(c), net.weight(c), net.weight(c), net.weight(c, low=0.5, high=2.0)]
    return net.elementwise("BatchNormalization", x, *vectors)


def instance_norm(net, x):
    c = net.shapes[x][1]
    return net.elementwise("InstanceNormalization", x, net.weight(c), net.weight(c))


def depthwise(net, x):
    c = net.shapes[x][1]
    return net.conv(x, c * int(net.random.integers(1, 3)), groups=c)


def grouped(net, x):
    return net.conv(net.conv(x, 12, 1), 18, groups=3)


def dense(net, x):
    """Concatenation with what is made of it."""
    n, c, h, w = net.shapes[x]
    return net.add("Concat", [x, net.conv(x, 5)], (n, c + 5, h, w), axis=1)


def halves(net, x):
    """A split, of which one half is worked on, and joined again."""
    n, _c, h, w = net.shapes[x]
    x = net.conv(x, 12, 1)
    parts = [(n, 4, h, w), (n, 8, h, w)]
    one, other = net.add("Split", [x, net.constant(np.array([4, 8]))], parts, outputs=2, axis=1)
    joined = net.add("Concat", [other, net.conv(one, 6)], (n, 14, h, w), axis=-3)
    return net.elementwise("LeakyRelu", joined)


def sliced(net, x):
    n, _c, h, w = net.shapes[x]
    bounds = [net.constant(np.array(b)) for b in ([2, 0], [-1, 2**31], [1, 3], [1, 1])]
    return net.add("Slice", [net.conv(x, 11), *bounds], (n, 8, h, w))


def picked(net, x):
    n, _c, h, w = net.shapes[x]
    return net.add(
        "Gather", [net.conv(x, 7), net.constant(np.array([5, 1, 1, -1]))], (n, 4, h, w), axis=1
    )


def shuffled(net, x):
    n, _c, h, w = net.shapes[x]
    x = net.conv(x, 12, 1)
    apart = net.add("Reshape", [x, net.constant(np.array([n, 3, 4, h, w]))], (n, 3, 4, h, w))
    turned = net.add("Transpose", [apart], (n, 4, 3, h, w), perm=[0, 2, 1, 3, 4])
    return net.add("Reshape", [turned, net.constant(np.array([0, -1, h, w]))], (n, 12, h, w))


def lrn(net, x):
    return net.elementwise("LRN", x, size=3)


def slopes(net, x):
    return net.elementwise("PRelu", x, net.weight(net.shapes[x][1], 1, 1))


def transposed(net, x):
    n, c, h, w = net.shapes[x]
    groups = 2 if c % 2 == 0 and net.random.integers(2) else 1
    weights = net.weight(c, 8 // groups, 1, 1), net.weight(8)
    return net.add("ConvTranspose", [x, *weights], (n, 8, h, w), group=groups)


def channels_last(net, x):
    """A feed-forward block on channels that lie last, scaled and shifted."""
    n, c, h, w = net.shapes[x]
    last = net.add("Transpose", [x], (n, h, w, c), perm=[0, 2, 3, 1])
    wide = net.add("MatMul", [last, net.weight(c, 9)], (n, h, w, 9))
    wide = net.elementwise("Tanh", net.elementwise("Add", wide, net.weight(9)))
    back = net.add("MatMul", [wide, net.weight(9, 6)], (n, h, w, 6))
    return net.add("Transpose", [back], (n, 6, h, w), perm=[0, 3, 1, 2])


def padded(net, x):
    n, c, h, w = net.shapes[x]
    pads = net.constant(np.array([0, 1, 0, 0, 0, 2, 0, 0]))
    return net.add("Pad", [x, pads], (n, c + 3, h, w))


def deeper(net, x):
    """Depth to space and back."""
    n, _c, h, w = net.shapes[x]
    mode = ["CRD", "DCR"][net.random.integers(2)]
    wide = net.add("DepthToSpace", [net.conv(x, 16)], (n, 4, 2 * h, 2 * w), blocksize=2, mode=mode)
    return net.add("SpaceToDepth", [wide], (n, 16, h, w), blocksize=2)


def resized(net, x):
    n, c, h, w = net.shapes[x]
    sizes = net.constant(np.array([n, c, 2 * h, 2 * w]))
    wide = net.add("Resize", [x, "", "", sizes], (n, c, 2 * h, 2 * w), mode="nearest")
    return net.add("MaxPool", [wide], (n, c, h, w), kernel_shape=[2, 2], strides=[2, 2])


def attended(net, x):
    """Scores of all positions with each other, with heads."""
    n, c, h, w = net.shapes[x]
    flat = net.add("Reshape", [x, net.constant(np.array([n, c, h * w]))], (n, c, h * w))
    last = net.add("Transpose", [flat], (n, h * w, c), perm=[0, 2, 1])
    sides = []
    for perm in ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]):
        side = net.add("MatMul", [last, net.weight(c, 8)], (n, h * w, 8))
        side = net.add("Reshape", [side, net.constant(np.array([0, 0, 2, 4]))], (n, h * w, 2, 4))
        sides.append(
            net.add("Transpose", [side], tuple((n, h * w, 2, 4)[p] for p in perm), perm=perm)
        )
    scores = net.add("MatMul", sides[:2], (n, 2, h * w, h * w))
    scores = net.elementwise("Softmax", scores, axis=-1)
    mixed = net.add("MatMul", [scores, sides[2]], (n, 2, h * w, 4))
    mixed = net.add("Transpose", [mixed], (n, 2, 4, h * w), perm=[0, 1, 3, 2])
    return net.add("Reshape", [mixed, net.constant(np.array([n, 8, h, w]))], (n, 8, h, w))


PARTS = (
    residual, gate, batch_norm, instance_norm, depthwise, grouped, dense, halves, sliced, picked,
    shuffled, lrn, slopes, transposed, channels_last, padded, deeper, resized, attended,
)  # fmt: skip


def flat_head(net, x):
    shape = net.shapes[x]
    width = int(np.prod(shape[1:]))
    x = net.add("Flatten", [x], (1, width))
    x = net.elementwise(
        "Relu", net.add("Gemm", [x, net.weight(width, 10), net.weight(10)], (1, 10))
    )
    return net.add("Gemm", [x, net.weight(4, 10)], (1, 4), transB=1)


def mean_head(net, x):
    c = net.shapes[x][1]
    x = net.add("ReduceMean", [x], (1, c), axes=[2, 3], keepdims=0)
    return net.elementwise("Add", net.add("MatMul", [x, net.weight(c, 4)], (1, 4)), net.weight(4))


def pooled_head(net, x):
    c = net.shapes[x][1]
    x = net.add("GlobalAveragePool", [x], (1, c, 1, 1))
    x = net.add("Reshape", [x, net.constant(np.array([-1, c]))], (1, c))
    return net.add("Gemm", [x, net.weight(c, 4), net.weight(1, 4)], (1, 4))


def told_head(net, x):
    """A reshape to what the tensor's own shape says, as exporters write it."""
    shape = net.shapes[x]
    width = int(np.prod(shape[1:]))
    told = net.add("Shape", [x], (4,))
    batch = net.add("Gather", [told, net.constant(np.array([0]))], (1,))
    target = net.add("Concat", [batch, net.constant(np.array([width]))], (2,), axis=0)
    x = net.add("Reshape", [x, target], (1, width))
    return net.add("Gemm", [x, net.weight(width, 4), net.weight(4)], (1, 4))


HEADS = (flat_head, mean_head, pooled_head, told_head)


def random_net(parts, head, seed):
    """A network of some of ``PARTS``, one after another, and one of ``HEADS``."""
    net = Net(seed)
    x = net.elementwise("Relu", net.conv("x", 20))
    for part in parts:
        x = PARTS[part](net, x)
    return net.model(HEADS[head](net, x))


def with_zeros(model, smaller, vectors=False):
    """``model`` with all weights set to zero that ``smaller`` lacks, found by their values.

    Without ``vectors`` biases, scales and statistics keep theirs.
    """
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    left = {t.name: numpy_helper.to_array(t) for t in smaller.graph.initializer}
    for tensor in copy.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.float32 and (vectors or values.ndim > 1):
            stays = np.isin(values, left[tensor.name]) if tensor.name in left else False
            zeroed = np.where(stays, values, np.float32(0))
            tensor.CopyFrom(numpy_helper.from_array(zeroed, tensor.name))
    return copy


def answers(model, seed=0):
    feeds = {
        i.name: np.random.default_rng(seed)
        .random([d.dim_value for d in i.type.tensor_type.shape.dim])
        .astype(np.float32)
        for i in model.graph.input
    }
    return session_of(model).run(None, feeds)[0]
