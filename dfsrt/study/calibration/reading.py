"""Sources: files of measurements by what they hold, and what was observed in them."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.names import NameSpec
from dfsrt.base.tomlfile import read_text
from dfsrt.study.calibration.measured import join_repeats, read_networks
from dfsrt.study.calibration.observed import (
    Observation,
    Settings,
    observe_layers,
    observe_networks,
)

_DIGITS = 12
"""Hex digits of a file's SHA-256 that say which file it was."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file of measurements and what was observed in it."""

    path: str
    sha256: str
    observed: tuple[Observation, ...]

    def __str__(self) -> str:
        return f"{Path(self.path).name} (sha256 {self.sha256[:_DIGITS]})"


def read_sources(spec: NameSpec, measured: Sequence[str], said: Settings) -> list[Source]:
    """Return what files of measurements hold, on the device of ``spec``.

    Repeated readings of networks are one observation, in whichever of the files they stand.

    Raises:
        InputError: no file, one that is given twice, or that is neither of networks nor of layers,
            or what does not fit in it.
    """
    if not measured:
        raise InputError("no measurements are given; give a .csv file with --measured")
    if len(set(measured)) < len(measured):
        raise InputError("a file of measurements is given twice; give each once")
    paths = [Path(text) for text in measured]
    kinds = [_kind(path) for path in paths]
    networks = [path for path, kind in zip(paths, kinds, strict=True) if kind == "networks"]
    rows = {path: read_networks(path) for path in networks}
    joined = join_repeats([row for path in networks for row in rows[path]])
    sources = []
    for path, kind in zip(paths, kinds, strict=True):
        if kind == "networks":
            own = [row for row in joined if row in rows[path] or _begins(row.where, path)]
            observed = tuple(observe_networks(spec, own))
        else:
            observed = tuple(observe_layers(spec, path, said))
        sources.append(Source(str(path), _sha256(path), observed))
    return sources


def _begins(where: str, path: Path) -> bool:
    return where.startswith(f"measurements '{path}', ")


def _kind(path: Path) -> str:
    """``networks`` or ``layers``, by a file's columns."""
    text = read_text(path, "measurements", "a .csv file of networks or layers")
    columns = {name.strip() for name in next(csv.reader(text.splitlines()), [])}
    if "measured_us" in columns:
        return "layers"
    if "network" in columns:
        return "networks"
    raise InputError(
        f"measurements '{path}' are neither of networks (columns network, latency_s) nor of layers "
        "(columns op, measured_us and sizes); give one of these"
    )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
