"""How large a network may be: whatever is counted of it fits into 64 bits with room to spare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dfsrt.base.errors import NetworkError
from dfsrt.network.layer import Layer
from dfsrt.network.tensor import Tensor

MOST = 2**60
"""Of anything that is counted: at a giga a second these are 36 years."""


def check_tensor(tensor: Tensor) -> None:
    """Check that a tensor's elements can be counted.

    Raises:
        NetworkError: they cannot.
    """
    if tensor.elements > MOST:
        raise NetworkError(
            f"tensor '{tensor.name}' of shape {list(tensor.shape)} has {tensor.elements:.3g} "
            f"elements, more than can be counted ({MOST:.3g}); check the --dim sizes and the file"
        )


def check_work(layers: Sequence[Layer]) -> None:
    """Check that all that is counted of ``layers`` together can be.

    Raises:
        NetworkError: there is more; the message names the largest layer.
    """
    for what, counts in _counts(layers).items():
        if sum(counts) > MOST:
            layer = layers[counts.index(max(counts))]
            raise NetworkError(
                f"layer '{layer.name}' takes longer than the simulator can count: "
                f"{max(counts):.3g} {what}, where a network may have {MOST:.3g}; check the --dim "
                "sizes and the file"
            )


def _counts(layers: Sequence[Layer]) -> dict[str, list[int]]:
    return {
        "multiply-accumulates": [a.macs for a in layers],
        "lane operations": [a.vector_ops + a.fused_ops for a in layers],
        "bytes": [a.weight_bytes + a.input_bytes + a.output_bytes for a in layers],
    }


def check_something_runs(layers: Iterable[Layer], inputs: Iterable[Tensor]) -> None:
    """Check that not everything hangs on an input without elements.

    Raises:
        NetworkError: it does.
    """
    if any(a.macs or a.vector_ops or a.moved_bytes for a in layers):
        return
    for tensor in inputs:
        if 0 in tensor.shape:
            raise NetworkError(
                f"graph input '{tensor.name}' has size 0 on axis {tensor.shape.index(0)}, so there "
                "is nothing to run; give it a size of 1 or more"
            )
