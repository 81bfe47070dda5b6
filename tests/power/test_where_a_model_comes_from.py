"""Reports say where the power model comes from, where it is not the shipped one of this device."""

from __future__ import annotations

from dataclasses import replace

import pytest

import dfsrt
from dfsrt.device import load_device
from dfsrt.power.card import device_digest
from dfsrt.power.choose import choose_model
from dfsrt.power.joined import join_tables
from dfsrt.power.models import open_model
from tests.helpers.tiny import tiny_npu, tiny_table


def changed(npu):
    return replace(npu, silicon=replace(npu.silicon, uncore_w=npu.silicon.uncore_w + 0.01))


def test_the_shipped_model_of_an_unchanged_device_says_nothing():
    assert choose_model("fitted", load_device("mdla")).note == ""


def test_a_device_whose_number_changed_is_fitted_anew_and_says_so():
    npu = changed(load_device("mdla"))
    own, shipped = device_digest(npu)[:12], open_model("mdla").card.device_digest[:12]
    assert choose_model("fitted", npu).note == (
        "power model fitted here: this mdla differs from the one that the shipped model was "
        f"trained on (digest {own}, not {shipped})"
    )


@pytest.mark.parametrize("options", [{}, {"confidence": 0.9}])
def test_a_device_without_a_shipped_model_says_so(options):
    note = choose_model("fitted", tiny_npu(), **options).note
    assert note == "no power model is shipped for tiny: fitted here"


def test_the_note_stands_in_the_report_once():
    npu = changed(load_device("mdla"))
    found = dfsrt.run("squeezenet", device=npu, frames=1).report.notes
    assert [n.split(":")[0] for n in found if "fitted here" in n] == ["power model fitted here"]
    assert dfsrt.run("squeezenet", device="mdla", frames=1).report.notes == []


def test_joined_tables_keep_every_note_once():
    table = tiny_table(tiny_npu(), [1], [1], [1.0])
    tables = [replace(table, notes=notes) for notes in (("a", "b"), ("b", "c"), ())]
    assert join_tables(tables, "all").notes == ("a", "b", "c")
