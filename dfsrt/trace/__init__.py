"""Workload traces: which request comes when, and what the cap does meanwhile."""

from dfsrt.trace.cap import cap_steps_of
from dfsrt.trace.card import read_card
from dfsrt.trace.load import generator_of, load_trace, locate_trace, trace_names
from dfsrt.trace.trace import MAX_REQUESTS, NO_DEADLINE, Trace, TraceCard
from dfsrt.trace.transform import mixed, repeated, scaled
from dfsrt.trace.write import write_trace

__all__ = [
    "MAX_REQUESTS",
    "NO_DEADLINE",
    "Trace",
    "TraceCard",
    "cap_steps_of",
    "generator_of",
    "load_trace",
    "locate_trace",
    "mixed",
    "read_card",
    "repeated",
    "scaled",
    "trace_names",
    "write_trace",
]
