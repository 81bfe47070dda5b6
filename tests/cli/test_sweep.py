"""``dfsrt sweep`` as a user types it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from dfsrt.cli import main as entry

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "sweep_phone.toml"
WORDS = ("--network", "squeezenet", "--cap", "0.15W,0.2W", "-g", "dfs", "-g", "dvfs", "-n", "1")


@pytest.fixture
def typed(monkeypatch, tmp_path, capsys):
    """Type a command in a folder; returns its exit code, and what it says on both streams."""
    monkeypatch.chdir(tmp_path)

    def type_(*words):
        monkeypatch.setattr("sys.argv", ["dfsrt", "sweep", *words])
        with pytest.raises(SystemExit) as stopped:
            entry.main()
        said = capsys.readouterr()
        return stopped.value.code, said.out, said.err

    return type_


def test_options_make_a_grid_with_a_table_three_files_and_a_page(typed, tmp_path):
    code, out, err = typed(*WORDS, "-w", "1", "--html", "page.html", "--json", "same.json")
    assert (code, err) == (0, "")
    for text in ("4 points of 1 load x 2 cap x 2 governor", "4 complete", "energy a frame"):
        assert text in out
    assert {p.name for p in (tmp_path / "sweep").iterdir()} == {
        *("journal.log", "result.json", "points.csv", "points.parquet", "timing.json")
    }
    result = (tmp_path / "sweep" / "result.json").read_bytes()
    assert (tmp_path / "same.json").read_bytes() == result
    assert b"<html" in (tmp_path / "page.html").read_bytes()
    timing = json.loads((tmp_path / "sweep" / "timing.json").read_text())
    assert (timing["points"], timing["resumed"]) == (4, 0)
    code, out, _ = typed(*WORDS, "-w", "1")
    assert code == 0
    assert "0 points; 4 more in earlier sessions" in out
    assert (tmp_path / "sweep" / "result.json").read_bytes() == result


def test_a_sweep_of_which_no_point_ran_keeps_nothing_from_the_next(typed, tmp_path):
    code, _, err = typed("--network", "digitz", "--cap", "0.1W,0.2W", "-w", "1")
    assert (code, "did you mean 'digits'" in err) == (2, True)
    code, out, err = typed("--network", "digits", "--cap", "0.1W,0.2W", "-n", "1", "-w", "1")
    assert (code, err) == (0, "")
    assert "2 complete, 0 failed" in out
    code, _, err = typed("--network", "digits", "--cap", "0.1W,0.3W", "-n", "1", "-w", "1")
    assert (code, "was begun with another study (vary changed)" in err) == (2, True)


def test_a_model_that_is_made_after_a_sweep_failed_is_used_by_the_same_command(typed, tmp_path):
    words = ("--network", "net.onnx", "--cap", "0.1W,0.2W", "-n", "1", "-w", "1")
    assert typed(*words)[0] == 2
    shutil.copy(Path(__file__).parents[2] / "dfsrt/network/trained/digits.onnx", "net.onnx")
    assert typed(*words)[0] == 0


def test_few_points_are_all_shown_and_of_many_the_best(typed, tmp_path):
    _, out, _ = typed(*WORDS, "-w", "1")
    head, *rows = out.split("\n")[2:7]
    assert head.split()[0] == "point"
    assert [row.split()[0] for row in rows] == ["0", "1", "2", "3"]
    assert [row.split()[-2:] for row in rows][1] == ["0.15W", "dvfs"]
    assert "over cap" in head
    caps = ",".join(f"0.1{n:02}W" for n in range(25))
    _, out, _ = typed("--network", "digits", "--cap", caps, "-n", "1", "-w", "1", "-o", "many")
    assert out.split("\n")[2].startswith("best ")


def test_json_to_standard_output_is_all_that_is_there(typed, tmp_path):
    _, out, _ = typed(*WORDS, "-w", "1", "--out", "here", "--json", "-")
    report = json.loads(out)
    first = {"load": "squeezenet", "cap": "0.15W", "governor": "dfs", "frames": 1}
    assert report["points"][0]["spec"] == first
    assert (tmp_path / "here" / "points.csv").exists()


def test_the_example_of_the_docs_is_a_study(typed, tmp_path):
    from dfsrt.study.sweep import read_sweep
    from dfsrt.study.sweep.points import points_of

    shutil.copy(EXAMPLE, tmp_path)
    assert len(points_of(read_sweep(tmp_path / EXAMPLE.name)).specs) == 36


BAD = {
    "nothing to sweep; give a study file, or --network": ("--cap", "1W"),
    "--governor names nothing": (*WORDS[:2], "--governor", ","),
    "vary.cap has 0.1W twice": (*WORDS[:2], "--cap", "0.1W,0.1W"),
    "'--cap' is said in the study's file": (str(EXAMPLE), "--cap", "1W"),
    "'--sampler' is said in the study's file": (str(EXAMPLE), "--sampler", "sobol"),
    "needs points": (*WORDS, "--sampler", "sobol"),
    "unknown sampler 'gird'": (*WORDS, "--sampler", "gird"),
    "of 1 point none could run; the first says": (*WORDS[:2], "-g", "nobody", "-w", "1"),
    "workers 0 is out of range": (*WORDS, "--workers", "0"),
    "is not a whole number": (*WORDS, "--seed", "one"),
    "no such file": ("nowhere.toml",),
}


@pytest.mark.parametrize("why", BAD)
def test_what_does_not_fit_is_one_line_and_exit_code_2(why, typed, tmp_path):
    code, out, err = typed(*BAD[why])
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert why.lower() in err.lower()
    assert not list(tmp_path.glob("*/result.json"))
