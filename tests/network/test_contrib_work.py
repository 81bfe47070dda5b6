"""What onnxruntime's operators ask of the hardware, worked by hand and against its runs."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from onnx import helper, numpy_helper

from dfsrt.base.errors import NetworkError
from dfsrt.network import Gemm, from_onnx_model
from tests.network.builders import Builder, runnable
from tests.network.contrib_cases import CASES, byte, fixed, node_model, real, whole
from tests.network.test_against_onnxruntime import session

MS = {"com.microsoft": 1}


def layers_of(op, operands, fuse=True, **settings):
    model, _ = node_model(op, operands, **settings)
    return from_onnx_model(model, "t", fuse=fuse).layers


def only(op, operands, **settings):
    (layer,) = layers_of(op, operands, **settings)
    return layer


def four_bits(rows=8, k=64, n=32, dtype=np.float32):
    operands = [np.ones((1, rows, k), dtype), fixed(byte(n, k // 32, 16))]
    return [*operands, fixed(np.ones((n, k // 32), dtype))], {
        "K": k, "N": n, "bits": 4, "block_size": 32,
    }  # fmt: skip


def test_weights_of_four_bits_take_half_a_byte_each_and_their_scales_beside():
    operands, attributes = four_bits()
    layer = only("MatMulNBits", operands, **attributes)
    assert layer.gemms == (Gemm(8, 64, 32),)
    assert layer.macs == 8 * 64 * 32 == 16_384
    assert [t.bytes for t in layer.weights] == [64 * 32 // 2 + 2 * 32 * 4]
    assert [t.elements for t in layer.weights] == [64 * 32]


@pytest.mark.parametrize(("dtype", "precision"), [(np.float32, "fp32"), (np.float16, "fp16")])
def test_weights_of_few_bits_are_multiplied_in_the_precision_of_the_data(dtype, precision):
    operands, attributes = four_bits(dtype=dtype)
    assert only("MatMulNBits", operands, **attributes).precision == precision


@pytest.mark.parametrize(("bits", "dtype"), [(2, "uint2"), (4, "uint4"), (8, "uint8")])
def test_zero_points_share_bytes_as_their_weights_do(bits, dtype):
    weight, zeros = byte(6, 4, 32 * bits // 8), byte(6, 4 * bits // 8)
    operands = [real(3, 128), fixed(weight), fixed(real(6, 4)), fixed(zeros)]
    layer = only("MatMulNBits", operands, K=128, N=6, bits=bits, block_size=32)
    assert [t.dtype for t in layer.weights] == [dtype]
    assert layer.weight_bytes == weight.nbytes + 6 * 4 * 4 + zeros.nbytes


def test_weights_without_elements_are_a_product_left_out():
    operands = [real(3, 64), fixed(byte(0, 2, 16)), fixed(real(6, 2))]
    layer = only("MatMulNBits", operands, K=64, N=6, bits=4, block_size=32)
    assert (layer.macs, layer.outputs[0].shape) == (0, (3, 6))


@st.composite
def fused_products(draw):
    """Operands whose axes are turned as attributes say, before which they broadcast."""
    size = st.integers(1, 4)
    m, k, n = draw(size), draw(size), draw(size)
    batch = draw(st.lists(st.integers(1, 3), max_size=2))
    flags = {f"trans{side}": draw(st.integers(0, 1)) for side in "AB"}
    flags |= {f"transBatch{side}": draw(st.integers(0, 1)) for side in "AB"}
    shapes = []
    for side, rows, columns in (("A", m, k), ("B", k, n)):
        kept = batch if draw(st.booleans()) or flags[f"transBatch{side}"] else batch[1:]
        if flags[f"trans{side}"]:
            rows, columns = columns, rows
        turned = flags[f"transBatch{side}"] and kept
        shapes.append([rows, *kept, columns] if turned else [*kept, rows, columns])
    b = Builder()
    x, y = b.input("x", shapes[0]), b.input("y", shapes[1])
    return b.model(b.op("FusedMatMul", x, y, domain="com.microsoft", **flags), imports=MS)


@settings(max_examples=80)
@given(fused_products())
def test_a_fused_products_macs_are_the_sum_over_ones(model):
    feeds = {
        i.name: np.ones([d.dim_value for d in i.type.tensor_type.shape.dim], np.float32)
        for i in model.graph.input
    }
    try:
        (result,) = session(runnable(model)).run(None, feeds)
    except Exception:
        assume(False)  # a combination that onnxruntime refuses
    network = from_onnx_model(model, "t")
    assert network.layers[-1].outputs[0].shape == result.shape
    assert network.macs == round(float(result.sum()))


def test_turned_batches_of_an_attention_are_worked_by_hand():
    q = real(197, 1, 4, 24)
    flags = {"transBatchA": 1, "transBatchB": 1, "transB": 1}
    layer = only("FusedMatMul", [q, q], **flags)
    assert layer.outputs[0].shape == (1, 4, 197, 197)
    assert layer.macs == 4 * 197 * 197 * 24 == 3_725_664


def grouped(length=1, past=10, heads=4, groups=2, size=16, total=None, **attributes):
    q, kv = real(1, length, heads * size), real(1, length, groups * size)
    caches = [real(1, groups, past, size)] * 2
    total = fixed(np.int32(past + length)) if total is None else total
    lengths = [np.full(1, past + length - 1, np.int32), total]
    return only(
        "GroupQueryAttention", [q, kv, kv, *caches, *lengths],
        outputs=3, num_heads=heads, kv_num_heads=groups, **attributes,
    )  # fmt: skip


def test_a_group_of_heads_reads_its_keys_and_values_once_and_writes_new_rows_only():
    layer = grouped()
    assert layer.gemms == (Gemm(2, 16, 11, 2), Gemm(2, 11, 16, 2))
    row = 2 * 16 * 4
    assert [t.touched_bytes for t in layer.inputs] == [4 * 16 * 4, row, row, 10 * row, 10 * row]
    assert [t.touched_bytes for t in layer.outputs] == [4 * 16 * 4, row, row]


def test_a_prompt_meets_the_full_square_and_a_local_window_a_band():
    assert grouped(length=6, past=1).macs == 2 * 4 * 6 * 7 * 16
    assert grouped(length=6, past=10, local_window_size=5).macs == 2 * 4 * 6 * 5 * 16


def test_a_window_needs_no_more_past_keys_than_its_first_row_sees():
    layer = grouped(length=3, past=20, local_window_size=5)
    past = next(t for t in layer.inputs if t.name == "x3")
    assert past.touched == (5 - 1) * 2 * 16  # the first of three rows sees four before itself


def test_a_shared_buffer_is_as_long_as_it_is_and_holds_what_the_constant_says():
    q, kv, cache = real(1, 1, 64), real(1, 1, 32), real(1, 2, 100, 16)
    lengths = [np.full(1, 10, np.int32), fixed(np.int32(11))]
    layer = only(
        "GroupQueryAttention", [q, kv, kv, cache, cache, *lengths],
        outputs=3, num_heads=4, kv_num_heads=2,
    )  # fmt: skip
    assert layer.outputs[1].shape == (1, 2, 100, 16)
    assert layer.gemms[0] == Gemm(2, 16, 11, 2)
    past = next(t for t in layer.inputs if t.name == "x3")
    assert past.touched == 10 * 2 * 16


def test_norms_rotation_and_softcap_are_lane_operations():
    plain = grouped().vector_ops
    table = [fixed(real(32, 8))] * 2
    assert grouped(softcap=30.0).vector_ops > plain
    q, kv, caches = real(1, 1, 64), real(1, 1, 32), [real(1, 2, 10, 16)] * 2
    operands = [q, kv, kv, *caches, np.full(1, 10, np.int32), fixed(np.int32(11)), *table]
    turned = only(
        "GroupQueryAttention", operands, outputs=3, num_heads=4, kv_num_heads=2, do_rotary=1
    )
    assert turned.vector_ops == plain + 3 * (64 + 32)
    assert [t.touched for t in turned.weights] == [8, 8]  # the row of one position


def mixture(tokens, experts=4, chosen=2, width=8, inner=16):
    operands = [
        real(tokens, width), real(tokens, experts), fixed(real(experts, inner, width)), None,
        fixed(real(experts, width, inner)),
    ]  # fmt: skip
    return only("MoE", operands, k=chosen)


@pytest.mark.parametrize("tokens", [1, 2, 3, 5, 40])
def test_tokens_multiply_by_the_experts_they_choose_and_read_no_others(tokens):
    layer = mixture(tokens)
    assert layer.macs == tokens * 2 * 2 * 8 * 16
    read = min(4, tokens * 2)
    assert [t.touched for t in layer.weights] == [read * 16 * 8] * 2
    assert sum(g.count for g in layer.gemms) == 2 * read


def test_experts_of_four_bits_take_half_a_byte_a_weight():
    first, second = fixed(byte(4, 32, 4)), fixed(byte(4, 8, 8))
    operands = [real(3, 8), real(3, 4), first, fixed(real(4, 32)), None, second, fixed(real(4, 8))]
    layer = only("QMoE", operands, k=2, activation_type="swiglu", swiglu_fusion=1)
    assert layer.macs == 3 * 2 * (8 * 32 + 16 * 8)
    sizes = {t.name: (t.elements, t.bytes) for t in layer.weights}
    assert sizes["x2"] == (4 * 32 * 8, 4 * 32 * 4 + 4 * 32 * 4)
    assert sizes["x5"] == (4 * 8 * 16, 4 * 8 * 8 + 4 * 8 * 4)


def test_an_embedding_reads_the_rows_that_its_tokens_pick():
    layer = only(*CASES["EmbedLayerNormalization"][:2], **CASES["EmbedLayerNormalization"][2])
    touched = {t.name: t.touched for t in layer.weights}
    assert (touched["x2"], touched["x3"], touched["x4"]) == (2 * 5 * 16, 5 * 16, 2 * 16)


def test_a_table_of_few_bits_is_picked_from_with_its_scales():
    operands = [fixed(byte(100, 32)), whole([3, 4, 5]), fixed(real(100, 4))]
    layer = only(
        "GatherBlockQuantized", operands, gather_axis=0, quantize_axis=1, block_size=16, bits=4
    )
    assert layer.outputs[0].shape == (3, 64)
    (table,) = layer.weights
    assert (table.dtype, table.touched) == ("uint4", 3 * 64)
    assert table.touched_bytes == 3 * 64 // 2 + 3 * 4 * 4


def test_activations_are_quantized_before_a_product_of_whole_numbers():
    op, operands, _ = CASES["DynamicQuantizeMatMul"]
    quantized, product = layers_of(op, operands)
    assert quantized.op == "DynamicQuantizeLinear"
    assert (product.name, product.precision, product.macs) == ("node", "int8", 2 * 4 * 8 * 5)


def test_a_fused_convolution_is_the_layer_that_it_was_made_of():
    def written(op, **more):
        b = Builder()
        x, z = b.input("x", [1, 6, 8, 8]), b.input("z", [1, 4, 6, 6])
        w, bias = b.weight(4, 6, 3, 3, name="w"), b.weight(4, name="b")
        if op == "FusedConv":
            y = b.op(op, x, w, bias, z, domain="com.microsoft", activation="Relu", name="c")
        else:
            y = b.op("Relu", b.op("Add", b.op("Conv", x, w, bias, name="c"), z), name="r")
        (layer,) = from_onnx_model(b.model(y, imports=MS), "t").layers
        return (
            layer.op, layer.name, layer.joined, layer.gemms, layer.vector_ops, layer.fused_ops,
            layer.weight_bytes, layer.input_bytes, layer.output_bytes,
        )  # fmt: skip

    assert written("FusedConv") == written("Conv")


def test_a_quantized_sum_rides_on_the_convolution_before_it():
    b = Builder(dtype=2)
    x = b.input("x", [1, 4, 8, 8])
    scale, zero = b.const(0.1, np.float32), b.const(3, np.uint8)
    w = b.weight(4, 4, 1, 1)
    y = b.op("QLinearConv", x, scale, zero, w, scale, zero, scale, zero)
    y = b.op("QLinearAdd", y, scale, zero, x, scale, zero, scale, zero, domain="com.microsoft")
    (layer,) = from_onnx_model(b.model(y, imports=MS), "t").layers
    assert (layer.precision, layer.joined, layer.output_bytes) == ("int8", ("Add",), 4 * 64)


def test_a_convolution_with_channels_last_counts_as_one_with_channels_first():
    def count(data, op_domain, **more):
        scale, zero = fixed(np.float32(0.1)), fixed(np.uint8(3))
        weight = fixed(byte(8, 6, 3, 3))
        operands = [data, scale, zero, weight, scale, zero, scale, zero]
        model, _ = node_model("QLinearConv", operands, domain=op_domain, **more)
        (layer,) = from_onnx_model(model, "t").layers
        return layer.gemms, layer.inputs[0].shape, layer.outputs[0].shape

    last = count(byte(1, 9, 7, 6), "com.microsoft", channels_last=1)
    assert last == count(byte(1, 6, 9, 7), "")


def test_weights_of_nhwc_conv_have_their_channels_last_too():
    b = Builder()
    w = b.weight(8, 3, 5, 6)
    y = b.op("NhwcConv", b.input("x", [1, 9, 9, 6]), w, domain="com.microsoft", name="conv")
    (layer,) = from_onnx_model(b.model(y, imports=MS), "t").layers
    assert (layer.name, layer.gemms) == ("conv", (Gemm(7 * 5, 3 * 5 * 6, 8),))


def test_a_compiled_context_is_refused_with_what_to_give():
    b = Builder()
    context = b.op(
        "EPContext", b.input("x", [1, 3]), domain="com.microsoft", source="QNN",
        onnx_model_filename="net.onnx", name="blob",
    )  # fmt: skip
    model = b.model(context, imports=MS)
    for unknown_ops in ("error", "memory"):
        with pytest.raises(NetworkError, match=r"blob.*compiled context of QNN.*from, net\.onnx"):
            from_onnx_model(model, "t", unknown_ops=unknown_ops)


def test_a_fused_product_of_batches_that_do_not_broadcast_is_refused():
    b = Builder()
    a, c = b.input("a", [2, 3, 5, 7]), b.input("c", [3, 9, 2, 7])
    y = b.op("FusedMatMul", a, c, domain="com.microsoft", transB=1, transBatchB=1)
    with pytest.raises(NetworkError, match=r"\[2, 3, 5, 7\] by \[9, 2, 7, 3\] is no product"):
        from_onnx_model(b.model(y, imports=MS), "t")


@pytest.mark.parametrize("case", CASES)
def test_a_node_that_lacks_an_operand_is_read_or_refused_in_one_line(case):
    op, operands, more = CASES[case]
    for cut in range(len(operands)):
        for fewer in (operands[:cut], [*operands[:cut], None, *operands[cut + 1 :]]):
            refused_in_one_line(node_model(op, fewer, **more)[0])


def refused_in_one_line(model: onnx.ModelProto) -> None:
    try:
        from_onnx_model(model, "t")
    except NetworkError as error:
        assert "\n" not in str(error)
        assert len(str(error)) < 600


@pytest.mark.parametrize("seed", range(8))
def test_nodes_with_odd_shapes_and_attributes_are_read_or_refused_in_one_line(seed):
    rng = np.random.default_rng(seed)
    for op, operands, more in CASES.values():
        model, _ = node_model(op, operands, **more)
        mutate(model, rng)
        refused_in_one_line(model)


def mutate(model: onnx.ModelProto, rng: np.random.Generator) -> None:
    """Change one axis, rank, type, constant or attribute."""
    graph, node = model.graph, model.graph.node[0]
    kind = rng.integers(4)
    inputs = [i.type.tensor_type for i in graph.input]
    if kind == 0 and inputs:
        dims = inputs[rng.integers(len(inputs))].shape.dim
        if dims and rng.random() < 0.6:
            dims[rng.integers(len(dims))].dim_value = int(rng.choice([1, 2, 7, 1000, 2**40]))
        elif dims:
            dims.pop()
    elif kind == 1 and inputs:
        inputs[rng.integers(len(inputs))].elem_type = int(rng.choice([1, 2, 6, 7, 10, 16]))
    elif kind == 2 and node.attribute:
        attribute = node.attribute[rng.integers(len(node.attribute))]
        value = rng.choice([-1, 0, 3, 2**31])
        new = helper.make_attribute(
            attribute.name, [int(value)] if rng.random() < 0.3 else int(value)
        )
        attribute.CopyFrom(new)
    elif graph.initializer:
        tensor = graph.initializer[rng.integers(len(graph.initializer))]
        shape = [int(n) for n in rng.integers(0, 5, rng.integers(0, 4))]
        dtype = helper.tensor_dtype_to_np_dtype(tensor.data_type)
        tensor.CopyFrom(numpy_helper.from_array(np.zeros(shape, dtype), tensor.name))


def test_every_name_of_a_rule_is_counted_once():
    from dfsrt.network.rules.registry import operator_names

    names = operator_names()
    assert len(names) == len(set(names)) > 200
    assert {"MatMulNBits", "QLinearAdd", "FusedConv", "ReorderInput", "Conv"} <= set(names)
