"""Machine code runs where it pays: sooner where it is on disk already, or shipped."""

from __future__ import annotations

import math

import pytest

import dfsrt
from dfsrt.base.errors import InputError
from dfsrt.run import engine
from dfsrt.run.advance import advance
from dfsrt.run.engine import (
    LOADED_RUNS,
    MADE_RUNS,
    MADE_RUNS_IN_WORLD,
    SHIPPED_RUNS,
    most_runs,
    paying_runs,
)
from dfsrt.run.job import make_job
from dfsrt.run.ticking import advance_in_world


@pytest.fixture
def ready(monkeypatch):
    """The loops of which machine code is there; none is shipped."""
    found = set()
    monkeypatch.setattr(engine, "has_machine_code", lambda loop: loop in found)
    monkeypatch.setattr(engine, "shipped", lambda loop: None)
    return found


def test_loading_pays_sooner_than_making_and_each_loop_counts_for_itself(ready):
    frames, life = make_job("squeezenet"), make_job("infinite-zoom-phone")
    assert (paying_runs(frames), paying_runs(life)) == (MADE_RUNS, MADE_RUNS_IN_WORLD)
    ready.add(advance)
    assert (paying_runs(frames), paying_runs(life)) == (LOADED_RUNS, MADE_RUNS_IN_WORLD)
    ready.add(advance_in_world)
    assert paying_runs(life) == LOADED_RUNS


def test_shipped_machine_code_pays_soonest(monkeypatch):
    monkeypatch.setattr(engine, "shipped", lambda loop: loop if loop is advance else None)
    monkeypatch.setattr(engine, "has_machine_code", lambda loop: True)
    assert paying_runs(make_job("squeezenet")) == SHIPPED_RUNS
    assert paying_runs(make_job("infinite-zoom-phone")) == LOADED_RUNS


def test_frames_have_so_many_runs_and_an_endless_load_what_fits_until_its_end():
    layers = len(make_job("squeezenet").table.load.names)
    assert most_runs(make_job("squeezenet", frames=7)) == 7 * layers
    short, long = (most_runs(make_job("infinite-zoom-phone", until=t)) for t in ("1 s", "100 s"))
    assert math.isclose(long, 100 * short)
    assert long < most_runs(make_job("infinite-zoom-phone")) < math.inf


def test_a_number_of_requests_bounds_them():
    job = make_job("infinite-zoom-phone", until="2 requests")
    assert most_runs(job) <= 2 * job.mix.most_runs


def test_without_a_compiler_long_runs_stay_plain_python_and_one_line_says_what_to_install(
    ready, monkeypatch, capsys
):
    monkeypatch.setattr(engine, "can_compile", lambda: False)
    engine._say_slow.cache_clear()
    assert paying_runs(make_job("squeezenet", frames=7)) == math.inf
    assert capsys.readouterr().err == ""
    for _ in range(2):
        assert paying_runs(make_job("squeezenet", until="10 h")) == math.inf
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "pip install 'dfsrt[compile]'" in said


def test_machine_code_that_is_asked_for_and_cannot_be_had_is_refused(ready, monkeypatch):
    monkeypatch.setattr("dfsrt.base.extras.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"numba not installed; run: .* 'dfsrt\[compile\]'"):
        dfsrt.run("squeezenet", step="kernel")


def test_shipped_machine_code_runs_without_a_compiler(monkeypatch):
    monkeypatch.setattr(engine, "shipped", lambda loop: loop)
    monkeypatch.setattr(engine, "can_compile", lambda: False)
    assert paying_runs(make_job("squeezenet")) == SHIPPED_RUNS
