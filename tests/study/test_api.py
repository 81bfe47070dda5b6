"""Studies in one call each."""

from __future__ import annotations

import pytest

import dfsrt
from dfsrt.base.errors import InputError
from dfsrt.study.page import tune_page
from dfsrt.testing import GovernorConformance, tried
from tests.helpers import cli


@pytest.fixture
def dfsrt_command(tmp_path):
    return lambda *words: cli.dfsrt(tmp_path, *words)


OVER = {"networks": ["alexnet"], "caps": ["0.16 W"], "frames": 1}
SEARCH = {"guard": {"low": 0.0, "high": 0.2}}
STUDY = {"name": "one", "trials": 4, "batch": 2, "sampler": "random"}
TOML = """
name = "one"
trials = 4
batch = 2
sampler = "random"
[over]
networks = ["alexnet"]
caps = ["0.16 W"]
frames = 1
[search]
guard = { low = 0.0, high = 0.2 }
"""


def test_a_study_is_a_file_or_what_stands_in_one(tmp_path):
    (tmp_path / "one.toml").write_text(TOML)
    by_file = dfsrt.tune(tmp_path / "one.toml", tmp_path / "out", workers=1)
    by_dictionary = dfsrt.tune({**STUDY, "over": OVER, "search": SEARCH}, workers=1)
    assert by_file.report == by_dictionary.report
    assert (tmp_path / "out" / "result.json").is_file()
    best = dfsrt.run("alexnet", governor=by_file.governor, cap="0.16 W", frames=1)
    assert best.report.governor == by_file.report.best.governor
    assert "baseline" in str(by_file)
    (figure,) = tune_page(by_file.result, by_file.report).sections[0].figures
    ring = figure.data[-1]
    assert (ring["name"], ring["x"]) == ("best", [by_file.report.best.trial])


def test_a_study_that_is_wrong_says_where():
    with pytest.raises(InputError, match=r"study: .*trails"):
        dfsrt.tune({**STUDY, "trails": 3, "over": OVER})


def test_a_sweep_is_a_file_or_what_stands_in_one(tmp_path):
    (tmp_path / "grid.toml").write_text(
        'name = "grid"\n[vary]\ncap = ["0.12 W", "0.16 W"]\n'
        '[over]\nnetwork = "alexnet"\nframes = 1\n'
    )
    grid = {"vary": {"cap": ["0.12 W", "0.16 W"]}, "over": {"network": "alexnet", "frames": 1}}
    by_file = dfsrt.sweep(tmp_path / "grid.toml", tmp_path / "out", workers=1)
    by_dictionary = dfsrt.sweep({"name": "grid", **grid}, workers=1)
    assert by_file.report == by_dictionary.report
    assert (tmp_path / "out" / "points.csv").is_file()
    alone = dfsrt.run("alexnet", cap="0.12 W", frames=1).report
    assert by_file.report.points[0].brief.fps == alone.fps
    assert "0.12 W" in str(by_file)
    by_file.save_page(tmp_path / "grid.html")
    assert b"0.12 W" in (tmp_path / "grid.html").read_bytes()


def test_a_sweep_that_is_wrong_says_where():
    with pytest.raises(InputError, match=r"study: .*'vry'"):
        dfsrt.sweep({"name": "grid", "vry": {}})


def test_a_frontier_shows_the_tables_of_its_command_and_draws_itself(dfsrt_command, tmp_path):
    placed = dfsrt.frontier("alexnet", ["dfs", "powersave"], between=2, cap="0.2 W")
    words = ("frontier", "alexnet", "-g", "dfs,powersave", "--between", "2", "--cap", "0.2W")
    assert str(placed) == dfsrt_command(*words).stdout.rstrip("\n")
    assert "<svg" in placed.figure().svg
    assert [g.governor for g in placed.report.governors] == ["dfs", "powersave"]


def test_a_budget_answers_one_target_or_several(tmp_path):
    asked = {"numbers": None, "workers": 1, "until": "20 s"}
    answered = dfsrt.budget("camera-detection-phone", "10 FPS", **asked)
    assert [target.target for target in answered.report.targets] == ["10 FPS"]
    assert "10 % less" in str(answered)
    answered.save_page(tmp_path / "budget.html")
    assert b"10 FPS" in (tmp_path / "budget.html").read_bytes()
    with pytest.raises(InputError, match="30 parsecs"):
        dfsrt.budget("camera-detection-phone", "30 parsecs")


def test_levers_that_were_not_picked_are_tried_unless_told():
    def pulled(**how):
        return dfsrt.levers("alexnet", ["int8"], frames=1, workers=1, **how).report

    alone, beside = pulled(others=False), pulled()
    assert [rung.lever for rung in alone.rungs] == ["baseline", "int8"]
    assert alone.rungs == beside.rungs
    assert (len(alone.beyond), len(beside.beyond) > 0) == (0, True)


def test_a_domain_that_is_none_is_refused(tmp_path):
    with pytest.raises(InputError, match="domain"):
        dfsrt.calibrate("orin-dla-spec", tmp_path / "board.csv", domain="gpu")


class Kept(GovernorConformance):
    governor = "dfs"


class Broken:
    def test_two_is_three(self):
        raise AssertionError("it is not")


def test_a_suite_is_tried_without_pytest_and_says_what_broke():
    assert "the same view gives the same plan" in tried(Kept)
    with pytest.raises(AssertionError, match="two is three: it is not"):
        tried(Broken)
