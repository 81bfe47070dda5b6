"""The input positions that results along an axis need, in closed form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.network.floor_sums import clipped_sum, floor_sum


@dataclass(frozen=True, slots=True)
class Positions:
    """Of ``size_in``, result ``o`` of ``size_out`` needs those from ``(o * step + first) //
    divisor`` to below ``(o * step + stop) // divisor``."""

    size_in: int
    size_out: int
    step: int
    first: int
    stop: int
    divisor: int

    @property
    def covered(self) -> int:
        """Positions that results need at all."""
        if not self.size_out:
            return 0
        last = (self.size_out - 1) * self.step + self.stop
        start, stop = (min(max(end // self.divisor, 0), self.size_in) for end in (self.first, last))
        return stop - start

    def windows(self, reach: int | None) -> tuple[Ints, Ints]:
        """Return the first position of each result and the one after its last, ``(n_out,)`` each.

        A window is ``reach`` wide, even where that is beyond the last position; without one it ends
        where the positions of its result do.
        """
        results = np.arange(self.size_out)
        if reach is None:
            return self._starts(results), self._stops(results)
        return self._starts(results), results * self.step + self.first + reach

    def spans(self, tile: Ints) -> tuple[Ints, Ints]:
        """Return positions of tiles of ``tile`` results, the largest and all, ``(n_sizes,)`` each.

        See ``Axis.spans``.
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
        apart, top = tile * self.step, np.full_like(tile, self.size_in)
        by = np.full_like(tile, self.divisor)
        ends = clipped_sum((tile - 1) * self.step + self.stop, apart, by, tiles - 1, top)
        return ends - clipped_sum(np.full_like(tile, self.first), apart, by, tiles, top)

    def _most(self, tile: Ints) -> Ints:
        """Return the positions of the largest of the full tiles, ``(n_sizes,)``.

        They grow up to the first tile that starts inside, then differ by one at most, and shrink
        where the input ends.
        """
        step, first, stop, divisor = self.step, self.first, self.stop, self.divisor
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

    def _starts(self, result: Ints) -> Ints:
        """Return the first input position of each result, any shape."""
        return np.clip((result * self.step + self.first) // self.divisor, 0, self.size_in)

    def _stops(self, result: Ints) -> Ints:
        """Return the position after the last of each result, any shape."""
        return np.clip((result * self.step + self.stop) // self.divisor, 0, self.size_in)


def taps_inside(
    first: int, dilation: int, stride: int, kernel: int, moves: int, places: int
) -> int:
    """Return how many pairs of a tap and one of ``places`` are met in one of ``moves``.

    ``first`` is where the last tap begins, so that steps go upwards: a tap meets a place in the
    moves from (pad - tap * dilation) / stride on, rounded up.
    """
    firsts = np.array([first, first + places])
    sizes = (dilation, stride, kernel, moves)
    before, up_to = clipped_sum(firsts, *(np.full_like(firsts, n) for n in sizes))
    return int(up_to - before)
