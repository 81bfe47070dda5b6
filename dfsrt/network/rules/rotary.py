"""Rule of the standard's rotary embedding."""

from __future__ import annotations

from dfsrt.network.rules.lane_ops import PER_INPUT_ELEMENT
from dfsrt.network.rules.vector import vector_work
from dfsrt.network.rules.work import Call, Rule, Work

_POSITIONS, _TABLES = 3, (1, 2)


def _rotary(call: Call) -> Work:
    """A turn of each pair; of tables of angles only the rows of the positions given are read."""
    work = vector_work(PER_INPUT_ELEMENT["RotaryEmbedding"] * call.input(0).elements)
    place = call.optional(_POSITIONS)
    if place is None:
        return work
    tables = ((index, call.input(index)) for index in _TABLES)
    touched = {i: min(t.elements, place.elements * t.shape[-1]) for i, t in tables}
    return Work(work.kind, vector_ops=work.vector_ops, touched=touched)


ROTARY_RULES: dict[str, Rule] = {"RotaryEmbedding": _rotary}
