"""Fixtures and settings that all tests share."""

from __future__ import annotations

import gc

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.helpers import cli

settings.register_profile(
    "dfsrt", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "no-shrink", settings.get_profile("dfsrt"), phases=(Phase.explicit, Phase.generate)
)
settings.load_profile("dfsrt")


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
