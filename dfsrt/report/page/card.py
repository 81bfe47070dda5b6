"""The power model's card, as a table behind a page's numbers."""

from __future__ import annotations

from dfsrt.device.npu import Npu
from dfsrt.power.card import Card
from dfsrt.power.choose import card_of
from dfsrt.report.model_card import QUANTITIES
from dfsrt.report.page.page import Table


def card_tables(model: str, npu: Npu) -> list[Table]:
    """Return the card of the model that predicted, as a table; none where it has no card."""
    card = card_of(model, npu)
    if card is None:
        return []
    return [Table(("<of the model's card", "<"), _rows(card), f"Power model {card.name}")]


def _rows(card: Card) -> list[tuple[str, str]]:
    held_out = "networks" if card.networks else "shape families"
    errors = [
        (f"mean error of {QUANTITIES[k]}, {held_out} held out",
         f"{t.overall.mape:.2%}, 95 % of samples within {t.overall.p95:.1%}")
        for k, t in card.targets.items()
    ]  # fmt: skip
    coverage = ", ".join(f"{float(c):.0%}: {v:.1%}" for c, v in card.bounds.coverage.items())
    return [
        ("device", card.device),
        ("measured", f"{card.measured}, {card.meter} meter, {card.driver}"),
        ("samples", f"{card.samples:,} of {card.networks} networks"),
        ("estimator", card.estimator),
        *errors,
        ("layers under the bound, at confidence", coverage or "too few layers to say"),
        ("limits", card.limits),
        ("model's SHA-256", card.model_sha256),
    ]
