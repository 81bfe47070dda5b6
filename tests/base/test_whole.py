"""Whole numbers: what is held, and which seeds are."""

from __future__ import annotations

import pytest

from dfsrt.base.errors import InputError
from dfsrt.base.whole import MOST_WHOLE, check_seed, is_whole


def test_whole_numbers_are_those_that_64_bits_hold():
    assert is_whole(MOST_WHOLE) and is_whole(-MOST_WHOLE) and is_whole(0)
    assert not any(map(is_whole, (MOST_WHOLE + 1, True, 1.0, "1", None)))


@pytest.mark.parametrize("seed", [-1, 2**63, True, 0.5])
def test_a_seed_that_no_table_holds_is_refused(seed):
    with pytest.raises(InputError, match="no whole number of 0 to"):
        check_seed(seed)


def test_a_seed_that_tables_hold_is_returned():
    assert check_seed(MOST_WHOLE) == MOST_WHOLE
