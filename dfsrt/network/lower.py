"""From nodes with shapes to steps with work, and to one layer per step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from dfsrt.base.errors import NetworkError
from dfsrt.network.graph import Node
from dfsrt.network.layer import Kind, Layer
from dfsrt.network.left_out import LeftOut, by_operator, nothing_runs
from dfsrt.network.rules.contrib import images_first
from dfsrt.network.rules.registry import rule_of
from dfsrt.network.rules.work import Call, Work
from dfsrt.network.shapes.nothing import without_nothing
from dfsrt.network.shapes.shaped import Shaped
from dfsrt.network.stored import stored_constants
from dfsrt.network.tensor import Tensor


@dataclass(frozen=True, slots=True)
class Step:
    """One run-time node: its work, what it reads, its constants, and the outputs in use."""

    node: Node
    work: Work
    reads: tuple[Tensor, ...]
    weights: tuple[Tensor, ...]
    writes: tuple[Tensor, ...]


def lower(shaped: Shaped) -> tuple[Step, ...]:
    """Return a step for every run-time node, in order; one without a rule moves its operands.

    Raises:
        NetworkError: nothing runs, or a node's operands contradict each other.
    """
    if not shaped.nodes:
        if shaped.dropped:
            raise NetworkError(nothing_runs(by_operator(shaped.dropped)))
        raise NetworkError(
            "no node depends on the inputs' values, so there is nothing to run; "
            "give a network that computes its outputs from its inputs"
        )
    used = set(shaped.leaving).union(*(node.inputs for node in shaped.nodes))
    stored = stored_constants(shaped)
    return tuple(_step(node, shaped, stored, used) for node in shaped.nodes)


def count_params(steps: Iterable[Step]) -> int:
    """Return the elements of all constants that steps read, each stored one once.

    Settings, such as the target shape of a Reshape, are not read at run time and do not count.
    """
    elements: dict[str, int] = {}
    for tensor in (w for step in steps for w in step.weights):
        elements[tensor.stored_as] = max(elements.get(tensor.stored_as, 0), tensor.elements)
    return sum(elements.values())


def count_unknown(shaped: Shaped) -> tuple[tuple[str, int], ...]:
    """Return the operators without a rule, and how often each occurs."""
    nodes = (*shaped.nodes, *shaped.dropped)
    return by_operator([node for node in nodes if not shaped.has_rule(node)])


def left_out(steps: Sequence[Step], shaped: Shaped) -> LeftOut | None:
    """Return what a network leaves out of its nodes and bytes; None where that is nothing."""
    unknown = [step for step in steps if not shaped.has_rule(step.node)]
    if not unknown and not shaped.dropped:
        return None
    return LeftOut(
        nodes=len(steps) + len(shaped.dropped),
        as_memory=by_operator([step.node for step in unknown]),
        without_shape=by_operator(shaped.dropped),
        moved_bytes=sum(layer_of(step).moved_bytes for step in steps),
        memory_bytes=sum(layer_of(step).moved_bytes for step in unknown),
    )


def notes_of(steps: Iterable[Step]) -> tuple[str, ...]:
    """Return what reports say of choices that rules had to make, each once."""
    return tuple(dict.fromkeys(step.work.note for step in steps if step.work.note))


def weight_of(nodes: Iterable[Node], shaped: Shaped) -> tuple[int, int]:
    """Return the multiply-accumulates and the moved bytes of some of the nodes.

    Raises:
        NetworkError: a node's operands contradict each other.
    """
    macs = moved = 0
    nodes = list(nodes)
    stored = stored_constants(replace(shaped, nodes=nodes))
    for node in nodes:
        layer = layer_of(_step(node, shaped, stored, set(node.outputs)))
        macs += layer.macs
        moved += layer.moved_bytes
    return macs, moved


def _step(node: Node, shaped: Shaped, stored: Mapping[str, Tensor], used: set[str]) -> Step:
    tensors = tuple((stored.get(n) or shaped.tensors[n]) if n else None for n in node.inputs)
    writes = tuple(shaped.tensors.get(n) if n in used else None for n in node.outputs)
    call = Call(node, tensors, writes, shaped.constants)
    work = _apply(node, call) if shaped.has_rule(node) else Work(Kind.MOVE)
    work = without_nothing(work, node.op, tensors, writes)
    unread = work.settings.union(*work.sides.values())
    data = [
        _as_read(t, work, i, tensors)
        for i, t in enumerate(tensors)
        if t is not None and i not in unread and (t.elements or work.kind is not Kind.VIEW)
    ]
    return Step(
        node=node,
        work=work,
        reads=unique(t for t in data if t.name not in shaped.constants),
        weights=unique(t for t in data if t.name in shaped.constants),
        writes=tuple(t for t in writes if t is not None),
    )


def _as_read(tensor: Tensor, work: Work, position: int, others: Sequence[Tensor | None]) -> Tensor:
    """Return an operand as its node reads it: unpacked, with its scales, what is touched of it."""
    if position in work.packed:
        shape, dtype = work.packed[position]
        tensor = replace(tensor, shape=shape, dtype=dtype)
    if position in work.sides:
        sides = (others[i] for i in work.sides[position] if i < len(others))
        side_bytes = sum(side.bytes for side in sides if side is not None)
        tensor = replace(tensor, side_bytes=tensor.side_bytes + side_bytes)
    if position in work.touched:
        tensor = replace(tensor, touched=work.touched[position])
    return tensor


def _apply(node: Node, call: Call) -> Work:
    """Run the rule; without one, operands move. A malformed attribute is an error of the node."""
    rule = rule_of(node)
    if rule is None:
        return Work(Kind.MOVE)
    try:
        return rule(call)
    except (TypeError, ValueError, IndexError) as error:
        if isinstance(error, NetworkError):
            raise
        raise call.refuse(f"its attributes and shapes do not fit ({error})") from error


def unique(tensors: Iterable[Tensor]) -> tuple[Tensor, ...]:
    """Return each tensor once, by name, in order."""
    by_tensor: dict[str, Tensor] = {}
    for tensor in tensors:
        by_tensor.setdefault(tensor.name, tensor)
    return tuple(by_tensor.values())


def layer_of(step: Step) -> Layer:
    """Return the step as a layer of its own; a view reads and writes no bytes."""
    is_view = step.work.kind is Kind.VIEW
    return Layer(
        name=step.node.name,
        op=step.node.op,
        kind=step.work.kind,
        nodes=(step.node.name,),
        inputs=images_first(step.node, untouched(step.reads) if is_view else step.reads),
        weights=() if is_view else step.weights,
        outputs=images_first(step.node, untouched(step.writes) if is_view else step.writes),
        gemms=step.work.gemms,
        operands=step.work.operands,
        vector_ops=step.work.vector_ops,
        times=step.node.times,
        window=step.work.window,
    )


def untouched(tensors: Iterable[Tensor]) -> tuple[Tensor, ...]:
    """Return the tensors as a view has them: named, and not moved."""
    return tuple(replace(t, touched=0) for t in tensors)


def by_name(steps: Iterable[Step]) -> Mapping[str, int]:
    """Return the position of the step that makes each tensor."""
    return {t.name: index for index, step in enumerate(steps) for t in step.writes}
