"""A study that was cut off at any moment ends as if it had not been."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from dfsrt.base.errors import InputError
from dfsrt.study import tune
from dfsrt.study.journal import Journal
from tests.study.planted import Counting, bowl, study_of

TEXTS = ("result.json", "trials.csv", "governor.toml")
RESULTS = (*TEXTS, "pareto.svg", "pareto.png")
SAMPLERS = ("tpe", "cmaes", "nsga2", "random")

STUDY = """
name = "killed"
trials = 48
batch = 8
prune = true
limits = { latency_s = 1.2 }
[over]
networks = ["squeezenet"]
caps = ["0.15 W", "0.2 W"]
seeds = [0, 1]
frames = 2
[search]
guard = { low = 0.0, high = 0.2 }
[search.parameters]
rail = "declared"
"""


def results(folder: Path, names: tuple[str, ...] = RESULTS) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in names}


def start(study: Path, out: Path, workers: int) -> subprocess.Popen[bytes]:
    command = [str(Path(sys.executable).with_name("dfsrt")), "tune", str(study), "--out", str(out)]
    return subprocess.Popen(
        [*command, "--workers", str(workers)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def kill_after_bytes(process: subprocess.Popen[bytes], journal: Path, size: int) -> bool:
    """Kill -9 as soon as the journal has grown to ``size``; whether it still ran by then."""
    while process.poll() is None:
        if journal.exists() and journal.stat().st_size >= size:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            return True
        time.sleep(0.001)
    return False


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    study = folder / "study.toml"
    study.write_text(STUDY)
    assert start(study, folder / "out", 1).wait() == 0
    return study, folder / "out"


@pytest.mark.parametrize("workers", [1, 2])
def test_a_study_killed_again_and_again_ends_in_the_same_files(undisturbed, tmp_path, workers):
    study, whole = undisturbed
    out, size = tmp_path / "out", (whole / "journal.log").stat().st_size
    shares = (0.0, 0.55) if workers == 1 else (0.4,)
    killed = [
        kill_after_bytes(start(study, out, workers), out / "journal.log", int(size * share))
        for share in shares
    ]
    assert all(killed)
    assert start(study, out, workers).wait() == 0
    assert results(out) == results(whole)
    assert cells_in(out) == cells_in(whole)  # no run lost, none twice


def cells_in(out: Path) -> list[tuple[int, str]]:
    """Which trial has which outcome in the journal; none has one twice."""
    lines = [json.loads(line) for line in (out / "journal.log").read_text().splitlines()]
    found = [
        (log["trial_id"], key)
        for log in lines
        for key in log.get("user_attr", {})
        if key.startswith("cells:") and "trial_id" in log
    ]
    assert len(found) == len(set(found))
    return sorted(found)


@pytest.fixture(scope="module", params=SAMPLERS)
def planted(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    study = study_of(request.param, trials=40)
    tune(study, folder, 1, evaluate=bowl)
    return study, folder


def go_on_from(share: float, planted, out: Path) -> Path:
    """Tune on in ``out`` from a share of a whole study's journal; return where that is."""
    study, whole = planted
    data = (whole / "journal.log").read_bytes()
    (out / "journal.log").write_bytes(data[: int(len(data) * share)])
    tune(study, out, 1, evaluate=bowl)
    return whole


@settings(max_examples=12)
@given(share=st.floats(0, 1))
def test_a_journal_cut_off_at_any_byte_goes_on_to_the_same_end(planted, tmp_path_factory, share):
    out = tmp_path_factory.mktemp("cut")
    with pytest.MonkeyPatch.context() as patch:
        # Figures take five sixths of the time, and show what is in the result.
        patch.setattr("dfsrt.study.outputs.write_figure", lambda *_: None)
        whole = go_on_from(share, planted, out)
    assert results(out, TEXTS) == results(whole, TEXTS)


