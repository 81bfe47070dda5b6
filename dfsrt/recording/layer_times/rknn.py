"""The table of layers that rknn-toolkit2's ``eval_perf`` and the runtime's ``perf_debug`` print.

Source: tables that people show in issues and blogs, of SDK 1.3 to 2.3. Columns come and go with
the SDK, so they are found by name; a log's prefixes, its other lines and rows broken in two are
read past. ``eval_perf.csv``, which the toolkit writes beside, has the same columns.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.recording.layer_times.layer_time import LayerTime
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
_PREFIX = re.compile(r"^[\s|>]*(?:.{0,60}?\b[VDIWE] ?RKNN\w*\s*:\s*)?(?:\[[\d:. ]+\]\s*)?")
_HEADER = re.compile(r"ID\s+Op\s?Type\s")
_CSV_HEADER = re.compile(r'"?ID"?\s*,\s*"?Op\s?Type')
_CSV_ROW = re.compile(r'"?(?:ID|\d+)"?\s*,')
_HEAD = re.compile(
    r"(?:DDR|NPU|CPU|GPU|Total|Max) ?Cycles\b|Task (?:Number|Size)|Lut Number|Regcmd Size"
    r"|(?:Op|Data) Type|(?:Input|Output) Shape|Full Name|\S+"
)
_ROW = re.compile(r"\d+\s+[A-Za-z_]")
_TOTAL = re.compile(
    r"Total Operator Elapsed (?:Per Frame )?Time\s*(\([^()]*\))[\s\",:]*([^\s\",]*)"
)
_CYCLES = re.compile(r"Cycles\(([^()]*)\)")
_SHAPE = re.compile(r"\(([\d,]*)\)")
_VERSION = re.compile(
    r"(?:librknnrt version|rknnrt|rknn-toolkit2 version|librknn_api version)\s*:\s*(\d[\w.]*)"
)
_CLOCK = re.compile(r"NPU Current Frequency List:\s*- (\d+)")
_NOTHING = "\\"


@dataclass(slots=True)
class _Table:
    """Lines of one table, each row with the number of its first one, and its stated total.

    ``ended`` says whether the total's line has an end, ``is_csv`` whether commas were between.
    """

    heads: tuple[str, ...]
    rows: list[tuple[int, str]] = field(default_factory=list)
    total: tuple[str, str] | None = None
    ended: bool = True
    is_csv: bool = False

    def add(self, number: int, line: str) -> None:
        """Take a line: a row, or the rest of one."""
        if self.rows and self._lacks(line):
            first, text = self.rows[-1]
            self.rows[-1] = (first, f"{text} {line}")
        elif _ROW.match(line):
            self.rows.append((number, line))

    def _lacks(self, line: str) -> bool:
        """Whether ``line`` is what the last row lacks, or a part of it that begins no row."""
        lacking = len(self.heads) - len(_cells(self.rows[-1][1], len(self.heads)))
        words = len(_cells(line, len(self.heads)))
        return words == lacking or (1 < words < lacking and _ROW.match(line) is None)


def profile(path: Path, data: bytes) -> Profile:
    """Return the layers of the last table in the text.

    A name is that of the ONNX node, ``FullName`` without its operator; ``cycles`` are the NPU's
    by the compiler's reckoning, ``dram_bytes`` what the layer reads and writes.

    Raises:
        InputError: no table, an unknown version or unit, bad rows, or a table that is cut short.
    """
    text = decoded(path, data, TOOL)
    lines = [_PREFIX.sub("", line).strip() for line in (text + "\0").splitlines()]
    tables = [table for table in _tables(lines) if table.rows]
    if not tables:
        raise _no_table(path, text)
    timed = [table for table in tables if table.total is not None]
    table = (timed or tables)[-1]
    out = Profile(path)
    if len(tables) > 1:
        out.notes.append(f"the text holds {len(tables)} tables of layers; the last one is read")
    _read(table, out)
    out.finish(TOOL)
    _check_total(table, out)
    for key, pattern in (("sdk", _VERSION), ("npu_hz", _CLOCK)):
        if match := pattern.search(text):
            out.about[key] = match[1]
    return out


def _tables(lines: Iterable[str]) -> list[_Table]:
    tables: list[_Table] = []
    is_open = False
    for number, line in enumerate(lines, start=1):
        is_csv = _CSV_HEADER.match(line) is not None
        if is_csv or (is_open and tables[-1].is_csv):
            line = _spaced(line)
        if _HEADER.match(line):
            heads = tuple(head.replace(" ", "") for head in _HEAD.findall(line))
            tables.append(_Table(heads, is_csv=is_csv))
            is_open = True
        elif is_open and (match := _TOTAL.search(line)):
            tables[-1].total = (match[1], match[2].rstrip("\0"))
            tables[-1].ended = "\0" not in line
            is_open = False
        elif is_open and line.strip("\0"):
            tables[-1].ended = "\0" not in line
            tables[-1].add(number, line.rstrip("\0"))
    return tables


def _spaced(line: str) -> str:
    """A row of ``eval_perf.csv`` with spaces in place of the commas between its cells."""
    if not _CSV_ROW.match(line):
        return line
    try:
        cells = next(csv.reader([line]))
    except csv.Error:
        return line
    return " ".join("".join(cell.split()) or _NOTHING for cell in cells)


def _no_table(path: Path, text: str) -> InputError:
    if re.search(r"Layer ID\s+Name\s+Operator", text):
        what = "is of RKNN-Toolkit 1; those of rknn-toolkit2 1.3 to 2.x are read"
    elif re.search(r"Total Time\s*\(", text):
        what = "holds a total alone; call init_runtime(perf_debug=True) and eval_perf() again"
    else:
        what = f"holds no table that begins 'ID OpType ...'; give what {TOOL} prints"
    return InputError(f"'{path}' {what}")


def _cells(text: str, columns: int) -> list[str]:
    """A row's cells: one word each, but for lists of shapes, loads with a share, and the name."""
    if " - Up:" in text:
        text = text.replace(" - Up:", "-Up:")
    if ", " in text:
        text = re.sub(r",\s+(?=[\d(.])", ",", text)
    return text.split(None, columns - 1)


def _read(table: _Table, out: Profile) -> None:
    layer = _layers(table.heads, out.path)
    for number, text in table.rows:
        cells = _cells(text, len(table.heads))
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
    if cell == _NOTHING:
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


def _check_total(table: _Table, out: Profile) -> None:
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
