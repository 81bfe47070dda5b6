"""Zeros that onnxruntime's runs show, against numpy's own arithmetic on small networks."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from dfsrt.base.errors import DfsrtError, InputError, NetworkError
from dfsrt.capture import Inputs, counts, measure_zeros
from dfsrt.network import load_network
from dfsrt.power.zeros_file import Share
from tests.network.builders import Builder, runnable


def stored(b, array, name=None):
    """Add a constant with values; returns its name."""
    name = name or b.fresh("w")
    b.constants.append(numpy_helper.from_array(np.asarray(array), name))
    return name


def saved(model, folder, name="net.onnx"):
    path = folder / name
    onnx.save(runnable(model), path)
    return str(path)


def sparse(rng, shape, share):
    """Reals of which about ``share`` are zero."""
    return (rng.random(shape) >= share) * (rng.random(shape) + 0.1).astype(np.float32)


def two_layers(folder, first, second):
    """``Relu(x @ first) @ second`` as a file."""
    b = Builder()
    x = b.input("x", [2, len(first)])
    y = b.op("MatMul", x, stored(b, first), name="one")
    y = b.op("Relu", y, name="act")
    return saved(b.model(b.op("MatMul", y, stored(b, second), name="two")), folder)


def given_folder(folder, *arrays):
    inputs = folder / "inputs"
    inputs.mkdir()
    for number, array in enumerate(arrays):
        np.save(inputs / f"{number}.npy", array)
    return Inputs(inputs)


def test_a_network_worked_by_hand(tmp_path):
    """x has one zero of four, x @ w = [[1, -1], [2, -6]], so that half of Relu's outputs are 0."""
    x = np.array([[1, 0], [2, 4]], np.float32)
    first, second = np.array([[1, -1], [0, -1]], np.float32), np.array([[0], [3]], np.float32)
    found = measure_zeros(two_layers(tmp_path, first, second), given_folder(tmp_path, x))
    assert found.shares["one"] == Share(0.25, 0.25)
    assert found.shares["two"] == Share(0.5, 0.5)
    assert found.samples == 1


@given(seed=st.integers(0, 999), share=st.floats(0, 0.9), samples=st.integers(1, 3))
def test_shares_are_those_that_numpy_counts(tmp_path_factory, seed, share, samples):
    folder, rng = tmp_path_factory.mktemp("zeros"), np.random.default_rng(seed)
    first = sparse(rng, (6, 8), share) - np.float32(0.3) * sparse(rng, (6, 8), share)
    second = sparse(rng, (8, 3), share)
    xs = [sparse(rng, (2, 6), share) for _ in range(samples)]
    path = two_layers(folder, first.astype(np.float32), second)
    found = measure_zeros(path, given_folder(folder, *xs)).shares
    hidden = [np.maximum(x @ first.astype(np.float32), 0) for x in xs]

    def zero(*arrays):
        return np.mean(np.stack(arrays) == 0)

    assert found["one"].zero_inputs == pytest.approx(zero(*xs), abs=1e-12)
    assert found["one"].zero_weights == pytest.approx(zero(first), abs=1e-12)
    assert found["two"].zero_inputs == pytest.approx(zero(*hidden), abs=1e-12)
    assert found["two"].zero_weights == pytest.approx(zero(second), abs=1e-12)


def conv_net(folder, opset=17):
    """Conv, Relu, max pool and Conv, its activation fused into the first."""
    rng = np.random.default_rng(5)
    b = Builder(opset=opset)
    x = b.input("x", ["batch", 3, 8, 8])
    w = rng.standard_normal((4, 3, 3, 3)).astype(np.float32)
    y = b.op("Conv", x, stored(b, w), name="first", pads=[1, 1, 1, 1])
    y = b.op("Relu", y, name="act")
    y = b.op("MaxPool", y, name="pool", kernel_shape=[2, 2], strides=[2, 2])
    v = sparse(rng, (5, 4, 1, 1), 0.5)
    return saved(b.model(b.op("Conv", y, stored(b, v), name="second")), folder), w, v


