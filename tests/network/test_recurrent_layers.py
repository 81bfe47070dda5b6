"""Recurrent operators: shapes and products as onnxruntime runs them, and one line for bad ones."""

from __future__ import annotations

import copy
import random

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from dfsrt.base.errors import NetworkError
from dfsrt.network import Gemm, Kind, from_onnx_model
from tests.helpers.graphs import session_of
from tests.helpers.recurrent import GATES, naive_run

MANY = 300
"""Damaged models that are tried."""
RNG = np.random.default_rng(0)


def values(*shape):
    return RNG.normal(0, 0.5, shape).astype(np.float32)


def recurrent(
    op, steps=5, batch=2, inputs=3, hidden=4, direction="forward", bias=True, peepholes=False,
    lengths=None, outputs=("y", "y_h"), **attributes,
):  # fmt: skip
    """A model of one node, and the values of its operands by name."""
    d, wide = 2 if direction == "bidirectional" else 1, GATES[op] * hidden
    made = {"W": values(d, wide, inputs), "R": values(d, wide, hidden)}
    if bias:
        made["B"] = values(d, 2 * wide)
    if lengths is not None:
        made["lengths"] = np.array(lengths, np.int32)
    if peepholes:
        made["P"] = values(d, 3 * hidden)
    present = [name if name in made else "" for name in ("B", "lengths")]
    names = ["x", "W", "R", *present, "", "", "P" if peepholes else ""]
    while not names[-1]:
        names.pop()
    node = helper.make_node(
        op, names, outputs, "rec", hidden_size=hidden, direction=direction, **attributes
    )
    shape = (batch, steps, inputs) if attributes.get("layout") else (steps, batch, inputs)
    return model_of(node, {"x": shape}, made), made, values(*shape)


def model_of(node, inputs, constants, opset=17, imports=()):
    infos = [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in inputs.items()]
    results = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in node.output if n]
    stored = [numpy_helper.from_array(v, n) for n, v in constants.items()]
    graph = helper.make_graph([node], "g", infos, results, stored)
    opsets = [helper.make_opsetid("", opset), *imports]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def layer_of(model):
    (layer,) = from_onnx_model(model, "t").layers
    return layer


FORMS = [
    ("LSTM", "forward", {}),
    ("LSTM", "reverse", {"peepholes": True}),
    ("LSTM", "bidirectional", {"peepholes": True, "bias": False}),
    ("LSTM", "bidirectional", {"input_forget": 1}),
    ("GRU", "forward", {}),
    ("GRU", "bidirectional", {"linear_before_reset": 1}),
    ("GRU", "reverse", {"bias": False}),
    ("RNN", "forward", {}),
    ("RNN", "bidirectional", {"bias": False}),
]


@pytest.mark.parametrize(("op", "direction", "form"), FORMS)
def test_products_and_shapes_are_those_of_a_loop_that_computes_what_onnxruntime_does(
    op, direction, form
):
    model, made, x = recurrent(op, direction=direction, **form)
    states, macs = naive_run(
        op, x, made["W"], made["R"], made.get("B"), made.get("P"), direction,
        not form.get("linear_before_reset"), bool(form.get("input_forget")),
    )  # fmt: skip
    y, y_h = session_of(model).run(None, {"x": x})
    assert np.allclose(y, states, atol=1e-5)
    layer = layer_of(model)
    assert layer.macs == macs
    assert [t.shape for t in layer.outputs] == [y.shape, y_h.shape]
    assert layer.kind is Kind.MATRIX


@pytest.mark.parametrize("op", GATES)
def test_bytes_are_those_of_each_tensor_once(op):
    model, made, x = recurrent(op)
    layer = layer_of(model)
    assert layer.weight_bytes == sum(v.nbytes for v in made.values())
    assert layer.input_bytes == x.nbytes
    assert layer.output_bytes == 4 * (5 * 2 * 4 + 2 * 4)


def test_an_lstm_of_two_directions_by_hand():
    """24 -> 32 in 20 steps: 20 · 2 · 128 · (24 + 32) products, half of them batched over steps."""
    layer = layer_of(recurrent("LSTM", 20, 1, 24, 32, "bidirectional")[0])
    assert layer.gemms == (Gemm(20, 24, 128, 2), Gemm(1, 32, 128, 2, steps=20))
    assert (layer.macs, layer.steps) == (286_720, 20)


