"""A network: its layers in the order in which they run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from dfsrt.network.file_nodes import FileNodes
from dfsrt.network.layer import Layer
from dfsrt.network.left_out import LeftOut
from dfsrt.network.precision import convert_layer, count_converted, parse_precision


@dataclass(frozen=True, slots=True)
class Network:
    """Layers in execution order, and the facts of the file that fusion does not change.

    ``params`` counts the elements of every constant operand of the runtime nodes, each stored
    constant once, batch-norm statistics included, scales of quantized ones not. ``unknown_ops``
    names the operators without a rule that were lowered to memory-only layers on request, with how
    often each occurs. ``inputs`` names the graph inputs that are read at run time (no constants),
    ``outputs`` the graph outputs. ``named`` is what else the file names: nodes in no layer, and who
    makes which tensor. ``converted`` are precisions that layers had in the file, those they have
    now, and how many layers that are. ``notes`` are what reports say first of how it was read, one
    line each; ``left_out`` is what the layers do not have of the file.
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
    converted: tuple[tuple[str, str, int], ...] = ()

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
            stored[tensor.stored_as] = max(stored.get(tensor.stored_as, 0), tensor.bytes)
        return sum(stored.values())

    @property
    def growing(self) -> tuple[int, ...]:
        """Places of the layers that a pass has as often as its cache has blocks of tokens."""
        return tuple(i for i, layer in enumerate(self.layers) if layer.grows > 0)

    def as_precision(self, precision: str) -> Network:
        """Return the network with every real-valued tensor stored as ``precision``.

        That is a name, or bits of weights and activations: with ``w4a16`` what products multiply
        by is in int4, all else in fp16. Only sizes change: no value is computed. Index and boolean
        tensors keep their type.

        Limits: scales of narrower weights are not counted; those of a quantized file are.

        Raises:
            InputError: ``precision`` is unknown; the message has those that are allowed.
        """
        to = parse_precision(precision)
        layers = tuple(convert_layer(layer, to.others, to.weights) for layer in self.layers)
        return replace(self, layers=layers, converted=count_converted(self.layers, layers))
