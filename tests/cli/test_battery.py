"""dfsrt battery at the terminal: outputs, files, and mistakes."""

from __future__ import annotations

import os
import re
import subprocess

import msgspec
import pyarrow.parquet as pq
import pytest

from dfsrt.base.tomlfile import parse_toml
from dfsrt.recording import rail_powers, read_recording
from dfsrt.report.api import run
from dfsrt.report.battery_table import hours
from dfsrt.report.samples import LifeRanges, LifeSamples
from dfsrt.report.schema import ComparisonReport, Report
from dfsrt.run.job import make_job
from dfsrt.run.scenario_load import read_scenario, scenario_names
from dfsrt.run.scenario_schema import ScenarioFile
from dfsrt.study.assumed import assumptions
from docs import battery
from docs.generate import DOCS, filled, shown
from tests.helpers import cli

SHORT = ("voice-glasses", "--until", "60s")


def dfsrt(folder, *words, **options):
    return cli.dfsrt(folder, "battery", *words, **options)


def fine(folder, *words):
    done = dfsrt(folder, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_scenario_prints_its_life_its_energy_and_all_that_is_assumed(tmp_path):
    told = fine(tmp_path, *SHORT)
    report = msgspec.json.decode(fine(tmp_path, *SHORT, "--json", "-"), type=Report)
    assert report.battery is not None
    for number in report.battery.assumed:
        assert number.name in told
        assert number.source in told
    for word in ("life", "hottest skin", "out of the cell", "PMIC loss", "deadlines met"):
        assert word in told


def test_every_file_is_written(tmp_path):
    fine(tmp_path, *SHORT, "--json", "r.json", "--log", "l.parquet", "--html", "p.html",
         "--perfetto", "t.pftrace")  # fmt: skip
    report = msgspec.json.decode((tmp_path / "r.json").read_bytes(), type=Report)
    assert report.battery.end_cause == "time"
    log = pq.read_table(tmp_path / "l.parquet")
    assert {"time_s", "charge", "temple_c", "power_w"} <= set(log.column_names)
    assert log.num_rows == 60
    assert (tmp_path / "p.html").stat().st_size > 4_000_000
    assert sorted(p.name for p in tmp_path.iterdir()) == ["l.parquet", "p.html", "r.json",
                                                          "t.pftrace"]  # fmt: skip


def test_the_perfetto_file_holds_temperatures_and_battery_packets(tmp_path):
    fine(tmp_path, *SHORT, "--perfetto", "t.pftrace")
    data = (tmp_path / "t.pftrace").read_bytes()
    from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import Trace

    trace = Trace.FromString(data)
    packets = [p for p in trace.packet if p.HasField("battery")]
    assert len(packets) == 60
    assert packets[0].battery.capacity_percent > packets[-1].battery.capacity_percent
    assert packets[0].battery.current_ua < 0


def test_the_files_of_other_tools_hold_all_of_the_npus_energy(tmp_path):
    fine(tmp_path, *SHORT, "--perfetto", "t.pftrace", "--chrome", "t.json", "--json", "r.json")
    report = msgspec.json.decode((tmp_path / "r.json").read_bytes(), type=Report)
    for name in ("t.pftrace", "t.json"):
        (rail,) = [r for r in rail_powers(read_recording(tmp_path / name)) if r.rail == "NPU"]
        assert rail.energy_j == pytest.approx(report.energy_j, rel=1e-9)
        assert rail.end_s - rail.start_s == pytest.approx(report.time_s, rel=1e-9)


def test_the_example_scenarios_of_the_docs_run():
    text = (DOCS / "battery.md").read_text()
    examples = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        file = parse_toml(example, ScenarioFile, "example")
        report = run(read_scenario(file, DOCS), until="2 min").report
        assert (report.kind, report.load) == ("scenario", file.name)
        assert report.frames == 60


def test_docs_battery_shows_what_the_commands_print():
    text = (DOCS / "battery.md").read_text()
    quick = {name: battery.OUTPUTS[name] for name in ("scenarios", "life", "compare")}
    assert filled(text, shown(quick)) == text


def test_docs_hold_both_ends_of_every_assumed_number_of_every_scenario():
    pages = (DOCS / "battery_ranges.md").read_text().split("\n## ")[1:]
    assert [page.split("\n")[0] for page in pages] == list(scenario_names())
    for name, page in zip(scenario_names(), pages, strict=True):
        rows = re.findall(r"^\| (\S+) \|", page, re.MULTILINE)[1:]
        assert sorted(rows) == sorted(assumptions(make_job(name)))
    battery = run("voice-glasses").report.battery
    assert f"As it is: {hours(battery.life_s)}" in pages[-1]


def test_governors_compare(tmp_path):
    words = ("compare", *SHORT, "-g", "dfs,performance")
    report = msgspec.json.decode(fine(tmp_path, *words, "--json", "-"), type=ComparisonReport)
    assert [r.governor for r in report.runs] == ["dfs", "performance"]
    table = fine(tmp_path, *words)
    for head in ("life", "FPS", "J/frame of the cell", "skin", "missed"):
        assert head in next(line for line in table.splitlines() if line.startswith("governor"))


def test_samples_give_distributions(tmp_path):
    words = (*SHORT, "--samples", "4", "--workers", "1", "--seed", "3")
    told = fine(tmp_path, *words, "--json", "-", "--log", "s.parquet")
    report = msgspec.json.decode(told, type=LifeSamples)
    assert report.samples == 4
    assert report.seed == 3
    assert pq.read_table(tmp_path / "s.parquet").num_rows == 4


@pytest.mark.deep
def test_both_ends_of_what_is_assumed_are_shown(tmp_path):
    words = ("ranges", "voice-glasses", "--until", "2s")
    report = msgspec.json.decode(fine(tmp_path, *words, "--json", "-"), type=LifeRanges)
    assert len(report.ends) > 20


def test_an_odd_cap_an_ambient_and_a_governor_are_taken(tmp_path):
    told = fine(tmp_path, *SHORT, "--cap", "none", "--ambient", "-10 C", "-g", "powersave")
    assert "governor powersave, idle timeout=50ms, no cap, -10 C around" in told


@pytest.mark.deep
def test_the_same_scenario_runs_and_compares_under_every_verb(tmp_path):
    plain = fine(tmp_path, *SHORT, "--json", "-")
    assert cli.dfsrt(tmp_path, "run", *SHORT, "--json", "-").stdout == plain
    governors = ("-g", "dfs", "-g", "performance", "--json", "-")
    brief = ("voice-glasses", "--until", "10s")
    compared = fine(tmp_path, "compare", *brief, *governors)
    for verb in ("run", "compare"):
        assert cli.dfsrt(tmp_path, verb, *brief, *governors).stdout == compared


def test_a_scenario_ends_when_so_many_requests_have_finished(tmp_path):
    told = fine(tmp_path, "camera-detection-phone", "--until", "100 requests", "--json", "-")
    report = msgspec.json.decode(told, type=Report)
    assert (report.frames, report.battery.end_cause) == (100, "requests")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "pipeline, trace or scenario 'nowhere'"),
        (["resnet50"], "'resnet50' is a network, not a scenario; use 'dfsrt run resnet50'"),
        (["nowhere.toml"], "cannot read scenario 'nowhere.toml'"),
        (["run"], "SCENARIO"),
        ([*SHORT, "--cap", "1 V"], "is not a quantity in W"),
        ([*SHORT, "--ambient", "500 C"], "out of range"),
        ([*SHORT, "--until", "soon"], "until 'soon' is unknown; give 'empty'"),
        ([*SHORT, "--samples", "0"], "0 samples are out of range"),
        ([*SHORT, "--samples", "many"], "not a whole number"),
        (
            [*SHORT, "--samples", "2", "--perfetto", "x.pftrace"],
            "is of one run, and samples are many",
        ),
        ([*SHORT, "--step", "leap"], "step 'leap' is unknown"),
        ([*SHORT, "--frames", "3"], "'--frames' is not for a scenario"),
        ([*SHORT, "--samples", "2", "-g", "dfs,dvfs"], "'--samples' is for one run"),
        (["ranges", *SHORT, "--html", "p.html"], "'--html' is of one run"),
        ([*SHORT, "-g", "dsf"], "unknown governor 'dsf'"),
        ([*SHORT, "-g", "pid"], "reads the power meter"),
        ([*SHORT, "--log", "l.csv"], "is no .parquet file"),
        ([*SHORT, "--html", "p.pdf"], "is no .html file"),
        ([*SHORT, "--html", "no/p.html"], "no folder 'no'"),
        ([*SHORT, "--frobnicate"], "No such option"),
        (["compare", *SHORT, "-g", ","], "no governor given"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(tmp_path, words, said):
    done = dfsrt(tmp_path, *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_goes_away_is_no_error(tmp_path):
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [cli.DFSRT, "battery", *SHORT], stdout=write, stderr=subprocess.PIPE, cwd=tmp_path
    )
    os.close(write)
    assert done.returncode == 141
    assert done.stderr == b""


def test_help_is_there_for_the_group_and_the_run(tmp_path):
    assert "compare" in fine(tmp_path, "--help")
    assert "--samples" in fine(tmp_path, "run", "--help")
    assert "SCENARIO" in dfsrt(tmp_path).stdout + dfsrt(tmp_path).stderr
