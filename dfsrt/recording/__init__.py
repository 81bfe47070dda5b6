"""Recordings: what happened when, as slices and counters. Knows no file's users."""

from dfsrt.recording.chrome import ChromeWriter
from dfsrt.recording.collect import Collector
from dfsrt.recording.formats import format_of, read_recording
from dfsrt.recording.perfetto import PerfettoWriter
from dfsrt.recording.rails import RailPower, rail_powers
from dfsrt.recording.recording import Counters, Recording, Slices
from dfsrt.recording.summary import RecordingSummary, summary_of

__all__ = [
    "ChromeWriter",
    "Collector",
    "Counters",
    "PerfettoWriter",
    "RailPower",
    "Recording",
    "RecordingSummary",
    "Slices",
    "format_of",
    "rail_powers",
    "read_recording",
    "summary_of",
]
