"""Linear models read out of their ONNX files, so that the weights answer and no runtime is loaded.

onnx and onnxruntime take 0.3 s and 40 MB to load, for a product of five numbers a row.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.json import encode
from dfsrt.base.keep import Keep
from dfsrt.base.reading import read_bytes

if TYPE_CHECKING:
    import onnx

_KEEP = Keep("weights", most_bytes=1_000_000)
_STEPS = ["MatMul", "Add", "Reshape"]


def linear_weights(path: Path, sha256: str) -> Floats | None:
    """Return the weights, ``(n_features,)``, of the model in ``path``, whose digest is ``sha256``.

    None for a file that holds anything but features by weights. What was read is kept on disk.
    """
    kept = _KEEP.get_as(partial(msgspec.json.decode, type=_Kept), sha256)
    if kept is None:
        kept = _Kept(_read(path))
        _KEEP.put(sha256, value=encode(kept))
    return None if kept.weights is None else np.array(kept.weights)


class _Kept(msgspec.Struct):
    """What was read of one file: its weights, or that it holds anything else."""

    weights: list[float] | None


def _read(path: Path) -> list[float] | None:
    import onnx

    try:
        return _weights(onnx.load_model_from_string(read_bytes(path)).graph)
    except Exception:  # whatever is wrong with it, the runtime that then opens it says better
        return None


def _weights(graph: onnx.GraphProto) -> list[float] | None:
    """The weights of ``features @ coef + 0``, reshaped; None for any other graph."""
    from onnx import numpy_helper

    constants = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    if [n.op_type for n in graph.node] != _STEPS or any(n.domain for n in graph.node):
        return None
    product, total, shaped = graph.node
    names = [product.input[0], total.input[0], shaped.input[0], shaped.output[0]]
    inputs, outputs = ([v.name for v in values] for values in (graph.input, graph.output))
    if names != [*inputs, product.output[0], total.output[0], *outputs] or inputs != ["features"]:
        return None
    coef, intercept = constants[product.input[1]], constants[total.input[1]]
    if coef.dtype != np.float64 or coef.shape[1:] != (1,) or np.any(intercept != 0):
        return None
    return [float(weight) for weight in coef[:, 0]] if outputs == ["power_w"] else None
