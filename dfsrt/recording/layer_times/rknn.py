"""The table of layers that rknn-toolkit2's ``eval_perf`` and the runtime's ``perf_debug`` print.

Source: tables that people show in issues and blogs, of SDK 1.3 to 2.3. Columns come and go with
the SDK, so they are found by name; a log's prefixes, its other lines and rows broken in two are
read past. ``eval_perf.csv``, which the toolkit writes beside, has the same columns.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.recording.layer_times.layer_time import LayerTime
from dfsrt.recording.layer_times.rknn_table import NOTHING, RknnTable, cells_of, tables_in
from dfsrt.recording.layer_times.rows import (
    BadRowError,
    Profile,
    bytes_of,
    count_of,
    decoded,
    time_of,
    units_a_byte,
    units_a_second,
)
from dfsrt.recording.source import printable

TOOL = "rknn-toolkit2's eval_perf (perf_debug=True)"
NAME, OP, NPU = "FullName", "OpType", "NPUCycles"
_CYCLES = re.compile(r"Cycles\(([^()]*)\)")
_SHAPE = re.compile(r"\(([\d,]*)\)")
_VERSION = re.compile(
    r"(?:librknnrt version|rknnrt|rknn-toolkit2 version|librknn_api version)\s*:\s*(\d[\w.]*)"
)
_CLOCK = re.compile(r"NPU Current Frequency List:\s*- (\d+)")


def profile(path: Path, data: bytes) -> Profile:
    """Return the layers of the last table in the text whose layers have run.

    A name is that of the ONNX node, ``FullName`` without its operator; ``cycles`` are the NPU's
    by the compiler's reckoning, ``dram_bytes`` what the layer reads and writes.

    Raises:
        InputError: no table, an unknown version or unit, bad rows, or a table that is cut short.
    """
    text = decoded(path, data, TOOL)
    tables = tables_in(text)
    if not tables:
        raise _no_table(path, text)
    out = Profile(path)
    for table in reversed(tables):
        out = Profile(path)
        _read(table, out)
        if any(row.time_s for row in out.rows) or table is tables[0]:
            break
    out.finish(TOOL)
    if len(tables) > 1:
        out.notes.append(
            f"the text holds {len(tables)} tables of layers; the last that has run is read"
        )
    _check_total(table, out)
    for key, pattern in (("sdk", _VERSION), ("npu_hz", _CLOCK)):
        if match := pattern.search(text):
            out.about[key] = match[1]
    return out


def _no_table(path: Path, text: str) -> InputError:
    if re.search(r"Layer ID\s+Name\s+Operator", text):
        what = "is of RKNN-Toolkit 1; those of rknn-toolkit2 1.3 to 2.x are read"
    elif re.search(r"Total Time\s*\(", text):
        what = "holds a total alone; call init_runtime(perf_debug=True) and eval_perf() again"
    else:
        what = f"holds no table that begins 'ID OpType ...'; give what {TOOL} prints"
    return InputError(f"'{path}' {what}")


def _read(table: RknnTable, out: Profile) -> None:
    layer = _layers(table.heads, out.path)
    for number, text in table.rows:
        cells = cells_of(text, len(table.heads))
        try:
            if len(cells) == len(table.heads) - 1 and ":" not in cells[-1]:
                cells.append("")  # some versions leave a name out
            if len(cells) != len(table.heads):
                raise BadRowError(f"{len(cells)} values under {len(table.heads)} columns")
            out.rows.append(layer(cells))
        except BadRowError as reason:
            out.leave_out(f"line {number}", reason)
            if number == table.rows[-1][0] and table.total is None:
                raise _cut_short(out.path, f"ends in the row at line {number}") from reason


def _layers(heads: tuple[str, ...], path: Path) -> Callable[[list[str]], LayerTime]:
    """Return what makes a layer of a row's cells.

    Raises:
        InputError: columns that are missing, or of unknown units.
    """
    place = {head: n for n, head in reversed(list(enumerate(heads)))}
    times = [n for n, head in enumerate(heads) if head.startswith("Time")]
    moved = [n for n, head in enumerate(heads) if head.startswith("RW")]
    missing = [name for name in (OP, NAME) if name not in place] + ["Time(us)"] * (not times)
    if missing:
        raise InputError(
            f"'{path}' is of an unknown version: its table has columns "
            f"{printable(', '.join(heads), 120)} and lacks {', '.join(missing)}; SDK 1.3 to 2.3 "
            "is read"
        )
    per = units_a_second(heads[times[0]], path)
    size = units_a_byte(heads[moved[0]], path) if moved else 1.0
    npu_cycles = _npu_cycles(heads, place)

    def layer(cells: list[str]) -> LayerTime:
        shapes = _shapes(cells[place["InputShape"]]) if "InputShape" in place else []
        outputs = _shapes(cells[place["OutputShape"]]) if "OutputShape" in place else []
        bytes_moved = None if not moved else bytes_of(cells[moved[0]], size, heads[moved[0]])
        return LayerTime(
            name=_node(cells[place[NAME]]),
            op=cells[place[OP]],
            time_s=time_of(cells[times[0]], per, heads[times[0]]),
            cycles=npu_cycles(cells),
            dram_bytes=bytes_moved,
            input_shape=shapes[0] if shapes else (),
            output_shape=outputs[0] if outputs else (),
            dtype=cells[place["DataType"]].lower() if "DataType" in place else "",
            weight_shape=shapes[1] if len(shapes) > 1 and "Conv" in cells[place[OP]] else (),
            target=cells[place["Target"]].lower() if "Target" in place else "",
        )

    return layer


def _npu_cycles(heads: tuple[str, ...], place: dict[str, int]) -> Callable[[list[str]], int | None]:
    joined = [(n, m[1].split("/")) for n, h in enumerate(heads) if (m := _CYCLES.fullmatch(h))]
    if NPU in place:
        at = place[NPU]
        return lambda cells: count_of(cells[at], NPU)
    if joined and "NPU" in joined[0][1]:
        column, names = joined[0]

        def cycles(cells: list[str]) -> int:
            parts = cells[column].split("/")
            if len(parts) != len(names):
                raise BadRowError(f"'{printable(cells[column])}' under {heads[column]}")
            return count_of(parts[names.index("NPU")], heads[column])

        return cycles
    return lambda cells: None


def _shapes(cell: str) -> list[tuple[int, ...]]:
    if cell == NOTHING:
        return []
    return [
        tuple(int(side) for side in shape.split(",") if side)
        for shape in _SHAPE.findall(cell)
        if len(shape) < 200
    ]


def _node(full_name: str) -> str:
    """The node's name: ``FullName`` is ``Conv:/model.0/conv/Conv``, the operator before a colon."""
    op, colon, name = full_name.partition(":")
    return name if colon and name and op.isidentifier() else full_name


