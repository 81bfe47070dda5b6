"""Channels really removed: those that must go together, wherever they are made or read."""

from dfsrt.optimize.channels.remove import remove_channels, remove_on_shapes

__all__ = ["remove_channels", "remove_on_shapes"]
