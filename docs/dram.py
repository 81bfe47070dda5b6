"""The table of docs/dram.md: what the model says beside what cycle simulators measured."""

from __future__ import annotations

from dfsrt.cost.dram import Steady, Visit, steady_stream
from dfsrt.device.dram import load_dram

COMMAND = "dfsrt memory stream --dram lpddr4-3200 --run-bytes 128 --visit same-bank"

PATTERNS: dict[str, tuple[int, Visit, float]] = {
    "a row, then the next bank": (0, Visit.NEXT_BANK, 1.0),
    "a row, then another of the same bank": (0, Visit.SAME_BANK, 1.0),
    "4 bursts of a row, next bank": (4, Visit.NEXT_BANK, 1.0),
    "4 bursts of a row, same bank": (4, Visit.SAME_BANK, 1.0),
    "1 burst of a row, next bank": (1, Visit.NEXT_BANK, 1.0),
    "1 burst of a row, same bank": (1, Visit.SAME_BANK, 1.0),
    "a row, next bank, at 5 % of the peak": (0, Visit.NEXT_BANK, 0.05),
}
"""Bursts of a run, 0 for a row; where the next one begins; the load. All reads."""

MEASURED: dict[str, tuple[tuple[float, float | None], ...]] = {
    "ddr3-1600": (
        *((97.4, 131), (93.6, 132), (97.4, 203), (41.1, 233), (48.7, 445), (10.3, 616)),
        (5.0, 565),
    ),
    "lpddr4-3200": (
        *((91.6, 76), (82.0, 77), (91.2, 85), (30.4, 99), (45.6, 120), (7.6, 192)),
        (5.0, 205),
    ),
    "lpddr5-6400": (
        *((80.7, None), (41.2, None), (92.8, None), (14.8, None), (46.6, None), (3.9, None)),
    ),
}
"""Percent of the peak and pJ a byte, by pattern: DRAMsim3, and Ramulator 2.1 for LPDDR5."""


def steady_of(name: str, pattern: str) -> Steady:
    """Return what the model says of a part under a pattern."""
    bursts, visit, offered = PATTERNS[pattern]
    dram = load_dram(name)
    run_bytes = (bursts or dram.organisation.row_bursts) * dram.organisation.burst_bytes
    return steady_stream(dram, run_bytes, visit, offered)


def golden_text() -> str:
    """Return the table: a row for each part and pattern that was measured."""
    heads = ("part", "runs", "of the peak", "measured", "pJ/B", "measured", "row hits")
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for name, points in MEASURED.items():
        for pattern, (percent, pj) in zip(PATTERNS, points, strict=False):
            steady = steady_of(name, pattern)
            ours = 100 * steady.bandwidth_bytes_per_s / steady.peak_bytes_per_s
            energy = f"{steady.energy_per_byte_j * 1e12:.0f}"
            cells = (name, pattern, f"{ours:.1f} %", f"{percent} %", energy, f"{pj or '-'}")
            lines.append(f"| {' | '.join(cells)} | {steady.row_hit_rate:.1%} |")
    return "\n".join(lines) + "\n"
