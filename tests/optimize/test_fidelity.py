"""Fidelity: against closed forms, naive loops over onnx's reference evaluator, and by hand."""

from __future__ import annotations

import math

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper, numpy_helper, parser
from onnx.reference import ReferenceEvaluator

import dfsrt.optimize.fidelity.compare as compare
from dfsrt.base.errors import InputError, NetworkError
from dfsrt.optimize import Calibration
from dfsrt.optimize.arrays import with_arrays
from dfsrt.optimize.data import load_calibration
from dfsrt.optimize.fidelity import Sums, fidelity
from dfsrt.optimize.source import model_with_values


def model(text: str, **arrays: np.ndarray) -> onnx.ModelProto:
    made = parser.parse_model(f'<ir_version: 8, opset_import: ["" : 17]> g {text}')
    made.graph.initializer.extend(numpy_helper.from_array(a, n) for n, a in arrays.items())
    return made


def rows(*values: object, labels: list[int] | None = None, dtype: str = "f4") -> Calibration:
    samples = tuple({"x": np.array(value, dtype)} for value in values)
    return Calibration(samples, "by hand", None if labels is None else np.array(labels))


def linear(weight: np.ndarray) -> onnx.ModelProto:
    inputs, outputs = weight.shape
    text = f"(float[1,{inputs}] x) => (float[1,{outputs}] y) {{ y = MatMul(x, w) }}"
    return model(text, w=weight.astype("f4"))


def test_weights_a_tenth_smaller_leave_20_db_and_the_direction():
    weight = np.arange(12, dtype="f4").reshape(3, 4) - 5
    left = fidelity(linear(weight), linear(0.9 * weight), rows([[1, 2, 3]], [[4, -5, 6]]))
    assert left.sqnr_db == pytest.approx(20, abs=1e-4)
    assert left.cosine == pytest.approx(1)
    assert (left.same, left.accuracy, left.samples) == (1.0, None, 2)
    assert [(layer.name, layer.sqnr_db) for layer in left.layers] == [("MatMul_0", left.sqnr_db)]


def test_noise_at_right_angles_has_its_closed_form():
    # y = (3, 4, 0) and (3, 4, 5 tan 30 degrees): 20 log10(1 / tan 30) dB, cos 30 degrees.
    weight = np.array([[3.0, 4, 0]])
    turned = np.array([[3, 4, 5 * math.tan(math.pi / 6)]])
    left = fidelity(linear(weight), linear(turned), rows([[1]], [[-7]]))
    assert left.sqnr_db == pytest.approx(20 * math.log10(math.sqrt(3)), abs=1e-5)
    assert left.cosine == pytest.approx(math.sqrt(3) / 2, abs=1e-6)


def test_a_model_leaves_all_of_itself():
    weight = np.array([[1.0, 2], [3, 4]])
    left = fidelity(linear(weight), linear(weight), rows([[1, 1]], labels=[1]))
    assert (left.accuracy, left.same, left.cosine, left.sqnr_db) == (1, 1, 1, math.inf)
    assert left.notes == ()


def test_accuracy_and_agreement_are_counted_by_hand():
    # The second model swaps the last two classes.
    data = rows([[9, 1, 0]], [[0, 8, 1]], [[0, 1, 8]], [[7, 1, 0]], labels=[0, 2, 2, 1])
    left = fidelity(linear(np.eye(3)), linear(np.eye(3)[[0, 2, 1]]), data)
    assert (left.accuracy, left.same) == (0.5, 0.5)


@pytest.fixture(scope="module")
def digits() -> tuple[onnx.ModelProto, Calibration]:
    given = model_with_values("digits")
    return given, load_calibration("digits", given)


