"""Work for schedules: networks of plain layers, and the memory they run in."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from dfsrt.cost import at_device_precision
from dfsrt.cost.mapper import make_mapper
from dfsrt.cost.memory import memory_work
from dfsrt.cost.schedule import MemoryWork
from dfsrt.cost.traffic import Buffer
from dfsrt.device import load_device
from dfsrt.device.npu import Memory
from dfsrt.network import load_network
from dfsrt.network.axis import Axis
from dfsrt.network.layer import Gemm, Kind, Layer, Operands
from dfsrt.network.tensor import Tensor
from dfsrt.network.window import Window


def adds(readers, sizes, n_caller=1):
    """Return layers ``l0``, ``l1``, ... that each make ``t0``, ``t1``, ... of so many bytes.

    ``readers[i]`` are the maps that layer ``i`` reads, the caller's being -1, -2, ...
    """

    def tensor(i):
        return Tensor(f"t{i}", (sizes[i],), "int8") if i >= 0 else Tensor(f"in{-i}", (7,), "int8")

    return tuple(
        Layer(f"l{i}", "Sum", Kind.VECTOR, (f"l{i}",), tuple(map(tensor, reads)), (), (tensor(i),))
        for i, reads in enumerate(readers)
    )


def work_of(layers, buffer, outer=("in1",), mapper="half-buffer", passes=None, other=0, **memory):
    """Return layers as a schedule gets them."""
    return MemoryWork(
        layers=tuple(layers),
        passes=tuple(passes or [1] * len(layers)),
        outer=frozenset(outer),
        memory=Memory(1e9, buffer, **memory),
        buffer=Buffer(buffer),
        mapper=make_mapper(mapper),
        other_bytes=other,
    )


def network_work(name, buffer, mapper="half-buffer", **memory):
    """Return a network in int8 as a schedule gets it, on a plain device with so large a buffer."""
    npu = load_device("rk3588-npu")
    own = {"buffer_bytes": buffer, "mapper": mapper, "channel_pad": 1, **memory}
    npu = replace(npu, memory=replace(npu.memory, **own))
    network = load_network(name) if isinstance(name, str) else name
    return memory_work(at_device_precision(network, npu, "int8"), npu)


@st.composite
def graphs(draw, most=10):
    """Readers and sizes for ``adds``: each layer reads one to three of what there is."""
    n = draw(st.integers(1, most))
    reads = [
        draw(st.lists(st.integers(-1, i - 1), min_size=1, max_size=3, unique=True))
        for i in range(n)
    ]
    return reads, draw(st.lists(st.integers(1, 60), min_size=n, max_size=n))


def conv(i, channels, size, kernels, kernel, stride, pad, groups=1):
    """Return a convolution of map ``m<i-1>`` into ``m<i>``, by weights ``w<i>``."""
    x, y, axis = _image(i, channels, size, kernels, kernel, stride, pad)
    w = Tensor(f"w{i}", (kernels, channels // groups, kernel, kernel), "int8")
    gemm = Gemm(axis.size_out**2, channels // groups * kernel**2, kernels // groups, groups)
    own = Operands((x.name,), (w.name,), y.name)
    window = Window((axis, axis), groups)
    name = f"l{i}"
    return Layer(
        name, "Conv", Kind.MATRIX, (name,), (x,), (w,), (y,), (gemm,), (own,), window=window
    )


def pool(i, channels, size, kernels, kernel, stride, pad):
    """Return a pooling of map ``m<i-1>`` into ``m<i>``."""
    x, y, axis = _image(i, channels, size, kernels, kernel, stride, pad)
    window = Window((axis, axis), channels)
    return Layer(f"l{i}", "MaxPool", Kind.VECTOR, (f"l{i}",), (x,), (), (y,), window=window)


def _image(i, channels, size, kernels, kernel, stride, pad):
    out = (size + 2 * pad - kernel) // stride + 1
    x = Tensor(f"m{i - 1}", (1, channels, size, size), "int8")
    y = Tensor(f"m{i}", (1, kernels, out, out), "int8")
    return x, y, Axis(size, out, kernel, stride, pad)


def mobilenet_v1():
    """Return the convolutions of MobileNetV1 on images of 224."""
    layers, size, channels = [conv(1, 3, 224, 32, 3, 2, 1)], 112, 32
    blocks = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5]
    for kernels, stride in [*blocks, (1024, 2), (1024, 1)]:
        n = len(layers) + 1
        layers.append(conv(n, channels, size, channels, 3, stride, 1, groups=channels))
        size = size // stride
        layers.append(conv(n + 1, channels, size, kernels, 1, 1, 0))
        channels = kernels
    return layers


def vgg16():
    """Return the convolutions and pools of VGG-16 on images of 224."""
    layers, size, channels = [], 224, 3
    for kernels, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(count):
            layers.append(conv(len(layers) + 1, channels, size, kernels, 3, 1, 1))
            channels = kernels
        layers.append(pool(len(layers) + 1, channels, size, channels, 2, 2, 0))
        size //= 2
    return layers
