"""Loading a scenario from a name or a TOML file."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.ranged import Quantity, Ranged, read_ranged
from dfsrt.base.tomlfile import check_format, read_toml, shelf_names, shelf_path
from dfsrt.base.units import (
    parse_freq_hz,
    parse_period_ns,
    parse_power_w,
    parse_quantity,
    parse_share,
    parse_temperature_c,
    parse_time_ns,
)
from dfsrt.run import scenario_schema as schema
from dfsrt.run.scenario import (
    Cap,
    Load,
    PmicPoint,
    Scenario,
    Stop,
    Trip,
    Use,
    Vary,
    Zone,
)
from dfsrt.world.battery import load_battery
from dfsrt.world.components import Component, load_component
from dfsrt.world.heat import HeatModel, load_heat

SHELF = Path(__file__).parent / "shelf"
MOST_NS = 30 * 86_400 * 10**9
FINEST_TICK_NS = 10**7
_REQUESTS = re.compile(r"\s*(\d+)\s*requests?\s*")


def is_scenario(path: Path) -> bool:
    """Whether a file is a scenario: TOML with a battery in it."""
    if path.suffix.lower() != ".toml" or not path.is_file():
        return False
    try:
        return "battery" in tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return False  # whoever reads it says what is wrong


def scenario_names() -> tuple[str, ...]:
    """Return the names that ``load_scenario`` knows besides files."""
    return shelf_names(SHELF)


def load_scenario(text: str) -> Scenario:
    """Return the scenario of a name or a ``.toml`` file.

    Raises:
        InputError: no such scenario, a key or a value that does not fit.
    """
    path = shelf_path(text, SHELF, "scenario")
    file = read_toml(path, schema.ScenarioFile, "scenario", scenario_names())
    check_format(file.format, schema.FORMAT, "scenario", path)
    try:
        return read_scenario(file, path.parent)
    except InputError as error:
        raise InputError(f"scenario '{path}': {error}") from error


def read_scenario(file: schema.ScenarioFile, folder: Path) -> Scenario:
    """Return the scenario of a file's content; paths in it start from ``folder``."""
    heat = load_heat(_beside(folder, file.heat.model))
    uses = tuple(_use(k, table, folder, heat) for k, table in enumerate(file.component))
    names = [use.name for use in uses]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"component '{name}' is there twice; give each its own name")
    tick_ns = parse_period_ns(file.tick, "tick")
    if not FINEST_TICK_NS <= tick_ns <= 600 * 10**9:
        raise InputError(f"tick '{file.tick}' is out of range; give 10 ms to 10 min")
    start = file.heat.start
    return Scenario(
        name=file.name,
        what=file.what,
        device=_beside(folder, file.device),
        governor=file.governor,
        power_model=file.power_model,
        confidence=file.confidence,
        precision=file.precision,
        seed=file.seed,
        tick_ns=tick_ns,
        load=_load(file.load, folder),
        stop=parse_stop(file.stop.at, file.stop.most),
        cap=_cap(file.cap),
        ambient=read_ranged(file.ambient.temperature, "C", "ambient.temperature", -60.0),
        ambient_changes=_in_order(
            [
                (
                    parse_time_ns(c.at, "ambient.change.at"),
                    parse_temperature_c(c.temperature, "ambient.change.temperature"),
                )
                for c in file.ambient.change
            ],
            "ambient.change",
        ),
        pmic=_pmic(file.pmic),
        heat=heat,
        start_c=None if start is None else parse_temperature_c(start, "heat.start"),
        npu_weight=_weight(file.heat.npu_weight, "heat.npu_weight"),
        grid=_grid(file.heat.grid),
        zones=tuple(_zone(k, table, heat) for k, table in enumerate(file.heat.zone)),
        trips=tuple(_trip(table, heat) for table in file.heat.trip),
        battery=load_battery(_beside(folder, file.battery.cell)),
        charge=_share(file.battery.charge, "battery.charge", 0.01),
        health=_share(file.battery.health, "battery.health", 0.05),
        growth=read_ranged(file.battery.resistance_growth, "", "battery.resistance_growth", 1.0),
        uses=uses,
        vary=_vary(file.vary),
    )


