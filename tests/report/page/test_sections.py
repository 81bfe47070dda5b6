"""One page for every load: sections for the parts of its report, in the words of its tables."""

from __future__ import annotations

import json

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace

import dfsrt
from dfsrt.report.columns import workload_names
from dfsrt.report.page.battery import thinned
from dfsrt.report.page.comparison import comparison_page
from dfsrt.report.page.grids import FIGURES
from dfsrt.report.page.page import page_html
from dfsrt.report.page.report import report_page
from dfsrt.report.page.requests import requests_section
from dfsrt.report.page.samples import samples_page
from dfsrt.report.page.time_unit import time_unit
from dfsrt.report.run_table import run_grids
from dfsrt.report.samples import Distribution, Influence, LifeSamples
from dfsrt.report.schema import Regret

LOADS = {
    "network": ("squeezenet", {"frames": 3, "cap": "0.8W"}),
    "pipeline": ("infinite-zoom:steps=1", {"frames": 2}),
    "trace": ("camera-detection", {"until": "1s"}),
    "scenario": ("voice-glasses", {"until": "30 s"}),
}
SECTIONS = {
    "network": ["Clock over layers", "Power over time", "Clocks", "Energy", "Roofline"],
    "pipeline": ["Clock over layers", "Power over time", "Clocks", "Energy", "Roofline", "Stages"],
    "trace": ["Requests", "Clock over layers", "Power over time", "Clocks", "Energy", "Roofline",
              "Stages"],
    "scenario": ["Battery and heat", "Energy", "Requests", "Clock over layers",
                 "Idle time", "Clocks", "Roofline", "Stages"],
}  # fmt: skip
EVERY = ["Figures", "Behind the numbers"]


@pytest.fixture(scope="module", params=LOADS)
def done(request):
    load, fields = LOADS[request.param]
    return dfsrt.run(load, governor="dfs", **fields)


@pytest.fixture(scope="module")
def page(done):
    return report_page(done.report, done.run)


def figures(page) -> dict:
    return {figure.name: figure for section in page.sections for figure in section.figures}


def test_a_page_has_a_section_for_each_part_of_its_report(done, page) -> None:
    assert [section.title for section in page.sections] == [*SECTIONS[done.report.kind], *EVERY]
    names = [figure.name for section in page.sections for figure in section.figures]
    assert len(set(names)) == len(names)
    assert all(figure.says for figure in figures(page).values())


def test_tiles_and_tables_say_what_the_terminal_says(done, page) -> None:
    grids = [g for g in run_grids(done.report) if g.heads and g.heads[0] in FIGURES]
    rows = {row[0]: row for grid in grids for row in grid.rows}
    for tile in page.tiles:
        name, value, note = rows[tile.name]
        assert tile.value == value, name
        assert note.startswith(tile.note) or tile.note in note, name
    section = next(section for section in page.sections if section.title == "Figures")
    assert [list(table.rows) for table in section.tables] == [list(grid.rows) for grid in grids]


def test_energy_of_every_domain_is_on_the_page_and_adds_up(done, page) -> None:
    report, shown = done.report, figures(page)
    joules = [bar["x"][0] for bar in shown["domains"].data]
    whole = report.energy_by_domain_j
    assert [bar["name"] for bar in shown["domains"].data] == ["NPU", "DRAM", "uncore"]
    np.testing.assert_allclose(
        joules, np.array([whole.npu, whole.dram, whole.uncore]) / report.frames
    )
    if report.battery is None:
        assert sum(shown["energy"].data[0]["values"]) == pytest.approx(whole.total, rel=1e-9)
    if report.stages:
        assert sum(shown["stages"].data[0]["values"]) == pytest.approx(whole.total, rel=1e-9)


def test_a_batterys_page_shows_all_that_left_the_cell_and_all_that_is_assumed() -> None:
    load, fields = LOADS["scenario"]
    done = dfsrt.run(load, governor="dfs", **fields)
    battery, page = done.report.battery, report_page(done.report, done.run)
    shown, over = figures(page), thinned(done.run)
    assert battery is not None
    left = sum(shown["cell"].data[0]["values"])
    assert left == pytest.approx(battery.energy_j.chemical, rel=1e-9)
    assert [trace["name"] for trace in shown["temperatures"].data] == list(
        battery.temperature_c.nodes_max
    )
    assert over["time_s"][-1] == pytest.approx(battery.life_s)
    assert over["charge"][-1] == pytest.approx(battery.charge_end)
    captions = {t.caption: t for section in page.sections for t in section.tables}
    assert len(captions["Assumed numbers"].rows) == len(battery.assumed)
    for name in ("charge", "temperatures", "power"):
        assert shown[name].layout["xaxis"]["title"]["text"] == "time (s)"
        assert shown[name].data[0]["x"][-1] == pytest.approx(30.0)


