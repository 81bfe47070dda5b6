"""One step over a layer as the search sees it: indices of set points, nanoseconds until settled.

The rail's state is a pair of set points ``held <= to`` and ``left``, the nanoseconds until it
has settled: it holds ``held`` for certain until then. Where nothing is left, both are the same.
A falling rail holds ``to`` from the start. These are the rules of ``dfsrt.device.boundary`` for
wishes that the device can grant; tests hold the two against each other.
"""

from __future__ import annotations

from dfsrt.base.arrays import Ints


def rail_index(held: int, to: int) -> int:
    """Return the place of a rail's state among those with ``held <= to``."""
    return to * (to + 1) // 2 + held


def part_of(left: int, width: int) -> int:
    """Return which part of ``width`` ns ``left`` falls into; 0 is settled."""
    if left == 0:
        return 0  # most often so, and a division is slow
    return (left + width - 1) // width


def step(
    held: int, to: int, left: int, wish: int, stall: int, ran: int, moves: Ints
) -> tuple[int, int, int]:
    """Return the set point that a layer runs at, and ``held`` and ``left`` at its end.

    ``moves`` is ``(n_set_points, n_set_points)``: how long the rail moves from one to another.
    ``wish`` is another set point than ``to`` only where the rail has settled; it is the rail's
    target afterwards. A command upwards is given before the stall, one downwards after it.
    """
    if wish < to:
        held, left = wish, moves[to, wish] + stall
    elif wish > to:
        left = moves[to, wish]
    left -= stall
    at = held if left > 0 else wish
    left -= ran
    if left <= 0:
        return at, wish, 0
    return at, held, left
