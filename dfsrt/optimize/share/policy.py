"""What is asked of ``share``, and which layers get smaller by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dfsrt.network.coding import Coding, coded_bits
from dfsrt.network.packing import Packing
from dfsrt.optimize.fitting import Fit, Rows, fitting


@dataclass(frozen=True, slots=True)
class Policy:
    """So many ``values`` a layer, or an output channel."""

    values: int
    by_channel: bool = False

    @property
    def step(self) -> str:
        """What messages call it."""
        return f"share:values={self.values}{':per=channel' if self.by_channel else ''}"

    def packing(self, rows: Rows) -> Packing:
        """Return code books of a weight."""
        return Packing(values=self.values, codebooks=rows.outputs if self.by_channel else 1)

    def obstacle(self, rows: Rows) -> str:
        """Return why a weight is left as it is; empty where it is not."""
        elements = rows.outputs * rows.inputs
        coded = coded_bits(elements, rows.bits, self.packing(rows), Coding.SHARED)
        return "too few weights for a code book" if coded >= elements * rows.bits else ""

    def fitting(self, weights: Sequence[Rows]) -> Fit:
        """Return which of ``weights`` get smaller, and a line on the others, if any.

        Raises:
            InputError: none does.
        """
        return fitting(self.step, [self.obstacle(rows) for rows in weights], "fewer values")
