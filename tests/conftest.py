"""Fixtures and settings that all tests share."""

from __future__ import annotations

import gc
import os

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.helpers import cli

HALF = os.environ.get("DFSRT_EXAMPLES") != "full"
"""Whether each property is tried on half of its examples."""
settings.register_profile(
    "dfsrt",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=50 if HALF else 100,
)
settings.register_profile(
    "no-shrink", settings.get_profile("dfsrt"), phases=(Phase.explicit, Phase.generate)
)
settings.load_profile("dfsrt")

FEWEST = 20
"""Examples below which nothing is left out."""
SETTINGS = "_hypothesis_internal_use_settings"
"""Where hypothesis keeps a test's own settings."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Take half of each property's examples, unless ``DFSRT_EXAMPLES=full`` asks for all."""
    if not HALF:
        return
    functions = {getattr(item.obj, "__func__", item.obj) for item in items if hasattr(item, "obj")}
    for function in functions:
        own = getattr(function, SETTINGS, None)
        if own is not None and own.max_examples > FEWEST:
            half = max(own.max_examples // 2, FEWEST)
            setattr(function, SETTINGS, settings(own, max_examples=half))


def pytest_collection_finish() -> None:
    """Leave modules and thousands of tests, which stay to the end, out of the collector's walks."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture
def dfsrt(tmp_path):
    """Run the command line as a user does, in an empty folder; returns the finished process."""

    def call(*arguments: object, **options: object) -> cli.Done:
        return cli.dfsrt(tmp_path, *arguments, **options)

    return call
