"""The size of an open dimension with which operands fit that now do not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dfsrt.base.errors import NetworkError
from dfsrt.network.mismatch import Fit, MismatchError
from dfsrt.network.shapes.dims import shell_name

STEPS = 16
"""Sizes that are tried of one dimension; nearly always it takes one or two."""
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
    """Return the size of ``name`` that fits: tries on a line, between one too small and too large.

    A size that comes out of a window follows in steps, so the line may lead past.
    """
    apart, size = search.error.apart, dims[name]
    missing: int | None = apart.size - apart.wanted
    known = {size: apart.size - apart.wanted}
    low, high = 0, LARGEST
    guess = round(size * apart.wanted / apart.size) if apart.size else 0
    for _ in range(STEPS):
        low, high = (low, size) if missing is not None and missing > 0 else (max(low, size), high)
        if not low < guess < high or guess in known:
            guess = 2 * low if high == LARGEST else (low + high) // 2
        if guess in known or not low < guess < high or search.left <= 0:
            return None
        size, missing = guess, search.missing({**dims, name: guess})
        if missing == 0:
            return size
        if missing is None and low >= dims[name]:
            return None  # what is larger breaks what comes before
        if missing is not None:
            known[size] = missing
            if len(set(known.values())) == 1:
                return None  # the node's sizes do not depend on this one
            guess = _on_a_line(known)
    return None


def _on_a_line(known: Mapping[int, int]) -> int:
    """Return where a line through the two sizes that miss least would miss nothing."""
    (x, y), (u, v) = sorted(known.items(), key=lambda item: abs(item[1]))[:2]
    return round(x - y * (u - x) / (v - y)) if v != y else x
