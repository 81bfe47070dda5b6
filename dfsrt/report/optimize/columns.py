"""Steps as columns: for CSV files and data frames."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from dfsrt.base.json import Json
from dfsrt.report.optimize.schema import OptimizeReport


def columns(report: OptimizeReport) -> dict[str, list[Json]]:
    """Return the rows as columns of one length; what has parts has a column for each."""
    rows = [_flat(msgspec.to_builtins(row)) for row in report.rows]
    names = dict.fromkeys(name for row in rows for name in row)
    whole = {name for name in names if any(other.startswith(f"{name}.") for other in names)}
    return {name: [row.get(name) for row in rows] for name in names if name not in whole}


def _flat(entry: Mapping[str, Json], above: str = "") -> dict[str, Json]:
    """Return an entry's values by their path, a list of texts as one text."""
    flat: dict[str, Json] = {}
    for name, value in entry.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{above}{name}.")
        else:
            flat[above + name] = "; ".join(map(str, value)) if isinstance(value, list) else value
    return flat
