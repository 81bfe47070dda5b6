"""Commands in docs/live.md give what is shown, in their order, on a device that behaves."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.helpers.cli import dfsrt
from tests.helpers.fake_devfreq import kept
from tests.helpers.small_nets import conv_net, save

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "live.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
STEPS = [step for block in BLOCKS for step in re.findall(r"\$ dfsrt (.*)\n((?:[^$].*\n)*)", block)]
"""Commands, and what is shown of each."""


@pytest.fixture
def folder(tmp_path):
    meter = tmp_path / "board/sys/class/hwmon/hwmon2"
    meter.mkdir(parents=True)
    for name, text in (
        ("name", "ina226"),
        ("power1_input", "118000"),
        ("power1_label", "VDD_NPU"),
    ):
        (meter / name).write_text(text + "\n")
    with kept(tmp_path / "board", demand_hz=250_000_000):
        yield tmp_path


def test_what_the_page_shows_is_what_is_said(folder):
    assert {command.split()[1] for command, _ in STEPS} == {
        *("show", "resnet50", "hold", "govern", "watch", "dry-run", "restore")
    }
    for command, shown in STEPS:
        done = dfsrt(folder, *command.split())
        assert done.stdout + done.stderr == shown, command
    assert (folder / "plan.csv").read_text().startswith("layer,name,kind,freq_hz,rail_uv,")


def test_files_made_by_hand_do_for_the_first_two_commands_of_the_page(tmp_path):
    (script,) = re.findall(r"```sh title=\"board.sh\"\n(.*?)```", PAGE, re.DOTALL)
    subprocess.run(["sh", "-e", "-c", script], cwd=tmp_path, check=True)
    for command, shown in STEPS[:2]:
        done = dfsrt(tmp_path, *command.split())
        assert done.stdout + done.stderr == shown, command


def test_show_as_json_has_watts_and_clocks_as_numbers(folder):
    shown = json.loads(dfsrt(folder, "live", "show", "--root", "board", "--json", "-").stdout)
    (board,), (meter,) = shown["boards"], shown["meters"]
    assert (board["board"], board["governor"]) == ("devfreq:fdab0000.npu", "simple_ondemand")
    assert board["points_hz"] == [mhz * 10**6 for mhz in range(300, 1001, 100)]
    assert (board["freq_hz"], board["lowest_hz"], board["highest_hz"]) == (3e8, 3e8, 10**9)
    assert 0 < board["load"] <= 1
    assert meter == {
        "meter": "hwmon:hwmon2/power1",
        "of": "VDD_NPU",
        "power_w": 0.118,
        "error": None,
    }


def test_a_network_with_open_sizes_is_read_as_its_error_advises(folder):
    save(conv_net(batch="batch"), folder / "net.onnx")
    words = ("live", "net.onnx", "--root", "board", "--cap", "0.14W")
    assert "for example --dim batch=1" in dfsrt(folder, *words).stderr
    assert "chose " in dfsrt(folder, *words, "--dim", "batch=1").stdout
    watched = dfsrt(folder, "live", "watch", *words[1:4], "--for", "20ms", "--dim", "batch=1")
    assert "predicted power" in watched.stdout
    for verb in (("watch", "--for", "20ms"), ("dry-run", "-g", "performance")):
        done = dfsrt(folder, "live", *verb, "--root", "board", "--dim", "batch=1")
        assert done.stderr.endswith("name the network that runs\n")
