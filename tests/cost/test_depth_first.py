"""Depth first: groups of layers row by row, and attention by blocks of queries."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.cost.schedule import LayerPlan, make_schedule
from dfsrt.cost.schedule.attention import attention_at, blocks_of
from dfsrt.cost.schedule.check import check_plan
from dfsrt.cost.schedule.groups import by_name
from dfsrt.cost.schedule.lifetimes import maps_of
from dfsrt.cost.schedule.planned import planned_bytes, planned_traffic
from dfsrt.cost.schedule.row_group import RowGroup
from dfsrt.cost.schedule.rows import RowLayers
from dfsrt.network.layer import Gemm, Kind, Layer, Operands
from dfsrt.network.tensor import Tensor
from tests.helpers.line_buffers import Slides, walk
from tests.helpers.memory import conv, mobilenet_v1, network_work, pool, vgg16, work_of

KIB = 1024


def planned(work, schedule="depth-first"):
    plan = make_schedule(schedule).plan(work)
    check_plan(work, plan)
    return planned_bytes(work, plan)


@pytest.mark.parametrize(
    ("layers", "buffer", "megabytes"),
    [
        (mobilenet_v1(), 256, 5.9),
        (mobilenet_v1(), 1024, 3.7),
        (vgg16(), 256, 35.6),
        (vgg16(), 1024, 20.9),
    ],
)
def test_chains_move_what_the_table_says(layers, buffer, megabytes):
    """Source: memory.md 4.3, single layers with lines that neighbouring tiles share."""
    work = work_of(layers, buffer * KIB, ("m0", layers[-1].outputs[0].name), "exhaustive")
    work = replace(work, buffer=replace(work.buffer, lines=True))
    assert planned(work) / 1e6 == pytest.approx(megabytes, abs=0.051)


def test_attention_saves_what_the_table_says():
    """Source: memory.md 4.4: a step of SD-2's inpainting UNet, from 4.49 to 2.52 GB."""
    work = network_work("sd2-unet", 1152 * KIB)
    maps, moved = by_name(maps_of(work), ()), planned(work, "layerwise")
    assert moved / 1e9 == pytest.approx(4.49, abs=0.005)
    layers = [attention_at(work, i, maps) for i in range(len(work.layers))]
    blocks = [(a, blocks_of(a, 1152 * KIB, False)) for a in layers if a is not None]
    assert all(each.key_passes == each.value_passes == 1 for _, each in blocks)
    scores = sum(4 * a.scores.m * a.scores.n * a.scores.count for a, _ in blocks)
    assert (moved - scores) / 1e9 == pytest.approx(2.52, abs=0.005)
    assert planned(work) < moved - scores


def group_bytes(layers, double=False):
    work = work_of(layers, 10**9, ("m0", layers[-1].outputs[0].name))
    group = RowGroup(RowLayers(layers), by_name(maps_of(work), ()), (), double)
    assert all(group.add(i) for i in range(len(layers)))
    return group.bytes


def test_two_convolutions_by_hand():
    # 3x3 on 8 channels of 6x6: three rows of 48 bytes come in, three lie between, one goes out,
    # beside two times 8 * 8 * 9 weights.
    layers = [conv(1, 8, 6, 8, 3, 1, 1), conv(2, 8, 6, 8, 3, 1, 1)]
    assert group_bytes(layers) == 3 * 48 + 3 * 48 + 48 + 2 * 576
    assert group_bytes(layers, double=True) == 6 * 48 + 3 * 48 + 2 * 48 + 2 * 576
    work = work_of(layers, 2000, ("m0", "m2"))
    plan = make_schedule("depth-first").plan(work)
    assert plan.places == {"m1": "rows"}
    assert [own.group for own in plan.layers] == [0, 0]
    assert planned(work) == 288 + 2 * 576 + 288
    assert planned(replace(work, buffer=replace(work.buffer, total_bytes=1487))) > planned(work)


