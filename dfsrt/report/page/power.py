"""Power over time, of a run whose layer runs were all kept."""

from __future__ import annotations

import numpy as np

from dfsrt.base.units import format_si
from dfsrt.report.look import BLUE, GREEN, RED
from dfsrt.report.page.envelope import Envelope
from dfsrt.report.page.page import Figure, Section
from dfsrt.report.page.style import axis, line
from dfsrt.run.run import Run

STEPS = {"shape": "hv"}
TITLE = "Power over time"
ASLEEP = axis(
    "asleep (%)", overlaying="y", side="right", range=[0, 102], showgrid=False, tickmode="auto"
)
"""The axis of time in idle states."""


def power_section(run: Run, envelope: Envelope | None) -> Section:
    """Return power over time, from ``envelope`` or else from the run's own rows."""
    shown = _of_rows(run) if envelope is None else envelope
    if shown is None:
        text = "Not every layer run was kept; power over time was not recorded."
        return Section(TITLE, text)
    return Section(TITLE, "", [power_over_time(shown)])


def _of_rows(run: Run) -> Envelope | None:
    """The envelope of a run that held a row for each layer run."""
    if not run.has_rows or int(run.log.ran.sum()) < run.book.layer_runs:
        return None
    envelope = Envelope()
    envelope.add(run.log)
    return envelope


def power_over_time(shown: Envelope) -> Figure:
    """Power against the cap over the whole run, and single layers of its first stretch."""
    x, detail, wide = shown.time_s, shown.detail, _whole_run(shown)
    data = [*wide, *_single_layers(shown, visible=not wide)]
    if np.isfinite(shown.cap_w).any():
        data.append(line("cap", x, shown.cap_w, "@text", line={**STEPS, "dash": "dash"}))
    slept = bool(shown.asleep.any())
    if slept:
        data.append(_sleep(shown))
    close = (
        [float(detail.time_s[0]), float(detail.time_s[-1])] if len(detail.time_s) else [0.0, 1.0]
    )
    whole = [0.0, float(x[-1])]
    mean = float(shown.energy_j.sum() / max(whole[1], 1e-12))
    places = list(range(len(wide)))
    meta = {"span": close, "wide": places, "close": [len(wide), len(wide) + 1]} if wide else {}
    return Figure(
        name="power-over-time",
        title=TITLE,
        says=f"{format_si(mean, 'W')} on average over {format_si(whole[1], 's')}; "
        f"{format_si(float(shown.peak_w.max(initial=0)), 'W')} in the hungriest layer; drag over "
        "a stretch to look closer, down to single layers in the first one",
        data=data,
        layout={
            "xaxis": axis("time (s)", range=whole),
            "yaxis": axis("power (W)", rangemode="tozero"),
            **({"yaxis2": ASLEEP} if slept else {}),
            "meta": meta,
            "updatemenus": [_buttons({"whole run": whole, "single layers": close})],
        },
        height=420,
    )


def _sleep(shown: Envelope) -> dict[str, object]:
    """The share of time in idle states, as a shade behind the watts."""
    shade = {"fill": "tozeroy", "fillcolor": "rgba(128,128,128,0.18)", "yaxis": "y2"}
    hover = "%{y:.0f} % asleep"
    share = 100 * shown.asleep
    return line("asleep", shown.time_s, share, "@muted", width=0, line=STEPS, hovertemplate=hover,
                **shade)  # fmt: skip


def _whole_run(shown: Envelope) -> list[dict[str, object]]:
    """Bins of the whole run; none where the first rows are all there are."""
    if shown.whole_in_detail:
        return []
    return [
        line("highest layer", shown.time_s, shown.peak_w, BLUE, width=1.0, line=STEPS),
        line("mean", shown.time_s, shown.mean_w, GREEN, line=STEPS),
    ]


def _single_layers(shown: Envelope, visible: bool) -> list[dict[str, object]]:
    detail, dotted = shown.detail, {**STEPS, "dash": "dot"}
    hover = "%{text}<br>%{x:.6f} s<br>%{y:.3f} W"
    true, predicted = "each layer, true", "each layer, predicted"
    return [
        line(true, detail.time_s, detail.power_w, BLUE, line=STEPS, visible=visible,
             text=detail.names, hovertemplate=hover),
        line(predicted, detail.time_s, detail.predicted_w, RED, line=dotted, visible=visible),
    ]  # fmt: skip


def _buttons(spans: dict[str, list[float]]) -> dict[str, object]:
    """Buttons that move the time axis."""
    return {
        "type": "buttons",
        "direction": "right",
        "buttons": [
            {"label": label, "method": "relayout", "args": [{"xaxis.range": span}]}
            for label, span in spans.items()
        ],
        "x": 1,
        "y": -0.12,
        "xanchor": "right",
        "yanchor": "top",
        "showactive": False,
        "bgcolor": "@card",
        "bordercolor": "@grid",
    }
