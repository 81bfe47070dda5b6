"""Which small, sparse and shared weights of a network a device has no use for, in words."""

from __future__ import annotations

from collections.abc import Iterator

from dfsrt.cost.decoding import decoded, reads_narrow
from dfsrt.cost.skipping import done_share, packing_of
from dfsrt.device.npu import Npu
from dfsrt.network.layer import Layer
from dfsrt.network.network import Network
from dfsrt.network.packing import Packing
from dfsrt.network.tensor import PRECISION_OF, Tensor

_FILE_ONLY = "bytes of the file only"


def unused_steps(network: Network, npu: Npu) -> tuple[str, ...]:
    """Return a line for each fact of a network's weights that ``npu`` cannot use, or not wholly.

    The network is in the precisions that the device runs. Facts are weights below a byte, patterns
    like 2:4, zeros of which a mask would save bytes, and shared values; each line counts the layers
    and says what is left of it.
    """
    seen: dict[tuple[str, str], list[int]] = {}
    for layer in network.layers:
        of_layer = {(fact, why): number for number, fact, why in _of_layer(layer, npu)}
        for key, number in of_layer.items():
            seen.setdefault(key, []).append(number)
    return tuple(
        f"{_counted(fact, numbers)} in {len(numbers)} layer{'' if len(numbers) == 1 else 's'}: "
        f"{npu.name} {why}"
        for (fact, why), numbers in seen.items()
    )


def _counted(fact: str, numbers: list[int]) -> str:
    """A fact of layers with its numbers, 0 where it has none: '15 to 16 shared values'."""
    low, high = min(numbers), max(numbers)
    return " ".join(part for part in (_span(low, high), fact) if part)


def _span(low: int, high: int) -> str:
    if not high:
        return ""
    return str(low) if low == high else f"{low} to {high}"


def _of_layer(layer: Layer, npu: Npu) -> Iterator[tuple[int, str, str]]:
    """Yield a number, or 0, of a fact, the fact, and what the device makes of it."""
    multiplied = {t.name for t in layer.multiplied}
    for tensor, stored in zip(layer.weights, decoded(layer, npu).weights, strict=True):
        if tensor.name not in multiplied:
            continue
        if not reads_narrow(layer, tensor, npu.weights):
            yield _narrow(layer, tensor, stored, npu)
        if tensor.packing is not None:
            yield from _of_packing(layer, tensor.packing, tensor.bits, stored, npu)


def _narrow(layer: Layer, tensor: Tensor, stored: Tensor, npu: Npu) -> tuple[int, str, str]:
    name, has = PRECISION_OF[tensor.dtype], f"int{tensor.bits}" in npu.weights.decode
    why = f"decodes {name} for other layers" if has else f"has no decoder for {name}"
    return 0, f"{name} weights", f"{why}: they lie in its DRAM as {PRECISION_OF[stored.dtype]}"


def _of_packing(
    layer: Layer, packing: Packing, bits: int, stored: Tensor, npu: Npu
) -> Iterator[tuple[int, str, str]]:
    """Yield what of a constant's packing takes no less time, no fewer bytes, or neither."""
    is_coded = stored.coded_bytes is not None
    skips = any(
        done_share(layer, g, packing, npu.weights) < 1
        for g, o in zip(layer.gemms, layer.operands, strict=True)
        if packing_of(layer, o) is packing
    )
    if packing.group and not skips:
        why = _why(_no_sparse_array(npu), "it", is_coded, npu)
        yield 0, f"{packing.kept}:{packing.group}", why
    elif packing.zeros_pay(bits) and not packing.group and not skips:
        yield 0, "zeros", _why("does not skip them", "them", is_coded, npu)
    if packing.values and not is_coded:
        why = f"has no decoder that they gain by: {_FILE_ONLY}"
        yield packing.values, "shared values", why


def _no_sparse_array(npu: Npu) -> str:
    if npu.weights.skip == "none":
        return "has no sparse array"
    return f"skips {npu.weights.skip} in other products than these"


def _why(array: str, them: str, is_coded: bool, npu: Npu) -> str:
    less = ", and less switching" if npu.silicon.zero_gating else ""
    if is_coded:
        return f"{array} but decodes {them}: fewer bytes, no less time in its array{less}"
    no = "no" if array.startswith("has") else "has no"
    return f"{array} and {no} decoder for {them}: {_FILE_ONLY}{less}"
