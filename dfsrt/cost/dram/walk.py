"""How a run of addresses falls on channels, banks and rows, by the bits of the address map."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dfsrt.device.dram import Dram


@dataclass(frozen=True, slots=True)
class Walk:
    """A run of addresses that begins at a row's beginning, in one of the channels that it touches.

    ``bursts`` of it fall there, on ``visits`` of rows, of which ``side_by_side`` are open in turns
    (bank bits below column bits). After a visit comes, in ``again`` of the cases, another row of
    the same bank. ``banks`` take turns. ``stretch`` bursts follow each other in one bank group
    before another group's come, if runs go on from bank to bank; infinite where no other comes.
    ``in_row`` tells that the next stretch needs no row opened. ``channels`` are touched.
    """

    bursts: float
    visits: float
    side_by_side: float
    again: float
    banks: int
    stretch: float
    in_row: bool
    channels: int


_BANKS = ("bankgroup", "bank", "rank")


def walk_of(dram: Dram, bursts: float) -> Walk:
    """Return how a run of ``bursts`` falls, a mean where that is no whole number.

    It begins where a row does.

    Limits: where it begins elsewhere it may visit one row more.
    """
    every = dram.map.bits(dram.organisation, dram.channels)
    reached = every[: last_row(every)]
    channels = _distinct(reached, math.ceil(bursts), ("channel",))
    bits, here = [bit for bit in reached if bit != "channel"], bursts / channels
    region = _region(bits)
    low, share = math.floor(here), here - math.floor(here)
    visits = (1 - share) * _visits(region, low) + share * _visits(region, low + 1)
    above, inside = bits[len(region) :], sum(bit in _BANKS for bit in region)
    turning = 1 << inside + _leading(above, _BANKS)
    stretch, in_row = _stretch(every, len(region), math.ceil(here))
    return Walk(
        bursts=here,
        visits=visits,
        side_by_side=min(visits, 1 << inside),
        again=_again(above),
        banks=turning if visits > turning else dram.organisation.all_banks,
        stretch=stretch,
        in_row=in_row,
        channels=channels,
    )


def last_row(bits: Sequence[str]) -> int:
    """Return the place of the row's own bits: what stands above is not reached by one run."""
    return len(bits) - 1 - bits[::-1].index("row")


def _visits(region: Sequence[str], bursts: int) -> int:
    """Rows that a run visits; each of a region once."""
    whole, rest = divmod(bursts, 1 << len(region))
    inside = sum(bit in _BANKS for bit in region)
    return (whole << inside) + (_distinct(region, rest, _BANKS) if rest else 0)


def _distinct(bits: Sequence[str], bursts: int, fields: Sequence[str]) -> int:
    """How many values the bits of ``fields`` take in the first ``bursts`` addresses."""
    count, left = 0, bursts
    for place in range(len(bits) - 1, -1, -1):
        below = sum(bit in fields for bit in bits[:place])
        if left > 1 << place:
            if bits[place] not in fields:
                return min(count + (1 << below), 1 << sum(bit in fields for bit in bits))
            count, left = count + (1 << below), left - (1 << place)
    return min(count + 1, 1 << sum(bit in fields for bit in bits))


def _region(bits: Sequence[str]) -> Sequence[str]:
    """The bits up to the last column bit that no row bit stands below: rows in it stay open."""
    below = list(bits[: bits.index("row")] if "row" in bits else bits)
    while below and below[-1] != "column":
        below.pop()
    return below


def _leading(bits: Sequence[str], fields: Sequence[str]) -> int:
    return next((k for k, bit in enumerate(bits) if bit not in fields), len(bits))


def _again(above: Sequence[str]) -> float:
    """Share of the steps from one region to the next that stay in its banks."""
    if not above:
        return 1.0
    same = _leading(above, ("row", "column"))
    return 1.0 - (0.0 if same == len(above) else 0.5**same)


def _stretch(every: Sequence[str], region: int, bursts: int) -> tuple[float, bool]:
    """Bursts in a row in one bank group, and whether the next group's row is open already."""
    bits = [bit for bit in every if bit != "channel"]
    if "bankgroup" not in bits:
        return math.inf, False
    place = bits.index("bankgroup")
    if place < last_row(bits) and bursts > 1 << place:
        return float(1 << place), place < region
    skipped = sum(bit in _BANKS for bit in bits[region:place])  # banks of the same group first
    return float(bursts << skipped), False
