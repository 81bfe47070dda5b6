"""Facts: every number of a device with its unit, source and range, and the file that says it."""

from __future__ import annotations

import msgspec

from dfsrt.base.names import NameSpec
from dfsrt.base.ranged import is_assumed
from dfsrt.device.leaf import Leaf, Value, leaves_by_key
from dfsrt.device.load import read_device_chain
from dfsrt.device.provenance import beside, sources_of
from dfsrt.device.ranges import Span, spans_of

DEFAULT = "default"
"""Who says a number that no file does."""


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One value of a device file in the unit that the file has it in.

    ``source`` is empty for a choice, like a precision, and for what no file says. ``range`` is the
    low and the high end. ``taken_from`` names the base that says it, ``default`` where no file
    does; None where the device's own file does.
    """

    number: str
    value: Value
    unit: str
    source: str
    range: tuple[float, float] | None
    assumed: bool
    taken_from: str | None


class KeyFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A key of a device file: its leaves, each with its range, and what they share."""

    key: str
    leaves: tuple[Leaf, ...]
    spans: tuple[Span | None, ...]
    source: str
    taken_from: str | None

    @property
    def facts(self) -> list[Fact]:
        """The key's values, one by one."""
        return [
            Fact(
                number=f"{leaf.key}{leaf.place}",
                value=leaf.value,
                unit=leaf.unit.symbol if leaf.is_number else "",
                source=self.source,
                range=span,
                assumed=is_assumed(self.source),
                taken_from=self.taken_from,
            )
            for leaf, span in zip(self.leaves, self.spans, strict=True)
        ]


def key_facts(name: str | NameSpec) -> list[KeyFacts]:
    """Return all keys of a preset or device file, its bases merged in, table by table.

    What the device's ``name`` says of it counts, what it chooses does not.

    Raises:
        DeviceError: no such preset or file, or a file that breaks a rule.
    """
    chain = read_device_chain(name)
    device, said_by = chain.device, chain.said_by
    raw = msgspec.to_builtins(device)
    sources, ranges = sources_of(raw), beside(raw, "range")
    return [
        KeyFacts(
            key=key,
            leaves=tuple(leaves),
            spans=tuple(spans_of(leaves, ranges.get(key), sources.get(key, ""))),
            source=sources.get(key, ""),
            taken_from=None if said_by.get(key) == chain.name else said_by.get(key, DEFAULT),
        )
        for key, leaves in leaves_by_key(raw)
    ]
