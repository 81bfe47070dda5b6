"""Bad input ends in one clear line: what was given, what is allowed, what to do."""

from __future__ import annotations

import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from dfsrt.base.errors import NetworkError
from dfsrt.network import from_onnx_model, load_network
from dfsrt.network.file.reader import read_whole
from dfsrt.network.graph import Node
from dfsrt.network.zoo import locate
from tests.network.builders import Builder

SQUEEZENET = locate("squeezenet")[1].read_bytes()


def refusal(call) -> str:
    with pytest.raises(NetworkError) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message
    return message


def refused(model: onnx.ModelProto, **options) -> str:
    return refusal(lambda: from_onnx_model(model, "t", **options))


def relu_model(shape=(1, 3), **options) -> onnx.ModelProto:
    b = Builder(**options)
    return b.model(b.op("Relu", b.input("x", shape)))


def test_a_missing_file(tmp_path):
    assert "does not exist" in refusal(lambda: load_network(tmp_path / "none.onnx"))


def test_a_folder(tmp_path):
    assert "is a folder" in refusal(lambda: load_network(tmp_path))


def test_a_device_file():
    assert "not a regular file" in refusal(lambda: load_network("/dev/null"))


def test_a_path_with_a_zero_byte():
    refusal(lambda: load_network("a\0b.onnx"))


def test_an_empty_source():
    refusal(lambda: load_network(""))


def test_an_empty_file(tmp_path):
    path = tmp_path / "empty.onnx"
    path.touch()
    assert "is empty" in refusal(lambda: load_network(path))


@pytest.mark.parametrize("text", ["hello, this is no model", "{}", "\n\n", "[npu]\nname = 'x'\n"])
def test_a_text_file(tmp_path, text):
    path = tmp_path / "text.onnx"
    path.write_text(text)
    assert "ONNX" in refusal(lambda: load_network(path))


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file(tmp_path, share):
    path = tmp_path / "cut.onnx"
    path.write_bytes(SQUEEZENET[: int(len(SQUEEZENET) * share)])
    refusal(lambda: load_network(path))


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, len(SQUEEZENET) - 1), st.integers(0, 255)), max_size=4))
def test_flipped_bytes_are_read_or_refused_but_never_crash(flips):
    data = bytearray(SQUEEZENET)
    for position, value in flips:
        data[position] = value
    try:
        model = onnx.ModelProto.FromString(bytes(data))
    except Exception:
        return
    try:
        from_onnx_model(model, "t")
    except NetworkError as error:
        assert "\n" not in str(error)


def test_a_cycle():
    b = Builder()
    model = b.model(b.op("Add", b.input("x", [1]), "later"))
    model.graph.node.append(helper.make_node("Relu", [model.graph.output[0].name], ["later"]))
    assert "cycle" in refused(model)


def test_nodes_out_of_order_are_sorted():
    b = Builder()
    model = b.model(b.op("Relu", b.op("Sigmoid", b.input("x", [1]))))
    nodes = list(model.graph.node)[::-1]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    assert [a.op for a in from_onnx_model(model, "t", fuse=False).layers] == ["Sigmoid", "Relu"]


def test_a_tensor_made_twice():
    model = relu_model()
    model.graph.node.append(helper.make_node("Abs", ["x"], [model.graph.output[0].name]))
    assert "made twice" in refused(model)


def test_a_tensor_that_nothing_makes():
    b = Builder()
    assert "which nothing makes" in refused(b.model(b.op("Relu", "ghost")))


def test_an_output_that_nothing_makes():
    model = relu_model()
    model.graph.output.append(onnx.ValueInfoProto(name="ghost"))
    assert "'ghost'" in refused(model)


def test_the_message_names_the_network(tmp_path):
    path = tmp_path / "old.onnx"
    onnx.save(relu_model(opset=6), path)
    assert str(path) in refusal(lambda: load_network(path))
    assert "'t'" in refused(relu_model(opset=6))


def test_no_outputs():
    model = relu_model()
    del model.graph.output[:]
    assert "no outputs" in refused(model)


def test_nothing_to_run():
    b = Builder()
    b.input("x", [1])
    assert "nothing to run" in refused(b.model(b.weight(3)))


@pytest.mark.parametrize("opset", [1, 6, 99])
def test_an_operator_set_out_of_range(opset):
    model = relu_model()
    model.opset_import[0].version = opset
    assert f"operator set {opset}; 7 to" in refused(model)


def test_a_negative_dimension():
    assert "x.0" in refused(relu_model((-1, 3)))


