"""Weights of onnxruntime's ``MatMulNBits``, whose numbers share bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.arrays import Mask
from dfsrt.optimize.arrays import Array, array_of, has_values

if TYPE_CHECKING:
    import onnx

Codes = NDArray[np.uint8]
_BITS = (2, 4)


@dataclass(frozen=True, slots=True)
class WeightInBits:
    """Codes of so many ``bits``, ``(n_outputs, n_inputs)``, and which of them are no zero."""

    name: str
    bits: int
    codes: Codes
    nonzero: Mask


def weights_in_bits(model: onnx.ModelProto) -> Iterator[WeightInBits]:
    """Yield the weights of a model's ``MatMulNBits`` nodes, each stored constant once.

    Limits: of 2 and 4 bits, as dfsrt counts them; one whose bytes do not fit its sizes, or with
    zero points that the file does not hold or that are no whole numbers, is none.
    """
    stored = {t.name: t for t in model.graph.initializer if has_values(t)}
    nodes = {n.input[1]: n for n in model.graph.node if n.op_type == "MatMulNBits"}
    for name, node in nodes.items():
        said = {"bits": 4, **{a.name: a.i for a in node.attribute}}
        if name not in stored or said["bits"] not in _BITS:
            continue
        codes = _codes(array_of(stored[name]), said["bits"])
        zeros = _zero_codes(node, stored, codes, said)
        if zeros is not None:
            rows = codes.reshape(len(codes), -1)
            yield WeightInBits(name, said["bits"], rows, (codes != zeros).reshape(rows.shape))


def _codes(packed: Array, bits: int) -> Codes:
    """Numbers of ``(n_outputs, n_blocks, n_bytes)``, the lowest bits of a byte first."""
    shifts = np.arange(0, 8, bits, dtype=np.uint8)
    codes: Codes = packed.view(np.uint8)[..., None] >> shifts & np.uint8(2**bits - 1)
    return codes.reshape(*packed.shape[:-1], -1)


def _zero_codes(
    node: onnx.NodeProto, stored: dict[str, onnx.TensorProto], codes: Codes, said: dict[str, int]
) -> Codes | None:
    """The code of zero for each block, ``(n_outputs, n_blocks, 1)``; None where nobody knows."""
    if codes.ndim != 3 or len(codes) != said.get("N"):
        return None
    if len(node.input) < 4 or not node.input[3]:
        return np.full((1, 1, 1), 2 ** (said["bits"] - 1), np.uint8)
    points = stored.get(node.input[3])
    if points is None or array_of(points).dtype != np.uint8:
        return None
    each = _codes(array_of(points).reshape(len(codes), -1), said["bits"])
    return each[:, : codes.shape[1], None] if each.shape[1] >= codes.shape[1] else None
