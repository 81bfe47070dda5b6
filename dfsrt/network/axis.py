"""One axis of an image, and the positions along it that results need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dfsrt.base.errors import NetworkError

if TYPE_CHECKING:  # numpy takes longer to import than a command takes to say how it is used
    from dfsrt.base.arrays import Ints
    from dfsrt.network.positions import Positions


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of an image: ``size_in`` positions are read, ``size_out`` are made.

    Result ``o`` needs the ``kernel`` positions from ``o * stride - pad`` on, ``dilation`` apart.
    A transposed axis (``transposed``) is the reverse: position ``i`` adds to the ``kernel`` results
    from ``i * stride - pad`` on. ``pad`` is the padding before the first position.

    Raises:
        NetworkError: a kernel, a stride or a dilation below 1, or a size below 0.
    """

    size_in: int
    size_out: int
    kernel: int = 1
    stride: int = 1
    pad: int = 0
    dilation: int = 1
    transposed: bool = False

    def __post_init__(self) -> None:
        least = {"kernel": 1, "stride": 1, "dilation": 1, "size_in": 0, "size_out": 0}
        for name, lowest in least.items():
            if getattr(self, name) < lowest:
                raise NetworkError(
                    f"an axis has the {name} {getattr(self, name)}; give {lowest} or more"
                )

    @property
    def reach(self) -> int:
        """Positions from a window's first to its last, the holes of dilation included."""
        return (self.kernel - 1) * self.dilation + 1

    @property
    def covered(self) -> int:
        """Input positions that results need at all, those that strides skip among them."""
        return self._positions.covered

    @property
    def taps(self) -> int:
        """Pairs of a result and a tap of its window, those on padding included."""
        return self.kernel * (self.size_in if self.transposed else self.size_out)

    @property
    def taps_on_input(self) -> int:
        """Pairs of a result and a tap of its window that meet an input, not padding.

        Of a transposed axis, pairs of a position and a result that is there.
        """
        from dfsrt.network.positions import taps_inside

        moves, places = self.size_out, self.size_in
        if self.transposed:
            moves, places = places, moves
        first = self.pad - self.reach + self.stride
        return taps_inside(first, self.dilation, self.stride, self.kernel, moves, places)

    def windows(self) -> tuple[Ints, Ints]:
        """Return the first position that each result needs and the one after its last.

        Both are of shape ``(n_out,)``. Padding at the front is left out; where a window goes beyond
        the last position, so does its end.
        """
        return self._positions.windows(None if self.transposed else self.reach)

    def spans(self, tile: Ints) -> tuple[Ints, Ints]:
        """Return the input positions of tiles of ``tile`` results, of the largest and of all.

        ``tile`` is of shape ``(n_sizes,)``, from 1 on, and so are both that are returned: the most
        positions that one of the tiles holds, and the sum over all tiles, in which neighbours count
        what they share twice. A tile holds what lies between the first and the last position that
        it needs, positions that a stride skips up to the next window included, padding left out.
        The last tile may be smaller. A size above ``size_out`` is one tile.
        """
        return self._positions.spans(tile)

    @property
    def _positions(self) -> Positions:
        """Result ``o`` needs the positions from ``(o * step + first) // divisor`` to below
        ``(o * step + stop) // divisor``.
        """
        from dfsrt.network.positions import Positions

        sizes = (self.size_in, self.size_out)
        if self.transposed:
            first = self.pad - self.reach + self.stride
            return Positions(*sizes, 1, first, self.pad + self.stride, self.stride)
        wide = max(self.reach, self.stride)
        return Positions(*sizes, self.stride, -self.pad, wide - self.pad, 1)