@pytest.mark.parametrize(
    ("times_s", "sign", "last"),
    [([], "s", None), ([0.5, 59.9], "s", 59.9), ([60.0], "min", 1.0),
     ([3599.0, 1.0], "min", 1 / 60), ([3600.0, 7200.0], "h", 2.0)],
)  # fmt: skip
def test_a_life_is_told_in_the_largest_unit_that_it_holds(times_s, sign, last) -> None:
    unit = time_unit(times_s)
    assert unit.sign == sign
    assert unit.axis("time")["title"] == {"text": f"time ({sign})"}
    if last is not None:
        assert times_s[-1] * unit.scale == pytest.approx(last)


def test_batteries_are_compared_by_their_life() -> None:
    load, fields = LOADS["scenario"]
    done = dfsrt.compare(load, "dfs,performance", **fields)
    shown = figures(comparison_page(done.report, [result.run for result in done.runs]))
    assert shown["life"].says == "all alike: 30 s"
    assert shown["life"].data[0]["x"] == pytest.approx([30.0, 30.0])
    assert shown["life"].layout["xaxis"]["title"]["text"] == "time (s)"
    assert shown["charges"].says == "all end between 30 s and 30 s"
    assert shown["charges"].layout["xaxis"]["title"]["text"] == "time (s)"
    assert [trace["name"] for trace in shown["charges"].data] == ["dfs", "performance"]
    skin = [run.battery.temperature_c.skin_max for run in done.report.runs]
    assert shown["skins"].says.startswith(["dfs", "performance"][int(np.argmax(skin))])


def test_clocks_of_layers_are_the_logs(done, page) -> None:
    shown, log = figures(page)["clocks"].data[0], done.log
    np.testing.assert_allclose(shown["y"], log.freq_hz[log.last_frame] * 1e-6)
    assert len(shown["text"]) == len(log.last_frame)


def test_a_page_of_a_run_is_html_with_the_same_numbers(page) -> None:
    html = page_html(page)
    assert page.title in html
    text = html.split('id="plots">')[1].split("</script>")[0]
    assert json.loads(text).keys() == figures(page).keys()


def test_a_run_that_ended_before_anything_did_still_has_a_page() -> None:
    done = dfsrt.run("camera-detection", until="1us")
    page = report_page(done.report, done.run)
    tiles = {tile.name: tile.value for tile in page.tiles}
    assert tiles["median latency"] == "-"
    assert "per frame" not in figures(page)["domains"].title


def test_requests_too_many_to_hold_are_told_by_their_spread() -> None:
    done = dfsrt.run("camera-detection", until="1s")
    whole = requests_section(done.report, done.run)
    done.run.requests = None
    section = requests_section(done.report, done.run)
    assert "not held" in section.text
    assert [f.name for f in whole.figures] == ["latencies", "requests-over-time", "latency-spread"]
    assert [f.name for f in section.figures] == ["latency-spread"]
    shown = section.figures[0].data[0]
    assert shown["name"] == workload_names(done.run.job)[0]
    assert shown["x"][-1] == pytest.approx(done.run.book.requests.whole.latency.max_s)
    assert section.figures[0].layout["xaxis"]["range"][1] > 1.02 * max(shown["x"])


def test_a_comparison_has_every_run_and_a_name_for_each() -> None:
    done = dfsrt.compare("squeezenet", ["dfs", "performance", "dfs"], frames=2, cap="0.8W")
    page = comparison_page(done.report, [result.run for result in done.runs])
    shown = figures(page)
    assert shown["speed"].data[0]["y"] == ["dfs", "performance", "dfs (2)"]
    assert [trace["name"] for trace in shown["clocks"].data] == ["dfs", "performance", "dfs (2)"]
    assert [tile.name for tile in page.tiles] == ["fastest", "thriftiest"]
    assert page.tiles[0].value == "performance"
    assert len(page.sections[0].tables[0].rows) == 3


