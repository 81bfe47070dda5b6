"""To add a component of a scenario, two files are touched: its own, and the scenario's."""

from __future__ import annotations

import json

import pytest

from tests.helpers.recipes import ROOT, recipe

SHELF = "dfsrt/world/components/shelf/flashlight.toml"
SCENARIO = "dfsrt/run/shelf/camera-detection-phone.toml"
LAMP_W, SECONDS = 0.7, 2
SHORT = ("--until", f"{SECONDS} s", "--step", "layer", "--json", "-")


@pytest.fixture(scope="module")
def house(followed):
    steps, house = followed("A component of a scenario")
    assert steps.files == {SHELF, SCENARIO}
    return steps, house


def lamp_of(report):
    return next(c for c in report["battery"]["components"] if c["name"] == "flashlight")


def test_it_is_listed_and_taken(house):
    steps, built = house
    assert "flashlight" in built.dfsrt("list", "components")
    (command,) = steps.commands
    report = json.loads(built.dfsrt(*command.split()[1:], *SHORT))
    lamp = lamp_of(report)
    assert lamp["energy_j"] == pytest.approx(LAMP_W * report["time_s"], rel=1e-9)
    assert lamp["power_peak_w"] == pytest.approx(LAMP_W)
    flow = report["battery"]["energy_j"]["components"]
    assert flow["flashlight"] == lamp["energy_j"]


def test_it_warms_the_skin(house):
    built = house[1]
    (built.folder / "dark.toml").write_text((ROOT / SCENARIO).read_text("utf-8"), "utf-8")
    lit, dark = (
        json.loads(built.dfsrt("battery", name, *SHORT))["battery"]["temperature_c"]["skin_max"]
        for name in ("camera-detection-phone", "dark.toml")
    )
    assert lit > dark


def test_its_range_is_among_what_is_assumed(house):
    report = json.loads(house[1].dfsrt("battery", "camera-detection-phone", *SHORT))
    (number,) = (a for a in report["battery"]["assumed"] if "flashlight" in a["name"])
    assert (number["low"], number["value"], number["high"]) == (0.4, 0.7, 1.2)


def test_it_may_lie_beside_a_scenario_of_ones_own(dfsrt, tmp_path):
    steps = recipe("A component of a scenario")
    ((old, new),) = steps.edits[SCENARIO]
    text = (ROOT / SCENARIO).read_text("utf-8").replace(old, new)
    text = text.replace('"flashlight"', '"flashlight.toml"')
    (tmp_path / "mine.toml").write_text(text, "utf-8")
    (tmp_path / "flashlight.toml").write_text(steps.new[SHELF], "utf-8")
    done = dfsrt("battery", "mine.toml", *SHORT)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert lamp_of(report)["energy_j"] == pytest.approx(LAMP_W * report["time_s"], rel=1e-9)
