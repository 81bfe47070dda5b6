"""The file of zeros: each layer's share of zero inputs and of zero weights, as CSV."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.tomlfile import read_text

COLUMNS = ("layer", "zero_inputs", "zero_weights")
_GIVE = "a CSV file that 'dfsrt activity' wrote"
_FORM = f"its first line is {','.join(COLUMNS)}"


@dataclass(frozen=True, slots=True)
class Share:
    """What of a layer's inputs and of its weights is zero, 0 to 1; None where nobody says."""

    zero_inputs: float | None
    zero_weights: float | None


@dataclass(frozen=True, slots=True)
class ZerosFile:
    """A file's shares by layer, and the SHA-256 of its text."""

    path: str
    sha256: str
    shares: Mapping[str, Share]

    def __str__(self) -> str:
        return f"{self.path} (sha256 {self.sha256[:12]})"


def read_zeros(path: Path) -> ZerosFile:
    """Return the shares of zeros in the CSV file at ``path``.

    Raises:
        InputError: no such file, not CSV of this form, a layer twice, or a share that is none.
    """
    text = read_text(path, "activity", _GIVE)
    try:
        lines = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text))]
    except csv.Error as error:
        raise InputError(f"activity '{path}' is no CSV file ({error}); give {_GIVE}") from error
    shares = _shares([(n, row) for n, row in enumerate(lines, 1) if any(row)], path)
    return ZerosFile(str(path), hashlib.sha256(text.encode()).hexdigest(), shares)


def zeros_text(shares: Mapping[str, Share]) -> str:
    """Return shares by layer as the text that ``read_zeros`` reads."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for layer, share in shares.items():
        writer.writerow([layer, _cell(share.zero_inputs), _cell(share.zero_weights)])
    return text.getvalue()


def _cell(share: float | None) -> str:
    return "" if share is None else f"{share:.6g}"


def _shares(lines: Sequence[tuple[int, list[str]]], path: Path) -> dict[str, Share]:
    if not lines or sorted(lines[0][1]) != sorted(COLUMNS):
        raise InputError(f"activity '{path}' is no file of zeros: {_FORM}; give {_GIVE}")
    heads, shares = lines[0][1], dict[str, Share]()
    for number, cells in lines[1:]:
        where = f"activity '{path}', line {number}"
        if len(cells) != len(heads):
            raise InputError(f"{where} has {len(cells)} cells instead of {len(heads)}; {_FORM}")
        row = dict(zip(heads, cells, strict=True))
        if row["layer"] in shares:
            raise InputError(f"{where} has layer '{row['layer']}' again; give each layer once")
        shares[row["layer"]] = Share(*(_share(row[name], name, where) for name in COLUMNS[1:]))
    return shares


def _share(cell: str, name: str, where: str) -> float | None:
    if not cell:
        return None
    try:
        share = float(cell)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:  # no number is in no range, either
        raise InputError(f"{where}: {name} is '{cell[:40]}'; allowed is a share from 0 to 1")
    return share