@pytest.mark.parametrize("fuse", [True, False])
def test_the_layers_are_those_that_the_network_runs_fused_or_not(tmp_path, fuse):
    path, w, v = conv_net(tmp_path)
    image = np.random.default_rng(8).standard_normal((3, 8, 8)).astype(np.float32)
    found = measure_zeros(path, given_folder(tmp_path, image), dims={"batch": 1}, fuse=fuse)
    layers = load_network(path, dims={"batch": 1}, fuse=fuse).layers
    assert list(found.shares) == [layer.name for layer in layers]
    assert found.shares["first"] == Share(0.0, 0.0)
    assert found.shares["second"].zero_weights == np.mean(v == 0)
    # The first convolution, its activation and the pool by plain loops.
    around = np.pad(image, ((0, 0), (1, 1), (1, 1)))
    tap = np.array(
        [[(w * around[:, i : i + 3, j : j + 3]).sum((1, 2, 3)) for j in range(8)] for i in range(8)]
    )
    pooled = np.maximum(tap, 0).reshape(4, 2, 4, 2, 4).max((1, 3))
    assert found.shares["pool"] == Share(np.mean(tap <= 0), None)
    assert found.shares["second"].zero_inputs == np.mean(pooled == 0) > 0


def test_a_few_tensors_at_a_time_give_the_same_shares(tmp_path, monkeypatch):
    path, _, _ = conv_net(tmp_path)
    whole = measure_zeros(path, dims={"batch": 1})
    monkeypatch.setattr(counts, "HELD", 1)
    assert measure_zeros(path, dims={"batch": 1}).shares == whole.shares


def test_random_inputs_are_the_seeds(tmp_path):
    path, _, _ = conv_net(tmp_path)
    one, again, other = (
        measure_zeros(path, Inputs(samples=2, seed=seed), dims={"batch": 1}) for seed in (1, 1, 2)
    )
    assert one.shares == again.shares != other.shares
    assert one.samples == 2
    assert one.what.startswith("random inputs, uniform from 0 to 1 (seed 1), which no network")


def test_batches_lone_samples_and_archives_are_the_same_samples(tmp_path):
    path, _, _ = conv_net(tmp_path)
    images = np.random.default_rng(3).standard_normal((4, 3, 8, 8))
    forms = {
        "stacked": [("all.npy", images)],
        "alone": [(f"{i}.npy", image) for i, image in enumerate(images)],
        "float32": [(f"{i}.npy", image[None].astype(np.float32)) for i, image in enumerate(images)],
        "named": [(f"{i}.npz", image) for i, image in enumerate(images)],
    }
    found = {}
    for form, files in forms.items():
        folder = tmp_path / form
        folder.mkdir()
        for name, array in files:
            file = folder / name
            np.savez(file, x=array) if file.suffix == ".npz" else np.save(file, array)
        found[form] = measure_zeros(path, Inputs(folder), dims={"batch": 1})
    assert {zeros.samples for zeros in found.values()} == {4}
    assert len({str(zeros.shares) for zeros in found.values()}) == 1


def test_of_a_product_of_two_activations_the_second_are_the_weights(tmp_path):
    b = Builder()
    x, y = b.input("x", [2, 3]), b.input("y", [3, 2])
    path = saved(b.model(b.op("MatMul", x, y, name="both")), tmp_path)
    folder = tmp_path / "in"
    folder.mkdir()
    np.savez(folder / "a.npz", x=np.array([[0, 0, 1], [1, 1, 1.0]]), y=np.eye(3)[:, :2])
    assert measure_zeros(path, Inputs(folder)).shares["both"] == Share(2 / 6, 4 / 6)


def test_a_constant_first_operand_is_the_weights(tmp_path):
    b = Builder()
    x = b.input("x", [3, 2])
    w = stored(b, np.array([[0, 0, 1]], np.float32))
    path = saved(b.model(b.op("MatMul", w, x, name="turned")), tmp_path)
    found = measure_zeros(path, given_folder(tmp_path, np.eye(3)[:, :2]))
    assert found.shares["turned"] == Share(4 / 6, 2 / 3)


@pytest.mark.parametrize("by", ["Transpose", "Constant", "Cast"])
def test_weights_that_nodes_work_out_are_looked_at_too(tmp_path, by):
    b = Builder()
    x = b.input("x", [1, 3])
    values = np.array([[0, 1], [0, 2], [3, 4]], np.float32)
    if by == "Transpose":
        w = b.op("Transpose", stored(b, values.T), perm=[1, 0])
    elif by == "Cast":
        w = b.op("Cast", stored(b, values.astype(np.int32)), to=TensorProto.FLOAT)
    else:
        w = b.op("Constant", value=numpy_helper.from_array(values))
    path = saved(b.model(b.op("MatMul", x, w, name="product")), tmp_path)
    assert measure_zeros(path, Inputs(samples=1)).shares["product"].zero_weights == 2 / 6


