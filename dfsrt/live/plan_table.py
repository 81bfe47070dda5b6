"""A plan as a table for firmware: a clock and a voltage for each layer, in order."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import msgspec
import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.base.files import write_atomically
from dfsrt.base.json import encode
from dfsrt.governor.governor import Governor
from dfsrt.governor.registry import label
from dfsrt.live.outlook import Outlook
from dfsrt.run.clamp import planned

FORMAT = 1
SUFFIXES = (".csv", ".json")


class PlannedLayer(msgspec.Struct, frozen=True, kw_only=True):
    """A layer's clock and rail, and what is predicted there, in the capped domain."""

    layer: int
    name: str
    kind: str
    freq_hz: int
    rail_uv: int
    predicted_ns: int
    predicted_w: float


class PlanTable(msgspec.Struct, frozen=True, kw_only=True):
    """What a governor plans for a network on a board; ``cap_w`` is null without a cap."""

    format: int = FORMAT
    network: str
    device: str
    board: str
    governor: str
    cap_w: float | None
    cap_domain: str
    layers: list[PlannedLayer]


def plan_table(governor: Governor, outlook: Outlook, board: str) -> PlanTable:
    """Return the plan of a governor, clamped to what the board's clocks allow.

    Raises:
        InputError: no network was named.
    """
    job = outlook.job
    if job is None:
        raise InputError("a table of layers needs a network; name it: 'dfsrt live dry-run NETWORK'")
    layers: list[PlannedLayer] = []
    for first, stop in job.table.sections:
        layers += _section(governor, outlook, first, stop)
    cap_w = job.power_cap.first_w
    return PlanTable(
        network=job.table.network,
        device=job.npu.name,
        board=board,
        governor=label(governor),
        cap_w=cap_w if np.isfinite(cap_w) else None,
        cap_domain=str(job.cap_domain),
        layers=layers,
    )


def _section(governor: Governor, outlook: Outlook, first: int, stop: int) -> list[PlannedLayer]:
    view = outlook.view.of_layers(first, stop)
    plan = planned(governor, view, outlook.opps)
    at = np.searchsorted(view.set_points_uv, plan.rail_uv)
    rows = np.arange(view.n_layers)
    watts = view.predicted_w[rows, plan.level, at]
    load = outlook.job.table.load if outlook.job is not None else None
    return [
        PlannedLayer(
            layer=first + row,
            name="" if load is None else load.names[first + row],
            kind="" if load is None else load.kinds[first + row],
            freq_hz=int(view.freqs_hz[level]),
            rail_uv=int(plan.rail_uv[row]),
            predicted_ns=int(view.duration_ns[row, level]),
            predicted_w=float(watts[row]),
        )
        for row, level in enumerate(plan.level.tolist())
    ]


def check_export_path(path: Path) -> None:
    """Check that ``path`` ends in a format that plans come in.

    Raises:
        InputError: another ending.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"--export '{path}' is neither .csv nor .json; name it like 'plan.csv'")


def write_plan(table: PlanTable, path: Path) -> None:
    """Write a plan to ``path``, as ``.json`` whole, as ``.csv`` its layers alone.

    Raises:
        OutputError: ``path`` cannot be written.
    """
    data = encode(table) + b"\n" if path.suffix.lower() == ".json" else _csv(table).encode()
    write_atomically(path, lambda beside: beside.write_bytes(data))


def _csv(table: PlanTable) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(PlannedLayer.__struct_fields__)
    writer.writerows(msgspec.structs.astuple(layer) for layer in table.layers)
    return text.getvalue()
