"""Which kind of recording a file is, and the reader for it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.recording import devlib, ftrace, ort_profile, table
from dfsrt.recording.recording import Recording
from dfsrt.recording.source import read_head

READERS = {
    "onnxruntime": "ort_profile",
    "chrome": "chrome",
    "perfetto": "perfetto",
    "ftrace": "ftrace",
    "devlib": "devlib",
    "table": "table",
}
"""Formats, and the modules of this room with ``read`` for each."""


def read_recording(path: Path, kind: str = "auto") -> Recording:
    """Return the recording at ``path``, of the format ``kind`` or the one that it looks like.

    Raises:
        InputError: an unknown format, or a file that is none of them or broken.
    """
    if kind == "auto":
        kind = format_of(path)
    if kind not in READERS:
        raise InputError(unknown_name("format", kind, ("auto", *READERS)))
    module = import_module(f"dfsrt.recording.{READERS[kind]}")
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
    if devlib.looks_like(head):
        return "devlib"
    lines = head.decode("utf-8", "replace").splitlines()
    if any(line.startswith("# tracer:") or ftrace.is_line(line) for line in lines):
        return "ftrace"
    raise InputError(
        f"'{path}' begins like none of: {', '.join(READERS)}; if it is one, name it with --format"
    )


def _is_perfetto(head: bytes) -> bool:
    """A Perfetto trace is a run of packets, each field 1 with a length; no text has such bytes."""
    return head[:1] == b"\x0a" and any(byte < 9 for byte in head[:4096])
