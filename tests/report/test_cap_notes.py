"""A cap that never binds, or that no layer can keep, is remarked with what may be meant."""

from __future__ import annotations

import json
import re

import pytest

import dfsrt
from dfsrt.base.units import parse_power_w


@pytest.fixture(scope="module")
def job():
    return dfsrt.Job("squeezenet", frames=1)


def remarks(job, cap, governor="dfs", **fields):
    notes = job.changed(cap=cap, **fields).run(governor).report.notes
    return [note for note in notes if note.startswith("the cap, ")]


def watts(note, word):
    """The watts before ``word`` in a note."""
    return parse_power_w(re.search(rf"([\d.]+ \S*W) {word}", note)[1])


@pytest.mark.parametrize("cap", ["800", "800 MW", "800 kW", 800])
def test_a_cap_above_all_that_is_drawn_never_binds_and_milliwatts_are_meant(job, cap):
    (note,) = remarks(job, cap)
    assert "so it never binds" in note and note.endswith("give --cap 800mW")


def test_the_highest_draw_that_is_said_bounds_every_run(job):
    (note,) = remarks(job, "800")
    highest_w = watts(note, "at most")
    for governor in ("performance", "dfs", "powersave"):
        report = job.changed(cap="none").run(governor).report
        assert report.power_w.max <= highest_w * 1.001
    assert remarks(job, highest_w * 1.01) and not remarks(job, highest_w * 0.9)


def test_a_cap_below_all_that_is_drawn_holds_every_layer_and_none_keeps_it(job):
    (note,) = remarks(job, "100 uW")
    assert "every layer runs at its lowest clock" in note and note.endswith("give --cap 100mW")
    lowest_w = watts(note, "at least")
    below = job.changed(cap=lowest_w * 0.99).run("dfs").report.cap
    above = job.changed(cap=lowest_w * 1.02).run("dfs").report.cap
    assert below.layers_unreachable == below.layer_runs > above.layers_unreachable
    assert not remarks(job, "100mW")  # the advice


def test_nothing_is_said_of_a_cap_that_nobody_gave(job):
    assert not remarks(job, None) and not remarks(job, "none")
    assert not remarks(job, "100 W", cap_changes={"1us": "0.1 W"})


def test_first_lines_of_every_verb_and_json(dfsrt):
    shown = dfsrt("compare", "tiny-images", "-g", "dfs,powersave", "--cap", "800", "--json", "-")
    notes = [run["notes"][0] for run in json.loads(shown.stdout)["runs"]]
    assert all("never binds; if 800 mW is meant, give --cap 800mW" in note for note in notes)
    lines = dfsrt("replay", "camera-detection", "--cap", "800").stdout.splitlines()
    assert lines[1].startswith("note: the cap, 800 W, lies above all that this load draws")
