"""One layer of a profile, and a profile."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LayerTime:
    """One layer, as a tool's profile has it; what the tool does not say is None or empty.

    ``time_s`` is one run's, the mean where the profile holds several. ``cycles`` are of the
    array or NPU alone, waits for memory left out. Shapes are those of the first input, of the
    weights and of the first output, in the tool's own order of axes.
    """

    name: str
    op: str
    time_s: float | None
    cycles: int | None = None
    dram_bytes: float | None = None
    macs: int | None = None
    input_shape: tuple[int, ...] = ()
    output_shape: tuple[int, ...] = ()
    dtype: str = ""
    weight_shape: tuple[int, ...] = ()
    target: str = ""


@dataclass(frozen=True, slots=True)
class LayerTimes:
    """A profile's layers in its order; ``sha256`` is of the unpacked file, ``notes`` for people."""

    kind: str
    path: str
    sha256: str
    rows: tuple[LayerTime, ...]
    about: Mapping[str, str]
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind}:{self.path}"

    @property
    def total_s(self) -> float | None:
        """Sum of all layers' times, None where the profile has cycles alone."""
        times = [row.time_s for row in self.rows if row.time_s is not None]
        return math.fsum(times) if times else None
