"""Fixtures and settings that all tests share."""

from __future__ import annotations

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


@pytest.fixture
def dfsrt(tmp_path):
    """Run the command line as a user does, in an empty folder; returns the finished process."""

    def call(*arguments: object, **options: object) -> cli.Done:
        return cli.dfsrt(tmp_path, *arguments, **options)

    return call
