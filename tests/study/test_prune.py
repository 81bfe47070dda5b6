"""Pruning saves cells, and what it prunes is worse than the median."""

from __future__ import annotations

import csv
from statistics import median

from dfsrt.study import tune
from dfsrt.study.entry import COMPLETE, Entry, Judge
from dfsrt.study.prune import STARTUP, to_prune
from tests.study.planted import Counting, bowl, study_of


def rows(folder):
    with (folder / "trials.csv").open() as file:
        return list(csv.DictReader(file))


def test_pruned_trials_run_fewer_cells_and_the_best_runs_all(tmp_path):
    counting = Counting()
    study = study_of("tpe", 64, more="prune = true")
    done = tune(study, tmp_path, 1, evaluate=counting).report
    found = rows(tmp_path)
    assert done.trials.pruned == sum(row["state"] == "pruned" for row in found) > 5
    assert all(int(r["cells"]) < 4 for r in found if r["state"] == "pruned")
    assert all(int(r["cells"]) == 4 for r in found if r["state"] == "complete")
    # 4 cells of the baseline, and each trial's own.
    assert sum(cells for _, cells in counting.seen) == 4 + sum(int(r["cells"]) for r in found)
    assert found[done.best.trial]["state"] == "complete"


def test_each_pruned_trial_is_worse_than_the_median_of_the_batches_before(tmp_path):
    tune(study_of("random", 64, more="prune = true"), tmp_path, 1, evaluate=bowl)
    found = rows(tmp_path)
    for row in found:
        first = int(row["trial"]) // 8 * 8
        before = [float(r["energy_j"]) for r in found[:first] if r["state"] == "complete"]
        if row["state"] == "pruned":
            assert float(row["energy_j"]) > median(before)
        elif len(before) >= STARTUP:
            assert float(row["energy_j"]) <= median(before)


def figures(energy, latency=1.0):
    return {
        "energy_j": energy,
        "latency_s": latency,
        "latency_p99_s": latency,
        "fps": 1 / latency,
        "edp_js": energy * latency,
        "cap_excess": 0.0,
        "cap_excess_w": 0.0,
    }


def entry(number, *cells, state=COMPLETE):
    return Entry(number, number, {}, state, list(cells))


def test_trials_that_break_a_limit_are_no_measure_for_those_that_keep_it():
    study = study_of(more="prune = true\nlimits = { latency_s = 1.5 }")
    judge = Judge(study, [figures(1.0), figures(1.0)])
    slow_and_frugal = [entry(i, figures(0.1, 2.0), figures(0.1, 2.0)) for i in range(20)]
    sound = [entry(20 + i, figures(1.0), figures(1.0)) for i in range(STARTUP)]
    candidates = [
        entry(30, figures(0.9), state="running"),
        entry(31, figures(1.1), state="running"),
    ]
    finished = slow_and_frugal + sound
    assert to_prune(candidates, finished, judge) == candidates[1:]
    assert to_prune(candidates, finished[:-1], judge) == []  # too few yet


def test_an_objective_that_is_to_be_high_prunes_the_low():
    judge = Judge(study_of(more='prune = true\nobjectives = ["fps"]'), [figures(1.0)] * 2)
    finished = [entry(i, figures(1.0), figures(1.0)) for i in range(STARTUP)]
    fast, slow = entry(10, figures(1.0, 0.5)), entry(11, figures(1.0, 2.0))
    assert to_prune([fast, slow], finished, judge) == [slow]
