"""The tables of a part's file, laid over those of the part that it is based on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from pathlib import Path

from dfsrt.base.errors import DeviceError
from dfsrt.base.names import sought_in
from dfsrt.base.tomlfile import Table, check_format, parse_table, read_text, shelf_names, shelf_path
from dfsrt.device.dram.schema import FORMAT

PARTS = Path(__file__).parent / "parts"


def part_chain(name: str) -> list[tuple[str, Table]]:
    """Return a part's file, on the shelf or elsewhere, and its bases, each with its name.

    A file's base lies on the shelf, or beside it.

    Raises:
        InputError: no such part.
        DeviceError: no TOML, or a base of itself.
    """
    chain = [(name, _read(name))]
    while "base" in (last := chain[-1][1]):
        base, where = last.pop("base"), f"dram '{chain[-1][0]}'"
        if not isinstance(base, str):
            raise DeviceError(f"{where}: base is not text; name a part or a .toml file")
        beside = sought_in(Path(chain[-1][0]).parent, base, ".toml")
        if beside in [known for known, _ in chain]:
            raise DeviceError(f"{where} is its own base; end that chain")
        chain.append((beside, _read(beside)))
    return chain


def merged(chain: Sequence[tuple[str, Table]]) -> Table:
    """Return what a chain of files says, the first one first."""
    return reduce(_merged, (raw for _, raw in reversed(chain)))


def _read(name: str) -> Table:
    path = shelf_path(name, PARTS, "dram")
    known = f"a .toml file or one of {', '.join(shelf_names(PARTS))}"
    raw = parse_table(read_text(path, "dram", known), f"dram '{name}'", DeviceError)
    check_format(raw.get("format", FORMAT), FORMAT, "dram", path)
    return raw


def _merged(base: Mapping[str, object], over: Mapping[str, object]) -> Table:
    """Tables merge; a number that is laid over takes neither source nor range from below."""
    result = dict(base)
    if isinstance(ranges := base.get("range"), Mapping):
        result["range"] = {key: ends for key, ends in ranges.items() if key not in over}
    for key, value in over.items():
        old = result.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        result[key] = _merged(old, value) if both else value  # type: ignore[arg-type]
    return result
