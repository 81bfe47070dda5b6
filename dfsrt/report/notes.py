"""Notes: what a reader of a report must know that no figure shows."""

from __future__ import annotations

from collections.abc import Mapping

from dfsrt.base.units import format_si
from dfsrt.governor.governor import Governor, sampling_ns
from dfsrt.power.measure.ina226 import CONVERSION_S
from dfsrt.report.totals import Totals


def run_notes(totals: Totals, governor: Governor, unknown_ops: Mapping[str, int]) -> list[str]:
    """Return what is worth saying of a run beside its figures, one line each."""
    return [
        *unknown_notes(unknown_ops),
        *totals.table.notes,
        *_out_of_range(totals),
        *_never_sampled(totals, governor),
        *_caps_that_never_came(totals),
        *_corrector(totals),
    ]


def unknown_notes(unknown_ops: Mapping[str, int]) -> list[str]:
    """Return a line for each operator without a rule that was let through."""
    return [
        f"{op} has no rule: {count} of it counted as memory traffic only"
        for op, count in unknown_ops.items()
    ]


def _out_of_range(totals: Totals) -> list[str]:
    found = totals.table.out_of_range
    if not found:
        return []
    some = ", ".join(found[:3]) + (", ..." if len(found) > 3 else "")
    return [
        f"{len(found)} of {len(totals.table.costs)} layers lie outside what the power model was "
        f"trained on: {some}"
    ]


def _never_sampled(totals: Totals, governor: Governor) -> list[str]:
    period_ns = sampling_ns(governor)
    if not period_ns or period_ns < totals.span_ns:
        return []
    return [
        f"the run ended after {totals.span_ns * 1e-6:.3g} ms, before the governor first looked at "
        f"the load ({period_ns * 1e-6:g} ms); run more frames"
    ]


def _caps_that_never_came(totals: Totals) -> list[str]:
    late = [step for step in totals.cap.steps if step.start_ns >= totals.span_ns]
    return [
        f"the cap change at {step.start_ns * 1e-9:g} s comes after the run's end" for step in late
    ]


def _corrector(totals: Totals) -> list[str]:
    learned = totals.correction
    if learned is None:
        return []
    if learned.readings == 0:
        return [
            "corrector: the run was too short for one reading of the meter "
            f"({CONVERSION_S * 1e3:g} ms); run more frames"
        ]
    sign = "-" if learned.bias_w < 0 else "+"
    return [
        f"corrector: the meter read {learned.gain:.2f} x predicted {sign} "
        f"{format_si(abs(learned.bias_w), 'W')} at the end"
    ]
