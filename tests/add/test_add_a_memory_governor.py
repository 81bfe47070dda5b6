"""To add a governor of the memory one file is touched: this one writes it, then tries it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dfsrt.governor.memory import make_memory_governor
from dfsrt.testing import MemoryGovernorConformance
from dfsrt.testing.bus_views import make_bus_view
from tests.helpers.recipes import recipe

MEMORY = recipe("A governor of the memory")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """The one file, in the folder that is worked in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "halfway.py").write_text(MEMORY.new["halfway.py"], "utf-8")
    return tmp_path


class TestConformance(MemoryGovernorConformance):
    governor = "halfway.py:Halfway:share=0.4"


def test_its_choices_are_as_worked_by_hand():
    # Points of 4, 8, 12 and 16 GB/s; 10 ms.
    halfway = make_memory_governor("halfway.py:Halfway")
    counts = {(): 3, (20_000_000,): 0, (20_000_001,): 1, (0, 50_000_000): 2, (90_000_000,): 3}
    for moved, point in counts.items():
        assert halfway.choose(replace(make_bus_view(), moved_bytes=moved)) == point


def test_one_file_is_all_and_what_the_recipe_shows_runs(dfsrt):
    assert MEMORY.files == {"halfway.py"}
    for command in MEMORY.commands:
        done = dfsrt(*command.split()[1:])
        assert done.returncode == 0, done.stderr
        assert "memory halfway.py:Halfway:share=0.4" in done.stdout


def test_what_it_gets_wrong_ends_in_one_line(dfsrt, here):
    (here / "careless.py").write_text(MEMORY.new["halfway.py"].replace("view.top", "view.most"))
    done = dfsrt("run", "squeezenet", "-d", "rk3588-npu", "--memory", "careless.py:Halfway")
    assert done.returncode == 2
    assert "careless.py:Halfway failed to choose: line" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
