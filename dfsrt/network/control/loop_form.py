"""Loop and Scan nodes in one form: states that go from pass to pass, and what each pass reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import onnx

from dfsrt.base.errors import NetworkError
from dfsrt.network.control.flow import MAX_TRIPS
from dfsrt.network.control.subgraph import Template, template
from dfsrt.network.graph import Node

if TYPE_CHECKING:
    from dfsrt.network.shapes.inference import Walk

_OLDEST_SCAN = 9


@dataclass(frozen=True, slots=True)
class LoopForm:
    """A Loop or a Scan.

    ``most`` is how many passes there are at most, None where nothing says so, or data do, whose
    tensor is ``counter``. ``start`` is the condition before the first pass: known, or None; a Scan
    has none, which is ``guarded`` False.
    ``states`` are the tensors that go into the first pass, ``slices`` what each pass reads a part
    of, with the axis it goes along; ``axes`` are those along which what passes write is stacked.
    """

    node: Node
    body: Template
    most: int | None
    counter: str
    start: bool | None
    guarded: bool
    states: tuple[str, ...]
    slices: tuple[tuple[str, int], ...]
    axes: tuple[int, ...]

    @property
    def always(self) -> bool:
        """Whether no pass ends the loop: its condition goes through the body as it is."""
        if not self.guarded:
            return True
        graph = self.body.graph
        source = {n.output[0]: n.input[0] for n in graph.node if n.op_type == "Identity"}
        name = graph.output[0].name
        for _ in range(len(source) + 1):
            name = source.get(name, name)
        return self.start is True and name == self.body.inputs[1]

    @property
    def lead(self) -> int:
        """Inputs of the body before its states: a Loop's number of the pass, and condition."""
        return 2 if self.guarded else 0

    @property
    def state_outputs(self) -> slice:
        """Where states stand among the body's outputs."""
        first = 1 if self.guarded else 0
        return slice(first, first + len(self.states))


def loop_form(node: Node, walk: Walk) -> LoopForm:
    """Return the form of a Loop or a Scan.

    Raises:
        NetworkError: operands and body do not fit each other.
    """
    form = _loop(node, walk) if node.op == "Loop" else _scan(node, walk)
    inputs, outputs = len(form.body.inputs), len(form.body.graph.output)
    n_results = outputs - form.state_outputs.start
    takes = form.lead + len(form.states) + len(form.slices)
    if (
        inputs != takes
        or n_results != len(form.states) + len(form.axes)
        or n_results < len(node.outputs)
    ):
        raise NetworkError(
            f"node '{node.name}' ({node.op}): its body has {inputs} inputs and {outputs} outputs, "
            "which do not fit its operands; export the file again"
        )
    return form


def _loop(node: Node, walk: Walk) -> LoopForm:
    body = template(node, "body", walk.graph, walk.names)
    count, condition, *states = (*node.inputs, "", "")[: max(len(node.inputs), 2)]
    most = None
    value = _scalar(count, walk)
    if value is not None:
        most = max(int(value), 0) if int(value) <= MAX_TRIPS else None
    start = True if not condition else _scalar(condition, walk)
    scans = max(len(body.graph.output) - 1 - len(states), 0)
    known = None if start is None else bool(start)
    counter = count if count and value is None else ""
    return LoopForm(node, body, most, counter, known, True, tuple(states), (), (0,) * scans)


def _scalar(name: str, walk: Walk) -> np.generic | bool | None:
    constant = walk.constants.get(name) if name else None
    if constant is None or constant.value is None or constant.value.size != 1:
        return None
    scalar: np.generic = constant.value.reshape(-1)[0]
    return scalar


def _scan(node: Node, walk: Walk) -> LoopForm:
    if walk.opsets.get("", _OLDEST_SCAN) < _OLDEST_SCAN:
        raise NetworkError(
            f"node '{node.name}' (Scan) is of operator set 8, whose batches are read no longer; "
            "convert the file to operator set 9 or later"
        )
    body = template(node, "body", walk.graph, walk.names)
    slices = node.attribute("num_scan_inputs", 0)
    states = len(node.inputs) - slices
    if slices < 1 or states < 0:
        raise NetworkError(
            f"node '{node.name}' (Scan) scans {slices} of {len(node.inputs)} operands; "
            "export the file again"
        )
    read = _along(node, "scan_input_axes", node.inputs[states:], walk)
    sizes = {walk.shape_of(name)[axis] for name, axis in read}
    if len(sizes) != 1:
        raise NetworkError(
            f"node '{node.name}' (Scan) goes along axes of {sorted(sizes)} elements; they must be "
            "as long as each other: check the --dim sizes"
        )
    scans = max(len(body.graph.output) - states, 0)
    axes = (*node.attribute("scan_output_axes", ()), *(0,) * scans)[:scans]
    first = tuple(node.inputs[:states])
    return LoopForm(node, body, sizes.pop(), "", True, False, first, tuple(read), axes)


def _along(node: Node, attribute: str, names: Sequence[str], walk: Walk) -> list[tuple[str, int]]:
    """Each scanned operand with the axis that a Scan goes along, counted from the first."""
    axes = (*node.attribute(attribute, ()), *(0,) * len(names))
    pairs = []
    for name, axis in zip(names, axes, strict=False):
        rank = len(walk.shape_of(name))
        if not -rank <= axis < rank:
            raise NetworkError(
                f"node '{node.name}' (Scan) goes along axis {axis} of '{name}', which has {rank}; "
                "export the file again"
            )
        pairs.append((name, axis % rank))
    return pairs


def typed(element: int, shape: Sequence[int]) -> onnx.TypeProto:
    """Return the type of a tensor."""
    proto: onnx.TypeProto = onnx.helper.make_tensor_type_proto(element, shape)
    return proto
