"""Lists of tensors: taken apart before the run, or refused in one line."""

from __future__ import annotations

import onnx
import pytest
from onnx import TensorProto, helper

from dfsrt.base.errors import NetworkError
from dfsrt.network import from_onnx_model
from tests.network.builders import Builder


def ops(model) -> list[str]:
    return [layer.op for layer in from_onnx_model(model, "t", fuse=False).layers]


@pytest.mark.parametrize("opset", [11, 13, 18])
def test_a_split_taken_apart_and_joined_again_is_a_split_and_a_join(opset):
    b = Builder(opset=opset)
    parts = b.op("SplitToSequence", b.input("x", [4, 6]), b.const(3), axis=1)
    last, first = (b.op("SequenceAt", parts, b.const(i)) for i in (-1, 0))
    y = b.op("ConcatFromSequence", b.op("SequenceConstruct", last, first), axis=1)
    assert ops(b.model(y)) == ["Split", "Identity", "Identity", "Concat"]


@pytest.mark.parametrize("opset", [11, 17])
def test_nothing_is_split_into_no_pieces(opset):
    b = Builder(opset=opset)
    parts = b.op("SplitToSequence", b.input("x", [0, 5]), axis=0)
    y = b.op("Mul", b.op("SequenceLength", parts), b.input("n", [1], TensorProto.INT64))
    assert ops(b.model(y)) == ["Mul"]


def test_pieces_of_one_each_lose_their_axis_where_asked():
    b = Builder()
    parts = b.op("SplitToSequence", b.input("x", [3, 5]), axis=0, keepdims=0)
    network = from_onnx_model(b.model(b.op("SequenceAt", parts, b.const(1))), "t", fuse=False)
    assert network.layers[-1].outputs[0].shape == (5,)


def test_a_list_that_is_an_output_is_the_tensors_in_it():
    b = Builder()
    parts = b.op("SplitToSequence", b.input("x", [4, 6]), b.const([4, 2]), axis=1)
    network = from_onnx_model(b.model(parts), "t")
    assert [t.shape for t in network.layers[0].outputs] == [(4, 4), (4, 2)]


def test_the_length_of_a_list_is_a_constant():
    b = Builder()
    x = b.input("x", [4, 6])
    parts = b.op("SequenceInsert", b.op("SequenceEmpty"), x, b.const(0))
    length = b.op("Unsqueeze", b.op("SequenceLength", parts), b.const([0]))
    y = b.op("Reshape", x, b.op("Concat", length, b.const([24]), axis=0))
    assert from_onnx_model(b.model(y), "t").layers[0].outputs[0].shape == (1, 24)


@pytest.mark.parametrize("given", [True, False])
def test_whether_an_optional_is_there_decides_a_branch(given):
    from tests.network.test_exports import if_model

    b = Builder(opset=18)
    x = b.input("x", [2, 3])
    there = b.op("OptionalHasElement", *([b.op("Optional", x)] if given else []))
    assert ops(if_model(there, b, x))[0] == ("Relu" if given else "Sigmoid")


def test_a_branch_may_hand_out_a_list():
    def branch(op: str, name: str):
        nodes = [helper.make_node("Neg", ["x"], [f"{name}_x"])]
        nodes.append(helper.make_node("SequenceConstruct", ["x", f"{name}_x"][:op], [name]))
        return helper.make_graph(nodes, name, [], [onnx.ValueInfoProto(name=name)])

    b = Builder(opset=18)
    flag = b.input("flag", [], TensorProto.BOOL)
    b.input("x", [2, 3])
    made = b.op("If", flag, then_branch=branch(1, "one"), else_branch=branch(2, "two"))
    model = b.model(b.op("ConcatFromSequence", made, axis=0))
    shapes = {
        value: from_onnx_model(model, "t", values={"flag": value}).layers[-1].outputs[0].shape
        for value in (True, False)
    }
    assert shapes == {True: (2, 3), False: (4, 3)}


def test_a_list_that_grows_in_a_loop_is_joined_after_it():
    """As torch exports an embedding bag: a row of the sum in every pass."""
    kinds = [("n", TensorProto.INT64), ("go", TensorProto.BOOL)]
    body = helper.make_graph(
        [
            helper.make_node("Add", ["x", "x"], ["twice"]),
            helper.make_node("SequenceInsert", ["list", "twice"], ["longer"]),
            helper.make_node("Identity", ["go"], ["on"]),
        ],
        "body",
        [
            *(helper.make_tensor_value_info(name, kind, []) for name, kind in kinds),
            helper.make_tensor_sequence_value_info("list", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_sequence_value_info("longer", TensorProto.FLOAT, None),
        ],
    )
    b = Builder()
    b.input("x", [2, 4])
    made = b.op("Loop", b.const(3), "", b.op("SequenceEmpty"), body=body)
    network = from_onnx_model(b.model(b.op("ConcatFromSequence", made, axis=0)), "t", fuse=False)
    assert network.layers[-1].outputs[0].shape == (6, 4)
    assert [layer.op for layer in network.layers] == ["Add", "Add", "Add", "Concat"]


def position_of_the_run(b: Builder) -> str:
    at = b.input("at", [], TensorProto.INT64)
    return b.op("SequenceAt", b.op("SequenceConstruct", b.input("x", [2]), "x"), at)


def beyond_the_end(b: Builder) -> str:
    return b.op("SequenceAt", b.op("SequenceConstruct", b.input("x", [2])), b.const(1))


def of_nothing(b: Builder) -> str:
    return b.op("SequenceErase", b.op("SequenceEmpty"), b.input("x", [1], TensorProto.INT64))


def too_many(b: Builder) -> str:
    return b.op("SplitToSequence", b.input("x", [5000, 2]), b.const(1))


def another_axis(b: Builder) -> str:
    return b.op("SplitToSequence", b.input("x", [5, 2]), b.const(1), axis=2)


def pieces_of_the_run(b: Builder) -> str:
    return b.op("SplitToSequence", b.input("x", [5, 2]), b.input("s", [2], TensorProto.INT64))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (position_of_the_run, "its position is not known before the run"),
        (beyond_the_end, "takes position 1 of a list of 1"),
        (of_nothing, "its position is not known"),
        (too_many, "makes 5,000 tensors"),
        (another_axis, "splits axis 2"),
        (pieces_of_the_run, "the sizes of its pieces"),
    ],
)
def test_what_only_a_run_knows_is_refused_in_one_line(build, message):
    b = Builder()
    with pytest.raises(NetworkError, match=message) as caught:
        from_onnx_model(b.model(build(b)), "t")
    assert "\n" not in str(caught.value)
