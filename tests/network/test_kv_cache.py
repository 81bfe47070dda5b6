"""Caches of keys and values: appended to in place, said so, and copied on request."""

from __future__ import annotations

import numpy as np
import onnxruntime as ort
import pytest

from dfsrt.base.errors import NetworkError
from dfsrt.network import from_onnx_model
from tests.network.builders import Builder
from tests.network.decoders import Sizes, int4_decoder

ROW = 2 * 8 * 4
"""Bytes of one step: two heads of eight numbers."""


def decoder(axis=2, leaves=True, read_again=False, used=True):
    """One step of attention over fifteen past ones, as exporters write it."""
    b = Builder()
    shape = [1, 2, 8, 8]
    shape[axis] = 15
    past = b.input("past", shape)
    step = [1, 2, 8, 8]
    step[axis] = 1
    key = b.op("Relu", b.input("key", step))
    present = b.op("Concat", past, key, axis=axis, name="append")
    outputs = [present] if leaves else []
    if used:
        outputs.append(b.op("MatMul", present, b.input("q", [1, 2, present_width(axis), 3])))
    if read_again:
        outputs.append(b.op("Relu", past))
    return b.model(*outputs)


def present_width(axis):
    return 16 if axis == 3 else 8


def append_layer(model, **said):
    network = from_onnx_model(model, "t", **said)
    return next(a for a in network.layers if a.name == "append"), network


@pytest.mark.parametrize("axis", [2, 3])
def test_a_cache_that_is_lengthened_moves_its_new_row_only(axis):
    layer, network = append_layer(decoder(axis))
    assert (layer.input_bytes, layer.output_bytes) == (ROW, ROW)
    assert network.notes == (
        f"a cache grows in place, as runtimes do: {2 * 15 * ROW:,} bytes a run are not copied; "
        "--kv-cache copy counts them",
    )


def test_a_copy_is_counted_where_it_is_asked_for():
    layer, network = append_layer(decoder(), kv_cache="copy")
    assert (layer.input_bytes, layer.output_bytes, network.notes) == (16 * ROW, 16 * ROW, ())


def test_what_reads_the_cache_reads_all_of_it():
    for said in ("append", "copy"):
        network = from_onnx_model(decoder(), "t", kv_cache=said)
        product = next(a for a in network.layers if a.op == "MatMul")
        assert product.input_bytes == 16 * ROW + 2 * 8 * 3 * 4


@pytest.mark.parametrize(
    "change", [{"leaves": False}, {"read_again": True}, {"used": False}], ids=lambda c: min(c)
)
def test_what_is_no_cache_is_copied(change):
    layer, network = append_layer(decoder(**change))
    assert (layer.input_bytes, layer.output_bytes, network.notes) == (16 * ROW, 16 * ROW, ())


def test_a_cache_behind_views_is_one_too():
    b = Builder()
    past = b.op("Reshape", b.input("past", [2, 15, 8]), b.const([1, 2, 15, 8]))
    present = b.op(
        "Concat", past, b.op("Relu", b.input("key", [1, 2, 1, 8])), axis=2, name="append"
    )
    y = b.op("MatMul", present, b.input("q", [1, 2, 8, 3]))
    out = b.op("Reshape", present, b.const([2, 16, 8]))
    layer, network = append_layer(b.model(y, out))
    assert (layer.input_bytes, layer.output_bytes, len(network.notes)) == (ROW, ROW, 1)


def test_a_cache_that_is_read_through_a_view_only_is_one_too():
    """As decoders repeat keys for the heads of a group: Unsqueeze, Expand, Reshape."""
    b = Builder()
    past, key = b.input("past", [1, 2, 15, 8]), b.op("Relu", b.input("key", [1, 2, 1, 8]))
    present = b.op("Concat", past, key, axis=2, name="append")
    wide = b.op("Expand", b.op("Unsqueeze", present, b.const([2])), b.const([1, 2, 4, 16, 8]))
    out = b.op("Reshape", wide, b.const([1, 8, 16, 8]))
    layer, network = append_layer(b.model(out, present))
    assert (layer.input_bytes, layer.output_bytes, len(network.notes)) == (ROW, ROW, 1)


def test_rows_written_into_a_static_cache_are_all_that_moves():
    b = Builder(opset=18)
    past, rows = b.input("past", [64, 2, 8]), b.op("Relu", b.input("rows", [1, 2, 8]))
    place = b.input("place", [1, 1], 7)
    present = b.op("ScatterND", past, place, rows, name="append")
    y = b.op("MatMul", present, b.input("q", [64, 8, 3]))
    layer, network = append_layer(b.model(y, present))
    assert (layer.input_bytes, layer.output_bytes, len(network.notes)) == (ROW + 8, ROW, 1)


