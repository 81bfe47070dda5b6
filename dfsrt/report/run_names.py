"""What runs side by side are called: by governor, blind or not, and by who puts them to sleep."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.report.schema import Report


def run_names(reports: Sequence[Report], devices: Sequence[str] = ()) -> list[str]:
    """Return a name for each run, each of them once: later ones of the same name are numbered.

    ``devices`` are those of the runs where there are several; a governor that all share is then
    left out.
    """
    differ = len({_idle(report) for report in reports}) > 1
    names = [
        f"{governor_text(r)}, idle {_idle(r)}" if differ else governor_text(r) for r in reports
    ]
    if devices:
        alike = len(set(names)) == 1
        pairs = zip(devices, names, strict=True)
        names = [device if alike else f"{device}, {name}" for device, name in pairs]
    before = [names[:k].count(name) for k, name in enumerate(names)]
    return [f"{name} ({n + 1})" if n else name for name, n in zip(names, before, strict=True)]


def governor_text(report: Report) -> str:
    """Return the governor, and whether it was blind to the memory's clock."""
    clock = report.memory_clock
    return f"{report.governor} (blind)" if clock is not None and clock.blind else report.governor


def _idle(report: Report) -> str:
    return "none" if report.idle is None else report.idle.governor
