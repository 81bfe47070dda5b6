"""The page of a device against its measurements."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from dfsrt.device.truth_file import USES
from dfsrt.report.device_check import DeviceCheck
from dfsrt.report.device_check_figure import BANDS, QUANTITIES, Part, check_parts
from dfsrt.report.device_check_table import check_grids
from dfsrt.report.page.page import Figure, Page, Section, Table, Tile
from dfsrt.report.page.style import colour, line, marks, si_axis
from dfsrt.report.prose import Notes

_SYMBOLS = {"fitted": "circle-open", "held out": "diamond"}


def device_page(check: DeviceCheck) -> Page:
    """Return the page of ``check``: how far off, predicted over measured, and all measurements.

    Raises:
        InputError: a device that nobody has measured.
    """
    notes = Notes()
    grids = list(check_grids(check, notes))
    tables = [Table(grid.heads, grid.rows, " ".join(grid.lines)) for grid in grids]
    sources = [(str(number), text) for number, text in enumerate(notes.texts, 1)]
    return Page(
        title=f"{check.device} against silicon",
        what=check.what,
        tiles=list(_tiles(check)),
        sections=[
            Section(
                "Predicted against measured",
                "On the line a prediction is right; the dashed ones are 15 and 30 % off.",
                [_figure(part) for part in check_parts(check)],
            ),
            Section("Measurements", "", tables=tables),
            Section("Where they come from", "", tables=[Table(("note", "<"), sources)]),
        ],
    )


def _tiles(check: DeviceCheck) -> Iterator[Tile]:
    for used in reversed(USES):
        errors = check.by_use.get(used)
        if errors is not None:
            worst = f"on average over {errors.count}; worst {errors.worst_error:+.1%}"
            yield Tile(f"error, {used}", f"{errors.mean_error:.1%}", worst)
    for profile in check.profiles:
        rank = profile.rank_correlation
        ordered = "" if rank is None else f"; order right by {rank:.3f}"
        what = f"on average over {profile.layers} layers, {profile.used}{ordered}"
        yield Tile(f"error, {profile.profile}", f"{profile.mean_error:.1%}", what)


def _figure(part: Part) -> Figure:
    name = f"{part.quantity} of {part.what}"
    unit = QUANTITIES[part.quantity]
    scale = {"type": "log", "range": [math.log10(end) for end in part.ends]}
    return Figure(
        name=name.replace(" ", "-"),
        title=name.capitalize(),
        says=f"predicted over measured {name}, {len(part.points)} points, on logarithmic axes",
        data=[*_lines(part.ends), *_marks(part)],
        layout={
            "xaxis": si_axis("measured", unit, **scale),
            "yaxis": si_axis("predicted", unit, **scale),
        },
        height=520,
    )


def _lines(ends: Sequence[float]) -> Iterator[dict[str, object]]:
    yield line("equal", ends, ends, "@text", hoverinfo="skip")
    for share in BANDS:
        for sign in (-1, 1):
            off = [(1 + sign * share) * end for end in ends]
            dashes = {"dash": "dash", "width": 1.0}
            yield line(f"{sign * share:+.0%}", ends, off, "@muted", line=dashes, hoverinfo="skip")


def _marks(part: Part) -> Iterator[dict[str, object]]:
    small, unit = part.what == "layers", QUANTITIES[part.quantity]
    hover = f"%{{text}}<br>measured %{{x:.4s}}{unit}<br>predicted %{{y:.4s}}{unit}"
    for number, used in reversed(list(enumerate(USES))):  # a ring hides nothing, so it is above
        points = [point for point in part.points if point.used == used]
        if points:
            marker = {"size": 5 if small else 10, "color": colour(number)}
            yield marks(
                used,
                [point.measured for point in points],
                [point.predicted for point in points],
                {**marker, "symbol": _SYMBOLS[used], "line": {"width": 1 if small else 2}},
                text=[point.name or point.operator for point in points],
                hovertemplate=hover,
            )