def test_a_gru_that_resets_first_multiplies_twice_in_a_step():
    layer = layer_of(recurrent("GRU", 7, 2, 8, 16)[0])
    assert layer.gemms == (Gemm(14, 8, 48), Gemm(2, 16, 32, steps=7), Gemm(2, 16, 16, steps=7))
    later = layer_of(recurrent("GRU", 7, 2, 8, 16, linear_before_reset=1)[0])
    assert later.gemms == (Gemm(14, 8, 48), Gemm(2, 16, 48, steps=7))
    assert later.macs == layer.macs


OTHERS = ["HardSigmoid", "Relu", "tanh"]
OPS = {
    # adds of two products and biases, functions of 4 each, and the state's own
    "LSTM": (8 + 5 * 4 + 4, {}),
    "LSTM with peepholes": (8 + 5 * 4 + 4 + 6, {"peepholes": True}),
    "LSTM with i for f": (8 + 4 * 4 + 1 + 4, {"input_forget": 1}),
    "LSTM clipped": (8 + 5 * 4 + 4 + 8, {"clip": 3.0}),
    "LSTM without bias": (4 + 5 * 4 + 4, {"bias": False}),
    "LSTM of other functions": (8 + 3 * 3 + 1 + 4 + 4, {"activations": OTHERS}),
    "GRU": (6 + 3 * 4 + 1 + 4, {}),
    "GRU that resets late": (6 + 3 * 4 + 1 + 4 + 1, {"linear_before_reset": 1}),
    "RNN": (2 + 4, {}),
    "RNN of a scaled function": (2 + 6, {"activations": ["ScaledTanh"]}),
}


@pytest.mark.parametrize("case", OPS)
def test_work_of_gates_by_hand(case):
    each, form = OPS[case]
    layer = layer_of(recurrent(case.split()[0], 5, 2, 3, 4, **form)[0])
    assert layer.vector_ops == 5 * 2 * 4 * each


def test_each_direction_has_its_own_functions():
    names = ["Sigmoid", "Tanh", "Tanh", "HardSigmoid", "Relu", "Relu"]
    model, _, x = recurrent("LSTM", direction="bidirectional", activations=names)
    session_of(model).run(None, {"x": x})
    assert layer_of(model).vector_ops == 5 * 2 * 4 * ((8 + 20 + 4) + (8 + 3 * 3 + 2 + 4))


@pytest.mark.parametrize("op", GATES)
def test_a_batch_may_come_first(op):
    model, _, x = recurrent(op, layout=1)
    y, y_h = ReferenceEvaluator(model).run(None, {"x": x})
    layer = layer_of(model)
    assert [t.shape for t in layer.outputs] == [y.shape, y_h.shape]
    assert layer.gemms == layer_of(recurrent(op)[0]).gemms


def test_outputs_that_nobody_uses_are_not_written():
    layer = layer_of(recurrent("LSTM", outputs=["", "y_h", "y_c"])[0])
    assert [(t.name, t.shape) for t in layer.outputs] == [("y_h", (1, 2, 4)), ("y_c", (1, 2, 4))]


def test_known_lengths_end_with_the_longest():
    model, _, x = recurrent("GRU", lengths=[2, 3])
    y, _ = session_of(model).run(None, {"x": x})
    layer = layer_of(model)
    assert (layer.steps, layer.gemms[0].m) == (3, 6)
    assert "lengths" not in {t.name for t in layer.reads}  # a compiler reads them
    assert layer.outputs[0].shape == y.shape
    assert not y[3:].any()  # behind the longest nothing has run


def test_lengths_that_come_at_run_time_count_in_full_and_that_is_said():
    model, _, _ = recurrent("GRU", lengths=[2, 3])
    (lengths,) = (t for t in model.graph.initializer if t.name == "lengths")
    model.graph.initializer.remove(lengths)
    model.graph.input.append(helper.make_tensor_value_info("lengths", TensorProto.INT32, [2]))
    network = from_onnx_model(model, "t")
    assert network.layers[0].steps == 5
    assert network.notes == (
        "GRU 'rec' may get shorter sequences at run time: all 5 steps are counted",
    )


