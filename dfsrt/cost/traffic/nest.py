"""A product as nested loops: what a mapper tiles and orders."""

from __future__ import annotations

from dataclasses import dataclass

from dfsrt.cost.traffic.mapping import Tile
from dfsrt.network.axis import Axis

PARTIAL_BITS = 32
"""Of a sum that is not whole yet, on chip and where it leaves for DRAM."""

LINE = Axis(1, 1)
"""Of images of two axes: a single position."""


@dataclass(frozen=True, slots=True)
class Operand:
    """Inputs, weights or results of a product, of all its groups and images.

    ``bytes`` cross if each element crosses once, padding in DRAM included; an element takes
    ``bits`` in the buffer. One that is ``in_place`` lies on chip whole: none of it crosses, and its
    tiles take no room of their own. ``shared_by`` groups in a row take the same elements (keys of
    which several heads of queries make use).
    """

    bytes: int
    bits: int
    in_place: bool = False
    shared_by: int = 1


@dataclass(frozen=True, slots=True)
class LoopNest:
    """One product of a layer as loops over channels c, kernels k, rows p and columns q.

    Of one of ``groups`` equal, independent groups (heads of an attention, groups of a convolution),
    which run one by one: ``channels`` inputs by ``kernels`` results at each of ``rows.size_out`` by
    ``cols.size_out`` positions. Of ``images`` one is worked on at a time; the loop over rows goes
    through all of them. An (m, k) by (k, n) product has k channels, n kernels and m rows. Images
    of three axes have a ``line`` at each row and column, which is never split.
    """

    channels: int
    kernels: int
    rows: Axis
    cols: Axis
    input: Operand
    weight: Operand
    output: Operand
    groups: int = 1
    images: int = 1
    line: Axis = LINE

    @property
    def taps(self) -> int:
        """Elements of a kernel of one channel."""
        return self.rows.kernel * self.cols.kernel * self.line.kernel

    @property
    def whole(self) -> Tile:
        """All of one group and one image in one tile."""
        return Tile(self.channels, self.kernels, self.rows.size_out, self.cols.size_out)

    @property
    def area(self) -> int:
        """Rows by columns of the inputs of one image."""
        return max(self.rows.size_in * self.cols.size_in, 1)

    @property
    def results(self) -> int:
        """Results of all groups and images."""
        per_image = self.kernels * self.rows.size_out * self.cols.size_out * self.line.size_out
        return per_image * self.groups * self.images

    @property
    def once_bytes(self) -> int:
        """Bytes of all three operands, each once."""
        return self.input.bytes + self.weight.bytes + self.output.bytes
