"""The walk through a graph in execution order, into the graphs that its nodes hold."""

from __future__ import annotations

from collections.abc import Mapping

import onnx

from dfsrt.base.errors import NetworkError
from dfsrt.network.control.branch import take_branch
from dfsrt.network.control.conditions import decision_notes
from dfsrt.network.control.flow import Flow
from dfsrt.network.control.loop import run_loop
from dfsrt.network.graph import Graph, Node
from dfsrt.network.reading import Reading
from dfsrt.network.shapes.inference import Walk
from dfsrt.network.shapes.known import UnshapedError
from dfsrt.network.shapes.shaped import Shaped


def infer_shapes(
    graph: Graph,
    inputs: Mapping[str, onnx.TypeProto],
    opsets: Mapping[str, int],
    reading: Reading,
) -> Shaped:
    """Return the graph's run-time nodes with all shapes known, read as ``reading`` says.

    Raises:
        NetworkError: operands do not fit a node, a shape or a loop's count depends on run-time
            values, or an operator has no rule and must have one.
    """
    walk = Walk(graph, opsets, reading.strict)
    for name, proto in inputs.items():
        _declare(name, proto, walk)
    flow = Flow(walk, reading, _enter)
    flow.run(graph.nodes)
    flow.check_trips()
    if flow.unsaid and not walk.running:
        raise flow.unsaid[0]
    shaped = walk.result(tuple(name for name in inputs if name not in walk.unknown))
    shaped.dropped = flow.dropped
    shaped.notes += [*decision_notes(flow.decisions, walk, inputs), *flow.notes]
    return shaped


def _declare(name: str, proto: onnx.TypeProto, walk: Walk) -> None:
    """Note an input's type; of one that no NPU computes with nothing is known."""
    try:
        walk.declare(name, proto)
    except UnshapedError:
        if walk.strict:
            raise
    if name not in walk.tensors:
        walk.unknown.add(name)


def _enter(node: Node, flow: Flow) -> None:
    """Read a node that holds graphs."""
    if node.op == "If":
        take_branch(node, flow)
    elif node.op in ("Loop", "Scan"):
        run_loop(node, flow)
    else:
        raise NetworkError(
            f"node '{node.name}' ({node.op}) works on a sequence of tensors, which no NPU holds; "
            "export the network with a Loop, or with one tensor in its place"
        )