def test_a_constant_with_a_negative_dimension():
    b = Builder()
    model = b.model(b.op("Add", b.input("x", [1]), b.weight(3)))
    model.graph.initializer[0].dims[0] = -3
    assert "negative shape" in refused(model)


def test_a_constant_that_holds_less_than_it_says():
    b = Builder()
    model = b.model(b.op("Add", b.input("x", [1]), b.weight(3)))
    model.graph.initializer[0].dims[0] = 4
    assert "holds other data" in refused(model)


def test_open_dimensions_show_how_to_set_them():
    message = refused(relu_model(("batch", "seq len", None)))
    assert "batch, seq len, x.2" in message
    assert "--dim batch=1 --dim 'seq len'=1 --dim x.2=1" in message


def test_a_dimension_that_the_network_does_not_have():
    message = refused(relu_model(("batch", 3)), dims={"batch": 1, "bach": 2})
    assert "'bach'" in message
    assert "batch" in message


def test_a_fixed_dimension_cannot_be_set():
    assert "all its inputs are fixed" in refused(relu_model(), dims={"x.0": 2})


@pytest.mark.parametrize("size", [-1, 1.5, "2", True, 2**61])
def test_a_dimension_that_is_no_whole_number_of_0_or_more(size):
    assert "whole number" in refused(relu_model(("batch", 3)), dims={"batch": size})


@pytest.mark.parametrize(
    "location",
    ["/etc/passwd", "../w.bin", "a/../../w.bin", "..\\w.bin", "C:\\w.bin", "\\\\host\\w.bin"],
)
def test_external_data_outside_the_models_folder(location):
    b = Builder()
    model = b.model(b.op("Add", b.input("x", [3]), b.weight(3, name="w")))
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    message = refused(model)
    assert "'w'" in message
    assert "outside the model's folder" in message


def test_an_operator_without_a_rule_names_node_and_option():
    b = Builder()
    message = refused(b.model(b.op("TfIdfVectorizer", b.input("x", [3]), name="odd")))
    assert "'TfIdfVectorizer'" in message
    assert "'odd'" in message
    assert "--unknown-ops memory" in message


def custom_model(declare: bool) -> onnx.ModelProto:
    b = Builder()
    y = b.op("Magic", b.op("Relu", b.input("x", ["n", 3])), b.weight(7), domain="my.own")
    model = b.model(b.op("Relu", y), imports={"my.own": 1})
    if declare:
        model.graph.value_info.append(helper.make_tensor_value_info(y, 1, ["n", 5]))
    return model


def test_an_unknown_operator_as_memory_is_counted_and_moves_its_operands():
    network = from_onnx_model(custom_model(True), "t", dims={"n": 2}, unknown_ops="memory")
    assert network.unknown_ops == (("Magic", 1),)
    magic = next(layer for layer in network.layers if layer.op == "Magic")
    moved = (magic.input_bytes, magic.weight_bytes, magic.output_bytes)
    assert (str(magic.kind), *moved) == ("move", 24, 28, 40)


def test_what_comes_behind_an_unknown_operator_without_a_declared_shape_is_left_out():
    network = from_onnx_model(custom_model(False), "t", dims={"n": 2}, unknown_ops="memory")
    assert [layer.op for layer in network.layers] == ["Relu", "Magic"]
    assert (network.layers[1].input_bytes, network.layers[1].weight_bytes) == (24, 28)
    assert any("1 of 3 nodes (33.3%: 1 Relu) has no shape" in note for note in network.notes)


def test_the_shape_of_an_unknown_operator_can_be_given_axis_by_axis():
    model = custom_model(False)
    made = next(n for n in model.graph.node if n.op_type == "Magic").output[0]
    dims = {"n": 2, f"{made}.0": 4, f"{made}.1": 5, f"{made}.2": 6}
    network = from_onnx_model(model, "t", dims=dims, unknown_ops="memory")
    assert network.layers[-1].outputs[0].shape == (4, 5, 6)
    # The operator moves 6, 7 and 120 numbers, the two Relu 12 and 240.
    (note,) = network.notes
    assert note.startswith("1 of 3 nodes (33.3%: 1 Magic) has no rule")
    assert "34.5% of all bytes" in note


def test_an_unknown_choice_for_unknown_ops():
    assert "use one of error, memory" in refused(relu_model(), unknown_ops="ignore")


def test_operands_that_do_not_fit():
    b = Builder()
    message = refused(b.model(b.op("MatMul", b.input("x", [2, 3]), b.weight(4, 5), name="mm")))
    assert "'mm'" in message


def test_channels_that_do_not_fit_the_weights():
    b = Builder()
    model = b.model(b.op("Conv", b.input("x", [1, 3, 4, 4]), b.weight(2, 4, 1, 1)))
    assert "channels" in refused(model)


