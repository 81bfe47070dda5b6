"""All presets against their measurements: a row each, and the names of those without any."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from dfsrt.device import device_names
from dfsrt.device.truth_file import truth_path
from dfsrt.report.device_check import CheckedProfile, CheckedUse, DeviceCheck
from dfsrt.report.device_checks import DeviceChecks, checks_rows, show_checks
from tests.helpers.cli import dfsrt as command_line


def profile(layers, mean_error, used="fitted"):
    return CheckedProfile(
        profile="p", cores=1, freq_hz=10**9, layers=layers, mean_error=mean_error,
        rank_correlation=None, predicted_s=1.0, measured_s=1.0, overhead_s=0.0, used=used,
        source="a test", conditions="none", by_layer=[],
    )  # fmt: skip


CHIP = DeviceCheck(
    device="chip",
    measured=True,
    by_use={"held out": CheckedUse(count=7, mean_error=0.125, worst_error=-0.26)},
    profiles=[profile(10, 0.1), profile(30, 0.2), profile(5, 0.4, "held out")],
)


def test_a_row_has_counts_and_errors_by_use_and_the_mean_over_all_layers():
    assert checks_rows([CHIP]) == [["chip", "-", "7: 12.5%, -26.0%", "40: 17.5%", "5: 40.0%"]]


@pytest.mark.parametrize("width", [80, 120, None])
def test_those_that_nobody_measured_are_named_in_lines_that_fit(width):
    out = io.StringIO()
    names = [f"a-device-of-number-{k}" for k in range(12)]
    console = Console(file=out, width=width, force_terminal=width is not None, color_system=None)
    show_checks(console, DeviceChecks(checks=[CHIP], unmeasured=names))
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= (width or 100)
    text = " ".join(out.getvalue().split())
    assert f"no truth: {', '.join(names)}: nobody has measured them" in text


def cli(*args):
    return command_line(".", "device", "check", *args)


@pytest.mark.deep
def test_the_command_without_a_name_checks_every_preset():
    done = cli("--json", "-")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    measured = [name for name in device_names() if truth_path(name) is not None]
    assert [one["device"] for one in told["checks"]] == measured
    assert sorted([*measured, *told["unmeasured"]]) == list(device_names())


@pytest.mark.parametrize("option", ["--figure", "--truth", "--html"])
def test_what_is_of_one_device_needs_its_name(option, tmp_path):
    failed = cli(option, tmp_path / "x.svg")
    assert (failed.returncode, failed.stderr.count("\n"), failed.stdout) == (2, 1, "")
    assert f"{option} is of one device; name it: dfsrt device check NAME {option}" in failed.stderr
    assert list(tmp_path.iterdir()) == []
