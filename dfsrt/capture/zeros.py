"""Zeros: which share of a model's inputs and weights is zero, layer by layer, in real runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

from dfsrt.base.errors import NetworkError
from dfsrt.capture.counts import Counts, Runs, count_zeros, stored_zeros
from dfsrt.capture.model import file_of
from dfsrt.capture.quantized import quantized_as
from dfsrt.network import Gemm, Layer, Network, Operands, from_onnx_model, read_network
from dfsrt.network.reading import ReadingFields, reading_of
from dfsrt.network.samples.files import Types
from dfsrt.network.samples.samples import Samples, folder_samples, random_samples
from dfsrt.network.samples.tensors import Tensors
from dfsrt.network.shapes.values import sizes_from_values, values_of
from dfsrt.network.sizing import set_sizes
from dfsrt.power.zeros_file import Share

RANDOM_SAMPLES = 4
"""Random samples where nobody says how many."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a model runs on: ``.npy`` and ``.npz`` files of a ``folder``, or random values.

    ``samples`` are how many; None is all files, or four random ones.
    """

    folder: Path | None = None
    samples: int | None = None
    seed: int = 0

    def of(self, types: Types) -> Samples:
        """Return the samples for a model with inputs of these ``types``.

        Raises:
            InputError: no such folder, nothing in it, or a number out of range.
        """
        if self.folder is not None:
            return folder_samples(types, self.folder, self.samples)
        count = RANDOM_SAMPLES if self.samples is None else self.samples
        return random_samples(types, count, self.seed)


@dataclass(frozen=True, slots=True)
class Zeros:
    """The shares of a network's layers, and on how many samples of what they were counted."""

    network: Network
    shares: Mapping[str, Share]
    samples: int
    what: str


def measure_zeros(
    source: str,
    inputs: Inputs | None = None,
    *,
    on_run: Callable[[int], None] = lambda _done: None,
    **said: Unpack[ReadingFields],
) -> Zeros:
    """Run a model in onnxruntime and count zeros in what each layer reads.

    A layer with products is told by their operands, in proportion to their multiply-accumulates:
    of constants as its weights, of what comes at run time as its inputs, or of both where both
    do, the second as weights. Any other is told by all that it reads. In a quantized
    tensor zero is its zero point. ``on_run`` is told how many runs are done. ``said`` is as in
    ``Reading``.

    Raises:
        InputError: inputs that do not fit the model.
        NetworkError: the model cannot be read or run, or its weights are shapes alone.

    Limits: what a layer makes and multiplies within itself (scores of an attention that is one
    node) counts as without zeros; an element counts once, in however many products it is.
    """
    from dfsrt.network.infer import without_functions

    name, model, left = read_network(source, said.get("dims") or {})
    model = without_functions(model)
    rest: ReadingFields = {**said, "dims": left}
    network = from_onnx_model(model, name, **rest)
    said_values = reading_of(**said).values
    set_sizes(model.graph, sizes_from_values(model.graph.input, said_values, left))
    path = file_of(source)
    tensors = Tensors(model.graph, None if path is None else path.resolve().parent)
    _check_values(network, tensors)
    values = values_of({i.name: i.type for i in model.graph.input}, said_values)
    open_inputs = {name: kind for name, kind in tensors.inputs.items() if name not in values}
    samples = (inputs or Inputs()).of(open_inputs).beside(values)
    reads = [t for a in network.layers for t in a.reads if t.name in tensors]
    others = quantized_as(model.graph, reads)
    sizes = {others.get(t.name, t.name): t.elements for t in reads}
    counts = stored_zeros(tensors, sizes)
    run = Runs(model, network.name, path, tensors)
    produced = {tensor: size for tensor, size in sizes.items() if tensor not in tensors.stored}
    runs = count_zeros(run, produced, samples, counts, on_run)
    counts.name_as(others)
    shares = {layer.name: _share(layer, counts) for layer in network.layers}
    return Zeros(network, shares, runs, samples.what)


def _check_values(network: Network, tensors: Tensors) -> None:
    """Check that every product's operands can be looked at, and that its weights have values."""
    products = [layer for layer in network.layers if layer.gemms]
    hidden = [a for a in products if any(t.name not in tensors for t in a.multiplied)]
    if hidden:
        raise NetworkError(
            f"layer '{hidden[0].name}' multiplies a tensor inside an If, Loop or Scan, which "
            "onnxruntime does not show; export the network without it"
        )
    empty = [a for a in products if any(tensors.is_shape_alone(t.name) for t in a.multiplied)]
    if empty:
        raise NetworkError(
            f"the weights of {len(empty)} layers of '{network.name}', '{empty[0].name}' the first, "
            "have shapes and no values, so their zeros mean nothing; give an .onnx file with "
            "trained weights"
        )


def _share(layer: Layer, counts: Counts) -> Share:
    if not layer.gemms:
        return Share(
            counts.share(t.name for t in layer.inputs), counts.share(t.name for t in layer.weights)
        )
    constant = {t.name for t in layer.weights}
    sides = [_sides(operands, constant) for operands in layer.operands]
    return Share(
        *(_weighted(layer.gemms, [counts.share(s[k]) or 0.0 for s in sides]) for k in range(2))
    )


def _sides(operands: Operands, constant: set[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The operands of a product as inputs and weights."""
    turned = bool(operands.a) and constant.issuperset(operands.a)
    turned &= not constant.issuperset(operands.b)
    return (operands.b, operands.a) if turned else (operands.a, operands.b)


def _weighted(gemms: tuple[Gemm, ...], shares: list[float]) -> float:
    macs = [gemm.macs for gemm in gemms]
    total = sum(n * share for n, share in zip(macs, shares, strict=True))
    return total / max(sum(macs), 1)