def test_digits_are_as_naive_loops_over_the_reference_evaluator_have_them(digits):
    original, data = digits
    noise = np.random.default_rng(7)
    spoilt = {
        t.name: numpy_helper.to_array(t) * noise.uniform(0.7, 1.3, t.dims).astype("f4")
        for t in original.graph.initializer
    }
    smaller = with_arrays(original, spoilt)
    few = Calibration(data.samples[:5], "five", data.labels[:5])
    left = fidelity(original, smaller, few)
    names = ["relu1", "scores"]
    evaluators = [ReferenceEvaluator(exposed(m, names)) for m in (original, smaller)]
    sums = {name: [0.0] * 4 for name in names}
    right = 0
    for sample, label in zip(few.samples, few.labels, strict=True):
        ours, theirs = (
            dict(zip(names, e.run(None, dict(sample)), strict=True)) for e in evaluators
        )
        right += max(range(10), key=lambda k, s=theirs["scores"]: s[0, k]) == label
        for name in names:
            for a, b in zip(
                ours[name].ravel().tolist(), theirs[name].ravel().tolist(), strict=True
            ):
                for i, term in enumerate((a * a, (a - b) ** 2, b * b, a * b)):
                    sums[name][i] += term
    layers = {layer.name: layer for layer in left.layers}
    assert list(layers) == ["conv1", "conv2", "conv3", "conv4", "conv5", "fc1", "fc2"]
    for got, name in ((layers["conv1"], "relu1"), (left, "scores"), (layers["fc2"], "scores")):
        signal, error, other, product = sums[name]
        assert got.sqnr_db == pytest.approx(10 * math.log10(signal / error), abs=1e-3)
        assert got.cosine == pytest.approx(product / math.sqrt(signal * other), abs=1e-6)
    assert left.accuracy == right / 5


def exposed(original: onnx.ModelProto, names: list[str]) -> onnx.ModelProto:
    copy = onnx.ModelProto.FromString(original.SerializeToString())
    del copy.graph.output[:]
    copy.graph.output.extend(helper.make_tensor_value_info(n, 1, None) for n in names)
    return copy


def test_layers_that_are_held_one_by_one_come_out_the_same(digits, monkeypatch):
    original, data = digits
    smaller = with_arrays(original, {"conv2.weight": np.zeros((32, 32, 3, 3), "f4")})
    few = Calibration(data.samples[:3], "three")
    whole = fidelity(original, smaller, few)
    monkeypatch.setattr(compare, "HELD", 1)
    assert fidelity(original, smaller, few) == whole


CONV = "y = Conv(x, w) z = Relu(y) e = MatMul(z, v)"


def test_an_activation_that_quantizing_took_in_is_compared_behind_it():
    weights = {"w": np.array([[[[1.0]]], [[[-1.0]]]], "f4"), "v": np.eye(2, dtype="f4")}
    io = "(float[1,1,1,2] x) => (float[1,2,1,2] e)"
    original = model(f"{io} {{ {CONV} }}", **weights)
    scale = {"s": np.float32(1.0), "o": np.uint8(0)}
    quantized = "z = Conv(x, w) q = QuantizeLinear(z, s, o) d = DequantizeLinear(q, s, o)"
    smaller = model(f"{io} {{ {quantized} e = MatMul(d, v) }}", **weights, **scale)
    left = fidelity(original, smaller, rows([[[[2, 5]]]]))
    assert [layer.sqnr_db for layer in left.layers] == [math.inf, math.inf]


def test_numbers_that_are_lost_leave_nothing_and_are_counted():
    lossy = model(
        "(float[1,2] x) => (float[1,2] y) { a = MatMul(x, w) y = Log(a) }", w=np.eye(2, dtype="f4")
    )
    whole = linear(np.eye(2))
    left = fidelity(whole, lossy, rows([[1, 2]], [[-1, 2]]))
    assert (left.sqnr_db, left.cosine) == (-math.inf, 0)
    assert left.same == 0.5  # log keeps the order of the first; the second has no answer
    assert left.notes == ("1 of 4 elements of the smaller network's outputs are not finite",)


def test_what_is_not_finite_in_the_original_says_nothing():
    text = "(float[1,2] x) => (float[1,2] y) { a = MatMul(x, w) y = Log(a) }"
    log = model(text, w=np.eye(2, dtype="f4"))
    left = fidelity(log, log, rows([[0, 2]]))
    assert left.sqnr_db == math.inf
    assert left.notes == ("1 elements left out, which are not finite in the original",)


def test_outputs_without_energy():
    zero, one = linear(np.zeros((2, 2))), linear(np.eye(2))
    assert fidelity(zero, zero, rows([[1, 2]])).cosine == 1
    assert fidelity(zero, zero, rows([[1, 2]])).sqnr_db == math.inf
    for pair, db in (((zero, one), -math.inf), ((one, zero), 0.0)):
        left = fidelity(*pair, rows([[1, 2]]))
        assert (left.sqnr_db, left.cosine) == (db, 0)


def test_halves_are_fed_and_compared_with_singles():
    text = "(float16[1,2] x) => (float16[1,2] y) { y = MatMul(x, w) }"
    half = model(text, w=np.array([[1, 0], [0, 0.5]], "f2"))
    single = linear(np.eye(2))
    left = fidelity(single, half, rows([[4, 4]]))
    assert left.sqnr_db == pytest.approx(10 * math.log10(32 / 4))


