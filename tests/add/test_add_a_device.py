"""To add a device, one file is touched: its own."""

from __future__ import annotations

import json

import pytest

from tests.helpers.recipes import House, Recipe, recipe

RUN = ("run", "squeezenet", "-n", 1, "--json", "-")


@pytest.fixture(scope="module")
def house(followed):
    steps, house = followed("A device")
    assert steps.files == {"my-npu.toml"}
    return steps, house


def test_what_the_recipe_shows_runs(house):
    steps, built = house
    outputs = [built.shell(command) for command in steps.commands]
    assert "half of what the base has" in outputs[0]
    assert "squeezenet on my-npu" in outputs[1]


def test_half_of_the_bandwidth_is_slower_than_the_base(house):
    built = house[1]
    mine, base = (
        json.loads(built.dfsrt(*RUN, "-d", name)) for name in ("my-npu.toml", "rk3588-npu")
    )
    assert mine["device"] == "my-npu"
    assert mine["fps"] < 0.9 * base["fps"]
    assert "memory.bandwidth_bytes_per_s" in mine["assumed"]


def test_in_the_presets_it_is_known_by_its_name(tmp_path):
    text = recipe("A device").new["my-npu.toml"]
    built = House(tmp_path, Recipe(new={"dfsrt/device/presets/my-npu.toml": text}))
    assert "my-npu" in built.dfsrt("list", "devices")
    assert json.loads(built.dfsrt(*RUN, "-d", "my-npu"))["device"] == "my-npu"
