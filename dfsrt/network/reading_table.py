"""How a network is read, as files say it: a table of the options' names."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from dfsrt.network.reading import Branch, KvCache, Reading, UnknownOps, reading_of


class ReadingTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a network is read: the options of the same names, ``--set`` and the others."""

    dims: dict[str, int] = {}
    set: dict[str, bool | int | float | str | list[bool | int | float | str]] = {}
    branch: Branch = "larger"
    trips: dict[str, int] = {}
    unknown_ops: UnknownOps = "error"
    kv_cache: KvCache = "append"
    steps: str = ""

    @property
    def reading(self) -> Reading:
        """How networks are read; sizes and values go to those that have them open.

        Raises:
            NetworkError: a count that is none.
        """
        reading = reading_of(
            dims=self.dims,
            values=self.set,
            branch=self.branch,
            trips=self.trips,
            unknown_ops=self.unknown_ops,
            kv_cache=self.kv_cache,
        )
        return replace(reading, steps=self.steps)
