"""Loading a scenario from a name or a TOML file."""

from __future__ import annotations

from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.names import is_there, sought_in
from dfsrt.base.places import placed_in
from dfsrt.base.tomlfile import (
    check_format,
    parse_table,
    read_text,
    read_toml,
    shelf_names,
    shelf_path,
)
from dfsrt.base.units import parse_period_ns, parse_share, parse_temperature_c
from dfsrt.network.passes import is_language_model
from dfsrt.run import scenario_schema as schema
from dfsrt.run.scenario import Scenario, Vary
from dfsrt.run.scenario_idle import idle_after, idle_text
from dfsrt.run.spec import RunSpec
from dfsrt.run.stop import parse_stop
from dfsrt.world.parse import in_order, parse_limit_w
from dfsrt.world.read import read_setting

SHELF = Path(__file__).parent / "shelf"
BACK_TO_BACK = "back-to-back"


def is_scenario(path: Path) -> bool:
    """Whether a file is a scenario: TOML with a battery in it."""
    if path.suffix.lower() != ".toml" or not is_there(path, Path.is_file):
        return False
    try:
        return "battery" in parse_table(read_text(path, "scenario", "a .toml file"), "scenario")
    except InputError:
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
    """Return the scenario of a file's content; paths in it start from ``folder``.

    Raises:
        InputError: a name or a value that cannot be.
    """
    return Scenario(
        name=file.name,
        what=file.what,
        spec=_spec(file, folder),
        setting=read_setting(file, file.cap.below, folder),
        vary=_vary(file.vary),
        idle_after=idle_after(file.idle),
    )


def _spec(file: schema.ScenarioFile, folder: Path) -> RunSpec:
    """Return the specification of a file's content, but for its setting."""
    load, cap = file.load, file.cap
    _check_load(load)
    return RunSpec(
        load=_load(load, folder),
        device=sought_in(folder, file.device, ".toml"),
        governor=sought_in(folder, file.governor, (".toml", ".py")),
        idle=sought_in(folder, idle_text(file.idle), ".py"),
        idle_rail=file.idle_rail,
        memory=None if file.memory is None else sought_in(folder, file.memory, ".py"),
        power_model=file.power_model,
        confidence=file.confidence,
        precision=file.precision,
        steps=file.steps,
        activity=_activity(file.activity, folder),
        activity_known=file.activity_known,
        layer_times=_layer_times(file.layer_times, folder),
        layer_times_at=file.layer_times_at,
        mapper=None if file.mapper is None else sought_in(folder, file.mapper, (".py",)),
        schedule=None if file.schedule is None else sought_in(folder, file.schedule, (".py",)),
        dram=None if file.dram is None else sought_in(folder, file.dram, ".toml"),
        seed=file.seed,
        period=None if load.every == BACK_TO_BACK else _period(load.every, "load.every"),
        deadline=None if load.deadline is None else _period(load.deadline, "load.deadline"),
        discipline=load.discipline,
        drop=load.drop,
        prompt=load.prompt,
        tokens=load.tokens,
        dims=load.dims,
        until=parse_stop(file.stop.at, file.stop.most),
        cap=None if cap.limit is None else parse_limit_w(cap.limit, "cap.limit"),
        cap_changes=_cap_changes(cap),
        cap_domain=cap.domain,
    )


def _check_load(table: schema.LoadTable) -> None:
    if (table.trace is None) == (table.workload is None):
        raise InputError("load needs a trace or a workload, one of the two; give one")
    if table.trace is not None and table.every != BACK_TO_BACK:
        raise InputError("load.every is for a workload; a trace has times of its own")
    says_tokens = table.prompt is not None or table.tokens is not None
    if says_tokens and not is_language_model(table.workload or ""):
        raise InputError(
            "load.prompt and load.tokens are for a workload that is a language model, like "
            "llm:llama-3.2-1b; leave them out"
        )


def _load(load: schema.LoadTable, folder: Path) -> str:
    """Return what is served; files of it are sought beside the scenario."""
    if load.workload is None:
        return _beside_trace(folder, load.trace)
    return sought_in(folder, load.workload, (".onnx", ".toml"))


def _beside_trace(folder: Path, trace: str | None) -> str:
    """Return a trace's name, or the path of the one that lies beside the scenario."""
    name = str(trace)
    return placed_in(folder if is_there(folder / name) else Path(), name)


def _activity(
    files: str | dict[str, str] | None, folder: Path
) -> str | dict[str, str | Path] | None:
    """Return the files of measured zeros; they are sought beside the scenario."""
    if isinstance(files, dict):
        return {name: sought_in(folder, file, ".csv") for name, file in files.items()}
    return None if files is None else sought_in(folder, files, ".csv")


def _layer_times(
    sources: str | dict[str, str] | None, folder: Path
) -> str | dict[str, str | Path] | None:
    """Return the sources of measured times; their files are sought beside the scenario."""
    if isinstance(sources, dict):
        return {name: _beside(folder, source) for name, source in sources.items()}
    return None if sources is None else _beside(folder, sources)


def _beside(folder: Path, source: str) -> str:
    """Return ``KIND:FILE`` with the file that lies beside the scenario, if one does."""
    kind, colon, file = source.partition(":")
    if not file:
        return source
    return f"{kind}{colon}{placed_in(folder if is_there(folder / file) else Path(), file)}"


def _period(text: str, what: str) -> str:
    return f"{parse_period_ns(text, what)} ns"


def _cap_changes(table: schema.CapTable) -> dict[str, str | float]:
    """Return later limits in W by their times, as a specification takes them."""
    changes = [
        (parse_period_ns(c.at, "cap.change.at"), parse_limit_w(c.limit, "cap.change.limit"))
        for c in table.change
    ]
    return {f"{t} ns": w for t, w in in_order(changes, "cap.change")}


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
