"""Sizes that must agree and do not: which ones, of which node, and what would fit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from dfsrt.base.errors import NetworkError
from dfsrt.network.agreement import Apart, Shapes, Values, sizes_apart
from dfsrt.network.graph import Node
from dfsrt.network.plain import plain_text
from dfsrt.network.windows import window_apart


@dataclass(frozen=True, slots=True)
class Fit:
    """The size of an open dimension, now ``given``, with which a node's operands agree."""

    name: str
    size: int
    given: int


class MismatchError(NetworkError):
    """A node whose operands do not fit: a size is ``size`` where ``wanted`` would do.

    ``fit`` is the open dimension that makes it so, where one was found.
    """

    def __init__(
        self, what: str, node: str, size: int, wanted: int, advice: str = "", fit: Fit | None = None
    ) -> None:
        super().__init__(plain_text(f"{what}; {advice or 'check the file and the --dim sizes'}"))
        self.what, self.node, self.size, self.wanted = what, node, size, wanted
        self.advice, self.fit = advice, fit

    def advised(self, advice: str, fit: Fit | None = None) -> MismatchError:
        """Return the error with what to do about it."""
        return MismatchError(self.what, self.node, self.size, self.wanted, advice, fit)

    def within(self, prefix: str) -> MismatchError:
        """Return the error behind a ``prefix`` that says whose it is."""
        return MismatchError(
            prefix + self.what, self.node, self.size, self.wanted, self.advice, self.fit
        )


def check_agreement(
    node: Node, shapes: Sequence[Shapes], constant: Collection[int], values: Values
) -> None:
    """Check that the operands of ``node`` fit each other; ``constant`` are those of the file.

    ``values`` are operands whose values are known, by their place.

    Raises:
        MismatchError: two sizes contradict, or a window is larger than what it slides over.
    """
    apart = window_apart(node, shapes) or sizes_apart(node, shapes, constant, values)
    if apart is not None:
        raise mismatch(node, apart)


def mismatch(node: Node, apart: Apart) -> MismatchError:
    """Return the error for sizes of ``node`` that do not agree."""
    what = f"node '{node.name}' ({node.op}): {apart.what}"
    return MismatchError(what, node.name, apart.size, apart.wanted)
