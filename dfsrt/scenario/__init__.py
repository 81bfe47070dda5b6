"""The world around a run: traces of requests and what goes with them."""

from dfsrt.scenario.trace import NO_DEADLINE, Trace, TraceCard

__all__ = ["NO_DEADLINE", "Trace", "TraceCard"]