def test_a_loop_whose_body_makes_too_little():
    b = Builder()
    body = helper.make_graph(
        [helper.make_node("Identity", ["c"], ["c2"])],
        "body",
        [helper.make_tensor_value_info("i", 7, []), helper.make_tensor_value_info("c", 9, [])],
        [helper.make_tensor_value_info("c2", 9, [])],
    )
    b.input("n", [], TensorProto.INT64)
    b.nodes.append(helper.make_node("Loop", ["n"], ["z"], body=body, name="loop"))
    assert "do not fit its operands" in refused(b.model("z"))


def test_a_shape_that_depends_on_run_time_values():
    b = Builder()
    y = b.op("Reshape", b.input("x", [6]), b.input("s", [2], TensorProto.INT64))
    assert "run-time values" in refused(b.model(b.op("Relu", y)))


def test_a_string_tensor():
    b = Builder()
    model = b.model(b.op("Identity", b.input("x", [3], TensorProto.STRING)))
    assert "string" in refused(model)


def test_a_sequence_input():
    model = relu_model()
    model.graph.input[0].CopyFrom(
        helper.make_tensor_sequence_value_info("x", TensorProto.FLOAT, None)
    )
    assert "no tensor" in refused(model)


def test_an_input_without_a_shape():
    model = relu_model()
    model.graph.input[0].type.tensor_type.ClearField("shape")
    assert "has no shape" in refused(model)


def test_division_by_zero_in_shape_arithmetic():
    b = Builder()
    x = b.input("x", [6])
    y = b.op("Reshape", x, b.op("Div", b.op("Shape", x), b.const([0])))
    assert "zero" in refused(b.model(y))


def test_a_huge_constant_shape_is_never_filled():
    b = Builder()
    w = b.op("ConstantOfShape", b.const([1 << 20, 1 << 20]))
    y = b.op("MatMul", b.input("x", [1, 1 << 20]), w)
    network = from_onnx_model(b.model(y), "t")
    assert network.params == 1 << 40


def test_einsum_that_does_not_fit():
    b = Builder()
    x, y = b.input("x", [2, 3]), b.input("y", [4, 5])
    refused(b.model(b.op("Einsum", x, y, equation="ij,jk->ik")))


def test_the_model_in_memory_is_left_as_it_is():
    model = relu_model(("batch", 3))
    before = model.SerializeToString()
    from_onnx_model(model, "t", dims={"batch": 2})
    assert model.SerializeToString() == before


def test_an_input_of_size_zero():
    message = refused(relu_model((0, 3)))
    assert "'x' has size 0 on axis 0" in message
    assert "nothing to run" in message


def test_a_stripped_constant_whose_value_is_needed():
    b = Builder()
    model = b.model(b.op("Reshape", b.input("x", [6]), b.const([2, 3]), name="view"))
    model.graph.initializer[0].ClearField("raw_data")
    message = refused(model)
    assert "'view'" in message
    assert "needs the value of constant" in message


@pytest.mark.parametrize(
    ("value", "default", "kind"),
    [(2.5, 1, "a whole number"), ("2", 1.0, "a number"), (2, "x", "text"), (2, (1,), "a list")],
)
def test_an_attribute_of_another_kind(value, default, kind):
    node = Node("norm", "LRN", "", (), (), {"size": value}, onnx.NodeProto())
    message = refusal(lambda: node.attribute("size", default))
    assert message.startswith(f"node 'norm' (LRN) has size = {value!r} where {kind} is meant")
    assert node.attribute("alpha", default) == default


def test_names_that_are_no_text_wherever_they_stand():
    """The protobuf library hands broken text out as bytes: of operator sets and of sizes, too."""
    data = relu_model(["a_size", 3]).SerializeToString()
    with_domain = helper.make_model(relu_model().graph, opset_imports=[
        helper.make_opsetid("", 17), helper.make_opsetid("some.domain", 1)])  # fmt: skip
    for stored, name in ((data, b"a_size"), (with_domain.SerializeToString(), b"some.domain")):
        broken = onnx.ModelProto.FromString(stored.replace(name, b"\xfe" + name[1:]))
        assert "is not valid text" in refused(broken)


def test_a_file_larger_than_its_format_allows_is_not_loaded_to_be_refused(tmp_path):
    path = tmp_path / "huge.onnx"
    with path.open("wb") as file:
        file.truncate(2**31)  # a hole: it takes no room
    with pytest.raises(NetworkError, match=r"2,147,483,648 bytes.*external data"):
        read_whole(path)
