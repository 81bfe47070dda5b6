"""One line that says what ran: load, device, governor, cap and surroundings."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.base.units import format_si
from dfsrt.report.memory_clock import memory_text
from dfsrt.report.schema import CapChange, CapKept, QueueReport, Report


def headline(report: Report) -> str:
    """Return one line: load, device, governor, cap, and how requests come."""
    held = f"{memory_text(report.memory_clock)}{idle_text(report)}"
    under = f"governor {report.governor}{held}, {cap_of(report)}"
    return f"{where(report)}, {under}{_how(report)}"


def subject_of(report: Report, governors: Sequence[str] = ()) -> str:
    """Return load, device, cap and governor, as a figure's title; or several ``governors``."""
    names = list(dict.fromkeys(governors)) or [report.governor]
    said = f"governor{'s' if len(names) > 1 else ''} {', '.join(names)}"
    return f"{report.load} on {report.device}, {cap_of(report)}, {said}"


def idle_text(report: Report) -> str:
    """Return what an idle NPU does, after a comma; nothing where nobody said."""
    if report.idle is None:
        return ""
    rail = "" if report.idle.rail == "hold" else f", rail {report.idle.rail} when idle"
    return f", idle {report.idle.governor}{rail}"


def where(report: Report) -> str:
    """Return load and device."""
    queue = report.queue
    load = f"{report.load}{'' if queue is None or report.battery else _trace(queue)}"
    return f"{load} on {device_text(report)} in {report.precision}"


def device_text(report: Report) -> str:
    """Return the device with its rail and bin."""
    parts = [report.rail and f"rail {report.rail}", report.bin and f"bin {report.bin}"]
    told = ", ".join(part for part in parts if part)
    return f"{report.device} ({told})" if told else report.device


def cap_of(report: Report) -> str:
    """Return the cap, its changes, domain and window."""
    return cap_text(report.cap_w, report.cap_changes, report.cap)


def cap_text(cap_w: float | None, steps: Sequence[CapChange], kept: CapKept) -> str:
    """Return a cap, its changes, domain and window; of many changes the first."""
    first = "no cap" if cap_w is None else f"cap {_watts(cap_w)}"
    shown = steps[:MOST_CHANGES]
    changes = "".join(f", {_watts(c.cap_w)} from {format_si(c.time_s, 's')}" for c in shown)
    if first == "no cap" and not changes:
        return first
    more = f" and {len(steps) - len(shown):,} more changes" if len(steps) > len(shown) else ""
    window = f" averaged over {format_si(kept.window_s, 's')}" if kept.window_s else ""
    return f"{first}{changes}{more} on {kept.domain}{window}"


MOST_CHANGES = 8
"""Changes of the cap that a line tells one by one."""


def _watts(cap_w: float | None) -> str:
    return "no cap" if cap_w is None else f"{cap_w:g} W"


def _how(r: Report) -> str:
    if r.battery is not None:
        return (
            f", {r.battery.ambient_c:g} C around, battery {r.battery.name} at "
            f"{r.battery.health:.0%} health"
        )
    if r.queue is not None:
        return f"; {r.queue.discipline}, {r.queue.loop} loop, drop {r.queue.drop}"
    return f", {frames_text(r)}"


def frames_text(report: Report) -> str:
    """Return how many frames, and how they come."""
    frames = f"{report.frames:,} frame{'s' if report.frames != 1 else ''}"
    if report.period_s is None:
        return frames
    return f"{frames}, one every {format_si(report.period_s, 's')}"


def _trace(queue: QueueReport) -> str:
    trace = queue.trace
    copies = "" if trace.repeat in (None, 1) else f", {trace.repeat} times"
    scale = "" if trace.time_scale == 1 else f", times x {trace.time_scale:g}"
    return f" ({trace.kind}{copies}{scale})"