def _beside(folder: Path, text: str) -> str:
    """Return ``text``, or where it names a file that lies beside the scenario, that one's path."""
    return str(folder / text) if text.lower().endswith(".toml") else text


def _load(table: schema.LoadTable, folder: Path) -> Load:
    if (table.trace is None) == (table.workload is None):
        raise InputError("load needs a trace or a workload, one of the two; give one")
    backs = table.every == "back-to-back"
    if table.trace is not None and not backs:
        raise InputError("load.every is for a workload; a trace has times of its own")
    trace = table.trace
    if trace is not None and (folder / trace).exists():
        trace = str(folder / trace)
    deadline = table.deadline
    return Load(
        trace,
        table.workload,
        None if backs else parse_period_ns(table.every, "load.every"),
        None if deadline is None else parse_period_ns(deadline, "load.deadline"),
        table.discipline,
        table.drop,
    )


def parse_stop(at: str, most: str = "48 h") -> Stop:
    """Return the stop rule of ``empty``, a time like ``8 h`` or ``1000 requests``.

    Raises:
        InputError: anything else.
    """
    most_ns = parse_period_ns(most, "stop.most")
    if most_ns > MOST_NS:
        raise InputError(f"stop.most '{most}' is out of range; give 30 d or less")
    if at.strip() == "empty":
        return Stop(True, most_ns, 2**62, at)
    found = _REQUESTS.fullmatch(at)
    if found and int(found[1]) > 0:
        return Stop(False, most_ns, int(found[1]), at)
    try:
        at_ns = parse_period_ns(at, "stop.at")
    except InputError as error:
        raise InputError(
            f"stop.at '{at}' is unknown; give 'empty', a time like '8 h', or '1000 requests'"
        ) from error
    if at_ns > MOST_NS:
        raise InputError(f"stop.at '{at}' is out of range; give 30 d or less")
    return Stop(False, at_ns, 2**62, at)


def _cap(table: schema.CapTable) -> Cap:
    below = [
        (
            parse_share(entry.charge, "cap.below.charge"),
            parse_limit_w(entry.limit, "cap.below.limit"),
        )
        for entry in table.below
    ]
    for share, _ in below:
        if not 0 < share <= 1:
            raise InputError(f"cap.below.charge {share:g} is out of range; give 1 % to 100 %")
    changes = [
        (parse_period_ns(c.at, "cap.change.at"), parse_limit_w(c.limit, "cap.change.limit"))
        for c in table.change
    ]
    first = None if table.limit is None else parse_limit_w(table.limit, "cap.limit")
    return Cap(first, table.domain, _in_order(changes, "cap.change"), tuple(below))


def parse_limit_w(text: str | float, what: str) -> float:
    """Return watts, infinite for ``none``."""
    return math.inf if str(text).strip().lower() == "none" else parse_power_w(text, what)


def _in_order(changes: list[tuple[int, float]], what: str) -> tuple[tuple[int, float], ...]:
    for (before, _), (after, _) in pairwise(changes):
        if after <= before:
            raise InputError(f"{what} at {after * 1e-9:g} s does not follow; list times in order")
    return tuple(changes)


def _pmic(table: schema.PmicTable) -> tuple[PmicPoint, ...]:
    points = []
    for k, point in enumerate(table.point):
        found = _share(point.efficiency, f"pmic.point {k + 1}: efficiency", 0.05)
        load_w = parse_quantity(point.load, "W", f"pmic.point {k + 1}: load")
        points.append(PmicPoint(f"{load_w:g}W", load_w, found))
    loads = [point.load_w for point in points]
    if not points or loads != sorted(set(loads)) or loads[0] < 0:
        raise InputError("pmic needs points of ascending load; give one at least")
    return tuple(points)


def _share(value: Quantity, what: str, least: float) -> Ranged:
    found = read_ranged(value, "%", what, least)
    if found.high > 1:
        raise InputError(f"{what} is above 100 %; give {least:.0%} to 100 %")
    return found


def _grid(text: str | float) -> float:
    grid = parse_share(text, "heat.grid")
    if not 0.001 <= grid <= 0.5:
        raise InputError(f"heat.grid '{text}' is out of range; give 0.1 % to 50 %")
    return grid


