"""A scene small enough to look at."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dfsrt.run.program import plain
from dfsrt.run.rules import Rules
from tests.helpers.serve import load_of
from tests.world.scenes import BASE, Around, table_of_two


@pytest.fixture
def tiny_scene():
    table = table_of_two()
    around = Around(replace(BASE, uses=(), zones=(), trips=()), (), 5_000_000)
    return around, (table, [plain(0, len(table.load.names))], load_of([0, 10]), Rules())
