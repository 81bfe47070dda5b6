"""Sizes that must agree and do not: which ones, of which node, and what would fit."""

from __future__ import annotations

from dataclasses import dataclass

from dfsrt.base.errors import NetworkError
from dfsrt.network.file.plain import plain_text
from dfsrt.network.graph import Node


@dataclass(frozen=True, slots=True)
class Apart:
    """A size of a node, the one that it should be, and both in words.

    ``place`` tells it from other sizes of that node; they are looked at in this order.
    """

    size: int
    wanted: int
    what: str
    place: int = 0


@dataclass(frozen=True, slots=True)
class Fit:
    """The size of an open dimension, now ``given``, with which a node's operands agree."""

    name: str
    size: int
    given: int


class MismatchError(NetworkError):
    """A node, by name, whose sizes are ``apart``.

    ``fit`` is the open dimension that makes it so, where one was found.
    """

    def __init__(
        self, what: str, node: str, apart: Apart, advice: str = "", fit: Fit | None = None
    ) -> None:
        super().__init__(plain_text(f"{what}; {advice or 'check the file and the --dim sizes'}"))
        self.what, self.node, self.apart, self.advice, self.fit = what, node, apart, advice, fit

    def advised(self, advice: str, fit: Fit | None = None) -> MismatchError:
        """Return the error with what to do about it."""
        return MismatchError(self.what, self.node, self.apart, advice, fit)

    def within(self, prefix: str) -> MismatchError:
        """Return the error behind a ``prefix`` that says whose it is."""
        return MismatchError(prefix + self.what, self.node, self.apart, self.advice, self.fit)


def mismatch(node: Node, apart: Apart) -> MismatchError:
    """Return the error for sizes of ``node`` that do not agree."""
    return MismatchError(f"node '{node.name}' ({node.op}): {apart.what}", node.name, apart)
