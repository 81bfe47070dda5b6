"""Times of a network's layers that were measured: in onnxruntime, or on a board."""

from dfsrt.cost.times.match import MatchedTimes, match_times
from dfsrt.cost.times.measured import MeasuredTimes, TimedRow
from dfsrt.cost.times.source import load_times

__all__ = ["MatchedTimes", "MeasuredTimes", "TimedRow", "load_times", "match_times"]
