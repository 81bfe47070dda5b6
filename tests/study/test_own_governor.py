"""A governor of one's own is tuned like those that are shipped."""

from __future__ import annotations

import json

import pytest

from dfsrt.base.errors import InputError
from dfsrt.governor.registry import label, make_governor
from dfsrt.study import read_study, tune
from dfsrt.study.space import space_of
from tests.governor.test_python_file import MINE

STUDY = """
name = "own"
governor = "mine.py:Slack{options}"
baseline = "mine.py:Half"
trials = 12
batch = 4
sampler = "random"
[over]
networks = ["alexnet"]
caps = ["0.16 W"]
frames = 1
[search]
{search}
"""
RANGES = """
parameters.slack = { low = 0.0, high = 0.5 }
parameters.most = { low = 1, high = 5, step = 2 }
parameters.end = ["fast", "slow"]
"""
RESULTS = ("result.json", "trials.csv", "governor.toml", "pareto.svg", "mine.py")


def study_in(folder, search=RANGES, options="", code=MINE):
    folder.mkdir(exist_ok=True)
    (folder / "mine.py").write_text(code)
    (folder / "study.toml").write_text(STUDY.format(search=search, options=options))
    return read_study(folder / "study.toml")


def searched(study):
    return {name: d.text for name, d in space_of(study).dimensions.items()}


def results(folder):
    return {name: (folder / name).read_bytes() for name in RESULTS}


def test_its_parameters_are_searched_over_the_ranges_given(tmp_path):
    assert searched(study_in(tmp_path)) == {
        "slack": "0.0 to 0.5",
        "most": "1 to 5 by 2",
        "end": "fast, slow",
    }


def test_without_a_search_what_its_annotations_list_is_searched(tmp_path):
    code = MINE.replace("most: int | None = None", "most: int | None = None\n    keen: bool = True")
    assert searched(study_in(tmp_path, "", code=code)) == {
        "keen": "false, true",
        "end": "fast, slow",
    }


@pytest.mark.parametrize(
    ("search", "shown"),
    [
        ("parameters.slack = { low = 0.001, high = 0.1, log = true }", "0.001 to 0.1 (log)"),
        ("parameters.slack = [0, 0.25]", "0.0, 0.25"),
        ("parameters.most = [1, 'none', 4]", "1, auto, 4"),
        ("parameters.end = 'declared'", "fast, slow"),
        ("parameters.keen = [true, false]", "true, false"),
        ("parameters.keen = 'declared'", "false, true"),
        ("parameters.tag = ['a', 'b']", "a, b"),
    ],
)
def test_each_kind_of_parameter_is_read_as_its_annotation_says(tmp_path, search, shown):
    code = MINE.replace("0.1\n", "0.1\n    keen: bool = True\n    tag: str = ''\n", 1)
    (text,) = searched(study_in(tmp_path, search, code=code)).values()
    assert text == shown


@pytest.mark.parametrize(
    ("search", "says"),
    [
        ("parameters.slack = 'declared'", "slack: a number has no declared range; give a list, or"),
        ("parameters.most = 'declared'", "a whole number has no declared range"),
        ("parameters.tag = 'declared'", "tag: a text has no declared range; give a list"),
        ("parameters.tag = { low = 'a', high = 'b' }", "tag: a text has no range .*; give a list"),
        ("parameters.end = { low = 'fast', high = 'slow' }", "end: a choice has no range"),
        ("parameters.weights = [1, 2]", "weights of governor .*mine.py:Slack cannot be set by"),
        ("parameters.slak = [1]", "did you mean 'slack'"),
        ("parameters.most = [1.5]", "most: value '1.5' is no whole number"),
        ("parameters.most = { low = 1, high = 2, step = 0.5 }", "no whole number"),
        ("parameters.most = { low = 'auto', high = 2 }", "low = auto is not below high"),
        ("parameters.end = ['quick']", "use one of fast, slow"),
    ],
)
def test_what_cannot_be_searched_says_so(tmp_path, search, says):
    more = "0.1\n    tag: str = ''\n    weights: tuple[float, ...] = ()\n"
    with pytest.raises(InputError, match=says):
        space_of(study_in(tmp_path, search, code=MINE.replace("0.1\n", more, 1)))


def test_where_nothing_can_be_searched_the_study_asks_for_a_range(tmp_path):
    with pytest.raises(InputError, match=r"nothing to search.*a range in search.parameters"):
        space_of(study_in(tmp_path, "", options=":end=fast"))


