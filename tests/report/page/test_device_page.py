"""The page of a device against its measurements: all of them, with errors, on the right axes."""

from __future__ import annotations

import math

import pytest

from dfsrt.base.errors import InputError
from dfsrt.report.device_check import (
    CheckedEntry,
    CheckedLayer,
    CheckedProfile,
    CheckedUse,
    DeviceCheck,
)
from dfsrt.report.page.device import device_page
from dfsrt.report.page.page import page_html
from tests.helpers.cli import dfsrt as command_line


def entry(network, measured, predicted, used):
    return CheckedEntry(
        network=network, precision="int8", cores=1, freq_hz=10**9, predicted=predicted,
        measured=measured, unit="ms", error=predicted / measured - 1, used=used,
        source="a <test>", conditions="none",
    )  # fmt: skip


LAYERS = [
    CheckedLayer(op="conv+silu", predicted_s=2e-4, measured_s=1e-4),
    CheckedLayer(op="add", predicted_s=1e-5, measured_s=1e-5),
]
CHIP = DeviceCheck(
    device="chip",
    measured=True,
    what="a test",
    measurements=[entry("alexnet", 20.0, 22.0, "held out"), entry("vgg19", 80.0, 80.0, "fitted")],
    profiles=[
        CheckedProfile(
            profile="layers", cores=1, freq_hz=10**9, layers=2, mean_error=0.5,
            rank_correlation=1.0, predicted_s=2.1e-4, measured_s=1.1e-4, overhead_s=0.0,
            used="fitted", source="a <test>", conditions="none", by_layer=LAYERS,
        )
    ],
    by_use={
        "fitted": CheckedUse(count=1, mean_error=0.0, worst_error=0.0),
        "held out": CheckedUse(count=1, mean_error=0.1, worst_error=0.1),
    },
)  # fmt: skip


def figures():
    found = device_page(CHIP).sections[0].figures
    return {figure.title: {trace["name"]: trace for trace in figure.data} for figure in found}


def test_networks_and_layers_are_drawn_by_use():
    networks, layers = figures()["Time of networks"], figures()["Time of layers"]
    held, fitted = networks["held out"], networks["fitted"]
    assert (held["x"], held["y"], held["text"]) == ([0.02], [0.022], ["alexnet"])
    assert held["marker"]["symbol"] != fitted["marker"]["symbol"]
    assert layers["fitted"]["text"] == ["conv+silu", "add"]
    assert "held out" not in layers


def test_dashed_lines_are_15_and_30_percent_off():
    for traces in figures().values():
        for name in ("-30%", "-15%", "+15%", "+30%"):
            ratios = [y / x for x, y in zip(traces[name]["x"], traces[name]["y"], strict=True)]
            assert ratios == pytest.approx([1 + float(name.rstrip("%")) / 100] * 2)


def test_axes_are_logarithmic_and_hold_every_point():
    for figure in device_page(CHIP).sections[0].figures:
        for key, side in (("xaxis", "x"), ("yaxis", "y")):
            assert figure.layout[key]["type"] == "log"
            low, high = figure.layout[key]["range"]
            for trace in figure.data:
                if trace["mode"] == "markers":
                    assert all(low < math.log10(v) < high for v in trace[side])


def test_tiles_tell_what_was_held_out_first_and_tables_all_the_rest():
    page = device_page(CHIP)
    assert [(tile.name, tile.value) for tile in page.tiles] == [
        ("error, held out", "10.0%"), ("error, fitted", "0.0%"), ("error, layers", "50.0%"),
    ]  # fmt: skip
    html = page_html(page)
    assert "a &lt;test&gt;" in html
    assert "a <test>" not in html


def test_the_command_writes_a_page_or_says_in_one_line_why_not(tmp_path):
    def check(*args):
        return command_line(".", "device", "check", *args)

    for args in (("systolic-128", "--html", "x.html"), ("systolic-128", "--html", "x.pdf")):
        failed = check(args[0], args[1], tmp_path / args[2])
        assert (failed.returncode, failed.stderr.count("\n")) == (2, 1)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match="nothing to draw"):
        device_page(DeviceCheck(device="chip", measured=False))


def test_rings_of_fitted_networks_are_drawn_over_marks_at_the_same_place() -> None:
    names = list(figures()["Time of networks"])
    assert names.index("held out") < names.index("fitted")
