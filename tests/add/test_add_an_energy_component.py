"""To add an energy component, one file is touched; where it needs a layer's own numbers, three."""

from __future__ import annotations

import json
import math
import re

import pyarrow.parquet as pq
import pytest

import dfsrt
from tests.helpers.recipes import ROOT, House, Recipe

REFRESH_W = 0.05
RUN = ("run", "squeezenet", "-n", 3, "--json", "-")

COUNTED = {
    "dfsrt/power/components.py": [
        (
            '    Component("leakage", Domain.NPU, on_die=True),\n',
            '    Component("leakage", Domain.NPU, on_die=True),\n'
            '    Component("sequencer", Domain.NPU, on_die=True),\n',
        ),
        (
            "    rates: Rates,\n) -> tuple[",
            "    rates: Rates,\n    macs: Energy = 0.0,\n) -> tuple[",
        ),
        ("    loss = rules", "    sequencer = macs * 1e-12\n    loss = rules"),
        ("switching + clock + leakage + ", "switching + clock + leakage + sequencer + "),
        ("leakage, fixed, loss", "leakage, sequencer, fixed, loss"),
    ],
    "dfsrt/run/energy.py": [
        (
            "        second,\n        plant.rates,\n",
            "        second,\n        plant.rates,\n"
            '        np.where(ran, table.load.macs[rows["layer"]], 0) * per_second,\n',
        ),
        ("second, plant.rates)", "second, plant.rates, zero)"),
    ],
    "dfsrt/run/meter.py": [
        ("    clock_w: Floats\n", "    macs: Floats\n    clock_w: Floats\n"),
        ("        0, 0, 0, none,", "        0, 0, 0, none, none,"),
        (
            "        clock_w=laid_out(",
            "        macs=laid_out(table.load.macs.astype(np.float64), compiled),\n"
            "        clock_w=laid_out(",
        ),
        (
            "        run_s,\n        meter.rates,\n",
            "        run_s,\n        meter.rates,\n        meter.macs[layer],\n",
        ),
        ("seconds, meter.rates)", "seconds, meter.rates, 0.0)"),
    ],
}
"""A picojoule for each multiply-accumulate, behind the NPU's regulator."""


@pytest.fixture(scope="module")
def house(followed):
    steps, house = followed("An energy component")
    assert steps.files == {"dfsrt/power/components.py"}
    return steps, house


@pytest.fixture(scope="module")
def run_of(house):
    return json.loads(house[1].dfsrt(*RUN, "--log", "rows.parquet", "--html", "page.html"))


def test_only_one_file_names_a_component():
    texts = {path.name: path.read_text("utf-8") for path in (ROOT / "dfsrt").rglob("*.py")}
    named = [name for name, text in texts.items() if re.search(r"regulator_loss(?!_w)", text)]
    assert named == ["components.py"]


def test_what_the_recipe_shows_runs(house):
    steps, built = house
    (command,) = steps.commands
    report = json.loads(built.shell(command))
    assert report["energy_breakdown_j"]["refresh"] > 0  # the cap's domain holds it
    assert list(report["outside_domain_j"]) == ["uncore"]


def test_reports_hold_it_in_its_domain(run_of):
    refresh_j = run_of["outside_domain_j"]["refresh"]
    assert refresh_j == pytest.approx(REFRESH_W * run_of["time_s"], rel=1e-12)
    dram_j = run_of["outside_domain_j"]["dram"] + refresh_j
    assert run_of["energy_by_domain_j"]["dram"] == pytest.approx(dram_j, rel=1e-12)
    everywhere = [*run_of["energy_breakdown_j"].values(), *run_of["outside_domain_j"].values()]
    assert run_of["energy_by_domain_j"]["total"] == pytest.approx(math.fsum(everywhere))


def test_nothing_else_has_moved(run_of):
    before = dfsrt.run("squeezenet", frames=3).report
    assert run_of["energy_breakdown_j"] == before.energy_breakdown_j
    assert run_of["time_s"] == before.time_s


def test_rows_and_page_show_it(house, run_of):
    rows = pq.read_table(house[1].folder / "rows.parquet")
    spent = sum(rows["refresh_j"].to_pylist())
    assert spent == pytest.approx(run_of["outside_domain_j"]["refresh"], rel=1e-12)
    assert '"refresh"' in (house[1].folder / "page.html").read_text("utf-8")


def test_governors_are_told_of_it_in_the_domain_that_holds_it(house):
    told = house[1].call(
        "-c",
        "from dfsrt.run.job import make_job; from dfsrt.device import Domain\n"
        "table = make_job('squeezenet', power_model='datasheet').table\n"
        "npu, dram, whole = (table.predicted_in(domain) for domain in Domain)\n"
        "dram_w = table.load.dram_bytes / table.duration_ns[:, -1] * 8e-3\n"
        "dram_w *= table.npu.silicon.dram_pj_per_bit\n"
        "dram_w += table.plant.standby.work_w[-1]\n"
        "print(*(dram - npu)[:, -1, -1] - dram_w)\n",
    )
    assert [float(watts) for watts in told.split()] == pytest.approx(
        [REFRESH_W] * len(told.split())
    )


@pytest.mark.deep
@pytest.mark.parametrize("step", ["layer", "kernel"])
def test_a_battery_pays_for_it_in_plain_python_and_as_machine_code(house, step):
    seconds = {"layer": 1, "kernel": 30}[step]
    text = house[1].dfsrt(
        "battery", "voice-glasses", "--until", f"{seconds} s", "--step", step, "--json", "-"
    )
    report = json.loads(text)
    flow, e = report["battery"]["energy_j"], report["energy_by_domain_j"]
    refresh_j = REFRESH_W * report["time_s"]
    assert report["outside_domain_j"]["refresh"] == pytest.approx(refresh_j, rel=1e-9)
    assert flow["components"]["npu dram"] == pytest.approx(e["dram"], rel=1e-9)
    parts = [flow["internal_loss"], flow["pmic_loss"], *flow["components"].values()]
    assert math.fsum(parts) == pytest.approx(flow["chemical"], rel=1e-9)


@pytest.mark.deep
def test_one_of_a_layers_own_numbers_touches_three_files(tmp_path):
    built = House(tmp_path, Recipe(edits=COUNTED))
    report = json.loads(built.dfsrt(*RUN))
    before = dfsrt.run("squeezenet", frames=3).report
    sequencer_j = (
        1e-12 * 3 * json.loads(built.dfsrt("layers", "squeezenet", "--json", "-"))["totals"]["macs"]
    )
    assert report["energy_breakdown_j"]["sequencer"] == pytest.approx(sequencer_j, rel=1e-9)
    # The regulator has to deliver that, too: at 88 % a joule costs 1 / 0.88.
    efficiency = dfsrt.load_device("rk3588-npu").rail.efficiency
    more_j = report["energy_j"] - before.energy_j
    assert more_j == pytest.approx(sequencer_j / efficiency, rel=1e-6)
    life = ("battery", "voice-glasses", "--until", "1 s", "--step", "layer", "--json", "-")
    assert json.loads(built.dfsrt(*life))["energy_breakdown_j"]["sequencer"] > 0
