"""A network: its layers in the order in which they run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from dfsrt.base.errors import InputError
from dfsrt.network.file_nodes import FileNodes
from dfsrt.network.layer import Layer
from dfsrt.network.left_out import LeftOut
from dfsrt.network.tensor import Tensor

PRECISIONS = {"int8": "int8", "fp16": "float16", "fp32": "float32"}
"""Precisions a network can be converted to, with the element type each one stores."""

FLOAT_PRECISIONS = {"fp16": "float16", "fp32": "float32", "bf16": "bfloat16"}
"""Precisions that a GPU computes in, with the element type of each."""

REAL_TYPES = {"float64", "float32", "float16", "bfloat16", "int8", "uint8"}
"""Element types that a change of precision changes; indices and booleans keep theirs."""


@dataclass(frozen=True, slots=True)
class Network:
    """Layers in execution order, and the facts of the file that fusion does not change.

    ``params`` counts the elements of every constant operand of the runtime nodes, each tensor
    once, batch-norm statistics included. ``unknown_ops`` names the operators without a rule that
    were lowered to memory-only layers on request, with how often each occurs. ``inputs`` names
    the graph inputs that are read at run time (no constants), ``outputs`` the graph outputs.
    ``named`` is what else the file names: nodes in no layer, and who makes which tensor.
    ``notes`` are what reports say first of how it was read, one line each; ``left_out`` is what the
    layers do not have of the file.
    """

    name: str
    layers: tuple[Layer, ...]
    params: int
    fused: bool = True
    unknown_ops: tuple[tuple[str, int], ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    named: FileNodes = field(default_factory=FileNodes)
    notes: tuple[str, ...] = ()
    left_out: LeftOut | None = None

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one inference."""
        return sum(layer.macs for layer in self.layers)

    @property
    def weight_bytes(self) -> int:
        """Bytes of all layers' constants; one that several layers share is stored once."""
        stored: dict[str, int] = {}
        for tensor in (t for layer in self.layers for t in layer.weights):
            # A scalar that became a bias is larger there: the largest form is the one stored.
            stored[tensor.name] = max(stored.get(tensor.name, 0), tensor.bytes)
        return sum(stored.values())

    def as_precision(self, precision: str) -> Network:
        """Return the network with every real-valued tensor stored as ``precision``.

        Only sizes change: no value is computed. Index and boolean tensors keep their type.

        Raises:
            InputError: ``precision`` is none of ``int8``, ``fp16``, ``fp32``.
        """
        if precision not in PRECISIONS:
            raise InputError(
                f"precision '{precision}' is unknown; use one of {', '.join(PRECISIONS)}"
            )
        dtype = PRECISIONS[precision]
        return replace(self, layers=tuple(convert_layer(layer, dtype) for layer in self.layers))


def convert_layer(layer: Layer, dtype: str) -> Layer:
    """Return ``layer`` with every real-valued tensor stored as ``dtype``."""

    def cast(tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return tuple(replace(t, dtype=dtype) if t.dtype in REAL_TYPES else t for t in tensors)

    return replace(
        layer,
        inputs=cast(layer.inputs),
        weights=cast(layer.weights),
        outputs=cast(layer.outputs),
    )
