"""The page of a trained power model: its card, and every prediction against its measurement."""

from __future__ import annotations

import numpy as np

from dfsrt.power.card import Card, Errors
from dfsrt.power.learn.train import Trained
from dfsrt.report.model_card import QUANTITIES
from dfsrt.report.page.bars import bars
from dfsrt.report.page.page import Figure, Page, Section, Table, Tile
from dfsrt.report.page.style import axis, colour, line, marks

CLASSES = ("matrix", "vector", "move")
MOST_POINTS = 2500


def model_page(trained: Trained) -> Page:
    """Return the page of a model; every point is predicted without its network."""
    card = trained.card
    held_out = "networks" if card.networks else "shape families"
    power = card.targets["power_w"]
    return Page(
        title=f"Power model {card.name}",
        what=f"{card.device}, {card.samples:,} samples, {card.meter} meter, {card.measured}. "
        f"{card.estimator}",
        tiles=[
            Tile("mean error", f"{power.overall.mape:.2%}", f"on {held_out} held out"),
            Tile("95 % of samples", f"{power.overall.p95:.2%}", "error at most"),
            Tile("worst", f"{power.overall.worst:.1%}"),
            Tile("repeats deviate", f"{card.repeats.power_w:.2%}", "the meter's own noise"),
        ],
        sections=[
            Section("Predicted against measured", "", [_scatter(trained)], [_targets(card)]),
            Section("Error by network", "", [_worst("networks", power.by_group, held_out)]),
            Section("Error by operator", "", [_worst("operators", power.by_operator, "operators")]),
            Section("Bounds", "Factors on the prediction that hold at a confidence.",
                    _coverage(card), [_bounds(card)]),
            Section("Behind the numbers", card.limits, tables=[_card(card)]),
        ],
    )  # fmt: skip


def _scatter(trained: Trained) -> Figure:
    rows, predicted = trained.rows, trained.predicted["power_w"]
    step = -(-len(predicted) // MOST_POINTS)
    data, hover = [], "measured %{x:.4g} W<br>predicted %{y:.4g} W"
    for k, kind in enumerate(CLASSES):
        chosen = np.flatnonzero(rows.classes == kind)[::step]
        marker = {"size": 4, "color": colour(k), "opacity": 0.6}
        x, y = rows.power_w[chosen], predicted[chosen]
        data.append(marks(kind, x, y, marker, hovertemplate=hover))
    low, high = float(rows.power_w.min()), float(rows.power_w.max())
    data.append(line("equal", [low, high], [low, high], "@text", line={"dash": "dash"}))
    kind = "log" if high > 20 * low else "linear"
    error = trained.card.targets["power_w"].overall.mape
    return Figure(
        name="scatter",
        title="Predicted against measured power",
        says=f"{len(predicted):,} samples, each predicted by a model that has not seen its "
        f"network; mean error {error:.2%}",
        data=data,
        layout={
            "xaxis": axis("measured (W)", type=kind),
            "yaxis": axis("predicted (W)", type=kind),
        },
        height=480,
    )


def _targets(card: Card) -> Table:
    rows = [(QUANTITIES[k], *_errors(t.overall)) for k, t in card.targets.items()]
    rows += [(f"power by {name}", *_errors(e)) for name, e in card.baselines.items()]
    return Table(("<of", "samples", "mean", "median", "95 %", "worst"), rows, "Errors, held out")


def _errors(e: Errors) -> tuple[str, ...]:
    return (f"{e.samples:,}", *(f"{x:.2%}" for x in (e.mape, e.median, e.p95, e.worst)))


def _worst(name: str, found: dict[str, Errors], what: str) -> Figure:
    worst = dict(sorted(found.items(), key=lambda kv: -kv[1].mape)[:20])
    rows = [(n, *_errors(e)) for n, e in worst.items()]
    first = next(iter(worst), "none")
    return bars(
        name,
        f"Mean power error of {what}, worst first",
        f"the worst is {first}" + (f", {worst[first].mape:.1%}" if worst else ""),
        axis("mean error (%)"),
        {n: 100 * e.mape for n, e in worst.items()},
        Table(("<of", "samples", "mean", "median", "95 %", "worst"), rows),
    )


def _coverage(card: Card) -> list[Figure]:
    found = {float(c): v for c, v in card.bounds.coverage.items()}
    if not found:
        return []
    x = [100 * c for c in found]
    y = [100 * v for v in found.values()]
    return [
        Figure(
            name="coverage",
            title="Layers under the bound",
            says=", ".join(f"at {a:.0f} % confidence {b:.1f} %" for a, b in zip(x, y, strict=True)),
            data=[
                line("left-out networks", x, y, colour(0), mode="lines+markers"),
                line("promised", x, x, "@text", line={"dash": "dash"}),
            ],
            layout={"xaxis": axis("confidence (%)"), "yaxis": axis("layers under the bound (%)")},
        )
    ]


def _bounds(card: Card) -> Table:
    heads = ("<kind", *(f"{level:g}" for level in card.bounds.levels), "layers")
    rows = [
        (name, *(f"{f:.3f}" for f in factors), str(card.bounds.samples[name]))
        for name, factors in card.bounds.factors.items()
    ]
    return Table(heads, rows, "Factor at confidence")


def _card(card: Card) -> Table:
    law = card.clock_law
    rows = [
        ("device", card.device), ("meter", card.meter), ("driver", card.driver),
        ("measured", card.measured), ("estimator", card.estimator), ("licence", card.license),
        ("seed", str(card.seed)), ("networks in the samples", str(card.networks)),
        ("samples' SHA-256", card.samples_sha256), ("model's SHA-256", card.model_sha256),
        ("device's digest", card.device_digest),
        ("clock law", "none" if law is None else f"limit {law.limit_w:g} W"),
    ]  # fmt: skip
    return Table(("<card", "<"), rows, "Model card")
