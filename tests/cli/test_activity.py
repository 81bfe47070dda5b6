"""``dfsrt activity``, and what ``--activity`` takes of it."""

from __future__ import annotations

import json

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

import dfsrt
from dfsrt.base.errors import InputError
from dfsrt.cli import main as entry
from dfsrt.network import load_network
from dfsrt.run.scenario_load import SHELF, load_scenario
from dfsrt.study.sampling import sample
from tests.network.builders import Builder, runnable

HEAD = "layer,zero_inputs,zero_weights\n"


@pytest.fixture
def typed(monkeypatch, tmp_path, capsys):
    """Type a command in a folder with a small network and an input of it."""
    monkeypatch.chdir(tmp_path)
    b = Builder()
    x = b.input("x", [1, 4])
    first = np.array([[1, -1], [0, -1], [2, 0], [0, 0]], np.float32)
    for name, values in (("w", first), ("v", np.array([[1], [0]], np.float32))):
        b.constants.append(numpy_helper.from_array(values, name))
    y = b.op("Relu", b.op("MatMul", x, "w", name="one"), name="act")
    onnx.save(runnable(b.model(b.op("MatMul", y, "v", name="two"))), tmp_path / "net.onnx")
    (tmp_path / "inputs").mkdir()
    np.save(tmp_path / "inputs" / "a.npy", np.array([[1, 0, 2, 3]], np.float32))

    def type_(*words, code=0):
        monkeypatch.setattr("sys.argv", ["dfsrt", *words])
        with pytest.raises(SystemExit) as stopped:
            entry.main()
        said = capsys.readouterr()
        assert stopped.value.code == code, said.err
        if code:
            assert said.out == ""
            assert said.err.count("\n") == 1
        return said.err if code else said.out

    return type_


def test_what_activity_writes_is_what_activity_takes(typed, tmp_path):
    shown = typed("activity", "net.onnx", "--inputs", "inputs", "--out", "zeros.csv")
    # x has one zero of 4, w four of 8; x @ w = [5, -1], so that Relu makes one zero of 2.
    assert (tmp_path / "zeros.csv").read_text() == HEAD + "one,0.25,0.5\ntwo,0.5,0.5\n"
    # 8 products, 1 - 0.75 x 0.5 of them with a zero, and 2, 1 - 0.5 x 0.5: 65 % of 10.
    assert "net: 65.0% of 10 multiply-accumulates have a zero in them" in shown
    assert "1 sample: 1 files of inputs" in shown
    typed("run", "net.onnx", "--activity", "zeros.csv", "--json", "r.json")
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["activity"].startswith("zeros.csv (sha256 ")
    assert "65.0% of multiply-accumulates have a zero" in " ".join(report["notes"])
    python = dfsrt.run("net.onnx", activity="zeros.csv").report
    assert python.energy_j == report["energy_j"]


def test_standard_output_has_the_table_alone(typed):
    out = typed("activity", "net.onnx", "--inputs", "inputs", "--out", "-")
    assert out == HEAD + "one,0.25,0.5\ntwo,0.5,0.5\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("net.onnx --inputs nowhere --out z.csv", "inputs 'nowhere' does not exist; give a folder"),
        ("net.onnx --inputs net.onnx --out z.csv", "inputs 'net.onnx' is a file; give a folder"),
        ("net.onnx --inputs inputs --seed 1 --out z.csv", "--seed picks random inputs"),
        ("net.onnx --inputs random --samples 0 --out z.csv", "samples 0 is out of range"),
        ("net.onnx --inputs random --samples x --out z.csv", "'x' is not a whole number"),
        ("net.onnx --inputs random --out no/z.csv", "no folder 'no'; create it first"),
        ("squeezenet --inputs random --out z.csv", "have shapes and no values"),
        ("nonet --inputs random --out z.csv", "unknown network 'nonet'"),
        ("net.onnx --out z.csv", "Missing option '--inputs'"),
        ("net.onnx --inputs random", "Missing option '--out'"),
    ],
)
def test_what_cannot_be_counted_is_refused_and_nothing_written(typed, tmp_path, words, says):
    (tmp_path / "z.csv").write_text("kept")
    assert says in typed("activity", *words.split(), code=2)
    assert (tmp_path / "z.csv").read_text() == "kept"
    assert not [path for path in tmp_path.iterdir() if ".tmp-" in path.name]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEAD + "one,0,0\ntwo,1.5,0\n", "line 3: zero_inputs is '1.5'; allowed is a share from 0"),
        (HEAD + "one,0,nan\ntwo,0,0\n", "line 2: zero_weights is 'nan'"),
        (HEAD + "one,0,0\n", "no shares of zeros for 'two' of 'net'"),
        (HEAD + "one,0,0\ntwo,0,0\nthree,0,0\n", "has no layer 'three'"),
        (HEAD + "one,0,0\none,0,0\n", "line 3 has layer 'one' again"),
        ("no table", "is no file of zeros"),
    ],
)
@pytest.mark.parametrize("verb", ["run", "compare"])
def test_a_bad_file_ends_in_one_line_and_nothing_written(typed, tmp_path, verb, text, says):
    (tmp_path / "zeros.csv").write_text(text)
    words = ("--activity", "zeros.csv", "--json", "r.json")
    assert says in typed(verb, "net.onnx", *words, code=2)
    assert not (tmp_path / "r.json").exists()


def test_a_known_activity_needs_one(typed, tmp_path):
    said = typed("run", "net.onnx", "--activity-known", "--json", "r.json", code=2)
    assert "give --activity with --activity-known" in said
    assert not (tmp_path / "r.json").exists()


def scenario_of(tmp_path, line):
    text = (SHELF / "voice-glasses.toml").read_text()
    path = tmp_path / "mine.toml"
    path.write_text(text.replace("device =", f"{line}\ndevice =", 1))
    return str(path)


def test_a_scenario_says_whose_activity_was_measured_in_files_beside_it(tmp_path):
    line = 'activity = { squeezenet = "a.csv", alexnet = "b.csv" }\nactivity_known = true'
    spec = load_scenario(scenario_of(tmp_path, line)).spec
    assert spec.activity == {
        "squeezenet": str(tmp_path / "a.csv"), "alexnet": str(tmp_path / "b.csv"),
    }  # fmt: skip
    assert spec.activity_known
    assert load_scenario(scenario_of(tmp_path, 'activity = "a.csv"')).spec.activity == str(
        tmp_path / "a.csv"
    )
    assert load_scenario("voice-glasses").spec.activity is None
    with pytest.raises(InputError, match="activity"):
        load_scenario(scenario_of(tmp_path, "activity = 3"))


def test_samples_say_what_of_them_is_no_draw(tmp_path):
    rows = [f"{a.name},0.5,0\n" for a in load_network("shufflenet").layers if a.gemms]
    path = tmp_path / "zeros.csv"
    path.write_text(HEAD + "".join(rows))
    files = {"shufflenet": str(path)}
    report = sample("voice-glasses", 2, until="1 ms", workers=1, activity=files).report
    assert f"activity was measured, and is no draw: {path} (sha256 " in " ".join(report.notes)
    assert "is no draw" not in " ".join(sample("voice-glasses", 2, until="1 ms").report.notes)