def quantized_lstm(steps=6, batch=2, inputs=3, hidden=4):
    wide = 4 * hidden
    made = {
        "W": RNG.integers(-90, 90, (1, inputs, wide)).astype(np.int8),
        "R": RNG.integers(-90, 90, (1, hidden, wide)).astype(np.int8),
        "B": values(1, 2 * wide),
        **dict.fromkeys(("ws", "rs"), np.array([0.01], np.float32)),
        **dict.fromkeys(("wz", "rz"), np.array([0], np.int8)),
    }
    names = ["x", "W", "R", "B", *[""] * 4, "ws", "wz", "rs", "rz"]
    node = helper.make_node(
        "DynamicQuantizeLSTM", names, ["y", "y_h", "y_c"], "rec", domain="com.microsoft",
        hidden_size=hidden, direction="forward",
    )  # fmt: skip
    contrib = [helper.make_opsetid("com.microsoft", 1)]
    return model_of(node, {"x": (steps, batch, inputs)}, made, imports=contrib)


def test_a_dynamically_quantized_lstm_runs_in_int8_and_quantizes_on_the_way_in():
    model = quantized_lstm()
    results = session_of(model).run(None, {"x": values(6, 2, 3)})
    layer = layer_of(model)
    assert [t.shape for t in layer.outputs] == [r.shape for r in results]
    assert (layer.macs, layer.precision) == (6 * 2 * 16 * (3 + 4), "int8")
    assert layer.gemms == (Gemm(12, 3, 16), Gemm(2, 4, 16, steps=6))
    assert layer.weight_bytes == 3 * 16 + 4 * 16 + 4 * 32 + 2 * 4 + 2
    assert layer.vector_ops == 6 * 2 * 4 * (8 + 20 + 4 + 5) + 5 * 6 * 2 * 3


def test_stored_in_int8_an_lstm_is_an_int8_layer():
    b = [
        helper.make_node("QuantizeLinear", ["x", "s", "z"], ["xq"]),
        helper.make_node("DequantizeLinear", ["xq", "s", "z"], ["xd"]),
        helper.make_node("DequantizeLinear", ["Wq", "s", "z"], ["W"]),
        helper.make_node("DequantizeLinear", ["Rq", "s", "z"], ["R"]),
        helper.make_node("LSTM", ["xd", "W", "R"], ["y"], hidden_size=4),
    ]
    made = {
        "s": np.float32(0.1), "z": np.int8(0),
        "Wq": np.ones((1, 16, 3), np.int8), "Rq": np.ones((1, 16, 4), np.int8),
    }  # fmt: skip
    model = model_of(b[-1], {"x": (5, 1, 3)}, {k: np.asarray(v) for k, v in made.items()})
    model.graph.ClearField("node")
    model.graph.node.extend(b)
    layer = from_onnx_model(model, "t").layers[-1]
    assert (layer.op, layer.precision, layer.weight_bytes) == ("LSTM", "int8", 16 * 7)


@pytest.mark.parametrize("precision", ["int8", "fp16"])
def test_a_precision_of_choice_holds_for_all_of_a_layer(precision):
    layer = layer_of(recurrent("LSTM")[0])
    network = from_onnx_model(recurrent("LSTM")[0], "t").as_precision(precision)
    assert network.layers[0].precision == precision
    assert network.weight_bytes * (4 if precision == "int8" else 2) == layer.weight_bytes


def changed(name=None, shape=None, **attributes):
    """A model with one constant of another shape, or with other attributes."""
    model = recurrent("LSTM", peepholes=True)[0]
    for index, tensor in enumerate(model.graph.initializer):
        if tensor.name == name:
            model.graph.initializer[index].CopyFrom(numpy_helper.from_array(values(*shape), name))
    node = model.graph.node[0]
    kept = [a for a in node.attribute if a.name not in attributes]
    made = [helper.make_attribute(k, v) for k, v in attributes.items()]
    node.ClearField("attribute")
    node.attribute.extend([*kept, *made])
    return model


