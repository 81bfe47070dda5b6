"""A regret says how much better the best may be that its search has not found."""

from __future__ import annotations

import io
import math

import pytest
from msgspec.structs import replace
from rich.console import Console

import dfsrt
from dfsrt.governor.optimum import recent as recent_file
from dfsrt.report import regret as regret_file
from dfsrt.report.compare_table import compare_table
from dfsrt.report.notes import CUT, regret_notes
from dfsrt.report.schema import Regret


def compared(governors=("dfs", "performance"), **job):
    recent_file._RECENT.clear()
    return dfsrt.compare("squeezenet", list(governors), **job)


def shown(report):
    out = io.StringIO()
    compare_table(Console(file=out, width=250), report)
    return out.getvalue()


def test_a_search_with_enough_work_leaves_no_note():
    found = compared()
    assert all(run.regret.time_gap <= 1e-3 for run in found.report.runs)
    assert all(run.regret.energy_gap <= 1e-3 for run in found.report.runs)
    assert not any(run.regret.cut for run in found.report.runs)
    assert "regret: the search" not in shown(found.report)


def test_a_search_without_work_says_how_much_better_the_best_may_be(monkeypatch):
    sure = compared().report.runs[0].regret
    monkeypatch.setattr(regret_file, "TIME_NS", 1)
    found = compared()
    regret = found.report.runs[0].regret
    assert regret.time_gap > 1e-3
    # The least time that was found is no less than the best, and the best no less than the bound.
    assert regret.time <= sure.time + 1e-9
    assert (1 + sure.time) * (1 - regret.time_gap) <= 1 + regret.time
    assert "note: regret: the search for the best had ended before it was certain" in shown(
        found.report
    )


def test_notes_of_regrets_as_worked_by_hand():
    sure = Regret(0.1, 0.2, 0.0, 5e-4, 5e-4)
    wide = Regret(0.1, 0.2, 0.0, 0.02, 0.3)
    assert regret_notes([]) == []
    assert regret_notes([sure]) == []
    (note,) = regret_notes([sure, wide])
    assert "times may be 2.00% and energies 30.00% less at most" in note
    assert regret_notes([Regret(0.1, 0.2, 0.0, cut=True)]) == [f"regret: {CUT}"]


@pytest.mark.parametrize(("second", "advised"), [("powersave", True), ("optimal", False)])
def test_where_nobody_knows_the_best_a_longer_search_is_named_unless_it_is_there(second, advised):
    runs = compared(("dfs", second), frames=1, device="systolic-128").report
    open_ended = Regret(0.0, 0.0, 0.0, energy_gap=math.inf)
    runs = replace(runs, runs=[replace(run, regret=open_ended) for run in runs.runs])
    assert ("more than is shown; with -g optimal among them" in shown(runs)) is advised


@pytest.mark.deep
def test_the_longer_search_that_is_named_finds_better_plans():
    dfs, with_best = (
        compared(("dfs", second), cap="0.25 W", frames=1).report.runs[0].regret
        for second in ("dfs:same=0.05", "optimal")
    )
    assert math.isinf(dfs.energy_gap) and with_best.energy_gap < 0.01
    assert with_best.energy > dfs.energy + 0.05


@pytest.mark.parametrize("governor", ["performance"])
def test_who_is_faster_than_the_fastest_is_held_against_that_plan(governor):
    regret = compared([governor, "dfs"], cap="0.2 W").report.runs[0].regret
    assert regret.time < 0
    assert regret.energy_gap == 0.0
