"""How other tools' rows are known to be of a network's layers."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.device.npu import Npu
from dfsrt.network.layer import Layer
from dfsrt.network.network import Network
from dfsrt.recording.source import printable


def plain(name: str) -> str:
    """Return a name with '/' and '_' as the same: files are named with the latter."""
    return name.replace("/", "_")


def names_of(layer: Layer) -> tuple[str, ...]:
    """Return the plain names that a layer goes by: its own, its nodes' and its results'."""
    outputs = (tensor.name for tensor in layer.outputs)
    return tuple(map(plain, (layer.name, *layer.nodes, *outputs)))


def some(names: Sequence[str]) -> str:
    """Return the first three names, as they may be printed."""
    return ", ".join(map(printable, names[:3])) + (", ..." if len(names) > 3 else "")


def unlike(
    path: str, theirs: Sequence[str], network: Network, products: Sequence[Layer], same: int
) -> str:
    """Return in what rows and layers with products differ, of which ``same`` have one name."""
    ours = some([layer.name for layer in products]) or "none"
    return (
        f"'{path}' has {len(theirs)} layers ({some(theirs)}) and '{network.name}' has "
        f"{len(products)} with products ({ours}), {same} of them of one name"
    )


def least_cycles(layer: Layer, npu: Npu) -> float:
    """Return the cycles in which all the device's multipliers would do all of a layer's MACs."""
    array = npu.array
    multipliers = array.rows * array.cols * array.count * npu.used_cores
    a_clock = multipliers / array.cycles_per_step[layer.precision]
    return layer.macs / a_clock
