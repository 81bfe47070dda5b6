"""The kernel's ``trans_stat``: transitions between clocks, and time at each."""

from __future__ import annotations

from dfsrt.report.totals import Totals


def trans_stat(totals: Totals, last_level: int = 0) -> str:
    """Return a run's transitions as devfreq prints them; ``last_level`` is the clock at its end.

    Time is that in which a layer ran or the core stalled; while it stands idle no clock has time.
    Source: Linux, drivers/devfreq/devfreq.c, trans_stat_show.
    """
    freqs = totals.table.npu.opps.freqs_hz
    heads = "".join(f"{f:10d}" for f in freqs)
    lines = ["     From  :   To", f"{'':11}:{heads}   time(ms)"]
    counts = totals.transitions.copy()
    for level in range(len(freqs)):
        counts[level, level] = 0
    for level, freq in enumerate(freqs):
        mark = "*" if level == last_level else " "
        row = "".join(f"{n:10d}" for n in counts[level].tolist())
        lines.append(f"{mark}{freq:10d}:{row}{int(totals.level_ns[level]) // 1_000_000:10d}")
    return "\n".join([*lines, f"Total transition : {int(counts.sum())}", ""])
