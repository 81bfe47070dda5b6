"""Notes: what a reader of a report must know that no figure shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from dfsrt.base.units import format_si
from dfsrt.device import Npu
from dfsrt.governor.governor import sampling_ns
from dfsrt.governor.optimal import Optimal
from dfsrt.network import Layer
from dfsrt.power.measure.ina226 import CONVERSION_S
from dfsrt.power.table import LayerTable
from dfsrt.report.battery import battery_notes
from dfsrt.report.cap_notes import cap_notes
from dfsrt.report.device_sheet import count_taken, taken_text
from dfsrt.report.idle_notes import idle_notes
from dfsrt.report.regret import TOLERANCE
from dfsrt.report.schema import Regret, Report
from dfsrt.run.book import Book
from dfsrt.run.corrector import Correction
from dfsrt.run.latencies import MOST_DISTINCT
from dfsrt.run.memory_policy import memory_point
from dfsrt.run.outlook import first_view
from dfsrt.run.run import Run
from dfsrt.run.source import NETWORK

CUT = "this machine is slow and its clock cut the search; another may find another plan"
FEW = 3
"""Things of a kind that get a line each."""


def run_notes(run: Run) -> list[str]:
    """Return what is worth saying of a run beside its figures, one line each."""
    book = run.book
    return [
        *cap_notes(run.job, book.power_max_w),
        *_taken(run.job.npu),
        *run.job.mix.notes,
        *converted_notes(run.job.mix.converted, [c.layer for c in book.table.costs]),
        *book.table.notes,
        *_out_of_range(book.table),
        *_never_sampled(sampling_ns(run.governor), book.span_ns),
        *_caps_that_never_came(run),
        *_gap_left(run),
        *_corrector(book.correction),
        *_rounded(book),
        *_trace(run),
        *idle_notes(run),
        *battery_notes(run),
    ]


def _taken(npu: Npu) -> list[str]:
    """What a device file of one's own takes from its base; presets have been looked through."""
    if not npu.file or not npu.taken_from:
        return []
    taken = taken_text(count_taken(npu.taken_from))
    return [f"{npu.name} takes {taken}: dfsrt device show {npu.file} lists them"]


def converted_notes(converted: Mapping[str, int], layers: Sequence[Layer]) -> list[str]:
    """Return a line on layers in another precision than the file's, unless all were and are one."""
    if len(converted) == 1 and sum(converted.values()) == sum(a.computes for a in layers):
        return []
    changes = [f"{n:,} layer{'s' * (n != 1)} from {change}" for change, n in converted.items()]
    return [f"converted for the device: {', '.join(changes)}"] if changes else []


def regret_notes(regrets: Sequence[Regret], advice: str = "") -> list[str]:
    """Return what must be known of regrets whose optimum is not certain, and what helps."""
    time = max((regret.time_gap for regret in regrets), default=0.0)
    energy = max((regret.energy_gap for regret in regrets), default=0.0)
    notes = []
    if math.isinf(max(time, energy)):
        notes.append(
            "regret: the search for the best had ended before it was certain, and nobody knows how "
            f"far that may be: regret may be far more than is shown{advice}"
        )
    elif max(time, energy) > TOLERANCE:
        notes.append(
            f"regret: the search for the best had ended before it was certain; times may be "
            f"{time:.2%} and energies {energy:.2%} less at most"
        )
    return notes + [f"regret: {CUT}"] * any(regret.cut for regret in regrets)


def period_notes(report: Report) -> list[str]:
    """Return what counts where frames of a network come by the clock."""
    if report.period_s is None or not report.frames:
        return []
    judged = report.regret is not None and report.kind == NETWORK
    energy = "energy and its regret are" if judged else "energy is"
    return [
        f"a frame every {format_si(report.period_s, 's')}: {energy} of whole periods, idle "
        "time counted"
    ]


def order_notes(runs: Sequence[Report]) -> list[str]:
    """Return in which order requests are served under whom, where that is not one for all."""
    orders: dict[str, dict[str, None]] = {}
    for run in runs:
        if run.queue is not None:
            orders.setdefault(run.queue.discipline, {})[run.governor] = None
    if len(orders) < 2:
        return []
    served = "; ".join(f"by {order} under {', '.join(names)}" for order, names in orders.items())
    return [f"requests are served {served}"]


def _out_of_range(table: LayerTable) -> list[str]:
    layers = table.out_of_range
    if not layers:
        return []
    some = ", ".join(layers[:3]) + (", ..." if len(layers) > 3 else "")
    return [
        f"{len(layers)} of {len(table.costs)} layers lie outside what the power model was "
        f"trained on: {some}"
    ]


def _never_sampled(period_ns: int | None, span_ns: int) -> list[str]:
    if not period_ns or period_ns < span_ns:
        return []
    return [
        f"the run ended after {span_ns * 1e-6:.3g} ms, before the governor first looked at "
        f"the load ({period_ns * 1e-6:g} ms); run more frames"
    ]


def _gap_left(run: Run) -> list[str]:
    """How far the optimum's plan may be from the best, where its search has ended before."""
    job, governor = run.job, run.governor
    if not isinstance(governor, Optimal) or job.kind != NETWORK or job.setting is not None:
        return []
    point = memory_point(job.npu, job.memory)
    view = first_view(job.table, job.power_cap, job.period_ns, job.idle, point)
    gap, cut = governor.gap_left(view), governor.was_cut(view)
    slow = [f"optimal: {CUT}"] if cut else []
    if gap is None or gap <= governor.gap:
        return slow
    better = f"optimal: a better plan may be there, by {gap:.2%} at most; "
    if governor.goal != "time" and view.rest is not None:
        return [*slow, f"{better}no bound is nearer where idle time depends on the rail"]
    return [
        *slow,
        f"{better}for more search give more time or memory than "
        f"{format_si(governor.time * 1e-9, 's')} and {format_si(governor.memory, 'B')}",
    ]


def _caps_that_never_came(run: Run) -> list[str]:
    book = run.book
    late = [step for step in book.cap.steps if step.start_ns >= book.span_ns > 0]
    if run.job.setting is not None or not late:
        return []
    if len(late) > FEW:
        first_s = late[0].start_ns * 1e-9
        return [f"{len(late):,} cap changes come after the run's end, the first at {first_s:g} s"]
    return [
        f"the cap change at {step.start_ns * 1e-9:g} s comes after the run's end" for step in late
    ]


def _corrector(learned: Correction | None) -> list[str]:
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


def _rounded(book: Book) -> list[str]:
    whole = book.requests.whole
    if not (whole.latency.rounded or whole.wait.rounded):
        return []
    return [
        f"latencies took more than {MOST_DISTINCT:,} distinct values: their percentiles are "
        "rounded to 0.1 %"
    ]


def _trace(run: Run) -> list[str]:
    trace = run.job.trace
    if trace is None:
        return []
    card, notes = trace.card, []
    if card.kind == "unknown":
        notes.append(f"trace '{card.name}' has no card: nobody says where it comes from")
    if card.cap_steps and run.job.spec.cap is not None:
        notes.append("the given cap stands in place of the trace's own cap changes")
    return notes
