"""What sets an operator up is read as what it is, or refused by name."""

from __future__ import annotations

import pytest

from dfsrt.power.measure.errors import CannotRunError
from dfsrt.power.measure.settings import whole, wholes


def test_numbers_are_read_and_defaults_taken():
    assert whole({"group": 4}, "group", 1) == 4
    assert whole({}, "group", 1) == 1
    assert wholes({"pads": [1, 2]}, "pads") == [1, 2]
    assert wholes({}, "pads", (0, 0)) == [0, 0]


@pytest.mark.parametrize("value", ["4", 4.0, [4]])
def test_what_is_no_whole_number_is_refused(value):
    with pytest.raises(CannotRunError, match=r"group = .* is no whole number"):
        whole({"group": value}, "group", 1)


@pytest.mark.parametrize("value", ["12", 4, [1, 2.5], ["1"]])
def test_what_is_no_list_of_whole_numbers_is_refused(value):
    with pytest.raises(CannotRunError, match=r"pads = .* is no list of whole numbers"):
        wholes({"pads": value}, "pads")


def test_what_has_no_default_must_be_said():
    with pytest.raises(CannotRunError, match="size = None"):
        whole({}, "size")
    with pytest.raises(CannotRunError, match="kernel_shape = None"):
        wholes({}, "kernel_shape")
