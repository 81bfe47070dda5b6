"""Loading a pipeline: from a name or a TOML file, with parameters, to filled-in stages."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import msgspec

from dfsrt.base.errors import InputError, NetworkError
from dfsrt.base.names import is_there, one_of, parse_name_spec, unknown_name
from dfsrt.base.places import placed_in
from dfsrt.base.tomlfile import check_format, read_toml, shelf_names, shelf_path
from dfsrt.base.units import parse_whole
from dfsrt.network.pipeline.pipeline import On, Pipeline, Stage
from dfsrt.network.pipeline.schema import (
    FORMAT,
    HostTable,
    Number,
    ParameterTable,
    PipelineFile,
    StageTable,
)
from dfsrt.network.reading import Reading, reading_of

SHELF = Path(__file__).parent / "shelf"
MAX_REPEAT = 100_000
MAX_HOST_S = 3_600.0
MAX_PIXELS = 10**12


def pipeline_names() -> tuple[str, ...]:
    """Return the names that ``load_pipeline`` knows besides files."""
    return shelf_names(SHELF)


def is_pipeline(text: str) -> bool:
    """Whether ``text`` stands for a pipeline rather than for a network."""
    name = parse_name_spec(text, "network").name if text.strip() else ""
    return name in pipeline_names() or name.lower().endswith(".toml")


def load_pipeline(text: str) -> Pipeline:
    """Return the pipeline of a name or a ``.toml`` file, with parameters: ``NAME:steps=20``.

    Raises:
        InputError: no such pipeline, a key or a value that does not fit.
    """
    spec = parse_name_spec(text, "pipeline")
    path = shelf_path(spec.name, SHELF, "pipeline")
    file = read_toml(path, PipelineFile, "pipeline", pipeline_names())
    check_format(file.format, FORMAT, "pipeline", path)
    return _fill_in(file, spec.options, str(path))


def _fill_in(file: PipelineFile, typed: Mapping[str, str], path: str) -> Pipeline:
    unknown = [name for name in typed if name not in file.parameters]
    if unknown:
        known = unknown_name("parameter", unknown[0], file.parameters)
        raise InputError(f"pipeline '{file.name}': {known}")
    given = {n: str(typed.get(n, table.default)) for n, table in file.parameters.items()}
    where = f"pipeline '{path}'"
    numbers = {n: _number(n, given[n], table) for n, table in file.parameters.items()}
    folder = Path(path).parent
    stages = tuple(_stage(_beside(table, folder), numbers, where) for table in file.stage)
    _check_stages(stages, where)
    return Pipeline(
        name=file.name,
        description=file.description,
        source=file.source,
        stages=stages,
        key_every=_ranged(_value(file.key_every, numbers, where), "key_every", where),
        parameters=given,
    )


def _number(name: str, text: str, table: ParameterTable) -> Number:
    if table.choices is not None:
        if text not in table.choices:
            choices = one_of(text, table.choices)
            raise InputError(f"parameter {name}='{text}' is unknown; {choices}")
        return table.choices[text]
    number = parse_whole(text)
    if number is None or not table.low <= number <= table.high:
        raise InputError(
            f"parameter {name}='{text}' is out of range; give a whole number from {table.low} "
            f"to {table.high}"
        )
    return number


def _value(number: Number, numbers: Mapping[str, Number], where: str) -> int:
    if isinstance(number, int):
        return number
    if number not in numbers:
        raise InputError(f"{where}: {unknown_name('parameter', number, numbers)}")
    value = numbers[number]
    if isinstance(value, str):
        raise InputError(f"{where}: parameter '{number}' is the text '{value}', and no number")
    return value


def _ranged(value: int, what: str, where: str) -> int:
    if not 1 <= value <= MAX_REPEAT:
        raise InputError(f"{where}: {what} {value} is out of range; allowed is 1 to {MAX_REPEAT:,}")
    return value


def _beside(table: StageTable, folder: Path) -> StageTable:
    """The stage with its network's file sought beside the pipeline's, if one is there."""
    if table.network is None or not table.network.lower().endswith(".onnx"):
        return table
    if not is_there(folder / table.network, Path.is_file):
        folder = Path()
    return msgspec.structs.replace(table, network=placed_in(folder, table.network))


def _stage(table: StageTable, numbers: Mapping[str, Number], where: str) -> Stage:
    where = f"{where}, stage '{table.name}'"
    if (table.network is None) == (table.host is None):
        raise InputError(f"{where} needs either a network or a host table; give one of them")
    if table.on not in list(On):
        raise InputError(f"{where}: on '{table.on}' is unknown; {one_of(table.on, On)}")
    host = table.host
    return Stage(
        name=table.name,
        on=On(table.on),
        network=table.network,
        reading=_reading(table, numbers, where),
        host_ns=0 if host is None else _host_ns(host, numbers, where),
        repeat=_ranged(_value(table.repeat, numbers, where), "repeat", where),
        loop=table.loop,
        assumed=host is not None and host.source == "assumed",
    )


def _reading(table: StageTable, numbers: Mapping[str, Number], where: str) -> Reading:
    """How a stage's network is read; a value that is a parameter's name is that parameter's."""
    sizes, trips = (
        {name: _value(n, numbers, where) for name, n in said.items()}
        for said in (table.dims, table.trips)
    )
    values = {n: numbers.get(v, v) if isinstance(v, str) else v for n, v in table.set.items()}
    steps = str(numbers.get(table.steps, table.steps))
    try:
        read = reading_of(dims=sizes, values=values, branch=table.branch, trips=trips)
        return replace(read, steps=steps)
    except NetworkError as error:
        raise InputError(f"{where}: {error}") from error


def _host_ns(host: HostTable, numbers: Mapping[str, Number], where: str) -> int:
    pixels = math.prod(_value(n, numbers, where) for n in host.pixels) if host.pixels else 0
    if pixels > MAX_PIXELS:
        raise InputError(f"{where} works on more than {MAX_PIXELS:,} pixels; give a real picture's")
    spent_ns = host.ns_per_pixel * pixels + host.fixed_us * 1e3
    if not 0 < spent_ns <= MAX_HOST_S * 1e9:
        raise InputError(
            f"{where} takes {spent_ns * 1e-9:g} s on the host; allowed is above 0 to {MAX_HOST_S:g}"
        )
    if host.source == "assumed" and (host.low is None or host.high is None):
        raise InputError(f"{where}: an assumed time needs the range it may lie in: low and high")
    return max(1, round(spent_ns))


def _check_stages(stages: tuple[Stage, ...], where: str) -> None:
    names = [stage.name for stage in stages]
    twice = {name for name in names if names.count(name) > 1}
    if twice or not names:
        raise InputError(f"{where} has no stage, or two named '{next(iter(twice), '')}'")
    for before, after in pairwise(stages):
        alike = (before.repeat, before.on) == (after.repeat, after.on)
        if before.loop and before.loop == after.loop and not alike:
            raise InputError(
                f"{where}: stages '{before.name}' and '{after.name}' share a loop; give "
                "them the same repeat and on"
            )
    for on in (On.FIRST, On.KEY, On.BETWEEN):
        if not any(stage.runs_for(on) for stage in stages):
            raise InputError(f"{where}: no stage runs for '{on}' frames; every frame needs one")