def test_a_residual_waits_for_the_rows_that_the_other_path_is_behind():
    # Two 3x3 convolutions are two rows behind: of m1 three rows lie there, as many as the first
    # convolution's window, of what it makes three, and one of what the second makes.
    first, a, b = (conv(i, 4, 10, 4, 3, 1, 1) for i in (1, 2, 3))
    m1, m3 = first.outputs[0], b.outputs[0]
    out = replace(m3, name="m4")
    add = Layer("add", "Add", Kind.VECTOR, ("add",), (m1, m3), (), (out,))
    row, weights = 40, 3 * 4 * 4 * 9
    assert group_bytes([first, a, b, add]) == weights + row * (3 + 3 + 3 + 1 + 1)
    # One more convolution on the long path: the residual waits with four rows.
    c = conv(4, 4, 10, 4, 3, 1, 1)
    last = replace(add, inputs=(m1, c.outputs[0]), outputs=(replace(out, name="m5"),))
    weights += 4 * 4 * 9
    assert group_bytes([first, a, b, c, last]) == weights + row * (3 + 4 + 3 + 3 + 1 + 1)


@st.composite
def stacks(draw):
    """Layers one after the other, and where an Add joins what two of them make."""
    size, layers = draw(st.integers(5, 24)), []
    for i in range(1, draw(st.integers(2, 5)) + 1):
        kernel, stride = draw(st.sampled_from([(1, 1), (3, 1), (3, 2), (5, 1), (2, 2), (1, 2)]))
        pad = draw(st.integers(0, kernel // 2))
        if size + 2 * pad < kernel:
            break
        make = pool if draw(st.booleans()) else conv
        layers.append(make(i, 3, size, 3, kernel, stride, pad))
        size = layers[-1].outputs[0].shape[2]
    joins = [
        (i, len(layers) - 1)
        for i in range(len(layers) - 1)
        if layers[i].outputs[0].shape == layers[-1].outputs[0].shape
    ]
    return layers, draw(st.sampled_from([None, *joins]))


@given(stacks())
@settings(max_examples=40)
def test_rows_on_chip_are_those_of_a_literal_walk_of_line_buffers(stack):
    layers, join = stack
    chain = [Slides.of(layer.window.axes[0]) for layer in layers]
    rows = [layer.outputs[0].bytes // layer.outputs[0].shape[2] for layer in layers]
    weights = sum(layer.weight_bytes for layer in layers)
    lines = walk(chain, join)
    if join:
        m, other = layers[join[0]].outputs[0], layers[join[1]].outputs[0]
        out = replace(other, name="joined")
        layers = [*layers, Layer("add", "Add", Kind.VECTOR, ("a",), (m, other), (), (out,))]
        rows.append(rows[join[1]])
    outside = layers[0].inputs[0].bytes // layers[0].inputs[0].shape[2] * lines[0]
    on_chip = outside + sum(n * row for n, row in zip(lines[1:], rows, strict=True)) + weights
    if join is None:
        assert group_bytes(layers) == on_chip
    else:  # where rows arrive at once, the walk may take them in a lucky order
        assert on_chip <= group_bytes(layers) <= on_chip + 3 * max(rows)


def test_what_needs_a_map_whole_ends_a_group():
    first, second = conv(1, 4, 6, 4, 3, 1, 1), conv(2, 4, 6, 4, 3, 1, 1)
    for op in ("GroupNormalization", "Transpose", "ReduceMean", "InstanceNormalization"):
        m1, between = first.outputs[0], replace(first.outputs[0], name="between")
        norm = Layer("n", op, Kind.VECTOR, ("n",), (m1,), (), (between,))
        after = replace(
            second, inputs=(between,), operands=(Operands(("between",), ("w2",), "m2"),)
        )
        plan = make_schedule("depth-first").plan(work_of([first, norm, after], 10**6, ("m0", "m2")))
        assert not plan.places, op


def attention(queries=100, keys=60, heads=2, width=8, mask=False):
    """Return an attention's layers as networks have them: product, softmax, product."""

    def tensor(name, *shape):
        return Tensor(name, (1, heads, *shape), "int8")

    q, k, v = tensor("q", queries, width), tensor("k", width, keys), tensor("v", keys, width)
    s, p, o = tensor("s", queries, keys), tensor("p", queries, keys), tensor("o", queries, width)
    sides = (Tensor("mask", (1, 1, 1, keys), "int8"),) if mask else ()
    scores, mix = Gemm(queries, width, keys, heads), Gemm(queries, keys, width, heads)
    return (
        Layer("scores", "MatMul", Kind.MATRIX, ("s",), (q, k, *sides), (), (s,), (scores,),
              (Operands(("q",), ("k",), "s"),)),
        Layer("softmax", "Softmax", Kind.VECTOR, ("p",), (s,), (), (p,)),
        Layer("mix", "MatMul", Kind.MATRIX, ("o",), (p, v), (), (o,), (mix,),
              (Operands(("p",), ("v",), "o"),)),
    )  # fmt: skip


def test_an_attention_by_hand():
    outer, once = ("q", "k", "v", "o", "mask"), 2 * 8 * (100 + 60 + 60 + 100)
    # Keys and values of a head, 960 bytes, stay beside one query: 8 of it, 8 of its result, 240
    # bytes of its scores.
    for buffer, passes in ((960 + 256, 1), (960 + 255, None)):
        work = work_of(attention(), buffer, outer, "exhaustive")
        moved = planned(work)
        assert (moved == once) == (passes == 1)
    # Streamed: 8 bytes pass by, a query takes 8, its result 32 while it is summed, its scores 240.
    work = work_of(attention(), 8 + 4 * 280, outer, "exhaustive")
    plan = make_schedule("depth-first").plan(work)
    assert plan.layers[0].fetches == (1, 25, 1)
    assert planned(work) == 2 * 8 * (100 + 100 + 25 * (60 + 60))
    # Online: 16 bytes pass by, a query takes 8 + 32 + 12 bytes, whatever the keys.
    assert planned(work, "depth-first:online=true") == 2 * 8 * (200 + -(-100 // 21) * 120)


def test_an_attention_in_a_double_buffer_has_room_for_what_comes_next():
    # Keys and values of two heads, a query and a result that work and one that moves, scores.
    for buffer, fits in ((2 * 960 + 2 * 16 + 240, True), (2 * 960 + 2 * 16 + 239, False)):
        work = work_of(attention(), buffer, ("q", "k", "v", "o"), "exhaustive")
        work = replace(work, buffer=replace(work.buffer, double=True))
        plan = make_schedule("depth-first").plan(work)
        check_plan(work, plan)
        assert (plan.layers[0].fetches == (1, 1, 1)) == fits
    # Streamed: 8 bytes pass by twice; of four queries scores are there once, all else is twice.
    work = work_of(attention(), 2 * 8 + 4 * (240 + 2 * 40), ("q", "k", "v", "o"), "exhaustive")
    work = replace(work, buffer=replace(work.buffer, double=True))
    plan = make_schedule("depth-first").plan(work)
    check_plan(work, plan)
    assert plan.layers[0].fetches == (1, 25, 1)


def test_heads_that_share_keys_stream_them_by_once_each():
    # Two heads of queries by one head of keys and values, which a layer alone keeps for both.
    first, softmax, last = attention()
    k, v = Tensor("k", (1, 1, 8, 60), "int8"), Tensor("v", (1, 1, 60, 8), "int8")
    layers = (
        replace(first, inputs=(first.inputs[0], k)),
        softmax,
        replace(last, inputs=(last.inputs[0], v)),
    )
    work = work_of(layers, 8 + 4 * 280, ("q", "k", "v", "o"), "exhaustive")
    plan = make_schedule("depth-first").plan(work)
    check_plan(work, plan)
    assert plan.layers[0].fetches == (1, 2 * 25, 1)
    assert planned(work) == 2 * 8 * (100 + 100 + 25 * (60 + 60))
    # They stay for both where they fit.
    held = replace(work, buffer=replace(work.buffer, total_bytes=960 + 256))
    assert planned(held) == 2 * 8 * 200 + 960


def test_queries_of_all_heads_by_one_matrix_run_row_by_row():
    first, softmax, last = attention(heads=1)
    q, s, p, o = (
        Tensor(n, (200, w), "int8") for n, w in (("q", 8), ("s", 60), ("p", 60), ("o", 8))
    )
    k, v = Tensor("k", (8, 60), "int8"), Tensor("v", (60, 8), "int8")
    layers = (
        replace(first, inputs=(q, k), outputs=(s,), gemms=(Gemm(200, 8, 60),)),
        replace(softmax, inputs=(s,), outputs=(p,)),
        replace(last, inputs=(p, v), outputs=(o,), gemms=(Gemm(200, 60, 8),)),
    )
    work = work_of(layers, 960 + 8 + 60 + 60 + 8, ("q", "k", "v", "o"), "exhaustive")
    for schedule in ("depth-first", "best", "adaptive"):
        plan = make_schedule(schedule).plan(work)
        check_plan(work, plan)
        if schedule != "adaptive":
            assert planned_bytes(work, plan) == 2 * 8 * 200 + 960


def test_scores_that_a_constant_scales_do_not_leave():
    first, softmax, last = attention()
    scale = Tensor("scale", (1,), "int8")
    layers = (replace(first, joined=("Mul",), weights=(scale,)), softmax, last)
    bare = planned(work_of(attention(), 4000, ("q", "k", "v", "o"), "exhaustive"))
    assert planned(work_of(layers, 4000, ("q", "k", "v", "o"), "exhaustive")) == bare + 1


def test_a_mask_stays_on_chip_and_crosses_once():
    outer = ("q", "k", "v", "o", "mask")
    bare, masked = (
        planned(work_of(attention(mask=mask), 4000, outer, "exhaustive")) for mask in (False, True)
    )
    assert masked == bare + 60
    maps = by_name(maps_of(work_of(attention(mask=True), 4000, outer)), ())
    assert attention_at(work_of(attention(mask=True), 4000, outer), 0, maps).whole_bytes == 60


def test_a_constant_bias_of_the_scores_stays_on_chip_too():
    scores, *rest = attention()
    bias = Tensor("bias", (1, 2, 1, 60), "int8")
    work = work_of([replace(scores, weights=(bias,)), *rest], 4000, ("q", "k", "v", "o"))
    assert attention_at(work, 0, by_name(maps_of(work), ())).whole_bytes == 120
    bare = work_of(attention(), 4000, ("q", "k", "v", "o"))
    assert planned(work) == planned(bare) + 120


def test_no_plan_moves_more_than_layer_by_layer_or_less_than_all_must():
    for name in ("squeezenet", "bert-base", "mobilenetv2"):
        for buffer in (64, 512):
            work = network_work(name, buffer * KIB)
            plan = make_schedule("depth-first").plan(work)
            check_plan(work, plan)
            traffic = planned_traffic(work, plan)
            weights = sum(layer.weight_bytes for layer in work.layers)
            assert sum(t.read_bytes for t in traffic) >= weights * (name != "bert-base")
            assert planned_bytes(work, plan) <= planned(work, "layerwise")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({0: LayerPlan(9999, (1, 1, 1), 0), 1: LayerPlan()}, "rows of 'm1' are needed outside"),
        ({0: LayerPlan(99, (1, 1, 1), 0)}, "takes 1488 bytes; kept_bytes holds 99"),
        ({0: LayerPlan(9999, (1, 1, 1))}, "has fetches and no group"),
        ({0: LayerPlan(9999, None, 0)}, "has a group and no fetches"),
        ({1: LayerPlan(9999, (1, 2, 1), 0)}, "its operands cross once"),
        ({2: LayerPlan(9999, (1, 1, 1), 0)}, "cannot run row by row after 'l1'"),
        ({3: LayerPlan(9999, (1, 1, 1), 0)}, "not of layers that follow each other"),
    ],
)
def test_groups_that_cannot_be_kept_are_refused(change, message):
    layers = [conv(1, 8, 6, 8, 3, 1, 1), conv(2, 8, 6, 8, 3, 1, 1)]
    m2, m3 = layers[1].outputs[0], replace(layers[1].outputs[0], name="m3")
    layers += [
        Layer("n", "ReduceMax", Kind.VECTOR, ("n",), (m2,), (), (m3,)),
        conv(4, 8, 6, 8, 1, 1, 0),
    ]
    work = work_of(layers, 9999, ("m0", "m4"))
    plan = make_schedule("depth-first").plan(work)
    plans = [change.get(i, own) for i, own in enumerate(plan.layers)]
    with pytest.raises(InputError, match=message):
        check_plan(work, replace(plan, layers=tuple(plans)))
