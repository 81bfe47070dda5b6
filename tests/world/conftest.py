"""A scene small enough to look at."""

from __future__ import annotations

import math

import pytest
from dfsrt.run.requests import Rules
from tests.run.test_replay import requests_of

from dfsrt.run.program import plain
from dfsrt.run.scenario import Cap, Stop
from tests.helpers.scenarios import changed
from tests.world.scenes import BASE, table_of_two


@pytest.fixture
def tiny_scene():
    table = table_of_two()
    scenario = changed(
        BASE,
        uses=(),
        zones=(),
        trips=(),
        cap=Cap(math.inf, "npu", ()),
        stop=Stop(False, 5_000_000, 2**62, "5 ms"),
    )
    return scenario, (table, [plain(0, len(table.load.names))], requests_of([0, 10]), Rules())
