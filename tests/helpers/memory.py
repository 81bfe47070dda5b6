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
from dfsrt.network.layer import Kind, Layer
from dfsrt.network.tensor import Tensor


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
