"""DRAM by name or file: the shelf of parts, and what a name may choose besides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dfsrt.base.errors import DeviceError, InputError
from dfsrt.base.names import NameSpec, parse_name_spec, unknown_name
from dfsrt.base.tomlfile import Table, fit_table, shelf_names
from dfsrt.device.dram.address import parse_map
from dfsrt.device.dram.build import build_dram, layout_of
from dfsrt.device.dram.dram import Dram
from dfsrt.device.dram.schema import PartFile
from dfsrt.device.dram.tables import PARTS, merged, part_chain
from dfsrt.device.provenance import check_numbers

OPTIONS = ("channels", "map", "layout", "powers_down")
"""What the name of a part may choose besides the part."""

_SAID = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_HEAD = ("format", "name", "description")


def dram_names() -> tuple[str, ...]:
    """Return the names of the parts on the shelf, sorted."""
    return shelf_names(PARTS)


def load_dram(text: str | NameSpec) -> Dram:
    """Return the DRAM that ``text`` names: a part, or a file of one, with options.

    ``NAME[:channels=2][:map=ORDER][:layout=LAYOUT][:powers_down=yes]``.

    Raises:
        InputError: no such part, an unknown option, or a map that misses a field of the part.
        DeviceError: a file that breaks a rule.
    """
    spec = text if isinstance(text, NameSpec) else parse_name_spec(text, "dram")
    for option in spec.options:
        if option not in OPTIONS:
            raise InputError(unknown_name("dram option", option, OPTIONS))
    file = read_part(spec.name)
    part = build_dram(file, file.name, file.description)
    return checked(f"dram '{spec.name}'", lambda: _chosen(part, spec))


def read_part(name: str) -> PartFile:
    """Return the checked content of a part on the shelf or of a ``.toml`` file.

    Raises:
        InputError: no such part.
        DeviceError: a file that breaks a rule.
    """
    chain, where = part_chain(name), f"dram '{name}'"
    file = fit_table(merged(chain), PartFile, where, DeviceError)
    for own_name, raw in chain:  # a number that overrides its base's may not borrow its source
        check_numbers(raw, f"dram '{own_name}'")
    checked(where, lambda: build_dram(file, file.name))
    return file


def part_tables(name: str) -> Table:
    """Return what the file of a part says besides its name, as a device's ``[dram]`` has it.

    Raises:
        InputError: no such part.
        DeviceError: a file that breaks a rule.
    """
    read_part(name)
    return {key: value for key, value in merged(part_chain(name)).items() if key not in _HEAD}


def checked(where: str, make: Callable[[], Dram]) -> Dram:
    """Return what ``make`` does; its errors begin with ``where``.

    Raises:
        DeviceError: a number that breaks a rule.
        InputError: a choice that cannot be used.
    """
    try:
        return make()
    except DeviceError as error:
        raise DeviceError(f"{where}: {error}") from error
    except InputError as error:
        raise InputError(f"{where}: {error}") from error


def _chosen(dram: Dram, spec: NameSpec) -> Dram:
    said = spec.options
    return replace(
        dram,
        channels=_count(said["channels"]) if "channels" in said else dram.channels,
        map=parse_map(said["map"]) if "map" in said else dram.map,
        layout=layout_of(said["layout"]) if "layout" in said else dram.layout,
        powers_down=_yes(said["powers_down"]) if "powers_down" in said else dram.powers_down,
    )


def _count(text: str) -> int:
    if not text.isdecimal() or len(text) > 6:
        raise InputError(f"channels '{text}' is no whole number; give a power of two, like 2")
    return int(text)


def _yes(text: str) -> bool:
    if text.lower() not in _SAID:
        raise InputError(f"powers_down '{text}' is unknown; give yes or no")
    return _SAID[text.lower()]
