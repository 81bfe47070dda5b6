"""Observations: what was measured, each with the layers that ran and the device as it was then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.names import NameSpec
from dfsrt.cost import at_device_precision
from dfsrt.device import Npu
from dfsrt.device.profile import ProfileRow, profile_network
from dfsrt.device.rules import mac_activity
from dfsrt.network import Network
from dfsrt.network import reading as network_reading
from dfsrt.study.calibration.loaded import Devices, Networks
from dfsrt.study.calibration.measured import Reading

NEAR = 0.005
"""A clock counts as the operating point that it lies this near to: boards round theirs."""
FOLDS = 8
"""Parts that the layers of one profile are left out in."""


@dataclass(frozen=True, slots=True)
class Observation:
    """``network`` took ``latency_s`` at a level of ``npu``, and ``joules`` where measured.

    ``group`` is what is left out together. ``nonzero`` is the share of the energy of its
    multiply-accumulates that zeros leave, where they were counted. ``unit`` says what it is of;
    ``overhead_s`` is what profiling added to its time.
    """

    label: str
    group: str
    unit: str
    network: Network
    npu: Npu
    level: int
    latency_s: float
    joules: float | None
    precision: str
    where: str
    nonzero: float | None = None
    overhead_s: float = 0.0

    @property
    def freq_hz(self) -> int:
        """The clock that it ran at."""
        return self.npu.opps.freqs_hz[self.level]


@dataclass(frozen=True, slots=True)
class Settings:
    """What a file of layers does not say: how it was run, and what profiling adds to each layer.

    ``network`` is what an imported profile is of: then its layers' times count as their sum.
    Networks are read as ``asked``, whose sizes and values go to those that have them open.
    """

    precision: str = "auto"
    cores: int = 1
    freq_hz: int | None = None
    overhead_ns: int = 0
    network: str = ""
    asked: network_reading.Reading = field(default_factory=network_reading.Reading)


def observe_networks(
    spec: NameSpec, rows: Sequence[Reading], asked: network_reading.Reading | None = None
) -> Iterator[Observation]:
    """Yield an observation for each reading of a network on the device of ``spec``.

    Networks are read as ``asked``.

    Raises:
        InputError: an unknown network, or a precision, batch, clock or number of cores that the
            network or the device does not have; the message says where.
    """
    devices, networks = Devices(spec), Networks(asked or network_reading.Reading())
    for row in rows:
        try:
            npu = devices.on(row.cores)
            _check_precision(npu, row.precision)
            yield Observation(
                label=row.network,
                group=row.network,
                unit="network",
                network=networks.of(row, npu),
                npu=npu,
                level=level_of(npu, row.freq_hz),
                latency_s=row.latency_s,
                joules=row.joules,
                precision=row.precision,
                where=row.where,
                overhead_s=row.overhead_s,
            )
        except InputError as error:
            raise InputError(f"{row.where}: {error}") from error


def observe_layers(
    spec: NameSpec, rows: Sequence[ProfileRow], path: str, said: Settings
) -> Iterator[Observation]:
    """Yield an observation for each layer of the profile at ``path``.

    Raises:
        InputError: a precision, clock or number of cores that the device lacks.
    """
    npu = Devices(spec).on(said.cores)
    level = level_of(npu, said.freq_hz)
    _check_precision(npu, said.precision)
    for number, row in enumerate(rows, 1):
        network = at_device_precision(profile_network((row,), row.op), npu, said.precision)
        yield Observation(
            label=f"{Path(path).stem} {number}: {row.op}",
            group=path,
            unit="layer",
            network=network,
            npu=npu,
            level=level,
            latency_s=row.measured_us * 1e-6,
            joules=None if row.power_w is None else row.power_w * row.measured_us * 1e-6,
            precision=said.precision,
            where=f"profile '{path}', layer {number}",
            overhead_s=said.overhead_ns * 1e-9,
            nonzero=_activity(row, npu),
        )


def groups_of(observed: Sequence[Observation]) -> list[str]:
    """Return what each observation is left out with: its network, or its file of layers.

    Layers of a file that is alone are left out in parts, those alike together.
    """
    groups = [o.group for o in observed]
    if len(set(groups)) > 1 or observed[0].unit == "network":
        return groups
    shapes: dict[str, int] = {}
    return [f"part {shapes.setdefault(_shape(o), len(shapes)) % FOLDS + 1}" for o in observed]


def level_of(npu: Npu, freq_hz: int | None) -> int:
    """Return the level of a clock, the highest where None is given.

    Raises:
        InputError: no operating point is near it.
    """
    freqs = npu.opps.freqs_hz
    if freq_hz is None:
        return len(freqs) - 1
    nearest = min(range(len(freqs)), key=lambda level: abs(freqs[level] - freq_hz))
    if abs(freqs[nearest] - freq_hz) <= NEAR * freqs[nearest]:
        return nearest
    known = ", ".join(map(str, freqs))
    hint = "; it is in hertz" if freq_hz < min(freqs) / 100 else ""
    raise InputError(f"freq_hz {freq_hz} is no clock of {npu.name}; give one of {known}{hint}")


def check_enough(observed: Sequence[Observation]) -> None:
    """Check that there is more than one network, or several layers.

    Raises:
        InputError: there is not: nothing would tell whether another one is predicted.
    """
    networks = {o.network.name for o in observed}
    if observed[0].unit == "network" and len({o.group for o in observed}) < 2:
        raise InputError(
            f"all measurements are of one network, '{observed[0].label}': nothing would tell how "
            "another one is predicted; measure at least two, better ten"
        )
    if observed[0].unit == "layer" and len({_shape(o) for o in observed}) < 4:
        raise InputError(
            f"the profile has {len({_shape(o) for o in observed})} distinct layers "
            f"({', '.join(sorted(networks))}); give at least 4"
        )


def _shape(o: Observation) -> str:
    layer = o.network.layers[0]
    sizes = [t.shape for t in (*layer.inputs, *layer.weights, *layer.outputs)]
    return f"{layer.op}{layer.joined}{sizes}{layer.gemms}"


def _activity(row: ProfileRow, npu: Npu) -> float | None:
    if row.zero_inputs is None and row.zero_weights is None:
        return None
    return float(mac_activity(row.nonzero, npu.silicon.zero_gating))


def _check_precision(npu: Npu, precision: str) -> None:
    known = ("auto", *npu.array.cycles_per_step)
    if precision not in known:
        raise InputError(
            f"{npu.name} has no precision '{precision}'; use one of {', '.join(known)}"
        )
