"""Tensors without elements take nothing; more than can be counted is refused before the run."""

from __future__ import annotations

import re

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto

import dfsrt
from dfsrt.base.arrays import exact_total
from dfsrt.base.errors import DfsrtError, InputError, NetworkError
from dfsrt.network import Kind, from_onnx_model
from tests.network.builders import Builder


def decoder(past="past", heads=8, size=64) -> Builder:
    """Scores of 16 queries on a past and 64 keys."""
    b = Builder()
    old = b.input("past", [1, heads, past, size])
    keys = b.op("Concat", old, b.input("k", [1, heads, 64, size]), axis=2)
    turned = b.op("Transpose", keys, perm=[0, 1, 3, 2])
    b.last = b.op("MatMul", b.input("q", [1, heads, 16, size]), turned)  # type: ignore[attr-defined]
    return b


@pytest.mark.parametrize("past", [0, 10])
def test_a_past_that_has_not_begun_moves_no_bytes(past):
    b = decoder()
    network = from_onnx_model(b.model(b.last), "t", dims={"past": past}, fuse=False)
    assert network.macs == 8 * 16 * 64 * (64 + past)
    join = network.layers[0]
    assert (join.kind is Kind.VIEW) == (past == 0)
    assert join.moved_bytes == (0 if past == 0 else 2 * 4 * 8 * 64 * (64 + past))


def test_the_network_of_an_empty_past_is_that_without_one():
    with_past = decoder()
    b = Builder()
    turned = b.op("Transpose", b.input("k", [1, 8, 64, 64]), perm=[0, 1, 3, 2])
    without = b.op("MatMul", b.input("q", [1, 8, 16, 64]), turned)
    one, other = (
        from_onnx_model(model, "t", dims=dims).layers
        for model, dims in ((with_past.model(with_past.last), {"past": 0}), (b.model(without), {}))
    )
    assert [(a.macs, a.input_bytes, a.output_bytes) for a in one if a.kind is not Kind.VIEW] == [
        (a.macs, a.input_bytes, a.output_bytes) for a in other if a.kind is not Kind.VIEW
    ]


@given(st.lists(st.integers(0, 2), min_size=3, max_size=3))
def test_products_over_nothing_and_of_nothing_take_no_work(sizes):
    m, k, n = sizes
    b = Builder()
    y = b.op("MatMul", b.input("x", [m, k]), b.input("w", [k, n]))
    model = b.model(b.op("Concat", y, b.input("z", [1, n]), axis=0), b.op("Neg", b.input("u", [3])))
    network = from_onnx_model(model, "t")
    assert network.macs == m * k * n
    assert all(gemm.macs for layer in network.layers for gemm in layer.gemms)


def test_a_network_on_nothing_at_all_is_refused():
    b = Builder()
    model = b.model(b.op("Relu", b.input("x", [2, "n"])))
    with pytest.raises(NetworkError, match=r"'x' has size 0 on axis 1, so there is nothing to run"):
        from_onnx_model(model, "t", dims={"n": 0})


def product(m: int, k: int, n: int):
    """A product with weights of which the file has the shape alone."""
    b = Builder()
    b.constants.append(TensorProto(name="w", dims=[k, n], data_type=TensorProto.FLOAT))
    return b.model(b.op("MatMul", b.input("x", [m, k]), "w"))


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((1 << 31, 1 << 20, 1 << 20), r"'/MatMul_2' takes longer than the simulator can count"),
        ((1 << 61, 2, 2), "has 4.61e\\+18 elements, more than can be counted"),
    ],
)
def test_more_than_can_be_counted_is_refused_when_it_is_read(sizes, message):
    with pytest.raises(NetworkError, match=message):
        from_onnx_model(product(*sizes), "t")


def test_a_layer_of_too_many_years_is_refused_before_the_run(tmp_path):
    path, device = tmp_path / "slow.onnx", tmp_path / "slow.toml"
    onnx.save(product(1 << 47, 1, 1), path)
    device.write_text(
        'format = 1\nbase = "rk3588-npu"\nname = "slow"\ndescription = "a trickle"\n'
        "[memory]\nbandwidth_bytes_per_s = 1e4\n"
        'source.bandwidth_bytes_per_s = "assumed: a test"\n'
    )
    with pytest.raises(DfsrtError, match=r"takes longer than the simulator can count \("):
        dfsrt.run(str(path), device=str(device), frames=1)


