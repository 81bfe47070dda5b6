"""``--unknown-ops memory`` reads every network, and says which share of it is left out."""

from __future__ import annotations

import onnx
import pytest
from onnx import TensorProto, helper

from dfsrt.base.errors import NetworkError
from dfsrt.network import from_onnx_model
from tests.network.builders import Builder
from tests.network.loops import node, value

MACS = 2 * 8 * 8


def own(b: Builder, op: str, *inputs: str) -> str:
    out = b.fresh(op.lower())
    b.nodes.append(helper.make_node(op, list(inputs), [out], name=op.lower(), domain="my.own"))
    return out


def between(*, declared: bool) -> onnx.ModelProto:
    """Two products with an operator of nobody's between them, and a third beside."""
    b = Builder()
    x = b.input("x", [2, 8])
    odd = own(b, "Odd", b.op("MatMul", x, b.weight(8, 8)))
    model = b.model(
        b.op("MatMul", odd, b.weight(8, 8)),
        b.op("MatMul", x, b.weight(8, 8)),
        imports={"my.own": 1},
    )
    if declared:
        model.graph.value_info.append(value(odd, [2, 8]))
    return model


def test_a_declared_shape_makes_it_a_layer_that_moves_memory():
    network = from_onnx_model(between(declared=True), "t", unknown_ops="memory")
    assert network.macs == 3 * MACS
    assert network.unknown_ops == (("Odd", 1),)
    out = network.left_out
    assert (out.nodes, out.as_memory, out.without_shape) == (4, (("Odd", 1),), ())
    assert out.memory_bytes == 2 * 2 * 8 * 4
    assert out.moved_bytes == sum(a.moved_bytes for a in network.layers)
    share = out.memory_bytes / out.moved_bytes
    assert network.notes == (
        f"1 of 4 nodes (25.0%: 1 Odd) has no rule: they count as memory traffic only, "
        f"{share:.1%} of all bytes, and without their MACs",
    )


def test_without_a_shape_it_reads_its_operands_and_what_reads_it_is_left_out():
    network = from_onnx_model(between(declared=False), "t", unknown_ops="memory")
    assert network.macs == 2 * MACS
    assert network.left_out.as_memory == (("Odd", 1),)
    assert network.left_out.memory_bytes == 2 * 8 * 4
    assert network.left_out.without_shape == (("MatMul", 1),)
    assert "1 of 4 nodes (25.0%: 1 MatMul) has no shape that is known" in network.notes[1]


@pytest.mark.parametrize("op", ["NonZero", "StringNormalizer"])
def test_operators_of_any_kind_are_let_through(op):
    b = Builder()
    x = b.input("x", [2, 8])
    kind = TensorProto.STRING if op == "StringNormalizer" else TensorProto.FLOAT
    odd = b.op(op, b.input("s", [4], kind))
    model = b.model(b.op("MatMul", x, b.weight(8, 8)), odd)
    assert from_onnx_model(model, "t", unknown_ops="memory").macs == MACS


def test_a_branch_keeps_what_of_it_can_be_read():
    b = Builder()
    b.input("x", [2, 8])
    yes = b.input("yes", [], TensorProto.BOOL)
    w = b.weight(8, 8)
    odd = helper.make_node("Odd", ["x"], ["o"], domain="my.own")
    inner = [node("MatMul", f"x {w}", "m"), odd, node("Relu", "m", "r")]
    branch = helper.make_graph(inner, "b", [], [value("r", None), value("o", None)])
    b.nodes.append(
        helper.make_node("If", [yes], ["y", "z"], then_branch=branch, else_branch=branch)
    )
    model = b.model("y", "z", imports={"my.own": 1})
    network = from_onnx_model(model, "t", unknown_ops="memory")
    assert network.macs == MACS
    assert network.left_out.as_memory == (("Odd", 1),)


def test_where_nothing_is_left_to_run_it_is_said_what_there_was():
    b = Builder()
    at = b.input("at", [], TensorProto.INT64)
    made = b.op("SequenceAt", b.op("SequenceConstruct", b.input("x", [2, 8])), at)
    with pytest.raises(NetworkError, match=r"nothing of the network is left to run.*1 SequenceAt"):
        from_onnx_model(b.model(made), "t", unknown_ops="memory")


def test_sizes_that_do_not_fit_are_no_operator_without_a_rule():
    b = Builder()
    model = b.model(b.op("MatMul", b.input("x", [2, "n"]), b.weight(8, 8)))
    with pytest.raises(NetworkError, match="must be equal; give --dim n=8"):
        from_onnx_model(model, "t", dims={"n": 7}, unknown_ops="memory")
