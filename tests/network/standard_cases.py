"""Small graphs on operators of the standard domain: one node each, with values to run them on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto

from tests.network.builders import Builder

Build = Callable[[Builder], str]


@dataclass(frozen=True)
class Case:
    """One operator in the operator sets from ``first`` to ``last``, and what to feed it."""

    op: str
    build: Build
    first: int
    last: int = 21

    def model(self, opset: int) -> onnx.ModelProto:
        b = Builder(opset=opset)
        return b.model(*np.atleast_1d(self.build(b)).tolist())


def feeds(model: onnx.ModelProto, seed: int = 0) -> dict[str, np.ndarray]:
    """Values for all inputs: noise, or ones for whole numbers."""
    rng = np.random.default_rng(seed)
    given = {}
    for i in model.graph.input:
        shape = [d.dim_value for d in i.type.tensor_type.shape.dim]
        dtype = onnx.helper.tensor_dtype_to_np_dtype(i.type.tensor_type.elem_type)
        noise = rng.random(shape) if dtype.kind == "f" else np.ones(shape)
        given[i.name] = noise.astype(dtype)
    return given


def _x(b: Builder, *shape: int, name: str = "x", dtype: int = TensorProto.FLOAT) -> str:
    return b.input(name, list(shape), dtype)


def _floats(b: Builder, *values: float) -> str:
    return b.const(values, np.float32)


def _compare(op: str) -> Build:
    return lambda b: b.op(op, _x(b, 2, 3), _x(b, 3, name="y"))


def _dft(b: Builder) -> str:
    if b.opset < 20:
        return b.op("DFT", _x(b, 2, 12, 1), axis=1, onesided=1)
    return b.op("DFT", _x(b, 2, 12, 1), "", b.const(1), onesided=1)


def _deform(b: Builder) -> str:
    x, offset = _x(b, 1, 4, 9, 8), _x(b, 1, 2 * 9 * 2, 7, 6, name="offset")
    return b.op("DeformConv", x, b.weight(6, 2, 3, 3), offset, group=2, offset_group=2)


def _unpool(b: Builder) -> str:
    y, where = b.op("MaxPool", _x(b, 1, 2, 8, 8), n=2, kernel_shape=[2, 2], strides=[2, 2])
    return b.op("MaxUnpool", y, where, kernel_shape=[2, 2], strides=[2, 2])


def _upsample(b: Builder) -> str:
    x = _x(b, 1, 2, 3, 4)
    if b.opset < 9:
        return b.op("Upsample", x, scales=[1.0, 1.0, 2.0, 3.0])
    return b.op("Upsample", x, _floats(b, 1, 1, 2, 3))


def _top_k(b: Builder) -> str:
    if b.opset < 10:
        return b.op("TopK", _x(b, 2, 9), n=2, k=4)[0]
    return b.op("TopK", _x(b, 2, 9), b.const([4]), n=2)[0]


def _split(b: Builder) -> str:
    parts = b.op("SplitToSequence", _x(b, 4, 7), b.const([3, 2, 2]), axis=1)
    return b.op("SequenceAt", parts, b.const(-1))


def _stacked(b: Builder) -> str:
    parts = b.op("SequenceConstruct", _x(b, 4, 7), _x(b, 4, 7, name="y"))
    return b.op("ConcatFromSequence", parts, axis=1, new_axis=1)


def _unbound(b: Builder) -> str:
    parts = b.op("SplitToSequence", _x(b, 4, 7), axis=0, keepdims=0)
    longer = b.op("SequenceInsert", parts, _x(b, 7, name="y"))
    return b.op("ConcatFromSequence", b.op("SequenceErase", longer, b.const(0)), axis=0)


def _group_norm(b: Builder) -> str:
    groups = 4 if b.opset < 21 else 8
    return b.op(
        "GroupNormalization", _x(b, 2, 8, 3, 3), b.weight(groups), b.weight(groups), num_groups=4
    )


def _attention(b: Builder) -> str:
    q = _x(b, 1, 8, 5, 16, name="q")
    k, v = (_x(b, 1, 2, 6, 16, name=n) for n in "kv")
    return b.op("Attention", q, k, v)


def _rotary(b: Builder) -> str:
    return b.op("RotaryEmbedding", _x(b, 1, 2, 4, 8), b.weight(1, 4, 4), b.weight(1, 4, 4))


def _blocked(b: Builder) -> str:
    x = _x(b, 4, 8, dtype=TensorProto.INT8)
    return b.op("DequantizeLinear", x, b.weight(4, 2), axis=1, block_size=4)


def _crop(b: Builder) -> str:
    return b.op("CenterCropPad", _x(b, 5, 9, 3), b.const([7, 4]), axes=[0, 1])


def _det(b: Builder) -> str:
    return b.op("Det", _x(b, 2, 3, 3))


def _affine(b: Builder) -> str:
    return b.op("AffineGrid", _x(b, 2, 2, 3), b.const([2, 3, 4, 5]))


def _affine_3d(b: Builder) -> str:
    return b.op("AffineGrid", _x(b, 1, 3, 4), b.const([1, 2, 3, 4, 5]))


def _window(op: str) -> Build:
    return lambda b: b.op("Mul", _x(b, 8), b.op(op, b.const(8)))


def _col2im(b: Builder) -> str:
    return b.op("Col2Im", _x(b, 1, 12, 9), b.const([4, 4]), b.const([2, 2]))


def _compress(b: Builder) -> str:
    return b.op("Compress", _x(b, 3, 4), b.const([True, False, True], np.bool_), axis=0)


def _gather_nd(b: Builder) -> str:
    return b.op("GatherND", _x(b, 3, 4, 5), b.const([[0, 1], [2, 3]]))


def _grid(b: Builder) -> str:
    return b.op("GridSample", _x(b, 1, 2, 4, 4), _x(b, 1, 3, 5, 2, name="g"))


def _grid_3d(b: Builder) -> str:
    return b.op("GridSample", _x(b, 1, 2, 4, 4, 4), _x(b, 1, 2, 3, 5, 3, name="g"))


def _max_roi_pool(b: Builder) -> str:
    regions = b.const([[0, 1, 1, 5, 5], [0, 0, 2, 6, 7]], np.float32)
    return b.op("MaxRoiPool", _x(b, 1, 2, 8, 8), regions, pooled_shape=[3, 2])


def _roi_align(b: Builder) -> str:
    image, boxes = _x(b, 1, 3, 9, 9), _x(b, 4, 4, name="r")
    of = b.const([0, 0, 0, 0])
    sizes = {"output_height": 2, "output_width": 5, "sampling_ratio": 2}
    return b.op("RoiAlign", image, boxes, of, **sizes)


def _mel(b: Builder) -> str:
    low, high = b.const(0, np.float32), b.const(4000, np.float32)
    mel = b.op("MelWeightMatrix", b.const(6), b.const(16), b.const(8000), low, high)
    return b.op("MatMul", _x(b, 3, 9), mel)


def _loss(op: str) -> Build:
    return lambda b: b.op(op, _x(b, 3, 5), _x(b, 3, name="t", dtype=TensorProto.INT64))


def _optional(b: Builder) -> str:
    return b.op("OptionalGetElement", b.op("Optional", _x(b, 2, 3)))


def _reversed(b: Builder) -> str:
    return b.op("ReverseSequence", _x(b, 4, 3, 2), b.const([4, 1, 2]))


def _scatter(b: Builder) -> str:
    return b.op("ScatterElements", _x(b, 3, 4), b.const([[1, 0]]), _x(b, 1, 2, name="u"), axis=1)


def _scatter_nd(b: Builder) -> str:
    return b.op("ScatterND", _x(b, 3, 4), b.const([[1]]), _x(b, 1, 4, name="u"))


def _stft(b: Builder) -> str:
    return b.op("STFT", _x(b, 2, 50, 1), b.const(7), b.weight(16))


def _lp_pool(b: Builder) -> str:
    return b.op("LpPool", _x(b, 1, 2, 8, 8), kernel_shape=[3, 3])


def _of_image(op: str) -> Build:
    return lambda b: b.op(op, _x(b, 1, 2, 3, 4))


CASES = (
    Case("AffineGrid", _affine, 20),
    Case("AffineGrid3D", _affine_3d, 20),
    Case("Attention", _attention, 23, 24),
    Case("BlackmanWindow", _window("BlackmanWindow"), 17),
    Case("CenterCropPad", _crop, 18),
    Case("Col2Im", _col2im, 18),
    Case("Compress", _compress, 9),
    Case("ConcatFromSequence", _stacked, 11),
    Case("DFT", _dft, 17),
    Case("DeformConv", _deform, 19, 22),
    Case("DequantizeLinear", _blocked, 21),
    Case("Det", _det, 11),
    Case("GatherND", _gather_nd, 11),
    Case("GreaterOrEqual", _compare("GreaterOrEqual"), 12),
    Case("GridSample", _grid, 16),
    Case("GridSample3D", _grid_3d, 20),
    Case("GroupNormalization", _group_norm, 18),
    Case("HammingWindow", _window("HammingWindow"), 17),
    Case("HannWindow", _window("HannWindow"), 17),
    Case("LessOrEqual", _compare("LessOrEqual"), 12),
    Case("LpPool", _lp_pool, 7),
    Case("MaxRoiPool", _max_roi_pool, 7),
    Case("MaxUnpool", _unpool, 11),
    Case("MeanVarianceNormalization", _of_image("MeanVarianceNormalization"), 9),
    Case("MelWeightMatrix", _mel, 17),
    Case("NegativeLogLikelihoodLoss", _loss("NegativeLogLikelihoodLoss"), 12),
    Case("Optional", _optional, 15),
    Case("ReverseSequence", _reversed, 10),
    Case("RoiAlign", _roi_align, 10),
    Case("RotaryEmbedding", _rotary, 23, 24),
    Case("STFT", _stft, 17),
    Case("ScatterElements", _scatter, 11),
    Case("ScatterND", _scatter_nd, 11),
    Case("SequenceInsert", _unbound, 11),
    Case("Softplus", _of_image("Softplus"), 7),
    Case("Softsign", _of_image("Softsign"), 7),
    Case("SoftmaxCrossEntropyLoss", _loss("SoftmaxCrossEntropyLoss"), 12),
    Case("SplitToSequence", _split, 11),
    Case("TopK", _top_k, 7),
    Case("Upsample", _upsample, 7, 9),
)


def in_all_operator_sets() -> Iterator[tuple[str, onnx.ModelProto]]:
    """Yield every case in every operator set that has it, under a name of its own."""
    for case in CASES:
        for opset in range(case.first, case.last + 1):
            yield f"{case.op}-{opset}", case.model(opset)