def test_two_processes_anywhere_find_what_one_finds_and_keep_the_code(tmp_path, monkeypatch):
    here = study_in(tmp_path / "here")
    there = study_in(tmp_path / "there")
    monkeypatch.chdir(tmp_path)
    alone = tune(here, tmp_path / "one", 1).report
    tune(there, tmp_path / "two", 2)
    assert results(tmp_path / "one") == results(tmp_path / "two")
    assert alone.trials.complete == 12
    assert alone.baseline.governor == "mine.py:Half"
    assert alone.best.governor.startswith("mine.py:Slack:slack=")
    assert str(tmp_path) not in (tmp_path / "one" / "result.json").read_text()


def test_the_tuned_governor_reads_back_with_the_code_that_was_tuned(tmp_path):
    study = study_in(tmp_path / "here")
    best = tune(study, tmp_path / "out", 1).report.best
    (tmp_path / "here" / "mine.py").unlink()
    governor = make_governor(tmp_path / "out" / "governor.toml")
    assert label(governor).removeprefix(f"{tmp_path}/out/") == label(
        make_governor(f"{tmp_path}/out/{best.governor}")
    ).removeprefix(f"{tmp_path}/out/")
    assert governor.slack == float(best.parameters["slack"])


def test_results_in_the_study_s_own_folder_leave_the_file_as_it_is(tmp_path):
    study = study_in(tmp_path)
    before = (tmp_path / "mine.py").stat()
    tune(study, tmp_path, 1)
    assert (tmp_path / "mine.py").stat().st_ino == before.st_ino
    assert make_governor(tmp_path / "governor.toml").plan


def test_the_file_s_content_belongs_to_the_study_s_identity(tmp_path):
    study = study_in(tmp_path / "here")
    before = study.fingerprint()
    assert list(before["files"]) == [f"{tmp_path}/here/mine.py"]
    tune(study, tmp_path / "out", 1)
    changed = study_in(tmp_path / "here", code=MINE + "\n# another\n")
    assert changed.fingerprint()["study"] == before["study"]
    with pytest.raises(InputError, match=r"begun with another study \(files .*mine.py changed\)"):
        tune(changed, tmp_path / "out", 1)


def test_a_study_goes_on_from_its_journal(tmp_path):
    study = study_in(tmp_path / "here")
    tune(study, tmp_path / "out", 1)
    before = results(tmp_path / "out")
    again = tune(study, tmp_path / "out", 1)
    assert again.resumed == 12
    assert results(tmp_path / "out") == before


def test_a_governor_file_may_stand_for_the_python_file(tmp_path):
    folder = tmp_path / "here"
    study_in(folder)
    (folder / "g.toml").write_text('format = 1\ngovernor = "mine.py:Slack"\n')
    text = (folder / "study.toml").read_text().replace("mine.py:Slack", "g.toml:end=fast")
    (folder / "study.toml").write_text(text.replace('parameters.end = ["fast", "slow"]', ""))
    study = read_study(folder / "study.toml")
    assert set(searched(study)) == {"slack", "most"}
    assert list(study.fingerprint()["files"]) == [f"{folder}/g.toml", f"{folder}/mine.py"]
    best = tune(study, tmp_path / "out", 1).report.best.governor
    assert best.startswith("mine.py:Slack:end=fast:slack=")


def test_trials_whose_plan_fails_are_counted_with_the_reason(tmp_path):
    code = MINE.replace(
        "        free = view", "        assert self.slack < 0.25, 'too slack'\n        free = view"
    )
    report = tune(study_in(tmp_path, code=code), tmp_path / "out", 1).report
    assert report.trials.failed > 0
    assert report.trials.failed + report.trials.complete == 12
    (reason,) = report.failures
    assert "AssertionError: too slack" in reason


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("mine.py:Slack", "mine.py:Slak", "did you mean 'Slack'"),
        ("mine.py:Slack", "none.py:Slack", "cannot read governor file"),
        ("mine.py:Half", "mine.py:Haf", "baseline .*did you mean 'Half'"),
        ("mine.py:Half", "none.py:Half", "cannot read governor file"),
    ],
)
def test_a_name_that_is_wrong_stops_the_study_before_its_first_trial(tmp_path, old, new, says):
    study_in(tmp_path)
    text = (tmp_path / "study.toml").read_text().replace(old, new)
    (tmp_path / "study.toml").write_text(text)
    with pytest.raises(InputError, match=says):
        tune(read_study(tmp_path / "study.toml"), tmp_path / "out", 1)


def test_the_command_line_tunes_it(dfsrt, tmp_path):
    study_in(tmp_path)
    done = dfsrt("tune", "study.toml", "-w", 1, "--out", "out", "--json")
    assert done.returncode == 0, done.stderr
    best = json.loads(done.stdout)["best"]["governor"]
    again = dfsrt("run", "alexnet", "-n", 1, "-g", "out/governor.toml")
    # The label leaves out what is the default.
    assert f"governor out/{best.removesuffix(':end=fast')}," in again.stdout, again.stderr
