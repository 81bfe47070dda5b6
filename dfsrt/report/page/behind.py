"""What is behind a page's numbers: notes, the power model and its card, all that is assumed."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.device import Npu
from dfsrt.report.battery_table import DEVICE_ASSUMED
from dfsrt.report.page.battery import assumed_table
from dfsrt.report.page.card import card_tables
from dfsrt.report.page.page import Section, Table
from dfsrt.report.schema import Prediction, Report


def behind_section(report: Report, npu: Npu, said: Sequence[str] | None = None) -> Section:
    """Return the section on what a report rests on; ``said`` takes the place of its own notes."""
    notes = report.notes if said is None else said
    tables = [_model(report.power_model, report.prediction)]
    if notes:
        tables.insert(0, Table(("<notes",), [(note,) for note in notes], "Notes"))
    if report.battery is not None:
        tables.append(assumed_table(report.battery))
    device, head = [(name,) for name in report.assumed] or [("nothing",)], f"<{DEVICE_ASSUMED}"
    count = len(report.assumed)
    said = f"Assumed of the device: {count} number{'s' * (count != 1)}"
    tables += [
        *card_tables(report.power_model, npu),
        Table((head,), device, said),
    ]
    return Section("Behind the numbers", "", tables=tables)


def _model(name: str, p: Prediction) -> Table:
    """How the power model did on this run."""
    shares = [
        ("prediction error", p.mape, ".2%"),
        ("predicted too low, of layer runs", p.under_share, ".1%"),
        ("confidence of its bound", p.confidence, ".0%"),
        ("error of its mean", p.mean_error, ".2%"),
        ("its bound above its mean", p.margin, ".1%"),
    ]
    rows = [("power model", name)]
    rows += [(what, format(share, form)) for what, share, form in shares if share is not None]
    rows.append(("layers outside its samples", f"{p.out_of_range:,}"))
    return Table(("<of the model", "<"), rows, "Power model")
