"""To add a mapper, one file is touched: this one writes it, then tries it, runs it and counts."""

from __future__ import annotations

import pytest

import dfsrt
from dfsrt.cost.mapper import make_mapper
from dfsrt.cost.traffic import Buffer, Tile, crossing, nests_of
from dfsrt.testing import MapperConformance
from dfsrt.testing.products import make_product
from tests.helpers.recipes import recipe

MAPPER = recipe("A mapper")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """The one file, in the folder that is worked in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "strips.py").write_text(MAPPER.new["strips.py"], "utf-8")
    return tmp_path


class TestConformance(MapperConformance):
    mapper = "strips.py:Strips:kernels=4"


def test_its_tiles_are_as_worked_by_hand():
    # 40 rows of 64 channels, 48 kernels: ten rows take 640, 16 kernels 1,024, results 160 bytes.
    (nest,) = nests_of(make_product(40, 64, 48))
    (mapping,) = make_mapper("strips.py:Strips").map([nest], Buffer(2_000))
    assert mapping.tile == Tile(64, 16, 10, 1)
    # Inputs once, weights in each of four strips, results once.
    assert tuple(crossing(nest, mapping)) == (40 * 64, 4 * 64 * 48, 40 * 48, 0)


def test_a_network_moves_by_its_parameter_and_never_less_than_by_exhaustive():
    moved = {
        name: dfsrt.memory(
            "alexnet", mapper=name, buffer="108KiB", policies=False
        ).report.totals.dram_bytes
        for name in ("exhaustive", "strips.py:Strips:kernels=1", "strips.py:Strips")
    }
    assert min(moved.values()) == moved["exhaustive"]
    assert moved["strips.py:Strips:kernels=1"] != moved["strips.py:Strips"]


def test_one_file_is_all_and_what_the_recipe_shows_runs(dfsrt):
    assert MAPPER.files == {"strips.py"}
    for command in MAPPER.commands:
        done = dfsrt(*command.split()[1:])
        assert done.returncode == 0, done.stderr
        assert "strips.py:Strips" in done.stdout


def test_what_cannot_run_ends_in_one_line(dfsrt, here):
    careless = MAPPER.new["strips.py"].replace("if fits(nest, strip, buffer)", "if True")
    (here / "careless.py").write_text(careless, "utf-8")
    options = ("--mapper", "careless.py:Strips", "--buffer", "40KiB", "--json", "-")
    done = dfsrt("memory", "alexnet", *options)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "which does not fit in the buffer" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
