"""Where measured layer times come from: ``capture:FOLDER``, or another tool's profile."""

from __future__ import annotations

from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
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
    kind, colon, name = text.partition(":")
    if not colon or not name.strip():
        raise InputError(
            f"layer times '{text}' are not KIND:FILE; write it like 'capture:FOLDER' "
            f"(kinds: {', '.join(KINDS)})"
        )
    if kind not in KINDS:
        raise InputError(unknown_name("kind of layer times", kind, KINDS))
    return captured_times(name) if kind == CAPTURE else profiled_times(text)
