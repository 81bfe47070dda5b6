"""Where a request stands."""

from __future__ import annotations

from enum import IntEnum


class Status(IntEnum):
    """Where a request stands."""

    PENDING = 0  # not here yet
    WAITING = 1  # here, no work done
    STARTED = 2
    DONE = 3
    DROPPED = 4
