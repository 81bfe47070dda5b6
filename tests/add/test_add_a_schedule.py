"""To add a schedule, one file is touched: this one writes it, then tries it, runs it and counts."""

from __future__ import annotations

import pytest

import dfsrt
from dfsrt.cost.schedule import make_schedule
from dfsrt.testing import ScheduleConformance
from tests.helpers.memory import adds, work_of
from tests.helpers.recipes import recipe

SCHEDULE = recipe("A schedule")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """The one file, in the folder that is worked in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small_maps.py").write_text(SCHEDULE.new["small_maps.py"], "utf-8")
    return tmp_path


class TestConformance(ScheduleConformance):
    schedule = "small_maps.py:SmallMaps:share=0.4"


def test_its_maps_are_as_worked_by_hand():
    # Of 100 bytes a map may take 30, and half are for tiles: t0 and t1 lie there together, t2 is
    # too large, t3 goes to the caller.
    work = work_of(adds([[-1], [0], [1], [2, 1]], [20, 30, 40, 5]), 100, ("in1", "t3"))
    plan = make_schedule("small_maps.py:SmallMaps:share=0.3").plan(work)
    assert plan.places == {"t0": "buffer", "t1": "buffer"}
    assert [own.kept_bytes for own in plan.layers] == [20, 50, 30, 30]


def test_a_network_moves_by_its_parameter_and_never_less_than_by_resident():
    moved = {
        name: dfsrt.memory(
            "squeezenet", schedule=name, buffer="1MiB", policies=False
        ).report.totals.dram_bytes
        for name in ("layerwise", "small_maps.py:SmallMaps", "resident", "best")
    }
    assert moved["layerwise"] > moved["small_maps.py:SmallMaps"] > moved["resident"]
    assert moved["best"] == min(moved.values())


def test_one_file_is_all_and_what_the_recipe_shows_runs(dfsrt):
    assert SCHEDULE.files == {"small_maps.py"}
    for command in SCHEDULE.commands:
        done = dfsrt(*command.split()[1:])
        assert done.returncode == 0, done.stderr
        assert "small_maps.py:SmallMaps" in done.stdout


def test_what_cannot_be_kept_ends_in_one_line(dfsrt, here):
    careless = SCHEDULE.new["small_maps.py"].replace("buffer / 2", "buffer * 9")
    (here / "careless.py").write_text(careless, "utf-8")
    schedule = "careless.py:SmallMaps:share=9"
    done = dfsrt("memory", "squeezenet", "--schedule", schedule, "--buffer", "64KiB")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "keep fewer maps" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
