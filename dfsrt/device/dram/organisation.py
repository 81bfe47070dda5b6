"""How a channel of DRAM is built: ranks, banks, rows and bursts."""

from __future__ import annotations

from dataclasses import dataclass, fields

from dfsrt.base.errors import DeviceError

_MOST = 2**40


@dataclass(frozen=True, slots=True)
class Organisation:
    """One channel: ``ranks`` of ``devices`` that work side by side and share the data bus.

    ``width_bits`` are the channel's data lines. A rank has ``bank_groups`` of ``banks`` each, and
    a row of ``row_bytes`` in every bank; a burst moves ``burst_bytes``, never less.

    Raises:
        DeviceError: a number that is no power of two, ``devices`` aside, or a row shorter than a
            burst.
    """

    width_bits: int
    bank_groups: int
    banks: int
    row_bytes: int
    burst_bytes: int
    ranks: int = 1
    devices: int = 1

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not 1 <= value <= _MOST:
                raise DeviceError(f"organisation.{field.name} is {value}; allowed is 1 to 2^40")
            if field.name != "devices" and value & (value - 1):
                raise DeviceError(
                    f"organisation.{field.name} is {value}; give a power of two, like "
                    f"{1 << (value.bit_length() - 1)} or {1 << value.bit_length()}"
                )
        if self.row_bytes < self.burst_bytes:
            raise DeviceError(
                f"organisation.row_bytes is {self.row_bytes}, shorter than a burst of "
                f"{self.burst_bytes}; give a row of at least one burst"
            )

    @property
    def row_bursts(self) -> int:
        """Bursts of a row."""
        return self.row_bytes // self.burst_bytes

    @property
    def all_banks(self) -> int:
        """Banks of a channel, in all groups and ranks."""
        return self.ranks * self.bank_groups * self.banks