def test_a_journal_cut_in_half_gives_the_same_figures(planted, tmp_path):
    whole = go_on_from(0.5, planted, tmp_path)
    assert results(tmp_path) == results(whole)


def test_what_was_worked_out_before_the_cut_is_not_worked_out_again(tmp_path):
    study = study_of(trials=32)

    class CutError(Exception):
        pass

    class Until(Counting):
        def __call__(self, task):
            if len(self.seen) >= 20:
                raise CutError
            return super().__call__(task)

    first, second = Until(), Counting()
    with pytest.raises(CutError):
        tune(study, tmp_path, 1, evaluate=first)
    tune(study, tmp_path, 1, evaluate=second)
    whole = Counting()
    tune(study, tmp_path.parent / "whole", 1, evaluate=whole)
    assert sorted(first.seen + second.seen) == sorted(whole.seen)
    assert results(tmp_path) == results(tmp_path.parent / "whole")


def test_a_finished_study_is_not_run_again_and_its_files_come_back(tmp_path):
    study = study_of(trials=16)
    tune(study, tmp_path, 1, evaluate=bowl)
    before = results(tmp_path)
    (tmp_path / "result.json").unlink()
    again = Counting()
    done = tune(study, tmp_path, 1, evaluate=again)
    assert (again.seen, done.resumed, done.timing.trials) == ([], 16, 0)
    assert results(tmp_path) == before


def test_another_study_on_an_old_journal_is_an_error_that_says_what_changed(tmp_path):
    tune(study_of(trials=8), tmp_path, 1, evaluate=bowl)
    with pytest.raises(InputError, match=r"another study \(trials, seed changed\).*--out"):
        tune(study_of(trials=16, seed=1), tmp_path, 1, evaluate=bowl)


def test_the_base_of_a_device_that_changed_since_is_refused(tmp_path):
    mine, base = tmp_path / "mine.toml", tmp_path / "base.toml"
    mine.write_text("name = 'mine'\nbase = 'base.toml'")
    base.write_text("name = 'base'\nbase = 'rk3588-npu'")
    study = study_of(trials=8)
    study = replace(study, over=replace(study.over, device=str(mine)))
    tune(study, tmp_path, 1, evaluate=bowl)
    base.write_text("name = 'base'\nbase = 'mdla'")
    with pytest.raises(InputError, match=r"files base.toml of .*mine.toml changed"):
        tune(study, tmp_path, 1, evaluate=bowl)


def test_two_at_once_on_one_journal_is_an_error(tmp_path):
    journal = Journal(tmp_path / "journal.log")
    try:
        with pytest.raises(InputError, match=r"in use by another dfsrt; .*--out"):
            tune(study_of(trials=8), tmp_path, 1, evaluate=bowl)
    finally:
        journal.close()
    tune(study_of(trials=8), tmp_path, 1, evaluate=bowl)


def test_a_journal_damaged_before_its_end_is_an_error_with_the_line(tmp_path):
    tune(study_of(trials=8), tmp_path, 1, evaluate=bowl)
    path = tmp_path / "journal.log"
    lines = path.read_bytes().splitlines(keepends=True)
    lines[4] = lines[4][:10] + b"\n"
    path.write_bytes(b"".join(lines))
    with pytest.raises(InputError, match="damaged at line 5"):
        tune(study_of(trials=8), tmp_path, 1, evaluate=bowl)


def test_optuna_reads_the_journal_as_its_own(tmp_path):
    from optuna import load_study
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    tune(study_of(trials=16), tmp_path, 1, evaluate=bowl)
    copy = shutil.copy(tmp_path / "journal.log", tmp_path / "copy.log")
    study = load_study(study_name="planted", storage=JournalStorage(JournalFileBackend(str(copy))))
    assert [trial.state.name for trial in study.trials] == ["COMPLETE"] * 16
    best = (tmp_path / "trials.csv").read_text().splitlines()[1 + study.best_trial.number]
    assert repr(study.best_value) in best.split(",")
