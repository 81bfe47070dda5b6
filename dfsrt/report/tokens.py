"""Tokens of a report: how fast language models answered, and what a token took."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dfsrt.report.energy import ratio
from dfsrt.report.requests import spread
from dfsrt.report.schema import StageReport, TokensReport
from dfsrt.run.run import Run


def tokens_report(run: Run, stages: Sequence[StageReport]) -> TokensReport | None:
    """Return what became of tokens; None where none was written."""
    book, outcomes = run.book, run.book.requests.whole
    done = outcomes.tokens
    first, each = spread(done.first), spread(done.each)
    if first is None:
        return None
    time_s, joules = book.span_ns * 1e-9, book.component_j
    inside_j = math.fsum(joules[: book.inside].tolist())
    judged = outcomes.met + outcomes.missed
    return TokensReport(
        prompt=done.prompt,
        written=done.written,
        ttft_s=first.p50,
        ttft_spread_s=first,
        tpot_s=None if each is None else each.p50,
        tpot_spread_s=each,
        longest_gap_s=done.longest_ns * 1e-9,
        per_s=done.written / time_s,
        per_s_user=ratio(1.0, each.p50) if each is not None else None,
        energy_per_token_j=inside_j / done.written,
        energy_per_token_all_j=math.fsum(joules.tolist()) / done.written,
        prompt_share=_prompt_share(run, stages),
        per_s_per_w=ratio(done.written, inside_j),
        goodput_per_s=outcomes.met / time_s if judged else None,
    )


def _prompt_share(run: Run, stages: Sequence[StageReport]) -> float | None:
    """The energy of passes over prompts among that of all passes of language models."""
    own = [s for part, s in zip(run.job.mix.parts, stages, strict=True) if part.tokens]
    if run.job.deployment.batching is not None:
        return None
    prompts = math.fsum(stage.energy_j for stage in own if stage.name == "prefill")
    return ratio(prompts, math.fsum(stage.energy_j for stage in own))
