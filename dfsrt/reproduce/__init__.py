"""Published experiments, run again on what dfsrt simulates: one a package."""

from dfsrt.reproduce import etri, romanet, zheng

__all__ = ["etri", "romanet", "zheng"]
