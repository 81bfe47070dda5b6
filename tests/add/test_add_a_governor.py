"""To add a governor, one file is touched: this one writes it, then runs, compares and tunes it."""

from __future__ import annotations

from dataclasses import replace

import pytest

import dfsrt
from dfsrt.governor import make_governor
from dfsrt.study import read_study, tune
from dfsrt.testing import GovernorConformance
from dfsrt.testing.views import make_view
from tests.helpers.recipes import recipe

GOVERNOR = recipe("A governor")

STUDY = """
name = "ceiling"
governor = "ceiling.py:Ceiling"
sampler = "random"
trials = 8
batch = 8
[over]
networks = ["alexnet"]
caps = ["0.16 W"]
frames = 1
[search.parameters]
share = { low = 0.0, high = 1.0 }
"""

JOB = {"cap": "0.16 W", "frames": 2}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """The one file, in the folder that is worked in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ceiling.py").write_text(GOVERNOR.new["ceiling.py"], "utf-8")
    return tmp_path


class TestConformance(GovernorConformance):
    governor = "ceiling.py:Ceiling:share=0.7"


def test_its_plan_is_as_worked_by_hand():
    # Five levels, 0 to 4: a share of 0.5 leaves 0 to 2, of 1 all of them, of 0 the slowest.
    free = replace(make_view(n_levels=5), cap_w=float("inf"))
    tops = {share: 2 * share for share in (0.0, 0.5, 1.0)}
    for share, top in tops.items():
        plan = make_governor(f"ceiling.py:Ceiling:share={share}").plan(free)
        assert plan.level.tolist() == [2 * top] * 4


def test_it_runs_with_its_parameter():
    slow, fast = (
        dfsrt.run("alexnet", governor=f"ceiling.py:Ceiling:share={share}", **JOB).report
        for share in (0.0, 1.0)
    )
    assert slow.governor == "ceiling.py:Ceiling:share=0.0"
    assert slow.fps < fast.fps
    assert slow.fps == dfsrt.run("alexnet", governor="powersave", **JOB).report.fps


def test_it_is_compared_and_has_a_regret():
    runs = dfsrt.compare("alexnet", ["optimal", "ceiling.py:Ceiling", "dfs"], **JOB).report.runs
    assert [run.governor for run in runs] == ["optimal", "ceiling.py:Ceiling", "dfs"]
    assert runs[1].regret.time > 0
    assert runs[1].regret.layers_over == 0


def test_it_is_tuned(here):
    (here / "study.toml").write_text(STUDY)
    done = tune(read_study(here / "study.toml"), here / "out", 1).report
    assert done.trials.complete == 8
    tuned = dfsrt.run("alexnet", governor="out/governor.toml", cap="0.16 W", frames=1).report
    assert tuned.governor == f"out/{done.best.governor}"


def test_one_file_is_all_and_what_the_recipe_shows_runs(dfsrt):
    assert GOVERNOR.files == {"ceiling.py"}
    for command in GOVERNOR.commands:
        done = dfsrt(*command.split()[1:])
        assert done.returncode == 0, done.stderr
        assert "ceiling.py:Ceiling" in done.stdout


def test_the_command_line_takes_it(dfsrt, here):
    done = dfsrt("run", "alexnet", "-n", 1, "-g", "ceiling.py:Ceiling:share=0.25")
    assert done.returncode == 0, done.stderr
    assert "governor ceiling.py:Ceiling:share=0.25," in done.stdout
