"""Tune finds optima that are known beforehand."""

from __future__ import annotations

import itertools
import math

import pytest

from dfsrt.report.api import Job
from dfsrt.study import tune
from dfsrt.study.result import nearest_to_ideal, pareto
from dfsrt.study.study import parse_study
from tests.study.planted import BEST_GUARD, BEST_SAME, bowl, study_of


@pytest.mark.parametrize(
    ("sampler", "trials", "within"),
    [("tpe", 200, 0.02), ("cmaes", 300, 1e-3), ("nsga2", 400, 0.05), ("random", 400, 0.05)],
)
def test_each_sampler_finds_the_planted_optimum(tmp_path, sampler, trials, within):
    best = tune(study_of(sampler, trials), tmp_path, 1, evaluate=bowl).report.best
    assert abs(float(best.parameters["same"]) - BEST_SAME) < within
    assert abs(float(best.parameters["guard"]) - BEST_GUARD) < within
    assert best.metrics["energy_j"] == pytest.approx(1.0, abs=2 * within**2)


def test_a_limit_moves_the_optimum_to_its_edge(tmp_path):
    # Latency is 1 + guard against 1.12 of the baseline: at most 1.06 of 1.12 means guard <= 0.06.
    study = study_of("tpe", 200, more=f"limits = {{ latency_s = {1.06 / 1.12} }}")
    best = tune(study, tmp_path, 1, evaluate=bowl).report.best
    assert best.feasible
    assert 0.055 < float(best.parameters["guard"]) <= 0.06 + 1e-9


def test_where_no_point_keeps_the_limits_the_nearest_is_named_and_says_so(tmp_path):
    study = study_of("tpe", 60, more="limits = { latency_s = 0.5 }")
    done = tune(study, tmp_path, 1, evaluate=bowl).report
    assert not done.best.feasible
    assert done.pareto == []
    assert done.trials.feasible == 0
    assert float(done.best.parameters["guard"]) < 0.05  # the less guard, the less latency


@pytest.mark.deep
def test_the_least_energy_of_dfs_is_the_one_that_trying_everything_finds(tmp_path):
    rails, ties, caps = ("700mV", "750mV", "800mV", "850mV"), ("lowest", "highest"), (0.7, 1.0)
    guards = ("0.0", "0.05", "0.1")
    study = parse_study(f"""
        name = "exhaustive"
        trials = 160
        limits = {{ latency_s = 1.1 }}
        [over]
        networks = ["squeezenet"]
        caps = {list(caps)}
        frames = 2
        [search]
        guard = [{", ".join(guards)}]
        [search.parameters]
        rail = {list(rails)}
        tie = {list(ties)}
    """)

    def runs(governor):
        jobs = [Job("squeezenet", cap=cap, frames=2) for cap in caps]
        reports = [job.run(governor).report for job in jobs]
        energy = math.prod(r.energy_per_inference_j for r in reports) ** 0.5
        return energy, math.prod(r.latency_s.p50 for r in reports) ** 0.5

    energy0, latency0 = runs("app-dvfs")
    tried = {}
    for rail, tie, guard in itertools.product(rails, ties, guards):
        energy, latency = runs(f"dfs:rail={rail}:tie={tie}:guard={guard}")
        if latency <= 1.1 * latency0 * (1 + 1e-12):
            tried[rail, tie, guard] = energy / energy0
    least = min(tried.values())
    best = tune(study, tmp_path, 1).report.best
    assert best.metrics["energy_j"] == pytest.approx(least, rel=1e-9)
    chosen = best.parameters["rail"], best.parameters["tie"], best.parameters["guard"]
    assert tried[chosen] == pytest.approx(least, rel=1e-9)
    assert len({round(value, 6) for value in tried.values()}) > 3  # there was something to find


def test_the_pareto_set_is_what_comparing_each_with_each_leaves(tmp_path):
    study = study_of("nsga2", 120, more='objectives = ["energy_j", "fps", "cap_excess"]')
    done = tune(study, tmp_path, 1, evaluate=bowl).report
    rows = (tmp_path / "trials.csv").read_text().splitlines()
    heads = rows[0].split(",")
    columns = [heads.index(name) for name in ("energy_j", "fps", "cap_excess")]
    points = [tuple(float(row.split(",")[c]) for c in columns) for row in rows[1:]]
    costs = {i: (e, -f, x) for i, (e, f, x) in enumerate(points)}
    left = {
        i
        for i, a in costs.items()
        if not any(
            all(q <= p for p, q in zip(a, b, strict=True)) and a != b for b in costs.values()
        )
    }
    assert {costs[p.trial] for p in done.pareto} == {costs[i] for i in left}
    assert done.best.trial in {p.trial for p in done.pareto}


def test_of_equal_points_the_first_is_kept():
    assert pareto([(1.0, 2.0), (1.0, 2.0), (2.0, 1.0), (2.0, 2.0)]) == [0, 2]


def test_the_best_of_several_objectives_is_the_bend_of_the_front():
    assert nearest_to_ideal([(0.0, 1.0), (0.1, 0.1), (1.0, 0.0)]) == 1
    assert nearest_to_ideal([(5.0, 5.0)]) == 0
