"""A survey says what a file holds, counted by hand, and never fails on what is a graph at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from dfsrt.network.check.sizes import open_sizes_of, sizes_to_try
from dfsrt.network.check.steering import Steering, steered
from dfsrt.network.check.survey import survey
from dfsrt.network.file.contents import OutsideFile, StoredType
from tests.network.builders import Builder


def stored_outside(name: str, shape: list[int], location: str, length: int) -> onnx.TensorProto:
    tensor = TensorProto(name=name, dims=shape, data_type=TensorProto.FLOAT16)
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", "64"), ("length", str(length))):
        tensor.external_data.add(key=key, value=value)
    return tensor


def two_branches(b: Builder, condition: str) -> str:
    """An If whose branches hold one constant each."""
    graphs = [
        helper.make_graph(
            [helper.make_node("Constant", [], ["c"], value_float=1.0)],
            name,
            [],
            [helper.make_tensor_value_info("c", TensorProto.FLOAT, [])],
        )
        for name in ("then_branch", "else_branch")
    ]
    return b.op("If", condition, name="gate", then_branch=graphs[0], else_branch=graphs[1])


def steered_model() -> onnx.ModelProto:
    """An If on a rate that is compared with 16,000, one on data, and a shape from an input."""
    b = Builder()
    x, rate = b.input("x", ["n", 4]), b.input("rate", [], TensorProto.INT64)
    side = b.input("side", [2], TensorProto.INT64)
    on_rate = two_branches(b, b.op("Equal", rate, b.const(16_000)))
    peak = b.op("Greater", b.op("ReduceMax", x, keepdims=0), b.const(0, np.float32))
    on_data = two_branches(b, peak)
    b.nodes[-1].name = "by_peak"
    known = b.op("Reshape", x, b.op("Shape", x), name="as_it_is")
    return b.model(on_rate, on_data, known, b.op("Reshape", x, side, name="asked"))


def test_inputs_that_steer_are_small_and_data_is_told_apart():
    found = steered(steered_model().graph)
    assert found.inputs == (
        Steering("rate", "int64", ("If 'gate'",), ("16000",)),
        Steering("side", "int64", ("Reshape 'asked'",)),
    )
    assert found.on_data == ("If 'by_peak'",)
    assert [s.example for s in found.inputs] == ["16000", "1"]


def test_a_steering_whole_number_is_offered_no_threshold_that_it_cannot_have():
    b = Builder()
    steps = b.input("steps", [], TensorProto.INT64)
    many = b.op("Greater", steps, b.const(2_000_000))
    early = b.op("Greater", b.op("Cast", steps, to=TensorProto.FLOAT), b.const(0.5, np.float32))
    model = b.model(two_branches(b, many), two_branches(b, early))
    (found,) = steered(model.graph).inputs
    assert (found.values, found.example) == (("2000000",), "2000000")


def test_passes_of_a_loop_are_offered_as_its_refusal_offers_them():
    b = Builder()
    x, steps = b.input("x", [1, 4]), b.input("steps", [], TensorProto.INT64)
    body = helper.make_graph(
        [helper.make_node("Relu", ["s"], ["t"]), helper.make_node("Identity", ["on"], ["off"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("s", TensorProto.FLOAT, [1, 4]),
        ],
        [
            helper.make_tensor_value_info("off", TensorProto.BOOL, []),
            helper.make_tensor_value_info("t", TensorProto.FLOAT, [1, 4]),
        ],
    )
    model = b.model(b.op("Loop", steps, "", x, name="refine", body=body))
    (found,) = steered(model.graph).inputs
    assert (found.nodes, found.example) == (("Loop 'refine'",), "10")


def test_a_gate_inside_a_branch_is_found_with_the_input_that_opens_it():
    b = Builder()
    b.input("flag", [1], TensorProto.BOOL)
    inner = Builder()
    graph = helper.make_graph(
        [*inner.nodes, helper.make_node("If", ["flag"], ["y"], name="inner",
                                        then_branch=helper.make_graph([], "t", [], []),
                                        else_branch=helper.make_graph([], "e", [], []))],
        "body", [], [helper.make_tensor_value_info("y", TensorProto.FLOAT, [])],
    )  # fmt: skip
    x = b.input("x", [], TensorProto.BOOL)
    y = b.op("If", x, name="outer", then_branch=graph, else_branch=graph)
    found = {s.input: (s.nodes, s.example) for s in steered(b.model(y).graph).inputs}
    assert found == {
        "flag": (("If 'inner'", "If 'inner'"), "true"),
        "x": (("If 'outer'",), "true"),
    }


def test_stored_bytes_are_counted_by_type_wherever_constants_stand(tmp_path):
    b = Builder()
    x = b.input("x", [1, 4])
    y = b.op("Add", b.op("MatMul", x, b.weight(4, 8)), b.const([0.5] * 8, np.float32))
    b.nodes.append(helper.make_node("Constant", [], ["k"],
        value=helper.make_tensor("k", TensorProto.INT4, [5], [1] * 5)))  # fmt: skip
    b.constants.append(stored_outside("far", [10, 10], "weights.bin", 200))
    b.constants.append(stored_outside("farther", [2], "no/such.bin", 4))
    b.constants.append(TensorProto(name="bare", dims=[3], data_type=TensorProto.FLOAT))
    (tmp_path / "weights.bin").write_bytes(b"\0" * 263)
    facts = survey(b.model(y), tmp_path)
    assert facts.stored == (
        StoredType("float16", 2, 200 + 4),
        StoredType("float32", 3, (32 + 8 + 3) * 4),
        StoredType("int4", 1, 3),  # five halves of a byte
    )
    assert facts.outside == (
        OutsideFile("weights.bin", 1, 264, 263),
        OutsideFile("no/such.bin", 1, 68, None),
    )
    assert [f.state for f in facts.outside] == ["too short", "missing"]
    assert facts.inline_bytes == (32 + 8 + 3) * 4 + 3


def test_files_outside_the_folder_are_never_looked_for(tmp_path):
    b = Builder()
    b.constants.append(stored_outside("w", [2], "../secret", 4))
    (tmp_path / "secret").write_bytes(b"\0" * 100)
    facts = survey(b.model(b.op("Relu", b.input("x", [1]))), tmp_path / "model")
    assert facts.outside[0].state == "missing"


def test_operators_of_own_functions_and_of_branches_are_counted():
    function = helper.make_function(
        "mine", "Twice", ["a"], ["b"],
        [helper.make_node("Relu", ["a"], ["t"]), helper.make_node("Relu", ["t"], ["b"])],
        [helper.make_opsetid("", 17)],
    )  # fmt: skip
    b = Builder()
    y = b.op("Twice", b.input("x", [1]), domain="mine")
    y = b.op("Unheard", b.op("TreeEnsemble", y, domain="ai.onnx.ml"), domain="com.example")
    model = b.model(y, imports={"mine": 1, "com.example": 1, "ai.onnx.ml": 5})
    model.functions.append(function)
    facts = survey(model, Path())
    assert {u.name: (u.nodes, u.has_rule) for u in facts.operators} == {
        "Relu": (2, True),
        "com.example.Unheard": (1, False),
        "ai.onnx.ml.TreeEnsemble": (1, False),
    }
    why = {u.op: u.why for u in facts.operators}
    assert why["TreeEnsemble"] == "a tree ensemble, for a host" and not why["Relu"]
    assert why["Unheard"] == "operators of 'com.example' are not known"
    assert facts.nodes == 4 and facts.functions == 1
    assert dict(facts.opsets)["ai.onnx"] == 17


def ports(**shapes):
    """Graph inputs by name: a shape, whole numbers where it begins with ``int``."""
    return [
        helper.make_tensor_value_info(
            name, TensorProto.INT64 if "ids" in name else TensorProto.FLOAT, shape
        )
        for name, shape in shapes.items()
    ]


def test_likely_sizes_follow_names_then_places():
    sizes = open_sizes_of([
        *ports(input_ids=["batch_size", "sequence_length"], image=["N", 3, "height", None]),
        *ports(past=["batch_size", 2, "past_len", 8], mask=["batch_size", "past_len + 1"]),
        *ports(token_ids=[None, None], odd=["foo"]), *ports(picture=["n", "up", "down", 3]),
        *ports(sound=["n", "samples"], curve=["n", "points"]),
    ])  # fmt: skip
    assert {s.name: s.likely for s in sizes} == {
        "batch_size": 1, "sequence_length": 128, "N": 1, "height": 224, "image.3": 224,
        "past_len": 128, "past_len + 1": 129, "token_ids.0": 1, "token_ids.1": 128, "foo": 1,
        "n": 1, "up": 224, "down": 224, "samples": 16_000, "points": 1,
    }  # fmt: skip
    assert next(s.places for s in sizes if s.name == "batch_size") == (
        "input_ids.0", "past.0", "mask.0",
    )  # fmt: skip
    tries = sizes_to_try(sizes, {"sequence_length": 16, "image.2": 64})
    first, ones, wide, long, wider, widest = tries
    assert "height" not in first and "sequence_length" not in first
    assert set(ones.values()) == {1} and first.keys() == ones.keys() == wide.keys()
    assert (wide["points"], wide["foo"]) == (128, 1)  # the one is no first size
    assert (long["points"], long["past_len"], long["past_len + 1"]) == (512, 128, 512)  # last axes
    assert (wider["points"], wider["foo"], wider["batch_size"]) == (128, 128, 1)
    assert (widest["points"], widest["samples"]) == (512, 16_000)
    assert sizes_to_try(sizes[:1], {}) == ({"batch_size": 1},)


def test_last_axes_follow_from_the_weights_that_read_them():
    b = Builder()
    rnn = b.op("RNN", b.op("Unsqueeze", b.input("steps", ["t", "bands"]), b.const([1])),
               b.weight(1, 5, 236), b.weight(1, 5, 5), hidden_size=5)  # fmt: skip
    flat = b.op("Gemm", b.op("Relu", b.input("flat", [None, None])), b.weight(7, 33), transB=1)
    product = b.op("MatMul", b.input("rows", ["n", "k"]), b.weight(12, 3))
    turned = b.op("Transpose", b.input("turned", ["n", "odd"]))
    model = b.model(rnn, flat, product, b.op("MatMul", turned, b.weight(9, 3)))
    found = {s.name: s.likely for s in survey(model, Path()).open_sizes}
    assert {name: found[name] for name in ("bands", "flat.1", "k", "odd", "n")} == {
        "bands": 236, "flat.1": 33, "k": 12, "odd": 1, "n": 1,
    }  # fmt: skip


def test_a_constant_given_as_an_input_too_is_no_input():
    b = Builder()
    x, w = b.input("x", [1, 4]), b.input("w", [4, 4])
    b.constants.append(numpy_helper.from_array(np.ones((4, 4), np.float32), "w"))
    facts = survey(b.model(b.op("MatMul", x, w)), Path())
    assert list(map(str, facts.inputs)) == ["x float32 [1, 4]"]
