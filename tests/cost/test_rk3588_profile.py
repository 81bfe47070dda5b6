"""The channel engine against a profile of YOLOv8n on one core of RK3588.

Source: channyhuang.github.io, 2024-07: 98 operators, 1920 x 1920, int8, SDK 2.0, perf_debug:
shapes, the compiler's DDR and NPU cycles, measured microseconds. Its cycles gave the formula.
Fitted on its times: the profiler's own time a layer, the multipliers' efficiency, the paces of
SiLU, sigmoid and Resize, the vector lanes and the bandwidth of one core. So its times prove that
the rule can hold, not that it does elsewhere: for that there are measurements that are held out.
"""

from __future__ import annotations

import csv
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr

from dfsrt.cost import cost_network
from dfsrt.device import load_device
from dfsrt.device.engine import engine_of
from dfsrt.device.profile import profile_network, read_profile
from dfsrt.device.truth_file import SHELF, read_truth
from dfsrt.report.device_check import check_device, profile_times
from tests.helpers.channel import conv_layer

PATH = SHELF / "rk3588_yolov8n_1920.csv"
RAW = list(csv.DictReader(PATH.read_text().splitlines()))
ROWS = read_profile(PATH)
NPU = load_device("rk3588-npu")
TOP = len(NPU.opps.points) - 1
ENTRY, OTHER = read_truth(SHELF / "rk3588-npu.toml").profile
MEASURED = np.array([row.measured_us for row in ROWS])


def predicted_us(npu):
    return (profile_times(ROWS, npu, TOP) + ENTRY.overhead_ns * 1e-9) * 1e6


def mean_error(npu):
    return float(np.abs(predicted_us(npu) / MEASURED - 1).mean())


def test_cycles_are_the_compilers_on_all_convolutions():
    engine, found = engine_of(NPU), []
    for raw, layer in zip(RAW, profile_network(ROWS, "p").layers, strict=True):
        if raw["op"].startswith("conv"):
            found.append(engine.counted_cycles(layer, NPU, "int8") == int(raw["npu_cycles"]))
    assert found == [True] * 66


@pytest.mark.parametrize(("channels", "side", "cycles"), [(256, 20, 14_400), (128, 40, 28_800)])
def test_cycles_are_the_compilers_on_depthwise_rows(channels, side, cycles):
    # THU-MIG/yolov10 issue 115.
    layer = conv_layer((side, side), channels, channels, 3, channels)
    assert engine_of(NPU).counted_cycles(layer, NPU, "int8") == cycles


def test_bytes_are_the_compilers_on_92_rows():
    """Its DDR cycles carry 23.65 bytes each. Six rows with 3 channels have 32 for them."""
    costs = cost_network(profile_network(ROWS, "p"), NPU)
    ratio = [
        cost.dram_bytes / 23.65 / int(raw["ddr_cycles"])
        for cost, raw in zip(costs, RAW, strict=True)
    ]
    off = [raw for raw, r in zip(RAW, ratio, strict=True) if abs(r - 1) > 0.025]
    wide = [raw for raw in off if "3" not in (raw["in_channels"], raw["out_channels"])]
    assert (len(off), wide) == (6, [])


def rule_us(raw, number):
    """The rule on one row of the file, in plain arithmetic that shares nothing with dfsrt."""

    def up(value, step):
        return math.ceil(value / step) * step

    sizes = {k: int(v) for k, v in raw.items() if k not in ("op", "measured_us")}
    pixels, cin, cout = sizes["out_h"] * sizes["out_w"], sizes["in_channels"], sizes["out_channels"]
    stored_in = (cin if number == 0 else up(cin, 16)) * sizes["in_h"] * sizes["in_w"]
    moved = stored_in * (2 if raw["op"] == "add" else 1) + up(cout, 16) * pixels
    work_ns = 0.0
    if raw["op"].startswith("conv"):
        moved += cin * cout * sizes["kernel"] ** 2
        rate = {"silu": 1.6, "sigmoid": 1.6}.get(raw["op"].partition("+")[2], 8.0)
        work_ns = max(sizes["npu_cycles"] / 0.81, up(cout, 32) * pixels / rate)
    elif raw["op"] == "maxpool":
        work_ns = sizes["kernel"] ** 2 * cout * pixels / 54
    elif raw["op"] == "resize":
        work_ns = cout * pixels / 6.8
    return 127 + max(work_ns, moved / 11.2) / 1e3


def test_times_are_those_of_the_rule_row_by_row():
    expected = [rule_us(raw, n) for n, raw in enumerate(RAW)]
    assert predicted_us(NPU) == pytest.approx(expected, abs=0.005)


def test_times_of_layers_are_within_15_percent_and_in_order():
    assert mean_error(NPU) <= 0.15
    assert spearmanr(predicted_us(NPU), MEASURED).statistic >= 0.95
    told = check_device("rk3588-npu").profiles[0]
    assert told.mean_error == pytest.approx(mean_error(NPU))
    assert (told.layers, told.used) == (98, "fitted")


def test_five_layers_of_another_network_on_another_board_are_within_15_percent():
    """Held out, but for what its profiler adds to each layer; cycles are exact here, too."""
    told = check_device("rk3588-npu").profiles[1]
    assert (told.profile, told.layers, told.used) == ("rk3588_yolov10s_640", 5, "held out")
    assert told.mean_error < 0.15
    assert told.rank_correlation > 0.95
    path, engine = SHELF / "rk3588_yolov10s_640.csv", engine_of(NPU)
    raw = list(csv.DictReader(path.read_text().splitlines()))
    layers = profile_network(read_profile(path), "p").layers
    counted = [engine.counted_cycles(layer, NPU, "int8") for layer in layers]
    assert counted == [int(row["npu_cycles"]) for row in raw]
    assert OTHER.overhead_ns > ENTRY.overhead_ns


@pytest.mark.parametrize(
    "without",
    [
        {"activation_per_cycle": dict.fromkeys(NPU.engine["activation_per_cycle"], 8.0)},
        {"mac_efficiency": 1.0},
        {"operator_per_cycle": {}},
    ],
)
def test_paces_and_efficiency_bring_the_times_nearer(without):
    assert mean_error(replace(NPU, engine={**NPU.engine, **without})) > mean_error(NPU)
