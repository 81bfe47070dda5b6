"""Requests as a log has them, some at a time, and what is said of those that are not read."""

from __future__ import annotations

from dataclasses import dataclass, field

from dfsrt.base.arrays import Ints
from dfsrt.recording.left_out import LeftOut

ROWS = 1 << 16
"""Rows that are held at once, about: no log is too long to be read."""
FAR_NS = 4 * 10**18
"""Times further from 1970 or the log's start are none: 127 years."""


@dataclass(frozen=True, slots=True)
class RequestRows:
    """Requests in the order of a log, columns of shape ``(n_rows,)``.

    ``time_ns`` is of the log's own clock; tokens are 1 or more. ``session`` is None where a log
    tells nothing of it.
    """

    time_ns: Ints
    prompt_tokens: Ints
    output_tokens: Ints
    session: Ints | None = None


@dataclass(slots=True)
class Said:
    """What a reader tells of a log: rows it could not read, failed requests, what it passes over.

    A failed request has no output: it took time on another machine, nobody knows how much.
    """

    damaged: LeftOut = field(default_factory=lambda: LeftOut("rows"))
    failed: int = 0
    notes: dict[str, str] = field(default_factory=dict)

    def about(self) -> dict[str, str]:
        """Return it as words for the trace's card and the screen."""
        failed = {"failures left out": f"{self.failed} with no output"} if self.failed else {}
        return {**self.damaged.about(), **failed, **self.notes}
