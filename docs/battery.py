"""The generated parts of the pages on battery life."""

from __future__ import annotations

from dfsrt.report.battery_table import hours, with_unit
from dfsrt.report.samples import LifeRanges, RangeEnd
from dfsrt.run.scenario_load import scenario_names
from dfsrt.study.ends import range_ends

OUTPUTS = {
    "scenarios": "dfsrt list scenarios",
    "life": "dfsrt battery infinite-zoom-phone",
    "compare": "dfsrt battery compare infinite-zoom-phone",
    "samples": "dfsrt battery infinite-zoom-phone --samples 100",
}
"""Commands whose output docs/battery.md shows."""

HEAD = """# Both ends of what is assumed

Made by `make docs` as `dfsrt battery ranges SCENARIO` does it: each assumed number at the low and
the high end of its range, all others as they are, the most influential on life first. A range says
what the number may be, not how likely that is.
"""
COLUMNS = (
    "| assumed | low | high | life at low | at high | frames at low | at high | skin at low "
    "| at high |"
)


def ranges_text() -> str:
    """Return docs/battery_ranges.md."""
    return HEAD + "".join(scenario_text(name) for name in scenario_names())


def scenario_text(name: str) -> str:
    """Return one scenario's table."""
    report = range_ends(name)
    lines = [f"\n## {name}\n", f"{_as_it_is(report)}\n", COLUMNS, "|---|" + "---:|" * 8]
    return "\n".join([*lines, *(_row(end) for end in report.ends)]) + "\n"


def _as_it_is(report: LifeRanges) -> str:
    return f"As it is: {hours(report.life_s)}, governor {report.governor}."


def _row(e: RangeEnd) -> str:
    cells = [
        e.number.name, with_unit(e.number.low, e.number.unit),
        with_unit(e.number.high, e.number.unit),
        hours(e.life_low_s), hours(e.life_high_s), f"{e.frames_low:,}", f"{e.frames_high:,}",
        f"{e.skin_low_c:.1f} °C", f"{e.skin_high_c:.1f} °C",
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"