BAD = {
    "wide W": (changed("W", (1, 20, 3)), r"W has the shape \[1, 20, 3\], \[1, 16, 3\] fits"),
    "inputs of W": (changed("W", (1, 16, 5)), r"3 inputs a step, and W \[1, 16, 5\] takes 5"),
    "one more direction": (changed("R", (2, 16, 4)), r"R has the shape \[2, 16, 4\]"),
    "flat R": (changed("R", (16, 4)), r"R is of shape \[16, 4\], it must have 3 axes"),
    "short B": (changed("B", (1, 16)), r"B has the shape \[1, 16\], \[1, 32\] fits"),
    "short P": (changed("P", (1, 4)), r"P has the shape \[1, 4\], \[1, 12\] fits"),
    "hidden_size": (changed(hidden_size=8), r"hidden_size is 8, and R \[1, 16, 4\] has 4"),
    "direction": (changed(direction="forwards"), "direction 'forwards'.*did you mean 'forward'"),
    "both": (changed(direction="bidirectional"), r"W has the shape \[1, 16, 3\], \[2, 16, 3\]"),
    "activations": (changed(activations=["Tanh"]), "1 activations, 3 for each of 1 directions"),
    "activation": (changed(activations=["Sine"] * 3), "unknown activation 'Sine'"),
    "list": (changed(activations=[1, 2, 3]), "unknown activation '1'"),
    "layout": (changed(layout=2), "layout is 2, allowed is 0 or 1"),
    "lengths": (recurrent("GRU", lengths=[2, 9])[0], r"sequence_lens are \[2, 9\], allowed is 0"),
    "rows": (recurrent("GRU", lengths=[1, 2, 3])[0], r"sequence_lens has the shape \[3\]"),
}


BY_SIZES = set(BAD) - {"activations", "activation", "list", "lengths", "inputs of W"}
"""What may be mended by other sizes of open dimensions; the rest is the file's, or it has none."""


@pytest.mark.parametrize("case", BAD)
def test_what_does_not_fit_is_said_in_one_line(case):
    model, message = BAD[case]
    with pytest.raises(NetworkError, match=message) as error:
        from_onnx_model(model, "t")
    assert "\n" not in str(error.value)
    assert "'rec'" in str(error.value)
    assert str(error.value).endswith("check the file and the --dim sizes") is (case in BY_SIZES)


def damaged(seed):
    """A model with one thing changed at random."""
    draw = random.Random(seed)
    op = draw.choice(list(GATES))
    model = recurrent(op, direction=draw.choice(["forward", "bidirectional"]))[0]
    node = model.graph.node[0]
    match draw.randrange(4):
        case 0:
            node.input[draw.randrange(len(node.input))] = draw.choice(["", "x", "W", "B"])
        case 1:
            tensor = draw.choice(model.graph.initializer)
            shape = [draw.randrange(5) for _ in range(draw.randrange(5))]
            tensor.CopyFrom(numpy_helper.from_array(np.ones(shape, np.float32), tensor.name))
        case 2:
            attribute = draw.choice(node.attribute)
            value = draw.choice([-1, 2**62, 1.5, "", "x", [1], ["Relu"], [2.5]])
            attribute.CopyFrom(helper.make_attribute(attribute.name, value))
        case _:
            name = draw.choice(
                ["activations", "layout", "linear_before_reset", "clip", "direction"]
            )
            value = draw.choice([-1, 0.5, "x", [3], ["Tanh"] * draw.randrange(1, 9)])
            node.attribute.append(helper.make_attribute(name, value))
    return copy.deepcopy(model)


def test_a_damaged_model_is_read_or_refused_in_one_line():
    refused = 0
    for seed in range(MANY):
        try:
            from_onnx_model(damaged(seed), "t")
        except NetworkError as error:
            assert "\n" not in str(error), seed
            refused += 1
    assert MANY // 2 < refused < MANY


def test_an_operator_of_another_domain_is_not_taken_for_one():
    model = recurrent("LSTM")[0]
    model.graph.node[0].domain = "com.example"
    model.opset_import.append(helper.make_opsetid("com.example", 1))
    with pytest.raises(NetworkError, match=r"operator 'LSTM' of domain 'com\.example'"):
        from_onnx_model(model, "t")


def test_onnx_itself_finds_the_same_shapes():
    for op in GATES:
        model = recurrent(op, direction="bidirectional")[0]
        known = onnx.shape_inference.infer_shapes(model, strict_mode=True)
        theirs = [
            tuple(d.dim_value for d in o.type.tensor_type.shape.dim) for o in known.graph.output
        ]
        assert [t.shape for t in layer_of(model).outputs] == theirs
