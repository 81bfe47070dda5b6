"""What a capture says of runs that took longer than the rest, or went another way than is said."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from dfsrt.capture.report import CaptureReport, capture_tables
from dfsrt.network.reading import Reading


def printed(slowest_s: float, runs: int, reading: Reading) -> str:
    report = CaptureReport(
        model="net", model_sha256="", optimize="disable", threads=1, runs=runs, warmup=1,
        onnxruntime="1", machine="cpu",
        run_s={"min": 4e-4, "median": 5e-4, "max": slowest_s},
        kernels=1, mapped_share=1.0, kernel_share=1.0, constant_share=0.0, ops=[], layers=[],
    )  # fmt: skip
    out = io.StringIO()
    capture_tables(Console(file=out, width=200), report, reading)
    return out.getvalue()


@pytest.mark.parametrize(
    ("slowest_s", "runs", "said"), [(8.7e-3, 5, True), (1e-3, 5, False), (2.4e-3, 20, False)]
)
def test_a_run_that_weighs_on_the_mean_of_all_is_said(slowest_s, runs, said):
    shown = printed(slowest_s, runs, Reading())
    assert ("the slowest run took 17.4 times the median" in shown) is said


@pytest.mark.parametrize(
    ("reading", "said"),
    [
        (Reading(trips={"refine": 10}), "--trips refine=10 did not steer these runs"),
        (Reading(trips={"a b": 2}, branch="else"), "--trips 'a b'=2 --branch else did not steer"),
        (Reading(dims={"n": 1}, values={"steps": "4"}), ""),
    ],
)
def test_passes_and_branches_that_only_the_count_of_work_goes_by_are_said(reading, said):
    shown = printed(5e-4, 5, reading)
    assert said in shown
    assert ("did not steer" in shown) is bool(said)
