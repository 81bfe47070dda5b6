"""A few kills of what ``python -m tests.faults.kills`` does a hundred times."""

from __future__ import annotations

import random

import pytest

from tests.faults.kills import kills


@pytest.mark.slow
@pytest.mark.deep
@pytest.mark.parametrize("name", ["measure", "sweep"])
def test_a_command_that_is_killed_leaves_nothing_half_written_and_goes_on(name):
    faults, _ = kills(name, 3, random.Random(5))
    assert faults == []
