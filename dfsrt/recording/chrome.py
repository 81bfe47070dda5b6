"""Chrome's trace JSON, PyTorch's Kineto files included: written in pieces, read whole.

Counter values that are not finite are written as the texts ``"Infinity"``, ``"-Infinity"`` and
``"NaN"``: JSON has no such numbers, and a sample left out would let the one before it go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import TextIO

from dfsrt.base.errors import InputError
from dfsrt.base.files import write_atomically
from dfsrt.base.json import json_text, quoted
from dfsrt.recording.chrome_events import read_events
from dfsrt.recording.chrome_reader import ChromeReader
from dfsrt.recording.recording import Recording

PID = 1
MAX_BYTES = 512 << 20
"""Size of a file that is read, unpacked: it takes about eight times as much memory."""
MAX_EVENTS = 10_000_000
"""Events in it: a small one takes far more memory than file."""
_DAMAGE = ("events left out", "samples left out", "ends without a slice", "end of the list")
"""What a reader says of a file that is damaged."""


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
        texts = [quoted(text) for text in piece.texts]
        self._write_slices(piece, texts)
        c = piece.counters
        columns = (c.track, c.unit, c.time_ns, c.value)
        for track, unit, time_ns, value in zip(*(x.tolist() for x in columns), strict=True):
            self._line(
                f'{{"ph":"C","pid":{PID},"name":{texts[track]},"ts":{_us(time_ns)},'
                f'"args":{{{texts[unit]}:{_number(value)}}}}}'
            )

    def _write_slices(self, piece: Recording, texts: list[str]) -> None:
        s = piece.slices
        tracks = {i: self._track(piece.texts[i]) for i in set(s.track.tolist())}
        columns = (s.track, s.category, s.name, s.start_ns, s.duration_ns)
        for track, category, name, start, lasts in zip(*(x.tolist() for x in columns), strict=True):
            self._line(
                f'{{"ph":"X","pid":{PID},"tid":{tracks[track]},"cat":{texts[category]},'
                f'"name":{texts[name]},"ts":{_us(start)},"dur":{_us(lasts)}}}'
            )

    def _track(self, name: str) -> int:
        if name not in self._tracks:
            self._tracks[name] = number = len(self._tracks) + 1
            event = {"ph": "M", "name": "thread_name", "pid": PID, "tid": number}
            self._put({**event, "args": {"name": name}})
        return self._tracks[name]

    def _put(self, event: Mapping[str, object]) -> None:
        self._line(json_text(event))

    def _line(self, text: str) -> None:
        self._file.write(f"{self._comma}\n{text}")
        self._comma = ","

    def __enter__(self) -> ChromeWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.write("\n]}\n")


_WORDS = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def _number(value: float) -> str:
    """A value as JSON, whose numbers are all finite: others are text, which Perfetto reads, too."""
    return repr(value) if isfinite(value) else f'"{_WORDS[repr(value)]}"'


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


def read(path: Path) -> Recording:
    """Return the slices and counters of a Chrome trace, an object or a bare list of events.

    Events that are broken are left out; ``about`` counts them.

    Raises:
        InputError: no such trace, one without a sound event, or one that is too large.
    """
    file = read_events(path, MAX_BYTES, MAX_EVENTS)
    recording = ChromeReader(file.events, file.left_out).recording(file.about)
    nothing = not (recording.slices or recording.counters)
    damage = [f"{what}: {recording.about[what]}" for what in _DAMAGE if what in recording.about]
    if nothing and damage:
        raise InputError(f"'{path}' holds no event that can be read ({damage[0]}); record it again")
    return replace(recording, about={"format": "chrome", "file": path.name, **recording.about})
