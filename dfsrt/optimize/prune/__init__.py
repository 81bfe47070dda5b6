"""``prune``: weights become zero, the smallest ones, whole blocks, or all but some of a group."""

from dfsrt.optimize.prune.prune import Prune

__all__ = ["Prune"]
