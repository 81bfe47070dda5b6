"""Times and cycles of a network's layers, as other tools' profiles have them."""

from dfsrt.recording.layer_times.kinds import READERS, read_layer_times
from dfsrt.recording.layer_times.layer_time import LayerTime, LayerTimes

__all__ = ["READERS", "LayerTime", "LayerTimes", "read_layer_times"]
