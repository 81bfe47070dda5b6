"""Energy components: their order, their domains, and sums over them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.compiled import compiled
from dfsrt.device.npu import Domain
from dfsrt.device.rules import regulator_loss_w
from dfsrt.power.components import COMPONENTS, IN_DOMAIN, Rates, energy_by_domain, split

JOULES = {
    "switching": 1.0,
    "clock": 2.0,
    "leakage": 4.0,
    "fixed": 8.0,
    "regulator_loss": 16.0,
    "dram": 32.0,
    "uncore": 64.0,
}


def test_names_and_order_are_those_of_the_logs_columns():
    assert tuple(JOULES) == COMPONENTS


def test_each_domain_holds_the_first_components_and_more_than_the_one_before():
    assert IN_DOMAIN == {Domain.NPU: 5, Domain.NPU_DRAM: 6, Domain.SYSTEM: 7}


def test_energy_by_domain_is_as_added_up_by_hand():
    assert energy_by_domain(JOULES) == {"npu": 31.0, "dram": 32.0, "uncore": 64.0, "total": 127.0}


@given(st.lists(st.floats(0, 1e6), min_size=7, max_size=7))
def test_parts_add_up_to_the_total_and_agree_with_the_domains(joules):
    own = energy_by_domain(dict(zip(COMPONENTS, joules, strict=True)))
    for domain, part in ((Domain.NPU, 0), (Domain.NPU_DRAM, own["dram"])):
        inside = sum(joules[: IN_DOMAIN[domain]])
        assert own["npu"] + part == pytest.approx(inside, rel=1e-12)
    assert own["total"] == pytest.approx(sum(joules), rel=1e-12)


def test_a_missing_component_is_an_error_not_a_zero():
    with pytest.raises(KeyError, match="uncore"):
        energy_by_domain(dict.fromkeys(COMPONENTS[:-1], 1.0))


def test_a_regulator_of_80_percent_loses_a_quarter_of_what_it_delivers():
    parts = split(1.0, 1.5, 1.0, 0.5, 2.0, Rates(0.8, 0.01, 0.125, 0.25))
    expected = {"switching": 1.0, "clock": 1.5, "leakage": 1.0, "fixed": 0.5}
    expected |= {"regulator_loss": 1.0, "dram": 0.5, "uncore": 0.25}
    assert dict(zip(COMPONENTS, parts, strict=True)) == pytest.approx(expected)


def test_arrays_and_machine_code_split_as_numbers_do():
    columns, rates = np.arange(15.0).reshape(5, 3), Rates(0.9, 0.01, 0.125, 0.0625)
    together = split(*columns, rates)
    fast = compiled(split, (regulator_loss_w,))
    for i, numbers in enumerate(columns.T.tolist()):
        assert [part[i] for part in together] == list(split(*numbers, rates))
        assert fast(*numbers, rates) == pytest.approx(split(*numbers, rates), rel=1e-15)
