"""What is asked of ``prune``, and which layers can do it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from dfsrt.base.errors import InputError
from dfsrt.optimize.prune.pattern import Pattern


class Rows(Protocol):
    """A weight as its rows are, with values or without."""

    @property
    def outputs(self) -> int:
        """Rows."""
        ...

    @property
    def inputs(self) -> int:
        """Elements of a row."""
        ...

    @property
    def groups(self) -> int:
        """Into which outputs are split, each with inputs of its own."""
        ...

    @property
    def depthwise(self) -> bool:
        """Whether each output has one channel of its own."""
        ...


@dataclass(frozen=True, slots=True)
class Policy:
    """A share of the weights by ``ratio``, single ones or blocks; or what ``pattern`` leaves over.

    Source: depthwise convolutions are left out as in Zhu and Gupta, To prune, or not to prune
    (arXiv 1710.01878), where they and the first layer hold 1 % of MobileNet's weights.
    """

    ratio: float
    everywhere: bool = False
    block: int = 1
    pattern: Pattern | None = None

    @property
    def step(self) -> str:
        """What messages call it."""
        return "prune" if self.pattern is None else f"prune:nm={self.pattern}"

    def obstacle(self, rows: Rows) -> str:
        """Return why a weight is left whole; empty where it is not."""
        if rows.depthwise:
            return "a depthwise convolution"
        if self.pattern is not None and rows.inputs % self.pattern.group:
            return f"rows that are no multiple of {self.pattern.group} inputs"
        each = rows.outputs // max(rows.groups, 1)
        if self.block > 1 and (each < self.block or (rows.groups > 1 and each % self.block)):
            return f"outputs that make no block of {self.block}"
        return ""

    def fitting(self, weights: Sequence[Rows]) -> tuple[list[bool], str]:
        """Return which of ``weights`` can be pruned, and a line on those that cannot, if any.

        Raises:
            InputError: none can.
        """
        obstacles = [self.obstacle(rows) for rows in weights]
        fits = [not obstacle for obstacle in obstacles]
        if not any(fits):
            why = f"{_counted(obstacles)}; try prune:ratio=0.5" if weights else NO_WEIGHTS
            raise InputError(f"{self.step} applies to no layer: {why}")
        parts = [_counted(obstacles)] if not all(fits) else []
        rest = sum(r.outputs % self.block > 0 for r, f in zip(weights, fits, strict=True) if f)
        if rest:
            parts.append(f"{rest} with outputs that fill no last block of {self.block}")
        note = f"{self.step} left whole, of {len(weights)} weights: {', '.join(parts)}"
        return fits, note if parts else ""


NO_WEIGHTS = "it has no convolution or matrix product with stored values; give a file with weights"


def _counted(obstacles: Iterable[str]) -> str:
    there = [obstacle for obstacle in obstacles if obstacle]
    return ", ".join(f"{there.count(each)} with {each}" for each in dict.fromkeys(there))
