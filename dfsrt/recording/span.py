"""From when until when a recording lasts."""

from __future__ import annotations

import numpy as np

from dfsrt.recording.recording import Recording


def span_ns(recording: Recording) -> tuple[int, int]:
    """Return the first start or sample and the last end or sample; zeros where there is none."""
    slices, counters = recording.slices, recording.counters
    starts = np.concatenate([slices.start_ns, counters.time_ns])
    ends = np.concatenate([slices.start_ns + slices.duration_ns, counters.time_ns])
    return (int(starts.min()), int(ends.max())) if len(starts) else (0, 0)
