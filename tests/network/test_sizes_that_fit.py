"""Open sizes: unnamed ones are asked for by axis, contradictions say what would fit."""

from __future__ import annotations

import math
import re

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto

from dfsrt.base.errors import NetworkError
from dfsrt.network import from_onnx_model, load_network
from dfsrt.network.check.sizes import open_sizes_of
from dfsrt.network.load import open_sizes
from dfsrt.network.mismatch import Fit, MismatchError
from dfsrt.report.network_check import check_network
from tests.network.builders import Builder, runnable


def refused(model: onnx.ModelProto, **dims: int) -> NetworkError:
    with pytest.raises(NetworkError) as error:
        from_onnx_model(model, "t", dims=dims)
    assert "\n" not in str(error.value)
    return error.value


def pooled(*shape: str | int | None) -> onnx.ModelProto:
    b = Builder()
    return b.model(b.op("MaxPool", b.input("x", [*shape]), kernel_shape=[2, 2]))


@pytest.mark.parametrize("unknown", ["?", "-1", "None", "unk__7", "unknown", "*", ""])
def test_what_exporters_write_for_an_unknown_size_is_no_name(unknown):
    model = pooled(1, 3, unknown, unknown)
    assert "without a size: x.2, x.3; set each one, for example --dim x.2=1 --dim x.3=1" in str(
        refused(model)
    )
    network = from_onnx_model(model, "t", dims={"x.2": 6, "x.3": 9}, fuse=False)
    assert network.layers[0].outputs[0].shape == (1, 3, 5, 8)
    assert [s.name for s in open_sizes_of(model.graph.input)] == ["x.2", "x.3"]


def test_a_name_that_says_something_stays_one_size_at_every_place():
    model = pooled(1, 3, "side", "side")
    assert "without a size: side; set each one, for example --dim side=1" in str(refused(model))
    network = from_onnx_model(model, "t", dims={"side": 6}, fuse=False)
    assert network.layers[0].outputs[0].shape == (1, 3, 5, 5)


def test_a_mark_for_the_unknown_is_refused_as_a_name_and_a_number_of_it_still_taken(tmp_path):
    assert "use one of x.2, x.3" in str(refused(pooled(1, 3, "?", "?"), **{"?": 4}))
    model = pooled(1, 3, "unk__7", 5)
    assert from_onnx_model(model, "t", dims={"unk__7": 4}).layers[0].outputs[0].shape[2] == 3
    onnx.save(pooled(1, 3, "?", "unk__7"), tmp_path / "m.onnx")
    assert open_sizes(tmp_path / "m.onnx") == {"unk__7", *(f"x.{axis}" for axis in range(4))}


def one(op: str, shape: list, *weights: tuple[int, ...], **attributes) -> onnx.ModelProto:
    b = Builder()
    x = b.input("x", shape)
    return b.model(b.op(op, x, *(b.weight(*w) for w in weights), **attributes))


FROM_WEIGHTS = [
    (one("MatMul", [1, "c"], (4, 3)), 4),
    (one("Gemm", [1, "c"], (3, 4), transB=1), 4),
    (one("Conv", [1, "c", 9, 9], (4, 3, 3, 3), group=2), 6),
    (one("ConvTranspose", [1, "c", 9, 9], (5, 3, 3, 3)), 5),
    (one("BatchNormalization", [1, "c", 9], (7,), (7,), (7,), (7,)), 7),
    (one("LayerNormalization", [2, "c"], (7,)), 7),
    (one("InstanceNormalization", [1, "c", 9], (7,), (7,)), 7),
    (one("Add", [2, "c"], (7,)), 7),
    (one("LSTM", [5, 1, "c"], (1, 16, 10), (1, 16, 4), hidden_size=4), 10),
    (one("RNN", [5, 1, "c"], (1, 4, 10), (1, 4, 4), hidden_size=4), 10),
]


@pytest.mark.parametrize(
    ("model", "size"), FROM_WEIGHTS, ids=lambda p: getattr(p, "graph", p) and ""
)
def test_a_size_that_follows_from_weights_is_named_and_works(model, size):
    error = refused(model, c=64)
    assert isinstance(error, MismatchError)
    assert error.fit == Fit("c", size, 64)
    assert str(error).endswith(f"; give --dim c={size} in place of --dim c=64")
    assert from_onnx_model(model, "t", dims={"c": size}).layers


