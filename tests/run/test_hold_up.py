"""Requests that come while a layer runs: textbook rules with layers that are not interrupted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dfsrt.report.core import report_of
from dfsrt.run import execute, make_job
from dfsrt.trace import Trace
from dfsrt.trace.trace import TraceCard

LONG = ((380, 5), (2270, 14), (1610, 16), (490, 4))
"""Thousands of cycles, and periods in ms: 46 % of the time at 1 GHz, a layer a request."""


def periodic(tasks, end_ms):
    """A trace of tasks that begin together; a deadline is a period."""
    arrivals = sorted(
        (at, k) for k, (_, period) in enumerate(tasks) for at in range(0, end_ms, period)
    )
    of = np.array([k for _, k in arrivals])
    nothing = np.zeros(len(of), dtype=np.int64)
    return Trace(
        TraceCard("periodic", "synthetic", "", "", end_ms * 1_000_000),
        tuple(f"cycles:n={kilocycles}000" for kilocycles, _ in tasks),
        np.array([at * 1_000_000 for at, _ in arrivals]),
        of,
        np.array([tasks[k][1] * 1_000_000 for k in of]),
        nothing,
        nothing,
    )


@pytest.fixture(scope="module")
def job():
    return make_job(periodic(LONG, 280), device="ideal", power_model="datasheet", cap="none")


def test_rules_keep_deadlines_where_a_request_is_one_layer_and_take_no_more_than_the_static(job):
    """At 0.5 GHz the second task's layer, 4.54 ms, is longer than the fourth one's period."""
    done = {
        name: report_of(execute(job, name))
        for name in ("edf-static", "edf-cc", "edf-la", "rm-static", "rm-cc")
    }
    assert {name: each.deadlines.missed for name, each in done.items()} == dict.fromkeys(done, 0)
    for order in ("edf", "rm"):
        assert done[f"{order}-cc"].energy_j < done[f"{order}-static"].energy_j


@pytest.mark.parametrize("governor", ["edf-cc", "edf-la", "rm-cc"])
def test_plain_python_and_machine_code_hold_layers_up_alike(job, governor):
    plain, machine = (
        report_of(execute(job.changed(step=step), governor)) for step in ("layer", "kernel")
    )
    assert plain == machine


COLUMNS = ("arrival_ns", "workload", "deadline_ns", "priority", "session")


@pytest.mark.parametrize("governor", ["edf-cc", "edf-la", "rm-cc"])
def test_requests_of_one_workload_in_the_same_nanosecond_have_no_period(governor):
    one = periodic(LONG[:2], 5)
    twice = replace(
        one,
        **{
            name: np.repeat(getattr(one, name), 2)
            for name in (*COLUMNS, "prompt_tokens", "output_tokens")
        },
    )
    done = report_of(execute(make_job(twice, device="ideal", power_model="datasheet"), governor))
    assert done.requests.completed == 4
