"""Which kernels of an onnxruntime profile belong to which run of the model."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from dfsrt.recording.ort_profile import Event

MODEL_RUN = "model_run"
"""Name of the event that is a whole run."""


def kernels_by_run(runs: Sequence[Event], events: Sequence[Event]) -> list[list[Event]]:
    """Return the kernels of each run, by the run's range of time; both are in order of time.

    Kernels inside another, an If or a Loop, are left out: their time is in that one's already.
    """
    starts = [run.ts for run in runs]
    kernels: list[list[Event]] = [[] for _ in runs]
    for event in events:
        if not event.is_kernel:
            continue
        run = bisect_right(starts, event.ts) - 1
        if run >= 0 and event.ts <= runs[run].ts + runs[run].dur:
            kernels[run].append(event)
    return [_outer(kernels_of_run) for kernels_of_run in kernels]


def _outer(kernels: Sequence[Event]) -> list[Event]:
    """Leave out what runs inside an If, Loop or Scan: its time is in that kernel's already."""
    outer: list[Event] = []
    ends: dict[int | str, float] = {}
    for event in kernels:
        if event.ts < ends.get(event.tid, -1.0):
            continue
        outer.append(event)
        ends[event.tid] = event.ts + event.dur
    return outer
