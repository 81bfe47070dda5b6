"""To add a transform, one file is touched: this one writes it, tries it, runs it and counts."""

from __future__ import annotations

import numpy as np
import pytest

from dfsrt.network import load_network
from dfsrt.optimize import make_transform, sized_by_steps
from dfsrt.testing import TransformConformance
from tests.helpers.recipes import recipe

TRANSFORM = recipe("A transform")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """The one file, in the folder that is worked in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "powers.py").write_text(TRANSFORM.new["powers.py"], "utf-8")
    return tmp_path


class TestConformance(TransformConformance):
    transform = "powers.py:Powers:count=4"


def test_its_values_are_as_worked_by_hand():
    powers = make_transform("powers.py:Powers:count=3")
    # The powers nearest to these are 1, 1/2, 1/4 and 1/8, of which the largest three stay.
    values = np.array([[0.9, -0.6, 0.25, 0.12]], np.float32)
    assert powers.rounded(values).tolist() == [[1.0, -0.5, 0.25, 0.0]]


def test_a_network_of_sizes_has_as_many_values_as_powers_with_signs_and_zero():
    network = sized_by_steps(load_network("alexnet"), [make_transform("powers.py:Powers")])
    packings = [t.packing for layer in network.layers for t in layer.weights if t.packing]
    assert {packing.values for packing in packings} == {15}


def test_one_file_is_all_and_what_the_recipe_shows_runs(dfsrt):
    assert TRANSFORM.files == {"powers.py"}
    for command in TRANSFORM.commands:
        done = dfsrt(*command.split()[1:])
        assert done.returncode == 0, done.stderr
        assert "powers.py:Powers" in done.stdout
