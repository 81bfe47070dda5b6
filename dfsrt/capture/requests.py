"""Requests out of a recording: slices whose name fits become arrivals of a workload."""

from __future__ import annotations

from fnmatch import fnmatchcase

import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.capture.folder import requests_of
from dfsrt.recording.recording import Recording
from dfsrt.recording.source import printable
from dfsrt.trace import Trace, TraceCard


def requests_from(
    recording: Recording, pattern: str, workload: str, name: str, source: str
) -> Trace:
    """Return a trace ``name`` with a request for each slice whose name or track fits ``pattern``.

    The pattern is a glob. A request arrives when its slice starts, counted from the first one;
    the trace lasts until the last of them ends.

    Raises:
        InputError: no slice fits; the names that there are are said.
    """
    slices, texts = recording.slices, recording.texts
    fits = np.array([fnmatchcase(text, pattern) for text in texts], dtype=bool)
    chosen = (fits[slices.name] | fits[slices.track]) if len(slices) else np.zeros(0, bool)
    if not chosen.any():
        names = list(dict.fromkeys(texts[i] for i in slices.name.tolist()))
        shown = ", ".join(f"'{printable(name)}'" for name in names[:5]) + (
            ", ..." if len(names) > 5 else ""
        )
        raise InputError(
            f"no slice of the recording has a name or track like '{pattern}'; "
            f"there are: {shown or 'none at all'}"
        )
    start_ns = slices.start_ns[chosen]
    zero_ns = int(start_ns.min())
    end_ns = int((start_ns + slices.duration_ns[chosen]).max())
    card = TraceCard(
        name=name,
        kind="recorded",
        description=f"{int(chosen.sum())} requests, the slices like '{pattern}'",
        source=source,
        duration_ns=end_ns - zero_ns,
    )
    return requests_of(card, workload, np.sort(start_ns) - zero_ns)
