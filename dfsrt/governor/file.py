"""Governor files: a governor with its parameters, and where they come from, as TOML."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from dfsrt.base.names import NameSpec
from dfsrt.base.plugin import beside
from dfsrt.base.tomlfile import check_format, read_toml
from dfsrt.base.tomltext import TomlValue, toml_text

FORMAT = 1


class GovernorFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a governor file holds; every option is written as it would be typed.

    ``parameters`` are the governor's own, by name. ``provenance`` is for people: nothing reads it.
    """

    format: int
    governor: str
    guard: str | float | None = None
    set_points: list[str] | None = None
    parameters: dict[str, str | float] = {}
    provenance: dict[str, object] = {}


def is_governor_file(name: str) -> bool:
    """Whether ``name`` stands for a file rather than for a registered governor."""
    return name.lower().endswith(".toml")


def read_governor_file(path: Path) -> NameSpec:
    """Return the governor of the file at ``path``, as if its name and options had been typed.

    A Python file that it names is sought beside it.

    Raises:
        InputError: no such file, no TOML, or a key that does not fit.
    """
    give = "a file that 'dfsrt tune' wrote, or a governor's name"
    read = read_toml(path, GovernorFile, "governor file", give=give)
    check_format(read.format, FORMAT, "governor file", path)
    return NameSpec(beside(read.governor, path.parent), _options(read))


def _options(read: GovernorFile) -> dict[str, str]:
    options = {name: str(value) for name, value in read.parameters.items()}
    if read.guard is not None:
        options["guard"] = str(read.guard)
    if read.set_points is not None:
        options["set_points"] = "+".join(read.set_points)
    return options


def governor_file_text(spec: NameSpec, provenance: Mapping[str, TomlValue]) -> str:
    """Return the text of a governor file that reads back as ``spec``."""
    own = dict(spec.options)
    document: dict[str, TomlValue] = {"format": FORMAT, "governor": spec.name}
    if "guard" in own:
        document["guard"] = own.pop("guard")
    if "set_points" in own:
        document["set_points"] = own.pop("set_points").split("+")
    return toml_text({**document, "parameters": own, "provenance": dict(provenance)})
