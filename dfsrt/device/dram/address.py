"""Address maps: which bits of an address choose column, bank group, bank, rank, channel and row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.device.dram.organisation import Organisation

FIELDS = ("column", "bankgroup", "bank", "rank", "channel", "row")
"""Fields of an address; ``row`` has as many bits as there are left."""

DEFAULT_ORDER = "column-channel-bankgroup-bank-rank-row"
NAMED_ORDERS = {
    "drmap": "column-bankgroup-bank-rank-channel-row",
    "romanet": "column-rank-bankgroup-bank-channel-row",
    "bankgroups-first": "bankgroup-column-channel-bank-rank-row",
    "next-row": "column-channel-row-bankgroup-bank-rank",
}
"""Orders by name: DRMap's (columns, banks, rows), ROMANet's (columns, chips, banks, rows), and two
more."""

_ALIASES = dict.fromkeys(("col", "co"), "column") | dict.fromkeys(("group", "bg"), "bankgroup")
_ALIASES |= {"chip": "rank", "ra": "rank", "ba": "bank", "ch": "channel", "ro": "row"}
"""Other names of fields, cycle simulators' short ones among them."""
_PART = re.compile(r"([a-z]+)(\d*)")
_MOST_BITS = 40


@dataclass(frozen=True, slots=True)
class AddressMap:
    """An order of fields from the lowest address bits up, above those inside a burst.

    ``parts`` are fields with the number of their bits, None for all that are left of the field.
    """

    order: str
    parts: tuple[tuple[str, int | None], ...]

    def bits(self, organisation: Organisation, channels: int) -> tuple[str, ...]:
        """Return the field of each bit from the lowest up to the last below all rows' own bits.

        The first ``row`` that takes all bits that are left ends it: what stands above is never
        reached by addresses that follow each other.

        Raises:
            InputError: an order that misses a field, or gives one more bits than it has.
        """
        left = _widths(organisation, channels)
        order: list[str] = []
        for name, count in self.parts:
            taken = left[name] if count is None else count
            if taken > left[name]:
                raise InputError(
                    f"map '{self.order}' takes {taken} bits of {name}, which has "
                    f"{left[name]} left; take no more"
                )
            left[name] -= taken
            if name == "row" and count is None:
                left["row"] = 0
                order.append("row")
            else:
                order += [name] * taken
        self._check_whole(left)
        return tuple(order)

    def _check_whole(self, left: Mapping[str, int]) -> None:
        if missing := [name for name in FIELDS if left[name] > 0]:
            named = {name for name, _ in self.parts} | {*missing}
            here = "-".join(name for name in FIELDS if name in named)
            raise InputError(
                f"map '{self.order}' misses {' and '.join(missing)}; name every field of this "
                f"part, lowest bits first, like '{here}'"
            )


def parse_map(text: str) -> AddressMap:
    """Return the map of an order like ``column-bankgroup-bank-channel-row`` or of a named one.

    A number after a field gives so many of its bits: ``column2-bankgroup-column-bank-row``.

    Raises:
        InputError: no field of that name, or one that stands twice without a number.
    """
    order = NAMED_ORDERS.get(text.strip().lower(), text.strip().lower() or DEFAULT_ORDER)
    words = re.split(r"[-,>\s]+", order.replace("bank-group", "bankgroup").replace("_", ""))
    parts = tuple(_part(word, text) for word in words)
    for name in FIELDS:
        counts = [count for field, count in parts if field == name]
        if counts.count(None) > 1 or None in counts[:-1]:
            raise InputError(
                f"map '{text}' has {name} twice; name it once, or say how many of its bits come "
                f"first, like '{name}2'"
            )
    return AddressMap(text.strip() or DEFAULT_ORDER, parts)


def _part(word: str, text: str) -> tuple[str, int | None]:
    match = _PART.fullmatch(word)
    name = match.group(1) if match else word
    for known in (name, name.removesuffix("s")):
        field = _ALIASES.get(known, known)
        if match and field in FIELDS:
            return field, _bits(match.group(2), text)
    raise InputError(f"map '{text}': {unknown_name('field', name, (*FIELDS, *NAMED_ORDERS))}")


def _bits(digits: str, text: str) -> int | None:
    if not digits:
        return None
    if len(digits) > 2 or not 1 <= int(digits) <= _MOST_BITS:
        raise InputError(f"map '{text}': '{digits}' bits are out of range; give 1 to {_MOST_BITS}")
    return int(digits)


def _widths(organisation: Organisation, channels: int) -> dict[str, int]:
    """Bits of each field; rows have as many as anybody asks for."""
    counts = {
        "column": organisation.row_bursts,
        "bankgroup": organisation.bank_groups,
        "bank": organisation.banks,
        "rank": organisation.ranks,
        "channel": channels,
    }
    return {**{name: n.bit_length() - 1 for name, n in counts.items()}, "row": 64}