@settings(max_examples=30)
@given(st.data())
def test_the_size_named_through_windows_is_one_that_onnxruntime_runs(data):
    """A convolution, a pool, all flattened into a product: the size lies behind three steps."""
    draw = data.draw
    kernel, stride, pool = draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.integers(1, 2))
    side = draw(st.integers(kernel + pool * stride, 40))
    after = (side - kernel) // stride + 1
    rows = 2 * ((after - pool) // pool + 1)
    b = Builder()
    x = b.op("Conv", b.input("x", [1, 3, "side"]), b.weight(2, 3, kernel), strides=[stride])
    x = b.op("MaxPool", x, kernel_shape=[pool], strides=[pool])
    model = b.model(b.op("MatMul", b.op("Flatten", x), b.weight(rows, 5)))
    given_side = draw(st.sampled_from([64, 100, 224]))
    try:
        from_onnx_model(model, "t", dims={"side": given_side})
        return  # it happens to fit
    except MismatchError as error:
        fit = error.fit
    assert fit is not None
    runner = ort.InferenceSession(runnable(model).SerializeToString())
    (result,) = runner.run(None, {"x": np.zeros((1, 3, fit.size), np.float32)})
    assert result.shape == (1, 5)


def test_a_window_larger_than_its_input_says_both_and_asks_for_more():
    error = refused(one("Conv", [1, 3, "h"], (4, 3, 5), pads=[1, 1]), h=2)
    assert str(error) == (
        "network 't': node '/Conv_3' (Conv): a window of 5 does not fit into axis 2 of 'x', which "
        "is 2, 4 with its padding and must be larger; give --dim h=4 in place of --dim h=2"
    )
    fixed = refused(one("Conv", [1, 3, 2], (4, 3, 5)))
    assert str(fixed).endswith("must be larger; export the file again")


def test_a_file_of_fixed_sizes_that_contradict_is_to_be_exported_again():
    assert str(refused(one("MatMul", [1, 3], (4, 3)))).endswith("; export the file again")


def test_elements_that_a_reshape_loses_are_no_network():
    b = Builder()
    model = b.model(b.op("Reshape", b.input("x", ["n", 6]), b.const([2, 3, 4])))
    error = refused(model, n=5)
    assert "30 elements of 'x' [5, 6] do not fill [2, 3, 4]; give --dim n=4" in str(error)
    assert from_onnx_model(model, "t", dims={"n": 4}, fuse=False).layers


def test_two_inputs_that_must_agree_are_set_alike():
    b = Builder()
    model = b.model(b.op("Concat", b.input("x", ["a", 3]), b.input("y", ["b", 5]), axis=1))
    assert refused(model, a=2, b=7).fit in (Fit("a", 7, 2), Fit("b", 2, 7))


def test_a_check_proposes_the_sizes_that_weights_say(tmp_path):
    b = Builder()
    x = b.op("Squeeze", b.op("Conv", b.input("x", ["?", 3, "?", "?"]), b.weight(6, 3, 32, 3)),
             b.const([2]))  # fmt: skip
    file = tmp_path / "m.onnx"
    onnx.save(b.model(b.op("Add", x, b.weight(6, 77))), file)
    command = check_network(str(file)).next
    dims = {n: int(s) for n, s in re.findall(r"--dim (\S+)=(\d+)", command)}
    assert dims == {"x.0": 1, "x.2": 32, "x.3": 79}
    assert load_network(str(file), dims=dims).macs == 6 * 77 * 3 * 32 * 3


def test_a_check_leaves_alone_what_was_given(tmp_path):
    file = tmp_path / "m.onnx"
    onnx.save(one("MatMul", [1, "c"], (4, 3)), file)
    check = check_network(str(file), dims={"c": 9})
    assert check.macs is None
    assert check.problems[0].endswith("give --dim c=4 in place of --dim c=9")


@pytest.mark.parametrize("size", [-1, -64, True])
def test_a_size_that_is_none_stays_refused(size):
    assert "give a whole number" in str(refused(pooled(1, 3, "h", 5), h=size))


def test_mutated_sizes_are_read_or_refused_in_one_line():
    rng = np.random.default_rng(17)
    read = 0
    for _ in range(300):
        k, n, h, stride = (int(v) for v in rng.integers(1, 6, 4))
        b = Builder()
        x = b.op("Conv", b.input("x", [1, "c", "h"]), b.weight(n, 3, k), strides=[stride])
        y = b.op("Reshape", x, b.const([1, int(rng.integers(1, 20))]))
        model = b.model(b.op("Add", y, b.weight(int(rng.integers(1, 9)))))
        dims = {"c": int(rng.integers(2, 4)), "h": h}
        try:
            network = from_onnx_model(model, "t", dims=dims, fuse=False)
        except NetworkError as error:
            assert "\n" not in str(error)
            continue
        read += 1
        assert all(math.prod(t.shape) for layer in network.layers for t in layer.outputs)
    assert 0 < read < 150


def test_types_that_onnxruntime_takes_beside_data_are_not_broadcast():
    b = Builder()
    x = b.input("x", [2, 3])
    scale = b.const([0.5, 1.0], np.float32)
    q = b.op("QuantizeLinear", x, scale, b.const([0, 0], np.uint8), axis=0)
    y = b.op("CastLike", b.op("DequantizeLinear", q, scale, b.const([0, 0], np.uint8), axis=0),
             b.input("like", [5, 7], TensorProto.FLOAT16))  # fmt: skip
    assert from_onnx_model(b.model(y), "t", fuse=False).layers
