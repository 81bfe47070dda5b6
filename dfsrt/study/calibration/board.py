"""Calibrate: from measurements to a device file whose numbers say how sure they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.base.files import write_atomically
from dfsrt.base.names import NameSpec, parse_name_spec
from dfsrt.device import Domain, Npu, load_device
from dfsrt.device.build import build_npu
from dfsrt.device.facts import KeyFacts, key_facts
from dfsrt.device.load import OPTIONS, parse_device_file
from dfsrt.report.rendered import Drawn
from dfsrt.report.tables import Grid
from dfsrt.study.calibration.changes import changes_of, comments_of
from dfsrt.study.calibration.device_text import device_text
from dfsrt.study.calibration.energies import Joules, joules_of
from dfsrt.study.calibration.observed import Observation, Settings, check_enough, groups_of
from dfsrt.study.calibration.parameter import CALIBRATED
from dfsrt.study.calibration.reading import Source, read_sources
from dfsrt.study.calibration.refusals import check_alone, check_beyond, check_decided, check_flat
from dfsrt.study.calibration.result import CalibratedRow, Calibration
from dfsrt.study.calibration.said import errors_said, notes_said, numbers_said, rows_said
from dfsrt.study.calibration.stage import Done, Stage, matching, run_stage
from dfsrt.study.calibration.stages import TIED, energy_stage, time_stage
from dfsrt.study.calibration.times import Timer, numbers_of
from dfsrt.study.calibration.units import check_units
from dfsrt.study.calibration.work import work_of


@dataclass(frozen=True, slots=True)
class Wish:
    """What a user asks of a calibration.

    ``fit`` names the numbers to fit, all that the data tell without; ``hold`` those that stay.
    ``domain`` is what measured power and energy are of. With ``allow_bounds`` a number may lie at
    an end of its range where the data ask for more.
    """

    fit: Sequence[str] = ()
    hold: Sequence[str] = ()
    domain: Domain = Domain.NPU
    allow_bounds: bool = False
    layers: Settings = field(default_factory=Settings)


@dataclass(frozen=True, slots=True, repr=False)
class Calibrated(Drawn):
    """A calibration, and the text of the device file that it makes."""

    report: Calibration
    text: str

    def grids(self) -> Sequence[Grid]:
        """Return the tables of ``dfsrt device calibrate``."""
        from dfsrt.study.calibration.table import all_grids

        return all_grids(self.report)

    def save(self, path: str | Path) -> Path:
        """Write the device file, and return its path, which all that takes a device takes.

        Raises:
            OutputError: ``path`` cannot be written.
        """
        file = Path(path)
        write_atomically(file, lambda beside: beside.write_text(self.text, "utf-8"))
        return file

    def save_figure(self, path: str | Path) -> None:
        """Draw predicted over measured.

        Raises:
            InputError: neither ``.svg`` nor ``.png``.
            OutputError: ``path`` cannot be written.
        """
        from dfsrt.study.calibration.figure import write_calibration_figure

        write_calibration_figure(self.report, Path(path))


@dataclass(frozen=True, slots=True)
class _Board:
    """What was measured on a board: with its base, ready to be predicted."""

    spec: NameSpec
    npu: Npu
    keys: Mapping[str, KeyFacts]
    sources: Sequence[Source]
    observed: Sequence[Observation]
    groups: Sequence[str]
    timer: Timer

    @property
    def powered(self) -> list[int]:
        """Rows whose energy was measured."""
        return [n for n, o in enumerate(self.observed) if o.joules is not None]


@dataclass(frozen=True, slots=True)
class _Fitted:
    """A stage that was run, of some rows."""

    stage: Stage
    done: Done
    held: Sequence[str]
    rows: Sequence[int]


def calibrate(
    base: str, measured: Sequence[str], wish: Wish | None = None, name: str = "", out: str = ""
) -> Calibrated:
    """Return the device of ``base`` with its free numbers fitted to files of measurements.

    Each of ``measured`` is a CSV of networks or of layers. ``name`` is the new device's; ``out`` is
    where its file will lie: a base that is a file is named from there.

    Raises:
        InputError: an unknown base, measurements that do not fit, contradict each other, are of one
            network alone or fewer than the numbers asked for, or a number against its range.

    Limits: rows of one network at several clocks count as independent; where the model is wrong
    the same way for all networks, leaving one out does not show it.
    """
    asked, board = wish or Wish(), _board(base, measured, wish or Wish())
    seconds = np.array([o.latency_s for o in board.observed])
    times = time_stage(board.timer, seconds, board.keys)
    where = [o.where for o in board.observed]
    check_units(seconds, np.exp(times.predict(times.base)), where)
    joules = _joules(board, times, asked) if board.powered else None
    energies = None if joules is None else _energy_stage(board, joules)
    wanted, held = _wished(asked, times, energies)
    done = run_stage(times, board.groups, wanted(times), held(times) or [])
    fits = [_Fitted(times, done, held(times) or [], range(len(board.observed)))]
    if energies is not None:
        joules = _joules(board, times, asked, done.fit.values)
        fits.append(_energy_fit(board, joules, wanted, held))
    for one in fits:
        check_alone(one.stage, one.done, [board.observed[n] for n in one.rows])
        if not asked.allow_bounds:
            check_beyond(one.done)
    return _calibrated(board, fits, name, out)


def _board(base: str, measured: Sequence[str], wish: Wish) -> _Board:
    spec = parse_name_spec(base, "device")
    if "cores" in spec.options:
        raise InputError(f"base '{base}': each measurement has its own cores; leave cores= out")
    npu = load_device(spec)
    if said := [option for option in spec.options if option not in OPTIONS]:
        raise InputError(
            f"base '{base}' says {said[0]}, which the calibrated file would not have; write it "
            "into a device file and give that"
        )
    check_flat(npu)
    sources = read_sources(spec, measured, wish.layers)
    observed = [o for source in sources for o in source.observed]
    check_enough(observed)
    freqs = np.array([o.freq_hz for o in observed], dtype=np.float64)
    extra = np.array([o.overhead_s for o in observed])
    timer = Timer(work_of([(o.network, o.npu) for o in observed]), freqs, npu, extra)
    keys = {key.key: key for key in key_facts(spec.name)}
    return _Board(spec, npu, keys, sources, observed, groups_of(observed), timer)


def _joules(
    board: _Board, times: Stage, wish: Wish, fitted: Mapping[str, float] | None = None
) -> Joules:
    rows = board.powered
    observed = [board.observed[n] for n in rows]
    numbers = {**times.base, **(fitted or {})}
    return joules_of(board.timer.kept(rows), observed, numbers, wish.domain)


def _energy_stage(board: _Board, joules: Joules) -> Stage:
    measured = np.array([board.observed[n].joules for n in board.powered], dtype=np.float64)
    return energy_stage(joules, measured, board.keys)


class _Wished:
    """Which numbers of a stage a user names."""

    def __init__(self, names: Sequence[str] | None) -> None:
        self._names = names

    def __call__(self, stage: Stage) -> list[str] | None:
        if self._names is None:
            return None
        own = {p.name for p in stage.parameters}
        return [name for name in self._names if name in own]


def _wished(wish: Wish, times: Stage, energies: Stage | None) -> tuple[_Wished, _Wished]:
    stages = [times] if energies is None else [times, energies]
    names = [p.name for stage in stages for p in stage.parameters]
    held = matching(wish.hold, names, "--hold")
    wanted = matching(wish.fit, names, "--fit") if wish.fit else None
    if wanted is not None:
        wanted = [name for name in wanted if name not in held]
    return _Wished(wanted), _Wished(held)


def _energy_fit(board: _Board, joules: Joules, wanted: _Wished, held: _Wished) -> _Fitted:
    """The fit of energies; factors that are not decided go with that of all actions."""
    stage, rows = _energy_stage(board, joules), board.powered
    groups = [board.groups[n] for n in rows]
    hold = held(stage) or []
    while True:
        done = run_stage(stage, groups, wanted(stage), hold)
        tied = [name for name in TIED if name in done.fit.dropped]
        if not tied or wanted(stage) is not None:
            return _Fitted(stage, done, held(stage) or [], rows)
        hold = [*hold, *tied]


def _calibrated(board: _Board, fits: Sequence[_Fitted], name: str, out: str) -> Calibrated:
    numbers = [n for f in fits for n in numbers_said(f.stage, f.done, f.held)]
    check_decided(numbers, board.npu.name, fits[0].stage)
    how = f"{CALIBRATED}{_counted(board)} of {', '.join(map(str, board.sources))}"
    name = name or f"{board.npu.name.removesuffix('-calibrated')}-calibrated"
    changes, what = changes_of(numbers, how, board.keys), f"{board.npu.name}, {how}"
    text = device_text(board.spec, name, what, changes, board.keys, out)
    npu = build_npu(parse_device_file(text, out or name), **board.spec.options)
    rows = [row for f in fits for row in _rows(board, f, npu)]
    errors = [errors_said(rows, f.stage.quantity, f.done) for f in fits]
    report = Calibration(
        base=str(board.spec),
        device=name,
        sources=[str(source) for source in board.sources],
        networks=len(set(board.groups)),
        numbers=numbers,
        rows=rows,
        errors=errors,
        left_out_by=_left_out_by(board),
        notes=list(notes_said(errors)),
    )
    return Calibrated(report, "".join(f"# {line}\n" for line in comments_of(report)) + text)


def _rows(board: _Board, f: _Fitted, npu: Npu) -> Iterator[CalibratedRow]:
    """What is said of a stage's rows; fitted times are those of the file's rounded numbers."""
    observed = [board.observed[n] for n in f.rows]
    fitted = board.timer.seconds(numbers_of(npu)) if f.stage.quantity == "time" else np.exp(
        f.stage.predict(f.done.fit.values))  # fmt: skip
    return rows_said(observed, f.stage, f.done, fitted, [board.groups[n] for n in f.rows])


def _counted(board: _Board) -> str:
    kinds = [o.unit for o in board.observed]
    layers, networks = (
        kinds.count("layer"),
        len({o.group for o in board.observed if o.unit == "network"}),
    )
    texts = [f"{networks} networks"] * bool(networks) + [f"{layers} layers"] * bool(layers)
    return " and ".join(texts)


def _left_out_by(board: _Board) -> str:
    if board.observed[0].unit == "network":
        return "network"
    return "file" if len(board.sources) > 1 else "part of the layers"
