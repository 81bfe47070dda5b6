"""Every name that is mistyped is told the nearest one, whatever it is the name of."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from dfsrt.cli.program import run_program

ROOT = Path(__file__).resolve().parents[2]
TUNE = (ROOT / "docs/examples/dfs_resnet50.toml").read_text()
SCENARIO = (ROOT / "dfsrt/run/shelf/edge-camera.toml").read_text()
SWEEP = 'format = 1\nname = "s"\n[over]\nnetwork = "digits"\n[vary]\ncap = ["1 W"]\n'
DEVICE = 'format = 1\nbase = "rk3588-npu"\nname = "mine"\ndescription = "d"\n[rail]\n'


@pytest.fixture
def said(capsys, tmp_path, monkeypatch):
    """What standard error says of a command that cannot run, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    before = dict(os.environ)

    def say(command):
        assert run_program(command.split(), SimpleNamespace(number=None)) == 2
        return capsys.readouterr().err

    yield say
    os.environ.clear()  # libraries set variables, with which other tests would begin from nothing
    os.environ.update(before)


@pytest.mark.parametrize(
    ("command", "meant"),
    [
        ("rnu digits", "run"),
        ("device shwo ideal", "show"),
        ("battery compar edge-camera", "compare"),
        ("memory strem", "stream"),
        ("run digits --devcie ideal", "--device"),
        ("list netwrks", "networks"),
        ("completion bsh", "bash"),
        ("run digts", "digits"),
        ("run infinite-zom", "infinite-zoom"),
        ("replay assistant-dy", "assistant-day"),
        ("battery edge-camra", "edge-camera"),
        ("layers resnet5", "resnet50"),
        ("run digits -d idael", "ideal"),
        ("run digits -d rk3588-npu:bn=L5", "bin"),
        ("run digits -d rk3588-npu:bin=L55", "L5"),
        ("run digits -d rk3588-npu:rail=rk8603", "rk8602"),
        ("run digits -d rk3588-npu:memory.bufer_bytes=1MiB", "memory.buffer_bytes"),
        ("run digits -g dsf", "dfs"),
        ("run digits -g dfs:rial=850mV", "rail"),
        ("run digits -g dfs:tie=lowst", "lowest"),
        ("run digits --idle menuu", "menu"),
        ("run digits --memory bwmn", "bwmon"),
        ("run digits --mapper exhaustiv", "exhaustive"),
        ("run digits --schedule layerwis", "layerwise"),
        ("run digits --dram ddr4-240", "ddr4-2400"),
        ("run digits --power-model fited", "fitted"),
        ("run digits --precision it8", "int8"),
        ("run digits --step kernl", "kernel"),
        ("run digits --detail lyer", "layer"),
        ("run digits --cap-domain npu+drm", "npu+dram"),
        ("run digits --idle-rail hld", "hold"),
        ("run digits --kv-cache appnd", "append"),
        ("run digits --prefetch weigts", "weights"),
        ("layers bert-base --dim token=2", "tokens"),
        ("run infinite-zoom:step=4", "steps"),
        ("run infinite-zoom:guidance=of", "off"),
        ("run llm:llama-3.2-1", "llm:llama-3.2-1b"),
        ("replay assistant-day --discipline edff", "edf"),
        ("replay assistant-day --drop lat", "late"),
        ("replay assistant-day --loop opn", "open"),
        ("optimize digits --steps it8", "int8"),
        ("optimize digits --steps prune:scope=globl", "global"),
        ("models show rk3588", "rk3588-npu"),
        ("predict digits --power-model rk3588", "rk3588-npu"),
        ("levers infinite-zoom -l stpes", "steps"),
        ("network show digts", "digits"),
        ("network export digts -o x.onnx", "digits"),
        ("trace show assistant-dy", "assistant-day"),
        ("trace generate perodic -o x", "periodic"),
        ("memory stream --dram ddr3-1600 --visit same-bnk", "same-bank"),
        ("device profile rkn:x", "rknn"),
        ("device calibrate ideel", "ideal"),
        ("device new --base idael", "ideal"),
        ("device check idael", "ideal"),
    ],
)
def test_a_mistyped_word_is_told_the_nearest(said, command, meant):
    line = said(command)
    assert line.count("\n") == 1
    assert meant in line.split("(known")[0].split("use one of")[-1], line


@pytest.mark.parametrize(
    ("command", "text", "right", "wrong", "meant"),
    [
        ("tune", TUNE, "objectives =", "objectivs =", "objectives"),
        ("tune", TUNE, '["energy_j"]', '["energy"]', "energy_j"),
        ("tune", TUNE, "caps =", "cpas =", "caps"),
        ("tune", TUNE, '"tpe"', '"tpee"', "tpe"),
        ("sweep", SWEEP, "cap =", "capp =", "cap"),
        ("sweep", SWEEP, "network =", "netwrk =", "network"),
        ("device show", DEVICE, "[rail]", "[rial]", "rail"),
        ("device show", DEVICE, "[rail]", "[rail]\ndefalt = 'x'", "default"),
        ("battery", SCENARIO, "[ambient]", "[ambiant]", "ambient"),
        ("battery", SCENARIO, '"lg-m50"', '"lg-m5"', "lg-m50"),
        ("battery", SCENARIO, 'model = "board"', 'model = "bord"', "board"),
        ("battery", SCENARIO, 'use = "camera"', 'use = "camra"', "camera"),
        ("battery", SCENARIO, 'state = "off"', 'state = "of"', "off"),
        ("battery", SCENARIO, 'node = "die"', 'node = "di"', "die"),
    ],
)
def test_a_mistyped_word_in_a_file_is_told_the_nearest(
    said, tmp_path, command, text, right, wrong, meant
):
    assert right in text
    (tmp_path / "f.toml").write_text(text.replace(right, wrong, 1))
    line = said(f"{command} f.toml")
    assert line.count("\n") == 1
    assert f"did you mean '{meant}'?" in line, line


def test_a_mistyped_column_is_told_the_nearest(said, tmp_path):
    (tmp_path / "t.csv").write_text("arrival_ms,workload,deadlin_ms\n1,digits,3\n")
    assert "did you mean 'deadline_ms'?" in said("trace show t.csv")
