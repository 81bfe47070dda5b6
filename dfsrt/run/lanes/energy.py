"""The energy of lanes' rows: each by what its own cores draw."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.power.components import COMPONENTS
from dfsrt.power.table import LayerTable
from dfsrt.run.energy import row_energy
from dfsrt.run.recorder import Rows


def lane_energy(tables: Sequence[LayerTable], rows: Rows) -> tuple[Floats, Floats, Ints]:
    """Return true joules of each row, watts while running, and the voltage at its start in µV.

    As ``row_energy`` does, by the table of each row's lane: energy and power are ``(n_rows,
    n_components)``, the voltage ``(n_rows,)``. Lanes add up to all that the device draws.
    """
    count = len(rows.times)
    energy_j, power = np.zeros((2, count, len(COMPONENTS)))
    rail_uv = np.zeros(count, dtype=np.int64)
    numbers = {id(table): k for k, table in enumerate(tables)}
    kind = np.array([numbers[id(table)] for table in tables])[rows["lane"]]
    for number in np.unique(kind).tolist():
        here = np.flatnonzero(kind == number)
        own = Rows({name: values[here] for name, values in rows.column.items()}, rows.times[here])
        energy_j[here], power[here], rail_uv[here] = row_energy(tables[number], own)
    return energy_j, power, rail_uv