def test_the_best_that_breaks_the_cap_is_told_as_such() -> None:
    done = dfsrt.compare("squeezenet", "dfs,performance", frames=2, cap="0.15W")
    page = comparison_page(done.report, [result.run for result in done.runs])
    kept = done.report.runs[1].cap
    over = f"{100 * kept.layers_over / kept.layer_runs:.3g}% of its layers over the cap"
    fastest, thriftiest = page.tiles
    assert (fastest.value, thriftiest.value) == ("performance", "dfs")
    assert fastest.note.endswith(over)
    assert figures(page)["speed"].says.endswith(over)
    assert "over the cap" not in thriftiest.note
    assert figures(page)["roofline"].title == "Roofline of the layers under dfs"
    assert (
        page.sections[-1]
        .tables[-1]
        .caption.endswith(f" {len(done.report.runs[0].assumed)} numbers")
    )


def test_a_comparison_says_on_its_page_what_the_terminal_notes() -> None:
    done = dfsrt.compare("squeezenet", ["dfs", "performance"], frames=2, cap="0.8W")
    unsure = Regret(0.1, 0.2, 0.0, 0.02, 0.3)
    last = replace(done.report.runs[1], notes=["of the last alone"], regret=unsure)
    report = replace(done.report, runs=[done.report.runs[0], last])
    page = comparison_page(report, [result.run for result in done.runs])
    assert "energies 30.00% less at most" in figures(page)["regret"].says
    said = [cell for (cell,) in page.sections[-1].tables[0].rows]
    assert "performance: of the last alone" in said
    assert sum("energies 30.00% less at most" in note for note in said) == 1


def test_traces_are_compared_by_their_tail() -> None:
    done = dfsrt.compare("camera-detection", "dfs,performance", until="1s")
    page = comparison_page(done.report, [result.run for result in done.runs])
    assert page.tiles[0].name == "shortest tail"
    assert page.tiles[0].value == "performance"
    tails = [run.latency_s.p99 for run in done.report.runs]
    np.testing.assert_allclose(figures(page)["tail"].data[0]["x"], tails)


def test_where_all_runs_are_alike_none_is_the_best() -> None:
    done = dfsrt.compare("squeezenet", "dfs,dfs", frames=2)
    page = comparison_page(done.report, [result.run for result in done.runs])
    assert page.tiles == []
    assert figures(page)["speed"].says == f"all alike: {done.report.runs[0].fps:.2f} FPS"


def test_a_comparison_in_which_nothing_finished_names_no_best() -> None:
    done = dfsrt.compare("camera-detection", "dfs,performance", until="1us")
    page = comparison_page(done.report, [result.run for result in done.runs])
    assert page.tiles == []


def test_samples_of_which_none_has_a_figure_say_so() -> None:
    spread = Distribution(mean=2.0, sd=1.0, min=1.0, p5=1.1, p50=2.0, p95=2.9, max=3.0)
    report = LifeSamples(
        scenario="glasses", governor="dfs", samples=2, seed=0,
        distributions={"life_s": msgspec.structs.replace(spread, p50=7200.0),
                       "energy_per_frame_j": None},
        end_causes={"time": 2}, influences=[Influence(name="ambient", rank_correlation=-0.5)],
        notes=["two dies"],
    )  # fmt: skip
    row = {"life_s": 7200.0, "skin_max_c": 40.0, "ambient": 25.0}
    page = samples_page(report, [row | {"energy_per_frame_j": float("nan")}] * 2)
    shown = figures(page)
    assert page.tiles[0].value == "2 h 00 min"
    assert shown["joules"].says == "no sample has it"
    assert shown["by-ambient"].layout["yaxis"]["title"]["text"] == "life (h)"
    assert shown["skin"].says.startswith("half of the samples are under 40 °C")
    assert shown["skin"].layout["yaxis"]["dtick"] == 1
    assert shown["skin"].data[0]["texttemplate"] == "%{y}"
    assert shown["influences"].says == "ambient goes with it most"
    life, joules = page.sections[0].tables[0].rows
    assert life[2] == "2 h 00 min"
    assert joules[:2] == ("energy_per_frame_j", "none")
