"""What ``dfsrt memory stream`` says: as JSON and as a table."""

from __future__ import annotations

import msgspec

from dfsrt.base.units import format_si
from dfsrt.cost.dram import Steady, Visit
from dfsrt.device.dram import Dram
from dfsrt.report.prose import prose_width, wrapped
from dfsrt.report.schema import SCHEMA_VERSION
from dfsrt.report.tables import make_console, say, show


class StreamReport(msgspec.Struct, frozen=True, kw_only=True):
    """Equal runs of bytes on a DRAM, without end.

    ``bandwidth_bytes_per_s`` and ``energy_per_byte_j`` are of bytes of use, in all channels;
    ``overfetch`` is bytes that cross over those. ``most_bytes_per_s`` is the bandwidth at full
    offer, ``background_w`` mean standby with refresh, which ``access_energy_per_byte_j`` leaves
    out.
    """

    schema_version: int = SCHEMA_VERSION
    dram: str
    description: str
    channels: int
    map: str
    run_bytes: int
    visit: str
    offered: float
    reads: float
    bandwidth_bytes_per_s: float
    energy_per_byte_j: float
    activates_per_burst: float
    row_hit_rate: float
    peak_bytes_per_s: float
    most_bytes_per_s: float
    busy_share: float
    bursts_per_run: float
    overfetch: float
    access_energy_per_byte_j: float
    background_w: float


def stream_report(
    dram: Dram, steady: Steady, run_bytes: int, visit: Visit, offered: float, reads: float
) -> StreamReport:
    """Return the report of a steady stream."""
    return StreamReport(
        dram=dram.name,
        description=dram.description,
        channels=dram.channels,
        map=dram.map.order,
        run_bytes=run_bytes,
        visit=str(visit),
        offered=offered,
        reads=reads,
        bandwidth_bytes_per_s=steady.bandwidth_bytes_per_s,
        energy_per_byte_j=steady.energy_per_byte_j,
        activates_per_burst=steady.activates_per_burst,
        row_hit_rate=steady.row_hit_rate,
        peak_bytes_per_s=steady.peak_bytes_per_s,
        most_bytes_per_s=steady.most_bytes_per_s,
        busy_share=steady.busy_share,
        bursts_per_run=steady.bursts_per_run,
        overfetch=steady.overfetch,
        access_energy_per_byte_j=steady.access_energy_per_byte_j,
        background_w=steady.background_w,
    )


def stream_table(r: StreamReport) -> None:
    """Print what a stream gets, what a byte takes, and of what."""
    console, byte_j = make_console(), r.energy_per_byte_j
    channels = f"{r.channels} channels, " if r.channels > 1 else ""
    part = f"{r.dram} ({r.description}): {channels}map {r.map}"
    say(console, *wrapped(part, prose_width(console), rest="  "))
    runs = f"runs of {r.run_bytes:,} bytes, {r.visit}, {r.reads:.0%} of them reads"
    say(console, f"{runs}, {r.offered * 100:.3g}% of the peak offered")
    share = f"{r.bandwidth_bytes_per_s / r.peak_bytes_per_s:.1%} of the peak"
    standby_j, watts = byte_j - r.access_energy_per_byte_j, format_si(r.background_w, "W")
    rows = [
        ("bandwidth", format_si(r.bandwidth_bytes_per_s, "B/s"), share),
        ("at full offer", format_si(r.most_bytes_per_s, "B/s"), f"busy {r.busy_share:.1%}"),
        ("energy", f"{byte_j * 1e12:.1f} pJ/B", f"{byte_j * 1.25e11:.2f} pJ/bit"),
        ("  access", f"{r.access_energy_per_byte_j * 1e12:.1f} pJ/B", "activates and bursts"),
        (
            "  standby",
            f"{standby_j * 1e12:.1f} pJ/B",
            f"{watts} on average",
        ),
        ("row hits", f"{r.row_hit_rate:.1%}", f"{r.activates_per_burst:.4g} activates a burst"),
        ("overfetch", f"x {r.overfetch:.2f}", f"{r.bursts_per_run:g} bursts a run"),
    ]
    show(console, ("<", "", "<"), rows)
