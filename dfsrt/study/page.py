"""The page of a study: its trials, the best of them, and the search behind."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.report.look import BLUE, LIMIT, RED
from dfsrt.report.page import Figure, Page, Section, Table, Tile
from dfsrt.report.page.style import RING, axis, line
from dfsrt.study.entry import COMPLETE, Entry
from dfsrt.study.figure import axis_label, study_text
from dfsrt.study.metric import METRICS
from dfsrt.study.result import Result, bare_spec
from dfsrt.study.schema import TunedPoint, TuneReport


def tune_page(result: Result, report: TuneReport) -> Page:
    """Return the page of a finished study."""
    best = report.best
    return Page(
        title=f"Study {report.study}",
        subject=study_text(result.judge.study),
        what=f"{', '.join(report.objectives)} over {', '.join(report.networks)}; "
        f"{report.sampler} sampler, seed {report.seed}.",
        tiles=[
            Tile("trials", f"{report.trials.complete:,}",
                 f"{report.trials.feasible:,} keep the limits, {report.trials.pruned:,} pruned, "
                 f"{report.trials.failed:,} failed"),
            *(Tile(name, f"{best.metrics[name]:.4g}", "of the best") for name in report.objectives),
            Tile("best governor", best.governor, f"trial {best.trial}"),
        ],
        sections=[
            Section("Trials", "", [_trials(result)]),
            Section("Points", "", tables=[_points(report)]),
            Section("Behind the numbers", "", tables=[_search(report)]),
        ],
    )  # fmt: skip


def _trials(result: Result) -> Figure:
    judge = result.judge
    names = judge.study.objectives
    complete = [e for e in result.entries if e.state == COMPLETE]
    kept = [e for e in complete if judge.feasible(e)]
    broken = [e for e in complete if not judge.feasible(e)]
    alone = len(names) == 1
    data = [
        _marks(result, broken, alone, "breaks a limit", "@muted", "x"),
        _marks(result, kept, alone, "trial", BLUE if alone else "@muted", "circle"),
    ]
    if alone and METRICS[names[0]].how == "ratio":
        ends = [0, result.entries[-1].number]
        baseline = bare_spec(judge.study.baseline)
        data.append(line(baseline, ends, [1.0, 1.0], "@text", line={"dash": LIMIT}))
    if not alone:
        front = sorted(judge.objectives(e)[:2] for e in result.front)
        data.append(
            line("Pareto set", [p[0] for p in front], [p[1] for p in front], BLUE,
                 mode="lines+markers", line={"shape": "hv"})
        )  # fmt: skip
    ring = _marks(result, [result.best], alone, "best", RED, "circle-open")
    data.append({**ring, "marker": {"color": RED, **RING}})
    titles = ["trial", names[0]] if alone else list(names[:2])
    return Figure(
        name="trials",
        title="Trials by their objectives",
        says=f"{len(complete)} complete trials, {len(kept)} keep the limits; the best is trial "
        f"{result.best.number}",
        data=data,
        layout={"xaxis": axis(_label(result, titles[0])), "yaxis": axis(_label(result, titles[1]))},
        height=460,
    )


def _marks(
    result: Result, entries: Sequence[Entry], alone: bool, name: str, colour: str, symbol: str
) -> dict[str, object]:
    points = [result.judge.objectives(e) for e in entries]
    x = [e.number for e in entries] if alone else [p[0] for p in points]
    y = [p[0] for p in points] if alone else [p[1] for p in points]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": x,
        "y": y,
        "text": [f"trial {e.number}" for e in entries],
        "marker": {"color": colour, "symbol": symbol, "size": 6},
        "hovertemplate": "%{text}: %{x:.4g}, %{y:.4g}",
    }


def _label(result: Result, name: str) -> str:
    """What an axis shows: a metric against the baseline or in its unit, or the trial's number."""
    return axis_label(result, name) if name in METRICS else name


def _points(report: TuneReport) -> Table:
    shown = list(dict.fromkeys([*report.objectives, *report.limits]))
    points = [("baseline", report.baseline), ("best", report.best)]
    points += [("Pareto", p) for p in report.pareto if p.trial != report.best.trial]
    return Table(
        ("<", "trial", *shown, "<governor", "<device"),
        [_row(what, point, shown) for what, point in points],
        "Baseline, best and the Pareto set",
    )


def _row(what: str, point: TunedPoint, shown: Sequence[str]) -> tuple[str, ...]:
    trial = "" if point.trial < 0 else str(point.trial)
    return (
        what, trial, *(f"{point.metrics[n]:.4f}" for n in shown), point.governor, point.device
    )  # fmt: skip


def _search(report: TuneReport) -> Table:
    rows = [(name, text) for name, text in report.search.items()]
    rows += [(f"limit of {name}", f"{limit:g}") for name, limit in report.limits.items()]
    rows += [(f"metric {name}", text) for name, text in report.metrics.items()]
    rows += [("caps", ", ".join("the device's own" if c is None else str(c) for c in report.caps))]
    rows += [("seeds", ", ".join(str(s) for s in report.seeds))]
    rows += [(f"{n} trials failed", why) for why, n in report.failures.items()]
    return Table(("<searched", "<over"), rows, "The study")
