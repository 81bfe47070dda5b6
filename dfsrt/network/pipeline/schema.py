"""The pipeline file: what TOML may say, before its parameters are filled in."""

from __future__ import annotations

import msgspec

from dfsrt.network.reading import Branch

FORMAT = 1

Number = int | str
"""A whole number, or the name of a parameter."""
Value = bool | int | float | str | list[bool | int | float | str]
"""A value of an input, or the name of a parameter."""


class ParameterTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A number that users may set.

    ``choices`` names the allowed values, numbers or texts; else a whole number from ``low`` to
    ``high``.
    """

    default: int | str
    help: str
    low: int = 1
    high: int = 1_000_000
    choices: dict[str, int | str] | None = None


class HostTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Time on the host: a fixed part and one for each pixel, with where the numbers come from.

    ``low`` and ``high`` are the ends of the range that ``ns_per_pixel`` may lie in.
    """

    ns_per_pixel: float = 0.0
    pixels: list[Number] = []
    fixed_us: float = 0.0
    source: str
    low: float | None = None
    high: float | None = None


class StageTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A stage: a network and how it is read, or time on the host; ``set`` gives inputs a value.

    ``steps`` make the network smaller, as in ``int8,prune``; a parameter's name is its value.
    """

    name: str
    on: str = "all"
    network: str | None = None
    dims: dict[str, Number] = {}
    set: dict[str, Value] = {}
    branch: Branch = "larger"
    trips: dict[str, Number] = {}
    steps: str = ""
    host: HostTable | None = None
    repeat: Number = 1
    loop: str = ""


class PipelineFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole file: each ``stage`` in order, and ``parameters`` that users may set, by name."""

    format: int
    name: str
    description: str
    source: str
    key_every: Number = 1
    parameters: dict[str, ParameterTable] = {}
    stage: list[StageTable]
    notes: dict[str, object] = {}
