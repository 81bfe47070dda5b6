"""One axis of an image, and the positions along it that results need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import NetworkError
from dfsrt.network.floor_sums import clipped_sum, floor_sum


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
        return int(self.spans(np.array([self.size_out]))[1][0])

    @property
    def taps(self) -> int:
        """Pairs of a result and a tap of its window, those on padding included."""
        return self.kernel * (self.size_in if self.transposed else self.size_out)

    @property
    def taps_on_input(self) -> int:
        """Pairs of a result and a tap of its window that meet an input, not padding.

        Of a transposed axis, pairs of a position and a result that is there.
        """
        moves, places = self.size_out, self.size_in
        if self.transposed:
            moves, places = places, moves
        # tap r meets a place in the moves from (pad - r * dilation) / stride on, rounded up
        first = self.pad - self.reach + self.stride  # of the last tap, so that steps go upwards
        firsts = np.array([first, first + places])
        sizes = (self.dilation, self.stride, self.kernel, moves)
        before, up_to = clipped_sum(firsts, *(np.full_like(firsts, n) for n in sizes))
        return int(up_to - before)

    def windows(self) -> tuple[Ints, Ints]:
        """Return the first position that each result needs and the one after its last.

        Both are of shape ``(n_out,)``. Padding at the front is left out; where a window goes beyond
        the last position, so does its end.
        """
        results = np.arange(self.size_out)
        if self.transposed:
            return self._starts(results), self._stops(results)
        return self._starts(results), results * self.stride - self.pad + self.reach

    def spans(self, tile: Ints) -> tuple[Ints, Ints]:
        """Return the input positions of tiles of ``tile`` results, of the largest and of all.

        ``tile`` is of shape ``(n_sizes,)``, from 1 on, and so are both that are returned: the most
        positions that one of the tiles holds, and the sum over all tiles, in which neighbours count
        what they share twice. A tile holds what lies between the first and the last position that
        it needs, positions that a stride skips up to the next window included, padding left out.
        The last tile may be smaller. A size above ``size_out`` is one tile.
        """
        if not self.size_out:
            return np.zeros_like(tile), np.zeros_like(tile)
        tile = np.minimum(tile, self.size_out)
        tiles = -(-self.size_out // tile)
        end = self._stops(np.full_like(tile, self.size_out - 1))
        last = end - self._starts((tiles - 1) * tile)
        return np.maximum(last, self._most(tile)), end + self._shared(tile, tiles)

    def _shared(self, tile: Ints, tiles: Ints) -> Ints:
        """Return the ends of all tiles but the last less the starts of all, ``(n_sizes,)``."""
        step, first, stop, divisor = self._lattice
        apart, top = tile * step, np.full_like(tile, self.size_in)
        by = np.full_like(tile, divisor)
        ends = clipped_sum((tile - 1) * step + stop, apart, by, tiles - 1, top)
        return ends - clipped_sum(np.full_like(tile, first), apart, by, tiles, top)

    def _most(self, tile: Ints) -> Ints:
        """Return the positions of the largest of the full tiles, ``(n_sizes,)``.

        They grow up to the first tile that starts inside, then differ by one at most, and shrink
        where the input ends.
        """
        step, first, stop, divisor = self._lattice
        full, apart, wide = self.size_out // tile, tile * step, (tile - 1) * step + stop - first
        inside = np.clip(-(first // apart), 0, full)
        past = -((first + wide - (self.size_in + 1) * divisor) // apart)
        past = np.clip(past, inside, full)
        start, by, count = first + inside * apart, np.full_like(tile, divisor), past - inside
        start = np.maximum(start, 0)  # of none inside
        all_inside = floor_sum(start + wide, apart, by, count) - floor_sum(start, apart, by, count)
        most: Ints = -(-all_inside // np.maximum(count, 1))
        for index in (inside - 1, past):
            result = np.clip(index, 0, full - 1) * tile
            most = np.maximum(most, self._stops(result + tile - 1) - self._starts(result))
        return most

    @property
    def _lattice(self) -> tuple[int, int, int, int]:
        """Step, first, stop and divisor: result ``o`` needs the positions from
        ``(o * step + first) // divisor`` to below ``(o * step + stop) // divisor``.
        """
        if self.transposed:
            return 1, self.pad - self.reach + self.stride, self.pad + self.stride, self.stride
        return self.stride, -self.pad, max(self.reach, self.stride) - self.pad, 1

    def _starts(self, result: Ints) -> Ints:
        """Return the first input position of each result, any shape."""
        step, first, _, divisor = self._lattice
        return np.clip((result * step + first) // divisor, 0, self.size_in)

    def _stops(self, result: Ints) -> Ints:
        """Return the position after the last of each result, any shape."""
        step, _, stop, divisor = self._lattice
        return np.clip((result * step + stop) // divisor, 0, self.size_in)