def test_zero_is_the_zero_point_where_numbers_are_quantized(tmp_path):
    b = Builder()
    x = b.input("x", [1, 4])
    scale, point = stored(b, np.float32(0.5)), stored(b, np.uint8(10))
    a = b.op("QuantizeLinear", x, scale, point)
    weights = stored(b, np.array([[7, 8], [7, 7], [9, 7], [0, 7]], np.uint8))
    own = stored(b, np.uint8(7))
    y = b.op("QLinearMatMul", a, scale, point, weights, scale, own, scale, point, name="q")
    path = saved(b.model(b.op("DequantizeLinear", y, scale, point)), tmp_path)
    # -5 is quantized to 0, which is no zero here; 0 and 0.1 are.
    found = measure_zeros(path, given_folder(tmp_path, np.array([[-5, 0, 0.1, 3]], np.float32)))
    assert found.shares["q"] == Share(0.5, 5 / 8)


def test_a_zero_point_for_each_channel_is_that_channels(tmp_path):
    b = Builder()
    x = b.input("x", [1, 1, 2, 2], TensorProto.UINT8)
    one, none = stored(b, np.float32(1)), stored(b, np.uint8(0))
    w = stored(b, np.array([3, 4, 5], np.int8).reshape(3, 1, 1, 1))
    points, scales = stored(b, np.array([3, 0, 5], np.int8)), stored(b, np.ones(3, np.float32))
    y = b.op("QLinearConv", x, one, none, w, scales, points, one, none, name="q")
    path = saved(b.model(b.op("DequantizeLinear", y, one, none)), tmp_path)
    x = np.array([[[[0, 1], [2, 0]]]], np.uint8)
    assert measure_zeros(path, given_folder(tmp_path, x)).shares["q"] == Share(0.5, 2 / 3)


def test_dequantized_operands_are_zero_where_their_values_are(tmp_path):
    b = Builder()
    x = b.input("x", [1, 2])
    scale, point = stored(b, np.float32(0.5)), stored(b, np.uint8(10))
    a = b.op("DequantizeLinear", b.op("QuantizeLinear", x, scale, point), scale, point)
    w = b.op("DequantizeLinear", stored(b, np.array([[10], [0]], np.uint8)), scale, point)
    path = saved(b.model(b.op("MatMul", a, w, name="product")), tmp_path)
    found = measure_zeros(path, given_folder(tmp_path, np.array([[0.1, 3]], np.float32)))
    assert found.shares["product"] == Share(0.5, 0.5)


def test_what_quantization_cuts_off_is_zero_to_the_next_layer(tmp_path):
    """As a ReLU that a tool left out: unsigned numbers from a zero point of 0 end there."""
    b = Builder()
    x = b.input("x", [1, 4])
    scale, point = stored(b, np.float32(0.5)), stored(b, np.uint8(0))
    y = b.op("MatMul", x, stored(b, np.eye(4, dtype=np.float32)), name="first")
    y = b.op("DequantizeLinear", b.op("QuantizeLinear", y, scale, point), scale, point)
    y = b.op("MatMul", y, stored(b, np.ones((4, 2), np.float32)), name="second")
    path = saved(b.model(y), tmp_path)
    found = measure_zeros(path, given_folder(tmp_path, np.array([[-5, -1, 2, 3]], np.float32)))
    assert found.shares["first"].zero_inputs == 0
    assert found.shares["second"].zero_inputs == 0.5


def test_weights_beside_the_file_are_read_there(tmp_path, monkeypatch):
    path, _, v = conv_net(tmp_path)
    model = onnx.load(path)
    inside = tmp_path / "inside"
    inside.mkdir()
    onnx.save(
        model, inside / "net.onnx", save_as_external_data=True, location="w.bin", size_threshold=0
    )
    monkeypatch.chdir(tmp_path)
    found = measure_zeros("inside/net.onnx", dims={"batch": 1})
    assert found.shares == measure_zeros(path, dims={"batch": 1}).shares
    assert found.shares["second"].zero_weights == np.mean(v == 0)


def test_weights_that_are_not_beside_the_file_are_refused(tmp_path):
    path, _, _ = conv_net(tmp_path)
    onnx.save(onnx.load(path), path, save_as_external_data=True, location="w.bin", size_threshold=0)
    (tmp_path / "w.bin").unlink()
    with pytest.raises(NetworkError, match=r"the values of tensor 'w_.' cannot be read"):
        measure_zeros(path, dims={"batch": 1})


