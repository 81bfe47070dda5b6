"""A device's data sheet: all numbers, readable at any width, whole in a pipe and in JSON."""

from __future__ import annotations

import io
import json

import msgspec
import pytest
from rich.console import Console

import dfsrt
from dfsrt.device import device_names, load_device
from dfsrt.report.device_sheet import device_sheet
from dfsrt.report.device_sheet_table import show_sheet
from tests.helpers.cli import dfsrt as command_line

MINE = """
base = "rk3588-npu"
name = "my-npu"
[memory]
bandwidth_bytes_per_s = 4e9
source.bandwidth_bytes_per_s = "assumed: half of what the base has"
range.bandwidth_bytes_per_s = [2e9, 8e9]
"""


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(MINE)
    return str(path)


def shown(name, width=None):
    """What is printed on a terminal of so many columns, or into a pipe."""
    out = io.StringIO()
    show_sheet(
        Console(file=out, width=width, force_terminal=width is not None, no_color=True,
                highlight=False, color_system=None),
        *device_sheet(name),
    )  # fmt: skip
    return out.getvalue()


def words(text):
    return " ".join(text.split())


@pytest.mark.parametrize("width", [80, 120, None])
@pytest.mark.parametrize("name", device_names())
def test_lines_fit_and_no_source_is_cut(name, width):
    text = shown(name, width)
    head, _, tables = text.partition("\n[")
    assert max(map(len, [*head.splitlines()[:4], *tables.splitlines()])) <= (width or 100)
    # Operating points of many bins go on below where a terminal ends; a pipe has them in one row.
    assert width is None or max(map(len, head.splitlines())) <= width
    for source in load_device(name).sources.values():
        assert words(source) in words(text)


GOLDEN = """
base = "systolic-128"
name = "golden"
[clock]
freq_switch_ns = 1_000
source.freq_switch_ns = "assumed: all-digital PLL or divider, range 10 ns to 100 us; the device \
tree declares no latency"
[silicon]
mac_pj = { int8 = 0.10, fp16 = 0.45, fp32 = 1.69 }
source.mac_pj = "a paper, Table 2"
"""


def test_the_golden_lines_of_two_tables(tmp_path):
    path = tmp_path / "golden.toml"
    path.write_text(GOLDEN)
    lines = [line.rstrip() for line in shown(str(path), 80).splitlines()]
    clock = lines.index("[clock]")
    cells = [cell.strip() for cell in lines[clock + 1].split("  ") if cell]
    assert cells == ["freq_switch_ns", "1 µs", "10 ns to 100 µs", "own"]
    assert lines[clock + 2 : clock + 4] == [
        "      assumed: all-digital PLL or divider, range 10 ns to 100 us; the device",
        "      tree declares no latency",
    ]
    energy = next(k for k, line in enumerate(lines) if line.startswith("  mac_pj"))
    assert [line.split() for line in lines[energy : energy + 5]] == [
        ["mac_pj", "own"],
        ["int8", "0.1", "pJ"],
        ["fp16", "0.45", "pJ"],
        ["fp32", "1.69", "pJ"],
        ["a", "paper,", "Table", "2"],
    ]


def test_a_derived_device_says_who_says_each_number(mine):
    lines = shown(mine).splitlines()
    assert lines[1] == f"takes {len(load_device(mine).taken_from)} numbers from rk3588-npu"
    own = lines[lines.index("[memory]") + 1].split("  ")
    assert [cell.strip() for cell in own if cell.strip()] == [
        "bandwidth_bytes_per_s", "4 GB/s", "2 to 8 GB/s", "own",
    ]  # fmt: skip
    (buffer,) = (line for line in lines if line.startswith("  buffer_bytes"))
    assert buffer.endswith("rk3588-npu")


def test_json_has_every_number_with_all_that_is_known_of_it(mine):
    done = command_line(".", "device", "show", mine, "--json", "-")
    told = json.loads(done.stdout)
    assert told == json.loads(msgspec.json.encode(device_sheet(mine)[0]))
    found = {one["number"]: one for one in told["numbers"]}
    assert found["memory.bandwidth_bytes_per_s"] == {
        "number": "memory.bandwidth_bytes_per_s",
        "value": 4e9,
        "unit": "B/s",
        "source": "assumed: half of what the base has",
        "range": [2e9, 8e9],
        "assumed": True,
        "taken_from": None,
    }
    assert found["opp.points[7].freq_hz"]["taken_from"] == "rk3588-npu"
    assert told["taken"] == {"rk3588-npu": len(load_device(mine).taken_from)}
    assert told["file"] == mine
    assert told["points"][7]["bins_uv"]["L5"] == 787_500


def test_a_long_list_of_words_stands_beneath_its_name(tmp_path):
    names = ["Add", "Concat", "Conv", "Conv+clip", "Conv+relu", "MatMul", "Resize", "Split"]
    path = tmp_path / "cores.toml"
    path.write_text(
        f'base = "systolic-128"\n[cores]\ncount = 2\nbandwidth_bytes_per_s = 1e9\nsplit = {names}\n'
        'source.count = "two"\nsource.bandwidth_bytes_per_s = "a"\nsource.split = "a test"\n'
    )
    lines = shown(str(path), 60).splitlines()
    at = next(k for k, line in enumerate(lines) if line.startswith("  split "))
    assert lines[at].split() == ["split", "8", "names", "own"]
    assert words(" ".join(lines[at + 1 : at + 4])) == f"{', '.join(names)} a test"


def test_a_run_on_ones_own_device_says_in_one_line_what_it_took(mine):
    notes = dfsrt.run("alexnet", device=mine, frames=1, power_model="datasheet").report.notes
    count = len(load_device(mine).taken_from)
    said = f"my-npu takes {count} numbers from rk3588-npu: dfsrt device show {mine} lists them"
    assert notes.count(said) == 1


def test_a_run_on_a_preset_says_nothing_of_its_base():
    report = dfsrt.run("alexnet", device="rk3588-npu-ivr", frames=1, power_model="datasheet").report
    assert load_device("rk3588-npu-ivr").taken_from
    assert not any("takes" in note for note in report.notes)
