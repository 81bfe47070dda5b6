"""Capture: running a model for real, and recording how long each of its nodes takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfsrt.base.lazy import lazy_names

if TYPE_CHECKING:
    from dfsrt.capture.capture import Capture, capture_model
    from dfsrt.capture.folder import write_capture, write_recorded
    from dfsrt.capture.report import CaptureReport, capture_report
    from dfsrt.capture.requests import requests_from
    from dfsrt.capture.session import Settings
    from dfsrt.capture.share_table import zeros_table
    from dfsrt.capture.zeros import Inputs, Zeros, measure_zeros

__all__ = [
    "Capture",
    "CaptureReport",
    "Inputs",
    "Settings",
    "Zeros",
    "capture_model",
    "capture_report",
    "measure_zeros",
    "requests_from",
    "write_capture",
    "write_recorded",
    "zeros_table",
]

__getattr__ = lazy_names(
    __name__,
    {
        "Capture": "capture",
        "CaptureReport": "report",
        "Inputs": "zeros",
        "Settings": "session",
        "Zeros": "zeros",
        "capture_model": "capture",
        "capture_report": "report",
        "measure_zeros": "zeros",
        "requests_from": "requests",
        "write_capture": "folder",
        "write_recorded": "folder",
        "zeros_table": "share_table",
    },
)
