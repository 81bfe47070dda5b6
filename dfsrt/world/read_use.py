"""Components in use, from a file's tables."""

from __future__ import annotations

from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.units import parse_power_w, parse_quantity
from dfsrt.world.components import Component, load_component
from dfsrt.world.heat import HeatModel
from dfsrt.world.parse import beside, check_weight
from dfsrt.world.read_heat import check_node
from dfsrt.world.schedule_table import read_schedule
from dfsrt.world.schema import ComponentTable
from dfsrt.world.use import Use

PARTS = ("die", "board", "skin", "cell")
"""Nodes that every heat model has, by whatever name."""


def read_uses(
    tables: list[ComponentTable], folder: Path, heat: HeatModel, starts_ns: int | None
) -> tuple[Use, ...]:
    """Return the components in use; files of theirs start from ``folder``.

    ``starts_ns`` is the time of day at the beginning, if that is said.

    Raises:
        InputError: a component, state, event or value that cannot be, or a name given twice.
    """
    uses = tuple(_use(table, folder, heat, starts_ns) for table in tables)
    names = [use.name for use in uses]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"component '{name}' is there twice; give each its own name")
    return uses


def _use(table: ComponentTable, folder: Path, heat: HeatModel, starts_ns: int | None) -> Use:
    component = load_component(beside(folder, table.use))
    name = table.name or component.name
    what = f"component '{name}'"
    if component.node not in PARTS:
        check_node(component.node, heat, what)
    _check_states(component, table)
    changes, repeat_ns = read_schedule(table.change, table.repeat, starts_ns, what)
    least = table.least
    return Use(
        name=name,
        component=component,
        state=table.state,
        changes=changes,
        repeat_ns=repeat_ns,
        while_npu=table.while_npu,
        while_host=table.while_host,
        per_frame=table.per_frame,
        rate_hz=tuple((e, _rate_hz(r, f"{what}: rate")) for e, r in table.rate.items()),
        budget_w=None if table.budget is None else parse_power_w(table.budget, f"{what}: budget"),
        least_w=None if least is None else parse_quantity(least, "W", f"{what}: least"),
        weight=check_weight(table.weight, f"{what}: weight"),
    )


def _check_states(component: Component, table: ComponentTable) -> None:
    """Raise InputError where the file asks for a state or an event that is not there."""
    states = (table.state, table.while_npu, table.while_host, *(c.state for c in table.change))
    for state in states:
        if state is not None:
            component.state_w(state)
    for event in (*table.rate, *([table.per_frame] if table.per_frame else [])):
        component.event_j(event)


def _rate_hz(text: str, what: str) -> float:
    rate = parse_quantity(text.replace("/s", "Hz").replace("fps", "Hz"), "Hz", what)
    if rate < 0:
        raise InputError(f"{what} '{text}' is negative; give events a second, like '30 Hz'")
    return rate
