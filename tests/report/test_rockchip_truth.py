"""Rockchip's NPUs against measurements of real boards: what was fitted, and what was held out.

Sources: airockchip/rknn_model_zoo @ bad6c733 (the vendor's table, frames a second on one core),
channyhuang.github.io (a profile), jaylfc/taOS issues 42 and 59 (Stable Diffusion). Nothing of
RK3588 was fitted on the vendor's table, so that leaving one network out changes no prediction.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

import dfsrt
from dfsrt.base.units import format_si
from dfsrt.cost import at_device_precision, cost_network
from dfsrt.device import load_device
from dfsrt.device.truth_file import SHELF
from dfsrt.network import load_network
from dfsrt.power.workload import workload
from dfsrt.report.device_check import check_device

VENDORS_FPS = {  # int8, one core
    "rk3588-npu": (450.7, 66.1, 73.5, 72.7, 34.0),
    "rk3576-npu": (467.0, 65.0, 90.2, 74.8, 39.4),
    "rk3566-npu": (180.7, 25.5, 34.0, 27.9, 10.9),
    "rk3562-npu": (281.3, 33.2, 40.9, 36.5, 21.4),
}
NETWORKS = ("mobilenetv2", "yolov5s-relu", "yolov8n", "yolov7-tiny", "deeplabv3-mobilenetv2")
FITTED = {
    "rk3588-npu": set(),
    "rk3576-npu": {"yolov8n"},
    "rk3566-npu": {"mobilenetv2", "deeplabv3-mobilenetv2"},
    "rk3562-npu": {"mobilenetv2"},
}
BOUNDS = {"rk3588-npu": (0.15, 0.30)}
OTHERS = (0.25, 0.40)


def int8_rows(name):
    return {m.network: m for m in check_device(name).measurements if m.precision == "int8"}


@pytest.mark.parametrize("name", VENDORS_FPS)
def test_truth_holds_the_vendors_table_and_says_what_was_fitted(name):
    rows = int8_rows(name)
    assert {n: m.measured for n, m in rows.items()} == dict(
        zip(NETWORKS, VENDORS_FPS[name], strict=True)
    )
    assert {n for n, m in rows.items() if m.used == "fitted"} == FITTED[name]
    assert len(FITTED[name]) <= 2


@pytest.mark.parametrize("name", VENDORS_FPS)
def test_networks_that_are_held_out_are_near_what_was_measured(name):
    """In time, as people wait for it; the second and third chips may be further off."""
    errors = [abs(m.error) for n, m in int8_rows(name).items() if n not in FITTED[name]]
    mean, worst = BOUNDS.get(name, OTHERS)
    assert sum(errors) / len(errors) <= mean
    assert max(errors) <= worst


def seconds(device, network):
    npu = load_device(device)
    return seconds_on(npu, network)


def seconds_on(npu, network):
    costs = cost_network(at_device_precision(load_network(network), npu, "fp16"), npu)
    return float(workload(costs, npu).duration_ns[:, -1].sum()) * 1e-9


def test_half_precision_is_fitted_on_one_step_and_holds_on_all_cores_and_in_the_decoder():
    assert seconds("rk3588-npu", "sd15-unet") == pytest.approx(5.66, rel=0.01)  # fitted
    assert seconds("rk3588-npu:cores=3", "sd15-unet") == pytest.approx(4.49, rel=0.3)
    assert seconds("rk3588-npu", "sd2-vae-decoder") == pytest.approx(11.0, rel=0.3)


def test_int8_rules_alone_are_3_7_times_too_fast_in_half_precision():
    npu = load_device("rk3588-npu")
    plain = replace(npu, memory=replace(npu.memory, overflow_slowdown={}))
    assert 5.66 / seconds_on(plain, "sd15-unet") == pytest.approx(3.74, abs=0.01)


@pytest.mark.parametrize("name", VENDORS_FPS)
def test_numbers_said_to_be_fitted_name_what_they_were_fitted_on(name):
    text = (SHELF / f"{name}.toml").read_text()
    told = {m["network"]: m["conditions"] for m in tomllib.loads(text)["measurement"]}
    assert {n for n, c in told.items() if "fitted: " in c} >= FITTED[name]
    sources = load_device(name).sources
    fitted = [k for k, s in sources.items() if re.match(r"(silu: |int8: )?fitted on one row", s)]
    assert len(fitted) == len(FITTED[name])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("load", "device", "said"),
    [
        ("infinite-zoom", "rk3588-npu", "219 s"),
        ("infinite-zoom", "rk3588-npu:cores=3", "159 s"),
        ("infinite-zoom:steps=4:guidance=off", "rk3588-npu", "38.7 s"),
        ("infinite-zoom:steps=4:guidance=off", "rk3588-npu:cores=3", "22.6 s"),
    ],
)
def test_the_page_says_what_a_painted_picture_takes(load, device, said):
    report = dfsrt.run(
        load, device=device, precision="fp16", frames=1, governor="performance", cap="none"
    ).report
    assert format_si(report.time_s, "s") == said
    page = (Path(__file__).parents[2] / "docs" / "sd2.md").read_text()
    assert said in page.partition("## On a real chip")[2].partition("\n## ")[0]
