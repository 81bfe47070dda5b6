"""Windows against onnxruntime: which positions of the input it lets into which results."""

from __future__ import annotations

import numpy as np
import onnxruntime as ort
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dfsrt.network import from_onnx_model
from dfsrt.network.axis import Axis
from dfsrt.network.window import Window
from tests.network.builders import Builder, runnable

F32 = np.float32


def window_of(model) -> Window | None:
    dims = {"n": 1} if model.graph.input[0].type.tensor_type.shape.dim[0].dim_param else {}
    return from_onnx_model(model, "t", dims=dims, fuse=False).layers[-1].window


def reads(axis: Axis) -> set[tuple[int, int]]:
    """Pairs of a result and a position that meet, from the axis' own words."""
    met = set()
    for k in range(axis.kernel):
        for at in range(axis.size_in if axis.transposed else axis.size_out):
            other = at * axis.stride - axis.pad + k * axis.dilation
            met.add((other, at) if axis.transposed else (at, other))
    return {(o, i) for o, i in met if 0 <= o < axis.size_out and 0 <= i < axis.size_in}


def computed(model, sizes: tuple[int, ...], axis: int) -> tuple[set[tuple[int, int]], int]:
    """Pairs of a result and a position of one axis that onnxruntime lets meet, and all results.

    Image ``i`` of the batch is 1 at position ``i`` of the axis, whatever the others are, else 0.
    """
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = ort.InferenceSession(
        runnable(model).SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    one = np.eye(sizes[axis], dtype=F32)
    shape = [sizes[axis] if a == axis else 1 for a in range(len(sizes))]
    images = np.broadcast_to(
        np.stack([row.reshape(shape) for row in one])[:, None], (sizes[axis], 2, *sizes)
    )
    (y,) = session.run(None, {"x": np.ascontiguousarray(images)})
    others = tuple(a + 1 for a in range(len(sizes)) if a != axis)
    met = (np.abs(y).max(axis=1) > 1e-6).any(axis=others) if others else np.abs(y).max(1) > 1e-6
    return {(int(o), int(i)) for i, o in np.argwhere(met)}, y.shape[2 + axis]


def model_of(op: str, sizes: tuple[int, ...], kernel=None, opset=18, more=(), **attributes):
    b = Builder(opset)
    x = b.input("x", ["n", 2, *sizes])
    weight = [b.weight(2, 2, *kernel)] if "Conv" in op else []
    if not weight and kernel:
        attributes["kernel_shape"] = kernel
    operands = [b.const(c, F32 if np.array(c).dtype.kind == "f" else np.int64) for c in more]
    return b.model(b.op(op, x, *weight, *operands, **attributes))


def check_if_it_runs(model, sizes: tuple[int, ...]) -> None:
    try:
        found = [computed(model, sizes, axis) for axis in range(len(sizes))]
    except Exception:
        assume(False)  # onnxruntime refuses it
    assume(all(results for _, results in found))
    check(model, sizes, found)


def check(model, sizes: tuple[int, ...], found) -> None:
    window = window_of(model)
    assert window is not None and len(window.axes) == len(sizes)
    for axis, (pairs, results) in zip(window.axes, found, strict=True):
        assert axis.size_out == results
        assert pairs == reads(axis)


@st.composite
def slid(draw, ops, how=("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER")):
    rank = draw(st.integers(1, 2))

    def some(low, high):
        return tuple(draw(st.integers(low, high)) for _ in range(rank))

    op, auto = draw(st.sampled_from(ops)), draw(st.sampled_from(how))
    kernel, sizes = some(1, 4), some(3, 9)
    attributes = {"strides": some(1, 4), "auto_pad": auto}
    if auto.startswith("SAME") and op != "ConvTranspose":
        attributes["strides"] = tuple(map(min, attributes["strides"], kernel))
    if op != "AveragePool":
        attributes["dilations"] = some(1, 2) if auto == "NOTSET" else (1,) * rank
    if auto == "NOTSET":
        attributes["pads"] = [draw(st.integers(0, k - 1)) for k in (*kernel, *kernel)]
    if op.endswith("Pool"):
        attributes["ceil_mode"] = draw(st.integers(0, 1)) if auto == "NOTSET" else 0
    if op == "ConvTranspose" and auto == "NOTSET" and draw(st.booleans()):
        attributes["output_padding"] = [draw(st.integers(0, s - 1)) for s in attributes["strides"]]
    if op == "ConvTranspose" and draw(st.booleans()):
        attributes.pop("pads", None)
        attributes["output_shape"] = [
            max((n - 1) * u + draw(st.integers(0, k)), 1)
            for n, u, k in zip(sizes, attributes["strides"], kernel, strict=True)
        ]
    return model_of(op, sizes, kernel, **attributes), sizes


@given(slid(["Conv", "AveragePool", "MaxPool", "LpPool"]))
@settings(max_examples=60)
def test_windows_of_convolutions_and_pools_are_onnxruntimes(case) -> None:
    check_if_it_runs(*case)


@given(slid(["ConvTranspose"]))
@settings(max_examples=40)
def test_windows_of_transposed_convolutions_are_onnxruntimes(case) -> None:
    check_if_it_runs(*case)


def test_a_volume_has_three_axes_in_their_order() -> None:
    model = model_of("Conv", (5, 6, 7), (1, 2, 3), strides=[1, 2, 3], pads=[0, 1, 2, 0, 0, 1])
    check(model, (5, 6, 7), [computed(model, (5, 6, 7), axis) for axis in range(3)])


NEAREST = ("floor", "ceil", "round_prefer_floor", "round_prefer_ceil")
POINTS = ("half_pixel", "asymmetric", "pytorch_half_pixel", "half_pixel_symmetric")


@given(
    st.sampled_from(["nearest", "linear", "cubic"]),
    st.sampled_from(POINTS),
    st.sampled_from(NEAREST),
    st.integers(1, 5),
    st.sampled_from([1, 2, 4, 8]),  # a third is rounded, which may move what lies on an edge
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=60)
def test_windows_of_resizes_are_onnxruntimes(mode, points, nearest, size, factor, grows, by_size):
    sizes = (4, size) if grows else (4, size * factor)
    result = size * factor if grows else size
    of = (0, 4, 4, result) if by_size else (1.0, 1.0, 1.0, result / sizes[1])
    b = Builder(18)
    x = b.input("x", ["n", 2, *sizes])
    given_sizes = ["", "", b.const([4, result])] if by_size else ["", b.const(of[2:], F32)]
    model = b.model(
        b.op("Resize", x, *given_sizes, axes=[2, 3], mode=mode, nearest_mode=nearest,
             coordinate_transformation_mode=points)
    )  # fmt: skip
    check_resize(model, sizes, mode)


def check_resize(model, sizes, mode) -> None:
    """Points beyond the outermost positions repeat those, which an axis does not say."""
    try:
        pairs, results = computed(model, sizes, 1)
    except Exception:
        assume(False)
    axis = window_of(model).axes[1]
    read = reads(axis)
    outside = set(range(results)) - {o for o, _ in read}
    assert axis.size_out == results
    assert {i for o, i in pairs if o in outside} <= {0, sizes[1] - 1}
    inside = {(o, i) for o, i in pairs if o not in outside}
    assert inside <= read if mode == "cubic" else inside == read


@pytest.mark.parametrize("opset", [7, 9, 10, 13])
def test_resizes_of_older_operator_sets_repeat_positions(opset: int) -> None:
    b = Builder(opset)
    x, scales = b.input("x", [1, 2, 3, 5]), [1.0, 1.0, 2.0, 3.0]
    if opset == 7:
        y = b.op("Upsample", x, scales=scales)
    elif opset == 13:
        y = b.op("Resize", x, "", b.const(scales, F32))
    else:
        y = b.op("Upsample" if opset == 9 else "Resize", x, b.const(scales, F32))
    rows, columns = window_of(b.model(y)).axes
    assert rows == Axis(3, 6, 2, 2, transposed=True)
    assert columns == Axis(5, 15, 3, 3, transposed=True)


def test_a_linear_resize_reads_a_neighbour() -> None:
    """Twice as many: result 1 lies a quarter behind position 0, so positions 0 and 1 make it."""
    axis = window_of(model_of("Resize", (4,), more=([], [1.0, 1.0, 2.0]), mode="linear")).axes[0]
    assert (axis.kernel, axis.stride, axis.pad, axis.transposed) == (4, 2, 1, True)
    assert axis.spans(np.array([1, 8]))[0].tolist() == [2, 4]


@pytest.mark.parametrize(
    ("shape", "scales", "more"),
    [
        ((1, 2, 4, 4), [1.0, 1.0, 1.5, 2.0], {}),
        ((1, 2, 4, 4), [1.0, 2.0, 2.0, 1.0], {}),
        ((2, 4), [1.0, 2.0], {}),
    ],
)
def test_a_resize_without_a_window_says_none(shape, scales, more) -> None:
    b = Builder(13)
    y = b.op("Resize", b.input("x", shape), "", b.const(scales, F32), **more)
    assert window_of(b.model(y)) is None
