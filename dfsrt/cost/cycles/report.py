"""A cycle report: what another simulator says a network's layers take, as its file has them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.names import parse_kind
from dfsrt.base.reading import read_bytes as read_file

MAX_BYTES = 64 * 2**20
"""Larger reports are refused; the longest real ones, ZigZag's, have about 100 kB a layer."""
MAX_CYCLES = 10**15

READERS = {
    "scalesim": "scalesim",
    "zigzag": "zigzag",
    "maestro": "maestro",
    "rknn": "rknn",
    "vela": "vela",
}
"""Simulators and compilers, and the modules here with ``rows(path)`` for each.

One whose report may leave the layers' order open has ``ordered(path)`` too.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One layer of a report; ``name`` is empty where the report only numbers its layers.

    ``other_names`` are of what the name may stand for, the likelier first.
    """

    name: str
    cycles: int
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CycleReport:
    """A report's layers; ``sha256`` is of the file, or of a folder's files in order.

    ``ordered`` says whether the rows are known to be in the order in which the layers run.
    """

    kind: str
    path: str
    sha256: str
    rows: tuple[Row, ...]
    ordered: bool = True

    def __str__(self) -> str:
        return f"{self.kind}:{self.path}"


def load_cycles(text: str) -> CycleReport:
    """Return the report that a text like ``scalesim:FILE`` or ``zigzag:FOLDER`` names.

    Raises:
        InputError: another form or kind, a missing, large or broken file, or no layers.
    """
    kind, name = parse_kind(text, READERS, "cycles", "scalesim:COMPUTE_REPORT.csv")
    module = import_module(f"dfsrt.cost.cycles.{READERS[kind]}")
    read: Callable[[Path], tuple[list[Row], bytes]] = module.rows
    rows, data = read(Path(name))
    if not rows:
        raise InputError(f"'{name}' names no layer; give a {kind} report with a row for each")
    in_order = module.ordered(Path(name)) if hasattr(module, "ordered") else True
    return CycleReport(kind, name, hashlib.sha256(data).hexdigest(), tuple(rows), in_order)


def read_bytes(path: Path) -> bytes:
    """Return a report's bytes.

    Raises:
        InputError: the file is missing, no regular file, empty or too large.
    """
    if not path.is_file():
        told = "is a folder" if path.is_dir() else "does not exist"
        raise InputError(f"'{path}' {told}; give the simulator's report")
    try:
        data = read_file(path, MAX_BYTES)
        if not data:
            raise InputError(f"'{path}' has 0 bytes; a report has from 1 to {MAX_BYTES:,}")
        return data
    except OSError as error:
        raise InputError(f"cannot read '{path}': {error.strerror}; give a readable file") from error


def whole_cycles(value: object, where: str) -> int:
    """Return a number of cycles, a broken one rounded up.

    Raises:
        InputError: no number, not finite, negative or above 10^15.
    """
    try:
        cycles = float(str(value))
    except ValueError:
        cycles = math.nan
    if not 0 <= cycles <= MAX_CYCLES:
        raise InputError(f"{where}: '{str(value)[:40]}' is no number of cycles from 0 to 10^15")
    return math.ceil(cycles)
