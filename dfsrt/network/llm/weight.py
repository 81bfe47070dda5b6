"""A weight of a language model in the making, and what forms of weights can do."""

from __future__ import annotations

from typing import NamedTuple, Protocol, TypeAlias

from dfsrt.network.kit.builder import Builder

Sizes: TypeAlias = tuple[int, int]
"""Rows and columns."""


class Weight(NamedTuple):
    """Names of a stored weight's elements and of its scales, and its rows and columns."""

    elements: str
    scales: str
    sizes: Sizes


class Form(Protocol):
    """How weights are stored, and by which operators they are multiplied and looked up."""

    def weight(self, b: Builder, name: str, sizes: Sizes) -> Weight:
        """Add a weight of (rows, columns)."""
        ...

    def multiply(self, b: Builder, x: str, name: str, weight: Weight) -> str:
        """Add a product of ``x`` by a weight."""
        ...

    def look_up(self, b: Builder, ids: str, table: Weight) -> str:
        """Add a look-up of words, each a column of ``table``."""
        ...
