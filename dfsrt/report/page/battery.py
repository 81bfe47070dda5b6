"""A battery's life over time: charge, temperatures, power, components, where energy went."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.units import format_si
from dfsrt.report.battery import NPU_FLOW
from dfsrt.report.battery_table import assumed_grid, battery_grids
from dfsrt.report.look import BLUE, GREEN, RED
from dfsrt.report.page.energy import domains
from dfsrt.report.page.grids import table_of
from dfsrt.report.page.page import Figure, Section, Table
from dfsrt.report.page.style import axis, colour, line
from dfsrt.report.page.time_unit import TimeUnit, time_unit
from dfsrt.report.page.tree import Parts, by_layer, energy_tree
from dfsrt.report.schema import BatteryReport, Report
from dfsrt.report.series import series
from dfsrt.run.book import Book
from dfsrt.run.run import Run

MOST_SAMPLES = 1200
Samples = Mapping[str, Floats]


def battery_section(run: Run) -> Section:
    """Return charge, temperatures and power over time."""
    over = thinned(run)
    unit = time_unit(over["time_s"])
    figures = [figure(over, unit) for figure in (_charge, _temperatures, _power)]
    return Section("Battery and heat", "", figures)


def cell_section(report: Report, battery: BatteryReport, book: Book) -> Section:
    """Return where the cell's energy went, and the NPU's in all domains."""
    parts, title = _tree(battery, book), "Where the battery's energy went"
    tree = energy_tree("cell", title, "out of the cell", parts)
    return Section("Energy", "", [tree, domains([(report.governor, report)])], [_flow(battery)])


def over_time(unit: TimeUnit) -> dict[str, object]:
    """Return the layout of lines over time."""
    return {"xaxis": unit.axis("time"), "hovermode": "x unified", "meta": {"ends": True}}


def thinned(run: Run) -> Samples:
    """Return the samples over time, so many of them that a page draws them at once."""
    samples = series(run)
    step = -(-len(samples["time_s"]) // MOST_SAMPLES)
    # From the end: the last moment is the one that matters.
    return {name: values[::-1][::step][::-1].astype(np.float64) for name, values in samples.items()}


def _charge(over: Samples, unit: TimeUnit) -> Figure:
    charge, volts, x = over["charge"], over["voltage_v"], over["time_s"] * unit.scale
    return Figure(
        name="charge",
        title="Charge and voltage of the cell",
        says=f"from {charge[0]:.0%} to {max(float(charge[-1]), 0):.1%} of its charge and from "
        f"{volts[0]:.2f} V to {volts[-1]:.2f} V",
        data=[
            line("charge (%)", x, 100 * charge, BLUE),
            line("voltage (V)", x, volts, RED, yaxis="y2"),
        ],
        layout={
            **over_time(unit),
            "yaxis": axis("charge (%)", range=[0, 102]),
            "yaxis2": axis(
                "voltage (V)", overlaying="y", side="right", showgrid=False, tickmode="auto"
            ),
        },
    )


def _temperatures(over: Samples, unit: TimeUnit) -> Figure:
    """Every node's temperature; the columns of temperatures are those that end in ``_c``."""
    nodes = {name.removesuffix("_c"): over[name] for name in over if name.endswith("_c")}
    highest = {node: f"{float(temp_c.max()):.1f} °C" for node, temp_c in nodes.items()}
    return Figure(
        name="temperatures",
        title="Temperatures",
        says="; ".join(f"{node} up to {most}" for node, most in highest.items()),
        data=[
            line(node, over["time_s"] * unit.scale, temp_c, colour(k))
            for k, (node, temp_c) in enumerate(nodes.items())
        ],
        layout={**over_time(unit), "yaxis": axis("temperature (°C)")},
        table=Table(("<node", "highest"), list(highest.items()), "Highest temperatures"),
    )


def _power(over: Samples, unit: TimeUnit) -> Figure:
    x = over["time_s"] * unit.scale
    drawn, npu, limit = (over[n] for n in ("power_w", "npu_w", "limit_w"))
    lines = [line("out of the battery", x, drawn, BLUE), line("NPU", x, npu, GREEN)]
    if np.isfinite(limit).any():
        dashed = {"dash": "dash"}
        lines.append(line("NPU's limit", x, limit, "@text", width=1.1, line=dashed))
    return Figure(
        name="power",
        title="Power over time",
        says=f"{format_si(float(drawn.mean()), 'W')} out of the battery on average, "
        f"{format_si(float(npu.mean()), 'W')} of it the NPU's; the limit is the least of cap, "
        "heat and charge",
        data=lines,
        layout={**over_time(unit), "yaxis": axis("power (W)", rangemode="tozero")},
        height=420,
    )


def _tree(battery: BatteryReport, book: Book) -> Parts:
    """The flow of energy, the NPU's parts of it by layer."""
    flow, names = battery.energy_j, book.table.load.names
    npu = {
        part: by_layer(names, book.energy_j[:, places].sum(axis=1), flow.components[part])
        for part, places in NPU_FLOW.items()
    }
    losses = {"PMIC loss": flow.pmic_loss, "loss in the cell": flow.internal_loss}
    return {**flow.components, **npu, **losses}


def _flow(battery: BatteryReport) -> Table:
    """Components, losses and budgets, as a terminal shows them."""
    grids = battery_grids(battery, ())
    return table_of(
        next(g for g in grids if g.heads and g.heads[0] == "<energy"), "Energy and budgets"
    )


def assumed_table(battery: BatteryReport) -> Table:
    """Return every number of the surroundings that nobody has measured."""
    return table_of(assumed_grid(battery.assumed), "Assumed numbers")