def test_a_models_own_functions_are_written_out_as_its_layers_are(tmp_path):
    w = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 2])
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2])
    body = [helper.make_node("MatMul", ["a", "b"], ["m"]), helper.make_node("Relu", ["m"], ["c"])]
    function = helper.make_function(
        "own", "Twice", ["a", "b"], ["c"], body, [helper.make_opsetid("", 17)]
    )
    graph = helper.make_graph(
        [
            helper.make_node("Twice", ["x", "w"], ["h"], domain="own", name="one"),
            helper.make_node("Twice", ["h", "w"], ["y"], domain="own", name="two"),
        ],
        "g", [x], [w], [numpy_helper.from_array(np.array([[1, -1], [0, 1]], np.float32), "w")],
    )  # fmt: skip
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    model = helper.make_model(graph, opset_imports=opsets, functions=[function], ir_version=8)
    onnx.save(model, tmp_path / "net.onnx")
    path = str(tmp_path / "net.onnx")
    found = measure_zeros(path, given_folder(tmp_path, np.array([[2.0, 1.0]])))
    assert list(found.shares) == [layer.name for layer in load_network(path).layers]
    # [2, 1] @ w = [2, -1]: one of the two inputs of the second product is zero.
    assert list(found.shares.values()) == [Share(0.0, 0.25), Share(0.5, 0.25)]


@pytest.mark.parametrize("name", ["squeezenet", "sd2-scheduler", "sd2-unet:image=64"])
def test_a_network_whose_weights_are_shapes_is_refused(name):
    if name == "sd2-scheduler":
        assert measure_zeros(name).shares  # no weights at all
        return
    with pytest.raises(NetworkError, match="have shapes and no values, so their zeros mean"):
        measure_zeros(name)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "has no .npy or .npz file; save inputs"),
        ({"notes.txt": b"x"}, "has no .npy or .npz file; save inputs"),
        ({"a.npy": b"no numpy"}, "cannot read '.*a.npy'"),
        ({"a.npz": b"PK no archive"}, "cannot read '.*a.npz'|is no numpy archive"),
        ({"a.npy": np.array(["text"])}, "input 'x' is of <U4, and the model takes float32"),
        ({"a.npy": np.array([{}], dtype=object)}, "cannot read '.*a.npy'"),
        ({"a.npy": np.zeros((1, 3, 8, 7))}, r"shape \[1, 3, 8, 7\], and the model takes \[1, 3, 8"),
        ({"a.npy": np.zeros((0, 3, 8, 8))}, r"has the shape \[0, 3, 8, 8\]"),
        ({"a.npy": np.full((1, 3, 8, 8), np.nan)}, "has values that are not finite as float32"),
        ({"a.npy": np.full((1, 3, 8, 8), 1e300)}, "has values that are not finite as float32"),
        ({"a.npz": {"y": np.zeros(3)}}, "has y, and the model's inputs are x; save all of them"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(tmp_path, files, says):
    path, _, _ = conv_net(tmp_path)
    folder = tmp_path / "inputs"
    folder.mkdir()
    for name, value in files.items():
        if isinstance(value, bytes):
            (folder / name).write_bytes(value)
        elif isinstance(value, dict):
            np.savez(folder / name, **value)
        else:
            np.save(folder / name, value)
    with pytest.raises(DfsrtError, match=says) as refused:
        measure_zeros(path, Inputs(folder), dims={"batch": 1})
    assert str(refused.value).count("\n") == 0


def test_whole_numbers_take_no_reals(tmp_path):
    b = Builder()
    x = b.input("x", [1], TensorProto.INT64)
    y = b.op("Gather", b.weight(3, 2), x)
    path = saved(b.model(b.op("MatMul", y, b.weight(2, 2))), tmp_path)
    with pytest.raises(InputError, match="input 'x' is of float64, and the model takes int64"):
        measure_zeros(path, given_folder(tmp_path, np.zeros(1)))


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        (Inputs(samples=0), "samples 0 is out of range; allowed is 1 to"),
        (Inputs(seed=-1), "seed -1 is out of range; allowed is 0 to"),
    ],
)
def test_numbers_out_of_range_are_refused(tmp_path, inputs, says):
    path, _, _ = conv_net(tmp_path)
    with pytest.raises(InputError, match=says):
        measure_zeros(path, inputs, dims={"batch": 1})
