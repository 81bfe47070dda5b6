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

__all__ = [
    "Capture",
    "CaptureReport",
    "Settings",
    "capture_model",
    "capture_report",
    "requests_from",
    "write_capture",
    "write_recorded",
]

__getattr__ = lazy_names(
    __name__,
    {
        "Capture": "capture",
        "CaptureReport": "report",
        "Settings": "session",
        "capture_model": "capture",
        "capture_report": "report",
        "requests_from": "requests",
        "write_capture": "folder",
        "write_recorded": "folder",
    },
)
