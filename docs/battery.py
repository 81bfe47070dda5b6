"""The generated parts of the pages on battery life."""

from __future__ import annotations

from dfsrt.base.units import format_si
from dfsrt.report.battery import battery_of
from dfsrt.report.battery_table import hours, with_unit
from dfsrt.report.samples import LifeRanges, RangeEnd
from dfsrt.run.job import Job, make_job
from dfsrt.run.run import execute
from dfsrt.run.scenario_load import scenario_names
from dfsrt.study.ends import range_ends

OUTPUTS = {
    "scenarios": "dfsrt list scenarios",
    "life": "dfsrt battery infinite-zoom-phone",
    "compare": "dfsrt battery compare infinite-zoom-phone",
    "samples": "dfsrt battery infinite-zoom-phone --samples 100",
}
"""Commands whose output docs/battery.md shows."""

IDLE = ("none", "", "timeout=rknpu", "break-even", "teo", "oracle")
"""Idle policies that are shown side by side; the empty one is the scenario's own."""
IDLE_COLUMNS = (
    "| scenario | busy | idle policy | life | charge left | frames | NPU, mean | entries "
    "| wait added |"
)

HEAD = """# Both ends of what is assumed

Made by `make docs` as `dfsrt battery ranges SCENARIO` does it: each assumed number at the low and
the high end of its range, all others as they are, the most influential on life first. A range says
what the number may be, not how likely that is. `device.` begins the names of what the device draws
in idle time, by their keys in its file; of its idle states those are tried that the policy enters.
"""
COLUMNS = (
    "| assumed | low | high | life at low | at high | frames at low | at high | skin at low "
    "| at high |"
)


def ranges_text() -> str:
    """Return docs/battery_ranges.md."""
    return HEAD + "".join(scenario_text(name) for name in scenario_names())


def idle_text() -> str:
    """Return the table of what idle policies do to each scenario."""
    rows = [row for name in scenario_names() for row in idle_rows(name)]
    return "\n".join([IDLE_COLUMNS, "|---|---:|---|" + "---:|" * 6, *rows]) + "\n"


def idle_rows(name: str) -> list[str]:
    """Return a scenario's rows, one a policy; the first says whose they are."""
    job = make_job(name)
    jobs = [job.changed(idle=policy) if policy else job for policy in IDLE]
    return [_idle_row(name if k == 0 else "", one, job) for k, one in enumerate(jobs)]


def _idle_row(name: str, job: Job, own: Job) -> str:
    run = execute(job)
    battery, sleep = battery_of(run), run.book.sleep
    npu_w = sum(run.surroundings.world.npu_j) / battery.life_s
    policy = str(job.spec.idle) + (", its own" if job is own else "")
    entries = 0 if sleep is None else int(sleep.entries.sum())
    waited_s = 0.0 if sleep is None else float(sleep.waited_ns.sum()) * 1e-9
    cells = [
        name, f"{run.book.busy_ns / run.book.span_ns:.1%}" if name else "", policy,
        hours(battery.life_s), f"{battery.charge_end:.0%}", f"{run.book.frames:,}",
        format_si(npu_w, "W"), f"{entries:,}", format_si(waited_s / max(run.book.frames, 1), "s"),
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def scenario_text(name: str) -> str:
    """Return one scenario's table."""
    report = range_ends(name)
    lines = [f"\n## {name}\n", f"{_as_it_is(report)}\n", COLUMNS, "|---|" + "---:|" * 8]
    return "\n".join([*lines, *(_row(end) for end in report.ends)]) + "\n"


def _as_it_is(report: LifeRanges) -> str:
    return f"As it is: {hours(report.life_s)}, governor {report.governor}, idle {report.idle}."


def _row(e: RangeEnd) -> str:
    cells = [
        e.number.name, with_unit(e.number.low, e.number.unit),
        with_unit(e.number.high, e.number.unit),
        hours(e.life_low_s), hours(e.life_high_s), f"{e.frames_low:,}", f"{e.frames_high:,}",
        f"{e.skin_low_c:.1f} °C", f"{e.skin_high_c:.1f} °C",
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"
