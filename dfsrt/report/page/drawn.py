"""What a page draws of a figure: amounts in a unit that fits, values at bars, names at lines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dfsrt.report.look import FONTS
from dfsrt.report.page.bar_values import write_values
from dfsrt.report.page.fitting_unit import in_its_unit
from dfsrt.report.page.line_ends import name_lines
from dfsrt.report.page.narrow import Values

AXIS = re.compile(r"[xy]axis\d*")


def drawn(
    data: Sequence[Mapping[str, object]], layout: Mapping[str, object], height: int
) -> dict[str, object]:
    """Return a figure as Plotly draws it; what the figure itself holds stays as it was."""
    traces: list[Values] = [dict(trace) for trace in data]
    made: Values = {"height": height, **layout}
    write_values(traces, made)
    for key in filter(AXIS.fullmatch, list(made)):
        in_its_unit(traces, made, key)
    name_lines(traces, made)
    made["font"] = {"family": ", ".join(FONTS), "size": 13}
    return {"data": traces, "layout": made}
