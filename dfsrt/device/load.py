"""Devices by name or file: TOML in, a checked ``Npu`` out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, reduce
from pathlib import Path

from dfsrt.base.errors import DeviceError
from dfsrt.base.names import (
    NameSpec,
    is_there,
    parse_name_spec,
    sought_in,
    unknown_name,
    unknown_on_shelf,
)
from dfsrt.base.places import placed_in
from dfsrt.base.tomlfile import Table, fit_table, parse_table, read_text, unread_format
from dfsrt.device.build import build_npu
from dfsrt.device.check import check_device
from dfsrt.device.dram.chain import with_part
from dfsrt.device.memory_points import check_points_agree
from dfsrt.device.npu import Npu
from dfsrt.device.provenance import check_numbers, is_table, origins
from dfsrt.device.ranges import check_ranges
from dfsrt.device.said_numbers import POINTS, said_table
from dfsrt.device.schema import FORMAT, DeviceFile
from dfsrt.device.streams import streams_along

_PRESETS = Path(__file__).with_name("presets")

LEAST_HZ = LEAST_UV = LEAST_BYTES_PER_S = 10_000
"""Of the highest operating point; less is a number in another unit than it says."""
OPTIONS = ("bin", "rail", "cores")
"""What a device's name may choose besides the device; it may also say ``points`` and numbers."""


@cache
def device_names() -> tuple[str, ...]:
    """Return the names of the presets, sorted."""
    entries = (entry.name for entry in _PRESETS.iterdir())
    return tuple(sorted(n.removesuffix(".toml") for n in entries if n.endswith(".toml")))


def load_device(source: str | Path | NameSpec) -> Npu:
    """Return the device that ``source`` names: ``NAME`` or ``FILE.toml``, with options.

    Options: ``bin`` (silicon bin), ``rail`` (regulator), as in ``rk3588-npu:bin=L5:rail=rk8602``,
    and ``cores``, as in ``NAME:cores=3``, where the device tells of several. ``points`` keeps some
    operating points, as in ``points=300MHz+1GHz``, and any number of the device file is said by its
    key, as in ``memory.buffer_bytes=512KiB``: it stands above the file as a file with that base
    would. The device's name then tells of it, texts of equal meaning alike.
    A ``Path`` is a file and has no options.

    Raises:
        DeviceError: no such preset or file, an unknown option, or a file that breaks a rule.
        InputError: a text with no name in it, or with an option twice.
    """
    if isinstance(source, Path):
        return _load(NameSpec(str(source)))
    spec = source if isinstance(source, NameSpec) else parse_name_spec(source, "device")
    return _load(spec, **_apart(spec)[0])


def _apart(spec: NameSpec) -> tuple[dict[str, str], dict[str, str]]:
    """Return what a device's name chooses, and what it says of the device itself.

    Raises:
        DeviceError: an option that is neither.
    """
    said = {k: v for k, v in spec.options.items() if k == POINTS or "." in k}
    chosen = {k: v for k, v in spec.options.items() if k not in said}
    for option in chosen:
        if option not in OPTIONS:
            known = unknown_name("device option", option, (*OPTIONS, POINTS))
            raise DeviceError(f"{known} or give a number by its key, as memory.buffer_bytes=512KiB")
    return chosen, said


def _load(source: NameSpec, **options: str) -> Npu:
    chain = read_device_chain(source)
    npu = build_npu(chain.device, **options)
    taken = {path: by for path in npu.sources if (by := chain.said_by[path]) != chain.name}
    return replace(npu, taken_from=taken, file="" if source.name in device_names() else source.name)


@dataclass(frozen=True, slots=True)
class DeviceChain:
    """A checked device with its bases merged in; ``said_by`` has the name of who says each key.

    ``name`` is what says most of all: the file, or the device's name where that says numbers.
    """

    device: DeviceFile
    name: str
    said_by: Mapping[str, str]


def device_choices(source: str) -> dict[str, tuple[str, ...]]:
    """Return the regulators, silicon bins and cores to choose from, by the option that chooses.

    Cores are left out of a device that does not tell of any.

    Raises:
        DeviceError: no such preset or file, or a file that breaks a rule.
        InputError: a text with no name in it, or with an option twice.
    """
    device = read_device_file(source)
    choices = {"rail": tuple(device.rail.regulators), "bin": tuple(device.opp.bins)}
    if device.cores is not None:
        choices["cores"] = tuple(str(n) for n in range(1, device.cores.count + 1))
    return choices


def read_device_file(source: str | NameSpec) -> DeviceFile:
    """Return the checked content of a preset or of a ``.toml`` file, its base merged in, with what
    its name says of it; what the name chooses makes no difference."""
    return read_device_chain(source).device


def read_device_chain(source: str | NameSpec) -> DeviceChain:
    """Return what ``read_device_file`` does, and who says each key: the file's or a base's name.

    Raises:
        DeviceError: no such preset or file, an unknown option, or what breaks a rule.
    """
    spec = source if isinstance(source, NameSpec) else parse_name_spec(source, "device")
    chain, said = _with_bases(_text_of(spec.name), spec.name), _apart(spec)[1]
    device = _fitted(chain)
    _check_units(device)
    own, options = said_table(device, said) if said else ({}, "")
    if own:
        chain = [(f"{device.name}{options}", {**own, "name": f"{device.name}{options}"}), *chain]
        device = _fitted(chain, spec.name)
    _check_bandwidth(device)
    return DeviceChain(device, chain[0][0], origins(chain))


