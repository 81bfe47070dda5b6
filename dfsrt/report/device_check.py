"""A device against what was measured: prediction beside measurement, error and source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.errors import InputError
from dfsrt.base.names import NameSpec, parse_name_spec
from dfsrt.cost import at_device_precision, cost_network
from dfsrt.device import Npu, load_device
from dfsrt.device.at_memory import at_memory_point
from dfsrt.device.profile import ProfileRow, profile_network, read_profile
from dfsrt.device.truth_file import (
    RATES,
    SHELF,
    Measurement,
    ProfileEntry,
    Truth,
    read_truth,
    truth_path,
)
from dfsrt.network import load_network
from dfsrt.network.packed import alike_packed
from dfsrt.power.plant import Plant, build_plant, true_npu_w
from dfsrt.power.workload import Workload, workload
from dfsrt.report.schema import SCHEMA_VERSION


class CheckedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One measurement; ``error`` is predicted over measured, less one; of rates in time."""

    network: str
    precision: str
    cores: int
    freq_hz: int
    predicted: float
    measured: float
    unit: str
    error: float
    used: str
    source: str
    conditions: str


class CheckedUse(msgspec.Struct, frozen=True, kw_only=True):
    """How far measurements of one use are missed: the errors' mean size, and the worst."""

    count: int
    mean_error: float
    worst_error: float


class CheckedLayer(msgspec.Struct, frozen=True, kw_only=True):
    """A layer of a profile; ``predicted_s`` holds what profiling adds, too.

    Mean power is None where it was not measured.
    """

    op: str
    predicted_s: float
    measured_s: float
    predicted_w: float | None = None
    measured_w: float | None = None


class CheckedProfile(msgspec.Struct, frozen=True, kw_only=True):
    """One profile: the mean error of its layers' times, sizes alone, and their rank correlation.

    That is None where all layers take the same time. ``overhead_s`` is what profiling adds to each
    layer, part of what is predicted. ``power`` is of the layers with measured watts; None where
    there are none.
    """

    profile: str
    cores: int
    freq_hz: int
    layers: int
    mean_error: float
    rank_correlation: float | None
    predicted_s: float
    measured_s: float
    overhead_s: float
    used: str
    source: str
    conditions: str
    by_layer: list[CheckedLayer]
    power: CheckedUse | None = None


class DeviceCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A device against its truth file; ``measured`` is False where it has none.

    ``held_out`` tells errors of measurements that nothing was fitted on by their precision.
    """

    schema_version: int = SCHEMA_VERSION
    device: str
    measured: bool
    what: str = ""
    measurements: list[CheckedEntry] = []
    profiles: list[CheckedProfile] = []
    by_use: dict[str, CheckedUse] = {}
    held_out: dict[str, CheckedUse] = {}


def check_device(name: str, truth_file: Path | None = None) -> DeviceCheck:
    """Return the device of ``name`` against ``truth_file``, or else against the preset's own.

    Every measurement says how many cores it is of: ``name`` may not.

    Raises:
        InputError: an unknown device, cores in its name, a truth file of another device, or one
            that does not fit.
    """
    spec = parse_name_spec(name, "device")
    if "cores" in spec.options:
        raise InputError(f"device '{name}': each measurement has its own cores; leave cores= out")
    npu = load_device(spec)
    path = truth_file or truth_path(npu.name)
    if path is None:
        return DeviceCheck(device=npu.name, measured=False)
    truth = read_truth(path)
    if truth.device != npu.name:
        raise InputError(
            f"truth file '{path}' is of device '{truth.device}', not '{npu.name}'; "
            "give a file of this one"
        )
    return _check(spec, npu, truth)


def _check(spec: NameSpec, npu: Npu, truth: Truth) -> DeviceCheck:
    entries = [_entry(_on_cores(spec, npu, m.cores), m) for m in truth.measurement]
    return DeviceCheck(
        device=npu.name,
        measured=True,
        what=truth.what,
        measurements=entries,
        profiles=[_profile(_on_cores(spec, npu, p.cores), p) for p in truth.profile],
        by_use=_errors_by((entry.used, entry.error) for entry in entries),
        held_out=_errors_by(
            (entry.precision, entry.error) for entry in entries if entry.used == "held out"
        ),
    )


def _errors_by(errors: Iterable[tuple[str, float]]) -> dict[str, CheckedUse]:
    """Return errors by what stands before each, in the order in which that comes first."""
    by: dict[str, list[float]] = {}
    for key, error in errors:
        by.setdefault(key, []).append(error)
    return {key: _use(of_key) for key, of_key in by.items()}


def _use(errors: Sequence[float]) -> CheckedUse:
    return CheckedUse(
        count=len(errors),
        mean_error=sum(map(abs, errors)) / len(errors),
        worst_error=max(errors, key=abs),
    )


def _entry(npu: Npu, measured: Measurement) -> CheckedEntry:
    network = load_network(measured.network, dims=measured.dims)
    if measured.weights is not None:
        network = alike_packed(network, measured.weights)
    network = at_device_precision(network, npu, measured.precision)
    load = workload(cost_network(network, npu), at_memory_point(npu, -1))
    level = _level(npu, measured.freq_hz)
    if measured.cap_w is not None:
        level = _capped_level(load, npu, measured.cap_w)
    predicted = _predicted(load, npu, level, measured.unit)
    return CheckedEntry(
        network=_label(measured.network),
        precision=measured.precision,
        cores=measured.cores,
        freq_hz=npu.opps.freqs_hz[level],
        predicted=predicted,
        measured=measured.value,
        unit=measured.unit,
        error=_error(predicted, measured),
        used=measured.used,
        source=measured.source,
        conditions=measured.conditions,
    )


def _label(network: str) -> str:
    """The network's name; of a file that lies beside a preset's truth, that of the file alone."""
    path = Path(network)
    return path.stem if path.parent == SHELF else network


def _error(predicted: float, measured: Measurement) -> float:
    """Return predicted over measured, less one; so that above zero is too slow or too hungry."""
    ratio = predicted / measured.value
    return (1 / ratio if measured.unit in RATES else ratio) - 1


def _capped_level(load: Workload, npu: Npu, cap_w: float) -> int:
    """The highest level whose mean power keeps a limit, as firmware finds it; else the lowest."""
    levels = range(len(npu.opps.points))
    return max((i for i in levels if _predicted(load, npu, i, "W") <= cap_w), default=0)


def _predicted(load: Workload, npu: Npu, level: int, unit: str) -> float:
    """One inference, layer after layer; energy is the plant's, as its rail draws it."""
    seconds = float(load.duration_ns[:, level].sum()) * 1e-9
    if unit in RATES:
        return 1 / seconds
    per_unit = {"s": 1.0, "ms": 1e3, "us": 1e6, "J": 1.0, "mJ": 1e3}
    if unit in ("s", "ms", "us"):
        return seconds * per_unit[unit]
    joules = _energy_j(load, npu, level)
    return joules / seconds if unit == "W" else joules * per_unit[unit]


def _energy_j(load: Workload, npu: Npu, level: int) -> float:
    watts = _watts(build_plant(npu, load, 0), load, npu, level)
    return float((watts * load.duration_ns[:, level]).sum()) * 1e-9


def _watts(plant: Plant, load: Workload, npu: Npu, level: int) -> Floats:
    """What the NPU's rail draws in each layer at a level and its own voltage, ``(n_layers,)``."""
    freqs = np.array(npu.opps.freqs_hz, dtype=np.float64)
    volts = np.array(npu.opps.points[level].rail_uv * 1e-6)
    return true_npu_w(plant, load, freqs, volts)[:, level]


