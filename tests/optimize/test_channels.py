"""Channels that are really removed: what goes together, what stays and why, and how many."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import numpy_helper

from dfsrt import InputError
from dfsrt.network import from_onnx_model
from dfsrt.network.packed import step_notes
from dfsrt.network.reading import Reading
from dfsrt.optimize.channels import remove_on_shapes
from dfsrt.optimize.channels.groups import kept_count
from tests.helpers import channel_nets as nets

READING = Reading()


def removed(model, share=0.5):
    """Remove channels, and check what every file must keep."""
    before = model.SerializeToString()
    smaller = remove_on_shapes(model, share, READING)
    assert model.SerializeToString() == before
    onnx.checker.check_model(smaller, full_check=True)
    for name in ("input", "output"):
        assert list(getattr(smaller.graph, name)) == list(getattr(model.graph, name))
    return smaller


def stored(model):
    return {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}


def macs(model):
    return from_onnx_model(model, "net").macs


def assert_equals_zeros(model, smaller):
    for vectors in (False, True):
        expected = nets.answers(nets.with_zeros(model, smaller, vectors))
        assert np.allclose(nets.answers(smaller), expected, atol=1e-5 * abs(expected).max())


parts = st.lists(st.integers(0, len(nets.PARTS) - 1), max_size=4)
heads = st.integers(0, len(nets.HEADS) - 1)


@settings(max_examples=30)
@given(parts, heads, st.integers(0, 2**20), st.sampled_from([0.25, 0.5, 0.75]))
def test_what_is_left_answers_as_if_what_went_were_zero(chosen, head, seed, share):
    model = nets.random_net(chosen, head, seed)
    try:
        smaller = removed(model, share)
    except InputError as error:
        assert nets.lrn in [nets.PARTS[part] for part in chosen]
        assert "(LRN) works across them" in str(error)
        return
    assert_equals_zeros(model, smaller)
    assert macs(smaller) < macs(model)


@pytest.mark.parametrize("part", nets.PARTS, ids=lambda part: part.__name__)
def test_every_part_lets_the_channels_behind_it_go(part):
    model = nets.random_net([nets.PARTS.index(part)], 0, 1)
    smaller = removed(model)
    assert_equals_zeros(model, smaller)
    assert macs(smaller) < 0.9 * macs(model)


def test_products_fall_with_both_ends_by_hand():
    net = nets.Net(0)
    x = net.conv(net.conv("x", 16), 32, 1)
    model = net.model(nets.pooled_head(net, x))
    assert macs(model) == 64 * (3 * 16 * 9 + 16 * 32) + 32 * 4
    assert macs(removed(model)) == 64 * (3 * 8 * 9 + 8 * 16) + 16 * 4


def test_a_channel_is_a_block_of_inputs_behind_a_flatten():
    net = nets.Net(0, size=2)
    x = net.add("Flatten", [net.conv("x", 4)], (1, 16))
    weight = net.weight(16, 4)
    before = numpy_helper.to_array(net.stored[-1])
    after = stored(removed(net.model(net.add("Gemm", [x, weight], (1, 4)))))[weight]
    kept = [c for c in range(4) if np.isin(before[4 * c], after).all()]
    assert len(kept) == 2
    assert np.array_equal(after, before.reshape(4, 4, 4)[kept].reshape(8, 4))


def test_the_channels_that_weigh_least_go():
    net = nets.Net(0)
    strong = np.array([1, 5, 2, 7, 3, 8, 4, 6], np.float32)
    x = net.add("Conv", ["x", net.constant(np.tile(strong[:, None, None, None], (1, 3, 1, 1)))],
                (1, 8, 8, 8))  # fmt: skip
    smaller = removed(net.model(net.conv(x, 4, 1)), 0.5)
    assert stored(smaller)["w1"][:, 0, 0, 0].tolist() == [5, 7, 8, 6]


def test_groups_of_a_convolution_lose_the_same_places_and_depthwise_ones_go_with_theirs():
    net = nets.Net(0)
    deep = net.conv(net.conv("x", 6), 12, groups=6)
    wide = net.conv(deep, 24, groups=3)
    smaller = removed(net.model(net.conv(wide, 4)))
    _first, depthwise, grouped, _last = (n for n in smaller.graph.node if n.op_type == "Conv")
    groups = [a.i for n in (depthwise, grouped) for a in n.attribute if a.name == "group"]
    shapes = [stored(smaller)[n.input[1]].shape[:2] for n in (depthwise, grouped)]
    assert groups == [3, 3]
    assert shapes == [(6, 1), (12, 2)]


def test_quantized_weights_go_with_their_scales_and_zero_points():
    net = nets.Net(3)
    random = np.random.default_rng(1)
    scales, x = [], "x"
    for channels, inputs in ((6, 3), (5, 6)):
        codes = net.constant(random.integers(-90, 90, (channels, inputs, 1, 1), np.int8))
        scales.append(net.weight(channels, low=0.01, high=0.02))
        zero = net.constant(np.zeros(channels, np.int8))
        weight = net.add("DequantizeLinear", [codes, scales[-1], zero], (channels, inputs, 1, 1),
                         axis=0)  # fmt: skip
        x = net.add("Conv", [x, weight], (1, channels, 8, 8))
    model = net.model(x)
    smaller = removed(model)
    kept = np.isin(stored(model)[scales[0]], stored(smaller)[scales[0]])
    assert kept.sum() == 3
    for tensor in model.graph.initializer:
        if tuple(tensor.dims) == (5, 6, 1, 1):
            codes = numpy_helper.to_array(tensor) * kept[:, None, None]
            tensor.CopyFrom(numpy_helper.from_array(codes, tensor.name))
    assert np.allclose(nets.answers(smaller), nets.answers(model), atol=1e-5)


def test_recurrent_layers_lose_inputs_and_keep_their_states():
    net = nets.Net(0)
    steps = net.add("Reshape", [net.conv("x", 8), net.constant(np.array([8, 64, 1]))], (8, 64, 1))
    steps = net.add("Transpose", [steps], (64, 1, 8), perm=[1, 2, 0])
    weights = net.weight(1, 9, 8), net.weight(1, 9, 3), net.weight(1, 18)
    made = net.add("GRU", [steps, *weights], (64, 1, 1, 3), hidden_size=3)
    model = net.model(made)
    smaller = removed(model)
    shapes = [stored(smaller)[name].shape for name in weights]
    assert shapes == [(1, 9, 4), (1, 9, 3), (1, 18)]
    assert_equals_zeros(model, smaller)


def test_group_norms_lose_whole_groups():
    net = nets.Net(0, opset=21)
    x = net.conv("x", 12)
    x = net.elementwise("GroupNormalization", x, net.weight(12), net.weight(12), num_groups=4)
    model = net.model(net.conv(x, 4))
    smaller = removed(model)
    [norm] = [n for n in smaller.graph.node if n.op_type == "GroupNormalization"]
    assert [a.i for a in norm.attribute if a.name == "num_groups"] == [2]
    assert stored(smaller)[norm.input[1]].shape == (6,)
    assert_equals_zeros(model, smaller)


def test_bounds_and_sizes_of_old_operator_sets_are_attributes():
    net = nets.Net(0, opset=9)
    x = net.add("Slice", [net.conv("x", 14)], (1, 12, 8, 8), axes=[1], starts=[1], ends=[13])
    parts = [(1, 4, 8, 8), (1, 8, 8, 8)]
    one, other = net.add("Split", [x], parts, outputs=2, axis=1, split=[4, 8])
    x = net.add("Concat", [other, one], (1, 12, 8, 8), axis=1)
    model = net.model(net.conv(x, 4))
    smaller = removed(model)
    [split] = [n for n in smaller.graph.node if n.op_type == "Split"]
    assert [list(a.ints) for a in split.attribute if a.name == "split"] == [[2, 4]]
    assert_equals_zeros(model, smaller)


def test_a_weight_that_two_layers_share_is_cut_once():
    net = nets.Net(0)
    shared = net.weight(8, 8, 1, 1)
    x = net.conv("x", 8)
    for _ in range(2):
        x = net.add("Conv", [net.elementwise("Relu", x), shared], (1, 8, 8, 8))
    model = net.model(nets.mean_head(net, x))
    smaller = removed(model)
    assert stored(smaller)[shared].shape == (4, 4, 1, 1)
    assert_equals_zeros(model, smaller)


@pytest.mark.parametrize(
    ("op", "attributes", "why"),
    [
        ("LRN", {"size": 3}, "works across them"),
        ("Softmax", {"axis": 1}, "works across them"),
        ("CumSum", {}, "works across them"),
        ("NonMine", {"domain": "mine"}, "is not understood"),
    ],
)
def test_what_is_not_understood_keeps_its_channels_and_is_counted(op, attributes, why):
    net = nets.Net(0)
    others = [net.constant(np.array(1))] if op == "CumSum" else []
    x = net.elementwise(op, net.conv(net.conv("x", 8), 8), *others, **attributes)
    model = net.model(net.conv(x, 4))
    if attributes.get("domain"):
        model.opset_import.append(onnx.helper.make_opsetid("mine", 1))
        model.graph.value_info.append(
            onnx.helper.make_tensor_value_info(x, onnx.TensorProto.FLOAT, (1, 8, 8, 8))
        )
    smaller = remove_on_shapes(model, 0.5, READING)
    [note] = step_notes(smaller)
    assert note.startswith("4 of 8 channels removed (what goes together counts once), in 1 group; ")
    assert note.split("; ")[1].startswith("8 stay since node ")
    assert note.split("; ")[1].endswith(f" ({op}) {why}")


def test_who_reads_a_count_of_channels_keeps_it():
    net = nets.Net(0)
    x = net.conv("x", 8)
    count = net.add("Gather", [net.add("Shape", [x], (4,)), net.constant(np.array(1))], ())
    real = net.add("Cast", [count], (), to=onnx.TensorProto.FLOAT)
    model = net.model(net.conv(net.elementwise("Div", x, real), 4))
    with pytest.raises(InputError, match=r"8 stay since their count is read by node"):
        remove_on_shapes(model, 0.5, READING)


@pytest.mark.parametrize("share", [-0.1, 1, 1.5, float("nan")])
def test_a_share_out_of_range_is_refused(share):
    with pytest.raises(InputError, match="allowed is 0 to below 1"):
        remove_on_shapes(nets.random_net([], 0, 0), share, READING)


def test_a_share_that_removes_nothing_is_refused_and_none_leaves_the_file_as_it_is():
    model = nets.random_net([], 1, 0)
    with pytest.raises(InputError, match="removes none: of 1 group the largest has 20 channels"):
        remove_on_shapes(model, 0.01, READING)
    assert remove_on_shapes(model, 0, READING) == model


@given(st.integers(2, 4000), st.floats(0, 0.999))
def test_at_least_one_of_a_group_stays_and_of_many_a_multiple_of_eight(channels, share):
    kept = kept_count(channels, share)
    assert 1 <= kept <= channels
    if channels < 16:
        assert abs(kept - max(1, channels * (1 - share))) <= 0.5
    elif kept < channels:
        assert kept % 8 == 0
        assert abs(kept - channels * (1 - share)) <= max(4, 8 - channels * (1 - share)) + 1e-9


@pytest.mark.parametrize(
    ("channels", "share", "kept"),
    [(2, 0.5, 1), (2, 0.9, 1), (15, 0.5, 8), (16, 0.5, 8), (16, 0.9, 8), (20, 0.01, 20),
     (20, 0.25, 16), (24, 0.5, 16), (64, 0.25, 48), (1000, 0.5, 504), (1280, 0.75, 320)],
)  # fmt: skip
def test_shares_are_rounded_by_hand(channels, share, kept):
    assert kept_count(channels, share) == kept
