"""No governor that keeps the cap beats the optimum: a part of the grid in ``docs/governors.md``."""

from __future__ import annotations

import csv
import itertools
from dataclasses import fields, replace

import pytest

from dfsrt.device import load_device
from dfsrt.network import shelf_names
from dfsrt.run import execute, make_job
from docs.governors import CASES, DOCS, Cell, better_than_optimal, cells, grid_names


@pytest.mark.deep
@pytest.mark.parametrize("device", CASES)
def test_none_beats_it_on_a_small_network(device):
    found = list(cells({device: CASES[device][1:4:2]}, ["squeezenet"]))
    assert len(found) == 2 * len(grid_names())
    assert not better_than_optimal(found)
    assert all(c.time_regret == 0 for c in found if c.governor == "optimal")


@pytest.mark.deep
@pytest.mark.slow
@pytest.mark.parametrize("device", CASES)
@pytest.mark.parametrize("network", ["alexnet", "resnet50", "shufflenet"])
def test_none_beats_it_on_more_of_the_grid(device, network):
    assert not better_than_optimal(cells({device: CASES[device]}, [network]))


AWARE = ("app-dvfs", "dfs", "dvfs", "segment-dvfs", "optimal:time=1s")
"""Those that look at the cap and go by prediction."""


def most_of_cap(device, network):
    """The most that any layer is predicted to draw over its cap, ramps included, by case."""
    shares, job = {}, make_job(network, device=device, frames=4, detail="layer")
    for cap, governor in itertools.product(CASES[device], AWARE):
        log = execute(job.under(cap), governor).log
        in_reach = log.ran & (log.table.predicted_w[log.layer, 0, 0] <= log.cap_w)
        shares[cap, governor] = (log.predicted_w / log.cap_w)[in_reach].max(initial=0.0)
    return shares


@pytest.mark.parametrize("device", CASES)
def test_no_governor_is_predicted_above_the_cap_ramps_included(device):
    shares = most_of_cap(device, "squeezenet")
    assert len(shares) == len(CASES[device]) * len(AWARE)
    assert max(shares.values()) <= 1 + 1e-9


@pytest.mark.deep
@pytest.mark.slow
@pytest.mark.parametrize("device", CASES)
@pytest.mark.parametrize("network", shelf_names())
def test_no_governor_is_predicted_above_the_cap_on_the_whole_grid(device, network):
    assert max(most_of_cap(device, network).values()) <= 1 + 1e-9


def test_a_better_one_would_be_found():
    fair = Cell("d", "1 W", "n", "g", 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    assert not better_than_optimal([fair])
    assert better_than_optimal([replace(fair, time_regret=-1e-6)])
    assert better_than_optimal([replace(fair, energy_regret=-0.01)])
    assert not better_than_optimal([replace(fair, time_regret=-0.1, predicted_layers_over=2.0)])


def test_the_kept_table_holds_the_whole_grid():
    with (DOCS / "output" / "governors.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [f.name for f in fields(Cell)]
    have = {(r["device"], r["cap"], r["network"]) for r in rows}
    want = {(d, c, n) for d, caps in CASES.items() for c in caps for n in shelf_names()}
    assert have == want
    assert {r["governor"] for r in rows} == set(grid_names())
    assert len(rows) == len(want) * len(grid_names())
    for row in rows:
        # Core and memory together it is sure to a thousandth, within which another search may end.
        most = 1e-3 if len(load_device(row["device"]).memory.points) > 1 else 0
        assert row["governor"] != "optimal" or float(row["time_regret"]) <= most
