"""Clocks of a report: how often they changed, how long each ran, and what held them."""

from __future__ import annotations

from dfsrt.base.arrays import Ints
from dfsrt.power.table import LayerTable
from dfsrt.report.schema import Residency, Transitions
from dfsrt.run.book import Book
from dfsrt.run.log import HeldBy


def transitions(book: Book) -> Transitions:
    """Return changes of the core's clock and of voltage."""
    levels = book.table.levels
    matrix = levels.per_core(levels.per_core(book.transitions).T).T
    changed = int(matrix.sum() - matrix.trace())
    return Transitions(changed, book.moves, book.stall_ns * 1e-9, matrix.tolist())


def residency(book: Book) -> list[Residency]:
    """Return the share of time by clock of the core, idle first.

    A stall counts for the clock it leads to.
    """
    busy_ns = book.time_ns.sum(axis=0)
    return _shares(book.table, book.idle_ns, busy_ns, book.lane_ns)


def shares_of_busy(table: LayerTable, level_ns: Ints) -> list[Residency]:
    """Return the share of each clock in ``level_ns``, ``(n_levels,)``."""
    return _shares(table, 0, level_ns, int(level_ns.sum()))


def _shares(table: LayerTable, idle_ns: int, level_ns: Ints, whole_ns: int) -> list[Residency]:
    core_ns = table.levels.per_core(level_ns).tolist()
    spans = [(0, idle_ns), *zip(table.npu.opps.freqs_hz, core_ns, strict=True)]
    return [Residency(freq_hz, ns / whole_ns) for freq_hz, ns in spans if ns > 0]


def held_share(book: Book) -> dict[str, float]:
    """Return the share of running time by what held the clock; empty where nobody looked."""
    whole = float(book.held_ns.sum())
    spans = zip(HeldBy, book.held_ns.tolist(), strict=True)
    return {h.name.lower(): ns / whole for h, ns in spans if ns}
