"""Truth files: what was measured on a real device, where, and what it was used for."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import msgspec

from dfsrt.base.errors import InputError
from dfsrt.base.names import parse_name_spec, sought_in, unknown_name
from dfsrt.base.tomlfile import check_format, read_toml
from dfsrt.network.built import built_names
from dfsrt.network.llm import is_llm
from dfsrt.network.load import open_sizes
from dfsrt.network.packing import Packing
from dfsrt.network.precision import PRECISIONS
from dfsrt.network.zoo import network_names

FORMAT = 1
RATES = ("fps", "tokens/s")
"""Inferences a second one by one: of pictures, or of passes that make a token each."""
UNITS = ("s", "ms", "us", *RATES, "J", "mJ", "W")
"""Of a measurement of one inference: its time, a rate, energy, mean power."""
USES = ("fitted", "held out")
"""Whether a number of the device was chosen by a measurement, or nothing was."""
_LEAST, _MOST = 1e-12, 1e12
"""Of a measurement in any unit."""

SHELF = Path(str(files("dfsrt.device"))) / "truth"


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    source: str
    conditions: str
    used: str
    precision: str = "auto"
    cores: int = 1
    freq_hz: int | None = None


class Measurement(_Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A network's ``value`` in one of ``UNITS``, on ``cores`` at a clock; None is the highest.

    With ``cap_w`` that is the highest whose mean power keeps a limit that firmware held.
    ``weights`` are what the values of all weights that products multiply by allowed.
    """

    network: str
    value: float
    unit: str
    dims: dict[str, int] = {}
    cap_w: float | None = None
    weights: Packing | None = None


class ProfileEntry(_Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of layers, each with its time; profiling adds ``overhead_ns`` to every layer."""

    file: str
    overhead_ns: int = 0


class Truth(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was measured on one device: networks, and in ``profile`` layer by layer."""

    format: int
    device: str
    what: str
    measurement: list[Measurement] = []
    profile: list[ProfileEntry] = []


def truth_path(device: str) -> Path | None:
    """Return the truth file of a preset; None where it has none."""
    path = SHELF / f"{device}.toml"
    return path if path.is_file() else None


def read_truth(path: Path) -> Truth:
    """Return the checked truth file at ``path``; files that it names are sought beside it.

    Raises:
        InputError: no such file, a key or value that does not fit, an unknown network, unit,
            precision or use, a text that is missing, or a number out of its range.
    """
    if path.suffix.lower() == ".csv":
        raise InputError(
            f"truth file '{path}' is a table; a truth file is TOML with [[measurement]], and a "
            "table goes to dfsrt device calibrate --measured, which shows the base beside it"
        )
    truth = read_toml(path, Truth, "truth file", give="a .toml file of measurements")
    check_format(truth.format, FORMAT, "truth file", path)
    if not truth.measurement and not truth.profile:
        raise InputError(f"truth file '{path}' holds no measurement; add [[measurement]]")
    placed = [_placed(m, path) for m in truth.measurement]
    for number, measured in enumerate(placed):
        _check_measurement(measured, f"truth file '{path}': measurement[{number}]")
    profiles = [
        msgspec.structs.replace(p, file=sought_in(path.parent, p.file, ".csv"))
        for p in truth.profile
    ]
    for number, profile in enumerate(profiles):
        where = f"truth file '{path}': profile[{number}]"
        _check_entry(profile, where)
        if profile.overhead_ns < 0:
            raise InputError(f"{where}.overhead_ns is {profile.overhead_ns}; give 0 or more")
    return msgspec.structs.replace(truth, measurement=placed, profile=profiles)


def _placed(measured: Measurement, path: Path) -> Measurement:
    network = sought_in(path.parent, measured.network, ".onnx")
    return msgspec.structs.replace(measured, network=network)


def _check_measurement(measured: Measurement, where: str) -> None:
    known = (*network_names(), *built_names())
    if is_llm(parse_name_spec(measured.network, "network").name):
        open_sizes(measured.network)  # which says where there is no such model
    elif measured.network not in known and not measured.network.endswith(".onnx"):
        raise InputError(
            f"{where}: {unknown_name('network', measured.network, known)} or give an .onnx file"
        )
    if measured.unit not in UNITS:
        raise InputError(f"{where}: {unknown_name('unit', measured.unit, UNITS)}")
    if not _LEAST <= measured.value <= _MOST:
        raise InputError(f"{where}.value is {measured.value}; allowed is {_LEAST:g} to {_MOST:g}")
    if measured.cap_w is not None and not (measured.cap_w > 0 and measured.freq_hz is None):
        raise InputError(
            f"{where}.cap_w is {measured.cap_w}; give a limit above 0, and no freq_hz beside it"
        )
    _check_entry(measured, where)


def _check_entry(entry: _Entry, where: str) -> None:
    if entry.used not in USES:
        raise InputError(f"{where}: {unknown_name('use', entry.used, USES)}")
    allowed = ("auto", *PRECISIONS)
    if entry.precision not in allowed:
        raise InputError(f"{where}: {unknown_name('precision', entry.precision, allowed)}")
    for name in ("source", "conditions"):
        if not getattr(entry, name).strip():
            raise InputError(f"{where}.{name} is empty; say where and how it was measured")
