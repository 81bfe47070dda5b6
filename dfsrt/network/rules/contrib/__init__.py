"""Operators that onnxruntime adds: their shapes, their work, and what they stand for.

Most stand for standard operators and are written out as those (``written``, ``twins``); a blocked
layout is taken back (``blocked``); the rest have a shape and a rule of their own, by family.
Source: the schemas of onnxruntime 1.23 to 1.32.
"""

from __future__ import annotations

from dfsrt.network.rules.contrib.blocked import without_blocks
from dfsrt.network.rules.contrib.channels_last import (
    channels_first,
    channels_last,
    images_first,
    on_channels_last,
)
from dfsrt.network.rules.contrib.domains import (
    BLOCKED,
    CHANNELS_LAST,
    CONTRIB_DOMAINS,
    ONNXRUNTIME,
    WIDEST_BLOCK,
)
from dfsrt.network.rules.contrib.facts import Facts, Typed
from dfsrt.network.rules.contrib.operators import (
    TAKEN_OVER,
    contrib_shapes,
    operator_names,
    operator_of,
)
from dfsrt.network.rules.contrib.refused import what_holds_no_layers
from dfsrt.network.rules.contrib.site import Site
from dfsrt.network.rules.contrib.twins import without_scale
from dfsrt.network.rules.contrib.written import written_out

__all__ = [
    "BLOCKED",
    "CHANNELS_LAST",
    "CONTRIB_DOMAINS",
    "ONNXRUNTIME",
    "TAKEN_OVER",
    "WIDEST_BLOCK",
    "Facts",
    "Site",
    "Typed",
    "channels_first",
    "channels_last",
    "contrib_shapes",
    "images_first",
    "on_channels_last",
    "operator_names",
    "operator_of",
    "what_holds_no_layers",
    "without_blocks",
    "without_scale",
    "written_out",
]
