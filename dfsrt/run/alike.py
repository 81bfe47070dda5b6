"""Layer runs on a moving rail that are alike, counted in an open-addressed table.

What such a run costs is decided by its layer, clock and stall, the move and how far that has got.
"""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.base.arrays import Ints

ALIKE_COLUMNS = (
    "times", "layer", "level", "stall_ns", "span_ns", "from_uv", "to_uv", "unsettled_ns",
)  # fmt: skip
"""What an entry holds: how often, and what those runs have in common.

``unsettled_ns`` is from the run's start, its stall over, to the end of the rail's move.
"""
_MOST_31_BITS = 0x7FFFFFFF


def count_alike(
    table: Sequence[Ints],
    times: int,
    layer: int,
    level: int,
    stall_ns: int,
    span_ns: int,
    from_uv: int,
    to_uv: int,
    unsettled_ns: int,
) -> int:
    """Count ``times`` runs in ``table``, ``(n_places, 8)``; return how many entries that added.

    ``n_places`` is a power of two.
    """
    last = len(table) - 1
    place = spread(layer, level, span_ns, to_uv, unsettled_ns) & last
    while True:
        entry = table[place]
        if entry[0] == 0:
            entry[0], entry[1], entry[2], entry[3] = times, layer, level, stall_ns
            entry[4], entry[5], entry[6], entry[7] = span_ns, from_uv, to_uv, unsettled_ns
            return 1
        if (
            entry[7] == unsettled_ns
            and entry[1] == layer
            and entry[2] == level
            and entry[3] == stall_ns
            and entry[4] == span_ns
            and entry[5] == from_uv
            and entry[6] == to_uv
        ):
            entry[0] += times
            return 0
        place = (place + 1) & last


def spread(layer: int, level: int, span_ns: int, to_uv: int, unsettled_ns: int) -> int:
    """Return a number that differs widely for entries that hardly do, the same in either code.

    Every product stays below 2**63: machine integers do not grow.
    """
    mixed = ((layer + 2) * 40503 + level * 10007 + span_ns * 7 + to_uv) & _MOST_31_BITS
    mixed = ((mixed ^ (mixed >> 15)) * 0x2C1B3C6D + unsettled_ns) & _MOST_31_BITS
    mixed = ((mixed ^ (mixed >> 12)) * 0x297A2D39) & _MOST_31_BITS
    return mixed ^ (mixed >> 15)
