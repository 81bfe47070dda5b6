"""A chain of steps in words: what ran on what, and what came out."""

from __future__ import annotations

from collections.abc import Iterator

from dfsrt.base.units import format_si
from dfsrt.report.optimize.schema import LayerChange, OptimizeReport, OptimizeRow


def headline(report: OptimizeReport) -> str:
    """Return one line: network, device, governor, cap."""
    cap = "no cap" if report.cap_w is None else f"cap {format_si(report.cap_w, 'W')}"
    asked = "" if report.precision == "auto" else f", in {report.precision} where not quantized"
    return (
        f"{report.network} on {report.device}, governor {report.governor}, {cap} on "
        f"{report.cap_domain}{asked}"
    )


def rate_text(per_second: float) -> str:
    """Return a rate, as people read it: four digits and more as a whole number."""
    return f"{per_second:,.0f}" if per_second >= 1000 else f"{per_second:.4g}"


def data_line(report: OptimizeReport) -> str | None:
    """Return on what fidelity is measured; None where it is not."""
    if report.data is None:
        return None
    return f"answers on {report.samples:,} samples: {report.data}"


def head_lines(report: OptimizeReport) -> list[str]:
    """Return what stands above the table: what ran on what, and all notes."""
    first = _nothing_of_answers(report)
    return [*said_lines(report), *(f"note: {note}" for note in report.notes[first:])]


def said_lines(report: OptimizeReport) -> list[str]:
    """Return what ran on what; before it, where answers mean little or nothing, that they do."""
    notes = [f"note: {note}" for note in report.notes[: _nothing_of_answers(report)]]
    said = [headline(report), data_line(report)]
    return [*notes, *(line for line in said if line)]


def _nothing_of_answers(report: OptimizeReport) -> int:
    """Notes that must come first: one, where nobody can tell what is left of the answers."""
    return 1 if report.random or report.data is None else 0


def summary(report: OptimizeReport) -> str:
    """Return what all steps together changed, in a sentence."""
    first, last = report.rows[0], report.rows[-1]
    parts = [
        ratio_text(first.stored_bytes, last.stored_bytes, "smaller", "larger", "size"),
        ratio_text(first.latency_s, last.latency_s, "faster", "slower", "time"),
        ratio_text(first.energy_j.total, last.energy_j.total, "less energy", "more energy",
                   "energy"),
        *_watts_text(first, last),
        *_answers(first, last),
    ]  # fmt: skip
    return f"all steps together: {', '.join(parts)}"


def float_line(report: OptimizeReport) -> str | None:
    """Return what all steps bring against the network as given in half precision; None without."""
    whole, last = report.as_float, report.rows[-1]
    if whole is None:
        return None
    before = format_si(whole.latency_s, "s"), format_si(whole.energy_j.total, "J")
    speed = ratio_text(whole.latency_s, last.latency_s, "faster", "slower", "time")
    joules = whole.energy_j.total, last.energy_j.total
    energy = ratio_text(*joules, "less energy", "more energy", "energy")
    return (
        f"against the file in {whole.precision} ({before[0]} and {before[1]} a frame): {speed}, "
        f"{energy}"
    )


def ratio_text(before: float, after: float, less: str, more: str, what: str) -> str:
    """Return how many times smaller or larger something became, or that it is the same."""
    if not before or not after:
        return f"{what} {before:g} to {after:g}"
    ratio, word = (before / after, less) if before >= after else (after / before, more)
    return f"the same {what}" if f"{ratio:.2f}" == "1.00" else f"{ratio:.2f}x {word}"


def _watts_text(first: OptimizeRow, last: OptimizeRow) -> Iterator[str]:
    before, after = first.same_rate_power_w, last.same_rate_power_w
    if before is not None and after is not None:
        whole = f"{format_si(before.total, 'W')} to {format_si(after.total, 'W')}"
        yield f"at the same frame rate {whole}"


def _answers(first: OptimizeRow, last: OptimizeRow) -> Iterator[str]:
    a, b = first.fidelity, last.fidelity
    if a is None or b is None:
        return
    if a.accuracy is not None and b.accuracy is not None:
        yield f"accuracy {a.accuracy:.2%} to {b.accuracy:.2%}"
    elif b.same is not None:
        yield f"{b.same:.1%} of answers the same"
    else:
        yield f"cosine {b.cosine:.4f}"


def verdict_lines(report: OptimizeReport) -> Iterator[str]:
    """Yield a line for each step: what the device makes of it, and why."""
    for row in report.rows[1:]:
        why = f" ({'; '.join(row.reasons)})" if row.reasons else ""
        yield f"{row.step}: {row.verdict}{why}"


def legend(report: OptimizeReport) -> str:
    """Return what the columns are."""
    return (
        "stored: constants in the smallest coding without loss; energy and W of all domains; "
        f"W at rate: at the first row's {rate_text(report.rate_fps)} FPS; "
        f"FPS/W: watts of {report.cap_domain}; verdict: against the row above, differences below "
        f"{report.threshold:.0%} count as none"
    )


def worst_line(report: OptimizeReport) -> str | None:
    """Return which layer's outputs changed most; None where nobody measured any."""
    worst: LayerChange | None = next((a for a in report.layers if a.sqnr_db is not None), None)
    return None if worst is None else f"worst layer: {worst.name}, {worst.sqnr_db:.1f} dB"
