"""Models with values: read whole, in one form, or refused."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from dfsrt.base.errors import NetworkError
from dfsrt.network import from_onnx_model, load_network
from dfsrt.optimize.source import model_with_values

WEIGHT = np.arange(600, dtype="f4").reshape(2, 300)


def saved(path, *, constant=False, ir_version=8, **outside):
    """Save y = x w, w in a node or a file beside, and an input in old files."""
    tensor = numpy_helper.from_array(WEIGHT, "w")
    nodes = [helper.make_node("Constant", [], ["w"], value=tensor)] if constant else []
    nodes += [helper.make_node("MatMul", ["x", "w"], ["y"]), helper.make_node("Relu", ["y"], ["z"])]
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 2])]
    if ir_version < 4:
        inputs.append(helper.make_tensor_value_info("w", TensorProto.FLOAT, [2, 300]))
    graph = helper.make_graph(
        nodes,
        "g",
        inputs,
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, ["batch", 300])],
        [] if constant else [tensor],
    )
    opset = [helper.make_opsetid("", 13)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=ir_version), path, **outside)


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"constant": True},
        {"ir_version": 3},
        {"save_as_external_data": True, "location": "w.bin", "size_threshold": 0},
    ],
    ids=["stored", "constant node", "old", "beside"],
)
def test_weights_are_initializers_in_memory_however_the_file_has_them(tmp_path, how):
    saved(tmp_path / "a.onnx", **how)
    given = model_with_values(tmp_path / "a.onnx", {"batch": 3})
    (weight,) = given.graph.initializer
    assert np.array_equal(numpy_helper.to_array(weight), WEIGHT)
    (only,) = given.graph.input
    assert [d.dim_value for d in only.type.tensor_type.shape.dim] == [3, 2]
    onnx.checker.check_model(given, full_check=True)
    names = [layer.name for layer in load_network(tmp_path / "a.onnx", dims={"batch": 3}).layers]
    assert [layer.name for layer in from_onnx_model(given, "a").layers] == names


def test_a_size_that_is_open_is_asked_for(tmp_path):
    saved(tmp_path / "a.onnx")
    with pytest.raises(NetworkError, match="batch; set each one, for example --dim batch=1"):
        model_with_values(tmp_path / "a.onnx")


def test_weights_in_a_file_that_is_gone_are_named(tmp_path):
    saved(tmp_path / "a.onnx", save_as_external_data=True, location="w.bin", size_threshold=0)
    (tmp_path / "w.bin").unlink()
    with pytest.raises(NetworkError, match=r"weights of .* cannot be read .*beside it"):
        model_with_values(tmp_path / "a.onnx", {"batch": 1})


@pytest.mark.parametrize("name", ["squeezenet", "resnet18"])
def test_networks_of_sizes_alone_are_refused_in_one_line(name):
    with pytest.raises(NetworkError, match=f"weights of '{name}'.* give an .onnx file") as error:
        model_with_values(name)
    assert "\n" not in str(error.value)


def test_weights_that_are_no_numbers_are_refused_before_any_step(tmp_path):
    saved(tmp_path / "a.onnx")
    model = onnx.load(tmp_path / "a.onnx")
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(WEIGHT * np.float32(np.nan), "w"))
    onnx.save(model, tmp_path / "a.onnx")
    with pytest.raises(NetworkError, match="weight 'w' of 'a' has 600 values that are not finite"):
        model_with_values(tmp_path / "a.onnx", {"batch": 3})
