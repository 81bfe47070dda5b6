"""Events of onnxruntime's profiles: decoded at once or, where the file is damaged, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from dfsrt.recording.json_records import Record, Records, list_start, text_of
from dfsrt.recording.left_out import LeftOut
from dfsrt.recording.source import printable, read_all

KERNEL = "_kernel_time"
FENCES = ("_fence_before", "_fence_after")
_NS_PER_US = 1000
_LATEST_US = 1e15


class Args(msgspec.Struct):
    """What is used of an event's arguments; their numbers are texts, so none is."""

    op_name: str = ""
    provider: str = ""
    stream: int | str = ""


class Event(msgspec.Struct):
    """One event of a profile; ``ts`` and ``dur`` are microseconds."""

    name: str
    ts: int | float
    cat: str = ""
    dur: int | float = 0
    tid: int | str = 0
    ph: str = "X"
    args: Args = msgspec.field(default_factory=Args)

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
        """Whether this is the run of one node's kernel, as the host sees it."""
        return self.cat == "Node" and not self.is_fence

    @property
    def is_on_device(self) -> bool:
        """Whether this is a kernel on a GPU, beside the node that started it."""
        return self.cat == "Kernel"

    @property
    def is_fence(self) -> bool:
        """Whether this is the wait before or after a kernel, of versions before 1.12."""
        return self.name.endswith(FENCES)

    @property
    def node(self) -> str:
        """Name of the kernel's node."""
        return self.name.removesuffix(KERNEL)


@dataclass(slots=True)
class EventFile:
    """A file's events with sound times, what was left out, and what it tells of itself.

    ``damaged`` says whether it had to be read event by event.
    """

    events: list[Event]
    damaged: bool = False
    left_out: LeftOut = field(default_factory=lambda: LeftOut("events"))
    about: dict[str, str] = field(default_factory=dict)


def read_events(path: Path, max_bytes: int) -> EventFile:
    """Return the events of the file at ``path``; those that are none are left out and counted.

    Raises:
        InputError: the file cannot be read or has more than ``max_bytes``.
    """
    data, packed = read_all(path, max_bytes, "record a shorter time")
    try:
        file = EventFile(msgspec.json.decode(data, type=list[Event]))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        file = _one_by_one(text_of(data))
    file.events = list(_sound(file))
    file.about |= packed
    return file


def _one_by_one(text: str) -> EventFile:
    file = EventFile([], damaged=True)
    records = Records(text, list_start(text), ("name", "ph"), file.left_out)
    for number, record in enumerate(records):
        try:
            file.events.append(_event(record))
        except (msgspec.ValidationError, ValueError, OverflowError) as reason:
            file.left_out.add(f"event {number}", reason)
    file.about |= records.about()
    return file


def _event(record: Record) -> Event:
    """Return an event from what a file has; arguments that are of another type are none."""
    args = record.get("args")
    try:
        known = msgspec.convert(args if isinstance(args, dict) else {}, Args)
    except msgspec.ValidationError:
        known = Args()
    fields: Record = {key: value for key, value in record.items() if key != "args"}
    for key in ("ts", "dur") if "dur" in record else ("ts",):
        fields[key] = float(str(record.get(key, "missing")))
    event = msgspec.convert(fields, Event)
    event.args = known
    return event


def _sound(file: EventFile) -> Iterator[Event]:
    """Yield the events whose times are microseconds from 0 on."""
    for event in file.events:
        if 0 <= event.ts < _LATEST_US and 0 <= event.dur < _LATEST_US:
            yield event
        else:
            file.left_out.add(
                f"event '{printable(event.name)}'",
                f"ts {printable(str(event.ts))} and dur {printable(str(event.dur))}; both must be "
                "microseconds from 0 on",
            )
