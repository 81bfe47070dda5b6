"""Tokens for people."""

from __future__ import annotations

from dfsrt.base.units import format_si
from dfsrt.report.schema import Spread, TokensReport

Row = tuple[str, str, str]


def tokens_rows(tokens: TokensReport | None) -> list[Row]:
    """Return rows of the core table: times to and between tokens, their rate, their energy."""
    if tokens is None:
        return []
    t = tokens
    rows = [("first token", format_si(t.ttft_s, "s"), _spread(t.ttft_spread_s))]
    if t.tpot_s is not None and t.tpot_spread_s is not None:
        gap = f"longest gap {format_si(t.longest_gap_s, 's')}"
        rows.append(("each token", format_si(t.tpot_s, "s"), f"{_spread(t.tpot_spread_s)}; {gap}"))
    read = f"{t.written:,} written, {t.prompt:,} read"
    user = "" if t.per_s_user is None else f"; {t.per_s_user:.4g} for one user"
    rows.append(("tokens a second", f"{t.per_s:.4g}", f"{read}{user}"))
    prompts = "" if t.prompt_share is None else f", prompts {t.prompt_share:.1%} of it"
    each_w = "" if t.per_s_per_w is None else f"{t.per_s_per_w:.4g} tokens/s/W{prompts}; "
    everything = f"{format_si(t.energy_per_token_all_j, 'J')} in all domains"
    rows.append(("energy a token", format_si(t.energy_per_token_j, "J"), each_w + everything))
    if t.goodput_per_s is not None:
        rows.append(("goodput", f"{t.goodput_per_s:.4g}/s", "requests that met their deadlines"))
    return rows


def _spread(times: Spread) -> str:
    return f"95 % {format_si(times.p95, 's')}, 99 % {format_si(times.p99, 's')}"
