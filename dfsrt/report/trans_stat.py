"""The kernel's ``trans_stat``: transitions between clocks, and time at each."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.run.book import Book

_NS_A_MS = 1_000_000


def trans_stat(book: Book) -> str:
    """Return a run's transitions as devfreq prints them; the clock at its end is marked.

    Time is all that has passed with that clock set, idle time included; milliseconds are rounded
    so that they sum to the run's.
    Source: Linux, drivers/devfreq/devfreq.c, trans_stat_show.
    """
    freqs = book.table.npu.opps.freqs_hz
    heads = "".join(f"{f:10d}" for f in freqs)
    lines = ["     From  :   To", f"{'':11}:{heads}   time(ms)"]
    levels = book.table.levels
    counts = levels.per_core(levels.per_core(book.transitions).T).T.copy()
    level_ms = _milliseconds(levels.per_core(book.time_ns.sum(axis=0) + book.idle_level_ns))
    for level in range(len(freqs)):
        counts[level, level] = 0
    for level, freq in enumerate(freqs):
        mark = "*" if level == levels.core[book.last_level] else " "
        row = "".join(f"{n:10d}" for n in counts[level].tolist())
        lines.append(f"{mark}{freq:10d}:{row}{int(level_ms[level]):10d}")
    return "\n".join([*lines, f"Total transition : {int(counts.sum())}", ""])


def _milliseconds(times_ns: Ints) -> Ints:
    """Return whole milliseconds of times ``(n_levels,)``, whose sum is the sum's, rounded down.

    What is short of it goes to those with the largest fractions.
    """
    whole, fraction = np.divmod(times_ns, _NS_A_MS)
    short = int(times_ns.sum()) // _NS_A_MS - int(whole.sum())
    whole[np.argsort(-fraction, kind="stable")[:short]] += 1
    return whole
