"""What is told of an installation."""

from __future__ import annotations

import msgspec

SCHEMA_VERSION = 1


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """A package that dfsrt needs: which versions, and which is there; null where none is."""

    name: str
    needs: str
    version: str | None


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A part that dfsrt works without: packages, those missing, what for, and what brings it."""

    name: str
    packages: list[str]
    missing: list[str]
    what_for: str
    install: str


class CacheState(msgspec.Struct, frozen=True, kw_only=True):
    """A folder of what was worked out once.

    ``unusable`` says why nothing is kept there, else it is empty. ``damaged`` are files that are
    not as they were written: they are thrown away and made again when they are asked for.
    """

    folder: str
    exists: bool
    unusable: str
    files: int
    size_bytes: int
    damaged: list[str]


class MachineCode(msgspec.Struct, frozen=True, kw_only=True):
    """Compiled code that is shipped for ``platform``: the functions, and those that are damaged.

    Where there is none, the first use of each function compiles it, once.
    """

    platform: str
    functions: int
    damaged: list[str]


class Installation(msgspec.Struct, frozen=True, kw_only=True):
    """An installation, looked over; ``problems`` are what should be mended, each with the way."""

    schema_version: int = SCHEMA_VERSION
    dfsrt: str
    folder: str
    python: str
    packages: list[Package]
    parts: list[Part]
    cache: CacheState
    machine_code: MachineCode
    problems: list[str]
