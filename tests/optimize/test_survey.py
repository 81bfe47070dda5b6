"""What values allow, whoever made them: against loops, scipy's sparse matrices and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from scipy.sparse import csr_matrix

from dfsrt.base.errors import NetworkError
from dfsrt.network.load import from_onnx_model, load_network
from dfsrt.network.packing import Packing
from dfsrt.optimize import survey
from dfsrt.optimize.dense import with_dense
from dfsrt.optimize.zeros import blocks_of, fillers_of, groups_of
from tests.network.test_coding import literal_gaps
from tests.optimize.builders import applied, array, one_layer, random_weight


@given(st.lists(st.booleans(), min_size=4, max_size=300))
@settings(max_examples=50)
def test_fillers_are_those_of_a_coder_that_writes_every_gap(bits):
    fillers = [sum(not v for _, v in literal_gaps(list(map(int, bits)), w)) for w in range(1, 9)]
    assert list(fillers_of(np.array(bits)[None])) == fillers


def test_zeros_are_those_that_scipy_counts():
    weight = random_weight((20, 30))
    weight[np.abs(weight) < 0.7] = 0
    model = one_layer("Gemm", weight, transB=1)
    assert survey(model)["w"].zeros == pytest.approx(1 - csr_matrix(weight).nnz / 600)


@pytest.mark.parametrize(
    ("kept", "group"), [(2, 4), (1, 4), (3, 8), (1, 2), (4, 16), (2, 5), (5, 20)]
)
def test_a_pattern_is_found_as_it_was_made(kept, group):
    random = np.random.default_rng(0)
    rows = np.zeros((160, group), bool)
    for row in rows:
        row[random.permutation(group)[:kept]] = True
    assert groups_of(rows.reshape(8, -1), 16) == (kept, group)


def test_zeros_at_random_are_no_pattern_and_no_blocks():
    nonzero = np.random.default_rng(0).random((64, 64)) < 0.5
    assert groups_of(nonzero, 16) == (0, 0) and blocks_of(nonzero, 16) == (0, 0.0)


@pytest.mark.parametrize("block", [2, 4, 8, 11])
def test_blocks_are_found_as_they_were_made(block):
    used = np.random.default_rng(0).random((64 // block, 48)) < 0.4
    share = 1 - used.mean()
    assert blocks_of(np.repeat(used, block, axis=0), 8) == (block, pytest.approx(share))


def test_one_zero_in_a_dense_layer_is_neither():
    nonzero = np.ones((64, 64), bool)
    nonzero[3, 5] = False
    assert groups_of(nonzero, 8) == (0, 0) and blocks_of(nonzero, 8) == (0, 0.0)


def test_books_of_a_layer_and_of_each_output_are_told_apart():
    random = np.random.default_rng(0)
    shared = random.choice(random_weight(6), (16, 64))
    assert survey(one_layer("Gemm", shared, transB=1))["w"] == Packing(values=6)
    own = np.stack([random.choice(random_weight(6, seed), 64) for seed in range(90)])
    assert survey(one_layer("Gemm", own, transB=1))["w"] == Packing(values=6, codebooks=90)
    assert "w" not in survey(one_layer("Gemm", random_weight((90, 64)), transB=1))


def test_a_book_of_values_that_occur_once_is_none():
    weight = random_weight((8, 64))
    weight[random_weight((8, 64), 1) < 1] = 0
    assert survey(one_layer("Gemm", weight, transB=1))["w"].values == 0


def test_each_output_may_have_a_zero_point_of_its_own():
    weight = np.array([[5, 5, 1, 9], [-3, 2, -3, -3]], np.int8)
    stored = {"w": weight, "s": np.ones(2, np.float32), "z": np.array([5, -3], np.int8)}
    nodes = [helper.make_node("DequantizeLinear", ["w", "s", "z"], ["decoded"], axis=0)]
    packing = survey(one_layer("Gemm", stored, extra=nodes, transB=1))["w"]
    assert packing.zeros == 5 / 8 and packing.fillers[0] == 1


def integer_product(op, weight, zero):
    arrays = {"w": weight, "z": zero}
    x = helper.make_tensor_value_info("x", TensorProto.UINT8, (2, weight.shape[0]))
    nodes = [helper.make_node(op, ["x", "w", "", "z"], ["y"])]
    y = helper.make_tensor_value_info("y", TensorProto.INT32, None)
    stored = [numpy_helper.from_array(a, n) for n, a in arrays.items()]
    return helper.make_model(helper.make_graph(nodes, "g", [x], [y], stored))


def test_integer_products_and_recurrent_layers_are_looked_at():
    weight = np.array([[7, 1], [7, 7], [3, 7], [7, 7]], np.uint8)
    found = survey(integer_product("MatMulInteger", weight, np.uint8(7)))["w"]
    assert found.zeros == 0.75 and found.follows(2, 4)
    gates = np.where(random_weight((1, 32, 12)) > 0, random_weight((1, 32, 12), 1), 0)
    model = one_layer("Gemm", gates[0], transB=1)
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(gates, "w"))
    model.graph.initializer.append(numpy_helper.from_array(random_weight((1, 32, 8)), "r"))
    model.graph.node[0].CopyFrom(helper.make_node("LSTM", ["x", "w", "r"], ["y"], hidden_size=8))
    assert survey(model)["w"].zeros == pytest.approx((gates == 0).mean())


@pytest.mark.parametrize("points", [False, True])
def test_weights_that_share_bytes_are_unpacked(points):
    codes = np.random.default_rng(0).integers(0, 16, (6, 2, 16)).astype(np.uint8)
    zeros = np.array([[3, 9]] * 6, np.uint8) if points else np.full((6, 2), 8, np.uint8)
    codes[:, :, ::2] = zeros[..., None]
    stored = {"w": codes[..., ::2] | codes[..., 1::2] << 4, "s": np.ones((6, 2), np.float32)}
    inputs = ["x", "w", "s"]
    if points:
        stored["z"] = (zeros[:, 0] | zeros[:, 1] << 4)[:, None]
        inputs.append("z")
    said = {"K": 32, "N": 6, "bits": 4, "block_size": 16, "domain": "com.microsoft"}
    model = one_layer("MatMul", random_weight((32, 6)))
    model.graph.node[0].CopyFrom(helper.make_node("MatMulNBits", inputs, ["y"], **said))
    del model.graph.initializer[:]
    model.graph.initializer.extend(numpy_helper.from_array(a, n) for n, a in stored.items())
    packing = survey(model)["w"]
    assert packing.zeros == pytest.approx((codes == zeros[..., None]).mean())
    assert (packing.kept, packing.group) == (1, 2)


def sparse_model(dense, coordinates):
    places = np.flatnonzero(dense)
    values = numpy_helper.from_array(dense.reshape(-1)[places], "w")
    pairs = np.stack(np.unravel_index(places, dense.shape), axis=1)
    indices = numpy_helper.from_array(pairs if coordinates else places, "w_indices")
    model = one_layer("MatMul", dense)
    del model.graph.initializer[:]
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(values, indices, dense.shape))
    return model


@pytest.mark.parametrize("coordinates", [False, True])
def test_a_sparse_initializer_has_its_zeros_without_being_read_and_is_written_out_for_steps(
    coordinates, tmp_path
):
    dense = random_weight((8, 6))
    dense[np.abs(dense) < 0.6] = 0
    model, share = sparse_model(dense, coordinates), (dense == 0).mean()
    (tmp_path / "sparse.onnx").write_bytes(model.SerializeToString())
    (layer,) = load_network(tmp_path / "sparse.onnx").layers
    packing = layer.weights[0].packing
    assert packing.zeros == pytest.approx(share) and packing.fillers == ()
    assert np.array_equal(array(with_dense(model)), dense)
    smaller = applied(model, "prune:ratio=0.8")
    assert (array(smaller) == 0).mean() == pytest.approx(0.8, abs=0.02)
    (layer,) = from_onnx_model(smaller, "dense").layers
    assert len(layer.weights[0].packing.fillers) == 8


def test_matrices_of_constant_nodes_are_weights_for_steps():
    model = one_layer("MatMul", random_weight((8, 6)))
    stored = helper.make_node("Constant", [], ["w"], value=model.graph.initializer[0])
    model.graph.node.insert(0, stored)
    del model.graph.initializer[:]
    assert (array(applied(model, "prune")) == 0).mean() == 0.5
    assert with_dense(one_layer("MatMul", random_weight((8, 6)))).graph.node[0].op_type == "MatMul"


def test_a_sparse_tensor_that_does_not_fit_is_refused():
    model = sparse_model(random_weight((3, 4)), False)
    model.graph.sparse_initializer[0].indices.CopyFrom(
        numpy_helper.from_array(np.arange(5, 17), "w_indices")
    )
    with pytest.raises(NetworkError, match="values that lie outside its shape"):
        with_dense(model)
    model.graph.sparse_initializer[0].dims[:] = [10**6, 10**6]
    with pytest.raises(NetworkError, match="too large to be written out"):
        with_dense(model)
