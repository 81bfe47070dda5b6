"""Published experiments, run again on a simulated device."""

from dfsrt.reproduce import etri

__all__ = ["etri"]
