"""What a capture says of runs that took longer than the rest."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from dfsrt.capture.report import CaptureReport, capture_tables


@pytest.mark.parametrize(
    ("slowest_s", "runs", "said"), [(8.7e-3, 5, True), (1e-3, 5, False), (2.4e-3, 20, False)]
)
def test_a_run_that_weighs_on_the_mean_of_all_is_said(slowest_s, runs, said):
    report = CaptureReport(
        model="net", model_sha256="", optimize="disable", threads=1, runs=runs, warmup=1,
        onnxruntime="1", machine="cpu",
        run_s={"min": 4e-4, "median": 5e-4, "max": slowest_s},
        kernels=1, mapped_share=1.0, kernel_share=1.0, constant_share=0.0, ops=[], layers=[],
    )  # fmt: skip
    out = io.StringIO()
    capture_tables(Console(file=out, width=200), report)
    assert ("the slowest run took 17.4 times the median" in out.getvalue()) is said
