"""A study file: what is searched, over which networks, caps and seeds, and for what."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec

from dfsrt.base import defaults
from dfsrt.base.errors import InputError
from dfsrt.base.names import is_there, parse_name_spec, sought_in, unknown_name
from dfsrt.base.plugin import python_file
from dfsrt.base.reading import file_digest
from dfsrt.base.tomlfile import Table, fit_table, parse_table, read_text, unread_format
from dfsrt.base.whole import MOST_WHOLE
from dfsrt.governor.registry import governor_files
from dfsrt.network.reading_table import ReadingTable
from dfsrt.study.followed import followed
from dfsrt.study.metric import METRICS, Direction

FORMAT = 1
MAX_TRIALS = 100_000
MAX_BATCH = 1_000
SAMPLERS = ("tpe", "cmaes", "nsga2", "random")


class Range(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Numbers from ``low`` to ``high``, in the parameter's unit; ``step`` apart if given."""

    low: float | str
    high: float | str
    step: float | str | None = None
    log: bool = False


class Count(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All choices of ``count`` of the device's set points."""

    count: int


class Search(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is varied. A list is a choice; ``"declared"`` is what the governor declares.

    Of ``idle`` numbers are how long a timeout waits, a list names idle governors. ``memory`` names
    clocks of the memory and who sets them. ``device_numbers`` are of the device file, by dotted
    key, and ``points`` among them: each trial's device has what was drawn.

    ``parameters`` are the governor's, ``confidence`` that of the power model.

    Where nothing is given, every parameter that the governor declares a range or choices for.
    """

    parameters: dict[str, Range | list[str | float | bool] | str] = {}
    guard: Range | list[str | float] | None = None
    set_points: list[list[str] | str] | Count | None = None
    confidence: list[str | float] | None = None
    device: list[str] | None = None
    idle: Range | list[str] | None = None
    memory: list[str] | str | None = None
    device_numbers: dict[str, Range | list[str | float | bool]] = {}

    @property
    def says_anything(self) -> bool:
        """Whether anything is named that is varied."""
        return self != Search()


class Over(ReadingTable, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every trial is run on: each network under each cap with each of the ``seeds``.

    What has the name of an option of ``dfsrt run``, like ``cap_window``, ``confidence`` or
    ``correct``, means the same.
    """

    networks: list[str]
    caps: list[str | float] = msgspec.field(default_factory=list)
    seeds: list[int] = msgspec.field(default_factory=lambda: [0])
    device: str = defaults.DEVICE
    frames: int = defaults.FRAMES
    period: str | None = None
    cap_domain: str = defaults.CAP_DOMAIN
    cap_window: str = "0s"
    power_model: str = defaults.POWER_MODEL
    confidence: str | float | None = None
    correct: bool = False
    idle: str | None = None
    idle_rail: str | None = None
    mapper: str | None = None
    schedule: str | None = None
    dram: str | None = None
    prefetch: str | None = None
    memory: str | None = None
    blind: bool = False
    parallel: str | int | None = None
    prompt: int | None = None
    tokens: int | None = None
    precision: str | None = None
    deadline: str | None = None


class Study(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A study. ``governor`` may fix parameters, as in ``dfs:tie=highest``.

    ``batch`` trials are asked for together, whatever the number of workers: it is part of the
    result. ``limits`` are bounds on metrics that a point must keep.
    """

    format: int = FORMAT
    name: str
    governor: str = defaults.GOVERNOR
    baseline: str = defaults.BASELINES[0]
    objectives: list[str] = msgspec.field(default_factory=lambda: ["energy_j"])
    limits: dict[str, float] = {}
    sampler: str = "tpe"
    trials: int = 200
    batch: int = 16
    seed: int = 0
    prune: bool = False
    over: Over
    search: Search = Search()

    @property
    def directions(self) -> list[Direction]:
        """Which way each objective is better, in Optuna's words."""
        return ["maximize" if METRICS[n].maximise else "minimize" for n in self.objectives]

    def sleeping(self, idle: str | None, idle_rail: str | None) -> Study:
        """Return the study with another idle governor and place of the rail, where they are said.

        A governor's file is sought from the working directory.
        """
        said = {"idle": idle, "idle_rail": idle_rail}
        named = {name: value for name, value in said.items() if value is not None}
        return msgspec.structs.replace(self, over=msgspec.structs.replace(self.over, **named))

    def fingerprint(self) -> dict[str, object]:
        """Return all that the result depends on: itself, its files, and who works it out."""
        from importlib.metadata import version

        return {
            "study": msgspec.to_builtins(self),
            "files": {name: digest(str(path)) for name, path in _files(self).items()},
            "versions": {name: version(name) for name in ("dfsrt", "optuna")},
        }


def read_study(path: Path) -> Study:
    """Return the checked study of the TOML file at ``path``.

    Files that it names (networks, devices, governors, who uses memory) are sought beside it.

    Raises:
        InputError: no such file, no TOML, a key or a value that does not fit.
    """
    study = parse_study(read_text(path, "study", "a study file in TOML"), f"study '{path}'")
    return _beside(study, path.resolve().parent)


def parse_study(text: str, what: str = "study") -> Study:
    """Return the checked study of a TOML ``text``; ``what`` begins every error.

    Raises:
        InputError: no TOML, a key or a value that does not fit.
    """
    return study_of(parse_table(text, what), what)


def study_of(table: Table, what: str = "study") -> Study:
    """Return the checked study of a ``table``, as a study file has it; ``what`` begins every error.

    Files that it names are sought in the working directory.

    Raises:
        InputError: a key or a value that does not fit.
    """
    study = fit_table(table, Study, what)
    try:
        _check(study)
    except InputError as error:
        raise InputError(f"{what}: {error}") from error
    return study


def _check(study: Study) -> None:
    why = unread_format(study.format, FORMAT)
    if why is not None:
        raise InputError(f"it {why}")
    if not study.name.strip():
        raise InputError("name is empty; give the study a name")
    _check_whole("trials", study.trials, 1, MAX_TRIALS)
    _check_whole("batch", study.batch, 1, MAX_BATCH)
    _check_whole("seed", study.seed, 0, MOST_WHOLE)
    _check_objectives(study)
    _check_sampler(study)
    _ = study.over.reading  # which says what is wrong with it
    for key in ("networks", "seeds"):
        if not getattr(study.over, key):
            raise InputError(f"over.{key} is empty; give at least one")


def _check_whole(key: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise InputError(f"{key} = {value} is out of range; allowed is {low:,} to {high:,}")


def _check_objectives(study: Study) -> None:
    for key, names in (("objectives", study.objectives), ("limits", study.limits)):
        for name in names:
            if name not in METRICS:
                raise InputError(f"{key}: {unknown_name('metric', name, METRICS)}")
    if not 1 <= len(set(study.objectives)) == len(study.objectives) <= 3:
        raise InputError(f"objectives = {study.objectives}: give one, two or three, each once")
    for name, limit in study.limits.items():
        if not math.isfinite(limit) or limit < 0:
            raise InputError(f"limits.{name} = {limit:g} is no bound; give a number of 0 or more")


def _check_sampler(study: Study) -> None:
    if study.sampler not in SAMPLERS:
        raise InputError(unknown_name("sampler", study.sampler, SAMPLERS))
    several = len(study.objectives) > 1
    if study.prune and several:
        raise InputError(
            "prune = true works with one objective only, since points of several have no order; "
            "leave it out"
        )
    if study.sampler == "cmaes" and (several or study.limits):
        raise InputError(
            "sampler = 'cmaes' takes one objective and no limits; use 'tpe' or 'nsga2'"
        )


def _beside(study: Study, folder: Path) -> Study:
    """Return ``study`` with the files it names as paths from ``folder``."""
    over, search = study.over, study.search
    over = msgspec.structs.replace(
        over,
        networks=[sought_in(folder, name, ".onnx") for name in over.networks],
        device=sought_in(folder, over.device, ".toml"),
        idle=over.idle and sought_in(folder, over.idle, ".py"),
        mapper=over.mapper and sought_in(folder, over.mapper, ".py"),
        schedule=over.schedule and sought_in(folder, over.schedule, ".py"),
        dram=over.dram and sought_in(folder, over.dram, ".toml"),
        memory=over.memory and sought_in(folder, over.memory, ".py"),
    )
    if search.device is not None:
        devices = [sought_in(folder, name, ".toml") for name in search.device]
        search = msgspec.structs.replace(search, device=devices)
    if isinstance(search.idle, list):
        policies = [sought_in(folder, name, ".py") for name in search.idle]
        search = msgspec.structs.replace(search, idle=policies)
    if isinstance(search.memory, list):
        policies = [sought_in(folder, name, ".py") for name in search.memory]
        search = msgspec.structs.replace(search, memory=policies)
    governor, baseline = (
        sought_in(folder, text, (".toml", ".py")) for text in (study.governor, study.baseline)
    )
    return msgspec.structs.replace(
        study, over=over, search=search, governor=governor, baseline=baseline
    )


def _files(study: Study) -> dict[str, Path]:
    over = study.over
    names = [*over.networks, over.device, *(study.search.device or ()), *filter(None, [over.dram])]
    files = {parse_name_spec(name, "file").name for name in names}
    for governor in (study.governor, study.baseline):
        files |= {str(path) for path in governor_files(governor)}
    searched = (study.search.idle, study.search.memory)
    policies = [name for names in searched if isinstance(names, list) for name in names]
    for plugin in filter(None, (over.mapper, over.schedule, over.idle, over.memory, *policies)):
        code = python_file(parse_name_spec(plugin, "file").name)
        files |= set() if code is None else {str(code)}
    there = sorted(name for name in files if is_there(Path(name), Path.is_file))
    return followed({name: Path(name) for name in there})


def devices_of(study: Study) -> list[str]:
    """Return the devices that a study runs on, the one of its baseline first."""
    return study.search.device or [study.over.device]


def digest(name: str) -> str:
    """Return what tells a file from every other.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return file_digest(name)
    except OSError as error:
        raise InputError(f"cannot read '{name}': {error.strerror}; give a readable file") from error
