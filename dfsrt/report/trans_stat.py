"""The kernel's ``trans_stat``: transitions between clocks, and time at each."""

from __future__ import annotations

from dfsrt.run.book import Book


def trans_stat(book: Book) -> str:
    """Return a run's transitions as devfreq prints them; the clock at its end is marked.

    Time is all that has passed with that clock set, idle time included.
    Source: Linux, drivers/devfreq/devfreq.c, trans_stat_show.
    """
    freqs = book.table.npu.opps.freqs_hz
    heads = "".join(f"{f:10d}" for f in freqs)
    lines = ["     From  :   To", f"{'':11}:{heads}   time(ms)"]
    counts, level_ns = book.transitions.copy(), book.time_ns.sum(axis=0) + book.idle_level_ns
    for level in range(len(freqs)):
        counts[level, level] = 0
    for level, freq in enumerate(freqs):
        mark = "*" if level == book.last_level else " "
        row = "".join(f"{n:10d}" for n in counts[level].tolist())
        lines.append(f"{mark}{freq:10d}:{row}{int(level_ns[level]) // 1_000_000:10d}")
    return "\n".join([*lines, f"Total transition : {int(counts.sum())}", ""])