def test_frames_that_end_too_late_are_refused_and_the_number_that_is_allowed_runs(tmp_path):
    path = tmp_path / "slow.onnx"
    onnx.save(product(1 << 50, 1, 1), path)
    with pytest.raises(DfsrtError, match="frames of up to") as caught:
        dfsrt.run(str(path), frames=100_000)
    allowed = int(str(caught.value).split(" run ")[1].split(" at most")[0].replace(",", ""))
    assert dfsrt.run(str(path), frames=allowed).report.frames == allowed


@pytest.mark.parametrize("op", ["Expand", "Reshape", "Tile", "ConstantOfShape", "Unsqueeze"])
def test_an_operand_with_a_size_for_billions_of_axes_is_refused_at_once(op):
    b = Builder()
    shape = b.input("shape", [1 << 32], TensorProto.INT64)
    operands = [shape] if op == "ConstantOfShape" else [b.input("x", [2]), shape]
    with pytest.raises(NetworkError, match="of which no tensor has so many"):
        from_onnx_model(b.model(b.op(op, *operands)), "t")


def test_the_number_of_elements_of_a_large_tensor_is_exact():
    b = Builder()
    x = b.input("x", [1 << 20, 1 << 20, 1 << 10])
    size = b.op("Div", b.op("Size", x), b.const(1 << 48))
    y = b.op("Reshape", b.input("z", [4]), b.op("Unsqueeze", size, b.const([0])))
    assert from_onnx_model(b.model(y), "t").layers[0].outputs[0].shape == (4,)
    assert np.prod([1 << 20, 1 << 20, 1 << 10], dtype=np.int64) == 1 << 50


def test_what_shows_nothing_is_not_taken_for_its_readers_operand():
    b = Builder()
    empty = b.op("Conv", b.input("x", [1, 4, "n"]), b.weight(4, 4, 1))
    y = b.op("Conv", b.op("Relu", empty), b.weight(2, 4, 3), pads=[2, 2])
    network = from_onnx_model(b.model(y), "t", dims={"n": 0})
    assert network.layers[-1].outputs[0].shape == (1, 2, 2)
    assert network.layers[-1].op == "Conv"


@pytest.mark.parametrize("op", ["Conv", "MaxPool"])
def test_a_window_that_is_larger_than_its_operand_asks_for_larger_sizes(op):
    b = Builder()
    weights = [b.weight(4, 3, 5)] if op == "Conv" else []
    y = b.op(op, b.input("x", [1, 3, "n"]), *weights, kernel_shape=[5])
    model = b.model(b.op("Relu", y), b.op("Neg", "x"))
    fits = "a window of 5 does not fit into axis 2 of 'x', which is 3 .* --dim n=. in place of"
    with pytest.raises(NetworkError, match=fits):
        from_onnx_model(model, "t", dims={"n": 3})
    if op == "Conv":
        return  # which onnxruntime refuses already where it would make nothing
    (note,) = from_onnx_model(model, "t", dims={"n": 4}).notes
    assert note.endswith("of shape [1, 3, 4]: give larger --dim sizes")


def test_a_trace_that_comes_oftener_than_there_is_time_is_refused_but_not_one_that_ends_before():
    with pytest.raises(InputError, match="times a trace of up to 120 s take longer") as caught:
        dfsrt.run("voice-assistant", repeat=10**12)
    most = int(re.search(r"run ([\d,]+) at most", str(caught.value))[1].replace(",", ""))
    assert 120 * most < 2**61 * 1e-9
    assert dfsrt.run("voice-assistant", repeat=10**12, until="1 s").report.frames == 10


def test_sums_of_many_runs_hold_beyond_64_bits():
    counts, each = np.array([2**40, 3]), np.array([2**40, 5])
    assert exact_total(counts, each) == 2**80 + 15
