"""Channels really removed: those that go together, from all that makes or reads them."""

from dfsrt.optimize.channels.remove import remove_channels, remove_on_shapes

__all__ = ["remove_channels", "remove_on_shapes"]