def _check_units(device: DeviceFile) -> None:
    """Refuse points that no chip has, and that MHz or mV without their zeros look like."""
    for number, point in enumerate(device.opp.points):
        hz, uv = point.freq_hz, point.rail_uv
        if 0 < hz < LEAST_HZ:
            raise DeviceError(
                f"device '{device.name}': the clock of opp.points[{number}] is {hz} Hz; freq_hz is "
                f"in hertz: {hz} MHz are {hz * 10**6:_}"
            )
        if 0 < uv < LEAST_UV:
            raise DeviceError(
                f"device '{device.name}': the voltage of opp.points[{number}] is {uv} uV; rail_uv "
                f"is in microvolts: {uv} mV are {uv * 10**3:_}"
            )


def _check_bandwidth(device: DeviceFile) -> None:
    """Refuse a memory that no chip has, and that GB/s without their unit look like."""
    rate = device.memory.bandwidth_bytes_per_s
    if 0 < rate < LEAST_BYTES_PER_S:
        raise DeviceError(
            f"device '{device.name}': memory.bandwidth_bytes_per_s is {rate:g} B/s, slower than "
            f"any memory; {rate:g} GB/s are {rate:g}e9, or '{rate:g}GB/s' where it is text"
        )


def parse_device_file(text: str, name: str) -> DeviceFile:
    """Return the checked content of the TOML ``text`` of the device file ``name``."""
    return _fitted(_with_bases(text, name))


def _fitted(chain: list[tuple[str, Table]], file: str = "") -> DeviceFile:
    """Return a file with its bases merged in, checked; ``file`` where another name says numbers."""
    name = chain[0][0]
    merged = reduce(_laid_over, (raw for _, raw in reversed(chain)))
    _check_format(merged, name)
    device = fit_table(merged, DeviceFile, f"device '{name}'", DeviceError)
    # Each file by itself: a number that overrides its base's may not borrow the base's source.
    for own_name, raw in chain:
        check_numbers(raw, f"device '{own_name}'")
    is_preset = (file or name) in device_names()
    check_device(device, is_preset=is_preset, says_idle="idle" in chain[0][1])
    check_ranges(device)
    for own_name, raw in chain:
        check_points_agree(raw, f"device '{own_name}'")
    return device


def _check_format(raw: Mapping[str, object], name: str) -> None:
    why = unread_format(raw.get("format", FORMAT), FORMAT)
    if why is not None:
        raise DeviceError(f"device '{name}' {why}")


def _with_bases(text: str, name: str) -> list[tuple[str, Table]]:
    """Return the file and the chain of its bases, each with its name."""
    chain = [(name, _table(text, name))]
    while "base" in chain[-1][1]:
        base = _name_of_base(*chain[-1])
        seen = [known for known, _ in chain]
        if base in seen:
            path = " -> ".join([*seen, base])
            raise DeviceError(f"device '{name}' is its own base ({path}); end that chain")
        chain.append((base, _table(_text_of(base, of=chain[-1][0]), base)))
    return with_part(chain)


def _name_of_base(name: str, raw: Mapping[str, object]) -> str:
    """Return the preset or file that ``raw`` builds on; a file's name is relative to ``name``."""
    base = raw["base"]
    if not isinstance(base, str):
        raise DeviceError(f"device '{name}': base is not text; name a preset or a .toml file")
    if base in device_names() or name in device_names():
        return base
    return placed_in(Path(name).parent, base) if Path(base).suffix == ".toml" else base


def _table(text: str, name: str) -> Table:
    """Return what a file says; Python files that its memory names are sought beside it."""
    table = parse_table(text, f"device '{name}'", DeviceError)
    memory = table.get("memory")
    if name in device_names() or not isinstance(memory, Mapping):
        return table
    named = {k: v for k in ("mapper", "schedule") if isinstance(v := memory.get(k), str)}
    folder = Path(name).parent
    return {
        **table,
        "memory": {**memory, **{k: sought_in(folder, v, ".py") for k, v in named.items()}},
    }


def _text_of(name: str, of: str = "") -> str:
    """Return what a preset or a file says; ``of`` is the file that it is the base of."""
    if name in device_names():
        return read_text(_PRESETS / f"{name}.toml", "device file", "another preset", DeviceError)
    path = Path(name)
    if path.suffix != ".toml" and not is_there(path):
        raise DeviceError(unknown_on_shelf("device", name, device_names()))
    what = f"base of '{of}', device file" if of else "device file"
    return read_text(path, what, "an existing .toml file", DeviceError)


def _laid_over(base: Table, own: Table) -> Table:
    """Return a base with a file on top, and what goes along with a number that the file says."""
    return streams_along(base, own, _merged(base, own))


def _merged(base: Mapping[str, object], over: Mapping[str, object], path: str = "") -> Table:
    """Return ``base`` with ``over`` laid on top: tables merge, lists and values replace.

    A mapping of numbers (by precision, by bin) is one value: its source speaks for all of it.
    A number that is laid over takes neither source nor range from below.
    """
    result = dict(base)
    if isinstance(ranges := base.get("range"), Mapping) and path:
        result["range"] = {key: ends for key, ends in ranges.items() if key not in over}
    for key, value in over.items():
        old = result.get(key)
        merge = is_table(value, path, key) and is_table(old, path, key)
        result[key] = _merged(old, value, f"{path}{key}.") if merge else value  # type: ignore[arg-type]
    return result
