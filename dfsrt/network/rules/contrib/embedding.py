"""Tables whose rows are picked, and tables of positions."""

from __future__ import annotations

import math

import onnx

from dfsrt.network.layer import Kind
from dfsrt.network.rules.contrib.facts import Typed
from dfsrt.network.rules.contrib.operator import Operator, site_of
from dfsrt.network.rules.contrib.packed import unpacked
from dfsrt.network.rules.contrib.site import Site
from dfsrt.network.rules.lane_ops import FUNCTION
from dfsrt.network.rules.work import Call, Rule, Work

_INT32 = int(onnx.TensorProto.INT32)
_NORM_OPS = 7


def _embedded(like: int) -> Operator:
    """Rows of words, positions and segments, summed and normalized, in the type of ``like``."""

    def types(site: Site) -> tuple[Typed, ...]:
        tokens, width = site.shape(0, 2), site.shape(2, 2)[1]
        out = (site.element(like), (*tokens, width))
        return out, (_INT32, tokens[:1]), out

    def work(call: Call) -> Work:
        picked = call.output.elements
        tables = [index for index in (2, 3, 4) if call.optional(index) is not None]
        touched = {index: min(picked, call.input(index).elements) for index in tables}
        if call.optional(8) is None or like != 5:  # the same positions for all sequences
            positions = call.input(3).elements
            touched[3] = min(positions, picked // max(call.input(0).shape[0], 1))
        return Work(Kind.VECTOR, vector_ops=(len(tables) - 1 + _NORM_OPS) * picked, touched=touched)

    return Operator(types, work)


def _picked(site: Site) -> tuple[Typed, ...]:
    """Rows of a table of a few bits: the picked axis gives way to the axes of the indices."""
    data, indices = _table(site), site.shape(1)
    axis = site.node.attribute("gather_axis", 0) % len(data)
    return ((site.element(2), (*data[:axis], *indices, *data[axis + 1 :])),)


def _table(site: Site) -> tuple[int, ...]:
    """Shape of the table in numbers; where they share bytes, the last axis is that much longer."""
    data, scales = site.shape(0), site.shape(2)
    if not data or len(scales) != len(data):
        raise site.refuse(f"scales {list(scales)} do not fit data {list(data)}")
    shared = site.element(0) in (0, int(onnx.TensorProto.UINT8))
    packing = 8 // site.node.attribute("bits", 4) if shared else 1
    return (*data[:-1], data[-1] * packing)


def _picked_work(call: Call) -> Work:
    """What is picked is read and scaled: numbers, their scales and zero points."""
    picked, table = call.output.elements, call.input(0)
    bits = call.node.attribute("bits", 4) if table.dtype == "uint8" else 8
    packed = {0: unpacked(table, bits, table.shape[0])}
    touched = {0: min(picked, math.prod(packed[0][0]))}
    return Work(
        Kind.VECTOR, vector_ops=2 * picked, touched=touched, packed=packed, sides={0: (2, 3)}
    )


def rotary(positions: int, tables: tuple[int, int]) -> Rule:
    """Return the rule of a rotation by position, which picks rows of two tables of angles."""

    def rule(call: Call) -> Work:
        data, place = call.input(0), call.optional(positions)
        batch = data.shape[0]
        rows = data.shape[-2] if place is None else max(place.elements, 1)
        if place is not None and place.elements <= 1:  # one offset for all sequences
            rows = data.shape[1] if len(data.shape) == 3 else data.shape[-2]
        touched = {}
        for index in tables:
            table = call.input(index)
            picked = max(rows, batch if place is None else 0) * table.shape[-1]
            touched[index] = min(table.elements, picked)
        return Work(Kind.VECTOR, vector_ops=3 * data.elements, touched=touched)

    return rule


def _distances(site: Site) -> tuple[Typed, ...]:
    """A bias for each head and pair of positions, by how far they are from each other."""
    element, (_, heads) = site.element(0), site.shape(0, 2)
    lengths = [site.value(index) for index in (1, 2)]
    if any(length is None or length.size != 1 for length in lengths):
        stated = site.declared(site.node.outputs[0])
        if stated is None:
            raise site.refuse("its lengths are known at run time only")
        return (stated,)
    rows, columns = (int(length.max()) for length in lengths if length is not None)
    return ((element, (1, heads, rows, columns)),)


def _distances_work(call: Call) -> Work:
    """Buckets by a logarithm for each pair of positions; then a look-up for each head."""
    _, heads, rows, columns = call.output.shape
    ops = rows * columns * (FUNCTION + 4) + heads * rows * columns
    return Work(Kind.VECTOR, vector_ops=ops, settings=frozenset({1, 2}))


def _gated(site: Site) -> tuple[Typed, ...]:
    return (site.operand(2),)


def _gated_work(call: Call) -> Work:
    """Two gates from each head's query, and the bias scaled by them."""
    site = site_of(call)
    size, width = site.shape(3, 2)
    queries = call.input(0).elements
    ops = queries * (1 + 2 * width) + 2 * FUNCTION * (queries // max(size, 1))
    return Work(Kind.VECTOR, vector_ops=ops + call.output.elements, settings=frozenset({6}))


EMBEDDING: dict[str, Operator] = {
    "EmbedLayerNormalization": _embedded(like=5),
    "GatedRelativePositionBias": Operator(_gated, _gated_work),
    "GatherBlockQuantized": Operator(_picked, _picked_work),
    "QEmbedLayerNormalization": _embedded(like=11),
    "RelativePositionBias": Operator(_distances, _distances_work),
    "RotaryEmbedding": Operator(lambda site: (site.operand(0),), rotary(1, (2, 3))),
}
