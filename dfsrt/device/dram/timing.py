"""Times between the commands of a DRAM, in clocks."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from dfsrt.base.errors import DeviceError

_MOST = 1e9


@dataclass(frozen=True, slots=True)
class Timing:
    """Times as JEDEC names them, in clocks of ``tck_ns``.

    ``cl`` and ``cwl`` from a read or a write to its data; ``trcd`` from an activate to the first
    burst, ``trp`` from a precharge to the next activate, ``tras`` from an activate to a precharge,
    ``trc`` between activates of a bank; ``trrd`` between activates of two banks, four of which fit
    into ``tfaw``; ``tccd`` between bursts; ``trtp`` from a read and ``twr`` from the end of a
    write's data to a precharge; ``twtr`` from the end of a write's data to a read; ``trfc`` of a
    refresh, one in every ``trefi``. Ends in ``_s`` hold between bank groups, in ``_l`` inside one.
    ``tccd_s`` is how long a burst has the bus.

    Raises:
        DeviceError: a time that is not above 0, or two that contradict.
    """

    tck_ns: float
    cl: float
    cwl: float
    trcd: float
    trp: float
    tras: float
    trc: float
    trrd_s: float
    trrd_l: float
    tfaw: float
    tccd_s: float
    tccd_l: float
    trtp: float
    twr: float
    twtr_s: float
    twtr_l: float
    trfc: float
    trefi: float

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (math.isfinite(value) and 0 < value <= _MOST):
                raise DeviceError(f"timing.{field.name} is {value:g}; allowed is above 0 to 1e9")
        if self.trc < self.tras + self.trp:
            raise DeviceError(
                f"timing.trc is {self.trc:g}, below tras + trp = {self.tras + self.trp:g}; "
                "give at least that, or leave trc out"
            )
        if self.tccd_l < self.tccd_s:
            raise DeviceError(
                f"timing.tccd_l is {self.tccd_l:g}, below tccd_s = {self.tccd_s:g}; a burst in the "
                "same bank group follows no sooner than one in another"
            )
        if self.refreshing >= 1:
            raise DeviceError(
                f"timing.trefi is {self.trefi:g}, no longer than trfc + trp + trcd = "
                f"{self.trfc + self.trp + self.trcd:g}; nothing would be left between refreshes"
            )

    @property
    def refreshing(self) -> float:
        """Share of time in which a refresh, and the rows opened after it, hold everything up."""
        return (self.trfc + self.trp + self.trcd) / self.trefi
