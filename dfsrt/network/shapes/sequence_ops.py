"""Operators on lists of tensors: each becomes nothing, a view, or the split or join it means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dfsrt.base.errors import NetworkError
from dfsrt.network.file.constants import VALUE_LIMIT
from dfsrt.network.graph import Node
from dfsrt.network.shapes.sequences import Sequences, new_node, unknown


def rewrite(node: Node, lists: Sequences) -> list[Node] | None:
    """Return the nodes that run in place of ``node``; None where it has nothing to do with lists.

    Raises:
        NetworkError: a position or a length is not known before the run.
    """
    if node.domain:
        return None
    rule = _RULES.get(node.op)
    if rule is None and node.op == "Identity" and node.inputs[0] in lists.lists:
        rule = _named
    if rule is None:
        return None
    if not node.outputs or (not node.inputs and node.op not in _WITHOUT_OPERAND):
        raise NetworkError(
            f"node '{node.name}' ({node.op}) lacks its operands or outputs; export the file again"
        )
    return rule(lists, node)


def _named(lists: Sequences, node: Node) -> list[Node]:
    lists.lists[node.outputs[0]] = lists.tensors(node)
    return []


def _construct(lists: Sequences, node: Node) -> list[Node]:
    lists.lists[node.outputs[0]] = lists.flat(node.inputs)
    return []


def _empty(lists: Sequences, node: Node) -> list[Node]:
    lists.lists[node.outputs[0]] = ()
    return []


def _insert(lists: Sequences, node: Node) -> list[Node]:
    old = lists.tensors(node)
    at = lists.position(node, 2, len(old) + 1, len(old))
    lists.lists[node.outputs[0]] = (*old[:at], node.inputs[1], *old[at:])
    return []


def _erase(lists: Sequences, node: Node) -> list[Node]:
    old = lists.tensors(node)
    at = lists.position(node, 1, len(old), len(old) - 1)
    lists.lists[node.outputs[0]] = (*old[:at], *old[at + 1 :])
    return []


def _at(lists: Sequences, node: Node) -> list[Node]:
    tensors = lists.tensors(node)
    chosen = tensors[lists.position(node, 1, len(tensors), 0)]
    return [new_node(node.name, "Identity", (chosen,), node.outputs)]


def _length(lists: Sequences, node: Node) -> list[Node]:
    lists.put(node.outputs[0], len(lists.tensors(node)))
    return []


def _concat(lists: Sequences, node: Node) -> list[Node]:
    """A join along an axis, or along a new one, for which each tensor is shown with one more."""
    tensors, axis = lists.tensors(node), node.attribute("axis", 0)
    nodes: list[Node] = []
    if node.attribute("new_axis", 0):
        nodes = [
            replace(
                lists.settled(node, "Unsqueeze", name, (f"{node.name}/{i}",), ("axes", [axis])),
                name=f"{node.name}/{i}",
            )
            for i, name in enumerate(tensors)
        ]
        tensors = tuple(n.outputs[0] for n in nodes)
    return [*nodes, new_node(node.name, "Concat", tensors, node.outputs, axis=axis)]


def _split(lists: Sequences, node: Node) -> list[Node]:
    """A split into pieces of the sizes given, or of one each, then without their axis if asked."""
    data, shape, axis = node.inputs[0], lists.shape_of(node.inputs[0]), node.attribute("axis", 0)
    if not -len(shape) <= axis < len(shape):
        raise NetworkError(
            f"node '{node.name}' ({node.op}) splits axis {axis} of {list(shape)}; "
            "export the file again"
        )
    whole = len(node.inputs) < 2 or not node.inputs[1]
    sizes = _pieces(lists, node, shape[axis], whole)
    pieces = tuple(f"{node.outputs[0]}/{i}" for i in range(len(sizes)))
    lists.lists[node.outputs[0]] = pieces
    if not pieces:
        return []
    if not whole or node.attribute("keepdims", 1):
        return [lists.settled(node, "Split", data, pieces, ("split", sizes), axis=axis)]
    kept = tuple(f"{piece}/kept" for piece in pieces)
    bare = [
        replace(
            lists.settled(node, "Squeeze", name, (piece,), ("axes", [axis])),
            name=f"{node.name}/{i}",
        )
        for i, (name, piece) in enumerate(zip(kept, pieces, strict=True))
    ]
    return [lists.settled(node, "Split", data, kept, ("split", sizes), axis=axis), *bare]


def _pieces(lists: Sequences, node: Node, size: int, whole: bool) -> list[int]:
    if whole:
        length = 1
    else:
        constant = lists.constants.get(node.inputs[1])
        if constant is None or constant.value is None:
            raise unknown(node, "the sizes of its pieces")
        if constant.value.ndim:
            return [int(n) for n in constant.value.reshape(-1)]
        length = max(int(constant.value), 1)
    count = -(-size // length)
    if count > VALUE_LIMIT:
        raise NetworkError(
            f"node '{node.name}' ({node.op}) makes {count:,} tensors; {VALUE_LIMIT:,} can be "
            "followed: export the network with longer pieces"
        )
    return [min(length, size - i * length) for i in range(count)]


def _optional(lists: Sequences, node: Node) -> list[Node]:
    """An optional is its value, or a list of nothing."""
    present = tuple(name for name in node.inputs if name)
    lists.lists[node.outputs[0]] = lists.flat(present)
    return []


def _has(lists: Sequences, node: Node) -> list[Node]:
    name = node.inputs[0] if node.inputs else ""
    present = bool(name) and lists.lists.get(name, (name,)) != ()
    lists.put(node.outputs[0], present)
    return []


def _get(lists: Sequences, node: Node) -> list[Node]:
    tensors = lists.lists.get(node.inputs[0], (node.inputs[0],))
    if len(tensors) != 1:
        return _named(lists, node)
    return [new_node(node.name, "Identity", tensors, node.outputs)]


_WITHOUT_OPERAND = {"Optional", "OptionalHasElement", "SequenceEmpty"}
_RULES: dict[str, Callable[[Sequences, Node], list[Node]]] = {
    "ConcatFromSequence": _concat,
    "Optional": _optional,
    "OptionalGetElement": _get,
    "OptionalHasElement": _has,
    "SequenceAt": _at,
    "SequenceConstruct": _construct,
    "SequenceEmpty": _empty,
    "SequenceErase": _erase,
    "SequenceInsert": _insert,
    "SequenceLength": _length,
    "SplitToSequence": _split,
}

SEQUENCE_OPS = frozenset(_RULES)
"""Operators on lists and optional values."""
