"""Profiles that onnxruntime writes: one slice a kernel, one a run of the model.

The format is not documented; the fields are those of onnxruntime 1.32 and, for fences, of
versions before 1.12. Times are in microseconds from the start of the profiler. Kernels of CUDA and
ROCm are events of their own, on the GPU's streams.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.numbering import Numbering
from dfsrt.recording.collect import Collector
from dfsrt.recording.left_out import LeftOut
from dfsrt.recording.ort_events import FENCES, KERNEL, Event, read_events
from dfsrt.recording.recording import Recording
from dfsrt.recording.source import read_head

__all__ = ["FENCES", "KERNEL", "Event", "Profile", "looks_like", "read", "read_profile"]

MAX_BYTES = 768 * 2**20
"""Larger profiles are refused: onnxruntime itself stops after a million events, about 700 MB."""
UNFINISHED = "end of the list"
"""What is said of a profile that nobody ended."""
_MARKS = (
    b"model_loading",
    b"session_initialization",
    b"SequentialExecutor",
    b"ParallelExecutor",
    KERNEL.encode(),
)


@dataclass(frozen=True, slots=True)
class Profile:
    """The events of a profile as the file has them; ``fences`` counts those left out.

    ``about`` says what else was left out or mended, ``damaged`` whether the file is no sound JSON.
    """

    events: tuple[Event, ...]
    fences: int
    left_out: LeftOut = field(default_factory=lambda: LeftOut("events"))
    about: dict[str, str] = field(default_factory=dict)
    damaged: bool = False

    @property
    def is_unfinished(self) -> bool:
        """Whether the list of events has no end."""
        return UNFINISHED in self.about


def looks_like(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is such a profile."""
    return head.lstrip()[:1] == b"[" and any(mark in head for mark in _MARKS)


def read_profile(path: Path) -> Profile:
    """Return the events of the profile at ``path``; broken ones are left out and counted.

    Raises:
        InputError: the file is no profile, holds no sound event, or is too large.
    """
    if not looks_like(read_head(path)):
        raise InputError(
            f"'{path}' does not begin like a profile of onnxruntime, a JSON list of events; "
            "give the file that end_profiling() names"
        )
    file = read_events(path, MAX_BYTES)
    timed = tuple(e for e in file.events if e.ph == "X" and not e.is_fence)
    if not timed:
        first = f" ({file.left_out.first})" if file.left_out.count else ""
        raise InputError(
            f"'{path}' holds no event with a duration{first}; run the model before its end"
        )
    fences = sum(event.is_fence for event in file.events)
    about = file.left_out.about() | _said(file.about)
    return Profile(timed, fences, file.left_out, about, file.damaged)


def _said(about: dict[str, str]) -> dict[str, str]:
    ended = "missing: the process ended without end_profiling()"
    return about | ({UNFINISHED: ended} if UNFINISHED in about else {})


def read(path: Path) -> Recording:
    """Return the profile at ``path`` as a recording: a track for each provider and thread.

    A kernel's slice has its node's name, and its operator as category. Threads are numbered in
    the order of their first event. Kernels of a GPU have a track for each of its streams.

    Raises:
        InputError: the file is no profile, holds no sound event, or is too large.
    """
    profile, collector = read_profile(path), Collector()
    threads: Numbering[int | str] = Numbering()
    for event in profile.events:
        if event.is_on_device:
            track, category = f"GPU kernels, stream {event.args.stream or '?'}", event.args.op_name
        elif event.is_kernel:
            owner, category = event.args.provider or "kernels", event.args.op_name
            track = f"{owner}, thread {threads[event.tid]}"
        else:
            owner, category = event.cat or "other", event.cat
            track = f"{owner}, thread {threads[event.tid]}"
        collector.add_slice(track, event.node, event.start_ns, event.duration_ns, category)
    about = {"format": "onnxruntime", "threads": str(len(threads)), **profile.about}
    if profile.fences:
        about["fences left out"] = str(profile.fences)
    return collector.recording(about)
