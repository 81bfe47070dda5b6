"""A model's card as people read it."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console

from dfsrt.base.units import format_si
from dfsrt.power.card import Card, Errors, WholeNetworks
from dfsrt.report.tables import say, show

QUANTITIES = {"power_w": "power", "latency_s": "time", "held_clock_hz": "clock, where held"}
LAYOUTS = {"nhwc": "NHWC", "nchw": "NCHW", "either": "no images"}


def card_summary(console: Console, card: Card) -> None:
    """Print what a model is, its errors, its baselines, its bounds and its limits."""
    say(
        console,
        f"{card.name}: {card.device}, {card.samples:,} samples {_origin(card)}, "
        f"{card.meter} meter, {card.measured}",
        card.driver,
        card.estimator,
        f"limits: {card.limits}",
    )
    if card.clock_law is not None:
        law = card.clock_law
        say(
            console,
            f"clock law: above {law.limit_w:g} W the clock falls from "
            f"{format_si(law.highest_hz, 'Hz')} until P = demand x (f/f_max)^{law.exponent:g} fits",
        )
    heads = (f"<on {_held_out(card)} held out", "samples", "mean error", "median", "95 %", "worst")
    rows = [(QUANTITIES[k], *_cells(t.overall)) for k, t in card.targets.items()]
    rows += [(f"power by {name}", *_cells(e)) for name, e in card.baselines.items()]
    show(console, heads, rows)
    layouts = [
        (f"{QUANTITIES[k]}, {LAYOUTS.get(name, name)}", *_cells(e))
        for k, t in card.targets.items()
        for name, e in t.by_layout.items()
    ]
    if layouts:
        show(console, ("<by layout of images", *heads[1:]), layouts)
    if card.whole is not None:
        show(console, ("<whole networks held out", *heads[1:]), _whole(card.whole))
        say(
            console,
            f"a layer among others takes {format_si(card.whole.switch_s, 's')} longer than alone, "
            f"fitted on {', '.join(card.whole.fitted_on)}; held out: "
            f"{', '.join(card.whole.held_out)}",
        )
    again = card.repeats
    say(
        console,
        f"{again.layers} layers measured {again.readings} times deviate from their mean by "
        f"{again.power_w:.1%} in power and {again.latency_s:.1%} in time",
    )
    worst = sorted(card.targets["power_w"].by_operator.items(), key=lambda kv: -kv[1].mape)[:6]
    show(console, ("<operators, worst first", *heads[1:]), _named(worst))
    groups = sorted(card.targets["power_w"].by_group.items(), key=lambda kv: -kv[1].mape)[:6]
    show(console, (f"<{_held_out(card)}, worst first", *heads[1:]), _named(groups))
    levels = card.bounds.levels
    bound_heads = ("<bound: factor at confidence", *(f"{level:g}" for level in levels))
    show(
        console,
        (*bound_heads, "layers"),
        (
            (name, *(f"{v:.3f}" for v in factors), str(card.bounds.samples[name]))
            for name, factors in card.bounds.factors.items()
        ),
    )
    say(console, _coverage(card))


def _whole(whole: WholeNetworks) -> list[tuple[str, ...]]:
    errors = {"time": whole.latency_s, "energy": whole.energy_j}
    return [
        (f"{quantity}, {LAYOUTS[layout]}", *_cells(e))
        for quantity, by_layout in errors.items()
        for layout, e in by_layout.items()
    ]


def _origin(card: Card) -> str:
    return f"with {card.networks} networks in them" if card.networks else "of made-up layers"


def _held_out(card: Card) -> str:
    return "networks" if card.networks else "shape families"


def _coverage(card: Card) -> str:
    found, held_out = card.bounds.coverage, _held_out(card)
    if not found:
        return f"too few layers to say what the bound covers on left-out {held_out}"
    told = ", ".join(f"{float(c):.0%}: {v:.1%}" for c, v in found.items())
    return f"layers of left-out {held_out} under the bound, at confidence {told}"


def _named(found: Iterable[tuple[str, Errors]]) -> list[tuple[str, ...]]:
    return [(name, *_cells(e)) for name, e in found]


def _cells(e: Errors) -> tuple[str, ...]:
    return (str(e.samples), *(f"{v:.1%}" for v in (e.mape, e.median, e.p95, e.worst)))
