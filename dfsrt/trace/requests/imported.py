"""A trace of what a log of requests holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError
from dfsrt.trace.requests.choice import Choice, Chosen
from dfsrt.trace.requests.formats import FORMATS, format_of, read_requests
from dfsrt.trace.requests.rows import RequestRows, Said
from dfsrt.trace.trace import NO_DEADLINE, Trace, TraceCard


def imported_trace(
    path: Path, workload: str, name: str, choice: Choice, kind: str = "auto"
) -> tuple[Trace, dict[str, str]]:
    """Return the log at ``path`` as a trace of ``workload``, and what was left out of it.

    Requests are sorted by time, and the trace begins with its first, or with the window that was
    chosen. A log is read in memory that grows with the requests that are kept alone.

    Raises:
        InputError: a format that is none, a log that cannot be read or holds no such request.
    """
    kind = format_of(path) if kind == "auto" else kind
    said, chosen = Said(), Chosen(choice)
    parts = list(chosen.rows(read_requests(path, kind, said)))
    whole = _joined(parts)
    if len(whole.time_ns) == 0:
        raise InputError(f"'{path}' holds no request that can be used{_why(said, chosen)}")
    about = {"format": kind, **said.about(), **_told(chosen), **_out_of_order(whole.time_ns)}
    return _trace(whole, choice, workload, _card(path, kind, name)), about


def _joined(parts: list[RequestRows]) -> RequestRows:
    def column(name: str) -> Ints:
        return np.concatenate([getattr(p, name) for p in parts] or [np.zeros(0, dtype=np.int64)])

    session = column("session") if parts and parts[0].session is not None else None
    return RequestRows(column("time_ns"), column("prompt_tokens"), column("output_tokens"), session)


def _why(said: Said, chosen: Chosen) -> str:
    about = {**said.about(), **_told(chosen)}
    reasons = "; ".join(f"{key}: {text}" for key, text in about.items())
    return f" ({reasons})" if reasons else "; give a log with rows, or a window that has some"


def _told(chosen: Chosen) -> dict[str, str]:
    done = "clipped" if chosen.choice.over == "clip" else "left out"
    key = f"requests over {chosen.choice.context} tokens"
    return {key: f"{chosen.over} {done}"} if chosen.over else {}


def _out_of_order(time_ns: Ints) -> dict[str, str]:
    count = int((np.diff(time_ns) < 0).sum())
    return {"rows out of order": f"{count}, sorted"} if count else {}


def _card(path: Path, kind: str, name: str) -> TraceCard:
    source = f"dfsrt trace import: '{path.name}', in the format of {FORMATS[kind]}"
    return TraceCard(name, "recorded", "requests for a language model", source, 0)


def _trace(rows: RequestRows, choice: Choice, workload: str, card: TraceCard) -> Trace:
    order = np.argsort(rows.time_ns, kind="stable")
    time_ns = rows.time_ns[order]
    begin_ns = choice.since_ns or int(time_ns[0])
    arrival = time_ns - begin_ns
    end_ns = int(arrival[-1])
    if choice.until_ns is not None and choice.most is None:
        end_ns = choice.until_ns - begin_ns
    zero = np.zeros(len(arrival), dtype=np.int64)
    return Trace(
        replace(card, duration_ns=end_ns, description=f"{card.description}, {workload}"),
        (workload,),
        arrival,
        zero,
        zero + NO_DEADLINE,
        zero,
        zero if rows.session is None else rows.session[order],
        rows.prompt_tokens[order],
        rows.output_tokens[order],
    )
