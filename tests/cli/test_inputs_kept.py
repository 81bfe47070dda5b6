"""What is read is never written over, by workers and folders of results neither; odd names."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from dfsrt.base.errors import SameFileError
from dfsrt.base.files import write_atomically
from dfsrt.base.output_set import check_no_output, guarded
from dfsrt.cli import main as entry
from dfsrt.network import load_network
from dfsrt.study.pool import Orphanless
from tests.helpers.cli import DFSRT

STUDY = """
format = 1
name = "kept"
trials = 2
batch = 2
objectives = ["energy_j"]
[over]
networks = ["digits"]
frames = 1
[search]
guard = { low = 0.0, high = 0.2 }
"""
SWEEP = """
format = 1
name = "kept"
[vary]
network = ["digits"]
[over]
frames = 1
"""


@pytest.fixture
def typed(tmp_path, monkeypatch, capsys):
    """Type words behind ``dfsrt`` in an empty folder; code and errors."""
    monkeypatch.chdir(tmp_path)

    def type_(*words):
        monkeypatch.setattr("sys.argv", ["dfsrt", *map(str, words)])
        with pytest.raises(SystemExit) as stopped:
            entry.main()
        return stopped.value.code, capsys.readouterr().err

    return type_


def test_a_worker_reads_no_output_of_its_command(tmp_path):
    path = tmp_path / "n.onnx"
    work = Orphanless(os.getppid(), {path.resolve(): path}, check_no_output)
    with pytest.raises(SameFileError, match="an input; give the output another name"):
        work(path)
    check_no_output(path)  # the worker's next command may


def test_no_study_takes_an_input_that_is_an_output_for_a_point_that_cannot_run(tmp_path):
    path = tmp_path / "n.onnx"
    path.write_bytes(b"")
    with guarded({path.resolve(): path}), pytest.raises(SameFileError):
        load_network(str(path))


@pytest.mark.parametrize("workers", ["1", "2"])
def test_levers_do_not_write_over_their_network(typed, tmp_path, workers):
    assert typed("network", "export", "digits", "-o", "n.onnx")[0] == 0
    before = (tmp_path / "n.onnx").read_bytes()
    words = ["levers", "n.onnx", "-n", "1", "-w", workers]
    code, said = typed(*words, "--json", "n.onnx")
    assert (code, said.count("\n")) == (2, 1)
    assert "an input; give the output another name" in said
    assert (tmp_path / "n.onnx").read_bytes() == before


@pytest.mark.parametrize(
    ("command", "name", "text"), [("tune", "governor.toml", STUDY), ("sweep", "points.toml", SWEEP)]
)
def test_a_folder_of_results_holds_no_input(typed, tmp_path, command, name, text):
    study = tmp_path / name
    study.write_text(text)
    if command == "sweep":
        os.link(study, tmp_path / "points.csv")
    code, said = typed(command, name, "-o", ".", "-w", "1")
    assert (code, said.count("\n")) == (2, 1)
    assert "an input; give the output another name" in said
    assert study.read_text() == text


def test_results_of_a_study_are_all_there_or_none(typed, tmp_path, monkeypatch):
    (tmp_path / "s.toml").write_text(SWEEP)
    monkeypatch.setattr("dfsrt.study.sweep.outputs.write_table", fails)
    assert typed("sweep", "s.toml", "-o", "out", "-w", "1")[0] == 2
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["journal.log"]
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    assert typed("sweep", "s.toml", "-o", "out", "-w", "1")[0] == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        *("journal.log", "result.json", "points.csv", "points.parquet", "timing.json")
    }


@pytest.mark.parametrize("words", ["train n.parquet", "tune s.toml", "sweep s.toml"])
@pytest.mark.parametrize("out", [".", "new/folder"])
def test_a_folder_that_is_read_only_is_said_before_any_work(
    typed, tmp_path, monkeypatch, words, out
):
    (tmp_path / "s.toml").write_text(STUDY if "tune" in words else SWEEP)
    monkeypatch.setattr("os.access", lambda _path, mode: mode != os.W_OK)
    code, said = typed(*words.split(), "-o", out)
    assert (code, said.count("\n")) == (2, 1)
    assert "the folder is read-only; give a path in a writable one" in said
    assert [path.name for path in tmp_path.iterdir()] == ["s.toml"]


def fails(*_):
    raise OSError(28, "No space left on device")


def test_a_link_stays_one_and_what_it_points_to_is_written(tmp_path, monkeypatch):
    target, link = tmp_path / "elsewhere" / "r.json", tmp_path / "r.json"
    target.parent.mkdir()
    link.symlink_to(target)
    moved = []
    replaced = Path.replace
    monkeypatch.setattr(Path, "replace", lambda a, b: moved.append((a, b)) or replaced(a, b))
    write_atomically(link, lambda beside: beside.write_text("{}"))
    assert link.is_symlink()
    assert target.read_text() == "{}"
    assert [(a.parent, b) for a, b in moved] == [(target.parent, target)]  # on one device


def test_links_in_a_circle_are_no_input_and_give_way_to_an_output(typed, tmp_path):
    for name in ("r.json", "n.onnx"):
        (tmp_path / name).symlink_to(name)
    code, said = typed("run", "n.onnx", "--json", "r.json")
    assert (code, said.count("\n")) == (2, 1)
    assert typed("run", "digits", "-n", "1", "--json", "r.json")[0] == 0
    assert (tmp_path / "r.json").read_text().startswith("{")


@pytest.mark.parametrize("word", ["n\udcff.onnx", "--json=\udcff.json"])
def test_a_name_that_is_not_utf_8_is_refused(typed, word):
    code, said = typed("run", word)
    assert (code, said.count("\n")) == (2, 1)
    assert r"\udcff" in said
    assert "is not UTF-8; rename the file" in said


def test_a_folder_whose_name_is_not_utf_8_is_refused(typed, tmp_path, monkeypatch):
    (tmp_path / "\udcff").mkdir()
    monkeypatch.chdir(tmp_path / "\udcff")
    code, said = typed("run", "digits", "-n", "1")
    assert (code, said.count("\n")) == (2, 1)
    assert "work in another one" in said


def test_without_standard_error_a_command_does_its_work(tmp_path):
    words = f"{DFSRT} run digits -n 1 --log r.parquet --json r.json 2>&-"
    done = subprocess.run(["bash", "-c", words], cwd=tmp_path, capture_output=True)
    assert done.returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == {"r.json", "r.parquet"}
