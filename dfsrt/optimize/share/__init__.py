"""``share``: few values for many weights, by clusters on a line."""

from dfsrt.optimize.share.share import Share

__all__ = ["Share"]
