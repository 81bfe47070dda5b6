"""Calls: a layer's operands on a GPU, and the function that runs it once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING

from dfsrt.network.layer import Layer
from dfsrt.network.layout import CHANNELS_LAST, image_flow
from dfsrt.network.probe import Probe
from dfsrt.network.tensor import Tensor
from dfsrt.power.measure.errors import CannotRunError
from dfsrt.power.measure.torch_ops import Operator, operator_of, permuted

if TYPE_CHECKING:
    import torch

Call = Callable[[], object]

GAIN = 1.4
"""Of convolutions in a network: between 1 and 2, with which chains of ReLU would fade away and
chains of residuals overflow fp16. Source: assumed, so that values stay finite and above zero."""


def layer_call(t: ModuleType, device: str, probe: Probe, layout: str) -> Call:
    """Return a function that runs ``probe`` on random operands, images in ``layout``.

    Raises:
        CannotRunError: the operator has no kernel on this bench.
    """
    layer, run = probe.layer, _operator(probe.layer)
    tensors = {a.name: a for a in (*layer.inputs, *layer.weights)}
    operands = [
        laid_out(t, _operand(t, device, tensors[name], layer), layout)
        for name in probe.operands
        if name
    ]
    attributes, shape = dict(probe.attributes), layer.outputs[0].shape
    return lambda: run(t, operands, attributes, shape)


def network_call(t: ModuleType, device: str, probes: Sequence[Probe], layout: str) -> Call:
    """Return a function that runs ``probes`` one after another, each on what those before gave.

    Weights are drawn so that values keep their size from layer to layer, as trained ones do.

    Raises:
        CannotRunError: an operator has no kernel on this bench.
    """
    free = image_flow([probe.layer for probe in probes]).free if layout == CHANNELS_LAST else ()
    steps = [
        (probe, permuted if probe.layer.name in free else _operator(probe.layer))
        for probe in probes
    ]
    fixed: dict[str, torch.Tensor] = {}
    made = {a.name for probe in probes for a in probe.layer.outputs}
    for probe in probes:
        for place, tensor in enumerate((*probe.layer.inputs, *probe.layer.weights)):
            if tensor.name not in made and tensor.name not in fixed:
                drawn = _weight(t, device, tensor, probe, place)
                fixed[tensor.name] = laid_out(t, drawn, layout)

    def run_all() -> object:
        values: dict[str, torch.Tensor] = dict(fixed)
        for probe, run in steps:
            operands = [values[name] for name in probe.operands if name]
            results = run(t, operands, probe.attributes, probe.layer.outputs[0].shape)
            several = results if isinstance(results, list | tuple) else [results]
            values |= zip((a.name for a in probe.layer.outputs), several, strict=False)
        return values

    return run_all


def laid_out(t: ModuleType, tensor: torch.Tensor, layout: str) -> torch.Tensor:
    """Return a tensor with four axes in ``layout``, any other as it is."""
    if layout != CHANNELS_LAST or tensor.dim() != 4:
        return tensor
    return tensor.contiguous(memory_format=t.channels_last)


def _operator(layer: Layer) -> Operator:
    run = operator_of(layer)
    if run is None:
        told = "+".join((layer.op, *layer.joined))
        raise CannotRunError(f"operator {told} has no kernel on this bench")
    return run


def _operand(t: ModuleType, device: str, tensor: Tensor, layer: Layer) -> torch.Tensor:
    if tensor.dtype == "bool":
        return t.rand(tensor.shape, device=device) < 0.5
    if tensor.dtype in ("int64", "int32"):
        most = layer.inputs[0].shape[0] if layer.inputs[0].shape else 1
        tables = [a for a in (*layer.inputs, *layer.weights) if a.dtype != tensor.dtype]
        most = tables[0].shape[0] if tables and tables[0].shape else most
        dtype = getattr(t, tensor.dtype)
        return t.randint(0, max(most, 1), tensor.shape, device=device, dtype=dtype)
    return t.randn(tensor.shape, device=device, dtype=getattr(t, tensor.dtype))


def _weight(t: ModuleType, device: str, tensor: Tensor, probe: Probe, place: int) -> torch.Tensor:
    """A constant, or what the caller gives: scales 1, products' weights by what they add up."""
    layer = probe.layer
    drawn = _operand(t, device, tensor, layer)
    if place < len(layer.inputs) or not drawn.is_floating_point():
        return drawn
    position = probe.operands.index(tensor.name)
    if layer.gemms and position == 1:
        gain = GAIN if layer.op.startswith("Conv") else 1.0
        return drawn * (gain / layer.gemms[0].k) ** 0.5
    if layer.op.endswith("Normalization"):
        is_scale = position in (1, 4)  # scale and variance; bias and mean are 0
        return drawn * 0.02 + float(is_scale)
    return drawn * 0.1
