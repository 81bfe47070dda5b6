"""Components in use, from a file's tables."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.units import parse_period_ns, parse_power_w, parse_quantity
from dfsrt.world.components import Component, load_component
from dfsrt.world.heat import HeatModel
from dfsrt.world.parse import beside, check_weight
from dfsrt.world.read_heat import check_node
from dfsrt.world.schema import ComponentTable
from dfsrt.world.use import Use

PARTS = ("die", "board", "skin", "cell")
"""Nodes that every heat model has, by whatever name."""


def read_uses(tables: list[ComponentTable], folder: Path, heat: HeatModel) -> tuple[Use, ...]:
    """Return the components in use; files of theirs start from ``folder``.

    Raises:
        InputError: a component, state, event or value that cannot be, or a name given twice.
    """
    uses = tuple(_use(table, folder, heat) for table in tables)
    names = [use.name for use in uses]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"component '{name}' is there twice; give each its own name")
    return uses


def _use(table: ComponentTable, folder: Path, heat: HeatModel) -> Use:
    component = load_component(beside(folder, table.use))
    name = table.name or component.name
    what = f"component '{name}'"
    if component.node not in PARTS:
        check_node(component.node, heat, what)
    _check_states(component, table)
    changes = [(parse_period_ns(c.at, f"{what}: change.at"), c.state) for c in table.change]
    repeat = None if table.repeat is None else parse_period_ns(table.repeat, f"{what}: repeat")
    _check_times(changes, repeat, table, what)
    least = table.least
    return Use(
        name=name,
        component=component,
        state=table.state,
        changes=tuple(changes),
        repeat_ns=repeat,
        while_npu=table.while_npu,
        while_host=table.while_host,
        per_frame=table.per_frame,
        rate_hz=tuple((e, _rate_hz(r, f"{what}: rate")) for e, r in table.rate.items()),
        budget_w=None if table.budget is None else parse_power_w(table.budget, f"{what}: budget"),
        least_w=None if least is None else parse_quantity(least, "W", f"{what}: least"),
        weight=check_weight(table.weight, f"{what}: weight"),
    )


def _check_times(
    changes: list[tuple[int, str]], repeat: int | None, table: ComponentTable, what: str
) -> None:
    """Raise InputError where changes do not follow each other, or come after their repeat."""
    if repeat is not None and changes and changes[-1][0] >= repeat:
        raise InputError(f"{what}: a change at or after repeat '{table.repeat}'; let it be longer")
    for (before, _), (after, _) in pairwise(changes):
        if after <= before:
            raise InputError(f"{what}: change times do not ascend; list them in order")


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
