"""A part's file and a device's table ``[dram]``: tables and keys, as msgspec checks them."""

from __future__ import annotations

from typing import Literal

import msgspec

FORMAT = 1
"""Version of a part's file."""


class SourcedTable(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A table with a text in ``source`` for each number, and the two ends of some in ``range``."""

    source: dict[str, str] = {}
    range: dict[str, list[float]] = {}


class OrganisationEntry(SourcedTable, frozen=True, kw_only=True):
    """A channel as it is built: its data pins, and what stands behind them.

    A channel has so many ``ranks``, each of ``devices`` chips side by side; a rank has
    ``bank_groups`` of ``banks`` each.
    """

    width_bits: int
    bank_groups: int = 1
    banks: int
    row_bytes: int
    burst_bytes: int
    ranks: int = 1
    devices: int = 1


class TimingEntry(SourcedTable, frozen=True, kw_only=True):
    """Times in clocks, or all but the clock's own in nanoseconds, as ``unit`` says.

    ``trc`` is ``tras`` + ``trp`` where it is left out, and an end in ``_l`` as that in ``_s``:
    within a bank group, and between two. ``cl`` and ``cwl`` from a read or a write to its data;
    ``trcd`` from an activate to the first access, ``trp`` from a precharge to an activate, ``tras``
    from an activate to a precharge; ``trrd_s``, ``trrd_l`` between activates of two banks, four of
    which fit into ``tfaw``; ``tccd_s``, ``tccd_l`` between accesses; ``trtp`` and ``twr`` from a
    read or the end of a write to a precharge; ``twtr_s``, ``twtr_l`` from a write to a read.
    A refresh takes ``trfc`` every ``trefi``.
    """

    tck_ns: float
    unit: Literal["clocks", "ns"] = "clocks"
    cl: float
    cwl: float
    trcd: float
    trp: float
    tras: float
    trc: float | None = None
    trrd_s: float
    trrd_l: float | None = None
    tfaw: float
    tccd_s: float
    tccd_l: float | None = None
    trtp: float
    twr: float
    twtr_s: float
    twtr_l: float | None = None
    trfc: float
    trefi: float


class SupplyEntry(SourcedTable, frozen=True, kw_only=True):
    """One supply of a device with its currents."""

    voltage_uv: int
    idd0_ma: float
    idd2n_ma: float
    idd2p_ma: float
    idd3n_ma: float
    idd4r_ma: float
    idd4w_ma: float
    idd5_ma: float


class EnergyEntry(SourcedTable, frozen=True, kw_only=True):
    """Energies of a rank, in place of currents."""

    activate_pj: float
    read_pj_per_bit: float
    write_pj_per_bit: float
    standby_open_w: float
    standby_closed_w: float
    power_down_w: float
    refresh_w: float


class DramEntry(SourcedTable, frozen=True, kw_only=True):
    """What a device's file says of its DRAM: a part by name, with numbers of its own laid over it.

    ``channels``, ``map`` and the like are choices, and need no source. ``organisation``,
    ``timing``, ``supply`` and ``energy`` are as in a part's own file.
    """

    part: str = ""
    channels: int = 1
    map: str = ""
    layout: str = ""
    powers_down: bool = False
    organisation: OrganisationEntry
    timing: TimingEntry
    supply: dict[str, SupplyEntry] = msgspec.field(default_factory=dict)
    energy: EnergyEntry | None = None


class PartFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A whole part's file: ``organisation`` and ``timing``, and either ``supply`` or ``energy``.

    ``supply`` holds the device's supplies by name.
    """

    format: int
    name: str
    description: str
    organisation: OrganisationEntry
    timing: TimingEntry
    supply: dict[str, SupplyEntry] = {}
    energy: EnergyEntry | None = None
