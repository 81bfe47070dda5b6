"""Operators of onnxruntime written out as the standard ones that they stand for."""

from __future__ import annotations

from dfsrt.network.graph import Node
from dfsrt.network.rules.contrib.domains import BLOCKED, CHANNELS_LAST, ONNXRUNTIME
from dfsrt.network.rules.contrib.facts import Facts
from dfsrt.network.rules.contrib.fused import FUSED
from dfsrt.network.rules.contrib.twins import CHOOSE, IN_BLOCKS, LAST, TWINS, Twin
from dfsrt.network.rules.contrib.unblocked import unblocked_convolution
from dfsrt.network.rules.contrib.write import Pen


def written_out(node: Node, taken: set[str], facts: Facts) -> list[Node] | None:
    """Return standard nodes that do what ``node`` does; ``None`` where it stands for itself.

    Names of tensors between them are none of ``taken``, and join it.

    Raises:
        NetworkError: the node lacks an operand that it cannot do without.
    """
    pen = Pen(node, taken, facts)
    if node.domain == ONNXRUNTIME:
        if node.op == "QLinearConcat":
            _concat(pen)
        elif node.op in FUSED:
            FUSED[node.op](pen)
        elif node.op in TWINS:
            _twin(pen, TWINS[node.op])
    elif node.domain == BLOCKED and node.op == "Conv":
        unblocked_convolution(pen)
    elif node.domain == BLOCKED and node.op in IN_BLOCKS:
        _twin(pen, IN_BLOCKS[node.op])
    return pen.nodes or None


def _twin(pen: Pen, twin: Twin) -> None:
    node = pen.node
    names = [
        pen.operand(index) if place < twin.needed else pen.optional(index)
        for place, index in enumerate(twin.operands)
    ]
    while names and not names[-1]:
        names.pop()
    last = node.op in LAST or (node.op in CHOOSE and bool(node.attribute("channels_last", 0)))
    pen.write(
        twin.op,
        names,
        node.outputs[:1],
        domain=CHANNELS_LAST if last else "",
        version=twin.version,
        element=_element(pen, twin.like)
        or twin.element
        or twin.scaled * pen.facts.element(names[0]),
    )


def _element(pen: Pen, like: int | None) -> int:
    name = "" if like is None else pen.optional(like)
    return pen.facts.element(name) if name else 0


def _concat(pen: Pen) -> None:
    """Scale and zero point of the result, then data, scale and zero point of each operand."""
    pen.operand(2)
    data = [name for name in pen.node.inputs[2::3] if name]
    element = _element(pen, 1) or pen.facts.element(data[0])
    pen.write("Concat", data, pen.node.outputs[:1], element=element)
