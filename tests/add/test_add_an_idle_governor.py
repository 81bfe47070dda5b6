"""To add an idle governor, one file is touched: this one writes it, then tries and runs it."""

from __future__ import annotations

from dataclasses import replace

import pytest

import dfsrt
from dfsrt.governor.idle import make_idle_governor
from dfsrt.testing import IdleGovernorConformance
from dfsrt.testing.idle_views import MS, make_idle_view
from tests.helpers.recipes import recipe

IDLE = recipe("An idle governor")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """The one file, in the folder that is worked in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wary.py").write_text(IDLE.new["wary.py"], "utf-8")
    return tmp_path


class TestConformance(IdleGovernorConformance):
    governor = "wary.py:Wary:stretches=3"


def test_its_choices_are_as_worked_by_hand():
    # States pay from 1 ms and from 5 ms on.
    wary = make_idle_governor("wary.py:Wary:stretches=2")
    past = {(): -1, (9,): -1, (9, 7): 1, (4, 9): 0, (9, 0.5): -1, (9, 7, 0.5): 1}
    for lengths, state in past.items():
        view = replace(make_idle_view(), past_ns=tuple(round(MS * ms) for ms in lengths))
        assert wary.choose(view) == dfsrt.Sleep(state)


def test_one_file_is_all_and_what_the_recipe_shows_runs(dfsrt):
    assert IDLE.files == {"wary.py"}
    for command in IDLE.commands:
        done = dfsrt(*command.split()[1:])
        assert done.returncode == 0, done.stderr


def test_what_it_gets_wrong_ends_in_one_line(dfsrt, here):
    (here / "careless.py").write_text(IDLE.new["wary.py"].replace("view.past_ns", "view.past"))
    done = dfsrt(
        *("run", "squeezenet", "-n", 3, "--period", "33ms"),
        *("--idle", "careless.py:Wary", "-d", "rk3588-npu"),
    )
    assert done.returncode == 2
    assert "careless.py:Wary failed to choose: line" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
