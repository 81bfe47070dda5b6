"""Tokens of a trace's requests at a glance: how long prompts and answers are, how gaps vary."""

from __future__ import annotations

import msgspec
import numpy as np
from rich.console import Console

from dfsrt.base.arrays import Ints, Mask
from dfsrt.report.tables import show
from dfsrt.trace import Trace


class TokenSpread(msgspec.Struct, frozen=True, kw_only=True):
    """How tokens are spread over requests: quantiles, the most, and all together."""

    p10: float
    p50: float
    p90: float
    p99: float
    max: int
    total: int


class TraceTokens(msgspec.Struct, frozen=True, kw_only=True):
    """Prompts and outputs of one workload's requests.

    ``gap_variation`` is the standard deviation of the times between two arrivals over their mean:
    1 where they come at random, more in bursts, null where there are no two gaps.
    """

    prompt: TokenSpread
    output: TokenSpread
    gap_variation: float | None


def tokens_of(trace: Trace, own: Mask) -> TraceTokens | None:
    """Return what there is to say of requests ``own``, ``(n_requests,)``; None without tokens."""
    if not trace.prompt_tokens[own].any():
        return None
    return TraceTokens(
        prompt=_spread(trace.prompt_tokens[own]),
        output=_spread(trace.output_tokens[own]),
        gap_variation=_variation(trace.arrival_ns[own]),
    )


def tokens_table(console: Console, rows: list[tuple[str, TraceTokens]]) -> None:
    """Print the tokens of workloads, prompt and output a line each; nothing where none has any."""
    if not rows:
        return
    console.print()
    heads = ("<tokens", "<of", "10 %", "median", "90 %", "99 %", "most", "in all", "gaps vary")
    show(console, heads, (line for name, tokens in rows for line in _lines(name, tokens)))


def _lines(name: str, tokens: TraceTokens) -> list[tuple[str, ...]]:
    varies = "" if tokens.gap_variation is None else f"{tokens.gap_variation:.2f}"
    return [
        (name, "prompt", *_cells(tokens.prompt), varies),
        ("", "output", *_cells(tokens.output), ""),
    ]


def _cells(spread: TokenSpread) -> tuple[str, ...]:
    values = (spread.p10, spread.p50, spread.p90, spread.p99, spread.max, spread.total)
    return tuple(f"{value:,.0f}" for value in values)


def _spread(tokens: Ints) -> TokenSpread:
    p10, p50, p90, p99 = (float(p) for p in np.percentile(tokens, (10, 50, 90, 99)))
    total = int(tokens.sum())
    return TokenSpread(p10=p10, p50=p50, p90=p90, p99=p99, max=int(tokens.max()), total=total)


def _variation(arrival_ns: Ints) -> float | None:
    gaps = np.diff(arrival_ns)
    return float(gaps.std() / gaps.mean()) if len(gaps) > 1 and gaps.any() else None
