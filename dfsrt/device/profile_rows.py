"""Rows of dfsrt's own profile, out of another tool's times where that has the shapes."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import fields

from dfsrt.base.files import write_atomically
from dfsrt.device.profile import ProfileRow
from dfsrt.recording.layer_times import LayerTime, LayerTimes

_CONV = re.compile(r"(?:qlinear|fused)?conv(relu|clip|sigmoid|exswish|swish|silu|exgelu|gelu)?")
_JOINED = {"swish": "silu", "exswish": "silu", "exgelu": "gelu"}
_PLAIN = ("add", "concat", "split", "resize", "maxpool")
_TYPES = ("int8", "uint8")


@dataclass(frozen=True, slots=True)
class ProfileRows:
    """Rows in the profile's order, and how many layers have none, by reason."""

    rows: tuple[ProfileRow, ...]
    left_out: Mapping[str, int]

    @property
    def reasons(self) -> str:
        """How many layers are left out for which reason; empty where none is."""
        return ", ".join(f"{count} {reason}" for reason, count in self.left_out.items())


def profile_rows(times: LayerTimes) -> ProfileRows:
    """Return a row for each layer of ``times`` that dfsrt's profile can hold.

    Limits: of a pool the kernel is not known, of a concat and a split all parts are one tensor.
    """
    rows: list[ProfileRow] = []
    left_out: Counter[str] = Counter()
    for layer in times.rows:
        row = _row(layer)
        if isinstance(row, str):
            left_out[row] += 1
        else:
            rows.append(row)
    return ProfileRows(tuple(rows), dict(left_out))


def write_profile(rows: Sequence[ProfileRow], path: Path) -> None:
    """Write ``rows`` as the CSV that ``read_profile`` reads, columns without a value left out.

    Raises:
        OutputError: the file cannot be written.
    """
    heads = [f.name for f in fields(ProfileRow)]
    kept = [head for head in heads if any(getattr(row, head) is not None for row in rows)]

    def write(beside: Path) -> None:
        with beside.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(kept)
            writer.writerows([_text(getattr(row, head)) for head in kept] for row in rows)

    write_atomically(path, write)


def _text(value: object) -> str:
    return f"{value:.12g}" if isinstance(value, float) else "" if value is None else str(value)


def _row(layer: LayerTime) -> ProfileRow | str:
    """The row, or why there is none."""
    if layer.time_s is None or layer.time_s == 0:
        return "without a time"
    if layer.target == "cpu":
        return "on the CPU"
    if layer.dtype not in _TYPES:
        return "not in int8"
    if len(layer.output_shape) != 4 or len(layer.input_shape) != 4:
        return "without two shapes of four sides"
    return _conv(layer) or _plain(layer) or f"of operator {layer.op}"


def _conv(layer: LayerTime) -> ProfileRow | None:
    match = _CONV.fullmatch(layer.op.lower())
    weights = layer.weight_shape
    if match is None or len(weights) != 4 or weights[2] != weights[3]:
        return None
    channels = layer.input_shape[1]
    # A depthwise kernel is (1, channels, k, k) to rknn, (channels, 1, k, k) to ONNX.
    depthwise = weights[0] == 1 and weights[1] == channels == layer.output_shape[1]
    depth = 1 if depthwise else weights[1]
    if depth == 0 or channels % depth:
        return None
    joined = _JOINED.get(match[1] or "", match[1] or "")
    return _sized(layer, "conv" + (f"+{joined}" if joined else ""), weights[2], channels // depth)


def _plain(layer: LayerTime) -> ProfileRow | None:
    op = layer.op.lower()
    return _sized(layer, op, 0, 1) if op in _PLAIN else None


def _sized(layer: LayerTime, op: str, kernel: int, groups: int) -> ProfileRow | None:
    # All parts of a concat and a split are one tensor: the one that they make, or are made of.
    x = layer.output_shape if op == "concat" else layer.input_shape
    y = layer.input_shape if op == "split" else layer.output_shape
    if min(x) < 1 or min(y) < 1 or x[0] != y[0]:
        return None
    return ProfileRow(
        op=op,
        in_channels=x[1],
        in_h=x[2],
        in_w=x[3],
        out_channels=y[1],
        kernel=kernel,
        groups=groups,
        out_h=y[2],
        out_w=y[3],
        measured_us=(layer.time_s or 0.0) * 1e6,
        batch=x[0],
    )
