"""An imported profile in figures: its layers, and what each operator takes of the whole."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from dfsrt.recording.layer_times import LayerTime, LayerTimes
from dfsrt.report.schema import SCHEMA_VERSION


class OperatorTimes(msgspec.Struct, frozen=True, kw_only=True):
    """All layers of one operator; ``share`` is of the time, or of the cycles where there is none.

    ``time_s`` and ``cycles`` are null where the profile does not say them.
    """

    op: str
    layers: int
    time_s: float | None
    cycles: int | None
    share: float


class ProfileLayer(msgspec.Struct, frozen=True, kw_only=True):
    """One layer, as the profile has it; what that does not say is null, empty or a list of none."""

    name: str
    op: str
    target: str
    time_s: float | None
    cycles: int | None
    macs: int | None
    dram_bytes: float | None
    dtype: str
    input_shape: list[int]
    weight_shape: list[int]
    output_shape: list[int]


class ProfileReport(msgspec.Struct, frozen=True, kw_only=True):
    """A profile: where it is from, its sums, its operators from the longest on, its layers."""

    schema_version: int = SCHEMA_VERSION
    kind: str
    path: str
    sha256: str
    about: dict[str, str]
    notes: list[str]
    time_s: float | None
    cycles: int | None
    operators: list[OperatorTimes]
    layers: list[ProfileLayer]


def profile_report(times: LayerTimes) -> ProfileReport:
    """Return what there is to say of a profile."""
    return ProfileReport(
        kind=times.kind,
        path=times.path,
        sha256=times.sha256,
        about=dict(times.about),
        notes=list(times.notes),
        time_s=times.total_s,
        cycles=_cycles(times.rows),
        operators=_operators(times),
        layers=[_layer(row) for row in times.rows],
    )


def _cycles(rows: Sequence[LayerTime]) -> int | None:
    counts = [row.cycles for row in rows if row.cycles is not None]
    return sum(counts) if counts else None


def _operators(times: LayerTimes) -> list[OperatorTimes]:
    by_op: dict[str, list[LayerTime]] = {}
    for row in times.rows:
        by_op.setdefault(row.op, []).append(row)
    whole = times.total_s if times.total_s is not None else _cycles(times.rows)
    operators = []
    for op, rows in by_op.items():
        seconds = [row.time_s for row in rows if row.time_s is not None]
        time_s, cycles = (math.fsum(seconds) if seconds else None), _cycles(rows)
        part = time_s if times.total_s is not None else cycles
        operators.append(
            OperatorTimes(
                op=op,
                layers=len(rows),
                time_s=time_s,
                cycles=cycles,
                share=(part or 0) / whole if whole else 0.0,
            )
        )
    return sorted(operators, key=lambda o: -o.share)


def _layer(row: LayerTime) -> ProfileLayer:
    return ProfileLayer(
        name=row.name,
        op=row.op,
        target=row.target,
        time_s=row.time_s,
        cycles=row.cycles,
        macs=row.macs,
        dram_bytes=row.dram_bytes,
        dtype=row.dtype,
        input_shape=list(row.input_shape),
        weight_shape=list(row.weight_shape),
        output_shape=list(row.output_shape),
    )
