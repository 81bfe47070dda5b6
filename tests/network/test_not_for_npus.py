"""What no NPU runs is said in one line, and can always be left out, with a note of what that is."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from dfsrt.base.errors import NetworkError
from dfsrt.network import from_onnx_model
from tests.network.builders import Builder
from tests.network.standard_cases import CASES


def trees() -> onnx.ModelProto:
    """Scores of a product, handed to a tree ensemble, whose labels are text."""
    b = Builder()
    x = b.op("MatMul", b.input("x", [2, 4]), b.weight(4, 3))
    label, score = b.op("TreeEnsembleClassifier", x, n=2, name="trees", domain="ai.onnx.ml",
                        classlabels_strings=["cat", "dog"])  # fmt: skip
    named = b.op("ZipMap", score, domain="ai.onnx.ml", classlabels_strings=["cat", "dog"])
    return b.model(label, named, imports={"ai.onnx.ml": 1})


def texts(n="n") -> onnx.ModelProto:
    """Text made lower case and looked up, before an embedding."""
    b = Builder()
    words = b.op(
        "StringNormalizer", b.input("words", [n], TensorProto.STRING), case_change_action="LOWER"
    )
    ids = b.op("LabelEncoder", words, domain="ai.onnx.ml", keys_strings=["a"], values_int64s=[1])
    return b.model(b.op("Gather", b.weight(100, 8), ids), imports={"ai.onnx.ml": 2})


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (trees, r"'TreeEnsembleClassifier' of domain 'ai.onnx.ml' \(node 'trees'\) is a tree ens"),
        (lambda: texts(3), "tensor 'words' has element type string, which an NPU does not compute"),
    ],
)
def test_what_no_npu_runs_is_said_in_one_line_with_what_to_do(build, says):
    with pytest.raises(NetworkError, match=says) as caught:
        from_onnx_model(build(), "t")
    assert "--unknown-ops memory" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_trees_are_left_out_and_the_rest_is_counted():
    network = from_onnx_model(trees(), "t", unknown_ops="memory")
    assert network.macs == 2 * 4 * 3
    assert network.unknown_ops == (("TreeEnsembleClassifier", 1), ("ZipMap", 1))
    # 24 bytes of scores go to the trees; labels and names have no shape that anybody knows.
    assert [layer.input_bytes for layer in network.layers if layer.op != "MatMul"] == [24]
    assert any(
        note.startswith("1 of 3 nodes (33.3%: 1 ZipMap) has no shape") for note in network.notes
    )


def test_elements_of_text_have_no_size_and_are_counted_as_left_out():
    network = from_onnx_model(texts(), "t", dims={"n": 5}, unknown_ops="memory")
    assert network.layers[0].moved_bytes == 0
    assert network.layers[-1].outputs[0].shape == (5, 8)
    assert any(note.startswith("10 elements of text in 2 tensors") for note in network.notes)
    assert dict(network.unknown_ops) == {"LabelEncoder": 1, "StringNormalizer": 1}


@pytest.mark.parametrize("constant", [True, False])
def test_constants_of_text_are_no_obstacle(constant):
    b = Builder(opset=19)
    words = b.input("words", [3], TensorProto.STRING)
    array = np.array(["stop"], object)
    if constant:
        b.nodes.append(helper.make_node("Constant", [], ["stop"], value_strings=[b"stop"]))
    else:
        b.constants.append(numpy_helper.from_array(array, "stop"))
    model = b.model(b.op("Cast", b.op("Equal", words, "stop"), to=TensorProto.FLOAT))
    network = from_onnx_model(model, "t", unknown_ops="memory")
    assert network.layers[-1].outputs[0].shape == (3,)
    assert network.unknown_ops == (("Equal", 1),)


def mutated(model: onnx.ModelProto, rng: np.random.Generator) -> onnx.ModelProto:
    """Return a copy with one thing changed: a size, an attribute, an operand, the operator set."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    node = copy.graph.node[rng.integers(len(copy.graph.node))]
    what = rng.integers(5)
    if what == 0 and copy.graph.input:
        shape = copy.graph.input[rng.integers(len(copy.graph.input))].type.tensor_type.shape
        if shape.dim:
            shape.dim[rng.integers(len(shape.dim))].dim_value = int(rng.choice([0, 1, 7, 1 << 40]))
    elif what == 1 and node.attribute:
        attribute = node.attribute[rng.integers(len(node.attribute))]
        attribute.i = int(rng.choice([-9, -1, 0, 5, 1 << 40]))
        attribute.ints[:] = rng.integers(-3, 9, len(attribute.ints))
    elif what == 2 and node.input:
        node.input[rng.integers(len(node.input))] = str(rng.choice(["", *node.input]))
    elif what == 3 and copy.graph.initializer:
        tensor = copy.graph.initializer[rng.integers(len(copy.graph.initializer))]
        if tensor.data_type == TensorProto.INT64:
            values = numpy_helper.to_array(tensor)
            changed = values + rng.integers(-2, 9, values.shape)
            tensor.CopyFrom(numpy_helper.from_array(np.asarray(changed, np.int64), tensor.name))
    else:
        copy.opset_import[0].version = int(rng.integers(7, 27))
    return copy


def test_hundreds_of_damaged_graphs_are_read_or_refused_in_one_line():
    rng = np.random.default_rng(17)
    models = [case.model(case.last) for case in CASES]
    refused = 0
    for index in range(400):
        model = mutated(models[index % len(models)], rng)
        try:
            from_onnx_model(model, "t", unknown_ops="memory" if index % 3 == 0 else "error")
        except NetworkError as error:
            refused += 1
            assert "\n" not in str(error)
    assert 100 < refused < 350
