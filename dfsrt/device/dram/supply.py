"""What a DRAM draws: currents by supply, or energies where no currents are public."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

from dfsrt.base.errors import DeviceError
from dfsrt.device.dram.timing import Timing


@dataclass(frozen=True, slots=True)
class Supply:
    """One supply of a device: its voltage, and the currents of the datasheet in mA.

    ``idd0_ma`` one bank activated and precharged all the time, ``idd2n_ma`` all closed,
    ``idd2p_ma`` powered down, ``idd3n_ma`` a row open, ``idd4r_ma`` and ``idd4w_ma`` reading and
    writing all the time, ``idd5_ma`` refreshing.

    Raises:
        DeviceError: a number below 0, or a voltage of 0.
    """

    name: str
    voltage_uv: float
    idd0_ma: float
    idd2n_ma: float
    idd2p_ma: float
    idd3n_ma: float
    idd4r_ma: float
    idd4w_ma: float
    idd5_ma: float

    def __post_init__(self) -> None:
        for field in fields(self)[1:]:
            _check_number(f"supply.{self.name}.{field.name}", getattr(self, field.name))
        if self.voltage_uv == 0:
            raise DeviceError(f"supply.{self.name}.voltage_uv is 0; give a voltage above 0")


def check_currents(supplies: Sequence[Supply], timing: Timing) -> None:
    """Check that no command takes less than standing by for as long, over all supplies.

    Raises:
        DeviceError: the first command that does.
    """
    t, volts = timing, [supply.voltage_uv for supply in supplies]
    excess_ma = {
        "idd4r_ma (reading)": [s.idd4r_ma - s.idd3n_ma for s in supplies],
        "idd4w_ma (writing)": [s.idd4w_ma - s.idd3n_ma for s in supplies],
        "idd5_ma (refreshing)": [s.idd5_ma - s.idd3n_ma for s in supplies],
        "idd0_ma (activating)": [
            s.idd0_ma * (t.tras + t.trp) - s.idd3n_ma * t.tras - s.idd2n_ma * t.trp
            for s in supplies
        ],
    }
    for what, excess in excess_ma.items():
        if sum(v * e for v, e in zip(volts, excess, strict=True)) < 0:
            raise DeviceError(
                f"supply: {what} draws less than standing by with a row open, idd3n_ma, or closed, "
                "idd2n_ma; give currents of one datasheet"
            )


@dataclass(frozen=True, slots=True)
class Energies:
    """What the commands of a rank take and its standby draws, for a part without public currents.

    Raises:
        DeviceError: a number below 0.
    """

    activate_pj: float
    read_pj_per_bit: float
    write_pj_per_bit: float
    standby_open_w: float
    standby_closed_w: float
    power_down_w: float
    refresh_w: float

    def __post_init__(self) -> None:
        for field in fields(self):
            _check_number(f"energy.{field.name}", getattr(self, field.name))


def _check_number(path: str, value: float) -> None:
    if not (math.isfinite(value) and 0 <= value <= 1e9):
        raise DeviceError(f"{path} is {value:g}; allowed is 0 to 1e9")