def _profile(npu: Npu, entry: ProfileEntry) -> CheckedProfile:
    level, path = _level(npu, entry.freq_hz), Path(entry.file)
    rows = read_profile(path)
    load = _profile_load(rows, npu, entry.precision)
    predicted = _seconds(load, level) + entry.overhead_ns * 1e-9
    measured = np.array([row.measured_us for row in rows]) * 1e-6
    watts = _profile_w(rows, load, npu, level)
    powered = [(w, row.power_w) for w, row in zip(watts, rows, strict=True) if row.power_w]
    return CheckedProfile(
        profile=path.stem,
        cores=entry.cores,
        freq_hz=npu.opps.freqs_hz[level],
        layers=len(rows),
        mean_error=float(np.abs(predicted / measured - 1).mean()),
        rank_correlation=rank_correlation(predicted, measured),
        predicted_s=float(predicted.sum()),
        measured_s=float(measured.sum()),
        overhead_s=entry.overhead_ns * 1e-9,
        used=entry.used,
        source=entry.source,
        conditions=entry.conditions,
        by_layer=[_layer(*of) for of in zip(rows, predicted, watts, strict=True)],
        power=_use([float(w / measured_w) - 1 for w, measured_w in powered]) if powered else None,
    )


def profile_times(
    rows: tuple[ProfileRow, ...], npu: Npu, level: int, precision: str = "auto"
) -> Floats:
    """Return the predicted seconds of a profile's layers at a level, ``(n_rows,)``."""
    return _seconds(_profile_load(rows, npu, precision), level)


def _profile_load(rows: tuple[ProfileRow, ...], npu: Npu, precision: str) -> Workload:
    network = at_device_precision(profile_network(rows, "profile"), npu, precision)
    return workload(cost_network(network, npu), at_memory_point(npu, -1))


def _seconds(load: Workload, level: int) -> Floats:
    return load.duration_ns[:, level].astype(np.float64) * 1e-9


def _profile_w(rows: tuple[ProfileRow, ...], load: Workload, npu: Npu, level: int) -> Floats:
    """Watts of a profile's layers, ``(n_rows,)``, by the zeros that were counted in them.

    Activity that nobody measured is the device's mean, the same on every die.
    """
    middle = replace(npu, hidden=replace(npu.hidden, activity_sigma=0.0))
    plant = build_plant(middle, load, 0, nonzero=np.array([row.nonzero for row in rows]))
    return _watts(plant, load, npu, level)


def _layer(row: ProfileRow, predicted_s: float, predicted_w: float) -> CheckedLayer:
    return CheckedLayer(
        op=row.op,
        predicted_s=float(predicted_s),
        measured_s=row.measured_us * 1e-6,
        predicted_w=None if row.power_w is None else float(predicted_w),
        measured_w=row.power_w,
    )


def rank_correlation(first: Floats, second: Floats) -> float | None:
    """Return Spearman's correlation of two quantities, ``(n_rows,)``; equal values share a rank.

    None where one of them is the same everywhere: there is no rank.
    """
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    return float(np.corrcoef(_ranks(first), _ranks(second))[0, 1])


def _ranks(values: Floats) -> Floats:
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - (count - 1) / 2)[place], dtype=np.float64)


def _on_cores(spec: NameSpec, npu: Npu, cores: int) -> Npu:
    """Return the device with ``cores`` in use, whose clock trees and leakage it draws, too."""
    has = 1 if npu.cores is None else npu.cores.count
    if not 1 <= cores <= has:
        raise InputError(
            f"a measurement is of {cores} cores, and {npu.name} has {has}; give 1 to {has}"
        )
    if cores == npu.used_cores:
        return npu
    return load_device(NameSpec(spec.name, {**spec.options, "cores": str(cores)}))


def _level(npu: Npu, freq_hz: int | None) -> int:
    freqs = list(npu.opps.freqs_hz)
    if freq_hz is None:
        return len(freqs) - 1
    if freq_hz not in freqs:
        raise InputError(
            f"a measurement is at {freq_hz} Hz, which {npu.name} does not run at; "
            f"give one of {', '.join(map(str, freqs))}"
        )
    return freqs.index(freq_hz)