def _check_total(table: RknnTable, out: Profile) -> None:
    total_s = math.fsum(row.time_s or 0.0 for row in out.rows)
    if total_s == 0:
        _drop_times(out)
        return
    if table.total is None and table.is_csv and table.ended:
        out.notes.append("the file states no total, so that rows may be missing at its end")
        return
    if table.total is None:
        raise _cut_short(out.path, "has no line 'Total Operator Elapsed ...' after its table")
    per = units_a_second(table.total[0], out.path)
    try:
        stated_s = time_of(table.total[1], per, "the total")
    except BadRowError as reason:
        raise InputError(f"'{out.path}': {reason}; give all that {TOOL} prints") from reason
    rounding_s = (len(out.rows) / 2 + 1) * 1e-6
    if abs(total_s - stated_s) > rounding_s:
        share = total_s / stated_s if stated_s else math.inf
        out.check_whole(share, "the time that it states", TOOL, table.ended)


def _drop_times(out: Profile) -> None:
    """Take a compiler's own table, printed while it builds: no layer has run yet."""
    out.rows[:] = [replace(row, time_s=None) for row in out.rows]
    out.notes.append("all times are 0: the compiler's own table, whose layers have not run")


def _cut_short(path: Path, what: str) -> InputError:
    return InputError(f"'{path}' {what}: it is cut short or edited; give all that {TOOL} prints")
