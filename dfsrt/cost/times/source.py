"""Where measured layer times come from: ``capture:FOLDER``, or another tool's profile."""

from __future__ import annotations

from dfsrt.base.names import parse_kind
from dfsrt.cost.times.captured import captured_times
from dfsrt.cost.times.measured import MeasuredTimes
from dfsrt.cost.times.profiled import PROFILES, profiled_times

CAPTURE = "capture"
KINDS = (CAPTURE, *PROFILES)
"""What may stand before the colon."""


def load_times(text: str) -> MeasuredTimes:
    """Return the layer times that a text like ``capture:FOLDER`` or ``rknn:FILE`` names.

    Raises:
        InputError: another form or kind, or a file that cannot be used.
    """
    kind, name = parse_kind(text, KINDS, "layer times", "capture:FOLDER")
    return captured_times(name) if kind == CAPTURE else profiled_times(text)
