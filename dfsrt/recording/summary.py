"""What is in a recording: its tracks and counters, how long, how busy."""

from __future__ import annotations

import msgspec
import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.recording.rails import RailPower, rail_powers
from dfsrt.recording.recording import Recording
from dfsrt.recording.span import span_ns


class TrackSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A track of slices; ``busy_share`` is the share of the recording's span under any of them."""

    track: str
    slices: int
    names: int
    busy_s: float
    busy_share: float


class CounterSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A counter's samples and their range, in ``unit``; NaN where no sample is a number."""

    counter: str
    unit: str
    samples: int
    min: float
    max: float
    last: float


class RecordingSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A recording in figures; ``span_s`` runs from the first start or sample to the last end.

    ``power`` is the mean of each counter in watts or joules, over all of it or what was asked for.
    """

    schema_version: int = 1
    about: dict[str, str]
    slices: int
    samples: int
    start_s: float
    span_s: float
    tracks: list[TrackSummary]
    counters: list[CounterSummary]
    power: list[RailPower]


def summary_of(
    recording: Recording, start_s: float | None = None, end_s: float | None = None
) -> RecordingSummary:
    """Return what is in ``recording``, tracks and counters in the order of their first entry.

    Mean powers are of the stretch from ``start_s`` to ``end_s``, or of all.

    Raises:
        InputError: a stretch without power.
    """
    start_ns, end_ns = span_ns(recording)
    return RecordingSummary(
        about=dict(recording.about),
        slices=len(recording.slices),
        samples=len(recording.counters),
        start_s=start_ns * 1e-9,
        span_s=(end_ns - start_ns) * 1e-9,
        tracks=_tracks(recording, max(end_ns - start_ns, 1)),
        counters=_counters(recording),
        power=rail_powers(recording, start_s, end_s),
    )


def busy_ns(start_ns: Ints, duration_ns: Ints) -> int:
    """Return the time under at least one of slices of shape ``(n_slices,)``.

    Where slices nest or overlap it counts once.
    """
    order = np.argsort(start_ns, kind="stable")
    starts = start_ns[order]
    reached = np.maximum.accumulate(starts + duration_ns[order])
    before = np.concatenate([[starts[0] if len(starts) else 0], reached[:-1]])
    return int(np.maximum(reached - np.maximum(starts, before), 0).sum())


def _tracks(recording: Recording, whole_ns: int) -> list[TrackSummary]:
    slices = recording.slices
    summaries = []
    for track in dict.fromkeys(slices.track.tolist()):
        mine = slices.track == track
        busy = busy_ns(slices.start_ns[mine], slices.duration_ns[mine])
        summaries.append(
            TrackSummary(
                track=recording.texts[track],
                slices=int(mine.sum()),
                names=len(np.unique(slices.name[mine])),
                busy_s=busy * 1e-9,
                busy_share=busy / whole_ns,
            )
        )
    return summaries


def _counters(recording: Recording) -> list[CounterSummary]:
    counters = recording.counters
    summaries = []
    pairs = zip(counters.track.tolist(), counters.unit.tolist(), strict=True)
    for track, unit in dict.fromkeys(pairs):
        all_values = counters.value[(counters.track == track) & (counters.unit == unit)]
        numbers = all_values[~np.isnan(all_values)]
        values = numbers if len(numbers) else all_values
        summaries.append(
            CounterSummary(
                counter=recording.texts[track],
                unit=recording.texts[unit],
                samples=len(all_values),
                min=float(values.min()),
                max=float(values.max()),
                last=float(values[-1]),
            )
        )
    return summaries
