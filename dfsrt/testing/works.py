"""Work to try a schedule on: ordinary networks and the odd corners."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from dfsrt.cost.mapper import make_mapper
from dfsrt.cost.schedule import MemoryWork
from dfsrt.cost.schedule.layerwise import resident_places
from dfsrt.cost.traffic import Buffer
from dfsrt.device.npu import Memory
from dfsrt.network.axis import Axis
from dfsrt.network.layer import Gemm, Kind, Layer, Operands
from dfsrt.network.tensor import Tensor
from dfsrt.network.window import Window

KIB = 1024


def make_work(
    layers: Sequence[Layer], buffer_bytes: int, outer: Collection[str], resident_bytes: int = 0
) -> MemoryWork:
    """Return layers that each run once, in memory with so large a buffer."""
    return MemoryWork(
        layers=tuple(layers),
        passes=(1,) * len(layers),
        outer=frozenset(outer),
        memory=Memory(1e10, buffer_bytes, resident_bytes),
        buffer=Buffer(buffer_bytes),
        mapper=make_mapper("exhaustive"),
    )


def _convolution(place: int, size: int = 32, channels: int = 16, read: str = "") -> Layer:
    """Return a 3x3 convolution that makes ``m<place>`` of the map before it, or of ``read``."""
    name = f"l{place}"
    x = Tensor(read or f"m{place - 1}", (1, channels, size, size), "int8")
    w = Tensor(f"w{place}", (channels, channels, 3, 3), "int8")
    y = replace(x, name=f"m{place}")
    axis = Axis(size, size, 3, 1, 1)
    gemm, own = Gemm(size**2, 9 * channels, channels), Operands((x.name,), (w.name,), y.name)
    window = Window((axis, axis))
    return Layer(
        name, "Conv", Kind.MATRIX, (name,), (x,), (w,), (y,), (gemm,), (own,), window=window
    )


def _sum(place: int, *reads: str) -> Layer:
    """Return a layer that adds maps up to ``m<place>``."""
    y = Tensor(f"m{place}", (1, 16, 32, 32), "int8")
    inputs = tuple(replace(y, name=name) for name in reads)
    return Layer(f"l{place}", "Sum", Kind.VECTOR, (f"l{place}",), inputs, (), (y,))


def _attention() -> tuple[Layer, ...]:
    """Return 4 heads of 64 queries and 96 keys, 16 wide: three layers."""
    q, k, v, s, p, o = (
        Tensor(name, (1, 4, *shape), "int8")
        for name, *shape in (
            ("q", 64, 16),
            ("k", 16, 96),
            ("v", 96, 16),
            ("s", 64, 96),
            ("p", 64, 96),
            ("o", 64, 16),
        )
    )
    return (
        _product("scores", q, k, s, Gemm(64, 16, 96, 4)),
        Layer("softmax", "Softmax", Kind.VECTOR, ("softmax",), (s,), (), (p,)),
        _product("mix", p, v, o, Gemm(64, 96, 16, 4)),
    )


def _product(name: str, a: Tensor, b: Tensor, out: Tensor, gemm: Gemm) -> Layer:
    own = Operands((a.name,), (b.name,), out.name)
    return Layer(name, "MatMul", Kind.MATRIX, (name,), (a, b), (), (out,), (gemm,), (own,))


def odd_works() -> dict[str, MemoryWork]:
    """Return works that break careless schedules, by what is odd about them."""
    chain = [_convolution(i) for i in range(1, 7)]
    plain = make_work(chain, 64 * KIB, ("m0", "m6"))
    seen = Tensor("seen", (16, 1024), "int8")
    view = Layer("view", "Reshape", Kind.VIEW, ("view",), chain[0].outputs, (), (seen,))
    flat = Layer("flat", "Relu", Kind.VECTOR, ("flat",), (seen,), (), (replace(seen, name="f"),))
    residual = [*chain[:3], _sum(4, "m1", "m3"), _sum(5, "m4", "m0")]
    return {
        "plain": plain,
        "one layer": make_work(chain[:1], 64 * KIB, ("m0", "m1")),
        "no room for maps": make_work(chain, 4 * KIB, ("m0", "m6")),
        "room for all": make_work(chain, 4096 * KIB, ("m0", "m6")),
        "a residual, and the caller's map read twice": make_work(residual, 64 * KIB, ("m0", "m5")),
        "a map that the caller wants too": make_work(residual, 64 * KIB, ("m0", "m1", "m5")),
        "a view": make_work([chain[0], view, flat], 64 * KIB, ("m0", "f")),
        "a result that nobody reads": make_work(chain, 64 * KIB, ("m0",)),
        "a loop": replace(plain, passes=(1, 3, 3, 3, 1, 1)),
        "attention": make_work(_attention(), 8 * KIB, ("q", "k", "v", "o")),
        "memory apart": make_work(chain, 64 * KIB, ("m0", "m6"), 16 * KIB),
        "buffers of three cores": replace(plain, other_bytes=128 * KIB),
        "a part of the buffer for each operand": replace(
            plain, buffer=Buffer(96 * KIB, (32 * KIB, 32 * KIB, 32 * KIB))
        ),
        "two tiles of each": replace(plain, buffer=Buffer(64 * KIB, double=True)),
    }


def least_bytes(work: MemoryWork) -> int:
    """Return what crosses whatever stays: weights, unless apart, and the caller's maps, once."""
    apart, total = resident_places(work), 0
    seen: set[str] = set()
    for layer, passes in zip(work.layers, work.passes, strict=True):
        weights = sum(t.touched_bytes for t in layer.weights if t.name not in apart)
        total += passes * weights
        for tensor in (*layer.inputs, *layer.outputs):
            if tensor.name in work.outer and tensor.name not in seen:
                seen.add(tensor.name)
                total += tensor.touched_bytes
    return total
