"""``dfsrt tune`` as a user types it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.helpers.cli import interruptible

STUDY = """
name = "typed"
trials = {trials}
batch = 8
limits = {{ latency_s = 1.1 }}
[over]
networks = ["squeezenet"]
caps = ["0.16 W"]
frames = 1
[search]
guard = {{ low = 0.0, high = 0.2 }}
[search.parameters]
rail = "declared"
"""


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(STUDY.format(trials=16))
    return path


def test_tune_prints_the_best_and_writes_all_its_files(dfsrt, study, tmp_path):
    done = dfsrt("tune", study.name, "--workers", 1)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for text in ("typed: energy_j", "baseline", "app-dvfs", "best", "engine", "governor.toml"):
        assert text in done.stdout
    assert {p.name for p in (tmp_path / "mine").iterdir()} == {
        "governor.toml",
        "journal.log",
        "pareto.png",
        "pareto.svg",
        "result.json",
        "timing.json",
        "trials.csv",
    }
    timing = json.loads((tmp_path / "mine" / "timing.json").read_text())
    assert timing["trials"] == 16
    assert 0 < timing["engine_s"] < timing["wall_s"]


@pytest.mark.deep
def test_run_and_compare_take_the_tuned_governor(dfsrt, study, tmp_path):
    report = json.loads(dfsrt("tune", study.name, "-w", 1, "-o", "o", "--json").stdout)
    assert report == json.loads((tmp_path / "o" / "result.json").read_text())
    best = report["best"]
    run = ("run", "squeezenet", "--cap", "0.16 W", "-n", 1, "--json", "-")
    by_file = json.loads(dfsrt(*run, "--governor", "o/governor.toml").stdout)
    by_text = json.loads(dfsrt(*run, "--governor", best["governor"]).stdout)
    assert by_file == by_text
    assert by_file["energy_per_inference_j"] == pytest.approx(best["means"]["energy_j"], rel=1e-12)
    compared = dfsrt("compare", "squeezenet", "-g", "app-dvfs,o/governor.toml", "--json", "-")
    assert len(json.loads(compared.stdout)["runs"]) == 2


def test_the_same_command_again_says_so_and_changes_nothing(dfsrt, study, tmp_path):
    dfsrt("tune", study.name, "-w", 1)
    before = (tmp_path / "mine" / "result.json").read_bytes()
    again = dfsrt("tune", study.name, "-w", 1)
    assert "16 of them in earlier sessions" in again.stdout
    assert (tmp_path / "mine" / "result.json").read_bytes() == before


def test_another_study_in_the_same_folder_is_refused(dfsrt, study):
    dfsrt("tune", study.name, "-w", 1)
    study.write_text(STUDY.format(trials=24))
    refused = dfsrt("tune", study.name, "-w", 1)
    assert refused.returncode == 2
    assert "trials changed" in refused.stderr
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_keeps_the_trials_and_the_same_command_goes_on(tmp_path, workers):
    study = tmp_path / "long.toml"
    study.write_text(STUDY.format(trials=96))
    binary = str(Path(sys.executable).with_name("dfsrt"))
    command = [binary, "tune", str(study), "--out", str(tmp_path / "o"), "-w", str(workers)]
    # A group of its own, as a terminal gives: Ctrl-C reaches the workers too.
    process = interruptible(command, start_new_session=True)
    journal = tmp_path / "o" / "journal.log"
    while process.poll() is None and not (journal.exists() and journal.stat().st_size > 12_000):
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "the same command goes on" in said
    assert "Traceback" not in said
    resumed = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "in earlier sessions" in resumed.stdout


def test_without_the_extra_it_says_what_to_install(tmp_path, study):
    code = (
        "import sys, importlib.util as u; find = u.find_spec; "
        "u.find_spec = lambda n, *a: None if n == 'optuna' else find(n, *a); "
        "sys.argv = ['dfsrt', 'tune', 'mine.toml']; "
        "from dfsrt.cli.main import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "pip install 'dfsrt[tune]'" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("none.toml",), "cannot read study"),
        (("mine.toml", "--workers", "0"), "workers 0 is out of range"),
        (("mine.toml", "--workers", "many"), "not a whole number"),
        (("mine.toml", "--out", "mine.toml"), "cannot make the folder"),
    ],
)
def test_bad_arguments_are_one_line_and_exit_code_2(dfsrt, study, arguments, says):
    done = dfsrt("tune", *arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
