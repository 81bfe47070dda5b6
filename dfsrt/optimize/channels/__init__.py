"""Channels really removed: those that must go together, from everything that makes or reads them."""

from dfsrt.optimize.channels.remove import remove_channels, remove_on_shapes

__all__ = ["remove_channels", "remove_on_shapes"]
