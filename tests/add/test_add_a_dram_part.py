"""To add a part of DRAM, one file is touched: its own."""

from __future__ import annotations

import json

import pytest

from tests.helpers.recipes import House, Recipe, recipe

STREAM = ("memory", "stream", "--json", "-", "--dram")


@pytest.fixture(scope="module")
def house(followed):
    steps, house = followed("A DRAM part")
    assert steps.files == {"my-lpddr4.toml"}
    return steps, house


def test_what_the_recipe_shows_runs(house):
    steps, built = house
    outputs = [built.shell(command) for command in steps.commands]
    assert "the part on my board" in outputs[0]
    assert "2 channels, map drmap" in " ".join(outputs[1].split())


def test_refreshes_twice_as_often_cost_bandwidth(house):
    mine, base = (
        json.loads(house[1].dfsrt(*STREAM, name)) for name in ("my-lpddr4.toml", "lpddr4-3200")
    )
    lost = [1 - part["bandwidth_bytes_per_s"] / part["peak_bytes_per_s"] for part in (mine, base)]
    assert lost[0] == pytest.approx(2 * lost[1], rel=0.01)


def test_on_the_shelf_it_is_known_by_its_name_and_a_device_may_have_it(tmp_path):
    text = recipe("A DRAM part").new["my-lpddr4.toml"]
    built = House(tmp_path, Recipe(new={"dfsrt/device/dram/parts/my-lpddr4.toml": text}))
    assert "my-lpddr4" in built.dfsrt("list", "drams")
    (built.folder / "mine.toml").write_text(
        'format = 1\nbase = "rk3588-npu"\nname = "mine"\ndescription = "mine"\n'
        '[dram]\npart = "my-lpddr4"\n'
    )
    assert "my-lpddr4" in built.dfsrt("device", "show", "mine.toml")
