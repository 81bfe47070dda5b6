"""Chrome's trace JSON, PyTorch's Kineto files included: written in pieces, read whole.

Counter values that are not finite are written as the texts ``"Infinity"``, ``"-Infinity"`` and
``"NaN"``: JSON has no such numbers, and a sample left out would let the one before it go on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import TextIO

import msgspec

from dfsrt.base.errors import InputError
from dfsrt.base.files import write_atomically
from dfsrt.recording.collect import Collector
from dfsrt.recording.lanes import Lanes
from dfsrt.recording.recording import Recording

MAX_BYTES = 512 << 20
"""Size of a file that is read: it takes about seven times as much memory."""
MAX_EVENTS = 10_000_000
"""Events in it: a small one takes far more memory than file."""
PID = 1

Thread = tuple[int | str, int | str]
"""A process and a thread of it: numbers or, in files of some tools, texts."""


class ChromeWriter:
    """Writes slices and counters to an open text file, as one document."""

    def __init__(self, file: TextIO, process: str = "dfsrt") -> None:
        self._file = file
        self._tracks: dict[str, int] = {}
        self._comma = ""
        file.write('{"displayTimeUnit":"ns","traceEvents":[')
        self._put({"ph": "M", "name": "process_name", "pid": PID, "args": {"name": process}})

    def write(self, piece: Recording) -> None:
        """Write the slices and counters of ``piece``."""
        quoted = [json.dumps(text) for text in piece.texts]
        self._write_slices(piece, quoted)
        c = piece.counters
        columns = (c.track, c.unit, c.time_ns, c.value)
        for track, unit, time_ns, value in zip(*(x.tolist() for x in columns), strict=True):
            self._line(
                f'{{"ph":"C","pid":{PID},"name":{quoted[track]},"ts":{_us(time_ns)},'
                f'"args":{{{quoted[unit]}:{_number(value)}}}}}'
            )

    def _write_slices(self, piece: Recording, quoted: list[str]) -> None:
        s = piece.slices
        tracks = {i: self._track(piece.texts[i]) for i in set(s.track.tolist())}
        columns = (s.track, s.category, s.name, s.start_ns, s.duration_ns)
        for track, category, name, start, lasts in zip(*(x.tolist() for x in columns), strict=True):
            self._line(
                f'{{"ph":"X","pid":{PID},"tid":{tracks[track]},"cat":{quoted[category]},'
                f'"name":{quoted[name]},"ts":{_us(start)},"dur":{_us(lasts)}}}'
            )

    def _track(self, name: str) -> int:
        if name not in self._tracks:
            self._tracks[name] = number = len(self._tracks) + 1
            event = {"ph": "M", "name": "thread_name", "pid": PID, "tid": number}
            self._put({**event, "args": {"name": name}})
        return self._tracks[name]

    def _put(self, event: Mapping[str, object]) -> None:
        self._line(json.dumps(event, separators=(",", ":")))

    def _line(self, text: str) -> None:
        self._file.write(f"{self._comma}\n{text}")
        self._comma = ","

    def __enter__(self) -> ChromeWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.write("\n]}\n")


def _number(value: float) -> str:
    """A value as JSON, whose numbers are all finite: others are text, which Perfetto reads, too."""
    text = json.dumps(value)
    return text if isfinite(value) else f'"{text}"'


def _us(ns: int) -> str:
    """Microseconds with all their nanoseconds: as a float some would be lost."""
    sign, ns = ("-", -ns) if ns < 0 else ("", ns)
    return f"{sign}{ns // 1000}.{ns % 1000:03d}"


def write(recording: Recording, path: Path) -> None:
    """Write ``recording`` to ``path``.

    Raises:
        OutputError: ``path`` cannot be written.
    """

    def fill(beside: Path) -> None:
        with beside.open("w", encoding="utf-8", newline="\n") as file, ChromeWriter(file) as writer:
            writer.write(recording)

    write_atomically(path, fill)


class _Event(msgspec.Struct, gc=False):
    """What is read of an event; numbers may be text in files of some tools."""

    ph: str
    name: str = ""
    cat: str = ""
    ts: float | str = 0.0
    dur: float | str = 0.0
    pid: int | str = 0
    tid: int | str = 0
    args: object = None


class _Document(msgspec.Struct):
    traceEvents: list[_Event]  # noqa: N815 - the format's name
    baseTimeNanoseconds: int = 0  # noqa: N815


def read(path: Path) -> Recording:
    """Return the slices and counters of a Chrome trace, an object or a bare list of events.

    Raises:
        InputError: no such trace, one that is cut short, or one that is too large.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(
                f"'{path}' has {size:,} bytes; Chrome traces are read up to {MAX_BYTES:,}: cut it"
            )
        with path.open("rb") as file:
            if file.read(1 << 16).lstrip()[:1] not in (b"{", b"["):
                raise InputError(f"'{path}' is no Chrome trace: it does not begin with {{ or [")
        data = path.read_bytes()
        if data.count(b'"ph"') > MAX_EVENTS:
            raise InputError(
                f"'{path}' has more than {MAX_EVENTS:,} events, the most that is read; cut it"
            )
        document = msgspec.json.decode(data, type=_Document | list[_Event])
    except OSError as error:
        raise InputError(f"cannot read '{path}': {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"'{path}' is no Chrome trace, or cut short: {error}") from error
    about = {"format": "chrome", "file": path.name}
    if isinstance(document, list):
        return _collect(document, path, about)
    if document.baseTimeNanoseconds:
        about["zero in ns since 1970"] = str(document.baseTimeNanoseconds)
    return _collect(document.traceEvents, path, about)


def _collect(events: list[_Event], path: Path, about: dict[str, str]) -> Recording:
    collector = Collector()
    names = _names(events)
    begun: dict[Thread, list[_Event]] = {}
    other_events = 0
    for number, event in enumerate(events):
        try:
            other_events += not _take(event, collector, names, begun)
        except InputError:
            raise
        except (TypeError, ValueError, OverflowError) as error:
            raise InputError(
                f"'{path}': event {number} has a time or value that is no number: {error}"
            ) from error
    unclosed = sum(len(stack) for stack in begun.values())
    counts = {"slices without an end": unclosed, "other events passed over": other_events}
    return collector.recording({**about, **{what: str(n) for what, n in counts.items() if n}})


def _names(events: list[_Event]) -> dict[Thread, str]:
    """Return the tracks by process and thread; threads of one name get lanes of their own."""
    threads = {
        (e.pid, e.tid): str(e.args.get("name"))
        for e in events
        if e.ph == "M" and e.name == "thread_name" and isinstance(e.args, dict)
    }
    lanes = Lanes()
    return {thread: lanes.next(name) for thread, name in threads.items()}


def _take(
    event: _Event,
    collector: Collector,
    names: Mapping[Thread, str],
    begun: dict[Thread, list[_Event]],
) -> bool:
    """Take in one event; return whether it is of a kind that is read."""
    thread = (event.pid, event.tid)
    track = names.get(thread, f"{event.pid}/{event.tid}")
    if event.ph == "X":
        collector.add_slice(track, event.name, _ns(event.ts), _lasts_ns(event.dur), event.cat)
    elif event.ph == "B":
        begun.setdefault(thread, []).append(event)
    elif event.ph == "E" and begun.get(thread):
        first = begun[thread].pop()
        start = _ns(first.ts)
        collector.add_slice(track, first.name, start, _lasts_ns(event.ts, start), first.cat)
    elif event.ph == "C" and isinstance(event.args, dict):
        for unit, value in event.args.items():
            collector.add_sample(event.name, str(unit), _ns(event.ts), float(value))
    else:
        return event.ph == "M"
    return True


def _ns(us: float | str) -> int:
    return round(float(us) * 1000)


def _lasts_ns(end_us: float | str, start_ns: int = 0) -> int:
    lasts_ns = _ns(end_us) - start_ns
    if lasts_ns < 0:
        raise ValueError(f"a slice of {lasts_ns} ns ends before it begins")
    return lasts_ns
