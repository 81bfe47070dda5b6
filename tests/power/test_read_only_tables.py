"""Tables are shared by runs, so nobody can write to them."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from dfsrt.device import load_device
from dfsrt.network import load_network
from dfsrt.power.choose import choose_model
from dfsrt.power.joined import join_tables
from dfsrt.power.table import build_table
from tests.helpers.tiny import tiny_npu, tiny_table


@pytest.fixture(scope="module")
def built():
    npu = load_device("rk3588-npu")
    network = load_network("squeezenet").as_precision("int8")
    return build_table(network, npu, choose_model("datasheet", npu), 0)


def arrays(table):
    owners = {"table": table, "load": table.load, "plant": table.plant}
    return {
        f"{name}.{field.name}": getattr(owner, field.name)
        for name, owner in owners.items()
        for field in fields(owner)
        if isinstance(getattr(owner, field.name), np.ndarray)
    }


def test_no_array_of_a_table_its_workload_or_its_plant_can_be_written_to(built):
    tiny = tiny_table(tiny_npu(), [10, 20], [1, 2], [1.0, 2.0])
    replaced = replace(built, predicted_w=built.predicted_w.copy())
    tables = (built, tiny, join_tables([built, built], "two"), replaced)
    for table in tables:
        assert len(arrays(table)) == 15
        for name, array in arrays(table).items():
            assert not array.flags.writeable, name
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0


def test_a_table_has_the_numbers_that_it_was_given():
    predicted_w = np.arange(18.0).reshape(2, 3, 3)
    table = tiny_table(tiny_npu(), [10, 20], [1, 2], [1.0, 2.0], predicted_w)
    assert np.array_equal(table.predicted_w, predicted_w)
    assert np.shares_memory(table.predicted_w, predicted_w)  # no copy
