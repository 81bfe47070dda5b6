"""Sizes that hang on data: the most there can be and a note, or what --dim says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from dfsrt.base.errors import NetworkError
from dfsrt.network import from_onnx_model
from tests.network.builders import Builder, runnable
from tests.network.test_against_onnxruntime import session


def picked(kept: str = "/picked") -> Builder:
    """All elements that are not zero, gathered and squared."""
    b = Builder()
    x = b.input("x", [4, 8])
    where = b.op("Transpose", b.op("NonZero", x, name=kept), perm=[1, 0])
    b.last = b.op("Mul", *[b.op("GatherND", x, where)] * 2)  # type: ignore[attr-defined]
    return b


def outputs(model, **options):
    network = from_onnx_model(model, "t", fuse=False, **options)
    return network, network.layers[-1].outputs[0].shape


def test_without_a_word_it_is_the_most_there_can_be_and_a_note_says_how_to_set_it():
    b = picked()
    network, shape = outputs(b.model(b.last))
    assert shape == (32,)
    assert network.notes == (
        "NonZero is counted at the most it can make, 32: --dim '/picked.count=N' for fewer",
    )


@given(count=st.integers(1, 32))
def test_a_size_that_was_given_goes_through_the_graph(count):
    b = picked()
    network, shape = outputs(b.model(b.last), dims={"/picked.count": count})
    assert (shape, network.notes) == ((count,), ())


@given(st.lists(st.booleans(), min_size=6, max_size=6).filter(any))
def test_a_run_never_makes_more(values):
    b = Builder()
    x = b.input("x", [2, 3])
    model = b.model(b.op("NonZero", x))
    data = np.array(values, np.float32).reshape(2, 3)
    (made,) = session(runnable(model, TensorProto.INT64)).run(None, {"x": data})
    rank, most = outputs(model)[1]
    assert made.shape[0] == rank
    assert made.shape[1] <= most
    name = f"{model.graph.node[0].name}.count"
    assert outputs(model, dims={name: made.shape[1]})[1] == made.shape


@pytest.mark.parametrize(
    ("dims", "message"),
    [
        ({"/picked.count": 33}, "makes 32 at most"),
        ({"/picked.cuont": 3}, "no open dimension '/picked.cuont'"),
        ({"mul_6.0": 3}, "'mul_6.0' is no open size"),
    ],
)
def test_a_size_that_cannot_be_is_refused(dims, message):
    b = picked()
    assert b.last == "mul_6"
    with pytest.raises(NetworkError, match=message):
        from_onnx_model(b.model(b.last), "t", dims=dims)


def test_what_the_file_declares_stands():
    b = Builder()
    y = b.op("NonZero", b.input("x", [6]))
    model = b.model(b.op("Neg", y))
    model.graph.value_info.append(helper.make_tensor_value_info(y, TensorProto.INT64, [1, "some"]))
    assert outputs(model, dims={"some": 4})[1] == (1, 4)


def test_a_name_that_the_file_gives_a_size_behind_it_cannot_contradict_it():
    b = picked()
    model = b.model(b.last)
    model.graph.output[0].CopyFrom(helper.make_tensor_value_info(b.last, 1, ["kept"]))
    with pytest.raises(NetworkError, match=r"'kept' was given as 5, and tensor .* has 32 there"):
        from_onnx_model(model, "t", dims={"kept": 5})
    assert outputs(model, dims={"kept": 5, "/picked.count": 5})[1] == (5,)


def test_to_find_nothing_it_must_still_look():
    b = Builder()
    y = b.op("NonZero", b.input("x", [4, 8]), name="none")
    network, _ = outputs(b.model(y), dims={"none.count": 0})
    assert (network.layers[0].input_bytes, network.layers[0].vector_ops) == (128, 64)


@pytest.mark.parametrize("opset", [10, 17])
def test_a_detectors_tail_keeps_as_many_boxes_as_are_asked_for(opset):
    b = Builder(opset=opset)
    boxes, scores = b.input("boxes", [1, 50, 4]), b.input("scores", [1, 3, 50])
    kept = b.op("NonMaxSuppression", boxes, scores, b.const([8]), name="nms")
    rows = b.op("Gather", kept, b.const([2]), axis=1)
    rows = b.op("Reshape", rows, b.const([-1]))
    y = b.op("Gather", b.op("Reshape", boxes, b.const([50, 4])), rows)
    assert outputs(b.model(y))[1] == (24, 4)
    assert outputs(b.model(y), dims={"nms.count": 5})[1] == (5, 4)


def test_a_suppression_that_asks_for_nothing_makes_nothing():
    b = Builder()
    y = b.op("NonMaxSuppression", b.input("b", [1, 5, 4]), b.input("s", [1, 2, 5]))
    x = b.input("x", [2, 3])
    assert outputs(b.model(y, b.op("Neg", x)))[0].layers[0].output_bytes == 0


def test_the_largest_of_an_axis_with_a_count_of_the_run_are_all_of_them():
    b = Builder()
    k = b.input("k", [1], TensorProto.INT64)
    values = b.op("TopK", b.input("x", [2, 9]), k, name="top", n=2)
    network, _ = outputs(b.model(*values))
    assert [t.shape for t in network.layers[0].outputs] == [(2, 9), (2, 9)]
    network, _ = outputs(b.model(*values), dims={"top.count": 3})
    assert [t.shape for t in network.layers[0].outputs] == [(2, 3), (2, 3)]


def test_a_slice_of_unknown_length_is_no_longer_than_its_operand():
    b = Builder()
    end = b.input("end", [1], TensorProto.INT64)
    y = b.op("Slice", b.input("x", [2, 9]), b.const([0]), end, b.const([1]))
    assert outputs(b.model(y))[1] == (2, 9)
    assert outputs(b.model(y), dims={f"{y}.1": 4})[1] == (2, 4)


def test_a_range_of_unknown_length_asks_for_it():
    b = Builder()
    limit = b.input("limit", [], TensorProto.INT64)
    y = b.op("Range", b.const(0), limit, b.const(1), name="steps")
    with pytest.raises(NetworkError, match=rf"--dim '{y}\.0=1'"):
        from_onnx_model(b.model(y), "t")
    assert outputs(b.model(y), dims={f"{y}.0": 7})[1] == (7,)
    assert outputs(b.model(y), dims={"steps.count": 7})[1] == (7,)


def test_many_sizes_are_one_note():
    b = Builder()
    x = b.input("x", [5])
    made = [b.op("NonZero", x, name=f"n{i}") for i in range(5)]
    network, _ = outputs(b.model(b.op("Concat", *made, axis=1)))
    assert network.notes == (
        "counted at the most they can make: 5 NonZero (up to 5): --dim 'n0.count=N' for fewer",
    )
