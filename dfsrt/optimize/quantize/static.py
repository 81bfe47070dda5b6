"""Static quantization by onnxruntime: QuantizeLinear and DequantizeLinear around every tensor."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dfsrt.base.errors import InputError
from dfsrt.optimize.calibration import Calibration
from dfsrt.optimize.quantize.axes import channel_axis
from dfsrt.optimize.quantize.desk import desk
from dfsrt.optimize.quantize.opset import tidied
from dfsrt.optimize.quantize.quiet import quiet
from dfsrt.optimize.quantize.reader import Reader
from dfsrt.optimize.weights import Weight, weights_of

if TYPE_CHECKING:
    import onnx

CALIBRATIONS = {"minmax": "MinMax", "percentile": "Percentile", "entropy": "Entropy"}
"""How ranges of maps follow from samples, and what onnxruntime calls it."""
ALSO = ("Elu", "Gelu", "HardSigmoid", "HardSwish", "LRN", "Mish", "PRelu", "Selu", "Sub", "Tanh")
"""Operators besides onnxruntime's own choice that NPUs do in the numbers of their maps."""
_TYPES = {"int4": "QInt4", "int8": "QInt8", "uint16": "QUInt16"}
_RANGED = (1, 10)
"""Element types float and float16, by the format's numbers."""
_HISTOGRAM_BYTES = 128 * 2**20
"""Bytes of maps that are in memory at once while their histograms are made."""

_RANGES = 32
"""Samples whose ranges and outputs are in memory at once where none are made."""


@dataclass(frozen=True, slots=True)
class Static:
    """How to quantize: element types of weights and maps, and those of ``single`` weights."""

    weights: str
    maps: str
    calibration: str = "minmax"
    per_channel: bool = True
    single: Mapping[str, str] = field(default_factory=dict)


def quantized(model: onnx.ModelProto, data: Calibration, how: Static) -> onnx.ModelProto:
    """Return a prepared ``model`` with quantized weights and maps.

    Raises:
        InputError: the model cannot run on the data, or onnxruntime cannot quantize it.
        OutputError: the temporary folder is full.
    """
    import onnx

    with desk() as folder, quiet():
        source, result = folder / "model.onnx", folder / "quantized.onnx"
        onnx.save(model, source)
        try:
            options = _options(model, data, how)
            _quantize(source, result, Reader(data), how, options, _exact(model))
            return tidied(onnx.load(result), model)
        except OSError:
            raise
        except Exception as error:  # onnxruntime raises its own kinds and bare ones
            reason = " ".join(str(error).split())[:240]
            raise InputError(
                f"onnxruntime cannot quantize the model on '{data.what}' ({reason}); give samples "
                "of the shapes and types that the model takes, on which its maps are finite"
            ) from error


def _quantize(
    source: Path,
    result: Path,
    reader: Reader,
    how: Static,
    options: dict[str, object],
    exact: list[str],
) -> None:
    from onnxruntime.quantization import (
        CalibrationMethod,
        QuantFormat,
        QuantType,
        quantize_static,
    )
    from onnxruntime.quantization.registry import QDQRegistry, QLinearOpsRegistry

    quantize_static(
        source,
        result,
        reader,
        op_types_to_quantize=sorted({*QLinearOpsRegistry, *QDQRegistry, *ALSO}),
        nodes_to_exclude=exact,
        quant_format=QuantFormat.QDQ,
        per_channel=how.per_channel,
        weight_type=QuantType[_TYPES[how.weights]],
        activation_type=QuantType[_TYPES[how.maps]],
        calibrate_method=CalibrationMethod[CALIBRATIONS[how.calibration]],
        extra_options=options,
    )


def _exact(model: onnx.ModelProto) -> list[str]:
    """Name each Softmax that keeps its numbers.

    Those that make probabilities for the caller: of a thousand classes, 8 bits make zeros. And
    those of other types, of which onnxruntime takes no ranges.
    """
    outputs = {o.name for o in model.graph.output}
    known = {v.name: v.type.tensor_type.elem_type for v in model.graph.value_info}
    nodes = [n for n in model.graph.node if n.op_type in ("Softmax", "LogSoftmax")]
    last = [n.name for n in nodes if outputs & set(n.output)]
    return last + [n.name for n in nodes if known.get(n.output[0]) not in _RANGED]


def _options(model: onnx.ModelProto, data: Calibration, how: Static) -> dict[str, object]:
    single = {w.name: [_override(w, how)] for w in weights_of(model)}
    maps = _map_bytes(model)
    most = _RANGES if how.calibration == "minmax" else max(_HISTOGRAM_BYTES // max(maps, 1), 1)
    at_once = _at_once(len(data.samples), most)
    return {
        "TensorQuantOverrides": single,
        "CalibStridedMinMax": at_once,
        "CalibTensorRangeSymmetric": False,  # else half of 8 bits is for what a ReLU never makes
    }


def _override(weight: Weight, how: Static) -> dict[str, object]:
    """Say how a weight is quantized: left alone, the axis would be wrong where batches have three.

    A transposed convolution in groups has one scale: onnxruntime fails on those of its bias.
    """
    from onnxruntime.quantization import QuantType

    dtype = how.single.get(weight.name, how.weights)
    grouped = weight.layout == "conv-transpose" and weight.groups > 1
    axis = {"axis": channel_axis(weight)} if how.per_channel and not grouped else {}
    return {"quant_type": QuantType[_TYPES[dtype]], "symmetric": True, **axis}


def _at_once(samples: int, most: int) -> int:
    """Samples whose results lie in memory together, so many that nothing is left over."""
    return next(n for n in range(min(most, samples), 0, -1) if samples % n == 0)


def _map_bytes(model: onnx.ModelProto) -> int:
    """Bytes of all maps of one sample, in fp32, as far as the file tells their sizes."""
    shapes = (v.type.tensor_type.shape.dim for v in model.graph.value_info)
    return sum(4 * math.prod(max(d.dim_value, 1) for d in dims) for dims in shapes)
