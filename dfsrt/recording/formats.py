"""Which kind of recording a file is, and the reader for it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.recording import devlib, ftrace, ort_profile, power_csv, table, tegrastats
from dfsrt.recording.recording import Recording
from dfsrt.recording.source import read_head

READERS = {
    "onnxruntime": "ort_profile",
    "chrome": "chrome",
    "perfetto": "perfetto",
    "ftrace": "ftrace",
    "devlib": "devlib",
    "tegrastats": "tegrastats",
    "power": "power_csv",
    "table": "table",
}
"""Formats, and the modules of this room with ``read`` for each."""


POWER_LOGS = ("tegrastats", "power")
"""Formats that are a sample a line, whose ``read`` takes the time between two lines."""


def read_recording(path: Path, kind: str = "auto", interval_ns: int | None = None) -> Recording:
    """Return the recording at ``path``, of the format ``kind`` or the one that it looks like.

    ``interval_ns`` lies between two lines of a power log without times.

    Raises:
        InputError: an unknown format, a file that is none of them or broken, or an interval for
            one that has times.
    """
    if kind == "auto":
        kind = format_of(path)
    if kind not in READERS:
        raise InputError(unknown_name("format", kind, ("auto", *READERS)))
    module = import_module(f"dfsrt.recording.{READERS[kind]}")
    if interval_ns is not None:
        if kind not in POWER_LOGS:
            raise InputError(f"'{path}' is of format {kind}, with times; leave --interval out")
        timed: Callable[[Path, int], Recording] = module.read
        return timed(path, interval_ns)
    reader: Callable[[Path], Recording] = module.read
    return reader(path)


def format_of(path: Path) -> str:
    """Return the format that the beginning of the file at ``path`` shows.

    Raises:
        InputError: it is none that can be read.
    """
    head = read_head(path)
    if table.looks_like(head):
        return "table"
    if _is_perfetto(head):
        return "perfetto"
    if head.lstrip()[:1] in (b"[", b"{"):
        return "onnxruntime" if ort_profile.looks_like(head) else "chrome"
    if tegrastats.looks_like(head):
        return "tegrastats"
    if power_csv.looks_like(head, sure=True):
        return "power"
    if devlib.looks_like(head):
        return "devlib"
    if power_csv.looks_like(head, sure=False):
        return "power"
    lines = head.decode("utf-8", "replace").splitlines()
    if any(line.startswith("# tracer:") or ftrace.is_line(line) for line in lines):
        return "ftrace"
    raise InputError(
        f"'{path}' begins like none of: {', '.join(READERS)}; if it is one, name it with --format; "
        "'dfsrt trace import' reads logs of requests for language models"
    )


def _is_perfetto(head: bytes) -> bool:
    """A Perfetto trace is a run of packets, each field 1 with a length; no text has such bytes."""
    return head[:1] == b"\x0a" and any(byte < 9 for byte in head[:4096])
