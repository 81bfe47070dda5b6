"""Values of inputs that are given as text are constants of the input's type and shape."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto

from dfsrt.base.errors import NetworkError
from dfsrt.network import from_onnx_model
from dfsrt.network.shapes.values import sizes_from_values, values_of
from tests.network.builders import Builder
from tests.network.loops import value

TYPES = {
    "x": value("x", [2, 3], TensorProto.FLOAT).type,
    "n": value("n", [], TensorProto.INT64).type,
    "lengths": value("lengths", [2], TensorProto.INT32).type,
    "flag": value("flag", [1], TensorProto.BOOL).type,
    "half": value("half", [], TensorProto.FLOAT16).type,
    "small": value("small", [], TensorProto.UINT8).type,
    "text": value("text", [], TensorProto.STRING).type,
}


def one(name: str, text: str) -> np.ndarray:
    return values_of(TYPES, {name: text})[name]


def refused(name: str, text: str) -> str:
    with pytest.raises(NetworkError) as caught:
        one(name, text)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("n", "16000", np.int64(16000)),
        ("n", "3.0", np.int64(3)),
        ("n", "-7", np.int64(-7)),
        ("lengths", "[20, 17]", np.array([20, 17], np.int32)),
        ("lengths", "20", np.array([20, 20], np.int32)),
        ("flag", "true", np.array([True])),
        ("flag", "False", np.array([False])),
        ("flag", "[1]", np.array([True])),
        ("half", "0.5", np.float16(0.5)),
        ("half", "inf", np.float16(np.inf)),
        ("x", "[[1, 2, 3], [4, 5, 6]]", np.arange(1, 7, dtype=np.float32).reshape(2, 3)),
        ("x", "0", np.zeros((2, 3), np.float32)),
        ("small", "255", np.uint8(255)),
    ],
)
def test_text_is_a_value_of_the_inputs_own_type(name, text, expected):
    found = one(name, text)
    assert found.dtype == expected.dtype
    assert np.array_equal(found, expected)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("n", "1.5", "give a whole number"),
        ("n", "true", "give a whole number"),
        ("n", "[1, 2]", "has the shape [2], and input 'n' has []"),
        ("n", "many", "--set n=many is no value"),
        ("n", "", "is no value"),
        ("n", "[1, [2]]", "is no value"),
        ("n", '"7"', "is no value"),
        ("n", "99999999999999999999999", "is no value"),
        ("lengths", "[1, 2, 3]", "give a list of that shape, or one value for all of it"),
        ("small", "256", "give a whole number"),
        ("small", "-1", "give a whole number"),
        ("half", "70000", "give a number"),
        ("flag", "2", "give true or false"),
        ("text", "1", "of type STRING, whose value cannot be given"),
        ("nn", "1", "did you mean 'n'? (known: flag, half, lengths, n, small, text, x)"),
    ],
)
def test_what_is_no_value_of_an_input_is_refused_in_one_line(name, text, says):
    assert says in refused(name, text)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=2, max_size=2))
def test_whole_numbers_come_back_as_they_were_said(numbers):
    assert one("lengths", str(numbers)).tolist() == numbers


def test_a_list_says_the_size_of_an_open_axis():
    inputs = [
        value("lengths", ["batch"], TensorProto.INT64),
        value("free", [None, 2], TensorProto.FLOAT),
    ]
    said = {"lengths": "[5, 6, 7]", "free": "[[1, 2]]"}
    assert sizes_from_values(inputs, said, {}) == {"batch": 3, "free.0": 1}
    assert sizes_from_values(inputs, said, {"batch": 4}) == {"batch": 4, "free.0": 1}


def reshaped():
    b = Builder()
    y = b.op("Reshape", b.input("x", [4, 6]), b.input("shape", [2], TensorProto.INT64))
    return b.model(b.op("MatMul", y, b.weight(8, 5)))


def test_a_value_settles_a_shape_that_depends_on_it():
    with pytest.raises(NetworkError, match="run-time values"):
        from_onnx_model(reshaped(), "t")
    network = from_onnx_model(reshaped(), "t", values={"shape": [3, 8]})
    assert network.macs == 3 * 8 * 5
    assert network.inputs == ("x",)


def test_an_unknown_input_is_told_of_inputs_and_not_of_weights():
    b = Builder()
    model = b.model(b.op("Add", b.input("x", [2, 3]), b.weight(2, 3, name="w")))
    model.graph.input.append(value("w", [2, 3], TensorProto.FLOAT))  # as old files have them
    with pytest.raises(NetworkError, match=r"unknown input 'y'.*known: x\)"):
        from_onnx_model(model, "n", values={"y": "1"})


def test_an_unknown_input_lists_those_that_there_are():
    with pytest.raises(NetworkError, match=r"unknown input 'shap'.*known: shape, x"):
        from_onnx_model(reshaped(), "t", values={"shap": "[3, 8]"})


def test_a_default_in_the_file_gives_way_to_a_value():
    b = Builder()
    shape = b.const([3, 8])
    b.inputs.append(value(shape, [2], TensorProto.INT64))
    y = b.op("Reshape", b.input("x", [4, 6]), shape)
    model = b.model(b.op("MatMul", y, b.weight(8, 5)))
    assert from_onnx_model(model, "t").macs == 3 * 8 * 5
    with pytest.raises(NetworkError, match="both must be equal"):
        from_onnx_model(model, "t", values={shape: "[4, 6]"})


def test_mutated_text_is_a_value_or_refused():
    rng = np.random.default_rng(45)
    alphabet = list('0123456789[],.-e truefalsn"{}:')
    for _ in range(400):
        text = "".join(rng.choice(alphabet, rng.integers(1, 9)))
        name = str(rng.choice(list(TYPES)))
        try:
            found = one(name, text)
        except NetworkError as error:
            assert "\n" not in str(error)
        else:
            assert found.shape == tuple(d.dim_value for d in TYPES[name].tensor_type.shape.dim)