def _weight(value: float, what: str) -> float:
    if not 0 < value <= 1000:
        raise InputError(f"{what} {value:g} is out of range; give more than 0, and 1000 at most")
    return value


def _zone(number: int, table: schema.ZoneTable, heat: HeatModel) -> Zone:
    what = f"heat.zone {number + 1}"
    _check_node(table.node, heat, what)
    on_c = parse_temperature_c(table.switch_on, f"{what}: switch_on")
    control_c = parse_temperature_c(table.control, f"{what}: control")
    if control_c <= on_c:
        raise InputError(
            f"{what}: control {control_c:g} C is not above switch_on {on_c:g} C; raise it"
        )
    return Zone(
        f"{table.node}{number + 1}",
        table.node,
        on_c,
        control_c,
        read_ranged(table.sustainable, "W", f"{what}: sustainable", 1e-3),
        table.k_po,
        table.k_pu,
        table.k_i,
        table.k_d,
        parse_quantity(table.integral_cutoff, "C", f"{what}: integral_cutoff"),
    )


def _trip(table: schema.TripTable, heat: HeatModel) -> Trip:
    _check_node(table.node, heat, "heat.trip")
    above = parse_temperature_c(table.above, "heat.trip.above")
    width = parse_quantity(table.hysteresis, "C", "heat.trip.hysteresis")
    if width < 0:
        raise InputError(f"heat.trip.hysteresis {width:g} C is negative; give 0 or more")
    freq_hz = parse_freq_hz(table.max_freq, "heat.trip.max_freq")
    return Trip(table.node, above, above - width, freq_hz, table.source)


def _check_node(node: str, heat: HeatModel, what: str) -> None:
    names = [n.name for n in heat.nodes]
    if node not in names:
        raise InputError(
            f"{what}: heat model '{heat.name}' has no node '{node}' (known: {', '.join(names)})"
        )


def _use(number: int, table: schema.ComponentTable, folder: Path, heat: HeatModel) -> Use:
    component = load_component(_beside(folder, table.use))
    name = table.name or component.name
    what = f"component '{name}'"
    nodes = [n.name for n in heat.nodes]
    if component.node not in (*nodes, "die", "board", "skin", "cell"):
        _check_node(component.node, heat, what)
    _check_states(component, table)
    least = table.least
    changes = [(parse_period_ns(c.at, f"{what}: change.at"), c.state) for c in table.change]
    repeat = None if table.repeat is None else parse_period_ns(table.repeat, f"{what}: repeat")
    if repeat is not None and changes and changes[-1][0] >= repeat:
        raise InputError(f"{what}: a change at or after repeat '{table.repeat}'; let it be longer")
    for (before, _), (after, _) in pairwise(changes):
        if after <= before:
            raise InputError(f"{what}: change times do not ascend; list them in order")
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
        weight=_weight(table.weight, f"{what}: weight"),
    )


def _check_states(component: Component, table: schema.ComponentTable) -> None:
    """Raise InputError where the scenario asks for a state or an event that is not there."""
    states: Sequence[str | None] = (
        table.state, table.while_npu, table.while_host, *(c.state for c in table.change),
    )  # fmt: skip
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


def _vary(table: schema.VaryTable) -> Vary:
    ambient = tuple(parse_temperature_c(t, "vary.ambient") for t in table.ambient)
    health = tuple(parse_share(t, "vary.health") for t in table.health)
    for what, values in (("ambient", ambient), ("health", health)):
        if len(values) != 3 or list(values) != sorted(values) or values[0] == values[-1]:
            raise InputError(
                f"vary.{what} is not [low, most likely, high]; give three ascending values"
            )
    if health[0] < 0.05 or health[2] > 1:
        raise InputError("vary.health is out of range; give shares of 5 % to 100 %")
    for what, sigma in (
        ("leakage_sigma", table.leakage_sigma),
        ("capacitance_sigma", table.capacitance_sigma),
    ):
        if not 0 <= sigma <= 1:
            raise InputError(f"vary.{what} {sigma:g} is out of range; give 0 to 1")
    return Vary(
        (ambient[0], ambient[1], ambient[2]),
        (health[0], health[1], health[2]),
        table.leakage_sigma,
        table.capacitance_sigma,
        tuple(table.bins),
        table.assumed,
    )
