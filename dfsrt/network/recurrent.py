"""Recurrent operators: the sizes of a node, checked, and the types of its results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dfsrt.base.errors import NetworkError
from dfsrt.base.names import unknown_name
from dfsrt.network.graph import Node
from dfsrt.network.mismatch import Apart, mismatch

Shape = tuple[int, ...]
Typed = tuple[int, Shape]
"""An ONNX element type and a shape."""

QUANTIZED = "DynamicQuantizeLSTM"
"""onnxruntime's LSTM of int8 weights, whose axes are the other way round."""
GATES = {"LSTM": 4, "GRU": 3, "RNN": 1, QUANTIZED: 4}
"""Recurrent operators that are read, and the gates of each."""
DIRECTIONS = {"forward": 1, "reverse": 1, "bidirectional": 2}
"""Directions, and how many each is."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes of a recurrent node; ``batch_first`` is the layout in which the batch is axis 0."""

    steps: int
    batch: int
    inputs: int
    hidden: int
    directions: int
    gates: int
    batch_first: bool

    @property
    def results(self) -> tuple[Shape, Shape]:
        """Shapes of all states and of the last."""
        if self.batch_first:
            last = (self.batch, self.directions, self.hidden)
            return (self.batch, self.steps, *last[1:]), last
        last = (self.directions, self.batch, self.hidden)
        return (self.steps, *last), last


def is_recurrent(node: Node) -> bool:
    """Tell whether ``node`` is a recurrent operator of ONNX."""
    return node.op in GATES and node.op != QUANTIZED and not node.domain


def recurrent_sizes(node: Node, shapes: Sequence[Shape | None]) -> Sizes:
    """Return the sizes of ``node`` from its operands' shapes.

    Raises:
        NetworkError: an operand is missing, or operands or attributes contradict each other.
    """
    if len(shapes) < 3 or None in shapes[:3]:
        raise _refused(node, "it needs X, W and R")
    x, w, r = (_with_axes(node, name, shapes[i], 3) for i, name in enumerate("XWR"))
    gates, turned = GATES[node.op], node.op == QUANTIZED
    steps, batch = x[:2]
    batch_first = _layout(node)
    if batch_first:
        steps, batch = batch, steps
    hidden = r[1] if turned else r[2]
    sizes = Sizes(steps, batch, x[2], hidden, _directions(node), gates, batch_first)
    _check(node, sizes, shapes, w, r, turned=turned)
    return sizes


def recurrent_types(node: Node, operands: Sequence[Typed | None]) -> tuple[Typed, ...]:
    """Return the types of all states, of the last, and of an LSTM's last cell.

    Raises:
        NetworkError: as ``recurrent_sizes``.
    """
    sizes = recurrent_sizes(node, [None if o is None else o[1] for o in operands])
    element = next(o[0] for o in operands if o is not None)
    every, last = sizes.results
    return (element, every), (element, last), (element, last)


def _check(
    node: Node, s: Sizes, shapes: Sequence[Shape | None], w: Shape, r: Shape, *, turned: bool
) -> None:
    """Check every operand against the sizes that the others say."""
    wide, state = s.gates * s.hidden, s.results[1]
    taken = w[1] if turned else w[2]
    if taken != s.inputs:
        what = f"X has {s.inputs} inputs a step, and W {list(w)} takes {taken}"
        raise mismatch(node, Apart(s.inputs, taken, what))
    named = {
        "W": (w, (s.inputs, wide) if turned else (wide, s.inputs)),
        "R": (r, (s.hidden, wide) if turned else (wide, s.hidden)),
    }
    rest: dict[str, tuple[int, Shape]] = {
        "B": (3, (s.directions, 2 * wide)),
        "sequence_lens": (4, (s.batch,)),
        "initial_h": (5, state),
        "initial_c": (6, state),
        "P": (7, (s.directions, 3 * s.hidden)),
    }
    for name, (shape, axes) in named.items():
        _match(node, name, shape, (s.directions, *axes))
    for name, (index, wanted) in rest.items():
        given = shapes[index] if index < len(shapes) else None
        if given is not None:
            _match(node, name, given, wanted)
    said = node.attribute("hidden_size", s.hidden)
    if said != s.hidden:
        raise _refused(node, f"hidden_size is {said}, and R {list(r)} has {s.hidden}")


def _match(node: Node, name: str, shape: Shape, wanted: Shape) -> None:
    if shape != wanted:
        fits = f"{list(wanted)} fits the other operands"
        raise _refused(node, f"{name} has the shape {list(shape)}, {fits}")


def _directions(node: Node) -> int:
    name = node.attribute("direction", "forward")
    if name not in DIRECTIONS:
        raise _refused(node, unknown_name("direction", name, tuple(DIRECTIONS)))
    return DIRECTIONS[name]


def _layout(node: Node) -> bool:
    layout = node.attribute("layout", 0)
    if layout not in (0, 1):
        raise _refused(node, f"layout is {layout}, allowed is 0 or 1")
    return layout == 1


def _with_axes(node: Node, name: str, shape: Shape | None, axes: int) -> Shape:
    if shape is None or len(shape) != axes:
        given = "missing" if shape is None else f"of shape {list(shape)}"
        raise _refused(node, f"{name} is {given}, it must have {axes} axes")
    return shape


def _refused(node: Node, what: str) -> NetworkError:
    return NetworkError(
        f"node '{node.name}' ({node.op}): {what}; check the file and the --dim sizes"
    )
