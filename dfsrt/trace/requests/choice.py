"""Which requests of a log become a trace: a window of time, the first so many, what fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from dfsrt.base.arrays import Ints, Mask
from dfsrt.base.errors import InputError
from dfsrt.trace.requests.rows import FAR_NS, RequestRows
from dfsrt.trace.token_lengths import clipped
from dfsrt.trace.trace import MAX_REQUESTS

OVER = ("leave-out", "clip")


@dataclass(frozen=True, slots=True)
class Choice:
    """Requests from ``since_ns`` until ``until_ns`` after the log's first; ``most`` at most.

    Of those with more tokens, prompt and output together, than ``context`` allows, ``over`` says
    what becomes: ``leave-out``, or ``clip``.

    Raises:
        InputError: a window that is none, less than 1 request, or a context below 2 tokens.
    """

    since_ns: int = 0
    until_ns: int | None = None
    most: int | None = None
    context: int | None = None
    over: str = "leave-out"

    def __post_init__(self) -> None:
        if self.until_ns is not None and self.until_ns <= self.since_ns:
            raise InputError(
                f"a window from {self.since_ns * 1e-9:g} s until {self.until_ns * 1e-9:g} s is "
                "empty; give an end after its begin"
            )
        if self.most is not None and self.most < 1:
            raise InputError(f"{self.most} requests are no trace; give 1 or more")
        if self.context is not None and self.context < 2:
            raise InputError(f"a context of {self.context} tokens is out of range; give 2 or more")
        if self.over not in OVER:
            raise InputError(f"'{self.over}' is out of range; give {' or '.join(OVER)}")


@dataclass(slots=True)
class Chosen:
    """Applies a choice to a log's rows; ``over`` counts those beyond the context."""

    choice: Choice
    over: int = 0
    _first_ns: int | None = field(default=None)

    def rows(self, log: Iterable[RequestRows]) -> Iterator[RequestRows]:
        """Yield the chosen rows, with times in nanoseconds from the log's first.

        Raises:
            InputError: more than ``MAX_REQUESTS``.
        """
        count, most = 0, self.choice.most or MAX_REQUESTS + 1
        for rows in log:
            if len(rows.time_ns) == 0:
                continue
            if self._first_ns is None:
                self._first_ns = int(rows.time_ns[0])
            chosen = self._fitting(self._within(rows))
            chosen = _taken(chosen, np.arange(len(chosen.time_ns)) < most - count)
            count += len(chosen.time_ns)
            if count > MAX_REQUESTS:
                raise InputError(
                    f"the log has over {MAX_REQUESTS:,} requests; take a window of it, or --most"
                )
            yield chosen
            if count >= most:
                return

    def _within(self, rows: RequestRows) -> RequestRows:
        """Without a window all are, those before the first row, too."""
        choice = self.choice
        time_ns = rows.time_ns - (self._first_ns or 0)
        least_ns = choice.since_ns or -2 * FAR_NS
        end_ns = 2 * FAR_NS if choice.until_ns is None else choice.until_ns
        within = (time_ns >= least_ns) & (time_ns < end_ns)
        return _taken(replace(rows, time_ns=time_ns), within)

    def _fitting(self, rows: RequestRows) -> RequestRows:
        context = self.choice.context
        if context is None:
            return rows
        fits = rows.prompt_tokens + rows.output_tokens <= context
        self.over += int((~fits).sum())
        if self.choice.over == "leave-out":
            return _taken(rows, fits)
        prompt, output = clipped(rows.prompt_tokens, rows.output_tokens, context)
        return replace(rows, prompt_tokens=prompt, output_tokens=output)


def _taken(rows: RequestRows, which: Mask) -> RequestRows:
    session: Ints | None = None if rows.session is None else rows.session[which]
    return RequestRows(
        rows.time_ns[which], rows.prompt_tokens[which], rows.output_tokens[which], session
    )
