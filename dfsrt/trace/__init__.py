"""The world around a run: traces of requests and what goes with them."""

from dfsrt.trace.trace import NO_DEADLINE, Trace, TraceCard

__all__ = ["NO_DEADLINE", "Trace", "TraceCard"]
