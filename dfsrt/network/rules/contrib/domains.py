"""Names of the domains that hold onnxruntime's operators."""

from __future__ import annotations

ONNXRUNTIME = "com.microsoft"
BLOCKED = "com.microsoft.nchwc"
"""Images in blocks of 8 or 16 channels, as its vector units like them."""
WIDEST_BLOCK = 16
"""Channels of a block on processors with the widest vectors; on others it is half of them."""
CHANNELS_LAST = "com.ms.internal.nhwc"
"""Standard operators on images whose channels come last; weights lie as ever."""

CONTRIB_DOMAINS = frozenset({ONNXRUNTIME, BLOCKED, CHANNELS_LAST})
