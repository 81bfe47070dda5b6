"""What a step does to code books and zeros of weights, where that says why bytes came or went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dfsrt.network.packing import Packing
from dfsrt.network.tensor import Tensor
from dfsrt.report.optimize.stages import Point
from dfsrt.report.optimize.stored import largest_weight


def split_books(before: Point, after: Point) -> Iterator[str]:
    """Yield that scales of channels made of one value as many as there are channels."""
    weights, smaller = _weights(before), _weights(after)
    left = [
        smaller[name].packing or Packing()
        for name, weight in weights.items()
        if name in smaller and _is_split(weight.packing, smaller[name].packing or Packing())
    ]
    if left:
        gone = sum(not packing.values for packing in left)
        line = f"scales by channel split the code books of {_layers(len(left))}"
        line += f" and end those of {gone}" if gone else ""
        keeps = after.step.startswith("int8")
        yield f"{line}: int8:per=tensor keeps them" if keeps else line


def few_zeros(before: Point, after: Point, bits: int) -> Iterator[str]:
    """Yield that zeros which came are too few to be coded in the ``bits`` that a device runs."""
    weights = _weights(before)
    count = sum(
        name in weights and _pays(weight, weight.bits) and not _pays(weight, bits)
        and not _pays(weights[name], weights[name].bits)
        for name, weight in _weights(after).items()
    )  # fmt: skip
    if count:
        yield f"zeros in {_layers(count)}: too few to save bytes in {bits} bits"


def _weights(point: Point) -> Mapping[str, Tensor]:
    """The largest weight of each layer, by the layer's name."""
    pairs = ((layer.name, largest_weight(layer)) for layer in point.network.layers)
    return {name: weight for name, weight in pairs if weight is not None}


def _pays(weight: Tensor, bits: int) -> bool:
    packing = weight.packing
    return packing is not None and not packing.group and packing.zeros_pay(bits)


def _is_split(before: Packing | None, after: Packing) -> bool:
    if before is None or not before.values:
        return False
    return not after.values or after.values * after.codebooks > before.values * before.codebooks


def _layers(count: int) -> str:
    return f"{count} layer{'' if count == 1 else 's'}"
