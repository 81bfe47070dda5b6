"""Published experiments, run again on what dfsrt simulates: one a package."""

from dfsrt.reproduce import etri

__all__ = ["etri"]