def test_whole_numbers_beside_scores_are_no_signal_and_several_outputs_count():
    text = "(float[1,2] x) => (float[1,2] y, int64[1] best, float[1,2] t) {{ y = MatMul(x, w) {} }}"
    rest = "best = ArgMax<axis=1, keepdims=0>(y) t = Identity(y)"
    original = model(text.format(rest), w=np.eye(2, dtype="f4"))
    smaller = with_arrays(original, {"w": np.array([[1, 0], [0, 2]], "f4")})
    left = fidelity(original, smaller, rows([[3, 2]]))
    assert left.sqnr_db == pytest.approx(10 * math.log10(26 / 8))
    assert left.notes == ("output 'best' has whole numbers, which SQNR and cosine leave out",)


def test_a_class_as_a_whole_number_is_an_answer():
    text = "(float[1,3] x) => (int64[1] best) { best = ArgMax<axis=1, keepdims=0>(x) }"
    left = fidelity(model(text), model(text), rows([[1, 3, 2]], [[5, 3, 2]], labels=[1, 1]))
    assert (left.accuracy, left.same) == (0.5, 1.0)


def test_a_fixed_batch_has_an_answer_a_row():
    text = "(float[2,2] x) => (float[2,2] y) { y = MatMul(x, w) }"
    original = model(text, w=np.eye(2, dtype="f4"))
    turned = with_arrays(original, {"w": np.array([[0, 0], [0, 1]], "f4")})
    left = fidelity(original, turned, rows([[2, 1], [1, 2]]))
    assert (left.same, left.samples) == (0.5, 1)


def test_probabilities_of_a_sequence_have_an_answer_a_step():
    text = "(float[1,2,3] x) => (float[1,2,3] p) { y = MatMul(x, w) p = Softmax(y) }"
    original = model(text, w=np.eye(3, dtype="f4"))
    turned = with_arrays(original, {"w": np.diag([1, 1, -1]).astype("f4")})
    assert fidelity(original, turned, rows([[[3, 1, 2], [1, 2, 3]]])).same == 0.5


def test_maps_are_no_class_scores_and_labels_do_not_fit_them():
    text = "(float[1,1,2,2] x) => (float[1,1,2,2] y) { y = Conv(x, w) }"
    image = model(text, w=np.ones((1, 1, 1, 1), "f4"))
    left = fidelity(image, image, rows([[[[1, 2], [3, 4]]]]))
    assert left.same is None and "no class scores" in left.notes[0]
    with pytest.raises(InputError, match=r"labels do not fit.*\[1, 1, 2, 2\].*leave the labels"):
        fidelity(image, image, rows([[[[1, 2], [3, 4]]]], labels=[0]))


def test_bad_pairs_and_labels_are_one_clear_line():
    one = linear(np.eye(2))
    with pytest.raises(InputError, match=r"label 2 does not fit: .* 2 classes"):
        fidelity(one, one, rows([[1, 2]], labels=[2]))
    renamed = onnx.ModelProto.FromString(one.SerializeToString().replace(b"y", b"z"))
    with pytest.raises(InputError, match="no output 'y'; it has z"):
        fidelity(one, renamed, rows([[1, 2]]))
    with pytest.raises(InputError, match="samples have no input 'x'"):
        fidelity(one, one, Calibration(({"image": np.ones((1, 2), "f4")},), ""))
    empty = linear(np.eye(2))
    empty.graph.initializer[0].ClearField("raw_data")
    with pytest.raises(NetworkError, match="1 weights of 'smaller', 'w' the first"):
        fidelity(one, empty, rows([[1, 2]]))
    with pytest.raises(NetworkError, match="onnxruntime cannot run network 'original'"):
        fidelity(one, one, rows([[1, 2, 3]]))


@given(st.lists(st.tuples(*[st.floats(-1e3, 1e3)] * 2), min_size=2), st.integers(1, 9))
def test_sums_do_not_depend_on_the_parts_they_come_in(pairs, cut):
    x, y = np.array(pairs).T
    whole, parts, first, second = (Sums() for _ in range(4))
    whole.add(x, y)
    parts.add(x[:cut], y[:cut])
    parts.add(x[cut:], y[cut:])
    first.add(x[:cut], y[:cut])
    second.add(x[cut:], y[cut:])
    assert -1 <= whole.cosine <= 1
    for other in (parts, first.plus(second)):
        assert other.cosine == pytest.approx(whole.cosine, abs=1e-9)
        assert other.sqnr_db == pytest.approx(whole.sqnr_db, abs=1e-9)
