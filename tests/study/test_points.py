"""Points that share a layer table come out as if each had run alone."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from dfsrt.base.errors import InputError
from dfsrt.report.brief import brief_of
from dfsrt.report.core import report_of
from dfsrt.run.job import job_of
from dfsrt.run.run import execute
from dfsrt.run.sharing import OF_THE_RUN, SharedDeployments, deployment_key
from dfsrt.run.spec import RunSpec
from dfsrt.study.points import _AT_WORK, run_points
from dfsrt.study.pool import open_pool
from dfsrt.study.sampling import sample
from tests.study.test_workers import cluster  # noqa: F401 - a fixture

BASE = RunSpec(load="squeezenet", frames=2)
CHANGED = {
    "governor": "powersave",
    "cap": "0.2 W",
    "cap_changes": {"1ms": "0.15 W"},
    "cap_domain": "system",
    "cap_window": "1ms",
    "frames": 3,
    "period": "40ms",
    "deadline": "50ms",
    "until": "1 requests",
    "idle": "teo",
    "idle_rail": "lowest",
    "detail": "request",
    "step": "layer",
    "name": "other",
    "what": "else",
}
OTHERS = {"drop": "late", "loop": "closed", "repeat": 2, "time_scale": 0.5, "ambient": "35 C"}
"""Of traces and scenarios alone."""
SPECS = [
    replace(BASE, load=load, device=device, cap=cap, governor=governor)
    for governor in ("dfs", "schedutil")
    for cap in ("0.15 W", "0.2 W")
    for device in ("rk3588-npu", "rk3588-npu:bin=L5")
    for load in ("squeezenet", "alexnet")
]


def alone(spec):
    """What a run that shares nothing says."""
    try:
        return brief_of(report_of(execute(job_of(spec))))
    except InputError as error:
        return str(error)


def together(specs, *how):
    done = sorted(run_points(specs, *how), key=lambda outcome: outcome.number)
    assert [outcome.number for outcome in done] == list(range(len(specs)))
    return [outcome.brief or outcome.error for outcome in done]


@pytest.fixture(scope="module")
def singles():
    return [alone(spec) for spec in SPECS]


def test_every_field_of_the_run_is_tried():
    assert {*CHANGED, *OTHERS} == OF_THE_RUN


@pytest.mark.parametrize("field", CHANGED)
def test_a_field_of_the_run_on_a_shared_deployment_does_what_it_does_alone(field):
    shared, other = SharedDeployments(), replace(BASE, **{field: CHANGED[field]})
    first, second = shared.job(BASE), shared.job(other)
    assert first.deployment is second.deployment
    assert brief_of(report_of(execute(second))) == alone(other)


class Watched:
    """A specification that notes which of its fields are read."""

    def __init__(self, spec):
        self.spec, self.read = spec, set()

    def __getattr__(self, name):
        self.read.add(name)
        return getattr(self.spec, name)


@pytest.mark.parametrize(
    "spec", [BASE, RunSpec(load="voice-glasses"), replace(BASE, parallel=2, memory="528MHz")]
)
def test_a_deployment_reads_no_field_of_the_run(spec):
    job = job_of(spec)
    watched = Watched(job.spec)
    fresh = type(job.deployment)(job.deployment.source, watched)
    _ = fresh.mix.table
    if spec.parallel:
        _ = fresh.lane_setup
    assert watched.read
    assert not watched.read & OF_THE_RUN


def test_any_other_field_has_a_deployment_of_its_own():
    for field in fields(RunSpec):
        other = replace(BASE, **{field.name: object()})
        assert (deployment_key(other) == deployment_key(BASE)) == (field.name in OF_THE_RUN)


def test_true_and_one_are_not_alike():
    one, true = (replace(BASE, seed=value) for value in (1, True))
    assert deployment_key(one) != deployment_key(true)


def test_one_process_gives_what_single_runs_give(singles):
    assert together(SPECS) == singles


def test_a_layer_table_is_worked_out_once():
    together(SPECS)
    shared = _AT_WORK.of(_AT_WORK._call, SharedDeployments)
    assert len(shared._kept) == 4


def test_two_processes_give_what_single_runs_give(singles):
    assert together(SPECS, 2) == singles


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_two_dask_workers_give_what_single_runs_and_one_process_give(
    singles,
    cluster,  # noqa: F811
):
    assert together(SPECS, 1, cluster) == singles
    lives = {"seed": 3, "until": "1 s"}
    alone = sample("voice-glasses", 6, workers=1, **lives)
    assert sample("voice-glasses", 6, dask=cluster, **lives) == alone


def test_a_point_that_cannot_run_says_why_and_the_others_go_on():
    bad = replace(BASE, governor="nobody")
    first, error, last = together([BASE, bad, BASE])
    assert first == last
    assert "nobody" in error


def test_no_more_workers_are_begun_than_there_are_points(monkeypatch):
    begun = []

    def opened(workers, *how):
        begun.append(workers)
        return open_pool(1, *how)

    monkeypatch.setattr("dfsrt.study.points.open_pool", opened)
    assert len(list(run_points([BASE, BASE], 10))) == 2
    assert begun == [2]


def test_fewer_workers_than_one_is_an_error():
    with pytest.raises(InputError, match="workers 0"):
        list(run_points([BASE], 0))
