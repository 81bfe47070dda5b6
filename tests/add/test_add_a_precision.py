"""To add a precision, three files are touched: a tensor's bits, its name, and a device with it."""

from __future__ import annotations

import json

import pytest

from dfsrt.base.errors import InputError
from dfsrt.network import load_network


@pytest.fixture(scope="module")
def house(followed):
    steps, house = followed("A precision")
    assert steps.files == {
        "dfsrt/network/tensor.py",
        "dfsrt/network/precision.py",
        "six-bits.toml",
    }
    return steps, house


def test_without_it_nobody_knows_it():
    with pytest.raises(InputError, match="precision 'int6' is unknown"):
        load_network("squeezenet").as_precision("int6")


def test_what_the_recipe_shows_runs(house):
    steps, built = house
    for command in steps.commands:
        built.shell(command)


def test_six_bits_take_three_quarters_of_eight_and_less_energy(house):
    built = house[1]
    run = ("run", "squeezenet", "-d", "six-bits.toml", "-n", 1, "--json", "-", "--precision")
    six, eight = (json.loads(built.dfsrt(*run, precision)) for precision in ("int6", "int8"))
    assert six["memory"]["dram_bytes"] == pytest.approx(0.75 * eight["memory"]["dram_bytes"], 0.01)
    assert six["energy_by_domain_j"]["total"] < eight["energy_by_domain_j"]["total"]
