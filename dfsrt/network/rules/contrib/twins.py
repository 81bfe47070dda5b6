"""Operators of onnxruntime that are a standard one on some of their operands."""

from __future__ import annotations

from dataclasses import dataclass

import onnx

from dfsrt.network.rules.contrib.write import VERSION

_INT32 = int(onnx.TensorProto.INT32)
_FLOAT = int(onnx.TensorProto.FLOAT)
_WHOLE = {
    int(getattr(onnx.TensorProto, f"{sign}INT{n}")) for sign in ("", "U") for n in (8, 16, 32)
}


def without_scale(proto: onnx.TypeProto) -> onnx.TypeProto:
    """Return the type of the real numbers that whole ones with a scale stand for."""
    if proto.tensor_type.elem_type not in _WHOLE:
        return proto
    real = onnx.TypeProto()
    real.CopyFrom(proto)
    real.tensor_type.elem_type = _FLOAT
    return real


@dataclass(frozen=True, slots=True)
class Twin:
    """A standard operator, and where its operands stand among those of onnxruntime's.

    The other operands are scales and zero points, which a compiler turns into the shift of the
    result. ``like`` is the position of the operand whose element type the result has, ``element``
    that type where it is always the same. ``needed`` operands must be there.
    """

    op: str
    operands: tuple[int, ...]
    like: int | None = None
    element: int = 0
    needed: int = 1
    version: int = VERSION

    @property
    def scaled(self) -> bool:
        """Whether numbers have a scale, so that their types are none of the standard operator's."""
        return self.like is not None


TWINS: dict[str, Twin] = {
    # quantized: data, scale and zero point of each operand, then those of the result
    "QLinearAdd": Twin("Add", (0, 3), like=7, needed=2),
    "QLinearAveragePool": Twin("AveragePool", (0,), like=4),
    "QLinearConv": Twin("QLinearConv", tuple(range(9)), needed=8),
    "QLinearGlobalAveragePool": Twin("GlobalAveragePool", (0,), like=4),
    "QLinearLeakyRelu": Twin("LeakyRelu", (0,), like=4),
    "QLinearMul": Twin("Mul", (0, 3), like=7, needed=2),
    "QLinearReduceMean": Twin("ReduceMean", (0,), like=4),
    "QLinearSigmoid": Twin("Sigmoid", (0,), like=4),
    "QLinearSoftmax": Twin("Softmax", (0,), like=4),
    "QLinearWhere": Twin("Where", (0, 1, 4), like=8, needed=3),
    "QGemm": Twin("Gemm", (0, 3, 6), like=8, element=_FLOAT, needed=2),
    "MatMulInteger16": Twin("MatMul", (0, 1), element=_INT32, needed=2),
    "MulInteger": Twin("Mul", (0, 2), element=_INT32, needed=2),
    "ReduceSumInteger": Twin("ReduceSum", (0,), element=_INT32, version=11),
    # as they are, where the file's operator set may lack them
    "BiasDropout": Twin("Sum", (0, 1, 2)),
    "BitmaskBiasDropout": Twin("Sum", (0, 1, 2)),
    "GatherND": Twin("GatherND", (0, 1), needed=2),
    "GridSample": Twin("GridSample", (0, 1), needed=2),
    "MaxpoolWithMask": Twin("MaxPool", (0,)),
    "NhwcMaxPool": Twin("MaxPool", (0,)),
    "Pad": Twin("Pad", (0, 1, 2), needed=2),
    "SampleOp": Twin("Identity", (0,)),
    "TorchEmbedding": Twin("Gather", (0, 1), needed=2),
    "Trilu": Twin("Trilu", (0, 1)),
}

IN_BLOCKS: dict[str, Twin] = {
    "AveragePool": Twin("AveragePool", (0,), version=19),
    "GlobalAveragePool": Twin("GlobalAveragePool", (0,)),
    "GlobalMaxPool": Twin("GlobalMaxPool", (0,)),
    "MaxPool": Twin("MaxPool", (0,)),
}
"""Operators on images in blocks, once their channels are counted without the fill."""

LAST = frozenset({"NhwcMaxPool"})
"""Operators on images with channels last; those of ``CHOOSE`` where their attribute says so."""
CHOOSE = frozenset({"QLinearAveragePool", "QLinearConv", "QLinearGlobalAveragePool"})
