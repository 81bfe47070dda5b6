"""The size of an open dimension with which operands fit that now do not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dfsrt.base.errors import NetworkError
from dfsrt.network.dims import shell_name
from dfsrt.network.mismatch import Fit, MismatchError

STEPS = 6
"""Sizes that are tried of one dimension: the way is a straight line nearly always."""
NAMES = 4
"""Dimensions that are tried."""
NODES = 30_000
"""Nodes that are read in search of a size, all tries together."""
LARGEST = 2**24
"""A size above that nobody means."""

Read = Callable[[Mapping[str, int]], object]
"""Reads a network with these sizes."""


def advised(
    error: MismatchError, dims: Mapping[str, int], nodes: Mapping[str, int], read: Read
) -> MismatchError:
    """Return ``error`` with the size to give in place of one of ``dims``, if there is one.

    ``nodes`` are the network's, by name, with their places.
    """
    if not dims:
        return error.advised("export the file again")
    fit = _fit(_Search(error, nodes, read), dims)
    if fit is None:
        return error
    now = f"--dim {shell_name(fit.name)}={fit.given}"
    return error.advised(f"give --dim {shell_name(fit.name)}={fit.size} in place of {now}", fit)


@dataclass(slots=True)
class _Search:
    error: MismatchError
    nodes: Mapping[str, int]
    read: Read
    left: int = 0

    def __post_init__(self) -> None:
        self.left = NODES // max(len(self.nodes), 1)

    def _place(self, error: MismatchError) -> tuple[int, int]:
        """How far the network was read; a node of a body or branch comes before all."""
        return self.nodes.get(error.node, -1), error.apart.place

    def missing(self, dims: Mapping[str, int]) -> int | None:
        """Return how much the size at the node is above what is wanted; None of another error.

        0 where the node's operands fit, whatever comes behind it.
        """
        self.left -= 1
        try:
            self.read(dims)
        except MismatchError as error:
            if self._place(error) == self._place(self.error):
                return error.apart.size - error.apart.wanted
            return 0 if self._place(error) > self._place(self.error) else None
        except NetworkError:
            return None
        return 0


def _fit(search: _Search, dims: Mapping[str, int]) -> Fit | None:
    for name in list(dims)[:NAMES]:
        size = _size(search, dims, name)
        if size is not None:
            return Fit(name, size, dims[name])
    return None


def _size(search: _Search, dims: Mapping[str, int], name: str) -> int | None:
    """Return the size of ``name`` that fits: each next try lies on a line through two before."""
    given, apart = dims[name], search.error.apart
    known = {given: apart.size - apart.wanted}
    size = apart.wanted if apart.size == given else 2 * given
    for _ in range(STEPS):
        if size in known or not 1 <= size <= LARGEST or search.left <= 0:
            return None
        missing = search.missing({**dims, name: size})
        if missing is None:
            return None
        if not missing:
            return size
        (x, y), (known[size],) = min(known.items(), key=lambda item: abs(item[1])), (missing,)
        if missing == y:
            return None
        size = round(size - missing * (size - x) / (missing - y))

    return None