def test_the_standards_attention_appends_the_new_keys_and_values_of_every_group():
    b = Builder(opset=23)
    q = b.input("q", [2, 8, 1, 16])
    k, v = b.input("k", [2, 2, 1, 16]), b.input("v", [2, 2, 1, 24])
    pk, pv = b.input("pk", [2, 2, 31, 16]), b.input("pv", [2, 2, 31, 24])
    outputs = b.op("Attention", q, k, v, "", pk, pv, n=3, name="append")
    layer, network = append_layer(b.model(*outputs))
    new = 2 * 2 * 1 * (16 + 24) * 4
    assert layer.output_bytes == 2 * 8 * 1 * 24 * 4 + new
    assert layer.input_bytes == 2 * 8 * 16 * 4 + 32 * new
    assert network.notes[0].startswith(f"2 caches grow in place, as runtimes do: {31 * new:,} ")


def test_another_choice_is_refused():
    with pytest.raises(NetworkError, match="kv_cache is 'never'; use one of append, copy"):
        from_onnx_model(decoder(), "t", kv_cache="never")


STEP = {"batch": 2, "sequence": 1, "past": 10, "total": 11}
PROMPT = {"batch": 1, "sequence": 7, "past": 7, "total": 7}


def work(s: Sizes, batch: int, sequence: int, total: int) -> int:
    """Multiply-accumulates of a decoder by its definition."""
    tokens = batch * sequence
    linear = s.width * (s.width + 2 * s.kv_width) + s.width * s.width
    attention = 2 * s.heads * sequence * total * s.size
    if s.experts:
        forward = s.width * s.experts + 2 * (s.width * 2 * s.inner + s.inner * s.width)
    else:
        forward = 3 * s.width * s.inner
    return s.layers * (tokens * (linear + forward) + batch * attention) + tokens * s.width * s.words


def stored(s: Sizes) -> int:
    """Bytes of all weights of four bits, with a scale of four bytes and a zero point a block."""
    shapes = [(s.width, s.width)] * 2 + [(s.width, s.kv_width)] * 2
    shapes += [(s.width, s.inner)] * 2 + [(s.inner, s.width)]
    total = 0
    for k, n in [*shapes * s.layers, (s.width, s.words)]:
        blocks = k // s.block
        total += n * (k // 2 + 4 * blocks + (blocks + 1) // 2)
    return total


@pytest.mark.parametrize("sizes", [Sizes(), Sizes(groups=1, heads=8), Sizes(experts=4)], ids=str)
@pytest.mark.parametrize("dims", [STEP, PROMPT], ids=["step", "prompt"])
def test_an_int4_decoder_has_the_work_of_its_definition(sizes, dims):
    network = from_onnx_model(int4_decoder(sizes), "t", dims=dims)
    assert network.macs == work(sizes, dims["batch"], dims["sequence"], dims["total"])
    said = " ".join(network.notes)
    assert f"{2 * sizes.layers} caches grow in place" in said
    assert ("QMoE: data say which of 4 experts run" in said) == bool(sizes.experts)


def test_an_int4_decoder_stores_half_a_byte_a_weight():
    sizes = Sizes()
    network = from_onnx_model(int4_decoder(sizes), "t", dims=STEP)
    by_layer = [a.weight_bytes for a in network.layers if a.op == "MatMulNBits"]
    assert sum(by_layer) == stored(sizes)


def test_an_int4_decoder_has_the_shapes_that_onnxruntime_runs_it_with():
    sizes = Sizes(experts=4)
    model = int4_decoder(sizes)
    options = ort.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 4, 1
    session = ort.InferenceSession(model.SerializeToString(), options)
    feeds = {i.name: np.zeros([STEP.get(d, d) for d in i.shape], np.float32)
             for i in session.get_inputs()}  # fmt: skip
    feeds = {n: a.astype(np.int64) + 1 if a.ndim == 2 else a for n, a in feeds.items()}
    names = [o.name for o in session.get_outputs()]
    shapes = {n: a.shape for n, a in zip(names, session.run(names, feeds), strict=True)}
    network = from_onnx_model(model, "t", dims=STEP, fuse=False)
    made = {t.name: t.shape for layer in network.layers for t in layer.outputs}
    assert {name: made[name] for name in names} == shapes


def test_caches_take_the_new_rows_of_every_layer_and_their_copies_the_rest():
    sizes = Sizes()
    row = STEP["batch"] * sizes.kv_width * 4
    sums = []
    for said in ("append", "copy"):
        network = from_onnx_model(int4_decoder(sizes), "t", dims=STEP, kv_cache=said)
        tensors = [t for a in network.layers for t in a.outputs if t.name.startswith("present")]
        sums.append(sum(t.touched_bytes for t in tensors))
    assert sums == [2 * sizes.layers * row, 2 * sizes.layers * row * STEP["total"]]
