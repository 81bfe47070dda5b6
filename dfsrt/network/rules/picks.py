"""Rules of the operators whose result is as long as the data say: what is not zero, unique, marked.

Each looks at all its elements; what it writes is as large as its run-time size says.
"""

from __future__ import annotations

from dfsrt.network.layer import Kind
from dfsrt.network.rules.vector import vector_work
from dfsrt.network.rules.work import Call, Rule, Work


def _non_zero(call: Call) -> Work:
    """A comparison and a running count for each element."""
    return vector_work(2 * call.input(0).elements)


def _compress(call: Call) -> Work:
    """Marks are counted; only what is marked is read."""
    picked = min(call.output.elements, call.input(0).elements)
    return Work(Kind.MOVE, vector_ops=call.input(1).elements, touched={0: picked})


def _unique(call: Call) -> Work:
    """A sort of all elements, and a comparison with the neighbour for each."""
    elements = call.input(0).elements
    return vector_work(elements * (max(elements - 1, 1).bit_length() + 1))


def _fill(_call: Call) -> Work:
    """One value, written everywhere."""
    return Work(Kind.MOVE, settings=frozenset({0}))


PICKING_RULES: dict[str, Rule] = {
    "Compress": _compress,
    "ConstantOfShape": _fill,
    "NonZero": _non_zero,
    "Unique": _unique,
}
