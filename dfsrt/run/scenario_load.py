"""Loading a scenario from a name or a TOML file."""

from __future__ import annotations

import re
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.tomlfile import check_format, read_toml, shelf_names, shelf_path
from dfsrt.base.units import parse_period_ns, parse_share, parse_temperature_c
from dfsrt.run import scenario_schema as schema
from dfsrt.run.scenario import Cap, Load, Scenario, Stop, Vary
from dfsrt.world.parse import beside, in_order, parse_limit_w
from dfsrt.world.read import read_setting

SHELF = Path(__file__).parent / "shelf"
MOST_NS = 30 * 86_400 * 10**9
_REQUESTS = re.compile(r"\s*(\d+)\s*requests?\s*")


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
    """Return the scenario of a file's content; paths in it start from ``folder``.

    Raises:
        InputError: a name or a value that cannot be.
    """
    return Scenario(
        name=file.name,
        what=file.what,
        device=beside(folder, file.device),
        governor=file.governor,
        power_model=file.power_model,
        confidence=file.confidence,
        precision=file.precision,
        seed=file.seed,
        load=_load(file.load, folder),
        stop=parse_stop(file.stop.at, file.stop.most),
        cap=_cap(file.cap),
        setting=read_setting(file, file.cap.below, folder),
        vary=_vary(file.vary),
    )


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
    count = _REQUESTS.fullmatch(at)
    if count and int(count[1]) > 0:
        return Stop(False, most_ns, int(count[1]), at)
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
    changes = [
        (parse_period_ns(c.at, "cap.change.at"), parse_limit_w(c.limit, "cap.change.limit"))
        for c in table.change
    ]
    first = None if table.limit is None else parse_limit_w(table.limit, "cap.limit")
    return Cap(first, table.domain, in_order(changes, "cap.change"))


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
