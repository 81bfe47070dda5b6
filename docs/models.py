"""The table of shipped power models for the documentation."""

from __future__ import annotations

from dfsrt.power.card import Errors
from dfsrt.power.models import model_names, open_model


def models_text() -> str:
    """Return one row a model: errors on held-out networks, baselines, coverage at 99 %."""
    lines = [
        "| model | readings | power | time | held clock | constant | C·f·V² "
        "| sparse polynomial | under the 99 % bound |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name in model_names():
        card = open_model(name).card
        errors = [card.targets.get(k) for k in ("power_w", "latency_s", "held_clock_hz")]
        cells = [_share(e.overall) if e else "" for e in errors]
        cells += [_share(e) for e in card.baselines.values()]
        covered = card.bounds.coverage.get("0.99")
        cells.append(f"{covered:.1%}" if covered else "")
        lines.append(f"| {name} | {card.samples:,} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _share(errors: Errors) -> str:
    return f"{errors.mape:.1%}"
