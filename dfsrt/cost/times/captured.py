"""Layer times of a capture: each kernel's mean over the runs that 'dfsrt capture' kept."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import msgspec

from dfsrt.base.errors import InputError
from dfsrt.base.reading import read_bytes
from dfsrt.base.shelf import find_entry
from dfsrt.base.tomlfile import read_toml
from dfsrt.cost.times.kernels import MAX_BYTES, kernel_means
from dfsrt.cost.times.measured import MeasuredTimes, TimedRow

LAYERS, CARD = "layers.parquet", "card.toml"
_GIVE = f"the folder that 'dfsrt capture' wrote, or its {LAYERS}"


class _About(msgspec.Struct, frozen=True):
    model: str = ""
    model_sha256: str = ""


class _Card(msgspec.Struct, frozen=True):
    source: str = ""
    capture: _About = _About()


def captured_times(name: str) -> MeasuredTimes:
    """Return the layer times of a capture's folder, of its table, or of a trace on the shelf.

    A kernel that ran several times in a run counts with their sum; where kernels lie in the first
    run is their order.

    Raises:
        InputError: no capture, one cut short or too large, or a time that is missing or negative.
    """
    path = _table_path(name)
    rows, sha256 = _rows(path)
    card = _card(path.parent / CARD)
    return MeasuredTimes(
        "capture",
        name,
        sha256,
        rows,
        card.source,
        model=card.capture.model,
        model_sha256=card.capture.model_sha256,
        own_nodes=True,
    )


def _table_path(name: str) -> Path:
    entry = find_entry("traces", name)
    path = Path(name) if entry is None else entry
    table = path / LAYERS if path.is_dir() else path
    if not table.is_file():
        what = f"has no {LAYERS}" if path.is_dir() else "does not exist"
        raise InputError(f"capture '{name}' {what}; give {_GIVE}")
    if table.suffix.lower() != ".parquet":
        raise InputError(f"capture '{name}' is no Parquet file; give {_GIVE}")
    return table


def _card(path: Path) -> _Card:
    return read_toml(path, _Card, "card", give=_GIVE) if path.is_file() else _Card()


def _rows(path: Path) -> tuple[tuple[TimedRow, ...], str]:
    from pyarrow import ArrowException

    try:
        data = read_bytes(path, MAX_BYTES)
        rows = kernel_means(data, str(path))
    except (ArrowException, OSError, LookupError, TypeError, OverflowError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        why = re.sub(r"\s+", " ", str(error))[:200] or type(error).__name__
        raise InputError(f"capture '{path}' cannot be read ({why}); give {_GIVE}") from error
    return rows, hashlib.sha256(data).hexdigest()
