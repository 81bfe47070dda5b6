"""The JSON that TensorRT's ``trtexec --exportProfile=FILE`` writes.

Source: files of TensorRT 7 to 10: a list that begins with ``{"count": N}``, how often the network
ran, then an object a layer with ``name``, ``timeMs`` (of all runs), ``averageMs`` and
``percentage``; ``medianMs`` came with version 8. Layers that were joined have names joined
by `` + ``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import msgspec

from dfsrt.base.errors import InputError
from dfsrt.recording.layer_times.layer_time import LayerTime
from dfsrt.recording.layer_times.rows import BadRowError, Profile, count_of, time_of
from dfsrt.recording.source import printable

TOOL = "trtexec --exportProfile"
_MS_A_SECOND = 1e3


def profile(path: Path, data: bytes) -> Profile:
    """Return the layers, each with its mean over the runs.

    Raises:
        InputError: no such list, no count of runs, bad layers, or a file that is cut short.
    """
    runs, layers = _split(path, _decoded(path, data))
    out = Profile(path, about={"runs": str(runs)})
    shares: list[float] = []
    for number, layer in enumerate(layers, start=1):
        try:
            out.rows.append(_layer(layer, runs, shares))
        except BadRowError as reason:
            out.leave_out(f"layer {number}", reason)
    out.finish(TOOL)
    if whole := math.fsum(shares):
        out.check_whole(whole / 100, "the time of a run", TOOL, ended=True)
    return out


def _decoded(path: Path, data: bytes) -> list[object]:
    try:
        entries: object = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(
            f"'{path}' is no complete file of JSON ({error}); give the one that {TOOL} writes"
        ) from error
    return entries if isinstance(entries, list) else []


_MOST_PERCENT = 101
"""Shares are rounded."""


def _split(path: Path, entries: list[object]) -> tuple[int, list[object]]:
    first = entries[0] if entries else None
    if not isinstance(first, dict) or "count" not in first:
        raise InputError(
            f"'{path}' does not begin with {{\"count\": ...}}; give the file that {TOOL} writes"
        )
    try:
        runs = count_of(first["count"], "count")
    except BadRowError as reason:
        raise InputError(f"'{path}': {reason}; give the file that {TOOL} writes") from reason
    if runs == 0:
        raise InputError(f"'{path}' counts 0 runs; let trtexec run the network")
    return runs, entries[1:]


def _layer(layer: object, runs: int, shares: list[float]) -> LayerTime:
    if not isinstance(layer, dict) or not isinstance(layer.get("name"), str):
        raise BadRowError("an entry without a name")
    name = str(layer["name"])
    time_s = _mean_s(layer, runs, printable(name))
    if isinstance(share := layer.get("percentage"), int | float):
        if not 0 <= share <= _MOST_PERCENT:
            raise BadRowError(f"the percentage of '{printable(name)}' is no share of the time")
        shares.append(float(share))
    return LayerTime(name, "", time_s)


def _mean_s(layer: Mapping[str, object], runs: int, name: str) -> float:
    if "averageMs" in layer:
        return time_of(layer["averageMs"], _MS_A_SECOND, f"averageMs of '{name}'")
    if "timeMs" in layer:
        return time_of(layer["timeMs"], _MS_A_SECOND * runs, f"timeMs of '{name}'")
    raise BadRowError(f"'{name}' has neither averageMs nor timeMs, the times in ms that are read")
