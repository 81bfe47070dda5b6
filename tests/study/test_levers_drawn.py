"""The waterfall of levers: its bars join, and its axis hides nothing and makes nothing up."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dfsrt.report.brief import FrameEnergy
from dfsrt.study.levers import ladder_of, pull
from dfsrt.study.levers.bars import ADDED, LEFT, SAVED, bars_of
from dfsrt.study.levers.figure import draw
from dfsrt.study.levers.page import levers_page
from dfsrt.study.levers.schema import LeversReport


@pytest.fixture(scope="module")
def report() -> LeversReport:
    return pull(ladder_of("digits", names=["int8"], frames=1), workers=1).report


def with_joules(report: LeversReport, *joules: float | None) -> LeversReport:
    """The report with one rung for each of ``joules`` a frame."""
    rungs = []
    for k, each in enumerate(joules):
        energy = each and FrameEnergy(npu=each, dram=0.0, uncore=0.0, total=each)
        before = joules[k - 1] if k else None
        change = each / before - 1 if each and before else None
        one = {"lever": f"l{k}", "energy_per_frame_j": energy, "energy_change": change}
        rungs.append(msgspec.structs.replace(report.rungs[0], **one))
    return msgspec.structs.replace(report, rungs=rungs)


def figure_of(report: LeversReport) -> Any:
    return levers_page(report).sections[0].figures[0]


def test_bars_hang_from_one_another_and_say_what_they_do(report: LeversReport) -> None:
    bars = bars_of(with_joules(report, 8e-3, 4e-3, 5e-3, 5e-3))
    assert [bar.kind for bar in bars] == [LEFT, SAVED, ADDED, LEFT, LEFT]
    assert [(bar.low_j, bar.high_j) for bar in bars] == [
        (0, 8e-3), (4e-3, 8e-3), (4e-3, 5e-3), (5e-3, 5e-3), (0, 5e-3),
    ]  # fmt: skip
    assert "no change" in bars[3].text
    assert bars[-1].lever == "all on"


@pytest.mark.parametrize(("joules", "scale"), [((2e-3, 1e-3), "linear"), ((2.0, 1e-3), "log")])
def test_bars_start_at_0_unless_that_hides_the_least(
    report: LeversReport, joules: tuple[float, ...], scale: str
) -> None:
    varied = with_joules(report, *joules)
    (axes,) = draw(varied).axes
    assert axes.get_xscale() == scale
    assert (axes.get_xlim()[0] == 0) == (scale == "linear")
    assert ("logarithmic" in axes.get_xlabel()) == (scale == "log")
    layout = figure_of(varied).layout["xaxis"]
    assert layout.get("type", "linear") == scale


def test_figure_and_page_draw_the_same_bars(report: LeversReport) -> None:
    bars, figure = bars_of(report), figure_of(report)
    shown = {
        name: (low, low + length)
        for trace in figure.data
        for name, low, length in zip(trace["y"], trace["base"], trace["x"], strict=True)
    }
    assert shown == {bar.lever: pytest.approx((bar.low_j, bar.high_j)) for bar in bars}
    (axes,) = draw(report).axes
    assert [text.get_text() for text in axes.texts] == [bar.text for bar in bars]
    assert not any("e+" in bar.text for bar in bars)
    assert all(a.high_j >= b.low_j for a, b in pairwise(bars))


def test_without_a_frame_there_is_no_bar_and_no_error(report: LeversReport, tmp_path: Path) -> None:
    none = with_joules(report, None, None)
    assert bars_of(none) == []
    assert draw(none).axes[0].containers == []
    assert figure_of(none).says == "no run had a frame"
