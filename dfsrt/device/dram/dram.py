"""A DRAM: its part, how many channels of it there are, and how addresses and maps lie in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from dfsrt.base.errors import DeviceError
from dfsrt.device.dram.address import AddressMap, parse_map
from dfsrt.device.dram.organisation import Organisation
from dfsrt.device.dram.supply import Energies, Supply, check_currents
from dfsrt.device.dram.timing import Timing

MOST_CHANNELS = 1024


class Layout(StrEnum):
    """How a feature map lies in memory."""

    CHANNEL_FIRST = "channel-first"  # a line of one channel, the next line, the next channel
    CHANNEL_LAST = "channel-last"  # all channels of a pixel, the next pixel, the next line
    TILED = "tiled"  # tile by tile, as they are used


@dataclass(frozen=True, slots=True)
class Dram:
    """Off-chip memory of ``channels`` equal channels of a part.

    Currents of a device by supply, or ``energies`` of a rank where no currents are public. With
    ``powers_down`` it is powered down wherever nothing crosses.

    Raises:
        DeviceError: channels that are no power of two, neither currents nor energies, or
            currents that contradict.
        InputError: a map that misses a field of the part.
    """

    name: str
    description: str
    organisation: Organisation
    timing: Timing
    supplies: tuple[Supply, ...]
    energies: Energies | None = None
    channels: int = 1
    map: AddressMap = field(default_factory=lambda: parse_map(""))
    layout: Layout = Layout.CHANNEL_FIRST
    powers_down: bool = False

    def __post_init__(self) -> None:
        count = self.channels
        if not 1 <= count <= MOST_CHANNELS or count & (count - 1):
            raise DeviceError(f"channels is {count}; give a power of two from 1 to {MOST_CHANNELS}")
        if bool(self.supplies) == (self.energies is not None):
            what = "both" if self.supplies else "neither"
            raise DeviceError(
                f"it has {what} currents in [supply.NAME] and energies in [energy]; give one of "
                "them"
            )
        check_currents(self.supplies, self.timing)
        self.map.bits(self.organisation, count)

    @property
    def peak_bytes_per_s(self) -> float:
        """What crosses while all data lines are busy, in all channels."""
        burst_s = self.timing.tccd_s * self.timing.tck_ns * 1e-9
        return self.channels * self.organisation.burst_bytes / burst_s
