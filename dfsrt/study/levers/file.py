"""Ladders from files: the one that is shipped, and levers of one's own."""

from __future__ import annotations

from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.tomlfile import check_format, read_toml
from dfsrt.study.levers.applies import NEEDS
from dfsrt.study.levers.lever import Lever
from dfsrt.world.schema import Table

FORMAT = 1
SHIPPED = Path(__file__).with_name("ladder.toml")


class LeversFile(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Each ``lever``, in order; with a ``baseline`` the file takes the place of the shipped one."""

    format: int
    baseline: Lever | None = None
    lever: tuple[Lever, ...] = ()


def read_levers(path: Path) -> LeversFile:
    """Return the levers of a file.

    Raises:
        InputError: no such file, a key or a value that does not fit, two levers of one name, one
            that changes nothing, or a need that nobody knows.
    """
    file = read_toml(path, LeversFile, "levers file")
    check_format(file.format, FORMAT, "levers file", path)
    if not file.lever and file.baseline is None:
        raise InputError(f"levers file '{path}' has no [[lever]]; write one, or leave it out")
    for number, lever in enumerate(file.lever):
        _check(lever, [other.name for other in file.lever[:number]], path)
    return file


def _check(lever: Lever, before: list[str], path: Path) -> None:
    where = f"levers file '{path}', lever '{lever.name}'"
    if not lever.name.strip() or "," in lever.name:
        raise InputError(f"{where}: a name has at least a letter, and no comma; give it another")
    if lever.name in before:
        raise InputError(f"{where} stands there twice; give one of them another name")
    if lever.needs not in ("", *NEEDS):
        raise InputError(
            f"{where}: needs '{lever.needs}' is unknown; use one of {', '.join(NEEDS)}"
        )
    if not lever.changes():
        raise InputError(
            f"{where} changes nothing; give it a table: run, load, device, dram or component"
        )


def merged(shipped: LeversFile, own: LeversFile) -> LeversFile:
    """Return the shipped levers with those of one's own in their place, or after them."""
    by_name = {lever.name: lever for lever in (*shipped.lever, *own.lever)}
    return LeversFile(
        format=FORMAT, baseline=own.baseline or shipped.baseline, lever=tuple(by_name.values())
    )
