"""Vela's ``*_per-layer.csv``, Arm's compiler for Ethos-U (``--verbose-performance``).

Source: files of Vela 3.x, 4.x and 5.2. Versions up to 4 name the columns ``TFLite_operator`` and
``SRAM Usage``, 5 with its new compiler ``Original Operator``, ``Target`` and ``Staging Usage``,
and does not quote names with commas. A network of several parts has a header for each.
"""

from __future__ import annotations

import csv
import math
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.recording.layer_times.layer_time import LayerTime
from dfsrt.recording.layer_times.rows import BadRowError, Profile, count_of, decoded
from dfsrt.recording.source import printable

TOOL = "vela --verbose-performance"
NPU, MACS, NAME, KIND = "NPU", "MAC Count", "Name", "NNG Operator"
_NEEDED = (NPU, MACS, NAME, KIND)
_SHARES = ("Network% (cycles)", "Network%")


def profile(path: Path, data: bytes) -> Profile:
    """Return the layers; ``cycles`` are the NPU's own, without those of memory.

    The file has no times: Vela reckons cycles, and the clock is the user's.

    Raises:
        InputError: no such table, bad rows, or a table that is cut short.
    """
    text = decoded(path, data, TOOL)
    out = Profile(path)
    try:
        lines = [[cell.strip() for cell in line] for line in csv.reader(text.splitlines())]
    except csv.Error as error:
        raise InputError(f"'{path}' is no CSV file of {TOOL} ({error})") from error
    heads = _heads(lines[0] if lines else [], path)
    shares: list[float] = []
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cells) or cells == heads:
            continue
        try:
            out.rows.append(_layer(heads, cells, shares))
        except BadRowError as reason:
            if number == len(lines):
                raise InputError(
                    f"'{path}', line {number}, the last: {reason}; it is cut short: give all that "
                    f"{TOOL} writes"
                ) from reason
            out.leave_out(f"line {number}", reason)
    out.finish(TOOL)
    if whole := math.fsum(shares):
        out.check_whole(whole / 100, "the network's cycles", TOOL, text.endswith("\n"))
    return out


def _heads(heads: list[str], path: Path) -> list[str]:
    missing = [name for name in _NEEDED if name not in heads]
    if missing:
        raise InputError(
            f"'{path}' is no per-layer table of Vela 3 to 5: its first line lacks "
            f"{', '.join(missing)}; give the *_per-layer.csv of {TOOL}"
        )
    return heads


def _layer(heads: list[str], cells: list[str], shares: list[float]) -> LayerTime:
    if len(cells) > len(heads) and heads[-1] == NAME:
        cells = [*cells[: len(heads) - 1], ",".join(cells[len(heads) - 1 :])]
    if len(cells) != len(heads):
        raise BadRowError(f"{len(cells)} values under {len(heads)} columns")
    # The first of two columns of one name: 'Network%' is of cycles, then of MACs.
    row = dict(reversed(list(zip(heads, cells, strict=True))))
    cycles, macs = count_of(row[NPU], NPU), count_of(row[MACS], MACS)
    if not row[KIND]:
        raise BadRowError(f"no operator under {KIND}")
    share = next((row[name] for name in _SHARES if name in row), None)
    if share is not None:
        shares.append(_share(share))
    op = row.get("TFLite_operator") or row.get("TOSA_operator") or row.get("Original Operator")
    target = row.get("Target", "NPU").lower()
    return LayerTime(row[NAME], op or row[KIND], None, cycles, macs=macs, target=target)


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 100.01:
        raise BadRowError(f"'{printable(text)}' is no share of the network's cycles")
    return value
