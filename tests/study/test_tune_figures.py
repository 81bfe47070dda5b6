"""What a study draws: its best trial is marked, and no line lies on a trial."""

from __future__ import annotations

import pytest

import dfsrt
from dfsrt.study.figure import draw
from dfsrt.study.page import tune_page

OVER = {"networks": ["alexnet"], "caps": ["0.16 W"], "frames": 1}
SEARCH = {"guard": {"low": 0.0, "high": 0.2}}


@pytest.fixture(scope="module", params=[["energy_j"], ["energy_j", "latency_s"]])
def tuned(request):
    study = {"name": "one", "trials": 4, "sampler": "random", "objectives": request.param}
    return dfsrt.tune({**study, "over": OVER, "search": SEARCH}, workers=1)


def test_the_best_trial_has_a_ring_that_nothing_hides(tuned):
    (axes,) = draw(tuned.result).axes
    marks = {each.get_label(): each for each in axes.collections}
    best = tuned.report.best
    values = [best.metrics[name] for name in tuned.report.objectives]
    at = [best.trial, *values] if len(values) == 1 else values
    assert marks["best"].get_offsets()[0].tolist() == pytest.approx(at)
    assert all(line.get_zorder() < marks["best"].get_zorder() for line in axes.lines)
    if len(values) == 1:
        assert all(line.get_zorder() < marks["trial"].get_zorder() for line in axes.lines)


def test_the_page_marks_the_same_trial(tuned):
    figure = tune_page(tuned.result, tuned.report).sections[0].figures[0]
    ring = figure.data[-1]
    assert (ring["name"], ring["text"]) == ("best", [f"trial {tuned.report.best.trial}"])
