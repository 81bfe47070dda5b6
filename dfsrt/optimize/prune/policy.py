"""What is asked of ``prune``, and which layers can do it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dfsrt.optimize.fitting import Fit, Rows, fitting
from dfsrt.optimize.prune.pattern import Pattern


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
        if self.pattern is not None:
            return f"prune:nm={self.pattern}"
        return f"prune:block={self.block}" if self.block > 1 else "prune"

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

    def fitting(self, weights: Sequence[Rows]) -> Fit:
        """Return which of ``weights`` can be pruned, and a line on what is left whole, if anything.

        Raises:
            InputError: none can.
        """
        obstacles = [self.obstacle(rows) for rows in weights]
        pairs = zip(weights, obstacles, strict=True)
        rest = sum(rows.outputs % self.block > 0 for rows, obstacle in pairs if not obstacle)
        also = f"the last outputs of {rest}, which fill no block of {self.block}" if rest else ""
        return fitting(self.step, obstacles, "prune:ratio=0.5", also)
