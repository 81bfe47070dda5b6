"""Governors side by side on a trace: the bound in table, notes and JSON, or why there is none."""

from __future__ import annotations

import json

import pytest
from rich.console import Console

from dfsrt.base.errors import InputError
from dfsrt.report.api import Job
from dfsrt.report.compare_table import compare_table
from tests.helpers.cli import dfsrt

TRACE = """arrival_ms,deadline_ms,workload
0,40,squeezenet
30,40,squeezenet
60,2,squeezenet
"""


@pytest.fixture(scope="module")
def trace(tmp_path_factory):
    path = tmp_path_factory.mktemp("bound") / "three.csv"
    path.write_text(TRACE)
    return path


def printed(report):
    console = Console(width=400)
    with console.capture() as text:
        compare_table(console, report)
    return text.get()


def test_a_trace_shows_each_governor_above_its_bound(trace):
    done = dfsrt(trace.parent, "compare", trace, "-g", "performance,powersave", "--json", "-")
    runs = {run["governor"]: run for run in json.loads(done.stdout)["runs"]}
    for run in runs.values():
        bound, energy = run["bound"], run["energy_by_domain_j"]
        assert bound["npu_above"] == pytest.approx(energy["npu"] / bound["npu_j"] - 1)
        assert bound["total_above"] == pytest.approx(energy["total"] / bound["total_j"] - 1)
        assert (bound["requests"], bound["left_out"]) == (3, 0)
        assert bound["npu_above"] > 0
        assert bound["tight"]
    assert (runs["performance"]["bound"]["late"], runs["powersave"]["bound"]["late"]) == (0, 1)


def test_the_table_says_that_it_is_no_optimum_and_what_is_left_out(trace):
    job = Job(trace)
    text = printed(job.compare(["performance", "powersave"]).report)
    assert "above bound" in text
    assert "a bound, not an optimum" in text
    assert "stalls, ramps, the cap" in text
    assert "what a governor served late may be as late" in text
    assert "--bound" not in text  # there is no higher one


def test_sleep_lowers_it_and_asking_may_raise_it(trace):
    up, asleep = (Job(trace, idle=idle).compare(["performance"]) for idle in ("none", "teo"))
    asked = Job(trace, idle="teo").compare(["performance"], bound=True)
    up_j, asleep_j, asked_j = (c.report.runs[0].bound.npu_j for c in (up, asleep, asked))
    assert asleep_j < up_j / 2
    assert asleep_j * (1 - 1e-9) <= asked_j
    assert "--bound looks for a higher one" in printed(asleep.report)


def test_frames_by_a_period_have_one_and_frames_back_to_back_have_none():
    assert Job("squeezenet", period="33ms").compare(["dfs"]).report.runs[0].bound.requests == 10
    back_to_back = Job("squeezenet").compare(["dfs"]).report
    assert back_to_back.runs[0].bound is None
    assert "bound" not in printed(back_to_back)
    with pytest.raises(InputError, match="no energy bound for this load: its requests come when"):
        Job("squeezenet").compare(["dfs"], bound=True)


def test_one_governor_alone_is_not_bounded(tmp_path):
    done = dfsrt(tmp_path, "run", "squeezenet", "--bound")
    assert done.returncode == 2
    assert "'--bound' is for several governors, and there is one; leave it out" in done.stderr
