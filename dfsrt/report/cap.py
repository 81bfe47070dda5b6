"""The cap of a report: its limits over time, and how it was kept."""

from __future__ import annotations

import math

from dfsrt.report.schema import CapChange, CapKept
from dfsrt.run.book import Book
from dfsrt.run.cap import PowerCap


def finite(value: float) -> float | None:
    """Return ``value``, or None where it is infinite."""
    return value if math.isfinite(value) else None


def cap_changes(cap: PowerCap) -> list[CapChange]:
    """Return the limits after the first."""
    return [CapChange(step.start_ns * 1e-9, finite(step.limit_w)) for step in cap.steps[1:]]


def cap_kept(book: Book) -> CapKept:
    """Return how the cap was kept."""
    by_window, by_layer, cap = book.window_excess, book.layer_excess, book.cap
    return CapKept(
        domain=str(cap.domain),
        window_s=cap.window_ns * 1e-9,
        excess_time_s=by_window.time_s,
        excess_max_w=by_window.max_w,
        layer_excess_time_s=by_layer.time_s,
        layer_excess_max_w=by_layer.max_w,
        layers_over=book.layers_over,
        layers_unreachable=book.unreachable,
        layer_runs=book.layer_runs,
    )
