"""Profiles that onnxruntime writes: one slice a kernel, one a run of the model.

The format is not documented; the fields are those of onnxruntime 1.32 and, for fences, of
versions before 1.12. Times are in microseconds from the start of the profiler.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from pathlib import Path

import msgspec

from dfsrt.base.errors import InputError
from dfsrt.base.numbering import Numbering
from dfsrt.recording.collect import Collector
from dfsrt.recording.recording import Recording
from dfsrt.recording.source import check_size, printable, read_head

MAX_BYTES = 768 * 2**20
"""Larger profiles are refused: onnxruntime itself stops after a million events, about 700 MB."""
KERNEL = "_kernel_time"
FENCES = ("_fence_before", "_fence_after")
_MARKS = (b"model_loading", b"session_initialization", b"SequentialExecutor", KERNEL.encode())
_NS_PER_US = 1000


class _Args(msgspec.Struct):
    """What is used of an event's arguments; their numbers are texts, so none is."""

    op_name: str = ""
    provider: str = ""


class Event(msgspec.Struct):
    """One event of a profile; ``ts`` and ``dur`` are microseconds."""

    name: str
    ts: int | float
    cat: str = ""
    dur: int | float = 0
    tid: int | str = 0
    ph: str = "X"
    args: _Args = msgspec.field(default_factory=_Args)

    @property
    def start_ns(self) -> int:
        """Start, in nanoseconds from the profiler's start."""
        return round(self.ts * _NS_PER_US)

    @property
    def duration_ns(self) -> int:
        """Length in nanoseconds."""
        return round(self.dur * _NS_PER_US)

    @property
    def is_kernel(self) -> bool:
        """Whether this is the run of one kernel."""
        return self.cat == "Node" and not self.name.endswith(FENCES)

    @property
    def node(self) -> str:
        """Name of the kernel's node."""
        return self.name.removesuffix(KERNEL)


@dataclass(frozen=True, slots=True)
class Profile:
    """The events of a profile as the file has them; ``fences`` counts those left out."""

    events: tuple[Event, ...]
    fences: int


def looks_like(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is such a profile."""
    return head.lstrip()[:1] == b"[" and any(mark in head for mark in _MARKS)


def read_profile(path: Path) -> Profile:
    """Return the events of the profile at ``path``.

    Raises:
        InputError: the file is no profile, cut short or too large.
    """
    if not looks_like(read_head(path)):
        raise InputError(
            f"'{path}' does not begin like a profile of onnxruntime, a JSON list of events; "
            "give the file that end_profiling() names"
        )
    check_size(path, MAX_BYTES)
    events = _decoded(path)
    for event in events:
        if not (0 <= event.ts < 1e15 and 0 <= event.dur < 1e15):
            raise InputError(
                f"'{path}': event '{printable(event.name)}' has ts "
                f"{printable(str(event.ts))} and dur {printable(str(event.dur))}; both must be "
                "microseconds from 0 on: record it again"
            )
    timed = tuple(e for e in events if e.ph == "X" and not e.name.endswith(FENCES))
    fences = sum(e.name.endswith(FENCES) for e in events)
    if not timed:
        raise InputError(f"'{path}' holds no event with a duration; run the model before its end")
    return Profile(timed, fences)


def _decoded(path: Path) -> list[Event]:
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return msgspec.json.decode(data, type=list[Event])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InputError(
            f"'{path}' is no complete profile of onnxruntime ({error}); call end_profiling() "
            "so that the file is finished, and record it again"
        ) from error
    except OSError as error:
        raise InputError(f"cannot read '{path}': {error.strerror}; give a readable file") from error


def read(path: Path) -> Recording:
    """Return the profile at ``path`` as a recording: a track for each provider and thread.

    A kernel's slice has its node's name, and its operator as category. Threads are numbered in
    the order of their first event.

    Raises:
        InputError: the file is no profile, cut short or too large.
    """
    profile, collector = read_profile(path), Collector()
    threads: Numbering[int | str] = Numbering()
    for event in profile.events:
        thread = threads[event.tid]
        if event.is_kernel:
            owner, category = event.args.provider or "kernels", event.args.op_name
        else:
            owner, category = event.cat or "other", event.cat
        track = f"{owner}, thread {thread}"
        collector.add_slice(track, event.node, event.start_ns, event.duration_ns, category)
    about = {"format": "onnxruntime", "threads": str(len(threads))}
    if profile.fences:
        about["fences left out"] = str(profile.fences)
    return collector.recording(about)
