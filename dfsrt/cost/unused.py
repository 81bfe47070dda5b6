"""Which small, sparse and shared weights of a network a device has no use for, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dfsrt.cost.decoding import decoded, reads_narrow
from dfsrt.cost.skipping import done_share, packing_of
from dfsrt.device.npu import Npu
from dfsrt.network.layer import Layer
from dfsrt.network.network import Network
from dfsrt.network.packing import FEW_ZEROS, Packing
from dfsrt.network.tensor import PRECISION_OF, Tensor

_FILE_ONLY = "bytes of the file only"


def unused_steps(network: Network, npu: Npu) -> tuple[str, ...]:
    """Return a line for each fact of a network's weights that ``npu`` cannot use, or not wholly.

    The network is in the precisions that the device runs. Facts are weights below a byte, patterns
    like 2:4, zeros and shared values; each line counts the layers and says what is left of it.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for layer in network.layers:
        counts.update(dict.fromkeys(_of_layer(layer, npu)).keys())
    return tuple(
        f"{fact} in {count} layer{'' if count == 1 else 's'}: {npu.name} {why}"
        for (fact, why), count in counts.items()
    )


def _of_layer(layer: Layer, npu: Npu) -> Iterator[tuple[str, str]]:
    multiplied = {t.name for t in layer.multiplied}
    for tensor, stored in zip(layer.weights, decoded(layer, npu).weights, strict=True):
        if tensor.name not in multiplied:
            continue
        if not reads_narrow(layer, tensor, npu.weights):
            yield _narrow(layer, tensor, stored, npu)
        if tensor.packing is not None:
            yield from _of_packing(layer, tensor.packing, stored, npu)


def _narrow(layer: Layer, tensor: Tensor, stored: Tensor, npu: Npu) -> tuple[str, str]:
    name, has = PRECISION_OF[tensor.dtype], f"int{tensor.bits}" in npu.weights.decode
    why = f"decodes {name} for other layers" if has else f"has no decoder for {name}"
    return f"{name} weights", f"{why}: they lie in its DRAM as {PRECISION_OF[stored.dtype]}"


def _of_packing(
    layer: Layer, packing: Packing, stored: Tensor, npu: Npu
) -> Iterator[tuple[str, str]]:
    """Yield what of a constant's packing takes no less time, no fewer bytes, or neither."""
    is_coded = stored.coded_bytes is not None
    skips = any(
        done_share(layer, g, packing, npu.weights) < 1
        for g, o in zip(layer.gemms, layer.operands, strict=True)
        if packing_of(layer, o) is packing
    )
    if packing.group and not skips:
        yield f"{packing.kept}:{packing.group}", _why(_no_sparse_array(npu), "it", is_coded, npu)
    elif packing.zeros > FEW_ZEROS and not packing.group and not skips:
        yield "zeros", _why("does not skip them", "them", is_coded, npu)
    if packing.values and not is_coded:
        yield f"{packing.values} shared values", f"has no decoder that they gain by: {_FILE_ONLY}"


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
