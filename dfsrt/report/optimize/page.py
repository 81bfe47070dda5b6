"""The page of a chain of steps: bytes, energy and answers, and layers before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dfsrt.base.units import format_si
from dfsrt.report.look import BLUE, GREEN, RED
from dfsrt.report.optimize.layer_table import layers_grid
from dfsrt.report.optimize.schema import OptimizeReport, OptimizeRow
from dfsrt.report.optimize.table import step_grids
from dfsrt.report.optimize.words import (
    float_line,
    headline,
    legend,
    said_lines,
    summary,
    worst_line,
)
from dfsrt.report.page.energy import DOMAINS
from dfsrt.report.page.grids import table_of
from dfsrt.report.page.page import Figure, Page, Section, Table, Tile
from dfsrt.report.page.style import PALETTE, STACKED, axis, bar, si_axis

WIDEST = 16
"""Characters of a step in one line beside its bars."""


def optimize_page(report: OptimizeReport) -> Page:
    """Return the page of ``report``."""
    sizes, speed, answers = (table_of(grid, "Steps") for grid in step_grids(report))
    return Page(
        title=f"{report.network} made smaller for {report.device}",
        subject=headline(report),
        what="; ".join(said_lines(report)),
        tiles=list(_tiles(report.rows[0], report.rows[-1])),
        sections=[
            Section("What the device makes of it", _in_all(report),
                    tables=[_verdicts(report)]),
            Section("Bytes", "", [_bytes(report.rows, sizes)]),
            Section("Energy and time", "", [_energy(report, speed)]),
            *([Section("Answers", "", [_answers(report.rows, answers)])]
              if report.data is not None else []),
            *([_layers(report)] if report.layers else []),
            *([Section("Notes", tables=[_notes(report)])] if report.notes else []),
        ],
    )  # fmt: skip


def _tiles(first: OptimizeRow, last: OptimizeRow) -> Iterator[Tile]:
    def tile(name: str, before: float | None, after: float | None, unit: str) -> Tile:
        texts = ["-" if n is None else format_si(n, unit) for n in (before, after)]
        return Tile(name, texts[1], f"from {texts[0]}")

    yield tile("stored bytes", first.stored_bytes, last.stored_bytes, "B")
    yield tile("DRAM bytes a frame", first.dram_bytes, last.dram_bytes, "B")
    yield tile("time of a frame", first.latency_s, last.latency_s, "s")
    yield tile("energy of a frame", first.energy_j.total, last.energy_j.total, "J")
    rates = [row.same_rate_power_w for row in (first, last)]
    before, after = (None if rate is None else rate.total for rate in rates)
    yield tile("watts at the same frame rate", before, after, "W")
    a, b = first.fidelity, last.fidelity
    if a is not None and b is not None and a.accuracy is not None and b.accuracy is not None:
        yield Tile("accuracy", f"{b.accuracy:.2%}", f"from {a.accuracy:.2%}")
    elif b is not None and b.same is not None:
        yield Tile("answers the same", f"{b.same:.1%}", "as the network as given")
    elif b is not None:
        yield Tile("cosine", f"{b.cosine:.4f}", "of outputs, with the network as given")


def _in_all(report: OptimizeReport) -> str:
    return ". ".join(line for line in (summary(report), float_line(report), legend(report)) if line)


def _verdicts(report: OptimizeReport) -> Table:
    rows = [
        (row.step, f"{row.verdict}: {'; '.join(row.reasons)}".removesuffix(": "))
        for row in report.rows[1:]
    ]
    return Table(("<step", "<what the device makes of it"), rows, "Against the row before")


def _notes(report: OptimizeReport) -> Table:
    return Table(("<note",), [(note,) for note in report.notes], "What must be known beside")


def _names(rows: Sequence[OptimizeRow]) -> list[str]:
    """Steps by number, for one may come twice, in lines that fit beside bars."""
    names = [
        row.step if len(row.step) <= WIDEST else row.step.replace(":", "<br>:") for row in rows
    ]
    return [f"{k}. {name}" if k else name for k, name in enumerate(names)]


def _bytes(rows: Sequence[OptimizeRow], table: Table) -> Figure:
    kinds = (
        ("file", [row.file_bytes for row in rows], PALETTE[7]),
        ("stored without loss", [row.stored_bytes for row in rows], BLUE),
        ("DRAM a frame", [row.dram_bytes for row in rows], RED),
    )
    hover = "%{fullData.name}: %{x:.4s}B<extra></extra>"
    first, last = rows[0], rows[-1]
    return Figure(
        name="bytes",
        title="Bytes after each step",
        says=f"constants take {_change(first.stored_bytes, last.stored_bytes, 'B')}, and a frame "
        f"moves {_change(first.dram_bytes, last.dram_bytes, 'B')}",
        data=[
            bar(name, _names(rows), amounts, shade, hovertemplate=hover)
            for name, amounts, shade in kinds
            if any(amount is not None for amount in amounts)
        ],
        layout={**STACKED, "barmode": "group", "xaxis": si_axis("bytes", "B")},
        height=160 + 70 * len(rows),
        table=table,
    )


def _change(before: float, after: float, unit: str) -> str:
    texts = [format_si(amount, unit) for amount in (after, before)]
    return (
        f"{texts[0]}, as before" if texts[0] == texts[1] else f"{texts[0]} in place of {texts[1]}"
    )


def _energy(report: OptimizeReport, table: Table) -> Figure:
    rows, shades = report.rows, zip(DOMAINS.items(), PALETTE, strict=False)
    hover = "%{fullData.name}: %{x:.4s}J<extra></extra>"
    first, last = rows[0], rows[-1]
    return Figure(
        name="energy",
        title="Energy of a frame, all domains",
        says=f"a frame takes {_change(first.energy_j.total, last.energy_j.total, 'J')} and "
        f"{_change(first.latency_s, last.latency_s, 's')}",
        data=[
            bar(name, _names(rows), [getattr(row.energy_j, key) for row in rows], shade,
                hovertemplate=hover)
            for (key, name), shade in shades
        ],
        layout={**STACKED, "xaxis": si_axis("energy of a frame", "J")},
        height=150 + 45 * len(rows),
        table=table,
    )  # fmt: skip


def _answers(rows: Sequence[OptimizeRow], table: Table) -> Figure:
    """Shares that are there: of labels met, of the same answers; and the cosine."""
    left = [row.fidelity for row in rows]
    kinds = (
        ("as labelled", [None if f is None else f.accuracy for f in left], BLUE),
        ("same", [None if f is None else f.same for f in left], GREEN),
        ("cosine", [None if f is None else f.cosine for f in left], RED),
    )
    shown = [kind for kind in kinds if any(value is not None for value in kind[1])]
    hover = "%{fullData.name}: %{x:.4f}<extra></extra>"
    lasts = [f"{name} {values[-1]:.4f}" for name, values, _ in shown if values[-1] is not None]
    return Figure(
        name="answers",
        title="What is left of the answers",
        says=f"after the last step: {', '.join(lasts)}",
        data=[bar(name, _names(rows), values, shade, hovertemplate=hover)
              for name, values, shade in shown],
        layout={**STACKED, "barmode": "group",
                "xaxis": axis("share of the answers (1 is all)", range=[0, 1.15])},
        height=160 + 60 * len(rows),
        table=table,
    )  # fmt: skip


def _layers(report: OptimizeReport) -> Section:
    table = table_of(layers_grid(report), "Layers, before > after, the worst first")
    errors = {a.name: a.sqnr_db for a in report.layers if a.sqnr_db is not None}
    if not errors:
        return Section("Layers", "", tables=[table])
    figure = Figure(
        name="layers",
        title="Signal to error of each layer's outputs",
        says=worst_line(report) or "",
        data=[bar("SQNR", list(errors), list(errors.values()), BLUE)],
        layout={"xaxis": axis("dB"), "yaxis": axis("", autorange="reversed", automargin=True)},
        height=140 + 24 * len(errors),
        table=table,
    )
    return Section("Layers", "", [figure])
